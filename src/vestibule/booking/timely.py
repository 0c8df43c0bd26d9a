"""What is said around the time itself: the provider is late, the consumer is next, somebody has waited too long."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from vestibule.booking import access, announcements
from vestibule.booking.models import Appointment
from vestibule.meetings import queue
from vestibule.meetings.models import Participant
from vestibule.notifications import choices, outbox
from vestibule.notifications.choices import Choices
from vestibule.notifications.facts import Audience, Kind
from vestibule.notifications.models import MessageChoice
from vestibule.notifications.outbox import Message
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.transactions import writing

LONGEST = 180
SETTLES_IN = timedelta(minutes=2)
"""Who comes and is next at once reads so on the page; a message is for those who waited and looked away."""


def provider_late(actor: Actor, appointment: Appointment, minutes: int) -> Appointment:
    """Let the consumer know that their provider begins `minutes` later (0: on time again); staff only.

    The same number twice tells nobody twice. Raises Invalid, NotPermitted, WrongStatus.
    """
    if not 0 <= minutes <= LONGEST:
        raise Invalid(_("Say how late: 5 to %(most)s minutes, or 0.") % {"most": LONGEST}, field="minutes")
    if not access.is_staff(actor):
        raise NotPermitted(_("Only staff can change this."))
    with writing():
        current = access.locked(actor, appointment)
        if current.status not in Appointment.ACTIVE or current.status == Appointment.Status.IN_VISIT:
            raise Invalid(_("Nobody waits for this appointment any more, so nobody was told."), field="minutes")
        if (current.provider_late_minutes or 0) == minutes:
            return current
        current.provider_late_minutes = minutes or None
        current.save(update_fields=["provider_late_minutes"])
        outbox.drop(current.ref, [Kind.PROVIDER_LATE])
        if minutes:
            stamp = int(clock.now().timestamp())
            announcements.teller(current, by=actor).late(minutes, f"v{current.version}:{minutes}:{stamp}")
        access.record(actor, current, "provider_late", minutes=minutes)
        return current


def is_told(appointment: Appointment) -> bool:
    """Tell whether a message reaches the consumer of a late provider: one is wanted, and there is an address for it."""
    wanted = choices.of(appointment.business)
    ways = (
        (choices.EMAIL, appointment.takes_mails and appointment.email),
        (choices.SMS, appointment.takes_texts and appointment.phone),
    )
    kind, service = (Kind.PROVIDER_LATE, Audience.CONSUMER), appointment.service.ref
    return any(to and wanted.is_on(*kind, channel, service) for channel, to in ways)


def tell_due() -> int:
    """Tell whoever is next, and staff of whoever waits too long, where a business wants that; return how many messages.

    Safe to run again and again, and twice at once.
    """
    now = clock.now()
    wanted = MessageChoice.objects.filter(is_on=True, kind__in=(Kind.NEXT, Kind.WAITS_TOO_LONG))
    businesses = Business.objects.filter(pk__in=wanted.values("business_id"))
    return sum(
        outbox.enqueue_new((*_who_is_next(one, now), *_who_waits(one, choices.of(one), now))) for one in businesses
    )


def _who_is_next(business: Business, now: datetime) -> Iterator[Message]:
    seats = queue.waiting_for(business.pk, SETTLES_IN, now)
    mine = {seat.meeting.ref: seat for seat in seats if seat.kind == Participant.Kind.CONSUMER}
    if not mine:
        return
    places = queue.board(business.pk, now).places
    first = [seat for ref, seat in mine.items() if ref in places and places[ref].ahead == 0]
    for appointment, seat in _of(first):
        yield from announcements.teller(appointment).next_in_line(_mark(seat))


def _who_waits(business: Business, chosen: Choices, now: datetime) -> Iterator[Message]:
    minutes = chosen.rules.waits_too_long_minutes
    seats = queue.waiting_for(business.pk, timedelta(minutes=minutes), now)
    for appointment, seat in _of([one for one in seats if one.kind == Participant.Kind.CONSUMER]):
        yield from announcements.teller(appointment).waited(minutes, _mark(seat))


def _of(seats: list[Participant]) -> Iterator[tuple[Appointment, Participant]]:
    """Yield each seat with its appointment; who came by without one is told of at the desk."""
    by_meeting = {seat.meeting_id: seat for seat in seats}
    rows = Appointment.objects.filter(meeting__in=by_meeting)
    for appointment in rows.select_related("business", "service__location", "provider"):
        yield appointment, by_meeting[appointment.meeting_id]


def _mark(seat: Participant) -> str:
    """Return what tells this wait from another of the same person."""
    since = seat.waiting_since
    return f"{seat.ref}:{since:%Y%m%d%H%M%S%f}" if since else seat.ref
