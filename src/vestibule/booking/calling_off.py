"""Ending an appointment before it took place: its time is free at once, and everybody is told."""

from vestibule.booking import access, announcements, contacts, links, seating, status, waitlist_offers
from vestibule.booking.models import Appointment
from vestibule.booking.own_calendar import telling
from vestibule.meetings import planning
from vestibule.notifications.facts import Kind
from vestibule.people.permissions import Actor, ActorKind

S = Appointment.Status


def call_off(
    actor: Actor,
    current: Appointment,
    *,
    reason: str,
    action: str = "cancelled",
    to_consumer: Kind = Kind.CANCELLED,
    is_told: bool = True,
) -> Appointment:
    """Cancel an appointment or a request that is locked, and return it; `to_consumer` is what its consumer is told.

    Nobody is told anything unless it `is_told`. Reminders are dropped, links lead nowhere any more, and who waits is
    offered the time. Raises AlreadyCancelled, WrongStatus, Invalid naming `reason`.
    """
    status.require(current, S.CANCELLED)
    team = announcements.team_of(current)
    was_request = current.status == S.REQUESTED
    _mark(actor, current, reason)
    seating.give_back(current)
    ids = links.of(current)
    if current.meeting is not None:
        planning.cancel(current.meeting)
        links.close(current)
    says = announcements.teller(current, ids, team=team, by=actor)
    if is_told:
        says.cancelled(to_consumer=to_consumer, was_request=was_request)
    else:
        says.dropped()
    telling.went(current, team)
    access.record(actor, current, action, reason=bool(current.cancel_reason), **({} if is_told else {"told": False}))
    waitlist_offers.when_free(current.business_id)
    return current


def _mark(actor: Actor, current: Appointment, reason: str) -> None:
    current.cancel_reason = contacts.clean_text(reason, "reason", most=300)
    current.cancelled_by = "system" if actor.kind is ActorKind.SYSTEM else announcements.side_of(actor)
    current.request_expires_at = None
    current.version += 1
    current.save(update_fields=["cancel_reason", "cancelled_by", "version", "request_expires_at"])
    status.become(actor, current, S.CANCELLED)
