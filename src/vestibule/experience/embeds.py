"""The sites that may show a business' pages inside their own."""

from vestibule.experience.models import EmbedRules
from vestibule.people.models import Business


def origins_of(business: Business) -> list[str]:
    """Return the origins that are allowed, as browsers write them, in the order in which they were added."""
    found: list[str] | None = EmbedRules.objects.filter(business=business.pk).values_list("origins", flat=True).first()
    return list(found or [])
