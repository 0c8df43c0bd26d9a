"""The outbox: every e-mail and text message that is due, was sent, or could not be."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.notifications.by_program_letter import Letter
from vestibule.notifications.ports import PushAddress
from vestibule.people.models import Business, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_ref


class OutboxMessage(models.Model):
    """One message to one person over one channel.

    `key` is unique and says what it is for (`appointment ref:kind:recipient:channel:`, then its version or, of a
    reminder, its start): writing the same key again replaces what is still due. Wording is made from `kind` and
    `facts` when it is sent, so that no row holds a usable link: facts hold ids of capability links. Once sent, `sent`
    keeps subject and body only where messages are kept for reading (demonstration, or no gateway set).

    `service_ref` and `audience` are what choices, words and reports are looked up by. `used_gateway` is the business'
    own gateway that took it (`gateway` is the adapter's name), `gateway_id` the id it has there; `delivered_at` is
    when it arrived, as far as the gateway says; `report_by` until when a program waits for that, of a text that left.
    `address` is where a browser notification goes; looked up before it
    leaves and never stored. `letter` is what a program's mail says, looked up likewise.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("Text message")
        PUSH = "push", _("Browser notification")

    class State(models.TextChoices):
        QUEUED = "queued", _("Due")
        LEASED = "leased", _("Being sent")
        DONE = "done", _("Sent")
        FAILED = "failed", _("Could not be sent")
        DROPPED = "dropped", _("No longer wanted")

    business = models.ForeignKey(Business, models.CASCADE, null=True, blank=True, related_name="outbox")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    key = models.CharField(max_length=160, unique=True)
    subject_ref = models.CharField(max_length=40, blank=True, db_index=True)
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    to = models.CharField(max_length=254)
    to_name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=12, default="en")
    timezone = models.CharField(max_length=64, default="UTC")
    facts = models.JSONField(default=dict)
    due_at = models.DateTimeField(default=clock.now)
    not_after = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    next_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveIntegerField(default=0)
    leased_by = models.CharField(max_length=40, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    gateway = models.CharField(max_length=40, blank=True)
    gateway_id = models.CharField(max_length=200, blank=True)
    used_gateway = models.ForeignKey(
        "notifications.Gateway", models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    service_ref = models.CharField(max_length=16, blank=True)
    audience = models.CharField(max_length=10, blank=True)
    delivery = models.CharField(max_length=40, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    report_by = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    sent = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)

    address: PushAddress | None = None
    letter: Letter | None = None
    letter_is_read: bool = False
    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["channel", "next_at"], name="outbox_due", condition=models.Q(state="queued")),
            models.Index(fields=["leased_until"], name="outbox_leased", condition=models.Q(state="leased")),
            models.Index(fields=["gateway_id"], name="outbox_gateway_id", condition=~models.Q(gateway_id="")),
            models.Index(
                fields=["report_by"],
                name="outbox_unreported",
                condition=models.Q(state="done", delivery="", report_by__isnull=False),
            ),
        ]
