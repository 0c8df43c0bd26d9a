"""Text messages that programs send, and whom they say wants none: through the one outbox, under the same limits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from uuid import UUID

import phonenumbers
from django.utils.translation import gettext as _

from vestibule.notifications import by_program, consent, limits, outbox
from vestibule.notifications.choices import SMS
from vestibule.notifications.facts import Kind
from vestibule.notifications.models import ConsentEntry, OutboxMessage
from vestibule.notifications.outcomes import HeldBack
from vestibule.people import audit, rates
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.ids import new_ref
from vestibule.store.transactions import writing

MOST_RECIPIENTS = 100
LONGEST_TEXT, LONGEST_TAG = 2048, 2048
TIMEOUTS = range(60, 43_201)
REQUESTS_PER_MINUTE = 1_200
BY_PROGRAM = "a program"


class Came(StrEnum):
    """What came of one recipient."""

    TAKEN = "taken"
    UNUSABLE = "unusable"
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class Text:
    """What is sent: `sender` as the program names it, `tag` what it calls it, both told in its reports.

    `timeout` is after how many seconds without a report it is called lost, None: never. It leaves at `leaves_at`
    (aware; None: now), and never after `not_after`.
    """

    sender: str
    body: str
    tag: str = ""
    wants_report: bool = False
    timeout: int | None = None
    leaves_at: datetime | None = None
    not_after: datetime | None = None


@dataclass(frozen=True)
class Recipient:
    """One number as it was typed; `request` and `first_sent` make asking again safe (a GUID, an RFC 1123 date)."""

    to: str
    request: str = ""
    first_sent: str = ""

    @property
    def is_repeatable(self) -> bool:
        return bool(self.request or self.first_sent)


@dataclass(frozen=True)
class Placed:
    """What came of one recipient: the message's `ref` where it was taken, else why not."""

    to: str
    came: Came
    ref: str = ""
    words: str = ""
    is_repeatable: bool = False


@dataclass(frozen=True)
class OptOut:
    """Whether a number wants no text messages; `words` say what could not be done."""

    to: str
    is_out: bool | None = None
    words: str = ""


def send(actor: Actor, text: Text, recipients: Sequence[Recipient]) -> list[Placed]:
    """Put a text message to each recipient into the outbox; return what came of each, in their order.

    Each fails by itself, also when the day's messages are used up: official clients would sleep for as long as a
    refusal of the whole names. Who said stop is taken all the same, and reported as failed. Raises NotPermitted,
    Invalid for what is wrong for all (WrongSender among it), and TooMany for too many requests.
    """
    business = by_program.business_of(actor)
    _check(text, recipients)
    by_program.require_sender(business, SMS, text.sender)
    rates.limit("programs.sms", str(business.pk), REQUESTS_PER_MINUTE, 60)
    with writing():
        placed = _Placing(business, text, clock.now()).place(recipients)
        new = [one for one in placed if one.came is Came.TAKEN]
        if new:
            audit.record(
                actor, business.pk, "messages.sent_by_program", "business", business.ref, count=len(new), channel=SMS
            )
    return placed


