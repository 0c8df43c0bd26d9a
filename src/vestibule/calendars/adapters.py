"""Which adapter speaks with which kind of calendar, as the settings say."""

from typing import Protocol, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.calendars.ports import Access, BusySource, Notifies
from vestibule.store.configuration import Configuration


class Adapter(BusySource, Protocol):
    """A class that the settings name: it is opened for one account, and closed again."""

    @classmethod
    def opened(cls, configuration: Configuration, access: Access) -> Self:
        """Return the adapter for `access`. Raises CalendarError for an access that cannot be right."""
        ...


class Notifier(Notifies, Protocol):
    """The same of subscriptions."""

    @classmethod
    def opened(cls, configuration: Configuration, access: Access) -> Self:
        """Return the adapter for `access`. Raises CalendarError for an access that cannot be right."""
        ...


def notifier(kind: str) -> type[Notifier]:
    """Return what knows how a kind of calendar tells of changes. Raises KeyError for one that does not."""
    found: type[Notifier] = import_string(settings.CALENDAR_NOTIFIERS[kind])
    return found


def opened(kind: str, access: Access) -> BusySource:
    """Open the adapter of a kind of calendar. Raises CalendarError."""
    adapter: type[Adapter] = import_string(settings.CALENDAR_ADAPTERS[kind])
    return adapter.opened(settings.CONFIGURATION, access)


def own_host() -> str:
    """Return what makes the UIDs of our appointments ours."""
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"
