"""Who may be written to: addresses that bounced or complained, and who agreed to text messages or said stop."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.notifications.models.outbox import OutboxMessage
from vestibule.people.models import Business, Tenanted
from vestibule.store import clock


class Address(models.Model):
    """What is known of one address (normalised e-mail) or number (E.164) of a business; no row: nothing is.

    `stopped_at` is when its owner said stop; `bounced_at` when it was found not to exist, `complained_at` when what
    came was called unwanted. Nothing is sent while one of them is set.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="addresses")
    channel = models.CharField(max_length=5, choices=OutboxMessage.Channel.choices)
    value = models.CharField(max_length=254)
    stopped_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=300, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        verbose_name_plural = "addresses"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["business", "channel", "value"], name="one_address_each")
        ]


class ConsentEntry(models.Model):
    """That somebody agreed to messages, or withdrew: when, how and to which words. Never altered.

    It is proof of why an address was written to, or not, so that no time makes it go: only with its business.
    """

    class Source(models.TextChoices):
        BOOKING = "booking", _("booking page")
        MANAGE = "manage", _("page of the appointment")
        STAFF = "staff", _("entered by staff")
        TEXT = "text", _("text message")
        API = "api", _("API")

    business = models.ForeignKey(Business, models.CASCADE, related_name="consent_entries")
    channel = models.CharField(max_length=5, choices=OutboxMessage.Channel.choices)
    value = models.CharField(max_length=254)
    agrees = models.BooleanField()
    at = models.DateTimeField(default=clock.now)
    source = models.CharField(max_length=8, choices=Source.choices)
    wording = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=12, blank=True)
    subject_ref = models.CharField(max_length=40, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["business", "channel", "value"])]
