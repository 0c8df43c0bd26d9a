"""What programs put into a provider's calendar here, and how far each of them has read it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.meetings.models import Meeting
from vestibule.people.models import Business, Provider, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_ref


class DiaryEvent(models.Model):
    """Time of a provider that a program put down, in UTC minutes and half-open. Nobody is booked by it.

    Shown as anything but free or working elsewhere, it takes the provider's time: `busy_id` is the row of
    `BusyInterval` that says so. `transaction` is the program's own name for it, by which one handed over twice is made
    once. `attendees` are as told, and nobody writes to them. `version` counts changes.
    """

    class Shows(models.TextChoices):
        FREE = "free", _("Free")
        TENTATIVE = "tentative", _("Tentative")
        BUSY = "busy", _("Busy")
        AWAY = "oof", _("Out of office")
        ELSEWHERE = "workingElsewhere", _("Working elsewhere")

    business = models.ForeignKey(Business, models.CASCADE, related_name="diary_events")
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="diary_events")
    meeting = models.OneToOneField(Meeting, models.SET_NULL, null=True, blank=True, related_name="diary_event")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    transaction = models.CharField(max_length=255, blank=True)
    title = models.CharField(max_length=255, blank=True)
    text = models.TextField(blank=True)
    is_html = models.BooleanField(default=True)
    place = models.CharField(max_length=255, blank=True)
    shows = models.CharField(max_length=16, choices=Shows.choices, default=Shows.BUSY)
    is_all_day = models.BooleanField(default=False)
    is_private = models.BooleanField(default=False)
    attendees = models.JSONField(default=list, blank=True)
    start_minute = models.BigIntegerField()
    end_minute = models.BigIntegerField()
    busy_id = models.BigIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["start_minute", "id"]
        indexes: ClassVar = [models.Index(fields=["provider", "end_minute"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "transaction"],
                condition=~models.Q(transaction=""),
                name="one_diary_event_by_name",
            )
        ]


class DiaryReading(models.Model):
    """How a stretch of a provider's calendar stood when a program read it, to tell it later what has changed since.

    `stood` is the state of each entry by its id; `told` are the ids that differ from the reading before, in the order
    in which they are told, those that are gone among them. Minutes are UTC. Kept 30 days after it was gone on from
    last, which `created_at` says to the hour.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="diary_readings")
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="diary_readings")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    first_minute = models.BigIntegerField()
    last_minute = models.BigIntegerField()
    stood = models.JSONField(default=dict)
    told = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now, db_index=True)

    objects = Tenanted.as_manager()
