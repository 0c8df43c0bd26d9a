"""What opens something: links that are permissions, keys, accounts at vendors; and by what a set-up is done."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.people.models.tenants import Business, Tenanted
from vestibule.store import clock


class CapabilityLink(models.Model):
    """A link that is a permission: one purpose, one role, one subject, expiring, revocable.

    The token is an HMAC of `nonce` under the server secret; only its SHA-256 is stored for looking it up. One that is
    `opens_once` names the first browser that used it by the cookie it got (`used_at`), and opens nothing afterwards.
    """

    class Purpose(models.TextChoices):
        MANAGE = "manage", _("see, move or cancel an appointment")
        VISIT = "visit", _("join a visit")
        FEED = "feed", _("subscribe to a calendar")
        WAITLIST = "waitlist", _("answer the offer of a time, or leave the waitlist")

    business = models.ForeignKey(Business, models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    role = models.CharField(max_length=12)
    subject = models.CharField(max_length=40, db_index=True)
    nonce = models.CharField(max_length=32)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opens_once = models.BooleanField(default=False)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()


class ApiKey(models.Model):
    """A bearer key of one business with scopes; stored hashed, shown once."""

    business = models.ForeignKey(Business, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()


class OutsideAccount(models.Model):
    """What a business has at a vendor, once for all that uses it: one row for each kind (`settings.OUTSIDE_ACCOUNTS`).

    `access` is encrypted, `shown` is what of it may be seen. `findings` is what the last look at it came to, as
    `people.ports.Finding` says it; `problem` why that look failed ("": it did not). `unreachable_since` is since when
    the vendor has not answered whoever asked (None: it does). `sign_in` is what an administrator's sign-in left us,
    encrypted, for what an application may not do by itself; `signed_in_as` is whose it is.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="outside_accounts")
    kind = models.CharField(max_length=20)
    shown = models.CharField(max_length=200, blank=True)
    access = models.TextField()
    unreachable_since = models.DateTimeField(null=True, blank=True)
    sign_in = models.TextField(blank=True)
    signed_in_as = models.CharField(max_length=200, blank=True)
    signed_in_at = models.DateTimeField(null=True, blank=True)
    findings = models.JSONField(default=list, blank=True)
    problem = models.CharField(max_length=400, blank=True)
    looked_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["business", "kind"], name="one_account_of_a_kind")]


class BusinessWays(models.Model):
    """By what each row of a business' set-up is done (`people.ways.ROWS` names the values). No row: ours throughout.

    `preset` is what the business said it wants to work like ("": nothing); rows may differ from it.
    """

    business = models.OneToOneField(Business, models.CASCADE, related_name="ways")
    scheduler = models.CharField(max_length=20, default="own")
    diary = models.CharField(max_length=20, default="desk")
    place = models.CharField(max_length=20, default="own")
    page = models.CharField(max_length=20, default="own")
    reminders = models.CharField(max_length=20, default="own")
    join = models.CharField(max_length=20, default="own")
    preset = models.CharField(max_length=20, blank=True)

    objects = Tenanted.as_manager()