class _Placing:
    """One request on its way into the outbox. Inside a writing block."""

    def __init__(self, business: Business, text: Text, now: datetime) -> None:
        self._business, self._text, self._now = business, text, now

    def place(self, recipients: Sequence[Recipient]) -> list[Placed]:
        """Return what came of each recipient."""
        faults = [_fault(one) for one in recipients]
        keys = [_key(self._business, one) for one in recipients]
        known = {row.key: row for row in OutboxMessage.objects.filter(key__in=keys)}
        rows = {
            key: self._row(key, one.to)
            for key, one, fault in zip(keys, recipients, faults, strict=True)
            if not fault and key not in known
        }
        refused = {key: words for key, row in rows.items() if (words := self._refusal(row))}
        over = self._over({key: row for key, row in rows.items() if key not in refused})
        leaving = [row for key, row in rows.items() if key not in refused and key not in over]
        outbox.enqueue_all([self._message(row) for row in leaving])
        known |= {row.key: row for row in OutboxMessage.objects.filter(key__in=[row.key for row in leaving])}
        return [
            self._placed(one, fault or refused.get(key, ""), over.get(key, ""), known.get(key))
            for one, fault, key in zip(recipients, faults, keys, strict=True)
        ]

    def _placed(self, one: Recipient, fault: str, over: str, row: OutboxMessage | None) -> Placed:
        if fault or over:
            came = Came.UNUSABLE if fault else Came.TOO_MANY
            return Placed(one.to, came, words=fault or over, is_repeatable=one.is_repeatable)
        assert row is not None, "what was not refused is in the outbox"
        if row.facts.get("text") != self._text.body:
            words = _("This repeatability request id was used for another message. Nothing was sent.")
            return Placed(one.to, Came.UNUSABLE, words=words, is_repeatable=True)
        return Placed(one.to, Came.TAKEN, row.ref, is_repeatable=one.is_repeatable)

    def _refusal(self, row: OutboxMessage) -> str:
        stays = limits.refusal(row, {}, self._now)
        return stays.words if isinstance(stays, HeldBack) else ""

    def _over(self, rows: dict[str, OutboxMessage]) -> dict[str, str]:
        """Return those beyond a cap of the day, with what is waiting counted as gone. The sender counts exactly."""
        if not rows:
            return {}
        used = limits.used_on(list(rows.values()), self._now.date())
        waiting = OutboxMessage.objects.filter(
            business=self._business, channel=SMS, state=OutboxMessage.State.QUEUED, attempts=0, next_at__lte=self._now
        ).count()
        for count in ((self._business.pk, "business", ""), limits.OF_INSTALLATION):
            used[count] += waiting
        over: dict[str, str] = {}
        for key, row in rows.items():
            counts = limits.counts_of(row)
            full = next((words for count, most, words in counts if used[count] >= most), "")
            if full:
                over[key] = full
                continue
            for count, _most, _words in counts:
                used[count] += 1
        return over

    def _row(self, key: str, to: str) -> OutboxMessage:
        return OutboxMessage(business=self._business, key=key, kind=Kind.PROGRAM, channel=SMS, to=_number(to))

    def _message(self, row: OutboxMessage) -> outbox.Message:
        text = self._text
        return outbox.Message(
            key=row.key,
            business_id=self._business.pk,
            subject_ref="",
            kind=Kind.PROGRAM,
            channel=SMS,
            to=row.to,
            to_name="",
            language=self._business.language,
            timezone=self._business.timezone,
            due_at=text.leaves_at,
            not_after=text.not_after,
            facts={
                "sender": text.sender,
                "text": text.body,
                "tag": text.tag,
                "wants_report": text.wants_report,
                "timeout": text.timeout,
            },
        )


def opt_out(actor: Actor, sender: str, numbers: Sequence[str]) -> list[OptOut]:
    """Write down that numbers want no more text messages; return how each stands. Raises as `send` does."""
    business = _may_say(actor, sender, numbers)
    usable = _usable(numbers)
    with writing():
        new = usable - _stopped(business, usable)
        for number in sorted(new):
            consent.record(business, SMS, number, agrees=False, source=ConsentEntry.Source.API, wording=BY_PROGRAM)
        _note(actor, business, "messages.opted_out", len(new))
    return [_standing(one, usable) for one in numbers]


def opt_in(actor: Actor, sender: str, numbers: Sequence[str]) -> list[OptOut]:
    """Write down that numbers want text messages again, and return how each stands. Raises as `send` does.

    What the telephone itself said stays: only START, sent from it, takes that back.
    """
    business = _may_say(actor, sender, numbers)
    usable = _usable(numbers)
    with writing():
        back = _stopped(business, usable)
        for number in sorted(back):
            consent.record(business, SMS, number, agrees=True, source=ConsentEntry.Source.API, wording=BY_PROGRAM)
        still = _stopped(business, back)
        _note(actor, business, "messages.opted_in", len(back - still))
    return [_standing(one, still) for one in numbers]


