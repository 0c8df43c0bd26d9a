"""Files that every server publishes for programs elsewhere: the schema of experiences, the templates for Azure.

They are the same on every server, and name no business.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vestibule.experience import schema
from vestibule.experience.parcel import contents

HOUR = 3600
AZURE = ("new", "existing")


@require_safe
def experience(_request: HttpRequest) -> HttpResponse:
    """Give the JSON Schema of `experience.json`."""
    return _for_everybody(schema.written().encode(), "application/schema+json; charset=utf-8")


@require_safe
def azure(_request: HttpRequest, pair: str) -> HttpResponse:
    """Give an ARM template, for the page of Azure that deploys what an address holds."""
    if pair not in AZURE:
        raise Http404
    return _for_everybody((contents.FILES / "azure" / f"{pair}.json").read_bytes(), "application/json")


def _for_everybody(content: bytes, media_type: str) -> HttpResponse:
    """Answer so that pages of any site may read it."""
    headers = {"Cache-Control": f"public, max-age={HOUR}", "Access-Control-Allow-Origin": "*"}
    return HttpResponse(content, content_type=media_type, headers=headers)
