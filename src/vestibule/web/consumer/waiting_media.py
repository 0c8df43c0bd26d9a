"""The picture or film of a waiting area. Whoever knows its address may see it; it changes with its content."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vestibule.meetings import area_pictures

KEPT_SECONDS = 24 * 60 * 60


@require_safe
def show(_request: HttpRequest, ref: str) -> HttpResponse:
    """Give one picture or film."""
    media = area_pictures.find(ref)
    if media is None:
        raise Http404
    headers = {
        "Cache-Control": f"private, max-age={KEPT_SECONDS}, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
    }
    return HttpResponse(bytes(media.content), content_type=media.media_type, headers=headers)
