"""What is known of the relays that carry media where browsers cannot reach each other."""

from typing import ClassVar

from django.db import models

from vestibule.store import clock


class RelayCheck(models.Model):
    """How one TURN address of the settings did when last asked for an allocation, and since when it does so."""

    url = models.CharField(max_length=300, unique=True)
    ok = models.BooleanField()
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    words = models.CharField(max_length=200, blank=True)
    checked_at = models.DateTimeField(default=clock.now)
    since = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["id"]
