"""Calendars outside: where providers are busy besides appointments made here, and where those are shown."""

import secrets
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.people.models import Business, Provider, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_ref


class Connection(models.Model):
    """A provider's calendar account, or the address of a feed, outside.

    `access` is the address with user and password, encrypted; `host` is what of it may be shown. With `only_times` no
    entry is read, only when its owner is free. A calendar that was not reached for `tolerance_minutes` closes its
    provider's time (None: never). `next_at` and the instants of trying and reaching are of the product's clock, the
    lease is of the machine's.
    """

    class Kind(models.TextChoices):
        ICS = "ics", _("Calendar address (ICS)")
        CALDAV = "caldav", _("CalDAV account")
        OUTLOOK = "outlook", _("Outlook calendar")

    business = models.ForeignKey(Business, models.CASCADE, related_name="connections")
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="connections")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=120)
    host = models.CharField(max_length=255, blank=True)
    access = models.TextField()
    all_day_counts = models.BooleanField(default=True)
    only_times = models.BooleanField(default=False)
    tolerance_minutes = models.PositiveIntegerField(null=True, blank=True, default=60)
    last_tried_at = models.DateTimeField(null=True, blank=True)
    last_reached_at = models.DateTimeField(null=True, blank=True)
    problem_kind = models.CharField(max_length=12, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(default=clock.now, db_index=True)
    leased_by = models.CharField(max_length=16, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]


class LinkedCalendar(models.Model):
    """One calendar of a connection: whether it counts as busy, and whether appointments are shown in it.

    `token` says how far it was read; `read_whole_at` when it was last read from its beginning.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="calendars")
    address = models.CharField(max_length=500, blank=True)
    name = models.CharField(max_length=200, blank=True)
    can_write = models.BooleanField(default=False)
    counts_busy = models.BooleanField(default=True)
    receives = models.BooleanField(default=False)
    token = models.TextField(blank=True)
    read_whole_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "address"], name="one_link_each")]


def new_hook() -> str:
    """Return the secret part of an address at which somebody tells us of changes."""
    return secrets.token_urlsafe(24)


class CalendarSubscription(models.Model):
    """That a calendar's server tells us at once when something in it changes; a row for each calendar it is wanted for.

    It calls `hook`, a secret part of an address below `origin`, and names itself by `external_id` ("": not made yet).
    What is called is believed only with a key that is derived, and stored nowhere. One without a `calendar` is to be
    taken back. `is_asked` says that its server wants to hear from us before it goes on. `next_at`, `expires_at` and
    `told_at` are of the product's clock, the lease is of the machine's.
    """

    class State(models.TextChoices):
        MAKING = "making", _("Being made")
        LIVE = "live", _("Live")
        FAILED = "failed", _("Failed")

    business = models.ForeignKey(Business, models.CASCADE, related_name="calendar_subscriptions")
    calendar = models.OneToOneField(LinkedCalendar, models.SET_NULL, null=True, related_name="subscription")
    kind = models.CharField(max_length=10)
    hook = models.CharField(max_length=43, unique=True, default=new_hook)
    origin = models.CharField(max_length=255)
    external_id = models.CharField(max_length=100, blank=True, db_index=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.MAKING)
    is_asked = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    next_at = models.DateTimeField(default=clock.now, db_index=True)
    leased_by = models.CharField(max_length=16, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]


class BusyInterval(models.Model):
    """A stretch, in UTC minutes and half-open, during which a provider is taken elsewhere.

    One that `closes` is time nobody knows about, because a calendar cannot be reached: it is refused as closed.
    `external_id` names what in `calendar` it comes from.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="busy_intervals")
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="busy_intervals")
    calendar = models.ForeignKey(LinkedCalendar, models.CASCADE, null=True, blank=True, related_name="busy_intervals")
    start_minute = models.BigIntegerField()
    end_minute = models.BigIntegerField()
    source = models.CharField(max_length=40, default="manual")
    external_id = models.CharField(max_length=500, blank=True)
    summary = models.CharField(max_length=200, blank=True)
    closes = models.BooleanField(default=False)

    objects = Tenanted.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["provider", "end_minute"])]


class ShownAppointment(models.Model):
    """How an appointment is to stand in a calendar outside, and how far that is done: an outbox with one row for each.

    `content` is the entry as it should be; what is not `is_wanted` is to be taken out. `href` and `etag` say where it
    stands and in which state we left it. `differs` names what was done to it outside; our time is put back.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        LEASED = "leased", _("Being stored")
        DONE = "done", _("Stored")
        FAILED = "failed", _("Failed")

    class Difference(models.TextChoices):
        MOVED = "moved", _("Moved in the calendar")
        DELETED = "deleted", _("Deleted in the calendar")

    business = models.ForeignKey(Business, models.CASCADE, related_name="shown_appointments")
    calendar = models.ForeignKey(LinkedCalendar, models.CASCADE, related_name="shown")
    appointment = models.CharField(max_length=16, db_index=True)
    version = models.PositiveIntegerField(default=0)
    content = models.JSONField(default=dict)
    is_wanted = models.BooleanField(default=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(default=clock.now)
    leased_by = models.CharField(max_length=16, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    href = models.CharField(max_length=500, blank=True)
    etag = models.CharField(max_length=200, blank=True)
    differs = models.CharField(max_length=8, choices=Difference.choices, blank=True)
    differs_at = models.DateTimeField(null=True, blank=True)
    put_back = models.PositiveIntegerField(default=0)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="shown_due", condition=models.Q(state__in=["queued", "leased"]))
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["calendar", "appointment"], name="shown_once_per_calendar")
        ]
