"""Seats: who may come into a meeting, and how far they have come."""

from typing import Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.meetings.models.places import Meeting
from vestibule.people.models import Provider, User
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.ids import new_ref


class ParticipantQuerySet(models.QuerySet[Any]):
    """Participants of meetings of one business."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the participants of meetings `actor` may see."""
        return self.filter(meeting__in=Meeting.objects.visible_to(actor))


class Participant(models.Model):
    """One person's seat in a meeting. Roles and capabilities follow ACS Rooms.

    `identity` is what the business confirms before letting somebody in: `{"asked": [field…], "given": {field: …}}`
    and, once checked against what was answered when booking, `"matches": {field: bool}`. Five wrong dates of birth
    lock the seat: `locked_at`. Somebody on hold waits on, behind nobody and before nobody. `identity_key` is that of
    whom a program invited by an identity it made (`people.identities`), "" for everybody else.
    """

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
        ON_HOLD = "on_hold", _("On hold")
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
    identity_key = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.INVITED)
    arrived_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    admitted_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    notice = models.CharField(max_length=500, blank=True)
    devices = models.JSONField(default=dict)
    identity = models.JSONField(default=dict, blank=True)
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    locked_at = models.DateTimeField(null=True, blank=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        # Without a condition: SQLite would not see that a key asked for is not the empty one.
        indexes: ClassVar = [models.Index(fields=["identity_key"], name="seats_by_identity")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["meeting", "identity_key"], condition=~models.Q(identity_key=""), name="one_seat_an_identity"
            )
        ]


WAITS = (Participant.State.WAITING, Participant.State.ON_HOLD)
"""The states of somebody who has a place in the queue."""
TURNED_AWAY = (Participant.State.DENIED, Participant.State.REMOVED)
"""The states of somebody staff do not want in."""


class MeetingEvent(models.Model):
    """What happened in a meeting, for support and for honest end pages; never media, kept 30 days."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="events")
    participant = models.ForeignKey(Participant, models.CASCADE, null=True, blank=True, related_name="events")
    at = models.DateTimeField(default=clock.now)
    kind = models.CharField(max_length=40)
    details = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["id"]
