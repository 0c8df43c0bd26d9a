"""The gateways a business set up for itself, and how much went out."""

from typing import ClassVar

from django.db import models

from vestibule.notifications.models.outbox import OutboxMessage
from vestibule.people.models import Business, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_ref


class Gateway(models.Model):
    """A way to send messages that a business set up; without one, those of the installation's settings carry them.

    `kind` names the adapter in the settings `MAIL_GATEWAYS` and `SMS_GATEWAYS`. `access` is the adapter's own
    configuration as JSON, encrypted; `sender` is the address, number or name people see, `account` what of the access
    may be shown. The lowest `position` of a channel is tried first, the next when that cannot take messages. `hook`
    is the part of the callback address that names this gateway. `failing_since` is set from the first refusal that
    speaks of the gateway until something is taken again; staff were told of it at `alerted_at`.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="gateways")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    channel = models.CharField(max_length=5, choices=OutboxMessage.Channel.choices)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    sender = models.CharField(max_length=254)
    account = models.CharField(max_length=120, blank=True)
    access = models.TextField()
    hook = models.CharField(max_length=40, unique=True, default=new_ref)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    last_taken_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    alerted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["channel", "position", "id"]


class SentCount(models.Model):
    """How many messages of a channel went out on a day (UTC) to somebody: what caps are measured by.

    `scope` is `business`, `to` or `prefix`; `who` the address or the country prefix, empty for the business.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="sent_counts")
    channel = models.CharField(max_length=5)
    day = models.DateField(db_index=True)
    scope = models.CharField(max_length=8)
    who = models.CharField(max_length=254, blank=True)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["business", "channel", "day", "scope", "who"], name="one_sent_count_each")
        ]
