"""Whether a row of a business' set-up can be done in a way now; if not, why, and where to mend it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.booking.models import SchedulerLink
from vestibule.calendars.models import LinkedCalendar
from vestibule.notifications.models import Gateway, OutboxMessage
from vestibule.people.models import Business, BusinessWays, OutsideAccount
from vestibule.store import addons

Channel = OutboxMessage.Channel
MICROSOFT, AZURE = "microsoft365", "acs"


@dataclass(frozen=True)
class Lack:
    """Why something cannot be done now, in a sentence. `page` is the name of the manager's page that mends it ("": none
    does), `about` what of it.
    """

    why: str
    page: str = ""
    about: tuple[str, ...] = ()


SCHEDULER = ("manage-way", ("scheduler",))
PLACE = ("manage-way", ("place",))
"""Rows that others wait for."""


class Means:
    """What a business has at hand outside, each read once when it is asked for."""

    def __init__(self, business: Business) -> None:
        self.business = business

    @cached_property
    def _accounts(self) -> dict[str, OutsideAccount]:
        return {one.kind: one for one in OutsideAccount.objects.filter(business=self.business)}

    @cached_property
    def link(self) -> SchedulerLink | None:
        """The Bookings business that stands behind ours."""
        found: SchedulerLink | None = SchedulerLink.objects.filter(business=self.business).first()
        return found

    @cached_property
    def shows_in_outlook(self) -> bool:
        """Whether appointments are written into anybody's Outlook."""
        shown = LinkedCalendar.objects.filter(receives=True, connection__kind="outlook")
        return bool(shown.filter(connection__business=self.business).exists())

    @cached_property
    def azure_channels(self) -> frozenset[str]:
        """The channels that have a gateway of Azure."""
        rows = Gateway.objects.filter(business=self.business, is_active=True, kind=AZURE)
        return frozenset(rows.values_list("channel", flat=True))

    @cached_property
    def has_calling(self) -> bool:
        """Whether the operator installed ACS Calling."""
        return addons.acs_calling.installed() is not None

    def lacks_account(self, kind: str) -> Lack | None:
        """Return what is wrong with the account of a kind, if anything."""
        account = self._accounts.get(kind)
        name = {MICROSOFT: "Microsoft 365", AZURE: "Azure Communication Services"}[kind]
        page, about = "manage-account", (kind,)
        if account is None:
            return Lack(_("%(name)s is not set up.") % {"name": name}, page, about)
        if account.problem:
            words = _("%(name)s cannot be used at present: %(why)s")
            return Lack(words % {"name": name, "why": account.problem}, page, about)
        return None

    def lacks(self, kind: str, code: str) -> Lack | None:
        """Return what is wrong with the account of a kind, or with what the finding `code` of it is about."""
        wrong = self.lacks_account(kind)
        if wrong is not None:
            return wrong
        found: Mapping[str, Any] = next((one for one in self._accounts[kind].findings if one["code"] == code), {})
        if found.get("state") in ("missing", "warning"):
            return Lack(str(found["words"]), "manage-account", (kind,))
        return None


def bookings(means: Means, ways: BusinessWays) -> Lack | None:
    """Why Bookings cannot keep the appointments."""
    for code in ("bookings", "permission:Bookings.ReadWrite.All", "permission:BookingsAppointment.ReadWrite.All"):
        if wrong := means.lacks(MICROSOFT, code):
            return wrong
    if means.link is None:
        return Lack(_("No business in Bookings is chosen yet."), "manage-bookings")
    return None


def outlook(means: Means, ways: BusinessWays) -> Lack | None:
    """Why providers cannot look after their appointments in Outlook."""
    if wrong := means.lacks(MICROSOFT, "permission:Calendars.ReadWrite"):
        return wrong
    if not means.shows_in_outlook:
        return Lack(_("No provider’s Outlook calendar is connected to show appointments in."), "manage-connections")
    return None


def teams(means: Means, ways: BusinessWays) -> Lack | None:
    """Why visits cannot be held in Teams."""
    for code in ("permission:OnlineMeetings.ReadWrite.All", "access_policy"):
        if wrong := means.lacks(MICROSOFT, code):
            return wrong
    return None


def acs_rooms(means: Means, ways: BusinessWays) -> Lack | None:
    """Why the room of a visit cannot stand in Azure."""
    return means.lacks(AZURE, "rooms")


def bookings_page(means: Means, ways: BusinessWays) -> Lack | None:
    """Why consumers cannot choose a time on the page of Bookings."""
    if ways.scheduler != "bookings":
        return Lack(_("Times chosen there do not arrive here: let Bookings keep the appointments first."), *SCHEDULER)
    if means.link is not None and not means.link.page_url:
        return Lack(_("The page of this business in Bookings is not published."), "manage-bookings")
    return bookings(means, ways)


def bookings_reminders(means: Means, ways: BusinessWays) -> Lack | None:
    """Why Bookings cannot write to consumers."""
    if ways.scheduler != "bookings":
        return Lack(_("Bookings writes only about appointments it keeps: let it keep them first."), *SCHEDULER)
    return bookings(means, ways)


def acs_messages(means: Means, ways: BusinessWays) -> Lack | None:
    """Why messages cannot go through Azure."""
    missing = [words for channel, words in CHANNELS if channel not in means.azure_channels]
    if not missing:
        return None
    words = _("Nothing is sent through Azure yet: %(what)s.")
    return Lack(words % {"what": ", ".join(_(one) for one in missing)}, "manage-gateways")


def own_call(means: Means, ways: BusinessWays) -> Lack | None:
    """Why consumers cannot come into our own call."""
    if ways.place == "teams":
        return Lack(_("Visits are held in Teams now, and our call cannot enter a meeting there."), *PLACE)
    return None


def teams_web(means: Means, ways: BusinessWays) -> Lack | None:
    """Why consumers cannot be handed over to Teams."""
    if ways.place != "teams":
        return Lack(_("Visits are not held in Teams now: choose that for providers first."), *PLACE)
    return None


def acs_calling(means: Means, ways: BusinessWays) -> Lack | None:
    """Why consumers cannot come in through ACS Calling."""
    if ways.place == "own":
        return Lack(
            _("Visits are held in our own call now. This enters Teams and rooms in Azure only."),
            *PLACE,
        )
    if not means.has_calling:
        return Lack(_("It is not installed. Whoever runs this server does that: vestibule install-acs-calling."))
    return means.lacks(AZURE, "identity")


CHANNELS = ((Channel.EMAIL, gettext_noop("e-mail")), (Channel.SMS, gettext_noop("text messages")))
Test = Callable[[Means, BusinessWays], Lack | None]
TESTS: Mapping[tuple[str, str], Test] = {
    ("scheduler", "bookings"): bookings,
    ("diary", "outlook"): outlook,
    ("place", "teams"): teams,
    ("place", "acs_rooms"): acs_rooms,
    ("page", "bookings_embedded"): bookings_page,
    ("page", "bookings"): bookings_page,
    ("reminders", "bookings"): bookings_reminders,
    ("reminders", "acs"): acs_messages,
    ("join", "own"): own_call,
    ("join", "teams_web"): teams_web,
    ("join", "acs_calling"): acs_calling,
}
"""What each way needs; what is not named here is always possible."""


def lack(means: Means, ways: BusinessWays, row: str, way: str) -> Lack | None:
    """Return why `row` cannot be done in `way` beside the other `ways`, or None where it can."""
    test = TESTS.get((row, way))
    return test(means, ways) if test is not None else None
