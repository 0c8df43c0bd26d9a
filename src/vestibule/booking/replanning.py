"""Reminders of what is already booked follow when a business chooses others, or what they tell is changed.

Some appointments at a time: bookings come in between.
"""

from collections.abc import Iterable
from datetime import timedelta

from vestibule.booking import announcements
from vestibule.booking.announcements import FOLLOWS_UP_FOR
from vestibule.booking.models import Appointment
from vestibule.notifications.models import MessageRules
from vestibule.store import clock
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

AT_ONCE = 50
"""Appointments in one writing block: bookings come in between."""
MOST = 500
TOLD = frozenset({"name", "title", "email", "phone", "timezone", "location", "kind", "address"})
"""What of a business, provider, service or location reminders tell, or are addressed by."""
BACK = FOLLOWS_UP_FOR + timedelta(days=30)
"""How long ago an appointment may have ended that still gets a follow-up."""


def follow(business_id: int, changed: Iterable[str]) -> None:
    """Let reminders already written tell what is true now, if what was `changed` is in them. In its writing block."""
    if not TOLD.isdisjoint(changed):
        MessageRules.objects.update_or_create(business_id=business_id, defaults={"replanned_to": 0})


def replan_due() -> int:
    """Plan reminders anew where a business chose others; return how many appointments were looked at.

    Goes on where it stopped, also in another process; done twice it changes nothing.
    """
    looked_at = 0
    for rules in MessageRules.objects.filter(replanned_to__isnull=False):
        while looked_at < MOST and (done := _some(rules)):
            looked_at += done
    return looked_at


def _some(rules: MessageRules) -> int:
    with writing():
        current = MessageRules.objects.select_for_update().get(pk=rules.pk)
        if current.replanned_to is None:
            return 0
        rows = Appointment.objects.select_for_update(of=("self",)).filter(
            business_id=current.business_id,
            pk__gt=current.replanned_to,
            status__in=(*Appointment.ACTIVE, Appointment.Status.COMPLETED),
            end_minute__gt=to_minute(clock.now() - BACK),
        )
        some = list(rows.select_related("business", "service__location", "provider").order_by("pk")[:AT_ONCE])
        for appointment in some:
            announcements.teller(appointment).planned()
        current.replanned_to = some[-1].pk if len(some) == AT_ONCE else None
        current.save(update_fields=["replanned_to"])
        return len(some)
