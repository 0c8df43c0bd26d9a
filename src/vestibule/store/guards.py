"""Refusals made by the database itself, told apart from other integrity errors."""

from django.db import IntegrityError

OVERLAP = "vestibule_overlap"


def is_overlap(error: IntegrityError) -> bool:
    """Tell whether `error` is the database's refusal of an overlapping use of a provider or of a unit."""
    return OVERLAP in str(error)
