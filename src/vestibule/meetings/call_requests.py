"""The telephone as the way on: asking to be called, and the number to dial in by."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from vestibule.meetings import visit_rules
from vestibule.meetings.access import hosted_seat, locked_seat, require_going_on
from vestibule.meetings.errors import WrongState
from vestibule.meetings.listeners import happened
from vestibule.meetings.models import TURNED_AWAY, CallRequest, Meeting, Participant
from vestibule.meetings.waiting import is_staff
from vestibule.people import audit, rates, telephone
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.transactions import writing

TIMES, SECONDS = 5, 600
State = Participant.State


@dataclass(frozen=True)
class ByPhone:
    """How a visit may go on by telephone: the business' own number and code ("" for none), and whether it calls."""

    dial_in: str
    code: str
    call_me: bool

    @property
    def offers_anything(self) -> bool:
        """Tell whether there is any way at all."""
        return bool(self.dial_in) or self.call_me


def ways(business_id: int) -> ByPhone:
    """Return how visits of a business may go on by telephone."""
    rules = visit_rules.of(business_id)
    return ByPhone(rules.dial_in, rules.dial_in_code if rules.dial_in else "", rules.takes_call_requests)


def ask(seat_ref: str, phone: str) -> CallRequest:
    """Ask to be telephoned at `phone`; a request that is open gets the new number, and keeps its time.

    Before admission too: it lets nobody in. Raises NotPermitted for staff and where the business does not call,
    MeetingOver, WrongState for somebody turned away, Invalid naming `phone`, TooMany.
    """
    rates.limit("call.ask", seat_ref, TIMES, SECONDS)
    with writing():
        seat = locked_seat(seat_ref)
        require_going_on(seat.meeting)
        number = telephone.e164(phone, seat.meeting.business)
        if not number:
            words = _("This is not a phone number we can call. Enter it with its country, such as +44 20 7946 0018.")
            raise Invalid(words, field="phone")
        if telephone.is_costly(number):  # whoever waits is a stranger, and the business pays for the call
            raise Invalid(_("We do not call numbers that cost extra. Give another one."), field="phone")
        if is_staff(seat):
            raise NotPermitted(_("Staff call others; they are not called."))
        if seat.state in TURNED_AWAY:
            raise WrongState(_("Staff did not let you in. If you think this is a mistake, please call them."))
        if not ways(seat.meeting.business_id).call_me:
            raise NotPermitted(_("This business does not call back. Use the number it gives, or stay in this page."))
        found = open_of(seat)
        if found is None:
            found = CallRequest.objects.create(meeting=seat.meeting, participant=seat, phone=number)
            happened(seat.meeting, seat, "call_asked")
        elif found.phone != number:
            found.phone = number
            found.save(update_fields=["phone"])
        return found


def done(actor: Actor, seat_ref: str) -> Participant:
    """Note that staff called somebody who asked for it. Twice is once. Raises WrongState if nobody asked."""
    with writing():
        seat = hosted_seat(actor, seat_ref)
        waiting = seat.call_requests.filter(done_at__isnull=True)
        if waiting.update(done_at=clock.now(), done_by=actor.label[:160]):
            happened(seat.meeting, seat, "called", by=actor.label)
            audit.record(actor, seat.meeting.business_id, "meeting.called", "meeting", seat.meeting.ref)
        elif not seat.call_requests.exists():
            raise WrongState(_("%(name)s did not ask to be called.") % {"name": seat.name})
        return seat


def open_of(seat: Participant) -> CallRequest | None:
    """Return the request of a seat that nobody has answered yet."""
    found: CallRequest | None = seat.call_requests.filter(done_at__isnull=True).last()
    return found


def open_in(meetings: list[int]) -> dict[int, CallRequest]:
    """Return the unanswered requests of meetings (keys), by the key of the seat."""
    rows = CallRequest.objects.filter(meeting_id__in=meetings, done_at__isnull=True).order_by("id")
    return {row.participant_id: row for row in rows}


def known_number(seat: Participant, meeting: Meeting) -> str:
    """Return the number a walk-in gave, to be offered; "" for anybody else, whose number booking knows."""
    if seat.kind != Participant.Kind.CONSUMER:
        return ""
    return str(meeting.contact.get("phone", ""))
