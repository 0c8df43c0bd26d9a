"""Meetings in Teams, against a stand-in held to the published description of Graph."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.integrations.graph_contract import answer_faults
from tests.integrations.microsoft import ALL, SECRET, Fault, Microsoft
from tests.integrations.microsoft_meetings import Meetings, teams
from vestibule.integrations.microsoft365 import teams as adapter
from vestibule.integrations.microsoft365 import tokens
from vestibule.integrations.microsoft365.teams import AWAY, LIMIT, NO_POLICY, NOBODY, NOT_LET_IN, UNKNOWN, Teams
from vestibule.meetings import outside_links
from vestibule.meetings.ports import PlaceError, PlaceMade, PlaceOrder, PlaceSeat

NINE = datetime(2030, 3, 5, 9, tzinfo=UTC)
ADA, BO = "ada@clinic.example", "bo@clinic.example"
ORDER = PlaceOrder(
    key="meeting23456789a",
    title="First visit",
    start=NINE,
    end=NINE + timedelta(minutes=30),
    opens=NINE - timedelta(minutes=30),
    closes=NINE + timedelta(minutes=90),
    organizer=ADA,
    seats=(PlaceSeat("aaaa", "collaborator", ""), PlaceSeat("bbbb", "presenter", "Dr Ada Blum", ADA)),
)
WITH_BO = replace(ORDER, seats=(*ORDER.seats, PlaceSeat("cccc", "presenter", "Dr Bo Lund", BO)))
CREATE = "/createOrGet"


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Microsoft, Meetings]]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    monkeypatch.setattr(Teams, "sleep", staticmethod(lambda seconds: None))
    with teams() as running:
        yield running


@pytest.fixture
def cloud(both: tuple[Microsoft, Meetings]) -> Microsoft:
    return both[0]


@pytest.fixture
def meetings(both: tuple[Microsoft, Meetings]) -> Meetings:
    return both[1]


def opened(cloud: Microsoft, **access: str) -> Teams:
    return Teams.opened(cloud.access | access, (f"127.0.0.1:{cloud.port}",))


def put(cloud: Microsoft, order: PlaceOrder = ORDER, known: PlaceMade | None = None, **access: str) -> PlaceMade:
    places = opened(cloud, **access)
    try:
        return places.put(order, known)
    finally:
        places.close()


def refused(cloud: Microsoft, order: PlaceOrder = ORDER, known: PlaceMade | None = None, **access: str) -> PlaceError:
    with pytest.raises(PlaceError) as error:
        put(cloud, order, known, **access)
    return error.value


def only(meetings: Meetings) -> dict[str, object]:
    (one,) = meetings.live.values()
    return one


# Made.


def test_a_meeting_stands_at_its_time_with_the_provider_who_holds_it(cloud: Microsoft, meetings: Meetings) -> None:
    made = put(cloud)
    assert meetings.held() == [(ADA, "2030-03-05T09:00", ORDER.key)]
    one = only(meetings)
    assert (one["subject"], one["endDateTime"]) == ("First visit", "2030-03-05T09:30:00Z")
    assert answer_faults("microsoft.graph.onlineMeeting", one) == []
    assert (made.external_id, made.chat.startswith("19:meeting_")) == (one["id"], True)
    assert outside_links.of(made).join_url == made.join_url
    assert made.number.isdigit()
    assert made.passcode == "aB3dE"


def test_whoever_is_not_of_the_organisation_waits_and_presents_nothing(cloud: Microsoft, meetings: Meetings) -> None:
    put(cloud)
    assert only(meetings)["lobbyBypassSettings"] == {"scope": "organization", "isDialInBypassEnabled": False}
    assert only(meetings)["allowedPresenters"] == "organizer"


def test_colleagues_present_by_their_address_and_consumers_are_not_told(cloud: Microsoft, meetings: Meetings) -> None:
    seats = (*WITH_BO.seats, PlaceSeat("dddd", "attendee", "Cy Consumer", ""))
    put(cloud, replace(WITH_BO, seats=seats))
    people = only(meetings)["participants"]
    assert isinstance(people, dict)
    assert people["attendees"] == [{"upn": BO, "role": "presenter"}]
    assert only(meetings)["allowedPresenters"] == "roleIsPresenter"
    assert "Cy" not in str(meetings.live)


def test_a_colleague_unknown_in_teams_does_not_stop_the_meeting(cloud: Microsoft, meetings: Meetings) -> None:
    stranger = PlaceSeat("eeee", "presenter", "Locum", "locum@elsewhere.example")
    put(cloud, replace(ORDER, seats=(*ORDER.seats, stranger)))
    assert only(meetings)["allowedPresenters"] == "organization"


def test_asked_twice_there_is_one_meeting(cloud: Microsoft, meetings: Meetings) -> None:
    assert put(cloud).external_id == put(cloud).external_id
    assert len(meetings.made) == 1


def test_a_meeting_whose_answer_was_lost_is_found_again(cloud: Microsoft, meetings: Meetings) -> None:
    cloud.faults = [Fault(cuts=True, on=CREATE)]
    assert not refused(cloud).permanent
    put(cloud)
    assert meetings.held() == [(ADA, "2030-03-05T09:00", ORDER.key)]
    assert len(meetings.made) == 1


def test_one_found_again_is_brought_to_the_time_it_was_moved_to_meanwhile(cloud: Microsoft, meetings: Meetings) -> None:
    cloud.faults = [Fault(cuts=True, on=CREATE)]
    refused(cloud)
    later = timedelta(hours=2)
    put(cloud, replace(ORDER, start=NINE + later, end=ORDER.end + later))
    assert meetings.held() == [(ADA, "2030-03-05T11:00", ORDER.key)]


def test_nobody_without_an_address_holds_a_meeting_but_whom_the_account_names(
    cloud: Microsoft, meetings: Meetings
) -> None:
    assert str(refused(cloud, replace(ORDER, organizer=""))).startswith(NOBODY)
    assert cloud.asked == []
    made = put(cloud, replace(ORDER, organizer="", seats=()), organizer=BO)
    assert meetings.held() == [(BO, "2030-03-05T09:00", ORDER.key)]
    assert only(meetings)["allowedPresenters"] == "organization"
    places = opened(cloud)  # the account names somebody else by now, or nobody
    places.take_away(made, "")
    places.close()
    assert meetings.held() == []


def test_microsofts_page_for_visitors_is_kept_where_it_may_be_asked_for(cloud: Microsoft) -> None:
    assert "consumer_url" not in put(cloud).details
    assert not any("getVirtualAppointment" in one for one in cloud.asked)
    cloud.roles = (*ALL, adapter.VISITORS)
    tokens.kept = tokens.Tokens()
    made = put(cloud)
    assert outside_links.of(made).consumer_url == made.details["consumer_url"] != ""
    assert put(cloud, ORDER, made).details == made.details


def test_without_the_page_for_visitors_the_meeting_is_made_all_the_same(cloud: Microsoft) -> None:
    cloud.roles = (*ALL, adapter.VISITORS)
    cloud.faults = [Fault(403, "Forbidden", on="getVirtualAppointmentJoinWebUrl")]
    assert put(cloud).join_url


# Moved, and taken away.


def test_a_moved_meeting_keeps_its_link(cloud: Microsoft, meetings: Meetings) -> None:
    made = put(cloud)
    later = timedelta(days=1)
    moved = put(cloud, replace(WITH_BO, start=NINE + later, end=ORDER.end + later), made)
    assert (moved.external_id, moved.join_url) == (made.external_id, made.join_url)
    assert meetings.held() == [(ADA, "2030-03-06T09:00", ORDER.key)]


@pytest.mark.parametrize("keeps_names", [False, True])
def test_a_meeting_deleted_in_teams_is_made_again(cloud: Microsoft, meetings: Meetings, keeps_names: bool) -> None:
    meetings.keeps_names, meetings.age = keeps_names, timedelta(hours=1)
    made = put(cloud)
    meetings.delete(made.external_id)
    again = put(cloud, ORDER, made)
    assert again.external_id != made.external_id
    assert len(meetings.live) == 1
    assert put(cloud, ORDER, made).external_id == again.external_id


def test_a_meeting_that_is_not_known_everywhere_yet_is_waited_for(cloud: Microsoft, meetings: Meetings) -> None:
    cloud.faults = [Fault(404, "NotFound", on="PATCH ")]
    assert not refused(cloud).permanent
    put(cloud)
    assert len(meetings.made) == 1


def test_taken_away_twice_it_is_gone(cloud: Microsoft, meetings: Meetings) -> None:
    made, places = put(cloud), opened(cloud)
    places.take_away(made, ADA)
    places.take_away(made, ADA)
    places.close()
    assert meetings.live == {}


# What goes wrong.


def test_a_missing_policy_is_said_and_leaves_nothing(cloud: Microsoft, meetings: Meetings) -> None:
    meetings.without_policy = {ADA}
    error = refused(cloud)
    assert str(error) == f"{NO_POLICY}\nGraph answered 403 (Forbidden), request a-b-c"
    assert error.permanent
    assert not error.nothing_there


def test_an_unknown_organizer_is_said(cloud: Microsoft) -> None:
    error = refused(cloud, replace(ORDER, organizer="nobody@clinic.example"))
    assert str(error).startswith(UNKNOWN)
    assert error.permanent
    assert error.nothing_there


def test_a_meeting_whose_lobby_cannot_be_set_is_not_left_open(cloud: Microsoft, meetings: Meetings) -> None:
    cloud.faults = [Fault(403, "Forbidden", on="PATCH ")]
    assert refused(cloud).permanent
    assert meetings.live == {}


def test_what_could_not_be_cleared_up_is_tried_again(cloud: Microsoft, meetings: Meetings) -> None:
    cloud.faults = [Fault(403, "Forbidden", on="PATCH "), Fault(500, on="DELETE ")]
    assert not refused(cloud).permanent
    put(cloud)
    assert len(meetings.made) == 1


def test_the_limit_of_a_month_asks_for_patience(cloud: Microsoft, meetings: Meetings) -> None:
    meetings.most = 0
    error = refused(cloud)
    assert str(error).startswith(LIMIT)
    assert not error.permanent


def test_how_long_to_wait_is_handed_on(cloud: Microsoft) -> None:
    cloud.faults = [Fault(429, "activityLimitReached", (("Retry-After", "900"),), on=CREATE)]
    assert refused(cloud).wait == 900


@pytest.mark.parametrize("status", [409, 412, 500, 502, 503, 504])
@pytest.mark.parametrize("on", [CREATE, "PATCH "])
def test_what_passes_by_itself_is_tried_again_and_nothing_is_doubled(
    cloud: Microsoft, meetings: Meetings, status: int, on: str
) -> None:
    cloud.faults = [Fault(status, on=on)] * 5
    error = refused(cloud)
    assert str(error).startswith(AWAY)
    assert not error.permanent
    cloud.faults = []
    put(cloud)
    assert len(meetings.made) == 1


@pytest.mark.parametrize("fault", [Fault(silent=True), Fault(cuts=True)], ids=["slow", "cut"])
def test_silence_is_given_up_in_time(cloud: Microsoft, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    monkeypatch.setattr(adapter, "ONE_REQUEST", 0.5)
    cloud.faults = [replace(fault, on=CREATE)]
    error = refused(cloud)
    assert str(error).startswith(AWAY)
    assert not error.permanent


def test_an_answer_that_says_nothing_is_no_meeting(cloud: Microsoft, meetings: Meetings) -> None:
    cloud.faults = [Fault(body=b"{}", on=CREATE)]
    assert not refused(cloud).permanent
    assert put(cloud).external_id in meetings.live


def test_an_expired_secret_is_said_to_whoever_can_mend_it(cloud: Microsoft) -> None:
    cloud.sign_in_fault = (401, "AADSTS7000222")
    error = refused(cloud)
    assert str(error).startswith(NOT_LET_IN)
    assert error.permanent


def test_a_token_that_counts_no_more_is_asked_for_anew(cloud: Microsoft, meetings: Meetings) -> None:
    put(cloud)
    cloud.forget_tokens()
    put(cloud)
    assert len(meetings.made) == 1


def test_an_account_that_cannot_be_right_is_refused(cloud: Microsoft) -> None:
    with pytest.raises(PlaceError) as error:
        opened(cloud, tenant="no/tenant")
    assert error.value.permanent


@pytest.mark.parametrize("private", [ADA, BO, SECRET, "First visit", "Dr Ada Blum"])
def test_an_error_names_neither_people_nor_secrets(cloud: Microsoft, meetings: Meetings, private: str) -> None:
    meetings.without_policy = {ADA}
    assert private not in str(refused(cloud, WITH_BO))
