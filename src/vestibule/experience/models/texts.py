"""Words of its own that a business puts on consumers' pages, and where those pages may be shown."""

from typing import ClassVar

from django.db import models

from vestibule.people.models import Business, Tenanted


class OwnText(models.Model):
    """What is said at one place of the pages (`experience.texts` has the list) in one language."""

    business = models.ForeignKey(Business, models.CASCADE, related_name="own_texts")
    key = models.CharField(max_length=40)
    language = models.CharField(max_length=12)
    text = models.CharField(max_length=1000)

    objects = Tenanted.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["business", "key", "language"], name="one_own_text_each")
        ]


class EmbedRules(models.Model):
    """The sites that may show a business' pages in a frame, as origins ("https://example.org"); [] none."""

    business = models.OneToOneField(Business, models.CASCADE, related_name="embed_rules")
    origins = models.JSONField(default=list, blank=True)

    objects = Tenanted.as_manager()
