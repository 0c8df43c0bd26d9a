"""Browsers of staff that asked to be told when somebody waits."""

from django.db import models

from vestibule.people.models import Business, Tenanted, User
from vestibule.store import clock
from vestibule.store.ids import new_ref


class PushSubscription(models.Model):
    """One browser of one member of staff (RFC 8030). `access` holds its address and keys as JSON, encrypted.

    `mark` is a SHA-256 of the address, by which the same browser is found again; `device` is what staff know it by.
    One that its push service no longer knows is removed.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="push_subscriptions")
    user = models.ForeignKey(User, models.CASCADE, related_name="push_subscriptions")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    mark = models.CharField(max_length=64)
    device = models.CharField(max_length=80, blank=True)
    access = models.TextField()
    created_at = models.DateTimeField(default=clock.now)
    last_taken_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["business", "user", "mark"], name="one_subscription_each"),)
