"""When providers work, as configured. Local times are minutes since midnight."""

from typing import ClassVar

from django.db import models

from vestibule.people.models import Business, Provider, Tenanted
from vestibule.store.ids import new_ref


class Schedule(models.Model):
    """Further hours of a provider under a name, such as "Evening clinic", for services that are pinned to them.

    A provider's usual hours are the rows that name no schedule.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="schedules")
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="schedules")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    name = models.CharField(max_length=80)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "name"], name="schedule_name")]

    def __str__(self) -> str:
        return self.name


class WeeklyHours(models.Model):
    """A working window on one weekday, in local minutes since midnight; provider unset: the business' hours.

    `schedule` unset: the provider's usual hours. `weekday` 0 is Monday. `end_minute` may be 1440; an end before the
    start runs past midnight.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="weekly_hours")
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="weekly_hours")
    schedule = models.ForeignKey(Schedule, models.CASCADE, null=True, blank=True, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField()
    start_minute = models.PositiveSmallIntegerField()
    end_minute = models.PositiveSmallIntegerField()

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["weekday", "start_minute"]


class DateOverride(models.Model):
    """Other hours, or none, on one local date; provider unset: of the whole business; schedule unset: the usual."""

    business = models.ForeignKey(Business, models.CASCADE, related_name="date_overrides")
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="date_overrides")
    schedule = models.ForeignKey(Schedule, models.CASCADE, null=True, blank=True, related_name="date_overrides")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    date = models.DateField()
    is_closed = models.BooleanField(default=False)
    start_minute = models.PositiveSmallIntegerField(default=0)
    end_minute = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=120, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["date", "start_minute"]


class TimeOff(models.Model):
    """A stretch in UTC minutes during which a provider, or the whole business, takes no appointments.

    Whoever asks for the provider then is shown `redirect_to` instead, if set.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="time_off")
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="time_off")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    start_minute = models.BigIntegerField()
    end_minute = models.BigIntegerField()
    reason = models.CharField(max_length=120, blank=True)
    redirect_to = models.ForeignKey(Provider, models.SET_NULL, null=True, blank=True, related_name="stands_in_for")

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["start_minute"]


class Trip(models.Model):
    """Local dates, both included, on which a provider keeps the hours in another zone; `last` unset: for good."""

    business = models.ForeignKey(Business, models.CASCADE, related_name="trips")
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="trips")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    first = models.DateField()
    last = models.DateField(null=True, blank=True)
    timezone = models.CharField(max_length=64)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["first", "id"]


class ProviderRules(models.Model):
    """What counts for one provider in place of a service's rules; unset: the service's. Limits count all services."""

    provider = models.OneToOneField(Provider, models.CASCADE, primary_key=True, related_name="own_rules")
    buffer_before_minutes = models.PositiveIntegerField(null=True, blank=True)
    buffer_after_minutes = models.PositiveIntegerField(null=True, blank=True)
    notice_minutes = models.PositiveIntegerField(null=True, blank=True)
    limits = models.JSONField(default=dict, blank=True)
