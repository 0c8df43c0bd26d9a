"""What consumers answer to a message: they come, they cancel, they are late; by text message or by one press."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.booking import access, announcements, lifecycle, status
from vestibule.booking.errors import WrongStatus
from vestibule.booking.models import Appointment
from vestibule.meetings import talking
from vestibule.notifications import choices, consent, incoming, limits, outbox, replies, reporting, when
from vestibule.notifications.choices import EMAIL, SMS
from vestibule.notifications.facts import AppointmentFacts, Kind
from vestibule.notifications.models import Gateway, IncomingText, MessageEvent, OutboxMessage
from vestibule.notifications.outbox import Message
from vestibule.notifications.replies import Meaning, Reply
from vestibule.people.errors import Refusal
from vestibule.people.languages import spoken
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store import clock
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

S = Appointment.Status
COMES = (S.BOOKED, S.ARRIVED, S.WAITING)
REMEMBERED = timedelta(days=14)
"""How long after a text message its answer is still understood to be about the same appointment."""
ABOUT_A_MESSAGE = (Meaning.CONFIRM, Meaning.CANCEL, Meaning.LATE)
WORTH_ANSWERING = timedelta(hours=6)
A_DAY = timedelta(days=1)
LONGEST = 1600
HEARD_A_DAY, ANSWERED_A_DAY = 40, 8
"""Of one number. Machines answer each other without end, and a flood must neither fill the table nor cost money."""
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
"""Who can be answered: a number with its country. Short codes and names are machines."""


def confirm(actor: Actor, appointment: Appointment, *, by_page: bool = False) -> Appointment:
    """Note that the consumer comes. Said again it stays as it was. Raises WrongStatus, AlreadyCancelled.

    Said `by_page`, which mails lead to, it answers the last mail about the appointment.
    """
    with writing():
        current = access.locked(actor, appointment)
        if current.status not in COMES:
            status.require(current, S.CANCELLED)
            raise WrongStatus(str(current.status))
        if current.confirmed_at is None:
            current.confirmed_at = clock.now()
            current.save(update_fields=["confirmed_at"])
            access.record(actor, current, "confirmed")
            if by_page:
                _note_answer(current, EMAIL, current.email, Meaning.CONFIRM)
        return current


def take(
    business: Business, *, external_id: str, sender: str, receiver: str, text: str, gateway: Gateway | None = None
) -> IncomingText:
    """Take a text message somebody sent, do what it asks for, and answer it; once, however often it is handed over.

    A number that no appointment knows is answered only to stop, start and help: nobody learns by trying. Who has
    written all day is heard no more until the next, save to stop once, and then the last text is returned. Of a
    business that asks for no answer none changes an appointment: a sender is easily made up.
    """
    reply = replies.read(text[:LONGEST])
    given = {
        "sender": limits.normal(SMS, sender)[:32],
        "receiver": receiver[:32],
        "text": text[:LONGEST],
        "received_at": clock.now(),
        "meaning": reply.meaning,
    }
    with writing():
        earlier = _of_today(business, str(given["sender"]))
        if len(earlier) >= HEARD_A_DAY and not _stops_first(business, str(given["sender"]), reply):
            return earlier[0]
        row, is_new = IncomingText.objects.get_or_create(
            business=business, gateway=gateway, external_id=external_id[:200], defaults=given
        )
        if not is_new:
            return row
        about = _about(business, row.sender)
        language = spoken(about.language if about is not None else business.language)
        with translation.override(language):
            words, needs_page = _do(business, row, reply, about)
        row.answer, row.subject_ref = words[:300], about.ref if about is not None else ""
        row.save(update_fields=["answer", "subject_ref"])
        reporting.tell_received(business, row)
        if about is not None and reply.meaning in ABOUT_A_MESSAGE and _asks(business):
            _note_answer(about, SMS, row.sender, row.meaning, gateway.name[:40] if gateway is not None else "")
        if words and NUMBER.fullmatch(row.sender) and sum(bool(one.answer) for one in earlier) < ANSWERED_A_DAY:
            outbox.enqueue_all([_answer(business, row, about, language, needs_page=needs_page)])
    return row


def forget_old() -> int:
    """Delete texts that came in longer ago than each business keeps conversations; return how many."""
    return sum(incoming.forget(business_id, until) for business_id, until in talking.kept_since())


def _note_answer(about: Appointment, channel: str, to: str, meaning: str, gateway: str = "") -> None:
    """Note at the last message about the appointment to an address that it was answered, and how."""
    told = OutboxMessage.objects.filter(
        business=about.business, channel=channel, to=to, subject_ref=about.ref, state=OutboxMessage.State.DONE
    )
    last = told.exclude(kind=Kind.SMS_ANSWER).order_by("-sent_at", "-pk").first()
    if last is not None:
        MessageEvent.objects.create(message=last, what=MessageEvent.What.ANSWERED, gateway=gateway, words=meaning)


def _of_today(business: Business, sender: str) -> list[IncomingText]:
    """Return what a number wrote within a day, the latest first; no more of it than is heard."""
    rows = IncomingText.objects.filter(business=business, sender=sender, received_at__gt=clock.now() - A_DAY)
    return list(rows.order_by("-pk")[:HEARD_A_DAY])


def _stops_first(business: Business, sender: str, reply: Reply) -> bool:
    return reply.meaning == Meaning.STOP and not consent.has_stopped(business, SMS, sender)


def _about(business: Business, sender: str) -> Appointment | None:
    """Return the appointment a number speaks of: that of the last text message to it, else its next one."""
    now = clock.now()
    open_ones = Appointment.objects.filter(
        business=business, phone=sender, status__in=Appointment.OPEN, end_minute__gt=to_minute(now)
    ).select_related("business", "service__location", "provider", "meeting", "consumer")
    told = OutboxMessage.objects.filter(
        business=business, channel=SMS, to=sender, state=OutboxMessage.State.DONE, sent_at__gt=now - REMEMBERED
    )
    last = told.exclude(kind=Kind.SMS_ANSWER).order_by("-sent_at").values_list("subject_ref", flat=True).first()
    found: Appointment | None = open_ones.filter(ref=last).first() if last else None
    return found or open_ones.order_by("start_minute").first()


def _do(business: Business, row: IncomingText, reply: Reply, about: Appointment | None) -> tuple[str, bool]:
    """Do what a text asks for; return the words of the answer, "" for none, and whether it needs the page's address."""
    if reply.meaning in (Meaning.STOP, Meaning.START):
        return _stop_or_start(business, row, agrees=reply.meaning == Meaning.START), False
    if reply.meaning == Meaning.HELP:
        if not business.phone:
            return _("STOP ends text messages, START brings them back."), True
        return _("Questions? Call %(phone)s. STOP ends text messages.") % {"phone": business.phone}, True
    if about is None or reply.meaning == Meaning.OTHER or not _asks(business):
        return "", False
    doing: dict[Meaning, Callable[[], str]] = {
        Meaning.CONFIRM: lambda: _confirmed(about),
        Meaning.CANCEL: lambda: _cancelled(about),
        Meaning.LATE: lambda: _late(about, reply.minutes),
    }
    try:
        with writing():
            return doing[reply.meaning](), False
    except Refusal as refusal:
        return refusal.sentence, True


