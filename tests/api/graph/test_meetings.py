"""Online meetings as programs written for Teams have them made: found again, joined at a door, and ended."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from tests.api.graph.program import Program, program_of
from tests.booking.factories import at
from tests.factories import make_business, make_provider, manager_of
from vestibule.meetings import rooms
from vestibule.meetings.errors import WrongState
from vestibule.meetings.models import Meeting, OnlineMeeting, Participant
from vestibule.people import rates
from vestibule.people.models import AuditEntry, CapabilityLink, Provider
from vestibule.store import clock

TIMES = {"startDateTime": "2030-03-04T09:00:00Z", "endDateTime": "2030-03-04T09:30:00Z"}


@pytest.fixture(autouse=True)
def _monday(db: None, settings: Any) -> Iterator[None]:
    settings.PUBLIC_URL = "http://testserver"
    clock.set_to(at("08:50"))
    yield
    clock.reset()


@pytest.fixture
def ada() -> Provider:
    ada = make_provider()
    ada.email = "ada@lakeside.example"
    ada.save()
    return ada


@pytest.fixture
def teams(ada: Provider) -> Program:
    return program_of(ada.business)


HERS = "/users/ada@lakeside.example/onlineMeetings"


def test_a_meeting_is_made_with_a_link_a_number_and_a_passcode(teams: Program, ada: Provider) -> None:
    made = teams.post(HERS, {**TIMES, "subject": "Second opinion"})
    assert made.status == 201
    assert made.json["subject"] == "Second opinion"
    assert made.json["startDateTime"] == "2030-03-04T09:00:00.0000000Z"
    assert "/visit?v=" in made.json["joinWebUrl"]
    by_hand = made.json["joinMeetingIdSettings"]
    assert by_hand["isPasscodeRequired"] is True
    assert len(by_hand["passcode"]) == 8
    assert made.json["participants"]["organizer"]["upn"] == "ada@lakeside.example"
    assert made.json["chatInfo"]["threadId"].startswith("19:")
    assert Participant.objects.get().provider == ada


def test_a_meeting_without_times_is_now_and_lasts_an_hour(teams: Program) -> None:
    made = teams.post(HERS, {}).json
    assert (made["startDateTime"][:16], made["endDateTime"][:16]) == ("2030-03-04T08:50", "2030-03-04T09:50")


def test_an_end_without_a_start_is_refused(teams: Program) -> None:
    refused = teams.post(f"{HERS}/createOrGet", {"externalId": "a", "endDateTime": TIMES["endDateTime"]})
    assert (refused.status, refused.json["error"]["target"]) == (400, "startDateTime")


def test_a_meeting_is_asked_for_twice_by_its_name_and_made_once(teams: Program) -> None:
    wanted = {"externalId": "visit-7", **TIMES}
    first, again = (teams.post(f"{HERS}/createOrGet", wanted) for _time in range(2))
    assert (first.status, again.status) == (201, 200)
    assert first.json["id"] == again.json["id"]
    assert OnlineMeeting.objects.count() == 1


def test_the_name_of_a_meeting_is_free_again_once_it_is_deleted(teams: Program) -> None:
    first = teams.post(f"{HERS}/createOrGet", {"externalId": "visit-7", **TIMES})
    assert teams.ask("DELETE", f"{HERS}/{first.json['id']}").status == 204
    assert teams.post(f"{HERS}/createOrGet", {"externalId": "visit-7", **TIMES}).status == 201


def test_a_meeting_is_found_by_its_link_and_by_its_number(teams: Program) -> None:
    made = teams.post(HERS, TIMES).json
    number = made["joinMeetingIdSettings"]["joinMeetingId"]
    by_link = teams.get(HERS, **{"$filter": f"JoinWebUrl eq '{made['joinWebUrl']}'"})
    by_number = teams.get(HERS, **{"$filter": f"joinMeetingIdSettings/joinMeetingId eq '{number}'"})
    nothing = teams.get(HERS, **{"$filter": "joinMeetingIdSettings/joinMeetingId eq '0000000000'"})
    assert [one["id"] for one in by_link.value] == [one["id"] for one in by_number.value] == [made["id"]]
    assert nothing.value == []
    assert teams.get(HERS).status == 400


def test_start_and_end_move_together_and_the_link_follows(teams: Program) -> None:
    made = teams.post(HERS, TIMES).json
    alone = teams.ask("PATCH", f"{HERS}/{made['id']}", {"startDateTime": "2030-03-05T09:00:00Z"})
    assert (alone.status, alone.json["error"]["target"]) == (400, "endDateTime")
    both = {"startDateTime": "2030-03-05T09:00:00Z", "endDateTime": "2030-03-05T10:00:00Z"}
    moved = teams.ask("PATCH", f"{HERS}/{made['id']}", both).json
    assert moved["endDateTime"] == "2030-03-05T10:00:00.0000000Z"
    assert moved["joinWebUrl"] == made["joinWebUrl"]
    assert CapabilityLink.objects.get().expires_at == at("11:00") + timedelta(days=1)


def test_colleagues_who_are_named_get_a_seat_and_others_are_kept_as_named(teams: Program, ada: Provider) -> None:
    ben = make_provider(business=ada.business, name="Ben")
    Provider.objects.filter(pk=ben.pk).update(email="ben@lakeside.example")
    people = {"attendees": [{"upn": "Ben@lakeside.example", "role": "presenter"}, {"upn": "cleo@example.org"}]}
    made = teams.post(HERS, {**TIMES, "participants": people}).json
    shown = [(one["upn"], one["role"]) for one in made["participants"]["attendees"]]
    assert shown == [("ben@lakeside.example", "presenter"), ("cleo@example.org", "attendee")]
    assert set(Participant.objects.values_list("name", flat=True)) == {ada.name, "Ben"}
    teams.ask("PATCH", f"{HERS}/{made['id']}", {"participants": {"attendees": []}})
    assert list(Participant.objects.values_list("name", flat=True)) == [ada.name]


def test_a_colleague_who_is_named_otherwise_takes_part_otherwise(teams: Program, ada: Provider) -> None:
    ben = make_provider(business=ada.business, name="Ben")
    Provider.objects.filter(pk=ben.pk).update(email="ben@lakeside.example")
    people = {"attendees": [{"upn": "ben@lakeside.example"}]}
    made = teams.post(HERS, {**TIMES, "participants": people}).json
    assert Participant.objects.get(provider=ben).role == Participant.Role.COLLABORATOR
    people = {"attendees": [{"upn": "ben@lakeside.example", "role": "presenter"}]}
    teams.ask("PATCH", f"{HERS}/{made['id']}", {"participants": people})
    assert Participant.objects.get(provider=ben).role == Participant.Role.PRESENTER


def test_a_colleague_whom_staff_brought_in_stays_whomever_a_program_names(teams: Program, ada: Provider) -> None:
    made = teams.post(HERS, TIMES).json
    ben = make_provider(business=ada.business, name="Ben")
    Participant.objects.create(
        meeting=Meeting.objects.get(),
        kind=Participant.Kind.PROVIDER,
        role=Participant.Role.COLLABORATOR,
        name="Ben",
        provider=ben,
    )
    teams.ask("PATCH", f"{HERS}/{made['id']}", {"participants": {"attendees": [{"upn": "cleo@example.org"}]}})
    assert Participant.objects.filter(provider=ben).exists()


@pytest.mark.parametrize(
    "wish",
    [
        {"lobbyBypassSettings": {"scope": "everyone"}},
        {"lobbyBypassSettings": {"scope": "OrganizationAndFederated"}},
        {"lobbyBypassSettings": {"isDialInBypassEnabled": True}},
        {"recordAutomatically": True},
    ],
)
def test_nobody_is_let_past_the_waiting_room_and_nothing_is_recorded_unasked(teams: Program, wish: object) -> None:
    assert teams.post(HERS, {**TIMES, **wish}).status == 400  # type: ignore[dict-item]  # wrong on purpose
    assert not Meeting.objects.exists()


def test_what_the_waiting_room_does_is_told_whatever_was_asked(teams: Program) -> None:
    made = teams.post(HERS, {**TIMES, "lobbyBypassSettings": {"scope": "organizer"}}).json
    assert made["lobbyBypassSettings"] == {"scope": "organization", "isDialInBypassEnabled": False}
    assert made["recordAutomatically"] is False


def test_visitors_are_led_to_the_same_door(teams: Program) -> None:
    made = teams.post(HERS, TIMES).json
    for name in ("getVirtualAppointmentJoinWebUrl", "getVirtualAppointmentJoinWebUrl()"):
        assert teams.get(f"{HERS}/{made['id']}/{name}").json["value"] == made["joinWebUrl"]


def test_each_who_comes_to_the_door_gets_a_seat_of_their_own(teams: Program) -> None:
    made = teams.post(HERS, {**TIMES, "subject": "Second opinion"}).json
    for name in ("Cleo Baumann", "Dora Egli"):
        browser = Client()
        page = browser.get(made["joinWebUrl"])
        assert (page.status_code, "Second" in page.content.decode()) == (200, False)
        came = browser.post("/visit", {"link": made["joinWebUrl"], "name": name})
        assert (came.status_code, came.headers["Location"]) == (302, "/visit")
        assert browser.get("/visit").status_code == 200
    seats = Participant.objects.filter(kind="consumer").values_list("name", "state")
    assert list(seats) == [("Cleo Baumann", "invited"), ("Dora Egli", "invited")]


def test_a_browser_that_comes_again_keeps_its_seat(teams: Program) -> None:
    made = teams.post(HERS, TIMES).json
    browser = Client()
    browser.post("/visit", {"link": made["joinWebUrl"], "name": "Cleo"})
    assert browser.get(f"/visit?v={made['joinWebUrl'].partition('v=')[2]}").headers["Location"] == "/visit"
    assert Participant.objects.filter(kind="consumer").count() == 1


def test_a_door_wants_a_name(teams: Program) -> None:
    made = teams.post(HERS, TIMES).json
    assert Client().post("/visit", {"link": made["joinWebUrl"], "name": "  "}).status_code == 422
    assert not Participant.objects.filter(kind="consumer").exists()


def test_number_and_passcode_open_the_door_and_a_wrong_passcode_does_not(teams: Program) -> None:
    by_hand = teams.post(HERS, TIMES).json["joinMeetingIdSettings"]
    number = by_hand["joinMeetingId"]
    right = Client().get(f"/visit?meetingId={number}&passcode={by_hand['passcode']}")
    wrong = Client().get(f"/visit?meetingId={number}&passcode=wrong123")
    assert (right.status_code, b'name="name"' in right.content) == (200, True)
    assert b'name="name"' not in wrong.content


def test_whoever_guesses_passcodes_is_stopped(teams: Program) -> None:
    rates.forget_all()
    number = teams.post(HERS, TIMES).json["joinMeetingIdSettings"]["joinMeetingId"]
    guesser = Client()
    answers = [guesser.get(f"/visit?meetingId={number}&passcode=guess{one}").status_code for one in range(25)]
    assert 429 in answers
    rates.forget_all()


def test_what_no_database_takes_names_nobody(teams: Program) -> None:
    made = teams.post(HERS, TIMES).json
    for path in (f"{HERS}/{made['id']}%00", "/users/ada%00/onlineMeetings/x", "/users/%00/calendar"):
        assert teams.get(path).status in (403, 404)


def test_without_a_passcode_the_number_is_enough(teams: Program) -> None:
    made = teams.post(HERS, {**TIMES, "joinMeetingIdSettings": {"isPasscodeRequired": False}}).json
    assert made["joinMeetingIdSettings"]["passcode"] is None
    number = made["joinMeetingIdSettings"]["joinMeetingId"]
    assert b'name="name"' in Client().get(f"/visit?meetingId={number}").content


def test_a_deleted_meeting_is_gone_with_its_link_its_number_and_every_seat(teams: Program) -> None:
    made = teams.post(HERS, TIMES).json
    inside = Client()
    inside.post("/visit", {"link": made["joinWebUrl"], "name": "Cleo"})
    assert teams.ask("DELETE", f"{HERS}/{made['id']}").status == 204
    assert teams.get(f"{HERS}/{made['id']}").status == 404
    assert Client().get(f"/visit?v={made['joinWebUrl'].partition('v=')[2]}").status_code == 404
    assert b"Cleo" not in inside.get("/visit").content
    assert AuditEntry.objects.filter(action="meeting.deleted").count() == 1


def test_a_link_opens_nothing_once_the_meeting_is_over(teams: Program) -> None:
    made = teams.post(HERS, TIMES).json
    clock.set_to(at("10:31"))
    browser = Client()
    assert b'name="name"' not in browser.get(f"/visit?v={made['joinWebUrl'].partition('v=')[2]}").content
    assert browser.post("/visit", {"link": made["joinWebUrl"], "name": "Cleo"}).status_code in (404, 410)
    assert not Participant.objects.filter(kind="consumer").exists()


def test_meetings_of_another_business_are_not_there(teams: Program) -> None:
    made = teams.post(HERS, TIMES).json
    stranger = program_of(make_business(name="Harbour Bank"))
    assert stranger.get(f"{HERS}/{made['id']}").status == 404
    assert stranger.post(HERS, TIMES).status == 404
    other = make_provider(business=stranger.business)
    Provider.objects.filter(pk=other.pk).update(email="otto@harbour.example")
    theirs = "/users/otto@harbour.example/onlineMeetings"
    assert stranger.get(f"{theirs}/{made['id']}").status == 404
    wanted = f"JoinWebUrl eq '{made['joinWebUrl']}'"
    assert stranger.get(theirs, **{"$filter": wanted}).value == []


@pytest.mark.parametrize(
    ("held", "allowed"),
    [("OnlineMeetings.Read.All", False), ("Calendars.ReadWrite", False), ("Bookings.Read.All", False)],
)
def test_making_a_meeting_takes_its_permission(ada: Provider, held: str, allowed: bool) -> None:
    answer = program_of(ada.business, held).post(HERS, TIMES)
    assert (answer.status == 201) is allowed
    assert answer.code == "accessDenied"


def test_an_application_is_nobody(teams: Program) -> None:
    refused = teams.post("/me/onlineMeetings", TIMES)
    assert (refused.status, refused.code) == (400, "BadRequest")


def test_somebody_is_named_by_address_in_any_letter_case_or_by_id(teams: Program, ada: Provider) -> None:
    for name in ("ADA@Lakeside.Example", quote("ada@lakeside.example", safe=""), ada.ref):
        assert teams.post(f"/users/{name}/onlineMeetings", TIMES).status == 201
    assert teams.post("/users/nobody@lakeside.example/onlineMeetings", TIMES).status == 404


def test_programs_that_know_rooms_see_it_as_one_until_it_closes(teams: Program) -> None:
    made = teams.post(HERS, TIMES).json
    actor = manager_of(teams.business)
    number = made["joinMeetingIdSettings"]["joinMeetingId"]
    assert [str(room.number) for room in rooms.page(actor, 0, 10)] == [number]
    with pytest.raises(WrongState):
        rooms.delete(actor, number)
    clock.set_to(at("10:31"))
    assert rooms.page(actor, 0, 10) == []
