"""Who does what in a business: presets, single rows, and what is possible now."""

import pytest

from tests.factories import make_business, make_membership, make_provider
from vestibule.booking.models import SchedulerLink
from vestibule.calendars.models import Connection, LinkedCalendar
from vestibule.experience import capabilities, possible, presets
from vestibule.experience.presets import OURS, PRESETS, WayNotPossible
from vestibule.notifications import gateways
from vestibule.notifications.models import Gateway
from vestibule.people import ways
from vestibule.people.actors import actor_of_membership
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, Business, BusinessWays, OutsideAccount
from vestibule.people.permissions import Actor, Role

pytestmark = pytest.mark.django_db
M365 = (
    "permission:Calendars.ReadWrite",
    "permission:OnlineMeetings.ReadWrite.All",
    "permission:Bookings.ReadWrite.All",
    "permission:BookingsAppointment.ReadWrite.All",
    "access_policy",
    "bookings",
)


@pytest.fixture
def business() -> Business:
    return make_business()


def actor_for(business: Business, role: Role) -> Actor:
    return actor_of_membership(make_membership(business=business, role=role))


@pytest.fixture
def manager(business: Business) -> Actor:
    return actor_for(business, Role.MANAGER)


def account(business: Business, kind: str, *, lacks: str = "", problem: str = "") -> OutsideAccount:
    """An account that was looked at: all works but what it `lacks`."""
    words = "Not allowed."
    found = [{"code": code, "state": "warning" if code == lacks else "ok", "words": words} for code in M365]
    made, _made = OutsideAccount.objects.update_or_create(
        business=business, kind=kind, defaults={"access": "", "findings": found, "problem": problem}
    )
    return made


def link(business: Business, *, page: str = "https://outlook.office365.com/book/x") -> SchedulerLink:
    return SchedulerLink.objects.create(business=business, external_id="practice@example.org", page_url=page)


def shows_in_outlook(business: Business) -> None:
    connection = Connection.objects.create(
        business=business, provider=make_provider(business=business), kind="outlook", name="Outlook", access=""
    )
    LinkedCalendar.objects.create(connection=connection, address="ada@example.org", receives=True)


def azure_gateways(business: Business) -> None:
    for channel in ("email", "sms"):
        Gateway.objects.create(
            business=business, channel=channel, kind="acs", name="Azure", sender="x", access=gateways.sealed({})
        )


def now(business: Business) -> dict[str, str]:
    found = ways.of(business.pk)
    return {row: getattr(found, row) for row in ways.ROWS}


def row(business: Business, name: str) -> presets.Row:
    return next(one for one in presets.rows(business) if one.name == name)


def test_a_business_begins_with_ours_throughout(business: Business) -> None:
    assert now(business) == OURS
    assert presets.likeness(business) == "Everything here"
    assert not BusinessWays.objects.exists()


def test_every_way_of_every_row_is_offered_with_words(business: Business) -> None:
    offered = {(one.name, choice.way) for one in presets.rows(business) for choice in one.choices}
    assert offered == {(name, str(way)) for name, them in ways.ROWS.items() for way in them}
    assert offered == set(presets.LABELS)
    for one in PRESETS:
        assert {(name, way) for name, way in one.ways.items()} <= offered
        assert set(one.ways) == set(ways.ROWS)


def test_what_is_not_possible_says_why_and_where_to_mend_it(business: Business) -> None:
    lacks = {(one.name, choice.way): choice.lack for one in presets.rows(business) for choice in one.choices}
    ours = {(name, way) for name, way in OURS.items()}
    assert {key for key, lack in lacks.items() if lack is None} == ours
    teams = lacks["place", "teams"]
    assert teams is not None
    assert (teams.why, teams.page, teams.about) == (
        "Microsoft 365 is not set up.",
        "manage-account",
        ("microsoft365",),
    )


