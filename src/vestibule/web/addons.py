"""Pages that load what the operator added: its files, and whom they may speak to, in that very visit and no other."""

import re
from typing import Any, Final

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from vestibule.meetings import join_ways
from vestibule.meetings.models import Meeting
from vestibule.store import addons
from vestibule.web import bridge

MICROSOFT: Final = ("*.communication.microsoft.com", "*.skype.com", "*.events.data.microsoft.com")
"""Hosts that Microsoft's calling kit speaks to: configuration, signalling, relays, telemetry."""
POLICY: Final[dict[str, list[str]]] = {
    "connect-src": [f"{scheme}://{host}" for scheme in ("https", "wss") for host in MICROSOFT],
    "worker-src": ["blob:"],
}
FOR_EVER, FOR_NOW = "public, max-age=31536000, immutable", "public, max-age=300"
KINDS = {".js": "text/javascript; charset=utf-8", ".txt": "text/plain; charset=utf-8"}
_REFUSES = re.compile(r"\bgzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)")


@require_safe
def acs_calling(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send one file of Microsoft's calling kit, if its manifest names it; compressed to who takes that.

    What is too long to be sent at once is not sent at all to who refuses that: slow readers would keep threads. Every
    browser takes it.
    """
    kit = addons.acs_calling.installed()
    ending = next((one for one in KINDS if name.endswith(one)), "")
    if kit is None or name not in kit.files or not ending:
        raise Http404
    packed = f"{name}.gz" if f"{name}.gz" in kit.files and _takes_gzip(request) else name
    if kit.files[packed].size > bridge.WHOLE_BYTES:
        return HttpResponse(status=406, headers={"Vary": "Accept-Encoding"})
    try:
        answer = FileResponse((kit.folder / packed).open("rb"), content_type=KINDS[ending])
    except FileNotFoundError:  # it was replaced between two looks
        raise Http404 from None
    answer["Content-Length"] = str(kit.files[packed].size)
    answer["Cache-Control"] = FOR_EVER if name.startswith(kit.entry) else FOR_NOW
    patch_vary_headers(answer, ["Accept-Encoding"])
    if packed != name:
        answer["Content-Encoding"] = "gzip"
    return answer


def let_in(answer: HttpResponse, meeting: Meeting) -> HttpResponse:
    """Let the page in `answer` speak to Microsoft, if `meeting` is, or comes to be, joined by the kit on it."""
    if join_ways.may_use_acs_calling(meeting):
        held: dict[str, Any] = getattr(answer, "_csp_update", None) or {}
        answer._csp_update = merged(held, POLICY)  # type: ignore[attr-defined]  # django-csp's
    return answer


def merged(one: dict[str, Any], other: dict[str, list[str]]) -> dict[str, Any]:
    """Return what two additions to a policy allow together."""
    return {name: [*one.get(name, []), *other.get(name, [])] for name in {*one, *other}}


def _takes_gzip(request: HttpRequest) -> bool:
    said = request.headers.get("Accept-Encoding", "")
    return "gzip" in said and not _REFUSES.search(said)
