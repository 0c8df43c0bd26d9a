"""Where appointments take place, and what they use up."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.people.models import Business, Tenanted
from vestibule.store.ids import new_ref


class Location(models.Model):
    """Where an appointment takes place: online, at an address, or by telephone."""

    class Kind(models.TextChoices):
        ONLINE = "online", _("Online visit")
        PLACE = "place", _("In person")
        PHONE = "phone", _("By telephone")

    business = models.ForeignKey(Business, models.CASCADE, related_name="locations")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.ONLINE)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=300, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Resource(models.Model):
    """A room, a device, a licence: something appointments use that there is only so much of.

    It blocks across services and providers. Its units are rows of their own, so that the database can guard each.
    """

    class Kind(models.TextChoices):
        ROOM = "room", _("Room")
        DEVICE = "device", _("Device")
        LICENCE = "licence", _("Licence")
        OTHER = "other", _("Something else")

    business = models.ForeignKey(Business, models.CASCADE, related_name="resources")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.ROOM)
    note = models.CharField(max_length=300, blank=True)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    mask_version = models.PositiveBigIntegerField(default=0)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "name", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["business", "slug"], name="resource_slug")]

    def __str__(self) -> str:
        return self.name


class ResourceUnit(models.Model):
    """One of a resource's interchangeable units. A unit taken away stays while something booked uses it."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="units")
    number = models.PositiveSmallIntegerField()
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["resource", "number"], name="one_unit_per_number")]


class ResourceClosure(models.Model):
    """A stretch in UTC minutes during which a resource cannot be used, such as maintenance."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="closures")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    start_minute = models.BigIntegerField()
    end_minute = models.BigIntegerField()
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering: ClassVar = ["start_minute"]
