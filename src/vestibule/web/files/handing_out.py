"""A file that is ready is asked for with a cookie, and handed out from an address that needs none and lives a minute.

Whoever may read the thread no more gets no new address, and an old one is soon worth nothing. What is handed out is a
download, but for pictures that we drew ourselves; no browser runs anything in either.
"""

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vestibule.chat import files
from vestibule.chat.models import Attachment
from vestibule.meetings.talking import Talker
from vestibule.people import rates
from vestibule.people.errors import NotFound
from vestibule.store import file_kinds
from vestibule.web.files import callers

SECONDS = 60
WRONG_EACH = 120
WRONG_SECONDS = 600
NOTED = frozenset({"consumer", "provider", "manager"})
"""Whose the message after a visit is: a helper came for the call."""
_SALT = "vestibule.files"


def redirect_to(request: HttpRequest, ref: str, *, small: bool = False) -> HttpResponse:
    """Send somebody who may read the file's thread on to the file. Raises NotFound for everybody else."""
    file = Attachment.objects.filter(ref=ref, state=Attachment.State.READY).defer("content", "thumbnail").first()
    if file is None or next((one for one in callers.readers(request, file) if _may_read(one, file)), None) is None:
        rates.limit_others("file.wrong", rates.client_key(request), WRONG_EACH, WRONG_SECONDS)
        raise callers.unknown()
    answer = HttpResponseRedirect(f"/files/{sign(file, small=small)}")
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@require_http_methods(["GET", "HEAD"])
def small(request: HttpRequest, ref: str) -> HttpResponse:
    """Send somebody who may read the file's thread on to its thumbnail."""
    return redirect_to(request, ref, small=True)


@require_http_methods(["GET", "HEAD"])
def signed(request: HttpRequest, address: str) -> HttpResponseBase:
    """Hand out the file of a signed address. Looks at no cookie and sets none."""
    try:
        ref, which = str(signing.loads(address, salt=_SALT, max_age=SECONDS)).split(":")
    except (signing.BadSignature, ValueError):
        raise NotFound(_("This address has expired. Open the file from the conversation again.")) from None
    file = Attachment.objects.filter(ref=ref, state=Attachment.State.READY).first()
    if file is None:
        raise callers.unknown()
    if which == "small" and file.thumbnail is not None:
        return HttpResponse(bytes(file.thumbnail), headers=_shown(file, "image/jpeg"))
    if file.content is not None:
        return HttpResponse(bytes(file.content), headers=_shown(file, file.media_type))
    headers = file_kinds.download_headers(file.name, file.media_type, file.size)
    return StreamingHttpResponse(files.pieces(file), headers=headers)


def sign(file: Attachment, *, small: bool = False) -> str:
    """Return the last part of an address that opens `file` for a minute."""
    return signing.dumps(f"{file.ref}:{'small' if small else 'whole'}", salt=_SALT)


def _may_read(talker: Talker, file: Attachment) -> bool:
    """Tell whether the file is of a message they may read, or goes with a note that was sent to the consumer."""
    message = file.message if hasattr(file, "message") else None
    if message is not None and message.seq > talker.reads_after:
        return True
    return talker.role in NOTED and bool(file.notes.filter(sent_at__isnull=False).exists())


def _shown(file: Attachment, media_type: str) -> dict[str, str]:
    """Return the headers of a picture of ours: only these are shown in a page."""
    return {
        "Content-Type": media_type,
        "Content-Disposition": file_kinds.disposition("inline", file.name),
        **file_kinds.HARMLESS,
    }
