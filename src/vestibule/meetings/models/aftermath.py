"""What stays of a meeting: notes, requests to be called, and recordings."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.chat.models import Attachment
from vestibule.meetings.models.places import Meeting
from vestibule.meetings.models.seats import Participant
from vestibule.people.models import Business, Tenanted, User
from vestibule.store import clock
from vestibule.store.ids import new_ref


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
