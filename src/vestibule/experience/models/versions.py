"""What consumers see of a business as one document: the draft being worked on, and what was published."""

from typing import ClassVar

from django.db import models

from vestibule.people.models import Business, Tenanted
from vestibule.store import clock


class Draft(models.Model):
    """The experience as somebody is changing it; each business has one at most.

    `document` is what is wanted and `base` what held when it was begun: only what differs between the two is written
    when it is published. `step` is where the builder was left, `template` the industry template taken, `edits` counts
    changes, so that two people who edit at once notice each other.
    """

    business = models.OneToOneField(Business, models.CASCADE, related_name="experience_draft")
    document = models.JSONField(default=dict)
    base = models.JSONField(default=dict)
    step = models.CharField(max_length=20, blank=True)
    template = models.CharField(max_length=40, blank=True)
    edits = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.CharField(max_length=160, blank=True)

    objects = Tenanted.as_manager()


class Version(models.Model):
    """The experience as published; numbered from 1 for each business, and never changed. 0 is what held before."""

    business = models.ForeignKey(Business, models.CASCADE, related_name="experience_versions")
    number = models.PositiveIntegerField()
    document = models.JSONField(default=dict)
    template = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(default=clock.now)
    published_by = models.CharField(max_length=160, blank=True)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["business", "number"], name="one_version_each")]