def opted_out(actor: Actor, sender: str, numbers: Sequence[str]) -> list[OptOut]:
    """Return which numbers want no text messages. Raises as `send` does."""
    business = _may_say(actor, sender, numbers)
    return [_standing(one, _stopped(business, _usable(numbers))) for one in numbers]


def is_number(given: str) -> bool:
    """Tell whether `given` is a telephone number in E.164: its country, and as many figures as that has."""
    if not given.startswith("+") or not given[1:].isascii() or not given[1:].isdigit():
        return False
    try:
        parsed = phonenumbers.parse(given, None)
    except phonenumbers.NumberParseException:
        return False
    is_whole = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == given  # no figure too many
    return is_whole and phonenumbers.is_possible_number(parsed)


def _check(text: Text, recipients: Sequence[Recipient]) -> None:
    if not 1 <= len(recipients) <= MOST_RECIPIENTS:
        words = _("Name 1 to %(most)d recipients. Nothing was sent.")
        raise Invalid(words % {"most": MOST_RECIPIENTS}, field="smsRecipients")
    if not text.body.strip() or len(text.body) > LONGEST_TEXT:
        words = _("The message has 1 to %(most)d characters. Nothing was sent.")
        raise Invalid(words % {"most": LONGEST_TEXT}, field="message")
    if not text.sender.strip() or len(text.sender) > 64:
        raise Invalid(_("Say from which number or name it is sent. Nothing was sent."), field="from")
    if len(text.tag) > LONGEST_TAG:
        raise Invalid(_("The tag is too long. Nothing was sent."), field="smsSendOptions.tag")
    if text.timeout is not None and text.timeout not in TIMEOUTS:
        words = _("A report is waited for from %(least)d to %(most)d seconds. Nothing was sent.")
        held = {"least": TIMEOUTS[0], "most": TIMEOUTS[-1]}
        raise Invalid(words % held, field="smsSendOptions.deliveryReportTimeoutInSeconds")


def _fault(one: Recipient) -> str:
    """Return what is wrong with a recipient, "" for nothing."""
    if not is_number(one.to):
        return "Invalid To phone number format."
    if not one.is_repeatable:
        return ""
    if not _is_guid(one.request):
        return "Request sent with Invalid value for repeatability-request-id. Expected is a GUID."
    if not _is_date(one.first_sent):
        return (
            "Request sent with Invalid DateTime value for repeatability-first-sent. Expected is DateTime, RFC1123"
            " pattern."
        )
    return ""


def _is_guid(given: str) -> bool:
    try:
        return str(UUID(given)) == given.lower()
    except ValueError:
        return False


def _is_date(given: str) -> bool:
    try:
        return len(given) <= 40 and bool(parsedate_to_datetime(given))
    except (TypeError, ValueError, OverflowError):
        return False


def _key(business: Business, one: Recipient) -> str:
    name = one.request.lower() if one.is_repeatable else new_ref()
    return f"program:{business.pk}:sms:{name}:{_number(one.to)}"[:160]


def _number(given: str) -> str:
    return limits.normal(SMS, given)


def _may_say(actor: Actor, sender: str, numbers: Sequence[str]) -> Business:
    business = by_program.business_of(actor)
    if not 1 <= len(numbers) <= MOST_RECIPIENTS:
        words = _("Name 1 to %(most)d recipients. Nothing was changed.")
        raise Invalid(words % {"most": MOST_RECIPIENTS}, field="recipients")
    by_program.require_sender(business, SMS, sender)
    rates.limit("programs.sms", str(business.pk), REQUESTS_PER_MINUTE, 60)
    return business


def _usable(numbers: Iterable[str]) -> set[str]:
    return {_number(one) for one in numbers if is_number(one)}


def _stopped(business: Business, numbers: set[str]) -> set[str]:
    return consent.stopped_among(business, SMS, numbers)


def _standing(given: str, out: set[str]) -> OptOut:
    if not is_number(given):
        return OptOut(given, words="Invalid recipient phone number format")
    return OptOut(given, is_out=_number(given) in out)


def _note(actor: Actor, business: Business, action: str, count: int) -> None:
    if count:
        audit.record(actor, business.pk, action, "business", business.ref, count=count, channel=SMS)
