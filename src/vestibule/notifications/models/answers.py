"""What came back: events of one message, and texts people sent."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.notifications.models.gateways import Gateway
from vestibule.notifications.models.outbox import OutboxMessage
from vestibule.people.models import Business, Tenanted
from vestibule.store import clock


class MessageEvent(models.Model):
    """Something that happened to a message besides what its row says: refused, put off, sent by the second gateway."""

    class What(models.TextChoices):
        REFUSED = "refused", _("not taken")
        PUT_OFF = "put_off", _("put off")
        HELD_BACK = "held_back", _("not sent")
        FELL_BACK = "fell_back", _("handed to the second gateway")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("not delivered")
        COMPLAINED = "complained", _("called unwanted")
        ANSWERED = "answered", _("answered")
        RETRIED = "retried", _("tried again by staff")

    message = models.ForeignKey(OutboxMessage, models.CASCADE, related_name="events")
    at = models.DateTimeField(default=clock.now)
    what = models.CharField(max_length=12, choices=What.choices)
    gateway = models.CharField(max_length=40, blank=True)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]


class IncomingText(models.Model):
    """A text message somebody sent to a number of a business. `external_id` is the gateway's, taken once.

    `meaning` is what it was understood as; `subject_ref` the appointment it was about, `answer` what became of it in
    words staff read.
    """

    class Meaning(models.TextChoices):
        STOP = "stop", _("no more text messages")
        START = "start", _("text messages again")
        HELP = "help", _("asks for help")
        CONFIRM = "confirm", _("comes")
        CANCEL = "cancel", _("cancels")
        LATE = "late", _("comes late")
        OTHER = "other", _("something else")

    business = models.ForeignKey(Business, models.CASCADE, related_name="incoming_texts")
    gateway = models.ForeignKey(Gateway, models.SET_NULL, null=True, blank=True, related_name="incoming")
    external_id = models.CharField(max_length=200)
    sender = models.CharField(max_length=32)
    receiver = models.CharField(max_length=32, blank=True)
    text = models.CharField(max_length=1600)
    received_at = models.DateTimeField(default=clock.now)
    meaning = models.CharField(max_length=8, choices=Meaning.choices, default=Meaning.OTHER)
    subject_ref = models.CharField(max_length=40, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["business", "sender"])]
        constraints: ClassVar = [models.UniqueConstraint(fields=["gateway", "external_id"], name="one_text_each")]
