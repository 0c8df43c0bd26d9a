"""Who waits for a time that becomes free."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.booking.models.appointments import Appointment
from vestibule.booking.models.offers import Service
from vestibule.booking.models.usage import Hold
from vestibule.people.models import Business, Provider, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_ref


class WaitlistEntry(models.Model):
    """Somebody who wants an earlier time, or any: offered what becomes free, in the order they came.

    Local dates `first` to `last`, both included, in `timezone`; `day_parts` some of morning, afternoon and evening, or
    none for all. While `offered`, the time at `offered_start` is held for them until `offer_expires_at`. `passed` are
    the starts (UTC minutes) that were offered and not taken: they are not offered again. `offers_made` counts the
    offers since they last answered one. Without `takes_texts` offers go by mail alone.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        OFFERED = "offered", _("A time is offered")
        BOOKED = "booked", _("Booked")
        GONE = "gone", _("No longer waiting")

    business = models.ForeignKey(Business, models.CASCADE, related_name="waitlist")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    service = models.ForeignKey(Service, models.CASCADE, related_name="waitlist")
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="waitlist")
    length_minutes = models.PositiveIntegerField()
    appointment = models.ForeignKey(Appointment, models.SET_NULL, null=True, blank=True, related_name="waitlist")
    name = models.CharField(max_length=120)
    email = models.EmailField()
    phone = models.CharField(max_length=32, blank=True)
    takes_texts = models.BooleanField(default=True)
    timezone = models.CharField(max_length=64)
    language = models.CharField(max_length=12, default="en")
    first = models.DateField()
    last = models.DateField()
    day_parts = models.JSONField(default=list, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    hold = models.ForeignKey(Hold, models.SET_NULL, null=True, blank=True, related_name="waitlist")
    offered_start = models.BigIntegerField(null=True, blank=True)
    offer_expires_at = models.DateTimeField(null=True, blank=True)
    passed = models.JSONField(default=list, blank=True)
    offers_made = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        verbose_name_plural = "waitlist entries"
        indexes: ClassVar = [models.Index(fields=["business", "status", "service"])]
