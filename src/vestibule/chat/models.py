"""Threads of text messages. A thread belongs to one meeting or desk and knows its readers by opaque keys."""

from typing import ClassVar

from django.db import models

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


class Message(models.Model):
    """One message; `seq` counts from 1 in its thread without gaps."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    author = models.CharField(max_length=40)
    author_name = models.CharField(max_length=120)
    client_id = models.CharField(max_length=40)
    text = models.TextField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["seq"]
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
