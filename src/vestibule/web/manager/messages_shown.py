"""Messages as the office reads them: how each stands, what happened to it, to whom it went, what was written back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.notifications import history
from vestibule.notifications.facts import Audience
from vestibule.notifications.history import Standing, Step
from vestibule.notifications.models import IncomingText, MessageEvent, OutboxMessage
from vestibule.people.permissions import Actor, Permission
from vestibule.web.manager.message_kinds import kind_words

What, Channel = MessageEvent.What, OutboxMessage.Channel
LOOKS: dict[str, tuple[str, str, Any]] = {
    Standing.DUE: ("info", "clock", gettext_lazy("Due")),
    Standing.PUT_OFF: ("warning", "hourglass", gettext_lazy("Put off")),
    Standing.SENT: ("success", "check", gettext_lazy("Sent")),
    Standing.DELIVERED: ("success", "check-circle", gettext_lazy("Delivered")),
    Standing.UNDELIVERED: ("problem", "problem", gettext_lazy("Not delivered")),
    Standing.FAILED: ("problem", "problem", gettext_lazy("Could not be sent")),
    Standing.HELD_BACK: ("warning", "pause", gettext_lazy("Held back")),
    Standing.DROPPED: ("", "close", gettext_lazy("No longer wanted")),
}
STEP_WORDS: dict[str, Any] = {
    "written": gettext_lazy("Written"),
    "due": gettext_lazy("Due"),
    "kept": gettext_lazy("Kept here: there is no gateway"),
    What.REFUSED: gettext_lazy("Not taken"),
    What.PUT_OFF: gettext_lazy("Put off"),
    What.HELD_BACK: gettext_lazy("Held back"),
    What.FELL_BACK: gettext_lazy("Handed to the next gateway"),
    What.SENT: gettext_lazy("Sent"),
    What.DELIVERED: gettext_lazy("Delivered"),
    What.FAILED: gettext_lazy("Not delivered"),
    What.COMPLAINED: gettext_lazy("Called unwanted by its reader"),
    What.ANSWERED: gettext_lazy("Answered"),
    What.RETRIED: gettext_lazy("Tried again by staff"),
}
ROLES: dict[str, Any] = {
    Audience.CONSUMER: gettext_lazy("consumer"),
    Audience.PROVIDER: gettext_lazy("provider"),
    Audience.HELPER: gettext_lazy("helper"),
    Audience.OFFICE: gettext_lazy("office"),
}


@dataclass(frozen=True)
class Look:
    """How a message stands, as a badge: `why` is empty where there is nothing to say, `until` when it tries again."""

    kind: str
    icon: str
    label: str
    why: str = ""
    until: datetime | None = None
    may_retry: bool = False


@dataclass(frozen=True)
class Line:
    """One step in words."""

    at: datetime
    label: str
    text: str


@dataclass(frozen=True)
class Told:
    """One message as pages show it. `address` is empty for who may not see it; `at` is when it left or is due."""

    message: OutboxMessage
    words: str
    at: datetime
    icon: str
    icon_label: str
    look: Look
    role: str
    whom: str
    address: str
    carrier: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Entry:
    """One message, or one text that came in, in the story of an appointment."""

    at: datetime
    told: Told | None = None
    text: IncomingText | None = None


def look(message: OutboxMessage, steps: Sequence[Step] = ()) -> Look:
    """Return how a message stands; `steps` say why it was put off."""
    how = history.standing(message)
    kind, icon, label = LOOKS[how]
    why, until = history.problem_words(message.last_error), None
    if how is Standing.PUT_OFF:
        until = message.next_at
        put_off = next((one.words for one in reversed(steps) if one.what == What.PUT_OFF), "")
        why = why if message.attempts and why else put_off
    if how is Standing.HELD_BACK and history.came_too_late(message):
        why = _too_late(message, steps)
    elif message.attempts and message.last_error and how in (Standing.DUE, Standing.PUT_OFF):
        words = ngettext("Tried once: %(why)s", "Tried %(n)s times: %(why)s", message.attempts)
        why = words % {"n": message.attempts, "why": message.last_error}
    return Look(kind, icon, str(label), why, until, may_retry=how is Standing.FAILED)


def _too_late(message: OutboxMessage, steps: Sequence[Step]) -> str:
    """Return why a message did not leave before it was of no use: nothing took it, or nothing was sent at the time."""
    refused = next((one.words for one in reversed(steps) if one.what == What.REFUSED and one.words), "")
    if refused:
        return _("No gateway took it before it was too late: %(why)s") % {"why": refused}
    if any(one.what == What.PUT_OFF for one in steps):
        return _("It was put off until it was too late to be of use.")
    return _("Nothing was sent at that time, and afterwards it was too late to be of use.")


def role_words(message: OutboxMessage) -> str:
    """Return who reads a message, "" where it is not known."""
    return str(ROLES.get(message.audience, ""))


def lines(steps: Iterable[Step]) -> list[Line]:
    """Return steps in words."""
    return [Line(one.at, str(STEP_WORDS.get(one.what, one.what)), _step_text(one)) for one in steps]


def _step_text(step: Step) -> str:
    words = history.problem_words(step.words)
    if step.what == What.ANSWERED:
        return str(IncomingText.Meaning(words).label) if words in IncomingText.Meaning.values else words
    by = _("by “%(gateway)s”") % {"gateway": step.gateway} if step.gateway else ""
    return ": ".join(part for part in (by, words) if part)


def for_reading(messages: Iterable[OutboxMessage], actor: Actor, known_addresses: Iterable[str] = ()) -> list[Told]:
    """Return messages as pages show them.

    Addresses are left out for who may not see everybody's appointments, but for `known_addresses`.
    """
    found = list(messages)
    steps = history.of(found)
    sees_all, known = actor.may(Permission.SEE_APPOINTMENTS), set(known_addresses)
    return [_told(one, steps[one.pk], one.to if sees_all or one.to in known else "") for one in found]


def _told(message: OutboxMessage, steps: Sequence[Step], address: str) -> Told:
    icon, icon_label = channel_icon(message.channel)
    return Told(
        message=message,
        words=kind_words(message.kind),
        at=message.sent_at or message.due_at,
        icon=icon,
        icon_label=icon_label,
        look=look(message, steps),
        role=role_words(message),
        whom=message.to_name or address or _("somebody else"),
        address=address,
        carrier=history.carrier(message),
        lines=lines(steps),
    )


def story(messages: Iterable[Told], texts: Iterable[IncomingText]) -> list[Entry]:
    """Return messages and texts that came in as one story, the earliest first."""
    entries = [Entry(one.at, told=one) for one in messages]
    entries += [Entry(one.received_at, text=one) for one in texts]
    return sorted(entries, key=lambda entry: entry.at)


def channel_icon(channel: str) -> tuple[str, str]:
    """Return the icon of a channel and what it says to who does not see it."""
    if channel == Channel.SMS:
        return "sms", _("Text message")
    return ("bell", _("Browser notification")) if channel == Channel.PUSH else ("mail", _("E-mail"))
