"""API v1 as one ninja API object; each resource keeps its own router."""

from ninja import NinjaAPI

api = NinjaAPI(title="Vestibule API", version="1", docs_url=None, openapi_url="openapi.json", urls_namespace="api-v1")
