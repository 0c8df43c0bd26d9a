"""What leaves for a program: its text or mail made out of a row of the outbox, and the gateway it may leave by."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vestibule.notifications import choices, limits
from vestibule.notifications.by_program_letter import Letter
from vestibule.notifications.facts import Kind
from vestibule.notifications.gateways import Carrier
from vestibule.notifications.models import OutboxMessage, ProgramMail
from vestibule.notifications.ports import DeliveryError, Mail

Channel = OutboxMessage.Channel


class _NobodySendsSo:
    """Stands in for the gateway that a program named the sender of, once it is gone."""

    def send(self, message: Any) -> str:
        """Raise DeliveryError: as somebody else it must not leave."""
        raise DeliveryError("no gateway here sends as whom the program named any more", permanent=True)


_NOBODY: Carrier[Any] = Carrier("none", _NobodySendsSo())


def carriers(message: OutboxMessage, found: Sequence[Carrier[Any]]) -> Sequence[Carrier[Any]]:
    """Return those of a business' gateways that may carry a message: a program's leaves as whom it names, or not."""
    if message.kind != Kind.PROGRAM:
        return found
    wanted = same_sender(message.channel, str(message.facts.get("sender", "")))
    mine = [one for one in found if not one.sender or same_sender(message.channel, one.sender) == wanted]
    return mine or [_NOBODY]


def same_sender(channel: str, sender: str) -> str:
    """Return a sender as it is compared: a mailbox in small letters, a number as E.164, a name as it is."""
    given = sender.strip()
    if channel != Channel.SMS:
        return given.lower()
    return limits.normal(channel, given) if given.startswith("+") else given.casefold()


def load(message: OutboxMessage, known: dict[int, Letter] | None = None) -> None:
    """Read the letter of a program's mail, before it is handed to a thread that touches no table.

    `known` keeps the one read last: a mail to fifty readers is read once.
    """
    if message.kind != Kind.PROGRAM or message.channel != Channel.EMAIL or message.letter_is_read:
        return
    message.letter_is_read = True
    rows = ProgramMail.objects.filter(business=message.business, operation=message.subject_ref)
    key = rows.values_list("pk", flat=True).first() or 0
    if known is not None and key in known:
        message.letter = known[key]
        return
    stored = rows.first()
    if stored is not None:
        message.letter = stored.letter
        if known is not None:
            known.clear()
            known[key] = message.letter


def letter(message: OutboxMessage) -> Letter:
    """Return the letter of a program's mail. Raises DeliveryError once it is forgotten."""
    load(message)
    if message.letter is None:
        raise DeliveryError("what this mail said is not kept any more", permanent=True)
    return message.letter


def mail(message: OutboxMessage) -> Mail:
    """Return the mail to one reader. Raises DeliveryError when what it says is not kept any more."""
    said = letter(message)
    return Mail(
        ref=message.ref,
        to=message.to,
        to_name=message.to_name,
        sender_name=_sender_name(message),
        reply_to="",
        subject=said.subject,
        text=said.text,
        html=said.html,
        shown_to=said.to,
        shown_cc=said.cc,
        replies=said.replies,
        files=said.files,
        headers=tuple(one for one in said.headers if one[0].lower() != "auto-submitted"),  # every mail says it already
    )


def text(facts: Mapping[str, Any]) -> str:
    """Return what a text message of a program says. Raises KeyError once it is forgotten."""
    return str(facts["text"])


def _sender_name(message: OutboxMessage) -> str:
    if message.business is None:
        return ""
    is_discreet = choices.of(message.business).rules.is_discreet
    return _("Appointments") if is_discreet else message.business.name
