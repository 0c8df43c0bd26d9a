"""Where a meeting is held outside, and how far that is done."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.meetings.models.places import Meeting
from vestibule.meetings.models.seats import Participant
from vestibule.people.models import Business, Tenanted
from vestibule.store import clock


class OutsidePlace(models.Model):
    """That a meeting is held outside, as a meeting in Teams or a room of Azure: an outbox with one row for each.

    `wanted` counts what we want of it, `version` says which of that stands there; a row that is not `is_wanted` is to
    be taken away. `order` is the last `ports.PlaceOrder` as JSON, `made` the `ports.PlaceMade` ({}: nothing stands
    there). Leases are of the machine's clock, all else of the product's.
    """

    class Kind(models.TextChoices):
        TEAMS = "teams", _("Meeting in Teams")
        ACS_ROOM = "acs_room", _("Room of Azure Communication Services")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        LEASED = "leased", _("Being made")
        DONE = "done", _("Made")
        FAILED = "failed", _("Failed")

    business = models.ForeignKey(Business, models.CASCADE, related_name="outside_places")
    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="outside")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    is_wanted = models.BooleanField(default=True)
    wanted = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=0)
    order = models.JSONField(default=dict)
    made = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(default=clock.now)
    leased_by = models.CharField(max_length=16, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="outside_due", condition=models.Q(state__in=["queued", "leased"]))
        ]


class OutsideIdentity(models.Model):
    """As whom somebody joins a call that a vendor carries: made for their seat, and taken away after the visit.

    `kind` is that of the account it was made by (`people.models.OutsideAccount`). No token is ever stored: `expires_at`
    is when the last one ends by itself. `revoked_at` is when tokens issued until then were taken back, `deleted_at`
    when the identity was taken away there. What cannot be done is tried again from `next_at` on.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="outside_identities")
    participant = models.OneToOneField(Participant, models.CASCADE, related_name="outside_identity")
    kind = models.CharField(max_length=20)
    external_id = models.CharField(max_length=200)
    issued_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(default=clock.now)
    problem = models.CharField(max_length=300, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="identity_left", condition=models.Q(deleted_at__isnull=True))
        ]


class OutsideThread(models.Model):
    """The copy that a business keeps of a meeting's thread at a vendor, while it is in a room there.

    `speaker` says there what is written here; `people` are the identities that take part. `said` tells of each message,
    by its number, what it is called there and as what it was last told: `[name, stamp]`.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="outside_threads")
    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="outside_thread")
    kind = models.CharField(max_length=20)
    external_id = models.CharField(max_length=200, blank=True, db_index=True)
    speaker = models.CharField(max_length=200, blank=True)
    people = models.JSONField(default=list, blank=True)
    said = models.JSONField(default=dict, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(default=clock.now)
    problem = models.CharField(max_length=300, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()
