"""What makes a provider busy besides appointments made here."""

from typing import ClassVar

from django.db import models

from vestibule.people.models import Business, Provider, Tenanted


class BusyInterval(models.Model):
    """A stretch, in UTC minutes and half-open, during which a provider is taken elsewhere.

    One that `closes` is time nobody knows about, because a calendar cannot be reached: it is refused as closed.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="busy_intervals")
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="busy_intervals")
    start_minute = models.BigIntegerField()
    end_minute = models.BigIntegerField()
    source = models.CharField(max_length=40, default="manual")
    external_id = models.CharField(max_length=200, blank=True)
    summary = models.CharField(max_length=200, blank=True)
    closes = models.BooleanField(default=False)

    objects = Tenanted.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["provider", "end_minute"])]
