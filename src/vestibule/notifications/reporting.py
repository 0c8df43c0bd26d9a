"""What became of a message, as programs are told it: when they ask, and when they asked to be told.

For messages of programs and our own alike. Where messages are kept here, nothing more will come of them: they arrived.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from vestibule.notifications import gsm, limits
from vestibule.notifications.facts import Kind
from vestibule.notifications.gateways import KEPT
from vestibule.notifications.models import IncomingText, MessageEvent, OutboxMessage
from vestibule.people.models import Business
from vestibule.store import clock
from vestibule.store.transactions import writing
from vestibule.subscriptions import outbox as telling
from vestibule.subscriptions.kinds import Kind as Told
from vestibule.subscriptions.outbox import Event

AT_ONCE = 500
State, What, Channel = OutboxMessage.State, MessageEvent.What, OutboxMessage.Channel
DELIVERED, FAILED, BOUNCED, SUPPRESSED = "delivered", "failed", "bounced", "suppressed"
_KINDS = {Channel.SMS: Told.SMS_REPORTED, Channel.EMAIL: Told.EMAIL_REPORTED}
UNREPORTED = "state = 'done' AND delivery = '' AND report_by IS NOT NULL"
"""Literals, because SQLite uses a partial index only then."""
SILENT = "silent"
"""The delivery of a text that was not reported on within the time a program gave it. A report may come after all."""
_LAST = (What.DELIVERED, What.FAILED, What.HELD_BACK, What.REFUSED)


@dataclass(frozen=True)
class Report:
    """What became of one message at last: one of the words above, what was said about it, and when that was known."""

    message: OutboxMessage
    status: str
    words: str
    at: datetime


def of_text(business_id: int, ref: str) -> Report | None:
    """Return what became of a text message of a business; None while that is not known, or where there is none."""
    rows = OutboxMessage.objects.filter(business=business_id, channel=Channel.SMS).select_related("used_gateway")
    message: OutboxMessage | None = rows.filter(ref=ref).first()
    return report(message) if message is not None else None


def report(message: OutboxMessage) -> Report | None:
    """Return what became of a message at last; None while that is not known."""
    status = _status(message)
    if status:
        return Report(message, status, message.last_error if status != DELIVERED else "", _known_at(message))
    over = message.report_by
    if over is None or clock.now() < over:
        return None
    return Report(message, FAILED, _("no report came in time"), over)


def due(message: OutboxMessage, sent_at: datetime) -> datetime | None:
    """Return when a text of a program that left then has to be reported on; None: at no time."""
    seconds = message.facts.get("timeout") if message.kind == Kind.PROGRAM else None
    return sent_at + timedelta(seconds=int(seconds)) if seconds else None


def tell(keys: Collection[int], *, fault: str = "") -> None:
    """Tell what became of messages, where that is known and anybody asked. Inside the writing block that found it out.

    `fault` is what a report said of the address, as `ports.Report` has it.
    """
    rows = OutboxMessage.objects.filter(pk__in=keys, channel__in=list(_KINDS), business__isnull=False)
    for message in rows.select_related("business", "used_gateway"):
        kind = _KINDS[Channel(message.channel)]
        if not telling.is_heard(_business(message).pk, kind) or not _is_wanted(message):
            continue
        found = report(message)
        if found is not None:
            facts = text_facts(found) if kind is Told.SMS_REPORTED else mail_facts(found, fault)
            where = f"phones/{facts['to']}" if kind is Told.SMS_REPORTED else f"mails/{facts['message']}"
            telling.tell(_business(message).pk, Event(kind, where, facts, found.at))


def note_silent() -> int:
    """Note, and tell, which texts of programs were not reported on in the time they were given; return how many."""
    waiting = OutboxMessage.objects.extra(where=[UNREPORTED]).filter(report_by__lte=clock.now()).exclude(gateway=KEPT)  # noqa: S610  (nothing of anybody's is in it)
    silent = list(waiting.order_by("report_by").values_list("pk", flat=True)[:AT_ONCE])
    if silent:
        with writing():
            rows = OutboxMessage.objects.filter(pk__in=silent, delivery="", state=State.DONE)
            silent = list(rows.values_list("pk", flat=True))
            rows.update(delivery=SILENT)
            tell(silent)
    return len(silent)


def is_heard(messages: Collection[OutboxMessage]) -> bool:
    """Tell whether anybody asked what becomes of one of `messages`."""
    whose = {one.business_id for one in messages if one.business_id is not None and one.channel != Channel.PUSH}
    return any(telling.is_heard(business, *_KINDS.values()) for business in whose)


def tell_received(business: Business, row: IncomingText) -> None:
    """Tell of a text message somebody sent. Inside the writing block that took it."""
    receiver = row.receiver or (row.gateway.sender if row.gateway is not None else "")
    facts = {
        "message": f"{row.pk}",
        "from": row.sender,
        "to": receiver,
        "text": row.text,
        "received_at": row.received_at,
        "segments": gsm.segments(row.text),
    }
    telling.tell(business.pk, Event(Told.SMS_RECEIVED, f"phones/{receiver}", facts, row.received_at))


def text_facts(found: Report) -> Mapping[str, Any]:
    """Return a report of a text message as `subscriptions.kinds` names its facts."""
    message, count = found.message, segments(found.message)
    has_arrived = found.status == DELIVERED
    tried = {
        "at": message.sent_at or found.at,
        "arrived": count if has_arrived else 0,
        "failed": 0 if has_arrived else count,
    }
    return {
        "message": message.ref,
        "from": sender(message),
        "to": message.to,
        "status": DELIVERED if has_arrived else FAILED,
        "details": found.words or (_("It arrived.") if has_arrived else _("It did not arrive.")),
        "attempts": [tried],
        "received_at": found.at,
        "tag": str(message.facts.get("tag", "")) if message.kind == Kind.PROGRAM else "",
    }


def mail_facts(found: Report, fault: str = "") -> Mapping[str, Any]:
    """Return a report of a mail to one reader as `subscriptions.kinds` names its facts."""
    message = found.message
    status = BOUNCED if found.status == FAILED and fault == "bounced" else found.status
    if message.state == State.DROPPED and limits.silent_among([message]):
        status = SUPPRESSED
    return {
        "message": message.subject_ref if message.kind == Kind.PROGRAM else message.ref,
        "sender": sender(message),
        "recipient": message.to,
        "internet_message_id": message.gateway_id if message.gateway_id.startswith("<") else "",
        "status": status,
        "details": found.words,
        "server": "",
        "tried_at": message.sent_at or found.at,
    }


def segments(message: OutboxMessage) -> int:
    """Return as how many text messages one is sent, 1 where what it said is not at hand."""
    said = message.facts.get("text") if message.kind == Kind.PROGRAM else message.sent.get("text")
    return gsm.segments(str(said)) if said else 1


def sender(message: OutboxMessage) -> str:
    """Return whom a message came from, as its reader saw it; "" where only the gateway knows."""
    if message.kind == Kind.PROGRAM and message.facts.get("sender"):
        return str(message.facts["sender"])
    if message.used_gateway is not None:
        return message.used_gateway.sender
    return settings.DEFAULT_FROM_EMAIL if message.channel == Channel.EMAIL else ""


def _status(message: OutboxMessage) -> str:
    if message.state == State.FAILED or (message.state == State.DROPPED and message.last_error):
        return FAILED
    if message.state not in (State.DONE, State.LEASED):
        return ""
    if message.delivery in (DELIVERED, FAILED):
        return message.delivery
    return DELIVERED if message.state == State.DONE and message.gateway == KEPT else ""


def _known_at(message: OutboxMessage) -> datetime:
    if message.delivered_at is not None:
        return message.delivered_at
    last = MessageEvent.objects.filter(message=message, what__in=_LAST).order_by("-pk").first()
    return last.at if last is not None else message.sent_at or clock.now()


def _is_wanted(message: OutboxMessage) -> bool:
    """Tell whether a report is to be told: a program says so with each text message it sends."""
    is_texted = message.kind == Kind.PROGRAM and message.channel == Channel.SMS
    return not is_texted or bool(message.facts.get("wants_report"))


def _business(message: OutboxMessage) -> Business:
    assert message.business is not None, "only messages of businesses are told of"
    return message.business
