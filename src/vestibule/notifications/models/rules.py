"""What a business lets be said, to whom, over which channel and when."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.notifications.models.outbox import OutboxMessage
from vestibule.people.models import Business, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_ref


class MessageChoice(models.Model):
    """One message switched on or off, otherwise than by default: for all services, or for one (`service_ref`).

    The service's own choice goes before the business'; `kind` and `audience` are those of `notifications.facts`.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="message_choices")
    service_ref = models.CharField(max_length=16, blank=True)
    kind = models.CharField(max_length=40)
    audience = models.CharField(max_length=10)
    channel = models.CharField(max_length=5, choices=OutboxMessage.Channel.choices)
    is_on = models.BooleanField()

    objects = Tenanted.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["business", "service_ref", "kind", "audience", "channel"], name="one_choice_each"
            )
        ]


class Reminder(models.Model):
    """One reminder, or what follows an appointment: so many minutes before its start, or after its end.

    A service with reminders of its own (`service_ref`) has those instead of the business'; a business without rows
    has the built-in ones. `words` are added to what is said.
    """

    class Side(models.TextChoices):
        BEFORE = "before", _("before it begins")
        AFTER = "after", _("after it ended")

    business = models.ForeignKey(Business, models.CASCADE, related_name="reminders")
    service_ref = models.CharField(max_length=16, blank=True)
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    side = models.CharField(max_length=6, choices=Side.choices, default=Side.BEFORE)
    offset_minutes = models.PositiveIntegerField()
    audiences = models.JSONField(default=list)
    channel = models.CharField(max_length=5, choices=OutboxMessage.Channel.choices)
    words = models.CharField(max_length=500, blank=True)
    is_on = models.BooleanField(default=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["side", "-offset_minutes", "id"]


class MessageRules(models.Model):
    """How a business sends: at which hours, how much at most, how discreetly.

    Text messages to consumers rest from `quiet_from` to `quiet_to` (minutes of the day in the reader's zone; equal:
    never). The caps are for text messages and a day (UTC); `country_prefixes` ("+44") are the only ones sent to (empty:
    every country is). `is_discreet` keeps the names of service
    and business out of text messages, subjects and calendar entries. With `asks_for_consent` consumers get text
    messages only about what they ticked the box for. Reminders were changed at `reminders_changed_at`; appointments
    made before are planned anew until `replanned_to` (an appointment's id).
    """

    business = models.OneToOneField(Business, models.CASCADE, related_name="message_rules")
    quiet_from = models.PositiveSmallIntegerField(default=0)
    quiet_to = models.PositiveSmallIntegerField(default=0)
    sms_per_day = models.PositiveIntegerField(default=2000)
    sms_per_recipient = models.PositiveSmallIntegerField(default=10)
    sms_per_prefix = models.PositiveIntegerField(default=1000)
    country_prefixes = models.JSONField(default=list, blank=True)
    is_discreet = models.BooleanField(default=False)
    waits_too_long_minutes = models.PositiveSmallIntegerField(default=15)
    asks_for_answer = models.BooleanField(default=True)
    asks_for_consent = models.BooleanField(default=False)
    mail_footer = models.CharField(max_length=500, blank=True)
    reminders_changed_at = models.DateTimeField(null=True, blank=True)
    replanned_to = models.BigIntegerField(null=True, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()
