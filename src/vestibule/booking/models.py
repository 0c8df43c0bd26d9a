"""Services and rules as configured; appointments, holds, and the rows by which the database refuses overlaps.

Booked times are integer UTC minutes, half-open. See `guards.py` for the constraint and the triggers.
"""

from typing import Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.meetings.models import Meeting
from vestibule.people.models import Business, Consumer, Provider, Tenanted
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.store import clock
from vestibule.store.ids import new_ref


class Location(models.Model):
    """Where an appointment takes place: online, at an address, or by telephone."""

    class Kind(models.TextChoices):
        ONLINE = "online", _("Online visit")
        PLACE = "place", _("In person")
        PHONE = "phone", _("By telephone")

    business = models.ForeignKey(Business, models.CASCADE, related_name="locations")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.ONLINE)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=300, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """What can be booked, with its rules. Defaults are those of Microsoft Bookings."""

    class Alignment(models.TextChoices):
        WINDOW = "window", _("from the start of working hours")
        CLOCK = "clock", _("by the clock")
        FREE = "free", _("from the end of the appointment before")

    class Window(models.TextChoices):
        NONE = "none", _("any time ahead")
        ROLLING_DAYS = "rolling_days", _("a number of days ahead")
        ROLLING_AVAILABLE_DAYS = "rolling_available_days", _("a number of days with free times")
        RANGE = "range", _("between two dates")
        ROLLING_MINUTES = "rolling_minutes", _("a number of minutes ahead")

    class Assignment(models.TextChoices):
        ANY = "any", _("any one provider")
        ALL = "all", _("all providers together")
        MIXED = "mixed", _("fixed providers and one of each group")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("on the booking page")
        HIDDEN = "hidden", _("staff only")

    business = models.ForeignKey(Business, models.CASCADE, related_name="services")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=600, blank=True)
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="services")
    position = models.PositiveIntegerField(default=0)
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.PUBLIC)
    is_active = models.BooleanField(default=True)
    price_minor = models.PositiveIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)

    duration_minutes = models.PositiveIntegerField(default=30)
    interval_minutes = models.PositiveIntegerField(default=30)
    buffer_before_minutes = models.PositiveIntegerField(default=0)
    buffer_after_minutes = models.PositiveIntegerField(default=0)
    alignment = models.CharField(max_length=8, choices=Alignment.choices, default=Alignment.WINDOW)
    align_step_minutes = models.PositiveIntegerField(null=True, blank=True)
    alignment_timezone = models.CharField(max_length=64, blank=True)
    notice_minutes = models.PositiveIntegerField(default=24 * 60)
    change_notice_minutes = models.PositiveIntegerField(default=24 * 60)
    window_type = models.CharField(max_length=24, choices=Window.choices, default=Window.ROLLING_DAYS)
    window_days = models.PositiveIntegerField(default=365)
    window_business_days = models.BooleanField(default=False)
    window_minutes = models.PositiveIntegerField(default=0)
    window_from = models.DateField(null=True, blank=True)
    window_to = models.DateField(null=True, blank=True)
    limits = models.JSONField(default=dict, blank=True)
    seats = models.PositiveIntegerField(default=1)
    assignment = models.CharField(max_length=8, choices=Assignment.choices, default=Assignment.ANY)
    consumer_chooses_provider = models.BooleanField(default=True)
    questions = models.JSONField(default=list, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "name", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["business", "slug"], name="service_slug")]

    def __str__(self) -> str:
        return self.name


class ServiceProvider(models.Model):
    """That a provider offers a service, and how it is assigned."""

    class Role(models.TextChoices):
        ONE_OF = "one_of", _("one of several")
        FIXED = "fixed", _("always takes part")

    service = models.ForeignKey(Service, models.CASCADE, related_name="offers")
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="offers")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.ONE_OF)
    group = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["service", "provider"], name="one_offer_each")]


