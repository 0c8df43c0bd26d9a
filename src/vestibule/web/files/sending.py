"""A file comes in parts: announced, sent on from where it stands, finished; small parts hold nobody up for long."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vestibule.chat import files
from vestibule.chat.models import Attachment
from vestibule.meetings import talking
from vestibule.meetings.talking import Talker
from vestibule.people import problems, rates
from vestibule.people.errors import Busy, Invalid, NotPermitted, Refusal
from vestibule.store.busy import is_busy
from vestibule.web import live
from vestibule.web.files import callers, handing_out
from vestibule.web.live import threads

View = Callable[..., HttpResponseBase]
BEGUN_EACH = 60
BEGUN_SECONDS = 600
OFFSET = "Upload-Offset"


def in_json(view: View) -> View:
    """Answer what a view refuses as `application/problem+json`."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return _problem(refusal)
        except Exception as failure:
            if is_busy(failure):
                return _problem(Busy())
            raise

    return answered


@require_http_methods(["POST"])
@in_json
def begin(request: HttpRequest) -> HttpResponse:
    """Announce a file."""
    told = _told(request)
    talker = callers.talker(request, _text(told, "meeting"))
    _require_files(talker)
    rates.limit("upload", talker.key, BEGUN_EACH, BEGUN_SECONDS)
    size = told.get("size")
    if type(size) is not int:
        raise Invalid(_("Say how large the file is."), field="size")
    made = files.begin(
        talker.business_id, talker.thread_id, talker.key, talker.name, name=_text(told, "name"), size=size
    )
    return _json({"ref": made.ref, "offset": 0, "part_bytes": files.PART_BYTES}, 201)


@require_http_methods(["GET", "HEAD", "PATCH", "DELETE"])
@in_json
def one(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Take the next part, say how far the file has come, give it up; or hand it out once it is ready."""
    if request.method == "GET":
        return handing_out.redirect_to(request, ref)
    talker, file = _sender(request, ref)
    if request.method == "HEAD":
        return HttpResponse(
            headers={OFFSET: str(file.received), "Upload-Length": str(file.size), "Cache-Control": "no-store"}
        )
    if request.method == "DELETE":
        files.cancel(talker.thread_id, talker.key, ref)
        return HttpResponse(status=204)
    _require_files(talker)
    told = request.headers.get(OFFSET, "")
    if not told.isascii() or not told.isdigit() or len(told) > 12:
        raise Invalid(_("Say where these bytes belong."), field=OFFSET)
    received = files.add_part(talker.thread_id, talker.key, ref, int(told), request.read(files.PART_BYTES + 1))
    return HttpResponse(status=204, headers={OFFSET: str(received)})


@require_http_methods(["POST"])
@in_json
def finish(request: HttpRequest, ref: str) -> HttpResponse:
    """Put a file that is whole into the thread, and let everybody see it; whether it is harmful is looked into next."""
    talker, _file = _sender(request, ref)
    _require_files(talker)
    told = _told(request)
    client_id = _text(told, "client_id")
    if not 0 < len(client_id) <= 40:
        raise Invalid(_("This message has no number of its own."), field="client_id")
    text = _text(told, "text")
    message, is_new = files.finish(
        talker.thread_id, talker.key, talker.name, ref, client_id=client_id, text=text, shown_by=threads.SHOWN_BY
    )
    if is_new:
        item = threads.item(message, talking.roles(talker.meeting)) | {"client_id": client_id}
        live.notify_thread(talker.business_id, talker.meeting, {"type": "chat", **item})
        live.notify_files()
    return _json({"number": message.seq}, 201)


def _sender(request: HttpRequest, ref: str) -> tuple[Talker, Attachment]:
    """Return who sends the file, and the file. Raises NotFound for anybody else's."""
    file = Attachment.objects.filter(ref=ref).defer("content", "thumbnail").first()
    if file is not None:
        for talker in callers.readers(request, file):
            if talker.key == file.author:
                return talker, file
    raise callers.unknown()


def _require_files(talker: Talker) -> None:
    talker.require_files()
    if not files.are_taken():
        raise NotPermitted(_("Files are not taken here at the moment. Please bring them along, or call us."))


def _told(request: HttpRequest) -> dict[str, Any]:
    try:
        told = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        raise Invalid(_("This request cannot be read. Load the page again."), field="body")
    return told


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str) or len(value) > 8000:
        raise Invalid(_("This request cannot be read. Load the page again."), field=name)
    return value


def _problem(refusal: Refusal) -> HttpResponse:
    answer = problems.of_refusal(refusal)
    if "offset" in refusal.facts:
        answer[OFFSET] = str(refusal.facts["offset"])
    return answer


def _json(told: dict[str, Any], status: int) -> HttpResponse:
    return HttpResponse(
        orjson.dumps(told), status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )
