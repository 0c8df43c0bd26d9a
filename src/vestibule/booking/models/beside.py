"""What programs said of something of ours that has no place here, kept so that they find it as they left it."""

from typing import ClassVar

from django.db import models

from vestibule.people.models import Business, Tenanted


class BookingsMembers(models.Model):
    """The members a program written for Microsoft Bookings gave something, as far as we have none like them.

    `kind` and `ref` say what of: appointment, customer, service, staff, business or question, by its public reference.
    `members` are JSON by their names there, and mean nothing to us: nothing here is decided by them.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="bookings_members")
    kind = models.CharField(max_length=12)
    ref = models.CharField(max_length=40)
    members = models.JSONField(default=dict)

    objects = Tenanted.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["business", "kind", "ref"], name="one_row_of_bookings_members")
        ]
