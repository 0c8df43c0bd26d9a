"""Who is told what, and the outbox of what they are told."""

from typing import ClassVar
from uuid import uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.people.models import Business, Tenanted
from vestibule.store import clock


class Subscription(models.Model):
    """An address that is told of some of what happens in a business, in the words of one shape.

    `shape` names an adapter in `settings.SUBSCRIPTION_SHAPES`. `address`, `life_address` (where it is told of its own
    life, Graph alone) and `client_state` are encrypted, for they hold secrets; `shown` is what of the address may be
    seen: its origin. `kinds` are those of `kinds.Kind` it is told, and `subject` is how their subjects begin; [] and ""
    are all. `wants` and `resource` are the same in the words of the shape, `owner` who of a shape's callers may see it.

    Nobody is told before the address has said that it wants to be: until `validate_by` it may do so with
    `validation_code`. `failures` in a row began at `failing_since`; what waits is tried again at `next_at`, for all of
    a subscription at once, so that one that is down costs one request. A worker has it until `leased_until` of the
    machine's clock. `slow_seconds` is how long the last answer took.
    """

    class Shape(models.TextChoices):
        EVENT_GRID = "event_grid", _("Event Grid")
        CLOUD_EVENTS = "cloud_events", _("CloudEvents 1.0")
        GRAPH = "graph", _("Microsoft Graph")

    class State(models.TextChoices):
        PENDING = "pending", _("Not confirmed yet")
        ACTIVE = "active", _("Told")
        ENDED = "ended", _("Ended")

    business = models.ForeignKey(Business, models.CASCADE, related_name="subscriptions")
    guid = models.UUIDField(unique=True, default=uuid4)
    name = models.CharField(max_length=64)
    shape = models.CharField(max_length=12, choices=Shape.choices)
    address = models.TextField()
    life_address = models.TextField(blank=True)
    client_state = models.TextField(blank=True)
    shown = models.CharField(max_length=300)
    kinds = models.JSONField(default=list, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    wants = models.JSONField(default=list, blank=True)
    resource = models.CharField(max_length=500, blank=True)
    owner = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    validation_code = models.CharField(max_length=40, blank=True)
    validate_by = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    slow_seconds = models.FloatField(default=0)
    next_at = models.DateTimeField(default=clock.now)
    leased_by = models.CharField(max_length=16, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["state", "next_at"])]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One event on its way to one subscription. `event` is what both sides know it by, the same at each try.

    `facts` are those that `kinds` documents, and are forgotten once they were taken. One that was refused in a batch
    goes `alone` at the next try, so that the others are not refused with it. `status` is what the address answered
    last (0: nothing); a `failed` one is not tried any more unless somebody says so.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waits")
        DONE = "done", _("Taken")
        FAILED = "failed", _("Given up")

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="deliveries")
    event = models.UUIDField()
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.QUEUED)
    is_alone = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    queued_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        verbose_name_plural = "deliveries"
        indexes: ClassVar = [
            models.Index(fields=["subscription", "state", "id"]),
            models.Index(fields=["finished_at"]),
        ]
