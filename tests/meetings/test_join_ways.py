"""By what a meeting is joined, and what a browser is told to join one that Microsoft carries."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.addon import ENTRY, put_kit
from tests.e2e.acs_visit import IDENTITY
from tests.meetings.in_teams import JOIN_URL, MADE, NUMBER, PASSCODE, hold_in_teams, take_up_teams
from tests.meetings.scene import Visit, make_visit
from vestibule.meetings import join_ways, outside_calls, waiting
from vestibule.meetings.errors import NoCallToken, NotAdmitted
from vestibule.meetings.models import Meeting, OutsidePlace
from vestibule.people import outside_accounts, secrets
from vestibule.people.models import BusinessWays, OutsideAccount
from vestibule.people.ways import Join
from vestibule.store import addons

pytestmark = pytest.mark.django_db
State, Kind = OutsidePlace.State, OutsidePlace.Kind


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any) -> Path:
    settings.DATA = tmp_path
    settings.CALL_TOKENS = {"acs": "tests.e2e.acs_visit.Minted"}
    return tmp_path


@pytest.fixture
def visit() -> Visit:
    """One that is held in Teams, with somebody let in."""
    visit = make_visit()
    hold_in_teams(visit.meeting)
    take_up_teams(visit.meeting)
    access = secrets.encrypt(outside_accounts.PURPOSE, b"{}")
    OutsideAccount.objects.create(business=visit.meeting.business, kind="acs", access=access)
    waiting.arrive(visit.consumer.ref)
    waiting.enter_waiting(visit.consumer.ref)
    return visit


def wish(visit: Visit, join: Join) -> None:
    BusinessWays.objects.filter(business=visit.meeting.business).update(join=join)


def way(visit: Visit) -> Join:
    return join_ways.join_way(Meeting.objects.get(pk=visit.meeting.pk))


def let_in(visit: Visit) -> None:
    waiting.admit(visit.host, visit.consumer.ref)


def stands(visit: Visit, **fields: Any) -> None:
    OutsidePlace.objects.filter(meeting=visit.meeting).update(**fields)


def test_a_meeting_that_is_held_here_is_joined_here(data: Path) -> None:
    put_kit(data)
    assert way(make_visit()) == Join.OWN


@pytest.mark.parametrize(
    ("wished", "installed", "expected"),
    [
        (Join.ACS_CALLING, True, Join.ACS_CALLING),
        (Join.ACS_CALLING, False, Join.TEAMS_WEB),
        (Join.TEAMS_WEB, True, Join.TEAMS_WEB),
        (Join.OWN, True, Join.TEAMS_WEB),
    ],
)
def test_teams_is_joined_on_our_page_only_where_that_is_wished_and_possible(
    data: Path, visit: Visit, wished: Join, installed: bool, expected: Join
) -> None:
    if installed:
        put_kit(data)
    wish(visit, wished)
    assert way(visit) == expected


@pytest.mark.parametrize(("installed", "expected"), [(True, Join.ACS_CALLING), (False, Join.OWN)])
def test_a_room_of_azure_is_joined_by_the_kit_and_without_it_by_our_own_call(
    data: Path, visit: Visit, installed: bool, expected: Join
) -> None:
    if installed:
        put_kit(data)
    wish(visit, Join.ACS_CALLING)
    stands(visit, kind=Kind.ACS_ROOM)
    assert way(visit) == expected


def test_what_does_not_stand_yet_or_no_longer_shall_is_joined_here(data: Path, visit: Visit) -> None:
    put_kit(data)
    wish(visit, Join.ACS_CALLING)
    made = OutsidePlace.objects.get(meeting=visit.meeting).made
    stands(visit, made={})
    assert way(visit) == Join.OWN
    assert join_ways.may_use_acs_calling(Meeting.objects.get(pk=visit.meeting.pk)), "it may come to stand"
    stands(visit, made=made, is_wanted=False)
    assert way(visit) == Join.OWN
    assert not join_ways.may_use_acs_calling(Meeting.objects.get(pk=visit.meeting.pk))


@pytest.mark.parametrize(
    "wrong", [{"format": "2"}, {"entry": "other.js"}, {"files": "none"}, {"entry": "../secret.key"}]
)
def test_a_manifest_that_is_not_understood_is_no_installation(data: Path, wrong: dict[str, str]) -> None:
    put_kit(data, **wrong)
    assert addons.acs_calling.installed() is None


def test_the_add_on_is_noticed_when_it_comes_and_when_it_goes(data: Path) -> None:
    assert addons.acs_calling.installed() is None
    place = put_kit(data)
    assert addons.acs_calling.installed() is not None
    (place / ENTRY).write_bytes(b"half")
    assert addons.acs_calling.installed() is None


def test_nobody_gets_a_token_before_they_are_let_in(data: Path, visit: Visit) -> None:
    put_kit(data)
    with pytest.raises(NotAdmitted):
        outside_calls.join_info(visit.consumer.ref)


def test_who_is_let_in_is_told_the_script_the_meeting_and_as_whom_they_join(data: Path, visit: Visit) -> None:
    put_kit(data)
    let_in(visit)
    info = outside_calls.join_info(visit.consumer.ref)
    told = info.as_json()
    assert told["kind"] == "acs"
    assert told["url"] == f"/static-addons/acs-calling/{ENTRY}"
    assert told["token"]
    assert told["outside"] == {
        "identity": IDENTITY,
        "name": visit.consumer.name,
        "locator": {"meetingLink": JOIN_URL},
        "elsewhere": JOIN_URL,
    }
    assert told["token"] not in repr(info), "no log holds it"


def test_a_meeting_without_a_link_is_joined_by_its_number_and_passcode(data: Path, visit: Visit) -> None:
    put_kit(data)
    let_in(visit)
    made = replace(MADE, join_url="https://evil.example/l/meetup-join/1")
    stands(visit, made=vars(made) | {"details": {}})
    told = outside_calls.join_info(visit.consumer.ref).outside
    assert told["locator"] == {"meetingId": NUMBER, "passcode": PASSCODE}
    assert told["elsewhere"] == "", "nobody is led to a link that is none of Teams"


def test_a_room_is_joined_by_its_number_by_whoever_is_invited_to_it(data: Path, visit: Visit) -> None:
    put_kit(data)
    let_in(visit)
    room = {"external_id": "99199690362660524", "details": {f"seat:{visit.consumer.ref}": IDENTITY}}
    stands(visit, kind=Kind.ACS_ROOM, made=room)
    assert outside_calls.join_info(visit.consumer.ref).outside["locator"] == {"roomId": "99199690362660524"}
    stands(visit, made=room | {"details": {}})
    with pytest.raises(NoCallToken):
        outside_calls.join_info(visit.consumer.ref)


def test_without_the_add_on_or_a_place_there_is_nothing_to_join_by(data: Path, visit: Visit) -> None:
    let_in(visit)
    with pytest.raises(NoCallToken):
        outside_calls.join_info(visit.consumer.ref)
    put_kit(data)
    stands(visit, made={})
    with pytest.raises(NoCallToken):
        outside_calls.join_info(visit.consumer.ref)
