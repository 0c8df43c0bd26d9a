"""Words of its own that a business puts in place of the built-in ones."""

from typing import ClassVar

from django.db import models

from vestibule.notifications.models.outbox import OutboxMessage
from vestibule.people.models import Business, Tenanted
from vestibule.store import clock


class Template(models.Model):
    """What one kind of message says to one audience over one channel, in one language.

    For all services, or for one (`service_ref`), which goes first. Texts hold placeholders from a list, as
    `{consumer}`. A text message has only `body`; of a mail, an empty `subject` or `heading` leaves the built-in one.
    Facts and buttons of a mail are not part of it: nobody can word away the link to join.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="message_templates")
    service_ref = models.CharField(max_length=16, blank=True)
    kind = models.CharField(max_length=40)
    audience = models.CharField(max_length=10)
    channel = models.CharField(max_length=5, choices=OutboxMessage.Channel.choices)
    language = models.CharField(max_length=12)
    subject = models.CharField(max_length=200, blank=True)
    heading = models.CharField(max_length=200, blank=True)
    body = models.TextField(max_length=4000)
    changed_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["business", "service_ref", "kind", "audience", "channel", "language"], name="one_template_each"
            )
        ]
