"""Threads of text messages. A thread belongs to one meeting or desk and knows its readers by opaque keys."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.people.models import Business, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_ref


class Thread(models.Model):
    """The chat of one meeting."""

    business = models.ForeignKey(Business, models.CASCADE, related_name="threads")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    last_seq = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()


class Attachment(models.Model):
    """A file sent in a thread. Only of a ready one anybody gets the content.

    `received` counts the bytes that have come so far of the announced `size`; the content is in `parts` until it has
    been looked at, and in `content` afterwards: of a picture what was encoded anew, with a smaller `thumbnail`.
    `ref` is secret enough to be an address, yet never enough to read it. `finished_at` is when the last byte was
    there, `checked_at` when it was looked at; `is_scanned` says that a scanner found nothing in it. `refusal` is the
    code of why nobody gets it.
    """

    class State(models.TextChoices):
        UPLOADING = "uploading", _("Being sent")
        CHECKING = "checking", _("Being checked")
        READY = "ready", _("Ready")
        REFUSED = "refused", _("Refused")
        QUARANTINED = "quarantined", _("Held back")

    business = models.ForeignKey(Business, models.CASCADE, related_name="attachments")
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="attachments")
    ref = models.CharField(max_length=32, unique=True, default=new_ref)
    author = models.CharField(max_length=40)
    author_name = models.CharField(max_length=120)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UPLOADING)
    refusal = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    content = models.BinaryField(null=True, blank=True)
    thumbnail = models.BinaryField(null=True, blank=True)
    is_scanned = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["state", "created_at"])]


class AttachmentPart(models.Model):
    """Bytes of an attachment as they came, from `offset` on, until the whole is there."""

    attachment = models.ForeignKey(Attachment, models.CASCADE, related_name="parts")
    offset = models.PositiveBigIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering: ClassVar = ["offset"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["attachment", "offset"], name="one_part_per_offset"),
        ]


class Message(models.Model):
    """One message; `seq` counts from 1 in its thread without gaps. A deleted one keeps its place, not its words."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    author = models.CharField(max_length=40)
    author_name = models.CharField(max_length=120)
    client_id = models.CharField(max_length=40)
    text = models.TextField(blank=True)
    attachment = models.OneToOneField(Attachment, models.SET_NULL, null=True, blank=True, related_name="message")
    at = models.DateTimeField(default=clock.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["seq"]
        indexes: ClassVar = [models.Index(fields=["at"])]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["thread", "seq"], name="one_message_per_seq"),
            models.UniqueConstraint(fields=["thread", "author", "client_id"], name="one_message_per_send"),
        ]


class ReadMark(models.Model):
    """How far one reader has read."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="marks")
    reader = models.CharField(max_length=40)
    seq = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "reader"], name="one_mark_per_reader")]