def test_what_is_not_possible_cannot_be_chosen(business: Business, manager: Actor) -> None:
    with pytest.raises(WayNotPossible, match="Microsoft 365 is not set up"):
        presets.choose(manager, business, "place", "teams")
    assert now(business) == OURS


@pytest.mark.parametrize("code", ["permission:OnlineMeetings.ReadWrite.All", "access_policy"])
def test_a_permission_that_is_missing_is_the_reason(business: Business, manager: Actor, code: str) -> None:
    account(business, "microsoft365", lacks=code)
    with pytest.raises(WayNotPossible, match="Not allowed"):
        presets.choose(manager, business, "place", "teams")
    account(business, "microsoft365")
    assert presets.choose(manager, business, "place", "teams").place == "teams"


def test_rows_follow_that_would_make_no_sense(business: Business, manager: Actor) -> None:
    account(business, "microsoft365")
    presets.choose(manager, business, "place", "teams")
    assert ways.of(business.pk).join == "teams_web"
    with pytest.raises(WayNotPossible, match="cannot enter a meeting there"):
        presets.choose(manager, business, "join", "own")
    presets.choose(manager, business, "place", "own")
    assert ways.of(business.pk).join == "own"


def test_bookings_takes_its_page_and_messages_along_when_it_goes(business: Business, manager: Actor) -> None:
    account(business, "microsoft365")
    behind = link(business)
    with pytest.raises(WayNotPossible, match="let Bookings keep the appointments first"):
        presets.choose(manager, business, "page", "bookings")
    for name in ("scheduler", "page", "reminders"):
        presets.choose(manager, business, name, "bookings")
    assert SchedulerLink.objects.filter(pk=behind.pk, is_on=True).exists()
    presets.choose(manager, business, "scheduler", "own")
    assert SchedulerLink.objects.filter(pk=behind.pk, is_on=False).exists()
    assert now(business) == OURS


def test_a_page_that_is_not_published_cannot_be_shown(business: Business, manager: Actor) -> None:
    account(business, "microsoft365")
    link(business, page="")
    presets.choose(manager, business, "scheduler", "bookings")
    with pytest.raises(WayNotPossible, match="not published"):
        presets.choose(manager, business, "page", "bookings_embedded")


def test_a_preset_fills_in_what_is_possible_and_remembers_the_rest(business: Business, manager: Actor) -> None:
    account(business, "microsoft365")
    lacking = presets.choose_preset(manager, business, "hybrid")
    assert {one.name for one in lacking} == {"scheduler", "diary"}
    assert now(business) == {**OURS, "place": "teams", "join": "teams_web"}
    assert presets.likeness(business) == "Bookings and Teams behind your own pages"
    link(business)
    shows_in_outlook(business)
    assert presets.choose_preset(manager, business, "hybrid") == []
    hybrid = presets.preset("hybrid")
    assert now(business) == hybrid.ways


@pytest.mark.parametrize("name", [one.name for one in PRESETS])
def test_each_preset_can_be_had_whole(business: Business, manager: Actor, name: str) -> None:
    account(business, "microsoft365")
    account(business, "acs")
    link(business)
    shows_in_outlook(business)
    azure_gateways(business)
    assert presets.missing(business, name) == []
    assert presets.choose_preset(manager, business, name) == []
    assert now(business) == presets.preset(name).ways
    assert all(one.broken is None and one.wanted is None for one in presets.rows(business))


def test_a_preset_without_any_account_changes_nothing_but_the_wish(business: Business, manager: Actor) -> None:
    lacking = presets.choose_preset(manager, business, "microsoft365")
    assert {one.name for one in lacking} == set(ways.ROWS)
    assert all(one.wanted is not None and one.wanted.lack is not None for one in lacking)
    assert now(business) == OURS
    assert not AuditEntry.objects.filter(action="ways.changed").exists()
    assert presets.choose_preset(manager, business, "custom") == []
    assert presets.rows(business)[0].wanted is None


