"""What stays of a meeting: how it went, notes, requests to be called, and recordings."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.chat.models import Attachment
from vestibule.meetings.models.places import Meeting
from vestibule.meetings.models.seats import Participant
from vestibule.people.models import Business, Tenanted, User
from vestibule.store import clock
from vestibule.store.ids import new_ref


class VisitRecord(models.Model):
    """How a meeting went, as reports count it: one row from its first event on, which outlives the log of events.

    A room that people come to again has one for each time they did; those of former times are `is_past`.

    `came_at`, `waited_from`, `seen_at` and `joined_at` are the consumer's: at the door, first in the queue, first let
    in, first in the call. `wait_seconds` is all their waiting until they were let in or gave up. `host_at` is when
    staff first came into the call, `both_at` when both sides were in it, `parted_at` when they last were. `failures`
    names who had technical trouble, by cause.
    """

    class Result(models.TextChoices):
        OPEN = "", _("Not over yet")
        SEEN = "seen", _("Took place")
        NOT_SEEN = "not_seen", _("Left before being seen")
        NOT_COME = "not_come", _("Did not come")

    business = models.ForeignKey(Business, models.CASCADE, related_name="visit_records")
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="records")
    is_past = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    came_at = models.DateTimeField(null=True, blank=True)
    waited_from = models.DateTimeField(null=True, blank=True)
    waiting_now = models.DateTimeField(null=True, blank=True)
    wait_seconds = models.PositiveIntegerField(default=0)
    seen_at = models.DateTimeField(null=True, blank=True)
    host_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    both_at = models.DateTimeField(null=True, blank=True)
    parted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=10, choices=Result.choices, default=Result.OPEN, blank=True)
    failures = models.JSONField(default=dict, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["business", "starts_at"], name="visit_record_by_start")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meeting"], condition=models.Q(is_past=False), name="one_record_a_visit")
        ]


class VisitNote(models.Model):
    """A note about a visit: a provider's own, or the one the consumer is sent afterwards (with files)."""

    class Kind(models.TextChoices):
        PRIVATE = "private", _("Only for staff")
        AFTER_VISIT = "after_visit", _("For the consumer")

    business = models.ForeignKey(Business, models.CASCADE, related_name="visit_notes")
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="notes")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="visit_notes")
    author_name = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    attachments = models.ManyToManyField(Attachment, blank=True, related_name="notes")
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]


class CallRequest(models.Model):
    """Somebody asks to be telephoned, because the browser does not work for them."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="call_requests")
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="call_requests")
    phone = models.CharField(max_length=32)
    asked_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]


class Recording(models.Model):
    """One recording of a call: nothing runs before everybody in it has agreed (`consents`: seat ref to instant)."""

    class State(models.TextChoices):
        ASKING = "asking", _("Asking everybody")
        RUNNING = "running", _("Recording")
        STOPPING = "stopping", _("Being finished")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        REFUSED = "refused", _("Somebody did not agree")
        DELETED = "deleted", _("Deleted")

    business = models.ForeignKey(Business, models.CASCADE, related_name="recordings")
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="recordings")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKING)
    asked_by = models.CharField(max_length=160)
    consents = models.JSONField(default=dict)
    backend_ref = models.CharField(max_length=80, blank=True)
    place = models.CharField(max_length=300, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True)
    seconds = models.PositiveIntegerField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    delete_after = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
