"""Which language is spoken to somebody: one that is shipped, or none."""

from django.conf import settings
from django.utils import translation


def shipped(tag: str) -> str:
    """Return `tag` as given if it, or the language it is a variety of, is shipped ("de-CH" is), else ""."""
    try:
        translation.get_supported_language_variant(tag)
    except LookupError:
        return ""
    return tag


def spoken(tag: str) -> str:
    """Return the language in which something is said to a reader of `tag`: dates and words are never of two."""
    return shipped(tag) or settings.LANGUAGE_CODE
