"""Telling every process that a provider's hours or used time changed. What is kept of them carries a version.

Versions are random, so that one that was undone never comes back with another meaning; 0 is a provider never changed.
"""

import secrets
from collections.abc import Iterable

from vestibule.people.models import Business, Provider


def new_version() -> int:
    """Return a version that no provider ever had."""
    return secrets.randbits(62) | 1


def raise_versions(providers: Iterable[int]) -> None:
    """Tell every process that hours or used time of these providers changed. Call it inside the writing block."""
    Provider.objects.filter(pk__in=list(providers)).update(mask_version=new_version())


def raise_versions_of(business: Business) -> None:
    """Tell every process that something changed for all providers of `business`."""
    Provider.objects.filter(business=business).update(mask_version=new_version())
