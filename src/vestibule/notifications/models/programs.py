"""What a program asked to be sent by mail: kept once, for all its readers."""

from typing import ClassVar

from django.db import models

from vestibule.notifications.by_program_letter import Letter
from vestibule.people.models import Business, Tenanted
from vestibule.store import clock


class ProgramMail(models.Model):
    """One mail as a program handed it over, under the name (a GUID in small letters) by which it asks for it again.

    Each reader has a row of the outbox with `operation` as its `subject_ref`. `content` is a `Letter` as JSON, of about
    `size` bytes. It goes long before those rows do.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="program_mails")
    operation = models.CharField(max_length=36)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=clock.now)
    # Behind the others: SQLite reads a row from its beginning, and this may be megabytes.
    content = models.JSONField()

    objects = Tenanted.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["business", "operation"], name="one_program_mail_each")
        ]
        # What a business has here is added up with each mail, without a look at what they say.
        indexes: ClassVar = [models.Index(fields=["business", "size"], name="program_mails_kept")]

    @property
    def letter(self) -> Letter:
        """What it says, and to whom."""
        return Letter.from_json(self.content)
