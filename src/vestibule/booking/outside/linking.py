"""Which businesses keep their appointments in a scheduler outside too, and how it is reached."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol, Self

from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.booking.models import Appointment, OutsideName, SchedulerLink
from vestibule.booking.ports import OutsideScheduler, SchedulerError
from vestibule.notifications import choices
from vestibule.people import outside_accounts, ways
from vestibule.people.models import Business, BusinessWays
from vestibule.people.ports import NotConnected

ACCOUNTS = {"bookings": "microsoft365"}
"""With which account of the business each kind of scheduler is opened."""


class Adapter(OutsideScheduler, Protocol):
    """A class that the settings name: it is opened for one account, and closed again."""

    @classmethod
    def opened(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return the adapter for an account. Raises SchedulerError for one that cannot be right."""
        ...


def of(business: Business) -> int | None:
    """Return the key of the link that `business` keeps in step with, or None. Costs nothing where there is none.

    As of the stamp of the row at hand; whatever switches a link, or the way appointments are kept, renews that
    (`changed`). What is missed by an old row is taken up by the next reading.
    """
    return _link(business.pk, business.messages_stamp)


def changed(business_id: int) -> None:
    """Let every process read anew whether a business is linked. Call it in the writing block of the change."""
    choices.changed(business_id)


@lru_cache(maxsize=512)
def _link(business_id: int, _stamp: str) -> int | None:
    found: int | None = active().filter(business_id=business_id).values_list("pk", flat=True).first()
    return found


def active() -> Any:
    """Return the links (a query set) that are read and written."""
    kept = BusinessWays.objects.filter(scheduler=ways.Scheduler.BOOKINGS).values("business_id")
    return SchedulerLink.objects.filter(is_on=True, business__in=kept)


def tells_consumers(appointment: Appointment) -> bool:
    """Tell whether the scheduler outside writes to the consumer of `appointment`, so that we do not."""
    link = of(appointment.business)
    if link is None or appointment.service.seats > 1 or not is_chosen_to_tell(appointment.business_id):
        return False
    named = OutsideName.objects.filter(link_id=link, kind="service", ours=appointment.service.ref)
    return bool(named.exists())


def is_chosen_to_tell(business_id: int) -> bool:
    """Tell whether a business lets the scheduler outside write to consumers."""
    return str(ways.of(business_id).reminders) == ways.Reminders.BOOKINGS


def access_to(link: SchedulerLink) -> dict[str, str]:
    """Return how to get into the account of a link. Never to be shown or logged. Raises SchedulerError."""
    try:
        return outside_accounts.access_for(link.business_id, ACCOUNTS[link.kind])
    except (NotConnected, KeyError) as missing:
        words = "the business' account there is missing, or cannot be read"
        raise SchedulerError(words, code="account", permanent=True) from missing


def opened(kind: str, access: Mapping[str, str]) -> OutsideScheduler:
    """Open a scheduler. Raises SchedulerError."""
    path = settings.OUTSIDE_SCHEDULERS.get(kind)
    if path is None:
        raise SchedulerError("this installation knows no such scheduler", code="account", permanent=True)
    adapter: type[Adapter] = import_string(path)
    return adapter.opened(access, tuple(settings.CONFIGURATION.items("GATEWAY_HOSTS")))
