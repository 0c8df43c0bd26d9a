"""Booked time. Minutes are UTC, half-open."""

from typing import Any, ClassVar, Self

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.booking.models.offers import Service
from vestibule.meetings.models import Meeting
from vestibule.people.models import Business, Consumer, Provider, Tenanted
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.store import clock
from vestibule.store.ids import new_ref


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
            seats = apps.get_model("booking", "Seat")
            takes_part = seats.objects.filter(
                appointment_id=models.OuterRef("pk"), occupancy__provider_id=actor.provider_id
            )
            return mine.filter(models.Q(provider_id=actor.provider_id) | models.Exists(takes_part))
        return mine


class Appointment(models.Model):
    """Booked time: what, with whom, when, for which consumer.

    `version` counts changes and is the SEQUENCE of its calendar invitation. Name, e-mail and phone are as given for
    this appointment. `start_minute`/`end_minute` are what is shown; buffers are in the occupancies. A requested one
    takes its time until `request_expires_at`. `language_need` is what an interpreter or the provider should speak.
    Without `takes_texts` the consumer gets no text message about it, whatever the number is for; without `takes_mails`
    no mail. Appointments of a group service that take place together share a `session`, "" for all others.
    The consumer said at `confirmed_at` that they come; who is late, and by how much, is in the two `late_minutes`.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Waiting for approval")
        BOOKED = "booked", _("Booked")
        ARRIVED = "arrived", _("Arrived")
        WAITING = "waiting", _("Waiting")
        IN_VISIT = "in_visit", _("In visit")
        COMPLETED = "completed", _("Completed")
        NO_SHOW = "no_show", _("Did not come")
        NOT_SEEN = "not_seen", _("Left before being seen")
        CANCELLED = "cancelled", _("Cancelled")

    # What is to take place; a request is not yet.
    ACTIVE: ClassVar = (Status.BOOKED, Status.ARRIVED, Status.WAITING, Status.IN_VISIT)
    # What takes time that is not over: the same, and requests.
    OPEN: ClassVar = (Status.REQUESTED, *ACTIVE)

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
    takes_texts = models.BooleanField(default=True)
    takes_mails = models.BooleanField(default=True)
    timezone = models.CharField(max_length=64)
    language = models.CharField(max_length=12, default="en")
    answers = models.JSONField(default=dict, blank=True)
    consents = models.JSONField(default=list, blank=True)
    language_need = models.CharField(max_length=60, blank=True)
    helpers = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True)
    price_minor = models.PositiveIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    booked_via = models.CharField(max_length=20, default="page")
    running_late_minutes = models.PositiveIntegerField(null=True, blank=True)
    provider_late_minutes = models.PositiveIntegerField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=10, blank=True)
    cancel_reason = models.CharField(max_length=300, blank=True)
    request_expires_at = models.DateTimeField(null=True, blank=True)
    session = models.CharField(max_length=16, blank=True, db_index=True)
    series = models.ForeignKey("Series", models.SET_NULL, null=True, blank=True, related_name="appointments")
    follow_up_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="follow_ups")
    label = models.CharField(max_length=40, blank=True)
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


class Series(models.Model):
    """Appointments booked together at regular intervals: every `step` weeks or months (`unit`), `count` times."""

    class Unit(models.TextChoices):
        WEEK = "week", _("week")
        MONTH = "month", _("month")

    business = models.ForeignKey(Business, models.CASCADE, related_name="series")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    unit = models.CharField(max_length=5, choices=Unit.choices)
    step = models.PositiveSmallIntegerField(default=1)
    count = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()


class Document(models.Model):
    """A file that belongs to an appointment: the answer to a question, or sent later by either side.

    Kept in the database, so that a backup holds it; at most 10 MB.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="documents")
    appointment = models.ForeignKey(Appointment, models.CASCADE, null=True, blank=True, related_name="documents")
    ref = models.CharField(max_length=32, unique=True, default=new_ref)
    question = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    from_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
