"""Which backend carries a meeting, found by the settings' dotted paths."""

from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.meetings.ports import MeetingBackend


@cache
def backend_named(name: str) -> MeetingBackend:
    """Return the backend `name`, built once from the settings.

    Raises KeyError for a name the settings do not hold. A backend's class has `configured(configuration)`.
    """
    made = import_string(settings.MEETING_BACKENDS[name]).configured(settings.CONFIGURATION)
    return cast(MeetingBackend, made)


def backend_of(name: str) -> MeetingBackend:
    """Return the backend `name`, or that of the browsers alone where `name` is no longer set up."""
    return backend_named(name if name in settings.MEETING_BACKENDS else "p2p")
