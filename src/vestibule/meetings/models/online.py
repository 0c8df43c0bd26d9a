"""Meetings that a program had made for a member of staff, joined by a link or a number that many share."""

from typing import ClassVar

from django.db import models

from vestibule.meetings.models.places import Meeting
from vestibule.people.models import Business, Provider, Tenanted
from vestibule.store.ids import new_ref


class OnlineMeeting(models.Model):
    """What a program knows such a meeting by, beside what the meeting itself holds.

    `organizer` is whom it was made for, `external_id` the program's own name for it: one meeting each ("": none).
    `attendees` is who else takes part, as the program said it: `[{"upn", "role"}]`. Whoever knows the meeting's number
    comes to its door, with the passcode where `needs_passcode`; that is derived from `nonce` and stored nowhere.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="online_meetings")
    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="online")
    organizer = models.ForeignKey(Provider, models.CASCADE, related_name="online_meetings")
    external_id = models.CharField(max_length=256, blank=True)
    needs_passcode = models.BooleanField(default=True)
    nonce = models.CharField(max_length=16, default=new_ref)
    attendees = models.JSONField(default=list, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organizer", "external_id"],
                condition=~models.Q(external_id=""),
                name="one_online_meeting_by_name",
            )
        ]
