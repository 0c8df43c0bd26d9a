"""Time in use: the rows by which the database refuses overlaps. Minutes are UTC, half-open."""

from typing import ClassVar

from django.db import models

from vestibule.booking.models.appointments import Appointment
from vestibule.booking.models.offers import Service
from vestibule.booking.models.places import ResourceUnit
from vestibule.people.models import Business, Provider, Tenanted
from vestibule.store import clock


class Hold(models.Model):
    """Somebody's unfinished booking. It blocks until the second `expires_at`, and is invisible to its holder.

    `client` says who asked (a hash), so that nobody keeps many times. Its seats are what blocks.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="holds")
    ref = models.CharField(max_length=32, unique=True)
    client = models.CharField(max_length=64, blank=True, db_index=True)
    service = models.ForeignKey(Service, models.CASCADE, related_name="holds")
    start_minute = models.BigIntegerField()
    end_minute = models.BigIntegerField()
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_at"])]


class Occupancy(models.Model):
    """A provider's time in use, in UTC minutes: the row the database guards against overlap while it is active.

    `start_minute`/`end_minute` are the guarded stretch: buffers included where the business adds both buffers
    (rule `sum`), else the bare time, the buffers then being checked under the provider's lock. `shown_start`,
    `shown_end`, `buffer_before` and `buffer_after` are what the engine is told. Who uses it is in its seats: one for
    an appointment or a hold, several for a session of a group service.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="occupancies")
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="occupancies")
    service = models.ForeignKey(Service, models.CASCADE, related_name="occupancies")
    start_minute = models.BigIntegerField()
    end_minute = models.BigIntegerField()
    shown_start = models.BigIntegerField()
    shown_end = models.BigIntegerField()
    buffer_before = models.PositiveIntegerField(default=0)
    buffer_after = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    objects = Tenanted.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["provider", "end_minute"], name="occupancy_live", condition=models.Q(is_active=True))
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="occupancy_is_a_stretch",
                condition=models.Q(
                    start_minute__gte=0, end_minute__lt=1 << 32, end_minute__gt=models.F("start_minute")
                ),
            )
        ]


class Seat(models.Model):
    """One place in an occupancy, of an appointment or of a hold; numbers are unique, so seats cannot be oversold."""

    occupancy = models.ForeignKey(Occupancy, models.CASCADE, related_name="seats")
    appointment = models.ForeignKey(Appointment, models.CASCADE, null=True, blank=True, related_name="seats")
    hold = models.ForeignKey(Hold, models.CASCADE, null=True, blank=True, related_name="seats")
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["occupancy", "number"], name="one_user_per_seat"),
            models.UniqueConstraint(fields=["occupancy", "appointment"], name="one_seat_per_appointment"),
            models.CheckConstraint(
                name="seat_has_one_user",
                condition=models.Q(appointment__isnull=False, hold__isnull=True)
                | models.Q(appointment__isnull=True, hold__isnull=False),
            ),
        ]


class ResourceUse(models.Model):
    """A unit of a resource in use, guarded like a provider's time. It lives and dies with an occupancy.

    The stretch is the appointment's with the buffers of its service (where both are added), whoever takes it; a team's
    appointment has it with its first member's occupancy, a session of a group service once.
    """

    occupancy = models.ForeignKey(Occupancy, models.CASCADE, related_name="resources")
    unit = models.ForeignKey(ResourceUnit, models.CASCADE, related_name="uses")
    start_minute = models.BigIntegerField()
    end_minute = models.BigIntegerField()
    is_active = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "end_minute"], name="unit_live", condition=models.Q(is_active=True))
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="use_is_a_stretch",
                condition=models.Q(
                    start_minute__gte=0, end_minute__lt=1 << 32, end_minute__gt=models.F("start_minute")
                ),
            )
        ]
