"""The ways of a business: four presets to begin with, each row changed by itself, and what is possible of it now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.booking.models import SchedulerLink
from vestibule.booking.outside import busy_time, linking
from vestibule.booking.setup.values import permit
from vestibule.experience.possible import Lack, Means, lack
from vestibule.people import audit, ways
from vestibule.people.errors import Invalid, Refusal
from vestibule.people.models import Business, BusinessWays
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

Chosen = Mapping[str, str]
OURS: Chosen = {
    "scheduler": "own",
    "diary": "desk",
    "place": "own",
    "page": "own",
    "reminders": "own",
    "join": "own",
}


@dataclass(frozen=True)
class Preset:
    """One of the ways to work that fill all rows. Texts are marked for translation, in English."""

    name: str
    title: str
    text: str
    ways: Chosen


PRESETS = (
    Preset(
        "custom",
        gettext_noop("Everything here"),
        gettext_noop("Hours, booking, reminders and visits are ours. Nothing else is needed."),
        OURS,
    ),
    Preset(
        "hybrid",
        gettext_noop("Bookings and Teams behind your own pages"),
        gettext_noop(
            "Staff keep Bookings, Outlook and Teams. Consumers book on your page, wait in your waiting room and are"
            " reminded by you."
        ),
        {
            "scheduler": "bookings",
            "diary": "outlook",
            "place": "teams",
            "page": "own",
            "reminders": "own",
            "join": "teams_web",
        },
    ),
    Preset(
        "microsoft365",
        gettext_noop("Microsoft 365 throughout"),
        gettext_noop("Bookings takes and confirms appointments on its own page; visits are held in Teams."),
        {
            "scheduler": "bookings",
            "diary": "outlook",
            "place": "teams",
            "page": "bookings",
            "reminders": "bookings",
            "join": "teams_web",
        },
    ),
    Preset(
        "azure",
        gettext_noop("Everything here, on Azure"),
        gettext_noop(
            "Hours, booking and pages are ours. Azure Communication Services holds the rooms and sends messages."
        ),
        {**OURS, "place": "acs_rooms", "reminders": "acs"},
    ),
)


class WayNotPossible(Refusal):
    """A row cannot be done in the way that was wanted; `facts` name the `row` and the `page` that mends it."""

    code = "way_not_possible"


@dataclass(frozen=True)
class Choice:
    """One way of a row: whether it is the `chosen` one, and what is missing for it, if anything."""

    way: str
    label: str
    text: str
    is_chosen: bool
    lack: Lack | None


@dataclass(frozen=True)
class Row:
    """One row of the matrix. `broken` says why what is chosen cannot work at present."""

    name: str
    who: str
    what: str
    choices: tuple[Choice, ...]
    wanted: Choice | None = None
    """What the preset has here, where that is something else than what is chosen."""

    @property
    def chosen(self) -> Choice:
        """The way that is chosen."""
        return next(one for one in self.choices if one.is_chosen)

    @property
    def broken(self) -> Lack | None:
        """What is missing for the chosen way."""
        return self.chosen.lack


MANAGER, PROVIDER, CONSUMER = gettext_noop("Office manager"), gettext_noop("Provider"), gettext_noop("Consumer")
WHAT: Mapping[str, tuple[str, str]] = {
    "scheduler": (MANAGER, gettext_noop("Set availability and rules")),
    "diary": (PROVIDER, gettext_noop("Look after what is coming")),
    "place": (PROVIDER, gettext_noop("Join a visit")),
    "page": (CONSUMER, gettext_noop("Choose a time")),
    "reminders": (CONSUMER, gettext_noop("Be confirmed and reminded")),
    "join": (CONSUMER, gettext_noop("Join a visit")),
}
LABELS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("scheduler", "own"): (
        gettext_noop("Here"),
        gettext_noop("Hours, services and rules are set in this office, and every appointment is kept here."),
    ),
    ("scheduler", "bookings"): (
        gettext_noop("Microsoft Bookings"),
        gettext_noop("Services, staff and appointments are those of Bookings; they stand here too, minutes later."),
    ),
    ("diary", "desk"): (
        gettext_noop("Our desk"),
        gettext_noop("Providers see their day at the desk, and in any calendar they connect."),
    ),
    ("diary", "outlook"): (
        gettext_noop("Outlook and Teams"),
        gettext_noop("Providers see their day in Outlook. The desk is still there for whoever waits."),
    ),
    ("place", "own"): (gettext_noop("Our call"), gettext_noop("In the browser, between the two sides.")),
    ("place", "teams"): (
        gettext_noop("Microsoft Teams"),
        gettext_noop("Each visit has a meeting in Teams; consumers wait on your page until they are let in."),
    ),
    ("place", "acs_rooms"): (
        gettext_noop("A room in Azure"),
        gettext_noop("Our call, with a room of Azure Communication Services for each visit and its people."),
    ),
    ("page", "own"): (gettext_noop("Your page here"), gettext_noop("With your brand, questions and languages.")),
    ("page", "bookings_embedded"): (
        gettext_noop("The page of Bookings, inside yours"),
        gettext_noop("Microsoft’s page in a frame. It reaches Microsoft from the consumer’s browser."),
    ),
    ("page", "bookings"): (
        gettext_noop("The page of Bookings"),
        gettext_noop("Your booking address shows one button that leads there."),
    ),
    ("reminders", "own"): (
        gettext_noop("By us"),
        gettext_noop("By e-mail and text message in the consumer’s language, through the gateways you set up."),
    ),
    ("reminders", "bookings"): (
        gettext_noop("By Bookings"),
        gettext_noop("Bookings writes to consumers; we do not. They find their way in by Bookings’ own link."),
    ),
    ("reminders", "acs"): (
        gettext_noop("By us, through Azure"),
        gettext_noop("Our messages, handed to Azure Communication Services."),
    ),
    ("join", "own"): (gettext_noop("Our call"), gettext_noop("In the browser, with nothing to install.")),
    ("join", "teams_web"): (
        gettext_noop("Teams on the web"),
        gettext_noop("From your waiting room by one button, without an account."),
    ),
    ("join", "acs_calling"): (
        gettext_noop("On your page, through Azure"),
        gettext_noop("Microsoft’s calling software runs in your page. Without it, Teams on the web."),
    ),
}


def preset(name: str) -> Preset:
    """Return a preset by its name. Raises Invalid."""
    found = next((one for one in PRESETS if one.name == name), None)
    if found is None:
        raise Invalid(_("There is no such way to work."), field="preset")
    return found


def named(now: BusinessWays) -> Preset | None:
    """Return the preset a business said it wants to be like, else the one that has exactly its ways, or None."""
    if now.preset:
        return preset(now.preset)
    return next((one for one in PRESETS if one.ways == _as_dict(now)), None)


def likeness(business: Business) -> str:
    """Return what the preset of a business is called, "" for a mixture of its own."""
    found = named(ways.of(business.pk))
    return _(found.title) if found is not None else ""


def rows(business: Business, means: Means | None = None) -> list[Row]:
    """Return every row with its ways and what is missing for each, as things stand now."""
    now, means = ways.of(business.pk), means or Means(business)
    aim = preset(now.preset).ways if now.preset else {}
    return [_row(name, now, aim, means) for name in ways.ROWS]


def choose(actor: Actor, business: Business, row: str, way: str) -> BusinessWays:
    """Let one row be done in another way; rows that would make no sense beside it follow.

    Raises WayNotPossible with the reason, Invalid for a row or way that is none, NotPermitted.
    """
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    if row not in ways.ROWS or way not in list(ways.ROWS[row]):
        raise Invalid(_("There is no such way to do this."), field=row)
    with writing():
        now = _locked(business)
        before = _as_dict(now)
        _set(now, {row: way})
        wrong = lack(Means(business), now, row, way)
        if wrong is not None and before[row] != way:
            raise WayNotPossible(wrong.why, row=row, page=wrong.page)
        _store(actor, now, before)
    return now


def choose_preset(actor: Actor, business: Business, name: str) -> list[Row]:
    """Work like a preset as far as that is possible now, and remember the rest; return the rows that lack something.

    What is not possible stays ours. Asking again later goes on from there. Raises Invalid, NotPermitted.
    """
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    aim, means = preset(name), Means(business)
    with writing():
        now = _locked(business)
        before = _as_dict(now)
        now.preset = name
        for row, way in {**OURS, **_workable(aim.ways, means, business)}.items():
            setattr(now, row, way)
        _store(actor, now, before)
    return [one for one in rows(business, means) if one.wanted is not None]


def missing(business: Business, name: str) -> list[tuple[Row, Choice]]:
    """Return what a preset has that is not possible now, with the reason in each choice's `lack`."""
    aim, means = preset(name), Means(business)
    works = {**OURS, **_workable(aim.ways, means, business)}
    wanted = BusinessWays(business_id=business.pk, **aim.ways)
    found = []
    for row, way in aim.ways.items():
        if works[row] != way:
            shown = _row(row, wanted, {}, means)
            found.append((shown, shown.chosen))
    return found


