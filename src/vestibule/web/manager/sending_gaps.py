"""What consumers go without when messages are switched off, said plainly beside the switches."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from vestibule.notifications.choices import EMAIL, SMS, Choices
from vestibule.notifications.facts import Audience, Kind

CONSUMER = str(Audience.CONSUMER)


@dataclass(frozen=True)
class Gap:
    """Something nobody is told any more, and what comes of it."""

    title: str
    text: str


def gaps(chosen: Choices, service_ref: str = "") -> list[Gap]:
    """Return what consumers are not told of by what is chosen for a service, or for all; the gravest first."""
    is_reminded = any(one.ahead > 0 and CONSUMER in one.audiences for one in chosen.reminders(service_ref))
    by_mail, by_text = (chosen.is_on(Kind.CONFIRMATION, CONSUMER, one, service_ref) for one in (EMAIL, SMS))
    found = [] if by_mail else [_without_mail(by_text=by_text, is_reminded=is_reminded)]
    if not is_reminded and (by_mail or by_text):
        words = _("Consumers hear of their appointment when they book, and then no more. More of them will not come.")
        found.append(Gap(_("Nobody is reminded"), words))
    return [*found, *_changes(chosen, service_ref)]


def _without_mail(*, by_text: bool, is_reminded: bool) -> Gap:
    """Return what it means that no mail confirms a booking: it is the mail that carries the link to everybody."""
    if by_text:
        words = _("Whoever leaves no number, or wants no text messages, gets no link to join, move or cancel from it.")
        return Gap(_("Bookings are confirmed by text message alone"), words)
    if is_reminded:
        words = _(
            "Whoever books finds the link to join, move and cancel only on the last page of booking, until the first"
            " reminder brings it. Whoever books too late for a reminder never gets it."
        )
        return Gap(_("Nobody gets a confirmation"), words)
    words = _(
        "Neither a confirmation nor a reminder is sent. Whoever closes the last page of booking has no link to join,"
        " move or cancel the appointment."
    )
    return Gap(_("Consumers get no link to their appointment"), words)


def _changes(chosen: Choices, service_ref: str) -> list[Gap]:
    def is_told(kind: Kind) -> bool:
        return any(chosen.is_on(kind, CONSUMER, channel, service_ref) for channel in (EMAIL, SMS))

    found = []
    if not is_told(Kind.MOVED):
        words = _("When you move an appointment its consumer does not hear of it, and comes at the old time.")
        found.append(Gap(_("Nobody is told of a new time"), words))
    if not is_told(Kind.CANCELLED):
        words = _("When you cancel an appointment its consumer does not hear of it, and comes all the same.")
        found.append(Gap(_("Nobody is told of a cancellation"), words))
    if not is_told(Kind.WAITLIST_OFFER):
        words = _("A time that becomes free is held for whoever waits, unknown to them, and then for the next.")
        found.append(Gap(_("Nobody on the waitlist is told of an offer"), words))
    return found
