"""The logo or the icon of a business. Whoever knows its address may see it; another picture has another address."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vestibule.people import brand
from vestibule.store import file_kinds

HEADERS = {**file_kinds.HARMLESS, "Cache-Control": f"public, max-age={365 * 24 * 3600}, immutable"}


@require_safe
def show(_request: HttpRequest, ref: str) -> HttpResponse:
    """Give one picture."""
    found = brand.find(ref)
    if found is None:
        raise Http404
    return HttpResponse(bytes(found.content), content_type=found.media_type, headers=HEADERS)
