"""Businesses, their staff, providers and consumers, and which rows somebody may see."""

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.people.permissions import Actor, ActorKind, Role
from vestibule.store import clock
from vestibule.store.ids import new_ref


class Tenanted(models.QuerySet[Any]):
    """Rows of one business. Whoever asks sees the rows of the own business only, the system sees all."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the rows `actor` may see; nothing for somebody without a business."""
        if actor.kind is ActorKind.SYSTEM:
            return self
        if actor.business_id is None or actor.kind is ActorKind.CONSUMER:
            return self.none()
        return self.filter(business_id=actor.business_id)


class Business(models.Model):
    """An organisation that offers appointments; a wall between tenants.

    `booking_rules` are the rules services follow unless they have their own, by the names of `Service`'s fields.
    It is closed on the public holidays of `holiday_country` (ISO 3166) and `holiday_region` ("": none are kept), but
    for the dates in `open_holidays` ("2026-12-24"). `messages_stamp` changes whenever a setting of its messages does,
    so that what was read of them may be kept; `experience_stamp` does so for what consumers see of it.

    `brand` is `{"colour", "font", "corners", "density", "scheme"}` as `people.brand` reads it; without a colour of its
    own the business has the one named by `accent`. `languages` are those offered to consumers, [] all that are shipped.
    Only one that `is_published` takes bookings from consumers by themselves; staff book for them all the same.
    """

    class BufferRule(models.TextChoices):
        SUM = "sum", _("both buffers, one after the other")
        MAX = "max", _("the longer of the two buffers")
        NEW_ONLY = "new_only", _("only the new appointment's buffers")

    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    industry = models.CharField(max_length=40, default="other")
    tagline = models.CharField(max_length=200, blank=True)
    timezone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=12, default="en")
    week_start = models.CharField(max_length=3, default="mon")
    accent = models.CharField(max_length=20, default="lake")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    privacy_url = models.URLField(blank=True)
    terms_url = models.URLField(blank=True)
    languages = models.JSONField(default=list, blank=True)
    brand = models.JSONField(default=dict, blank=True)
    logo = models.ForeignKey("BrandImage", models.SET_NULL, null=True, blank=True, related_name="+")
    favicon = models.ForeignKey("BrandImage", models.SET_NULL, null=True, blank=True, related_name="+")
    buffer_rule = models.CharField(max_length=10, choices=BufferRule.choices, default=BufferRule.SUM)
    booking_rules = models.JSONField(default=dict, blank=True)
    max_open_per_consumer = models.PositiveSmallIntegerField(null=True, blank=True)
    is_published = models.BooleanField(default=True)
    holiday_country = models.CharField(max_length=2, blank=True)
    holiday_region = models.CharField(max_length=10, blank=True)
    open_holidays = models.JSONField(default=list, blank=True)
    messages_stamp = models.CharField(max_length=16, default=new_ref)
    experience_stamp = models.CharField(max_length=16, default=new_ref)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name_plural = "businesses"

    def __str__(self) -> str:
        return self.name

    @property
    def tone(self) -> str:
        """The colour that mails and papers take up: the own one as "#rrggbb", else the name of the accent."""
        return str(self.brand.get("colour") or self.accent)


class BrandImage(models.Model):
    """A logo or a favicon, drawn anew from what was sent; it never changes, so that earlier versions keep theirs.

    `alternative` says what is seen, for who does not see it. Whoever knows `ref` may see it.
    """

    class Kind(models.TextChoices):
        LOGO = "logo", _("Logo")
        FAVICON = "favicon", _("Icon of the tab")

    business = models.ForeignKey(Business, models.CASCADE, related_name="brand_images")
    ref = models.CharField(max_length=32, unique=True, default=new_ref)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    media_type = models.CharField(max_length=40)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    alternative = models.CharField(max_length=200, blank=True)
    content = models.BinaryField()
    created_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()


class UserManager(BaseUserManager["User"]):
    """Makes users; there is no default password anywhere, an unset one is unusable."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody who signs in: a member of staff of one or more businesses."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=12, default="en")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = []

    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email


class Membership(models.Model):
    """What role a user has in a business."""

    business = models.ForeignKey(Business, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=[(role.value, role.value) for role in Role])
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["business", "user"], name="one_role_each")]


class Provider(models.Model):
    """The person a consumer meets.

    `presence` is what those who wait see. Somebody who stepped away by hand (`stepped_away_at`) is away also with the
    desk open, until they come back; `away_words` say why, or when.
    """

    class Presence(models.TextChoices):
        AWAY = "away", _("Away")
        READY = "ready", _("Ready")
        IN_VISIT = "in_visit", _("In a visit")

    business = models.ForeignKey(Business, models.CASCADE, related_name="providers")
    membership = models.OneToOneField(Membership, models.SET_NULL, null=True, blank=True, related_name="provider")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    is_active = models.BooleanField(default=True)
    uses_business_hours = models.BooleanField(default=True)
    presence = models.CharField(max_length=10, choices=Presence.choices, default=Presence.AWAY)
    stepped_away_at = models.DateTimeField(null=True, blank=True)
    away_words = models.CharField(max_length=120, blank=True)
    last_booked_at = models.DateTimeField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    mask_version = models.PositiveBigIntegerField(default=0)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "name", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["business", "slug"], name="provider_slug")]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> str:
        """The IANA zone of this provider's working hours: the own one, or the business'."""
        return self.timezone or self.business.timezone


class Consumer(models.Model):
    """Somebody from outside who books. No account; found again by the normalised e-mail address.

    Name and phone here are those first given, since anybody can type somebody else's address; each appointment keeps
    what was given with it.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="consumers")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    name = models.CharField(max_length=120)
    email = models.EmailField()
    email_normal = models.EmailField()
    phone = models.CharField(max_length=32, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["business", "email_normal"], name="one_consumer_per_email")
        ]

    def __str__(self) -> str:
        return self.name
