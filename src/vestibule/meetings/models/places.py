"""The online place itself, how it is run, and what happened in it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.chat.models import Thread
from vestibule.meetings.models.areas import WaitingArea
from vestibule.people.models import Business, Provider, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_number, new_ref


class Meeting(models.Model):
    """An online place with a waiting room.

    It opens `opens_at` and closes `closes_at`; both move with the appointment. `epoch` counts moves of a live call
    to another backend. Its people wait in `area` (None: the business' default one), for `host` (None: for whoever of
    the area is free first); staff may transfer both. A walk-in has no appointment: `contact` holds what they gave
    (`email`, `phone`, `timezone`, `language`) and `reason` why they came. Nobody new gets into a locked one.

    A room was made by a program of the business: people may come again and again between `opens_at` and `closes_at`,
    and `dials_out` says whether the program wants telephones rung from it. `number` is what programs call a meeting by.
    """

    class Kind(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")
        WALK_IN = "walk_in", _("Walk-in")
        ROOM = "room", _("Room")

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        LIVE = "live", _("In progress")
        ENDED = "ended", _("Ended")
        CANCELLED = "cancelled", _("Cancelled")

    business = models.ForeignKey(Business, models.CASCADE, related_name="meetings")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    number = models.BigIntegerField(unique=True, default=new_number)
    created_at = models.DateTimeField(default=clock.now)
    thread = models.OneToOneField(Thread, models.PROTECT, related_name="meeting")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SCHEDULED)
    area = models.ForeignKey(WaitingArea, models.SET_NULL, null=True, blank=True, related_name="meetings")
    host = models.ForeignKey(Provider, models.SET_NULL, null=True, blank=True, related_name="hosted_meetings")
    title = models.CharField(max_length=160)
    reason = models.CharField(max_length=300, blank=True)
    contact = models.JSONField(default=dict, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    backend = models.CharField(max_length=20, default="p2p")
    epoch = models.PositiveIntegerField(default=1)
    is_locked = models.BooleanField(default=False)
    dials_out = models.BooleanField(default=False)
    went_live_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["business", "starts_at"]),
            models.Index(fields=["business", "closes_at"]),
            models.Index(fields=["business", "number"], condition=models.Q(kind="room"), name="rooms_by_number"),
        ]


class VisitRules(models.Model):
    """How visits of a business are run. A business without a row has the defaults: `meetings.visit_rules.of`.

    `backend` is `auto` (between browsers, over an SFU where that is needed and one is set up), `p2p` or `livekit`.
    `consumers_share` and `staff_share` let them show their screen. `device_check` says whether consumers are led
    through the check of camera and microphone before they join. `history` is what somebody let in late reads of the
    chat.
    """

    class Backend(models.TextChoices):
        AUTO = "auto", _("Choose by itself")
        P2P = "p2p", _("Always between the browsers")
        LIVEKIT = "livekit", _("Always over the media server")

    class History(models.TextChoices):
        ALL = "all", _("Everything")
        SINCE_JOINING = "since_joining", _("Only what is written after they came in")

    class DeviceCheck(models.TextChoices):
        REQUIRED = "required", _("Everybody goes through it before joining")
        OFFERED = "offered", _("Whoever wants to")

    class Captions(models.TextChoices):
        OFF = "off", _("Typed captions only")
        BROWSER = "browser", _("By each person's browser, if they agree")
        SERVER = "server", _("By a speech engine of yours")

    business = models.OneToOneField(Business, models.CASCADE, related_name="visit_rules")
    backend = models.CharField(max_length=10, choices=Backend.choices, default=Backend.AUTO)
    hides_addresses = models.BooleanField(default=False)
    consumers_share = models.BooleanField(default=True)
    staff_share = models.BooleanField(default=True)
    blur = models.BooleanField(default=True)
    device_check = models.CharField(max_length=8, choices=DeviceCheck.choices, default=DeviceCheck.OFFERED)
    helper_links = models.BooleanField(default=True)
    chat = models.BooleanField(default=True)
    files = models.BooleanField(default=True)
    history = models.CharField(max_length=14, choices=History.choices, default=History.ALL)
    chat_days = models.PositiveSmallIntegerField(default=365)
    captions = models.CharField(max_length=8, choices=Captions.choices, default=Captions.OFF)
    recording = models.BooleanField(default=False)
    recording_days = models.PositiveSmallIntegerField(default=30)
    end_hint_minutes = models.PositiveSmallIntegerField(default=5)
    dial_in = models.CharField(max_length=40, blank=True)
    dial_in_code = models.CharField(max_length=20, blank=True)
    takes_call_requests = models.BooleanField(default=True)

    objects = Tenanted.as_manager()
