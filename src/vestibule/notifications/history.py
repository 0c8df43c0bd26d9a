"""How each message stands, what happened to it and what was written back: read for staff, changed by nobody here."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from vestibule.notifications import by_program_content, content
from vestibule.notifications.facts import Kind
from vestibule.notifications.gateways import KEPT
from vestibule.notifications.models import IncomingText, MessageEvent, OutboxMessage
from vestibule.notifications.outcomes import NOT_IN_TIME
from vestibule.notifications.ports import DeliveryError
from vestibule.store import clock

State, What = OutboxMessage.State, MessageEvent.What
_SECRET = re.compile(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]+")


class Standing(StrEnum):
    """How a message stands, finer than its row says."""

    DUE = "due"
    PUT_OFF = "put_off"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    HELD_BACK = "held_back"
    DROPPED = "dropped"


_OPEN = Q(state__in=(State.QUEUED, State.LEASED))
_DONE = Q(state=State.DONE)
WHICH: Mapping[str, Q] = {
    Standing.DUE: _OPEN,
    Standing.PUT_OFF: Q(state=State.QUEUED, next_at__gt=F("due_at")),
    Standing.SENT: _DONE,
    Standing.DELIVERED: _DONE & Q(delivery="delivered"),
    Standing.UNDELIVERED: _DONE & Q(delivery="failed"),
    Standing.FAILED: Q(state=State.FAILED),
    Standing.HELD_BACK: Q(state=State.DROPPED) & ~Q(last_error=""),
    Standing.DROPPED: Q(state=State.DROPPED, last_error=""),
}
"""What each standing is looked up by; sent holds delivered and undelivered, due holds what was put off."""


def which(how: str) -> Q:
    """Return what finds the messages that stand so now."""
    return WHICH[how] & Q(next_at__gt=clock.now()) if how == Standing.PUT_OFF else WHICH[how]


@dataclass(frozen=True)
class Step:
    """Something that happened to a message at a time: one of `MessageEvent.What`, or `written`, `due`, `kept`."""

    at: datetime
    what: str
    gateway: str = ""
    words: str = ""


@dataclass(frozen=True)
class Said:
    """What a message says or said, without links that open anything; `is_kept`: as it left, else made anew.

    `files` are the names of what went with it, as far as that is known.
    """

    subject: str
    text: str
    is_kept: bool
    files: tuple[str, ...] = ()


def standing(message: OutboxMessage) -> Standing:
    """Return how a message stands."""
    if message.state == State.DONE:
        return {"delivered": Standing.DELIVERED, "failed": Standing.UNDELIVERED}.get(message.delivery, Standing.SENT)
    if message.state == State.FAILED:
        return Standing.FAILED
    if message.state == State.DROPPED:
        return Standing.HELD_BACK if message.last_error else Standing.DROPPED
    is_later = message.state == State.QUEUED and message.next_at > max(message.due_at, clock.now())
    return Standing.PUT_OFF if is_later else Standing.DUE


def steps(message: OutboxMessage, events: Iterable[MessageEvent]) -> list[Step]:
    """Return what happened to a message, the earliest first; `due` may lie ahead."""
    noted = list(events)
    found = [Step(message.created_at, "written")]
    if message.due_at > message.created_at:
        found.append(Step(message.due_at, "due"))
    found += [Step(one.at, one.what, one.gateway, one.words) for one in noted]
    known = {one.what for one in noted}
    if message.sent_at is not None:
        found.append(Step(message.sent_at, "kept" if message.gateway == KEPT else str(What.SENT), carrier(message)))
    if message.delivered_at is not None and What.DELIVERED not in known:
        found.append(Step(message.delivered_at, What.DELIVERED))
    if message.state == State.DROPPED and message.last_error and What.HELD_BACK not in known:
        found.append(Step(message.not_after or message.next_at, What.HELD_BACK, words=message.last_error))
    return sorted(found, key=lambda one: one.at)


def carrier(message: OutboxMessage) -> str:
    """Return by what a message left: the name staff gave the gateway, or that of the installation's."""
    if message.used_gateway is not None:
        return message.used_gateway.name
    return "" if message.gateway == KEPT else message.gateway


def of(messages: Iterable[OutboxMessage]) -> dict[int, list[Step]]:
    """Return the steps of each message, by its key, with one look at the events."""
    rows = list(messages)
    noted: dict[int, list[MessageEvent]] = {}
    for event in MessageEvent.objects.filter(message__in=[one.pk for one in rows]).order_by("pk"):
        noted.setdefault(event.message_id, []).append(event)
    return {one.pk: steps(one, noted.get(one.pk, [])) for one in rows}


def texts_about(business_id: int, subject_ref: str) -> list[IncomingText]:
    """Return the texts that came in about an appointment, the earliest first."""
    return list(IncomingText.objects.filter(business_id=business_id, subject_ref=subject_ref).order_by("pk"))


def said(message: OutboxMessage) -> Said | None:
    """Return what a message says: as it left where that is kept, else made anew, without any link that opens a thing.

    None where nothing can be shown: sign-in messages, and those that no wording fits any more.
    """
    if message.kind == Kind.SIGN_IN:
        return None
    if message.sent:
        kept = message.sent
        said = kept.get("text") or strip_tags(kept.get("html", ""))
        return Said(bare(kept.get("subject", "")), bare(said), is_kept=True, files=_files(message))
    try:
        subject, text = content.preview(message, {}, clock.now())
    except (KeyError, TypeError, ValueError, DeliveryError):
        return None
    return Said(bare(subject), bare(text), is_kept=False, files=_files(message))


def _files(message: OutboxMessage) -> tuple[str, ...]:
    """Return what is attached to a program's mail, by name; nothing once it is forgotten."""
    if message.kind != Kind.PROGRAM or message.channel != OutboxMessage.Channel.EMAIL:
        return ()
    try:
        return tuple(one.name for one in by_program_content.letter(message).files)
    except DeliveryError:
        return ()


def bare(text: str) -> str:
    """Return a text whose addresses open nothing: what follows the question mark is left out."""
    return _SECRET.sub(r"\1?…", text)


def refused_by(business_id: int) -> dict[str, int]:
    """Return how many messages could not be sent, by the gateway that refused last ("" where none was asked)."""
    failed = OutboxMessage.objects.filter(business_id=business_id, state=State.FAILED)
    names = failed.annotate(last=last_refusal()).values_list("last", flat=True)
    return dict(Counter(name or "" for name in names))


def last_refusal() -> Subquery:
    """Return the name of the gateway that refused a message last, for queries of messages; null where none did."""
    refused = MessageEvent.objects.filter(message=OuterRef("pk"), what=What.REFUSED)
    return Subquery(refused.order_by("-pk").values("gateway")[:1])


def by_gateway(name: str, key: int | None = None) -> Q:
    """Return what finds the messages a gateway took or refused; `name` as in the events, `key` of the business' own."""
    refused = MessageEvent.objects.filter(message=OuterRef("pk"), what=What.REFUSED, gateway=name[:40])
    taken = Q(used_gateway=key) if key is not None else Q(used_gateway=None, gateway=name)
    return taken | Q(Exists(refused))


def problem_words(words: str) -> str:
    """Return why something did not leave, as people read it."""
    return {NOT_IN_TIME: _("it would have come too late to be of use")}.get(words, words)


def came_too_late(message: OutboxMessage) -> bool:
    """Tell whether a message was dropped because its time was over."""
    return message.state == State.DROPPED and message.last_error == NOT_IN_TIME