def _workable(aim: Chosen, means: Means, business: Business) -> dict[str, str]:
    """Return the rows of `aim` that can be had together now."""
    wanted = BusinessWays(business_id=business.pk, **{**OURS, **aim})
    while True:
        lost = [row for row, way in _as_dict(wanted).items() if way != OURS[row] and lack(means, wanted, row, way)]
        if not lost:
            _follow(wanted, set())
            return _as_dict(wanted)
        for row in lost:
            setattr(wanted, row, OURS[row])
        _follow(wanted, set())


def _set(now: BusinessWays, changes: Chosen) -> None:
    for row, way in changes.items():
        setattr(now, row, way)
    _follow(now, set(changes))


def _follow(now: BusinessWays, fixed: set[str]) -> None:
    """Let rows follow that make no sense beside the others, but those that are `fixed`."""
    if now.scheduler == "own":
        _let(now, fixed, "page", "own")
        if now.reminders == "bookings":
            _let(now, fixed, "reminders", "own")
    if now.place == "teams" and now.join == "own":
        _let(now, fixed, "join", "teams_web")
    if now.place != "teams" and now.join == "teams_web":
        _let(now, fixed, "join", "own")
    if now.place == "own" and now.join == "acs_calling":
        _let(now, fixed, "join", "own")


