"""`/hooks/accounts/{kind}/{business}`: a vendor tells of what happens in the account that a business has there."""

from typing import Protocol, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from vestibule.api.hooks.messages import LARGEST, allowed, as_callback, note, take
from vestibule.chat.ports import SaidOutside
from vestibule.meetings import outside_chat, outside_events
from vestibule.meetings.ports import PlaceEvent
from vestibule.notifications.models import Gateway, OutboxMessage
from vestibule.notifications.ports import Callback, NotGenuine, Told, Unreadable
from vestibule.people import outside_accounts, rates
from vestibule.people.models import OutsideAccount
from vestibule.people.problems import problem

STRANGERS = (60, 60)
"""Calls a minute of whoever does not know the key, and seconds."""


class Reader(Protocol):
    """What `ACCOUNT_CALLBACKS` names: reads what one vendor posts."""

    def read(self, callback: Callback, *, key: str) -> Told:
        """Return what is said of messages. Raises NotGenuine and Unreadable, and nothing else."""
        ...

    def happened(self, callback: Callback) -> tuple[PlaceEvent, ...]:
        """Return what is said of calls."""
        ...

    def said(self, callback: Callback) -> tuple[SaidOutside, ...]:
        """Return what people wrote in copies of threads."""
        ...


@csrf_exempt
@require_http_methods(["POST", "OPTIONS"])
def told(request: HttpRequest, kind: str, business: str) -> HttpResponse:
    """Take what a vendor posts; the same twice is taken once. 401 for what the vendor did not send.

    OPTIONS is the handshake of CloudEvents' webhooks.
    """
    account = _account(kind, business)
    if request.method == "OPTIONS":
        return allowed(request)
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return problem(413, "too_large", "A callback has at most 256 KB.")
    callback, reader = as_callback(request, body), cast(Reader, import_string(settings.ACCOUNT_CALLBACKS[kind])())
    try:
        said = reader.read(callback, key=outside_accounts.hook_key(account))
    except NotGenuine:
        rates.limit_others("account-hook-guess", rates.client_key(request), *STRANGERS)
        return problem(401, "bad_signature", "The key does not fit.")
    except Unreadable as wrong:
        return problem(422, "invalid", str(wrong))
    _of_messages(account, said)
    for event in reader.happened(callback):
        outside_events.note(account.business, event)
    for words in reader.said(callback):
        outside_chat.take(account.business, words)
    if said.answer_type:
        return HttpResponse(said.answer, content_type=said.answer_type)
    return HttpResponse(status=204)


def _of_messages(account: OutsideAccount, said: Told) -> None:
    """Hand on what is said of messages: each gateway believes only what is about those it took.

    A text is the one gateway's whose number it was sent to, so that it is answered once.
    """
    rows = list(
        Gateway.objects.filter(business=account.business, kind=account.kind).select_related("business").order_by("pk")
    )
    for row in rows:
        note(row, said)
    phones = [row for row in rows if row.channel == OutboxMessage.Channel.SMS]
    for text in said.texts:
        receivers = [row for row in phones if row.sender == text.receiver] or phones
        if receivers:
            take(receivers[0], text)


def _account(kind: str, business: str) -> OutsideAccount:
    rows = OutsideAccount.objects.filter(kind=kind, business__ref=business).select_related("business")
    found: OutsideAccount | None = rows.first() if kind in settings.ACCOUNT_CALLBACKS else None
    if found is None:
        raise Http404
    return found
