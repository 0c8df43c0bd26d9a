"""Finding an appointment for whoever asks, locked for the change; who may change it, and until when."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking import announcements, status
from vestibule.booking.errors import TooLateToChange, rfc3339
from vestibule.booking.models import Appointment, Service
from vestibule.meetings.models import Meeting
from vestibule.people import audit
from vestibule.people.errors import NotFound
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.store import clock

S = Appointment.Status
P = Permission


def locked(actor: Actor, appointment: Appointment) -> Appointment:
    """Return `appointment` as it is now, locked (its meeting first, as everywhere), if `actor` may see and change it.

    Raises NotFound for one the actor may not see, NotPermitted for one it may only see.
    """
    if appointment.meeting_id is not None:
        Meeting.objects.select_for_update().filter(pk=appointment.meeting_id).first()
    rows = Appointment.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=appointment.pk)
    current: Appointment | None = rows.select_related(
        "business", "service__business", "service__location", "provider", "meeting", "consumer", "series"
    ).first()
    if current is None:
        raise NotFound(_("There is no such appointment here. Check the link, or ask for a new one."))
    if actor.kind in (ActorKind.CONSUMER, ActorKind.SYSTEM) or actor.may(P.CHANGE_APPOINTMENTS):
        return current
    mine = actor.provider_id is not None and actor.provider_id in {one.pk for one in announcements.team_of(current)}
    if not (mine and actor.may(P.CHANGE_OWN_APPOINTMENTS)):
        actor.require(P.CHANGE_APPOINTMENTS)
    return current


def require_changeable(actor: Actor, appointment: Appointment) -> None:
    """Raise unless it may be moved or cancelled: nobody once it is over, consumers not within the notice.

    A request has no notice: nobody counts on it yet.
    """
    status.require(appointment, S.CANCELLED)
    if actor.kind is ActorKind.CONSUMER and not may_still_change(appointment):
        raise TooLateToChange(appointment.service.change_notice_minutes)


def may_still_change(appointment: Appointment) -> bool:
    """Tell whether its consumer may still move or cancel it, as far as the notice goes."""
    if appointment.status == S.REQUESTED:
        return True
    notice = timedelta(minutes=appointment.service.change_notice_minutes)
    return bool(clock.now() <= appointment.start - notice)


def is_staff(actor: Actor) -> bool:
    """Tell whether `actor` works for the business: a member of staff, a key, or the product itself."""
    return actor.kind in (ActorKind.STAFF, ActorKind.API_KEY, ActorKind.SYSTEM)


def require_own_business(actor: Actor, service: Service) -> None:
    """Raise NotFound if `actor` belongs to another business than `service`."""
    if actor.business_id is not None and actor.business_id != service.business_id:
        raise NotFound(_("There is no such service in your business."))


def record(actor: Actor, appointment: Appointment, action: str, **details: Any) -> None:
    """Write `appointment.<action>` into the audit trail."""
    audit.record(
        actor,
        appointment.business_id,
        f"appointment.{action}",
        "appointment",
        appointment.ref,
        summary=f"{appointment.service.name}, {rfc3339(appointment.start)}",
        **details,
    )