class WeeklyHours(models.Model):
    """A working window on one weekday, in local minutes since midnight; provider unset: the business' hours.

    `weekday` 0 is Monday. `end_minute` may be 1440; an end before the start runs past midnight.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="weekly_hours")
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField()
    start_minute = models.PositiveSmallIntegerField()
    end_minute = models.PositiveSmallIntegerField()

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["weekday", "start_minute"]


class DateOverride(models.Model):
    """Other hours, or none, on one local date; provider unset: of the whole business."""

    business = models.ForeignKey(Business, models.CASCADE, related_name="date_overrides")
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="date_overrides")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    date = models.DateField()
    is_closed = models.BooleanField(default=False)
    start_minute = models.PositiveSmallIntegerField(default=0)
    end_minute = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=120, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["date", "start_minute"]


class TimeOff(models.Model):
    """A stretch in UTC minutes during which a provider, or the whole business, takes no appointments."""

    business = models.ForeignKey(Business, models.CASCADE, related_name="time_off")
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="time_off")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    start_minute = models.BigIntegerField()
    end_minute = models.BigIntegerField()
    reason = models.CharField(max_length=120, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["start_minute"]


class AppointmentQuerySet(Tenanted):
    """Appointments, by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Return what `actor` may see: staff by role, a key by its scopes, a consumer what its link opens."""
        if actor.kind is ActorKind.CONSUMER:
            return self.filter(ref__in=actor.subjects)
        mine = super().visible_to(actor)
        if not actor.may(Permission.SEE_APPOINTMENTS):
            if actor.provider_id is None:
                return self.none()
            takes_part = Seat.objects.filter(
                appointment_id=models.OuterRef("pk"), occupancy__provider_id=actor.provider_id
            )
            return mine.filter(models.Q(provider_id=actor.provider_id) | models.Exists(takes_part))
        return mine


class Appointment(models.Model):
    """Booked time: what, with whom, when, for which consumer.

    `version` counts changes and is the SEQUENCE of its calendar invitation. Name, e-mail and phone are as given for
    this appointment. `start_minute`/`end_minute` are what is shown; buffers are in the occupancies.
    """

    class Status(models.TextChoices):
        BOOKED = "booked", _("Booked")
        ARRIVED = "arrived", _("Arrived")
        WAITING = "waiting", _("Waiting")
        IN_VISIT = "in_visit", _("In visit")
        COMPLETED = "completed", _("Completed")
        NO_SHOW = "no_show", _("Did not come")
        CANCELLED = "cancelled", _("Cancelled")

    ACTIVE: ClassVar = (Status.BOOKED, Status.ARRIVED, Status.WAITING, Status.IN_VISIT)

    business = models.ForeignKey(Business, models.CASCADE, related_name="appointments")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    service = models.ForeignKey(Service, models.PROTECT, related_name="appointments")
    consumer = models.ForeignKey(Consumer, models.PROTECT, related_name="appointments")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="appointments")
    meeting = models.OneToOneField(Meeting, models.PROTECT, null=True, blank=True, related_name="appointment")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.BOOKED)
    version = models.PositiveIntegerField(default=0)
    start_minute = models.BigIntegerField()
    end_minute = models.BigIntegerField()
    name = models.CharField(max_length=120)
    email = models.EmailField()
    phone = models.CharField(max_length=32, blank=True)
    timezone = models.CharField(max_length=64)
    language = models.CharField(max_length=12, default="en")
    answers = models.JSONField(default=dict, blank=True)
    consents = models.JSONField(default=list, blank=True)
    helpers = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True)
    price_minor = models.PositiveIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    booked_via = models.CharField(max_length=20, default="page")
    running_late_minutes = models.PositiveIntegerField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=10, blank=True)
    cancel_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = AppointmentQuerySet.as_manager()

    # What booking it just made known, so that whoever shows it need not read it back.
    fresh_addresses: tuple[str, str] | None = None
    fresh_history: "list[StatusChange] | None" = None

    class Meta:
        ordering: ClassVar = ["start_minute", "id"]
        indexes: ClassVar = [
            models.Index(fields=["business", "start_minute"]),
            models.Index(fields=["business", "status", "start_minute"]),
            models.Index(fields=["provider", "start_minute"]),
            models.Index(fields=["consumer", "start_minute"]),
        ]

    @property
    def start(self) -> Any:
        """The aware UTC start."""
        return clock.from_minute(self.start_minute)

    @property
    def end(self) -> Any:
        """The aware UTC end."""
        return clock.from_minute(self.end_minute)


class StatusChange(models.Model):
    """Who took an appointment to which status, when."""

    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="status_changes")
    status = models.CharField(max_length=10, choices=Appointment.Status.choices)
    at = models.DateTimeField(default=clock.now)
    by_kind = models.CharField(max_length=10)
    by_label = models.CharField(max_length=160)

    class Meta:
        ordering: ClassVar = ["id"]


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
