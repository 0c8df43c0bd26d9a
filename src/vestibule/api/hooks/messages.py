"""`/hooks/messages/{hook}`: gateways of businesses tell what became of messages, and hand on texts that came in."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from vestibule.booking import answers
from vestibule.notifications import callbacks
from vestibule.notifications.models import Gateway
from vestibule.notifications.ports import Callback, IncomingSms, NotGenuine, Told, Unreadable
from vestibule.people.errors import NotFound
from vestibule.people.problems import of_refusal, problem

log = logging.getLogger(__name__)
LARGEST = 256 * 1024


@csrf_exempt
@require_http_methods(["POST", "OPTIONS"])
def told(request: HttpRequest, hook: str) -> HttpResponse:
    """Take what a gateway posts; the same twice is taken once. 401 for what the gateway did not send.

    OPTIONS is the handshake of CloudEvents' webhooks (HTTP 1.1 Web Hooks for Event Delivery, 4.1).
    """
    try:
        row = callbacks.gateway_of(hook)
    except NotFound as refusal:
        return of_refusal(refusal)
    if request.method == "OPTIONS":
        return allowed(request)
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return problem(413, "too_large", "A callback has at most 256 KB.")
    try:
        said = callbacks.read(row, as_callback(request, body))
    except NotGenuine:
        return problem(401, "bad_signature", "The signature or key does not fit, or is older than five minutes.")
    except Unreadable as wrong:
        return problem(422, "invalid", str(wrong))
    note(row, said)
    for text in said.texts:
        take(row, text)
    if said.answer_type:
        return HttpResponse(said.answer, content_type=said.answer_type)
    return HttpResponse(status=204)


def note(row: Gateway, said: Told) -> None:
    """Note what became of messages that a gateway took."""
    for report in said.reports:
        callbacks.note(row, report)


def take(row: Gateway, text: IncomingSms) -> None:
    """Take a text that somebody sent to a gateway's number."""
    answers.take(
        row.business,
        external_id=text.external_id,
        sender=text.sender,
        receiver=text.receiver,
        text=text.text,
        gateway=row,
    )


def as_callback(request: HttpRequest, body: bytes) -> Callback:
    """Return what was posted, with the address as the gateway knows it: behind a proxy ours is another."""
    url = (settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}") + request.get_full_path()
    return Callback(url, {name.lower(): value for name, value in request.headers.items()}, body)


def allowed(request: HttpRequest) -> HttpResponse:
    """Answer the handshake of CloudEvents' webhooks."""
    answer = HttpResponse(status=204)
    answer["Allow"] = "POST"
    if origin := request.headers.get("WebHook-Request-Origin", "")[:200]:
        answer["WebHook-Allowed-Origin"] = origin
        answer["WebHook-Allowed-Rate"] = "*"
    return answer
