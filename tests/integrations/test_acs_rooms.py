"""Rooms and identities by the official packages, against a stand-in that holds each request to the descriptions."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integrations import acs_contract, authority
from tests.integrations.azure import KEY, Azure, azure_server
from tests.integrations.azure_rooms import RESOURCE, Rooms, with_rooms
from tests.integrations.mailbox import closed_port
from vestibule.integrations.acs import access as reaching
from vestibule.integrations.acs.asking import Asking
from vestibule.integrations.acs.identities import Identities
from vestibule.integrations.acs.rooms import Rooms as Places
from vestibule.meetings.ports import PlaceError, PlaceMade, PlaceOrder, PlaceSeat

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
PROVIDER, CONSUMER = PlaceSeat("seat-provider", "presenter", "Dr Bo Lund"), PlaceSeat("seat-ada", "collaborator", "Ada")
HELPER = PlaceSeat("seat-helper", "attendee", "Ines")
ORDER = PlaceOrder(
    key="meeting-1",
    title="First visit",
    start=NINE,
    end=NINE + timedelta(minutes=30),
    opens=NINE - timedelta(minutes=30),
    closes=NINE + timedelta(minutes=60),
    seats=(PROVIDER, CONSUMER),
)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    acs_contract.require_descriptions()
    return authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def _running(certificates: tuple[Path, Path]) -> Iterator[Azure]:
    with azure_server(certificates[1]) as azure:
        yield azure


@pytest.fixture
def azure(_running: Azure) -> Azure:
    _running.again()
    _running.key = KEY
    _running.parts.clear()
    _running.faults.clear()
    _running.asked.clear()
    return _running


@pytest.fixture
def there(azure: Azure) -> Iterator[Rooms]:
    made = with_rooms(azure)
    yield made
    assert made.wrong == [], "each request is one that is described"


Opened = Callable[[], Places]


@pytest.fixture
def opened(azure: Azure, there: Rooms, certificates: tuple[Path, Path]) -> Iterator[Opened]:
    made: list[Places] = []

    def again() -> Places:
        made.append(Places(Asking(reaching.resource(azure.connection_string), seconds=30, verify=str(certificates[0]))))
        return made[-1]

    yield again
    for one in made:
        one.close()


@pytest.fixture
def tokens(azure: Azure, there: Rooms, certificates: tuple[Path, Path]) -> Iterator[Identities]:
    made = Identities(Asking(reaching.resource(azure.connection_string), seconds=30, verify=str(certificates[0])))
    yield made
    made.close()


def identity(made: PlaceMade, seat: PlaceSeat) -> str:
    return made.details[f"seat:{seat.ref}"]


def invited(there: Rooms, made: PlaceMade) -> dict[str, str]:
    """Who is invited, by the name of their seat."""
    names = {one: name.removeprefix("seat:") for name, one in made.details.items() if name.startswith("seat:")}
    return {names[who]: role for who, role in there.invited[made.external_id].items()}


def test_a_room_is_open_while_people_may_come_in_and_for_those_invited_alone(there: Rooms, opened: Opened) -> None:
    made = opened().put(ORDER, None)
    [room] = there.rooms.values()
    assert (room["id"], room["pstnDialOutEnabled"]) == (made.external_id, False)
    assert datetime.fromisoformat(room["validFrom"]) == ORDER.opens
    assert datetime.fromisoformat(room["validUntil"]) == ORDER.closes
    assert invited(there, made) == {PROVIDER.ref: "Presenter", CONSUMER.ref: "Collaborator"}
    assert there.identities == {identity(made, PROVIDER), identity(made, CONSUMER)}
    assert not there.tokens, "tokens are made once somebody is let in"


def test_asking_again_for_what_stands_changes_nothing(azure: Azure, there: Rooms, opened: Opened) -> None:
    made = opened().put(ORDER, None)
    azure.asked.clear()
    assert opened().put(ORDER, made) == made
    assert [one for one in azure.asked if not one.startswith("GET ")] == []
    assert len(there.identities) == 2


def test_a_moved_appointment_moves_its_room(there: Rooms, opened: Opened) -> None:
    made = opened().put(ORDER, None)
    day = timedelta(days=1)
    moved = replace(ORDER, opens=ORDER.opens + day, closes=ORDER.closes + day)
    again = opened().put(moved, made)
    assert again.external_id == made.external_id
    assert datetime.fromisoformat(there.rooms[made.external_id]["validUntil"]) == moved.closes
    assert there.rooms[made.external_id]["pstnDialOutEnabled"] is False, "what is sent as null stays as it was"
    assert invited(there, again) == invited(there, made)


def test_who_joins_later_is_invited_and_who_leaves_for_good_loses_seat_and_identity(
    there: Rooms, opened: Opened
) -> None:
    made = opened().put(ORDER, None)
    with_helper = opened().put(replace(ORDER, seats=(PROVIDER, CONSUMER, HELPER)), made)
    assert invited(there, with_helper)[HELPER.ref] == "Attendee"
    assert identity(with_helper, CONSUMER) == identity(made, CONSUMER)
    without = opened().put(replace(ORDER, seats=(PROVIDER, HELPER)), with_helper)
    assert invited(there, without) == {PROVIDER.ref: "Presenter", HELPER.ref: "Attendee"}
    assert there.deleted == [identity(made, CONSUMER)]


def test_another_role_is_told_to_the_room(there: Rooms, opened: Opened) -> None:
    made = opened().put(ORDER, None)
    watching = replace(CONSUMER, role="consumer")
    opened().put(replace(ORDER, seats=(PROVIDER, watching)), made)
    assert invited(there, made) == {PROVIDER.ref: "Presenter", CONSUMER.ref: "Consumer"}


def test_people_of_every_page_are_read(there: Rooms, opened: Opened) -> None:
    seats = tuple(PlaceSeat(f"seat-{number}", "attendee", "Somebody") for number in range(7))
    made = opened().put(replace(ORDER, seats=seats), None)
    assert len(there.invited[made.external_id]) == 7
    left = opened().put(replace(ORDER, seats=seats[5:]), made)
    assert sorted(invited(there, left)) == ["seat-5", "seat-6"]
    assert len(there.deleted) == 5


def test_a_lost_answer_leaves_one_room_with_the_right_people(azure: Azure, there: Rooms, opened: Opened) -> None:
    azure.faults = [("POST /rooms", 0, {})]
    with pytest.raises(PlaceError) as lost:
        opened().put(ORDER, None)
    assert not lost.value.permanent
    made = opened().put(ORDER, None)
    assert list(there.rooms) == [made.external_id]
    assert invited(there, made) == {PROVIDER.ref: "Presenter", CONSUMER.ref: "Collaborator"}
    assert there.identities == {identity(made, PROVIDER), identity(made, CONSUMER)}, "those of the first try are gone"


def test_after_it_was_taken_away_the_same_meeting_gets_another_room(there: Rooms, opened: Opened) -> None:
    first = opened().put(ORDER, None)
    opened().take_away(first, "")
    again = opened().put(ORDER, None)
    assert list(there.rooms) == [again.external_id]
    assert again.external_id != first.external_id


def test_a_room_somebody_deleted_in_azure_is_made_again_for_the_same_people(there: Rooms, opened: Opened) -> None:
    made = opened().put(ORDER, None)
    there.rooms.clear()
    there.invited.clear()
    for order in (ORDER, replace(ORDER, closes=ORDER.closes + timedelta(hours=1))):
        again = opened().put(order, made)
        assert identity(again, CONSUMER) == identity(made, CONSUMER)
        assert invited(there, again) == {PROVIDER.ref: "Presenter", CONSUMER.ref: "Collaborator"}


def test_a_request_azure_will_not_hear_again_is_asked_under_another_id(
    azure: Azure, there: Rooms, opened: Opened
) -> None:
    azure.faults = [("POST /rooms", 412, {})]
    made = opened().put(ORDER, None)
    assert list(there.rooms) == [made.external_id]


def test_after_the_visit_neither_room_nor_identities_are_left(there: Rooms, opened: Opened) -> None:
    made = opened().put(ORDER, None)
    opened().take_away(made, "")
    assert (there.rooms, there.identities) == ({}, set())
    opened().take_away(made, "")


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (401, True), (403, True), (409, False), (429, False), (500, False), (503, False)],
)
def test_a_refusal_says_whether_a_person_must_mend_something(
    azure: Azure, there: Rooms, opened: Opened, status: int, permanent: bool
) -> None:
    azure.faults = [("POST /rooms", status, {"Retry-After": "7", "x-ms-error-code": "Why-Not"})]
    with pytest.raises(PlaceError) as refused:
        opened().put(ORDER, None)
    assert (refused.value.permanent, refused.value.wait) == (permanent, 7)
    assert str(refused.value) == f"Azure answered {status} (WhyNot)"
    assert there.identities == set(), "what was made for nothing is taken away"
    assert len([one for one in azure.asked if one.startswith("POST /rooms")]) == 1, "the worker tries again, not this"


def test_a_wrong_key_is_for_a_person_to_mend(azure: Azure, opened: Opened) -> None:
    azure.key = "b3RoZXI="
    with pytest.raises(PlaceError, match=r"Azure answered 401 \(Denied\)") as refused:
        opened().put(ORDER, None)
    assert refused.value.permanent
    assert KEY not in str(refused.value)


@pytest.mark.parametrize("fault", [0, -1])
def test_a_cut_answer_is_tried_again_later(azure: Azure, there: Rooms, opened: Opened, fault: int) -> None:
    azure.faults = [("POST /identities", fault, {})]
    with pytest.raises(PlaceError, match="did not answer") as cut:
        opened().put(ORDER, None)
    assert not cut.value.permanent


def test_a_slow_azure_and_one_that_is_away_are_passing(
    azure: Azure, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "READ_SECONDS", 0.2)
    azure.silent = True
    away = Asking(reaching.resource(f"endpoint=https://localhost:{closed_port()};accesskey={KEY}"), seconds=30)
    for places, words in ((opened(), "did not answer"), (Places(away), "cannot be reached")):
        with pytest.raises(PlaceError, match=words) as failed:
            places.put(ORDER, None)
        assert not failed.value.permanent


def test_nothing_begins_once_the_time_is_used_up(azure: Azure, there: Rooms, certificates: tuple[Path, Path]) -> None:
    late = Places(Asking(reaching.resource(azure.connection_string), seconds=0, verify=str(certificates[0])))
    with pytest.raises(PlaceError, match="took too long"):
        late.put(ORDER, None)
    assert azure.asked == []


def test_a_token_joins_calls_for_an_hour_and_does_no_more(there: Rooms, tokens: Identities) -> None:
    given = tokens.issue("")
    assert there.tokens[given.token] == (given.identity, ["voip.join"], 60)
    assert given.identity.startswith(f"8:acs:{RESOURCE}_")
    assert timedelta(minutes=58) < given.expires_at - datetime.now(UTC) <= timedelta(minutes=60)
    assert given.token not in repr(given)


def test_the_same_person_stays_the_same_identity(there: Rooms, tokens: Identities) -> None:
    first = tokens.issue("")
    again = tokens.issue(first.identity, with_chat=True)
    assert again.identity == first.identity
    assert there.tokens[again.token][1] == ["voip.join", "chat.join.limited"]
    assert len(there.identities) == 1


def test_an_identity_that_is_gone_is_replaced(there: Rooms, tokens: Identities) -> None:
    first = tokens.issue("")
    tokens.delete(first.identity)
    assert tokens.issue(first.identity).identity in there.identities - {first.identity}


def test_tokens_are_revoked_and_what_is_gone_is_no_error(there: Rooms, tokens: Identities) -> None:
    given = tokens.issue("")
    tokens.revoke(given.identity)
    assert there.revoked == [given.identity]
    for _again in range(2):
        tokens.delete(given.identity)
    tokens.revoke(given.identity)
    assert there.deleted == [given.identity]
