"""Pictures that are not shown now but may be again: what a draft or an earlier version names stays."""

from vestibule.experience.models import Draft, Version
from vestibule.meetings.models import AreaMedia


def names_media(media: AreaMedia) -> bool:
    """Tell whether the draft or a version of its business shows it in the waiting room."""
    shown = {"business_id": media.business_id, "document__waiting_room__media": media.ref}
    return Draft.objects.filter(**shown).exists() or Version.objects.filter(**shown).exists()
