"""What the demonstration would have sent, to read: a list, each message, and the same for programs."""

import base64
from collections.abc import Iterator

import orjson
from csp.decorators import csp_replace, csp_update
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from vestibule.notifications import reading
from vestibule.people.permissions import SYSTEM
from vestibule.web import times

LISTED = 200
MAIL_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}
"""A mail is shown as a mail program would: it may look as it likes and do nothing; its links open a new tab."""


@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """List the latest messages, newest first."""
    return render(request, "dev/outbox.html", {"messages_kept": reading.latest(SYSTEM, LISTED)})


@require_safe
def messages_as_json(request: HttpRequest) -> StreamingHttpResponse:
    """Return every message, oldest first; `sent_at` is null while it is due, and its text then what it would say.

    Streamed, because after a load test these are very many.
    """
    return StreamingHttpResponse(_json_list(), content_type="application/json")


def _json_list() -> Iterator[bytes]:
    before = b"["
    for message in reading.shown(SYSTEM):
        yield before + orjson.dumps(_as_json(message))
        before = b","
    yield b"]" if before == b"," else b"[]"


def _as_json(message: reading.Shown) -> dict[str, object]:
    return {
        "id": message.ref,
        "channel": message.channel,
        "to": message.to,
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "attachments": [
            {"name": file.name, "type": file.type, "content_base64": base64.b64encode(file.content).decode()}
            for file in message.attachments
        ],
        "due_at": times.iso(message.due_at),
        "sent_at": times.iso(message.sent_at) if message.sent_at else None,
        "appointment": message.appointment or None,
    }


@require_safe
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]  # typed for views of one argument
def message(request: HttpRequest, ref: str) -> HttpResponse:
    """Show one message: the mail as it looks, its plain text, its files."""
    return render(request, "dev/message.html", {"message": _found(ref)})


@require_safe
@xframe_options_sameorigin
@csp_replace(MAIL_POLICY)  # type: ignore[arg-type]  # the same
def mail(request: HttpRequest, ref: str) -> HttpResponse:
    """Return the HTML of one mail, for the frame it is shown in."""
    html = _found(ref).html
    if not html:
        raise Http404
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))


@require_safe
def file(request: HttpRequest, ref: str, name: str) -> HttpResponse:
    """Return a file of one message as a download."""
    for attachment in _found(ref).attachments:
        if attachment.name == name:
            headers = {"Content-Disposition": f'attachment; filename="{attachment.name}"'}
            return HttpResponse(attachment.content, content_type=attachment.type, headers=headers)
    raise Http404


def _found(ref: str) -> reading.Shown:
    found = reading.one(SYSTEM, ref)
    if found is None:
        raise Http404
    return found
