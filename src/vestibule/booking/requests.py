"""Requests: appointments that wait for staff to say yes. They take their time until answered, or until they expire."""

from django.utils.translation import gettext as _

from vestibule.booking import access, announcements, links, making, status
from vestibule.booking.calling_off import call_off
from vestibule.booking.errors import WrongStatus
from vestibule.booking.models import Appointment
from vestibule.notifications.facts import Kind
from vestibule.people.errors import NotPermitted
from vestibule.people.models import Business
from vestibule.people.permissions import SYSTEM, Actor
from vestibule.store import clock
from vestibule.store.transactions import writing

S = Appointment.Status
MOST_AT_ONCE = 200


def approve(actor: Actor, appointment: Appointment) -> Appointment:
    """Turn a request into a booked appointment: meeting and visit links are made, both sides told, reminders planned.

    Staff, keys and the own provider only. Raises NotPermitted, WrongStatus (no request any more), AlreadyCancelled.
    """
    with writing():
        current = _asked(actor, appointment)
        if _is_late(current):
            raise WrongStatus(str(current.status), _("The time to answer this request is over, so it has ended."))
        team = announcements.team_of(current)
        current.meeting, _invited, current.helpers = making.meet(
            current.service, current.name, current.start_minute, current.end_minute, team, current.helpers
        )
        current.request_expires_at = None
        current.save(update_fields=["meeting", "helpers", "request_expires_at"])
        status.become(actor, current, S.BOOKED)
        announcements.teller(current, links.renew(current), team=team, by=actor).approved()
        access.record(actor, current, "approved")
        return current


def decline(actor: Actor, appointment: Appointment, *, reason: str = "") -> Appointment:
    """Turn a request down: it is cancelled by the business, its time is free, the consumer is told, with `reason`.

    Raises as `approve`.
    """
    with writing():
        current = _asked(actor, appointment)
        return call_off(actor, current, reason=reason, action="declined", to_consumer=Kind.DECLINED)


def expire_due() -> int:
    """Cancel every request nobody answered in time and tell its consumer; return how many there were."""
    overdue = Appointment.objects.filter(
        business__in=Business.objects.all(), status=S.REQUESTED, request_expires_at__lte=clock.now()
    )
    return sum(expire(one) for one in overdue.order_by("start_minute")[:MOST_AT_ONCE])


def expire(appointment: Appointment) -> bool:
    """Cancel a request if its time to be answered is over; tell whether it was."""
    with writing():
        current = access.locked(SYSTEM, appointment)
        if current.status != S.REQUESTED or not _is_late(current):
            return False
        call_off(SYSTEM, current, reason="", action="expired", to_consumer=Kind.REQUEST_EXPIRED)
        return True


def _asked(actor: Actor, appointment: Appointment) -> Appointment:
    """Return the locked request for whoever may answer it."""
    current = access.locked(actor, appointment)
    if not access.is_staff(actor):
        raise NotPermitted(_("Only staff can answer a request. You can withdraw it by cancelling."))
    status.require(current, S.CANCELLED)
    if current.status != S.REQUESTED:
        words = _("This request was answered already. Load the page again to see how it stands.")
        raise WrongStatus(str(current.status), words)
    return current


def _is_late(current: Appointment) -> bool:
    return current.request_expires_at is not None and current.request_expires_at <= clock.now()
