"""Mails that programs send: one operation, known by a name the program chose, with a message to each reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils.translation import gettext as _

from vestibule.notifications import by_program, by_program_letter, outbox
from vestibule.notifications.by_program import Way
from vestibule.notifications.by_program_letter import Letter
from vestibule.notifications.choices import EMAIL
from vestibule.notifications.facts import Kind
from vestibule.notifications.models import OutboxMessage, ProgramMail
from vestibule.people import audit, rates
from vestibule.people.errors import Invalid, NotFound, TooMany
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock, rows
from vestibule.store.transactions import writing

State = OutboxMessage.State
PER_MINUTE = 600
KEPT = timedelta(days=30)
"""How long what a mail said is kept, with its files; how its messages stand is known as long as of all others."""
FORGOTTEN_AT_ONCE = 100
MOST_BYTES = 1024**3
"""Of what mails of one business say, with their files. Those that have left go before others are refused."""
FULL_SECONDS = 60


class Stands(StrEnum):
    """How an operation stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True)
class Operation:
    """One mail on its way to all its readers. It succeeded once a gateway took it for one of them; `words`: why not."""

    id: str
    stands: Stands
    words: str = ""


def send(actor: Actor, letter: Letter, operation: str = "") -> Operation:
    """Put a mail into the outbox, a message for each reader, and return how it stands.

    `operation` is the program's own name for it, a GUID ("": one is made). The same name again is the same mail,
    whatever it says: it is sent once. Raises NotPermitted, Invalid (WrongSender among it), and TooMany, also
    where more waits than is kept for one business (1 GiB).
    """
    business = by_program.business_of(actor)
    name = _name(operation)
    known = _of(actor, name)
    if known:
        return Operation(operation or name, *_standing(known))
    by_program_letter.check(letter)
    _require_names(letter, by_program.require_sender(business, EMAIL, letter.sender))
    rates.limit("programs.mail", str(business.pk), PER_MINUTE, 60)
    with writing():
        _make_room(business, letter.size)
        if rows.insert([_kept(business, name, letter)], unless=("business_id", "operation")):
            outbox.enqueue_all(_messages(business, name, letter))
            many = len(letter.readers)
            audit.record(
                actor, business.pk, "messages.sent_by_program", "message", name, count=many, channel=str(EMAIL)
            )
    return Operation(operation or name, *_standing(_of(actor, name)))


def _require_names(letter: Letter, way: Way) -> None:
    """Raise Invalid for a mail whose readers are told of each other, where no gateway tells them."""
    if letter.names_others and not way.names_others:
        words = _(
            "The gateway of this business writes to each reader alone and cannot name the others, so nothing was sent."
            " Send one mail to each."
        )
        raise Invalid(words, field="recipients")


def find(actor: Actor, operation: str) -> Operation:
    """Return how an operation stands. Raises NotFound, also for one of another business."""
    actor.require(Permission.CHANGE_APPOINTMENTS)
    found = _of(actor, operation.lower()) if _is_guid(operation) else []
    if not found:
        raise NotFound(_("There is no such operation. It was never begun, or long ago."))
    return Operation(operation, *_standing(found))


def purge() -> int:
    """Delete what mails said that were sent longer than `KEPT` ago, with their files; return how many."""
    old = _left(ProgramMail.objects.filter(created_at__lt=clock.now() - KEPT))
    count = 0
    while found := list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]):
        with writing():
            count += ProgramMail.objects.filter(pk__in=found).delete()[0]
    return count


def _left(mails: QuerySet[ProgramMail]) -> QuerySet[ProgramMail]:
    """Return those of `mails` of which nothing waits to be sent, oldest first."""
    waiting = OutboxMessage.objects.filter(
        business=OuterRef("business"), subject_ref=OuterRef("operation"), state__in=outbox.OPEN
    )
    return mails.exclude(Exists(waiting)).order_by("pk")


def _make_room(business: Business, size: int) -> None:
    """Forget the oldest mails of a business that have left, as many as it takes to keep one of `size` bytes.

    Raises TooMany where what still waits takes all the room. Inside a writing block.
    """
    mine = ProgramMail.objects.filter(business=business)
    over = (mine.aggregate(all=Sum("size"))["all"] or 0) + size - MOST_BYTES
    while over > 0:
        found = list(_left(mine).values_list("pk", "size")[:FORGOTTEN_AT_ONCE])
        if not found:
            words = _("More mail waits to be sent than is kept for one business (%(most)s MB). Nothing was sent.")
            raise TooMany(words % {"most": MOST_BYTES // 1024**2}, retry_after=FULL_SECONDS)
        for key, bytes_of_it in found:
            if over > 0:
                mine.filter(pk=key).delete()
                over -= bytes_of_it


def _name(operation: str) -> str:
    if not operation:
        return str(uuid4())
    if not _is_guid(operation):
        raise Invalid(_("The name of an operation is a GUID. Nothing was sent."), field="Operation-Id")
    return operation.lower()


def _is_guid(given: str) -> bool:
    try:
        return str(UUID(given)) == given.lower()
    except ValueError:
        return False


def _of(actor: Actor, name: str) -> list[OutboxMessage]:
    mine = OutboxMessage.objects.visible_to(actor).filter(subject_ref=name, kind=Kind.PROGRAM, channel=EMAIL)
    return list(mine.only("state", "last_error"))


def _standing(messages: Sequence[OutboxMessage]) -> tuple[Stands, str]:
    states = {one.state for one in messages}
    if states & set(outbox.OPEN):
        return Stands.RUNNING, ""
    if State.DONE in states:
        return Stands.SUCCEEDED, ""
    words = next((one.last_error for one in messages if one.last_error), "")
    if not words:
        return Stands.CANCELED, _("It was taken back before it was sent.")
    return Stands.FAILED, words


def _kept(business: Business, name: str, letter: Letter) -> ProgramMail:
    return ProgramMail(business=business, operation=name, content=letter.as_json(), size=letter.size)


def _messages(business: Business, name: str, letter: Letter) -> list[outbox.Message]:
    return [
        outbox.Message(
            key=f"program:{business.pk}:mail:{name}:{number}",
            business_id=business.pk,
            subject_ref=name,
            kind=Kind.PROGRAM,
            channel=EMAIL,
            to=one.address,
            to_name=one.name,
            language=business.language,
            timezone=business.timezone,
            facts={"sender": letter.sender},
        )
        for number, one in enumerate(letter.readers)
    ]