def _asks(business: Business) -> bool:
    return choices.of(business).rules.asks_for_answer


def _stop_or_start(business: Business, row: IncomingText, *, agrees: bool) -> str:
    consent.record(business, SMS, row.sender, agrees=agrees, source=consent.Source.TEXT, wording=row.text)
    if agrees:
        return _("You get text messages about your appointments again. STOP ends them.")
    return _("You get no more text messages from us. Your appointments stay as they are. START brings them back.")


def _confirmed(about: Appointment) -> str:
    confirm(_holder(about), about)
    return _("Thank you. We expect you: %(moment)s.") % {"moment": _moment(about)}


def _cancelled(about: Appointment) -> str:
    lifecycle.cancel(_holder(about), about)
    return _("Your appointment is cancelled: %(moment)s.") % {"moment": _moment(about)}


def _late(about: Appointment, minutes: int) -> str:
    lifecycle.running_late(_holder(about), about, minutes)
    return _("Thank you. We know that you will be about %(minutes)s minutes late.") % {"minutes": minutes}


def _holder(about: Appointment) -> Actor:
    return Actor(ActorKind.CONSUMER, about.name, about.business_id, subjects=frozenset({about.ref}))


def _moment(about: Appointment) -> str:
    return when.moment(about.start_minute, about.timezone)


def _answer(
    business: Business, row: IncomingText, about: Appointment | None, language: str, *, needs_page: bool
) -> Message:
    facts = announcements.teller(about).facts_for_consumer() if about is not None else _no_facts(business)
    manage = facts.manage_link if needs_page else None
    return Message(
        key=f"text:{row.pk}:{Kind.SMS_ANSWER}:sms",
        business_id=business.pk,
        subject_ref=row.subject_ref,
        kind=Kind.SMS_ANSWER,
        channel=SMS,
        to=row.sender,
        to_name=facts.consumer,
        language=language,
        timezone=about.timezone if about is not None else business.timezone,
        facts=replace(facts, words=row.answer, manage_link=manage, visit_link=None),
        not_after=clock.now() + WORTH_ANSWERING,
        is_urgent=True,
    )


def _no_facts(business: Business) -> AppointmentFacts:
    now = to_minute(clock.now())
    return AppointmentFacts(
        appointment="",
        version=0,
        business_slug=business.slug,
        business_name=business.name,
        business_timezone=business.timezone,
        service="",
        provider="",
        consumer="",
        start_minute=now,
        end_minute=now,
    )
