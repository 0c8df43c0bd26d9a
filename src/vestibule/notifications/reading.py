"""The outbox as it is read: what was said to whom, what is still due, what could not be sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from vestibule.notifications import by_program_content, content
from vestibule.notifications.facts import Kind
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.ports import DeliveryError
from vestibule.people.models import Tenanted
from vestibule.people.permissions import Actor
from vestibule.store import clock

State = OutboxMessage.State
AT_ONCE = 200


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail; `type` is its media type with parameters."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True)
class Shown:
    """One message as it reads. Until it is sent, `subject` and `text` are what it would say now and `html` is empty."""

    ref: str
    channel: str
    kind: str
    to: str
    to_name: str
    timezone: str
    state: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    due_at: datetime
    sent_at: datetime | None
    appointment: str
    last_error: str = ""


def shown(actor: Actor) -> Iterator[Shown]:
    """Yield every message `actor` may see, oldest first, without what is no longer wanted."""
    rows, last = _rows(actor).order_by("pk"), 0
    while found := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        yield from _as_shown(found)
        last = found[-1].pk


def latest(actor: Actor, most: int) -> list[Shown]:
    """Return the last `most` messages `actor` may see, the latest first."""
    return _as_shown(list(_rows(actor).order_by("-pk")[:most]))


def one(actor: Actor, ref: str) -> Shown | None:
    """Return the message called `ref`, if `actor` may see it."""
    return next(iter(_as_shown(list(_rows(actor).filter(ref=ref)))), None)


def _rows(actor: Actor) -> Tenanted:
    return OutboxMessage.objects.visible_to(actor).exclude(state=State.DROPPED)


def _as_shown(rows: list[OutboxMessage]) -> list[Shown]:
    now = clock.now()
    tokens = content.tokens_for([row for row in rows if not row.sent], now)
    return [_shown(row, row.sent or _preview(row, tokens, now)) for row in rows]


def _preview(row: OutboxMessage, tokens: dict[int, str], now: datetime) -> dict[str, str]:
    if row.state == State.DONE:
        return {}  # handed to a gateway, its words not kept
    try:
        subject, text = content.preview(row, tokens, now)
    except (KeyError, TypeError, DeliveryError):
        return {}  # no wording for it; its last_error says so
    return {"subject": subject, "text": text}


def _shown(row: OutboxMessage, said: dict[str, str]) -> Shown:
    return Shown(
        ref=row.ref,
        channel=row.channel,
        kind=row.kind,
        to=row.to,
        to_name=row.to_name,
        timezone=row.timezone,
        state=row.state,
        subject=said.get("subject", ""),
        text=said.get("text", ""),
        html=said.get("html", ""),
        attachments=_attachments(said) + _files(row),
        due_at=row.due_at,
        sent_at=row.sent_at,
        appointment=row.facts.get("appointment", ""),
        last_error=row.last_error,
    )


def _files(row: OutboxMessage) -> tuple[Attachment, ...]:
    """Return what goes with a program's mail, as long as that is kept."""
    if row.kind != Kind.PROGRAM or row.channel != OutboxMessage.Channel.EMAIL:
        return ()
    try:
        said = by_program_content.letter(row)
    except DeliveryError:
        return ()
    return tuple(Attachment(one.name, one.type, one.content) for one in said.files)


def _attachments(said: dict[str, str]) -> tuple[Attachment, ...]:
    if not said.get("calendar"):
        return ()
    kind = f"text/calendar; method={said.get('calendar_method', 'REQUEST')}; charset=utf-8"
    return (Attachment("appointment.ics", kind, said["calendar"].encode()),)
