"""Whom a consumer met before, for services that offer the same person again."""

from vestibule.booking.contacts import normal_email
from vestibule.booking.models import Appointment, Seat
from vestibule.people.models import Business
from vestibule.store import clock
from vestibule.store.clock import to_minute

MOST_LOOKED_AT = 50


def providers_met(business: Business, email: str) -> tuple[int, ...]:
    """Return the providers with whom whoever has that address had appointments, the latest first.

    Appointments that were cancelled, missed or not yet held do not count.
    """
    rows = Seat.objects.filter(
        appointment__consumer__business=business,
        appointment__consumer__email_normal=normal_email(email),
        appointment__status__in=(*Appointment.ACTIVE, Appointment.Status.COMPLETED),
        appointment__end_minute__lte=to_minute(clock.now()),
        occupancy__is_active=True,
    )
    met = rows.order_by("-appointment__start_minute", "id").values_list("occupancy__provider_id", flat=True)
    return tuple(dict.fromkeys(met[:MOST_LOOKED_AT]))
