"""What consumers would see if a draft were published, at every point of their way.

The draft is published, and somebody books, comes and is seen, with the verbs that do it in earnest; whoever shows it
reads what stands there then. All of it is undone when the block ends: nothing is stored, sent or told to anybody.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking import availability, holds, lifecycle
from vestibule.booking.availability import Slot
from vestibule.booking.models import Appointment, Hold, Location, Service
from vestibule.booking.setup import hours, offerings, providers
from vestibule.booking.setup.offerings import Offer
from vestibule.booking.setup.values import permit
from vestibule.experience import document, merging
from vestibule.experience.models import Draft
from vestibule.meetings import calls, waiting
from vestibule.meetings.models import Participant
from vestibule.notifications import choices
from vestibule.people.errors import Invalid
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import GRANTS, PUBLIC, Actor, ActorKind, Permission, Role
from vestibule.store import clock
from vestibule.store.transactions import pretending


class State(StrEnum):
    """A point of a consumer's way, in its order."""

    BOOK = "book"
    SERVICE = "service"
    DETAILS = "details"
    CONFIRMED = "confirmed"
    MAIL = "mail"
    SMS = "sms"
    EARLY = "early"
    CHECK = "device-check"
    WAITING = "waiting"
    CALL = "call"
    ENDED = "ended"
    SURVEY = "survey"
    CANCELLED = "cancelled"
    ERROR = "error"


NAME, EMAIL, PHONE = "Sam Example", "sam@example.org", "+12025550123"
_NOBODY_BOOKED = (State.BOOK, State.SERVICE, State.DETAILS, State.ERROR)
_VISITS = (State.EARLY, State.CHECK, State.WAITING, State.CALL, State.ENDED, State.SURVEY, State.CANCELLED)
_MINUTE = timedelta(minutes=1)
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Scene:
    """What stands there while it is shown: the business as drafted and, as far as the way has gone, what was booked.

    `seat` is the consumer's place in the visit.
    """

    business: Business
    service: Service | None = None
    hold: Hold | None = None
    appointment: Appointment | None = None
    seat: Participant | None = None


@contextmanager
def staged(
    actor: Actor, business: Business, state: State, parts: Mapping[str, Any] = NOTHING, *, language: str = ""
) -> Iterator[Scene]:
    """Let the draft of `business` hold, with `parts` (by section) in place of its own, and lead somebody to `state`.

    Inside the block the clock stands where it does for `state`; after it nothing of all this has been. `language` is
    the consumer's. Raises NotFound and NotPermitted, and Invalid naming the place in the document.
    """
    permit(actor, business.pk, Permission.MANAGE_SETUP if parts else Permission.SEE_SETUP)
    stagehand = replace(_STAGEHAND, business_id=business.pk)
    with pretending(), ExitStack() as stack:
        if not Provider.objects.filter(business=business, is_active=True).exists():
            _add_stand_in(stagehand, business)  # who offers what the draft adds, as everybody does who is there
        held = document.read(business)
        document.write(stagehand, business, _wanted(business, held, parts), held)
        current = Business.objects.get(pk=business.pk)
        yield _Way(stagehand, current, language, stack).to(state)


_STAGEHAND = Actor(ActorKind.STAFF, "preview", role=Role.OWNER, permissions=GRANTS[Role.OWNER])


def _wanted(business: Business, held: document.Document, parts: Mapping[str, Any]) -> document.Document:
    """Return what publishing the draft with `parts` would make of `held`."""
    draft = Draft.objects.filter(business=business).first()
    base, chosen = (draft.base, draft.document) if draft is not None else (held, held)
    known = {name: value for name, value in chosen.items() if name in document.SECTIONS}
    wanted = document.require_readable({**known, **parts, "format": document.FORMAT})
    merged: document.Document = merging.merged(base, wanted, held)
    return merged


