"""What is kept of requests: answers that may be repeated, counts, and who changed what."""

from typing import ClassVar

from django.db import models

from vestibule.people.models.tenants import Business, Tenanted
from vestibule.people.permissions import Permission
from vestibule.store import clock


class RememberedRequest(models.Model):
    """The answer to a request that carried an `Idempotency-Key`, so that its repetition changes nothing.

    `answer` is encrypted under the server secret, since answers may hold links.
    """

    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["scope", "key"], name="one_answer_per_key")]


class RateCount(models.Model):
    """How often somebody did something in the current window; only where several processes count together.

    `ends_at` is the window's end in seconds since the epoch.
    """

    scope = models.CharField(max_length=40)
    who = models.CharField(max_length=80)
    time_window = models.BigIntegerField()
    used = models.PositiveIntegerField(default=0)
    ends_at = models.BigIntegerField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["scope", "who"], name="one_count_each")]


class AuditEntry(models.Model):
    """Who changed what, when. Written in the transaction of the change; never altered."""

    business = models.ForeignKey(Business, models.CASCADE, related_name="audit")
    at = models.DateTimeField(default=clock.now)
    actor_kind = models.CharField(max_length=10)
    actor_label = models.CharField(max_length=160)
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=30)
    subject_ref = models.CharField(max_length=60)
    summary = models.CharField(max_length=300, blank=True)
    details = models.JSONField(default=dict)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["business", "subject_kind", "subject_ref"])]

    @staticmethod
    def permission() -> Permission:
        """The permission that reading the trail takes."""
        return Permission.SEE_ACTIVITY
