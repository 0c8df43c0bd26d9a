"""What is kept of a scheduler outside: which business there, what is called what, and what is to be changed there."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.booking.models.appointments import Appointment
from vestibule.people.models import Business, Provider, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_ref


class SchedulerLink(models.Model):
    """The business outside whose services, staff and appointments stand for ours. One for each business.

    `read_at` is when its appointments were last read whole, `setup_read_at` when its set-up was. A link that `is_on`
    is read and written; one that is off only remembers names, so that an import can be repeated. Where its booking
    page stands in ours, `asks_first` says that consumers press a button before it is loaded. Leases are of the
    machine's clock, all else of the product's. `held_back` counts appointments that were missing there all at once and
    are not cancelled here before somebody says that they are meant (`may_cancel`).
    """

    business = models.OneToOneField(Business, models.CASCADE, related_name="scheduler_link")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    kind = models.CharField(max_length=20, default="bookings")
    external_id = models.CharField(max_length=320)
    name = models.CharField(max_length=160, blank=True)
    page_url = models.CharField(max_length=500, blank=True)
    asks_first = models.BooleanField(default=True)
    is_on = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)
    setup_read_at = models.DateTimeField(null=True, blank=True)
    last_tried_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    next_at = models.DateTimeField(default=clock.now, db_index=True)
    leased_by = models.CharField(max_length=16, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    held_back = models.PositiveIntegerField(default=0)
    may_cancel = models.BooleanField(default=False)

    objects = Tenanted.as_manager()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the link, and let what every process keeps of its business be read anew."""
        super().save(*args, **kwargs)
        Business.objects.filter(pk=self.business_id).update(messages_stamp=new_ref())


class OutsideName(models.Model):
    """What something of ours is called outside: `kind` is service, provider or question; `ours` its ref or id here.

    `seen` is what it last was there, so that a difference shows whose change it is.
    """

    link = models.ForeignKey(SchedulerLink, models.CASCADE, related_name="names")
    kind = models.CharField(max_length=12)
    ours = models.CharField(max_length=60)
    external_id = models.CharField(max_length=200)
    seen = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["link", "kind", "ours"], name="one_outside_name_each"),
            models.UniqueConstraint(fields=["link", "kind", "external_id"], name="one_thing_by_outside_name"),
        ]


class OutsideAppointment(models.Model):
    """How an appointment is to stand in the scheduler outside, and how far that is done: one row for each.

    `wanted` counts our changes (the appointment's version and cancellation), `version` says which of them stands
    there. `seen` is what last stood there, as both sides then agreed: whichever side differs from it has changed.
    `seen` is two descriptions, `here` and `there`, since a scheduler may write a name or a number differently than we.
    `conflict` names, for staff, what both sides changed at once and which won, in words of `outside.stating` ("":
    nothing).
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        LEASED = "leased", _("Being stored")
        DONE = "done", _("Stored")
        FAILED = "failed", _("Failed")

    business = models.ForeignKey(Business, models.CASCADE, related_name="outside_appointments")
    link = models.ForeignKey(SchedulerLink, models.CASCADE, related_name="appointments")
    appointment = models.OneToOneField(Appointment, models.CASCADE, related_name="outside")
    external_id = models.CharField(max_length=200, blank=True, db_index=True)
    is_wanted = models.BooleanField(default=True)
    wanted = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=0)
    seen = models.JSONField(default=dict, blank=True)
    join_url = models.CharField(max_length=2000, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(default=clock.now)
    leased_by = models.CharField(max_length=16, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    conflict = models.CharField(max_length=300, blank=True)
    conflict_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="scheduled_due", condition=models.Q(state__in=["queued", "leased"]))
        ]


class OutsideStray(models.Model):
    """An appointment that stands in the scheduler outside and cannot be one of ours: shown to staff, never lost.

    `reason` is why (`outside.stating` has the words): its service or staff are not known here, its time is taken here,
    or it is for a group. `content` is what is known of it; `provider` whose time it takes. It is tried again at each
    reading, and goes when it could be made, or is gone there. Staff saw it at `seen_at`.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="outside_strays")
    link = models.ForeignKey(SchedulerLink, models.CASCADE, related_name="strays")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    external_id = models.CharField(max_length=200)
    provider = models.ForeignKey(Provider, models.SET_NULL, null=True, blank=True, related_name="outside_strays")
    start_minute = models.BigIntegerField()
    end_minute = models.BigIntegerField()
    content = models.JSONField(default=dict, blank=True)
    reason = models.CharField(max_length=12)
    since = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["start_minute", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["link", "external_id"], name="one_stray_by_outside_id")
        ]
