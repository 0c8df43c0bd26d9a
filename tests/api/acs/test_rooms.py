"""Rooms, asked for by the official SDK, with every trap its clients set; answers are as described."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from azure.communication.rooms import (
    CommunicationRoom,
    CommunicationUserIdentifier,
    ParticipantRole,
    PhoneNumberIdentifier,
    RoomParticipant,
    RoomsClient,
)
from azure.communication.rooms.aio import RoomsClient as AsyncRoomsClient
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.api.acs.sdk import VERSIONS, Emulator, Resource, running_emulator
from tests.integrations.acs_contract import HOME, answer_faults, example, require_descriptions

pytestmark = pytest.mark.slow

VERSION = f"api-version={VERSIONS['rooms']}"
NOBODY = "8:acs:11111111-2222-3333-4444-555555555555_00000000-0000-0000-0000-000000000001"
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running_emulator(tmp_path_factory.mktemp("rooms")) as running:
        yield running


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> RoomsClient:
    return RoomsClient.from_connection_string(emulator.resource.connection_string)


def somebody(resource: Resource) -> CommunicationUserIdentifier:
    made = resource.ask("POST", f"/identities?api-version={VERSIONS['identities']}", {})
    return CommunicationUserIdentifier(str(made.json()["identity"]["id"]))


def times(room: CommunicationRoom) -> tuple[datetime, datetime]:
    """The SDK hands times on as they came."""
    opens, closes = (datetime.fromisoformat(str(one)) for one in (room.valid_from, room.valid_until))
    return opens, closes


def people(client: RoomsClient, room: str) -> dict[str, str]:
    return {one.communication_identifier.raw_id: str(one.role) for one in client.list_participants(room)}


def made(resource: Resource, body: Any, **headers: str) -> httpx.Response:
    return resource.ask("POST", f"/rooms?{VERSION}", body, **headers)


@pytest.mark.shows("Rooms_Create", by="python")
@pytest.mark.shows("Rooms_Get", by="python")
@pytest.mark.shows("Rooms_Update", by="python")
@pytest.mark.shows("Rooms_List", by="python")
@pytest.mark.shows("Rooms_Delete", by="python")
@pytest.mark.shows("Participants_Update", by="python")
@pytest.mark.shows("Participants_List", by="python")
def test_a_room_from_its_making_to_its_end(emulator: Emulator, client: RoomsClient) -> None:
    doctor, patient = somebody(emulator.resource), somebody(emulator.resource)
    begin = datetime.now(UTC).replace(microsecond=0) + DAY
    invited = [
        RoomParticipant(communication_identifier=doctor, role=ParticipantRole.PRESENTER),
        RoomParticipant(communication_identifier=patient),
    ]
    room = client.create_room(
        valid_from=begin, valid_until=begin + DAY, pstn_dial_out_enabled=True, participants=invited
    )
    assert (times(room), room.pstn_dial_out_enabled) == ((begin, begin + DAY), True)
    assert room.id.isdecimal()
    assert len(room.id) in (17, 18)
    assert people(client, room.id) == {doctor.raw_id: "Presenter", patient.raw_id: "Attendee"}
    assert times(client.update_room(room_id=room.id, valid_until=begin + 2 * DAY)) == (begin, begin + 2 * DAY)
    kept = client.get_room(room.id)
    assert (times(kept), kept.pstn_dial_out_enabled) == ((begin, begin + 2 * DAY), True)
    assert room.id in {one.id for one in client.list_rooms()}
    client.delete_room(room.id)
    with pytest.raises(ResourceNotFoundError):
        client.get_room(room.id)


@pytest.mark.shows("Participants_Update", by="python")
def test_participants_are_merged(emulator: Emulator, client: RoomsClient) -> None:
    first, second, third = (somebody(emulator.resource) for _ in range(3))
    room = client.create_room(participants=[RoomParticipant(communication_identifier=first)])
    client.add_or_update_participants(
        room_id=room.id,
        participants=[
            RoomParticipant(communication_identifier=first, role=ParticipantRole.COLLABORATOR),
            RoomParticipant(communication_identifier=second, role=ParticipantRole.CONSUMER),
        ],
    )
    client.remove_participants(room_id=room.id, participants=[first, third])
    assert people(client, room.id) == {second.raw_id: "Consumer"}
    client.add_or_update_participants(room_id=room.id, participants=[RoomParticipant(communication_identifier=second)])
    assert people(client, room.id) == {second.raw_id: "Attendee"}


@pytest.mark.shows("Rooms_Create", by="python-aio")
@pytest.mark.shows("Rooms_Get", by="python-aio")
@pytest.mark.shows("Rooms_Update", by="python-aio")
@pytest.mark.shows("Rooms_List", by="python-aio")
@pytest.mark.shows("Rooms_Delete", by="python-aio")
@pytest.mark.shows("Participants_Update", by="python-aio")
@pytest.mark.shows("Participants_List", by="python-aio")
def test_the_asynchronous_sdk_does_the_same(emulator: Emulator) -> None:
    person = somebody(emulator.resource)

    async def walk() -> tuple[bool, dict[str, str], list[str], bool]:
        async with AsyncRoomsClient.from_connection_string(emulator.resource.connection_string) as client:
            room = await client.create_room()
            joins = [RoomParticipant(communication_identifier=person, role=ParticipantRole.PRESENTER)]
            await client.add_or_update_participants(room_id=room.id, participants=joins)
            there = {
                one.communication_identifier.raw_id: str(one.role) async for one in client.list_participants(room.id)
            }
            await client.remove_participants(room_id=room.id, participants=[person])
            left = [one.communication_identifier.raw_id async for one in client.list_participants(room.id)]
            changed = await client.update_room(room_id=room.id, pstn_dial_out_enabled=True)
            seen = room.id in [one.id async for one in client.list_rooms()]
            same = (await client.get_room(room.id)).pstn_dial_out_enabled and changed.pstn_dial_out_enabled
            await client.delete_room(room.id)
            return seen, there, left, bool(same)

    assert asyncio.run(walk()) == (True, {person.raw_id: "Presenter"}, [], True)


@pytest.mark.shows("Rooms_List", by="python")
@pytest.mark.shows("Participants_List", by="python")
def test_further_pages_come_although_python_names_another_version_for_them(
    emulator: Emulator, client: RoomsClient
) -> None:
    crowd = {somebody(emulator.resource).raw_id for _ in range(53)}
    room = client.create_room(
        participants=[RoomParticipant(communication_identifier=CommunicationUserIdentifier(one)) for one in crowd]
    )
    assert set(people(client, room.id)) == crowd
    rooms = {made(emulator.resource, {}).json()["id"] for _ in range(51)}
    listed = [one.id for one in client.list_rooms()]
    assert rooms <= set(listed)
    assert len(listed) == len(set(listed))


def test_null_leaves_a_room_as_it_is_and_takes_a_participant_away(emulator: Emulator) -> None:
    one, person = emulator.resource, somebody(emulator.resource).raw_id
    room = made(one, {"pstnDialOutEnabled": True, "participants": {person: {}}, "validFrom": None}).json()
    path = f"/rooms/{room['id']}"
    nothing = {"validFrom": None, "validUntil": None, "pstnDialOutEnabled": None}
    merge = {"Content-Type": "application/merge-patch+json"}
    assert one.ask("PATCH", f"{path}?{VERSION}", nothing, **merge).json() == room
    listed = one.ask("GET", f"{path}/participants?{VERSION}").json()["value"]
    assert listed == [{"rawId": person, "role": "Attendee"}]
    answer = one.ask("PATCH", f"{path}/participants?{VERSION}", {"participants": {person: None, NOBODY: None}}, **merge)
    assert (answer.status_code, answer.json()) == (200, {})
    assert one.ask("GET", f"{path}/participants?{VERSION}").json()["value"] == []


def test_the_same_request_makes_one_room(emulator: Emulator) -> None:
    once = {"Repeatability-Request-Id": "4d0e1f6c-7a53-11f0-9c3e-0242ac120002", "Repeatability-First-Sent": "x"}
    first, again = (made(emulator.resource, {"pstnDialOutEnabled": True}, **once) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    other = made(emulator.resource, {"pstnDialOutEnabled": False}, **once)
    assert (other.status_code, other.json()["error"]["target"]) == (400, "Repeatability-Request-ID")
    elsewhere = made(emulator.stranger, {"pstnDialOutEnabled": True}, **once)
    assert elsewhere.json()["id"] != first.json()["id"]


def test_answers_are_as_described(emulator: Emulator) -> None:
    require_descriptions()
    one, person = emulator.resource, somebody(emulator.resource).raw_id
    answer = made(one, {"participants": {person: {"role": "Collaborator"}}})
    assert answer_faults("rooms", "RoomModel", answer.json()) == []
    assert set(answer.json()) == set(example("rooms/Rooms_Create.json", 201))
    path = f"/rooms/{answer.json()['id']}"
    for address, definition in ((f"{path}/participants", "ParticipantsCollection"), ("/rooms", "RoomsCollection")):
        assert answer_faults("rooms", definition, one.ask("GET", f"{address}?{VERSION}").json()) == []
    wrong = one.ask("GET", f"/rooms/99199690362660524?{VERSION}")
    assert (wrong.status_code, wrong.headers["x-ms-error-code"]) == (404, "NotFound")
    assert answer_faults("rooms", "CommunicationErrorResponse", wrong.json()) == []
    assert one.ask("DELETE", f"{path}?{VERSION}").status_code == 204


@pytest.mark.shows("Rooms_Create", by="rest")
@pytest.mark.shows("Participants_Update", by="rest")
def test_the_official_examples_are_taken_with_people_of_ones_own(emulator: Emulator) -> None:
    require_descriptions()
    names = ("Rooms_Create", "Participants_Update")
    text = {name: json.loads((HOME / f"examples/rooms/{name}.json").read_text("utf-8"))["parameters"] for name in names}
    ours: dict[str, str] = {}

    def with_ours(people: dict[str, Any]) -> dict[str, Any]:
        for raw in people:
            ours.setdefault(raw, somebody(emulator.resource).raw_id)
        return {ours[raw]: role for raw, role in people.items()}

    wanted = text["Rooms_Create"]["createRoomRequest"]
    room = made(emulator.resource, {**wanted, "participants": with_ours(wanted["participants"])})
    assert room.status_code == 201
    expected = example("rooms/Rooms_Create.json", 201)
    assert {name: room.json()[name] for name in ("validFrom", "validUntil", "pstnDialOutEnabled")} == {
        name: expected[name] for name in ("validFrom", "validUntil", "pstnDialOutEnabled")
    }
    change = {"participants": with_ours(text["Participants_Update"]["updateParticipantsRequest"]["participants"])}
    path = f"/rooms/{room.json()['id']}/participants?{VERSION}"
    answer = emulator.resource.ask("PATCH", path, change)
    assert (answer.status_code, answer.json()) == (200, example("rooms/Participants_Update.json", 200))


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ({"validFrom": "soon"}, "validFrom"),
        ({"validFrom": 5}, "validFrom"),
        ({"validUntil": "2026-13-01T00:00:00Z"}, "validUntil"),
        ({"validUntil": "0001-01-01T00:00:00+14:00"}, "validUntil"),
        ({"validUntil": "9999-12-31T23:59:59-14:00"}, "validUntil"),
        ({"validFrom": "2099-01-01T00:00:00Z", "validUntil": "2098-01-01T00:00:00Z"}, "validUntil"),
        ({"pstnDialOutEnabled": "yes"}, "pstnDialOutEnabled"),
        ({"participants": []}, "participants"),
        ({"participants": {"nobody": {}}}, "participants"),
        ({"participants": {NOBODY: {"role": "Attendee"}}}, "participants"),
        ({"participants": {"4:+15551234567": {}}}, "participants"),
        ({"participants": {NOBODY: {"role": "Owner"}}}, "role"),
        ({"participants": {NOBODY: {"role": ""}}}, "role"),
        ({"participants": {NOBODY: "Attendee"}}, "participants"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_what_is_wrong(
    emulator: Emulator, body: dict[str, Any], target: str
) -> None:
    answer = made(emulator.resource, body)
    assert (answer.status_code, answer.json()["error"]["target"]) == (400, target)


@pytest.mark.parametrize("after", ["x", "AAAA", "__________8", "%F0%9F%98%80"])
def test_a_page_that_never_was_is_refused(emulator: Emulator, after: str) -> None:
    assert emulator.resource.ask("GET", f"/rooms?{VERSION}&after={after}").status_code == 400


def test_the_sdk_tells_what_was_wrong(emulator: Emulator, client: RoomsClient) -> None:
    with pytest.raises(HttpResponseError) as refused:
        client.create_room(
            participants=[RoomParticipant(communication_identifier=PhoneNumberIdentifier("+15551234567"))]
        )
    assert refused.value.error is not None
    assert refused.value.error.code == "BadRequest"


def test_nothing_of_another_resource_is_seen_changed_or_invited(emulator: Emulator) -> None:
    one, person = emulator.stranger, somebody(emulator.stranger).raw_id
    room = made(one, {"participants": {person: {}}}).json()
    path, other = f"/rooms/{room['id']}", emulator.resource
    asked = [
        ("GET", path, None),
        ("PATCH", path, {"pstnDialOutEnabled": True}),
        ("DELETE", path, None),
        ("GET", f"{path}/participants", None),
        ("PATCH", f"{path}/participants", {"participants": {person: None}}),
        ("POST", f"{path}/participants/{person}/:issueVisitLink", {}),
    ]
    assert [other.ask(method, f"{where}?{VERSION}", body).status_code for method, where, body in asked] == [404] * 6
    assert room["id"] not in [each["id"] for each in listed(other)]
    assert made(other, {"participants": {person: {}}}).status_code == 400
    assert one.ask("GET", f"{path}?{VERSION}").json() == room


def listed(resource: Resource) -> list[dict[str, Any]]:
    found, where = [], f"/rooms?{VERSION}"
    while where:
        page = resource.ask("GET", where).json()
        found += page["value"]
        where = page.get("nextLink", "").removeprefix(resource.endpoint)
    return found


def test_a_token_of_a_person_runs_no_rooms(emulator: Emulator) -> None:
    given = {"createTokenWithScopes": ["voip", "chat"]}
    answer = emulator.resource.ask("POST", f"/identities?api-version={VERSIONS['identities']}", given)
    token = answer.json()["accessToken"]["token"]
    assert emulator.resource.as_user(token, "GET", f"/rooms?{VERSION}").status_code == 401


def test_appointments_are_rooms_whose_times_are_the_appointments(emulator: Emulator) -> None:
    one = emulator.resource
    own = [each for each in listed(one) if is_an_appointments(one, each["id"])]
    assert own, "the demonstration has appointments ahead that are held online"
    path, person = f"/rooms/{own[0]['id']}", somebody(one).raw_id
    shown = one.ask("GET", f"{path}/participants?{VERSION}").json()["value"]
    assert {each["role"] for each in shown} >= {"Presenter"}
    assert one.ask("PATCH", f"{path}/participants?{VERSION}", {"participants": {person: {}}}).status_code == 200
    later = one.ask("PATCH", f"{path}?{VERSION}", {"validUntil": "2099-01-01T00:00:00Z"})
    assert (later.status_code, later.json()["error"]["code"]) == (409, "Conflict")
    assert "appointment" in later.json()["error"]["message"]
    assert one.ask("DELETE", f"{path}?{VERSION}").status_code == 409
    gone = {"participants": {each["rawId"]: None for each in shown}}
    assert one.ask("PATCH", f"{path}/participants?{VERSION}", gone).status_code == 409
    assert one.ask("PATCH", f"{path}/participants?{VERSION}", {"participants": {person: None}}).status_code == 200
    assert one.ask("GET", f"{path}/participants?{VERSION}").json()["value"] == shown


def is_an_appointments(resource: Resource, room: str) -> bool:
    there = resource.ask("GET", f"/rooms/{room}/participants?{VERSION}").json()["value"]
    return any(each["role"] == "Presenter" for each in there) and len(there) == 2 and not named(resource, there)


def named(resource: Resource, there: list[dict[str, Any]]) -> bool:
    """Tell whether a program invited somebody of these: identities are of random names, our people's are derived."""
    return any(each["rawId"].rpartition("_")[2][14] == "4" for each in there)