class _Way:
    """Somebody on their way, from the booking page to the end."""

    def __init__(self, stagehand: Actor, business: Business, language: str, stack: ExitStack) -> None:
        self.stagehand, self.business, self.language = stagehand, business, language
        self.stack = stack

    def to(self, state: State) -> Scene:
        if state in (State.BOOK, State.ERROR):
            return Scene(self.business)
        service, slot = self._bookable(online=state in _VISITS)
        if state in _NOBODY_BOOKED:
            kept = holds.hold(service, slot.start) if state is State.DETAILS else None
            return Scene(self.business, service, kept)
        if state is State.SMS:
            slot = self._in_time_for_texts(service, slot)
        appointment = self._booked(service, slot, as_staff=state is State.SMS or state in _VISITS)
        if state in (State.CONFIRMED, State.MAIL, State.SMS):
            return Scene(self.business, service, None, appointment)
        return self._visiting(state, appointment)

    def _booked(self, service: Service, slot: Slot, *, as_staff: bool) -> Appointment:
        """Book as consumers do; for what comes later as staff, whom nobody has to approve."""
        wish = lifecycle.Wish(
            service=service,
            start=slot.start,
            contact=lifecycle.Contact(NAME, EMAIL, PHONE, self.business.timezone, self.language, sms_consent=True),
            consents=tuple(one["id"] for one in service.questions if one["type"] == "consent"),
        )
        return lifecycle.book(self.stagehand if as_staff else PUBLIC, wish, answers_later=True)

    def _visiting(self, state: State, appointment: Appointment) -> Scene:
        if state is State.CANCELLED:
            appointment = lifecycle.cancel(self.stagehand, appointment)
            return self._scene(appointment)
        start, meeting = appointment.start, appointment.meeting
        if state is State.EARLY:
            assert meeting is not None, "what is online has a meeting"
            return self._scene(appointment, meeting.opens_at - 20 * _MINUTE)
        scene = self._scene(appointment, start - 4 * _MINUTE)
        if state is not State.CHECK:
            self._through(state, scene)
        return self._scene(appointment)

    def _through(self, state: State, scene: Scene) -> None:
        """Lead somebody into the waiting room, the call, and out of it."""
        assert scene.seat is not None, "what is online has a seat for whoever booked"
        assert scene.appointment is not None, "somebody booked"
        waiting.arrive(scene.seat.ref)
        waiting.report_devices(scene.seat.ref, {"mic": "ok", "cam": "ok"})
        waiting.enter_waiting(scene.seat.ref)
        if state is State.WAITING:
            return
        meeting = scene.seat.meeting
        provider = scene.appointment.provider
        host = replace(self.stagehand, provider_id=provider.pk, label=provider.name)
        own = waiting.seat_for_staff(host, meeting.ref)
        waiting.arrive(own.ref)
        waiting.admit(host, scene.seat.ref, confirmed=True)
        self._at(scene.appointment.start)
        for seat in (own, scene.seat):
            calls.join_call(seat.ref)
        if state is not State.CALL:
            self._at(scene.appointment.end - 2 * _MINUTE)
            waiting.end_for_all(host, meeting.ref)

    def _scene(self, appointment: Appointment, at: datetime | None = None) -> Scene:
        if at is not None:
            self._at(at)
        fresh = Appointment.objects.select_related("service", "provider", "meeting__business").get(pk=appointment.pk)
        seats = Participant.objects.filter(meeting=fresh.meeting_id, kind=Participant.Kind.CONSUMER)
        seat = seats.select_related("meeting__business").first()
        return Scene(self.business, fresh.service, None, fresh, seat)

    def _at(self, instant: datetime) -> None:
        self.stack.enter_context(clock.standing_at(instant))

    # --- what is booked ------------------------------------------------------------------------------------------

    def _bookable(self, *, online: bool) -> tuple[Service, Slot]:
        """Return a service and when it is free: one there is, else with somebody who stands in for who will offer it.

        Raises Invalid where not even that can be booked.
        """
        service = self._service(online=online) or self._sample_service()
        slot = availability.next_free(service, clock.now())
        if slot is None:
            service = self._with_stand_in(service)
            slot = availability.next_free(service, clock.now())
        if slot is None:
            words = _("No time of %(name)s can be booked by these rules, so this cannot be shown. Look at its rules.")
            raise Invalid(words % {"name": service.name}, field="services")
        return service, slot

    def _in_time_for_texts(self, service: Service, slot: Slot) -> Slot:
        """Return a time so far ahead, where there is one, that the reminders by text message still leave."""
        sent = [one.ahead for one in choices.of(self.business).reminders(service.ref) if one.channel == choices.SMS]
        for ahead in sorted(sent, reverse=True):
            later = availability.next_free(service, clock.now() + timedelta(minutes=ahead + 1))
            if later is not None:
                return later
        return slot

    def _service(self, *, online: bool) -> Service | None:
        rows = Service.objects.filter(business=self.business, is_active=True, visibility=Service.Visibility.PUBLIC)
        shown = list(rows.select_related("business", "location"))
        return next((one for one in shown if _is_online(one)), None if online or not shown else shown[0])

    def _sample_service(self) -> Service:
        made = offerings.add_service(self.stagehand, self.business, name=_("First visit"))
        found: Service = Service.objects.select_related("business", "location").get(pk=made.pk)
        return found

    def _with_stand_in(self, service: Service) -> Service:
        """Let somebody offer the service who works every day, in place of those who cannot be booked."""
        offer = Offer(_add_stand_in(self.stagehand, self.business))
        offerings.change_service(self.stagehand, service, offers=[offer], assignment=Service.Assignment.ANY.value)
        found: Service = Service.objects.select_related("business", "location").get(pk=service.pk)
        return found


def _add_stand_in(stagehand: Actor, business: Business) -> Provider:
    """Let there be somebody who works every day."""
    made = providers.add_provider(stagehand, business, name=_("Dr Robin Example"))
    every_day = [hours.Hours(day, 8 * 60, 18 * 60) for day in range(7)]
    hours.set_hours(stagehand, business, every_day, provider=made)
    found: Provider = Provider.objects.get(pk=made.pk)
    return found


def _is_online(service: Service) -> bool:
    return service.location is None or service.location.kind == Location.Kind.ONLINE