def _let(now: BusinessWays, fixed: set[str], row: str, way: str) -> None:
    if row not in fixed:
        setattr(now, row, way)


def _row(name: str, now: BusinessWays, aim: Chosen, means: Means) -> Row:
    who, what = WHAT[name]
    choices = tuple(_choice(name, way, now, means) for way in ways.ROWS[name])
    wanted = aim.get(name, getattr(now, name))
    differs = next((one for one in choices if one.way == wanted and not one.is_chosen), None)
    return Row(name, _(who), _(what), choices, differs)


def _choice(row: str, way: str, now: BusinessWays, means: Means) -> Choice:
    label, text = LABELS[row, way]
    if getattr(now, row) == way:
        return Choice(way, _(label), _(text), True, lack(means, now, row, way))
    tried = BusinessWays(business_id=now.business_id, **_as_dict(now))
    _set(tried, {row: way})
    return Choice(way, _(label), _(text), False, lack(means, tried, row, way))


def _locked(business: Business) -> BusinessWays:
    Business.objects.select_for_update(no_key=True).get(pk=business.pk)
    now, _made = BusinessWays.objects.get_or_create(business=business)
    return now


def _store(actor: Actor, now: BusinessWays, before: Chosen) -> None:
    after = _as_dict(now)
    now.save()
    SchedulerLink.objects.filter(business_id=now.business_id).update(is_on=now.scheduler == "bookings")
    linking.changed(now.business_id)
    if now.scheduler != "bookings":
        busy_time.forget(now.business_id)
    changes: dict[str, Any] = {row: [before[row], way] for row, way in after.items() if before[row] != way}
    if changes:
        audit.record(actor, now.business_id, "ways.changed", "business", now.business.ref, changes=changes)


def _as_dict(now: BusinessWays) -> dict[str, str]:
    return {row: str(getattr(now, row)) for row in ways.ROWS}