@pytest.mark.shows("Vestibule_IssueVisitLink", by="rest")
def test_each_participant_gets_an_address_that_opens_the_waiting_room(emulator: Emulator) -> None:
    one, person = emulator.resource, somebody(emulator.resource).raw_id
    room = made(one, {"participants": {person: {"role": "Presenter"}}}).json()
    path = f"/rooms/{room['id']}/participants/{quote(person, safe='')}/:issueVisitLink?{VERSION}"
    link = one.ask("POST", path, {"displayName": "Ada Ng"})
    assert (link.status_code, link.json()["expiresOn"]) == (200, room["validUntil"])
    assert one.ask("POST", path).json() == link.json()
    address = urlsplit(link.json()["url"])
    with httpx.Client(base_url=emulator.server.origin, timeout=60, follow_redirects=True) as browser:
        page = browser.get(f"{address.path}?{address.query}")
        assert (page.status_code, 'data-name="Ada Ng"' in page.text) == (200, True)
        one.ask("PATCH", f"/rooms/{room['id']}/participants?{VERSION}", {"participants": {person: None}})
        assert one.ask("POST", path).status_code == 404
    with httpx.Client(base_url=emulator.server.origin, timeout=60, follow_redirects=True) as browser:
        assert browser.get(f"{address.path}?{address.query}").status_code == 404


@pytest.mark.parametrize("name", [5, ["Ada"], "https://ada.example", "x" * 20])
def test_a_name_is_a_name(emulator: Emulator, name: object) -> None:
    one, person = emulator.resource, somebody(emulator.resource).raw_id
    room = made(one, {"participants": {person: {}}}).json()
    path = f"/rooms/{room['id']}/participants/{person}/:issueVisitLink?{VERSION}"
    expected = 200 if name == "x" * 20 else 400
    assert one.ask("POST", path, {"displayName": name}).status_code == expected
