"""Where people wait, what they see meanwhile, and how staff learn of them."""

from typing import ClassVar

from django.db import models

from vestibule.people.models import Business, Membership, Provider, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_ref


class WaitingArea(models.Model):
    """A waiting room of a business: the default one, for everybody, or that of a group of providers.

    `hours` are when walk-ins may come: `{"day": 0-6 (Monday 0), "start": minute, "end": minute}` in the business'
    zone; none: always. A closed one (`closed_at`, until `closed_until` or by hand) takes nobody new and shows
    `closed_words`; who waits already goes on waiting. A wait of `amber_minutes` and of `red_minutes` changes its
    colour. `identity_fields` are what is confirmed before admission: of `identity.FIELDS`.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="waiting_areas")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    providers = models.ManyToManyField(Provider, related_name="waiting_areas", blank=True)
    takes_walk_ins = models.BooleanField(default=False)
    walk_in_minutes = models.PositiveSmallIntegerField(default=15)
    hours = models.JSONField(default=list, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_until = models.DateTimeField(null=True, blank=True)
    closed_words = models.CharField(max_length=300, blank=True)
    amber_minutes = models.PositiveSmallIntegerField(default=5)
    red_minutes = models.PositiveSmallIntegerField(default=15)
    identity_fields = models.JSONField(default=list, blank=True)
    content_title = models.CharField(max_length=120, blank=True)
    content_text = models.TextField(blank=True)
    content_media = models.ForeignKey(
        "AreaMedia", models.SET_NULL, null=True, blank=True, related_name="shown_in_areas"
    )
    support_phone = models.CharField(max_length=32, blank=True)
    shows_position = models.BooleanField(default=True)
    shows_expected_wait = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["business", "slug"], name="waiting_area_slug"),
            models.UniqueConstraint(
                fields=["business"], condition=models.Q(is_default=True), name="one_default_waiting_area"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AreaMedia(models.Model):
    """A picture (encoded anew) or a short film shown to who waits; kept in the database, so that a backup holds it."""

    business = models.ForeignKey(Business, models.CASCADE, related_name="area_media")
    ref = models.CharField(max_length=32, unique=True, default=new_ref)
    media_type = models.CharField(max_length=40)
    alternative = models.CharField(max_length=200, blank=True)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    created_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()


class PreparedText(models.Model):
    """Words staff send with one tap, or that go out by themselves after `after_minutes` of waiting (None: by hand).

    Of one area, or of all of the business (`area` None).
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="prepared_texts")
    area = models.ForeignKey(WaitingArea, models.CASCADE, null=True, blank=True, related_name="prepared_texts")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    text = models.CharField(max_length=500)
    after_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "id"]


class DeskAlerts(models.Model):
    """How one member of staff learns that somebody waits: at the desk at once, by message after `after_minutes`.

    The browsers they turned it on in also tell of who just came (`push_arrived`) and after `after_minutes`
    (`push_late`), by name only with `push_names`.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="desk_alerts")
    membership = models.OneToOneField(Membership, models.CASCADE, related_name="desk_alerts")
    sound = models.BooleanField(default=True)
    title = models.BooleanField(default=True)
    desktop = models.BooleanField(default=False)
    email = models.BooleanField(default=False)
    sms = models.BooleanField(default=False)
    phone = models.CharField(max_length=32, blank=True)
    push_arrived = models.BooleanField(default=False)
    push_late = models.BooleanField(default=False)
    push_names = models.BooleanField(default=False)
    after_minutes = models.PositiveSmallIntegerField(default=5)
    only_mine = models.BooleanField(default=True)

    objects = Tenanted.as_manager()
