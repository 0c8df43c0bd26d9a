"""The online place of an appointment: who may come in, who waits, and what happened."""

from typing import Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.chat.models import Thread
from vestibule.people.models import Business, Provider, Tenanted, User
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.ids import new_ref


class Meeting(models.Model):
    """An online place with a waiting room.

    It opens `opens_at` and closes `closes_at`; both move with the appointment. `epoch` counts moves of a live call
    to another backend.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        LIVE = "live", _("In progress")
        ENDED = "ended", _("Ended")
        CANCELLED = "cancelled", _("Cancelled")

    business = models.ForeignKey(Business, models.CASCADE, related_name="meetings")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    thread = models.OneToOneField(Thread, models.PROTECT, related_name="meeting")
    title = models.CharField(max_length=160)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    backend = models.CharField(max_length=20, default="p2p")
    epoch = models.PositiveIntegerField(default=1)
    went_live_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["business", "starts_at"])]


class ParticipantQuerySet(models.QuerySet[Any]):
    """Participants of meetings of one business."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the participants of meetings `actor` may see."""
        return self.filter(meeting__in=Meeting.objects.visible_to(actor))


class Participant(models.Model):
    """One person's seat in a meeting. Roles and capabilities follow ACS Rooms."""

    class Kind(models.TextChoices):
        CONSUMER = "consumer", _("Consumer")
        PROVIDER = "provider", _("Provider")
        HELPER = "helper", _("Helper")

    class Role(models.TextChoices):
        PRESENTER = "presenter", _("Presenter")
        COLLABORATOR = "collaborator", _("Collaborator")
        ATTENDEE = "attendee", _("Attendee")
        CONSUMER = "consumer", _("Consumer")

    class State(models.TextChoices):
        INVITED = "invited", _("Not here yet")
        ARRIVED = "arrived", _("Checking devices")
        WAITING = "waiting", _("Waiting")
        ADMITTED = "admitted", _("Admitted")
        IN_CALL = "in_call", _("In the call")
        LEFT = "left", _("Left")
        DENIED = "denied", _("Not admitted")
        REMOVED = "removed", _("Removed")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="participants")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    role = models.CharField(max_length=12, choices=Role.choices)
    provider = models.ForeignKey(Provider, models.SET_NULL, null=True, blank=True, related_name="seats")
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="seats")
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.INVITED)
    arrived_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    admitted_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    notice = models.CharField(max_length=500, blank=True)
    devices = models.JSONField(default=dict)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]


class MeetingEvent(models.Model):
    """What happened in a meeting, for support and for honest end pages; never media, kept 30 days."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="events")
    participant = models.ForeignKey(Participant, models.CASCADE, null=True, blank=True, related_name="events")
    at = models.DateTimeField(default=clock.now)
    kind = models.CharField(max_length=40)
    details = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["id"]
