"""Threads of text messages. A thread belongs to one meeting, or to a program, and knows its people by opaque keys."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.chat import markup
from vestibule.people.models import Business, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_ref

PREFIX, SUFFIX = "19:", "@thread.v2"
"""Around a thread's `ref`, what programs call it: as others call theirs, so that their libraries take it."""


class Thread(models.Model):
    """The chat of one meeting, or one that a program began: then `created_by` is the key of its identity.

    `last_seq` counts messages, `last_position` messages and notices together; `last_stamp` is the newest stamp of
    either, in milliseconds. `client_id` is what the program called its request to begin it, so that it is begun once.
    A thread goes `retention_days` after it was begun, if any. A deleted one can be neither read nor written.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="threads")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    topic = models.CharField(max_length=250, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    retention_days = models.PositiveSmallIntegerField(null=True, blank=True)
    created_by = models.CharField(max_length=40, blank=True)
    client_id = models.CharField(max_length=64, blank=True)
    last_seq = models.PositiveIntegerField(default=0)
    last_position = models.PositiveIntegerField(default=0)
    last_stamp = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"], condition=models.Q(retention_days__isnull=False), name="threads_that_go"
            ),
            models.Index(fields=["deleted_at"], condition=models.Q(deleted_at__isnull=False), name="threads_deleted"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["business", "created_by", "client_id"],
                condition=~models.Q(client_id=""),
                name="one_thread_per_request",
            ),
        ]

    @property
    def wire_id(self) -> str:
        """What programs call the thread."""
        return f"{PREFIX}{self.ref}{SUFFIX}"

    @property
    def is_of_meeting(self) -> bool:
        """Tell whether the thread belongs to a meeting: nobody began it by itself."""
        return not self.created_by


class Member(models.Model):
    """Somebody whom a program made part of a thread; whoever sits in a meeting is part of its thread without one.

    They read what has stamp `from_stamp` (milliseconds) or later, and nothing after `until_stamp` once they were
    removed. `key` is as in messages.
    """

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="members")
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=120, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    from_stamp = models.BigIntegerField(default=0)
    until_stamp = models.BigIntegerField(null=True, blank=True)
    joined_at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["key"])]
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "key"], name="one_member_per_key")]

    @property
    def shared_from(self) -> datetime:
        """Since when the thread is shared with them."""
        return clock.from_milliseconds(self.from_stamp)


class Notice(models.Model):
    """What changed about a thread, among its messages: a new topic, or who came and went.

    `by` is the key of whoever did it. `facts` is `{"topic": …}` or `{"members": [{"key", "name", "from_stamp"}]}`.
    Pages of ours do not show notices.
    """

    class Kind(models.TextChoices):
        TOPIC = "topic", _("New topic")
        ADDED = "added", _("Somebody was added")
        REMOVED = "removed", _("Somebody was removed")

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    stamp = models.BigIntegerField()
    position = models.PositiveIntegerField()
    by = models.CharField(max_length=40, blank=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["stamp"]
        indexes: ClassVar = [models.Index(fields=["at"])]
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "stamp"], name="one_notice_per_stamp")]


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
    """One message; `seq` counts from 1 in its thread without gaps. A deleted one keeps its place, not its words.

    `stamp`, milliseconds since 1970, is unique and rises in its thread, also among its notices; `position` counts both.
    `version` is the stamp at first and rises with each change. Of HTML, `text` holds only what is harmless to show.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        HTML = "html", _("HTML")

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    stamp = models.BigIntegerField()
    position = models.PositiveIntegerField()
    version = models.BigIntegerField()
    kind = models.CharField(max_length=4, choices=Kind.choices, default=Kind.TEXT)
    metadata = models.JSONField(default=dict, blank=True)
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
            models.UniqueConstraint(fields=["thread", "stamp"], name="one_message_per_stamp"),
            models.UniqueConstraint(fields=["thread", "author", "client_id"], name="one_message_per_send"),
        ]

    @property
    def words(self) -> str:
        """The message as plain text, for pages of ours and for letters."""
        return markup.plain(self.text) if self.kind == Message.Kind.HTML else self.text


class ReadMark(models.Model):
    """How far one reader has read."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="marks")
    reader = models.CharField(max_length=40)
    seq = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "reader"], name="one_mark_per_reader")]
