"""What can be booked, with whom, and what it needs."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.booking.models.hours import Schedule
from vestibule.booking.models.places import Location, Resource
from vestibule.people.models import Business, Provider, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_ref


class Service(models.Model):
    """What can be booked, with its rules. Defaults are those of Microsoft Bookings.

    `lengths` are further lengths in minutes that may be chosen beside `duration_minutes`. `follows` names the rules
    taken over from the business: whoever changes the business' rules writes them here too, so that reading a service
    is reading one row. `availability` says when it can be booked at all, in the business' zone: `{}` whenever staff
    are free, else `{"general": "free"|"closed"|"hours", "weekly": [[weekday, start, end], …], "ranges": [{"from",
    "to", "kind", "weekly"}, …]}`, local minutes since midnight, dates inclusive, the last range that holds counting.
    """

    class Alignment(models.TextChoices):
        WINDOW = "window", _("from the start of working hours")
        CLOCK = "clock", _("by the clock")
        FREE = "free", _("from the end of the appointment before")

    class Window(models.TextChoices):
        NONE = "none", _("any time ahead")
        ROLLING_DAYS = "rolling_days", _("a number of days ahead")
        ROLLING_AVAILABLE_DAYS = "rolling_available_days", _("a number of days with free times")
        RANGE = "range", _("between two dates")
        ROLLING_MINUTES = "rolling_minutes", _("a number of minutes ahead")

    class Assignment(models.TextChoices):
        ANY = "any", _("any one provider")
        ALL = "all", _("all providers together")
        MIXED = "mixed", _("fixed providers and one of each group")
        SOME = "some", _("some of the providers together")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("on the booking page")
        HIDDEN = "hidden", _("staff only")

    business = models.ForeignKey(Business, models.CASCADE, related_name="services")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=600, blank=True)
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="services")
    position = models.PositiveIntegerField(default=0)
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.PUBLIC)
    is_active = models.BooleanField(default=True)
    price_minor = models.PositiveIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)

    duration_minutes = models.PositiveIntegerField(default=30)
    lengths = models.JSONField(default=list, blank=True)
    interval_minutes = models.PositiveIntegerField(default=30)
    buffer_before_minutes = models.PositiveIntegerField(default=0)
    buffer_after_minutes = models.PositiveIntegerField(default=0)
    alignment = models.CharField(max_length=8, choices=Alignment.choices, default=Alignment.WINDOW)
    align_step_minutes = models.PositiveIntegerField(null=True, blank=True)
    alignment_timezone = models.CharField(max_length=64, blank=True)
    notice_minutes = models.PositiveIntegerField(default=24 * 60)
    change_notice_minutes = models.PositiveIntegerField(default=24 * 60)
    window_type = models.CharField(max_length=24, choices=Window.choices, default=Window.ROLLING_DAYS)
    window_days = models.PositiveIntegerField(default=365)
    window_business_days = models.BooleanField(default=False)
    window_minutes = models.PositiveIntegerField(default=0)
    window_from = models.DateField(null=True, blank=True)
    window_to = models.DateField(null=True, blank=True)
    limits = models.JSONField(default=dict, blank=True)
    seats = models.PositiveIntegerField(default=1)
    assignment = models.CharField(max_length=8, choices=Assignment.choices, default=Assignment.ANY)
    team_size = models.PositiveSmallIntegerField(default=0)
    prefers_known_provider = models.BooleanField(default=False)
    consumer_chooses_provider = models.BooleanField(default=True)
    max_open_per_consumer = models.PositiveSmallIntegerField(null=True, blank=True)
    needs_approval = models.BooleanField(default=False)
    approval_minutes = models.PositiveIntegerField(default=24 * 60)
    no_show_after_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    most_occurrences = models.PositiveSmallIntegerField(default=1)
    has_waitlist = models.BooleanField(default=False)
    asks_language_need = models.BooleanField(default=False)
    availability = models.JSONField(default=dict, blank=True)
    follows = models.JSONField(default=list, blank=True)
    colour = models.CharField(max_length=20, blank=True)
    questions = models.JSONField(default=list, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "name", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["business", "slug"], name="service_slug")]

    def __str__(self) -> str:
        return self.name


class ServiceProvider(models.Model):
    """That a provider offers a service, and how it is assigned.

    `schedule` is the one of the provider's schedules that counts for this service; unset: the usual hours. Of those
    who are free, who has the smallest `turn` comes next; taking an appointment adds to it in inverse proportion to
    `weight`, and whoever joins begins at the others' turn, so that newcomers have nothing to catch up on.
    """

    class Role(models.TextChoices):
        ONE_OF = "one_of", _("one of several")
        FIXED = "fixed", _("always takes part")

    service = models.ForeignKey(Service, models.CASCADE, related_name="offers")
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="offers")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.ONE_OF)
    group = models.CharField(max_length=40, blank=True)
    schedule = models.ForeignKey(Schedule, models.PROTECT, null=True, blank=True, related_name="offers")
    weight = models.PositiveSmallIntegerField(default=1)
    turn = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["service", "provider"], name="one_offer_each")]


class SharedQuestion(models.Model):
    """A question that a program made for a business, apart from any service; services ask it under `question_id`.

    What a service asks stands in its own `questions`, so that staff change it there for that service alone.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="shared_questions")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    label = models.CharField(max_length=200)
    choices = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]

    @property
    def question_id(self) -> str:
        """What services call it."""
        return f"q_{self.ref}"


class ServiceResource(models.Model):
    """That a service needs `quantity` units of a resource; of those that share a `group`, any one will do."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="needs")
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="needed_by")
    quantity = models.PositiveSmallIntegerField(default=1)
    group = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["service", "resource"], name="one_need_each")]
