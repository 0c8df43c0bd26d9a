"""Why a booking, a move or a cancellation is refused: one class per code of the public API.

The codes are stable. `facts` carries what a program needs to go on, such as the nearest free starts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.notifications import when
from vestibule.people.errors import Refusal


def rfc3339(instant: datetime) -> str:
    """Return `instant` in UTC as RFC 3339 with a final Z."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


class SlotTaken(Refusal):
    """Somebody else has that time; `facts["nearest"]` are free starts near it (RFC 3339)."""

    code = "slot_taken"
    status = 409

    def __init__(self, start: datetime, nearest: Sequence[datetime], zone: str) -> None:
        self.nearest = list(nearest)
        words = _("%(wanted)s is taken, so nothing was booked or changed. Free: %(free)s.")
        free = ", ".join(when.moment(at, zone) for at in self.nearest[:3]) or _("nothing near it; choose another day")
        super().__init__(words % {"wanted": when.moment(start, zone), "free": free}, nearest=[*map(rfc3339, nearest)])


class ByRule(Refusal):
    """A rule of the business or service says no."""

    words = gettext_lazy("This time is not offered. Choose one of the times shown.")

    def __init__(self, facts: Mapping[str, Any] | None = None) -> None:
        facts = facts or {}
        super().__init__(str(self.words) % facts if facts else str(self.words), **facts)


class OutsideHours(ByRule):
    code = "outside_hours"
    words = gettext_lazy("This time is outside working hours, so it cannot be booked. Choose one of the times shown.")


class OffGrid(ByRule):
    code = "off_grid"
    words = gettext_lazy("Appointments of this kind do not start at this time. Choose one of the times shown.")


class TooSoon(ByRule):
    code = "too_soon"
    words = gettext_lazy("This time is too soon to be booked here. Choose a later one, or call us if it cannot wait.")


class TooFar(ByRule):
    code = "too_far"
    words = gettext_lazy("This time is further ahead than can be booked now. Choose an earlier one.")


class Closed(ByRule):
    code = "closed"
    words = gettext_lazy("There are no appointments on this day. Choose another day.")


class LimitReached(ByRule):
    code = "limit_reached"
    words = gettext_lazy("No more appointments of this kind are taken in this period. Choose a later day.")


class TooManyOpen(LimitReached):
    """A consumer has as many appointments ahead as one may; `facts["most"]` says how many."""

    words = gettext_lazy(
        "You already have as many appointments ahead as can be booked at once (%(most)s), so nothing was booked."
        " Cancel one of them, or come first; call us if you need more."
    )


class ResourceTaken(ByRule):
    code = "resource_taken"
    status = 409
    words = gettext_lazy("Something this appointment needs is in use at this time. Choose another time.")


class ProviderNotOffered(ByRule):
    code = "provider_not_offered"
    words = gettext_lazy("This person does not offer this appointment. Choose another person, or no one in particular.")


class ServiceHidden(ByRule):
    code = "service_hidden"
    words = gettext_lazy("This appointment cannot be booked here. Choose another one, or call us.")


class NotPublished(ServiceHidden):
    """The business lets nobody book by themselves at the moment; staff book for them."""

    words = gettext_lazy("Online booking is closed at the moment, so nothing was booked. Please call us.")


class HoldExpired(ByRule):
    code = "hold_expired"
    words = gettext_lazy("The time was kept for you for five minutes, which have passed. Choose a time again.")


class InvalidContact(Refusal):
    """A name, e-mail address or phone number cannot be used; `facts["field"]` says which."""

    code = "invalid_contact"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence, field=field)


class AlreadyCancelled(ByRule):
    code = "already_cancelled"
    status = 409
    words = gettext_lazy("This appointment is cancelled, so it cannot be changed any more. Book a new one instead.")


class TooLateToChange(Refusal):
    """The change notice has begun, or the appointment itself; staff may still change it."""

    code = "too_late_to_change"

    def __init__(self, notice_minutes: int) -> None:
        words = _("It is too late to move or cancel this appointment here. Please call us; we will find a way.")
        super().__init__(words, notice_minutes=notice_minutes)


class WrongStatus(Refusal):
    """It cannot be done in the status the appointment is in; `facts["appointment_status"]` says which that is."""

    code = "wrong_status"
    status = 409

    def __init__(self, status: str, words: str = "") -> None:
        if not words and status == "requested":
            words = _("This appointment is only asked for. Approve or decline it first.")
        words = words or _("This cannot be done any more: the appointment has begun or is over.")
        super().__init__(words, appointment_status=status)


class TooManyHolds(ByRule):
    code = "too_many_holds"
    status = 429
    words = gettext_lazy("Too many times are being kept for you. Finish one booking first, or wait five minutes.")

    def __init__(self) -> None:
        super().__init__({"retry_after": 300})


BY_VERDICT: dict[str, type[ByRule]] = {
    kind.code: kind for kind in (OutsideHours, OffGrid, TooSoon, TooFar, Closed, LimitReached, ResourceTaken)
}