def test_what_broke_since_is_said_and_stays_chosen(business: Business, manager: Actor) -> None:
    account(business, "microsoft365")
    presets.choose(manager, business, "place", "teams")
    account(business, "microsoft365", problem="The secret has expired.")
    broken = row(business, "place").broken
    assert broken is not None
    assert "The secret has expired." in broken.why
    assert presets.choose(manager, business, "place", "teams").place == "teams", "saving the form again changes nothing"


def test_calling_on_the_page_needs_the_add_on_and_says_the_command(
    business: Business, manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(business, "microsoft365")
    account(business, "acs")
    presets.choose(manager, business, "place", "teams")
    with pytest.raises(WayNotPossible, match="vestibule install-acs-calling"):
        presets.choose(manager, business, "join", "acs_calling")
    monkeypatch.setattr(possible.Means, "has_calling", True)
    presets.choose(manager, business, "join", "acs_calling")
    presets.choose(manager, business, "place", "acs_rooms")
    assert ways.of(business.pk).join == "acs_calling"
    presets.choose(manager, business, "place", "own")
    assert ways.of(business.pk).join == "own"


def test_messages_through_azure_need_both_gateways(business: Business, manager: Actor) -> None:
    with pytest.raises(WayNotPossible, match="e-mail, text messages"):
        presets.choose(manager, business, "reminders", "acs")
    azure_gateways(business)
    Gateway.objects.filter(channel="sms").update(is_active=False)
    with pytest.raises(WayNotPossible, match="yet: text messages"):
        presets.choose(manager, business, "reminders", "acs")


def test_a_change_is_audited_once_with_both_values(business: Business, manager: Actor) -> None:
    account(business, "microsoft365")
    presets.choose(manager, business, "place", "teams")
    presets.choose(manager, business, "place", "teams")
    entry = AuditEntry.objects.get(action="ways.changed")
    assert entry.details["changes"] == {"place": ["own", "teams"], "join": ["own", "teams_web"]}


def test_only_who_manages_set_up_may_change_it_and_only_at_home(business: Business, manager: Actor) -> None:
    for actor in (actor_for(business, Role.SCHEDULER), actor_for(business, Role.PROVIDER)):
        with pytest.raises(NotPermitted):
            presets.choose(actor, business, "place", "own")
        with pytest.raises(NotPermitted):
            presets.choose_preset(actor, business, "custom")
    other = make_business()
    with pytest.raises(NotFound):
        presets.choose(manager, other, "place", "own")


@pytest.mark.parametrize(("name", "way"), [("place", "zoom"), ("nothing", "own"), ("page", ""), ("join", "OWN")])
def test_what_is_no_way_is_refused(business: Business, manager: Actor, name: str, way: str) -> None:
    with pytest.raises(Invalid):
        presets.choose(manager, business, name, way)
    with pytest.raises(Invalid):
        presets.choose_preset(manager, business, "zoom")


def test_accounts_of_others_count_for_nothing(business: Business) -> None:
    other = make_business()
    account(other, "microsoft365")
    link(other)
    assert row(business, "place").choices[1].lack is not None


def test_with_ours_throughout_nothing_is_left_to_others(business: Business) -> None:
    assert capabilities.changed(ways.of(business.pk)) == []
    assert sum(len(listed) for _area, listed in capabilities.of(ways.of(business.pk))) > 15


@pytest.mark.parametrize("name", [one.name for one in PRESETS if one.name != "custom"])
def test_what_a_preset_leaves_to_others_or_out_is_said_with_the_reason(name: str) -> None:
    wanted = BusinessWays(**presets.preset(name).ways)
    listed = [one for _area, found in capabilities.of(wanted) for one in found]
    assert all(one.why for one in listed if one.by is not capabilities.By.US)
    titles = {one.title for one in listed if one.by is not capabilities.By.US}
    assert ("Recording" in titles) == (wanted.place == "teams")
    assert ("Waitlist, series and requests for approval" in titles) == (wanted.page != "own")
    assert ("Quiet hours and discreet messages" in titles) == (wanted.reminders == "bookings")
