"""The realtime protocol as a server must hold it against whoever speaks it: who may listen, to what, and how much."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.api.acs.realtime_line import Person, Socket
from tests.api.acs.sdk import VERSIONS, Emulator, Resource, running_emulator
from vestibule.api.acs.realtime import passes
from vestibule.api.acs.realtime.exchange import MOST_OF_ONE
from vestibule.api.acs.realtime.passes import Ticket

pytestmark = pytest.mark.slow

DISCOVERY = "/chat/config/realTimeNotifications?api-version=2024-09-01"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running_emulator(tmp_path_factory.mktemp("realtime")) as running:
        yield running


@pytest.fixture(scope="module")
def resource(emulator: Emulator) -> Resource:
    return emulator.resource


@pytest.fixture
def ada(resource: Resource) -> Person:
    return Person.of(resource)


@pytest.fixture
def ben(resource: Resource) -> Person:
    return Person.of(resource)


def forget_token(person: Person) -> None:
    path = f"/identities/{person.id}/:revokeAccessTokens?api-version={VERSIONS['identities']}"
    assert person.resource.ask("POST", path).status_code == 204


def test_where_to_connect_is_told_to_who_may_chat(resource: Resource, ada: Person) -> None:
    told = resource.as_user(ada.token, "GET", DISCOVERY).raise_for_status().json()
    at = f"{resource.endpoint}/realtime"
    assert told == {"trouterServiceUrl": at, "registrarServiceUrl": at, "cloudType": "Public"}
    caller = Person.of(resource, "voip")
    assert resource.as_user(caller.token, "GET", DISCOVERY).status_code == 403
    assert caller.ask("POST", "/realtime/v4/a").status_code == 403
    assert resource.send("GET", DISCOVERY, b"", {}).status_code == 401


def test_without_a_good_token_no_step_is_taken(resource: Resource, ada: Person) -> None:
    place = ada.place()
    forget_token(ada)
    for method, path in (("POST", "/v4/a"), ("GET", f"/socket.io/1/?sr={place['sr']}&sig={place['sig']}")):
        refused = ada.ask(method, path, Origin="https://clinic.example")
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "Unauthorized")
        assert refused.headers["Access-Control-Allow-Origin"] == "*", "the page's library has to read it"
    assert resource.send("POST", "/v4/a", b"", {}).status_code == 401


def test_a_page_of_any_site_may_ask(resource: Resource) -> None:
    asked = {"Origin": "https://clinic.example", "Access-Control-Request-Headers": "x-skypetoken"}
    for path in ("/realtime/v4/a", "/socket.io/1/", "/socket.io/1/xhr-polling/abc", "/realtime/v3/registrations/x"):
        told = resource.send("OPTIONS", path, b"", asked)
        assert told.status_code == 204
        assert told.headers["Access-Control-Allow-Headers"] == "x-skypetoken"


def test_nobody_takes_the_place_of_another(ada: Person, ben: Person) -> None:
    theirs = ada.place()
    query = f"sr={theirs['sr']}&sig={theirs['sig']}"
    assert ben.ask("GET", f"/socket.io/1/?{query}").status_code == 400
    fresh = ben.ask("POST", f"/v4/a?{query}").json()["connectparams"]["sr"]
    assert fresh != theirs["sr"]
    assert ada.ask("POST", f"/v4/a?{query}").json()["connectparams"]["sr"] == theirs["sr"]
    assert ada.ask("POST", f"/v4/a?sr={theirs['sr']}&sig=forged").json()["connectparams"]["sr"] != theirs["sr"]


@pytest.mark.parametrize("ticket", ["", "forged", "gAAAAABpforged"])
def test_a_forged_ticket_opens_nothing(resource: Resource, ticket: str) -> None:
    with pytest.raises(InvalidStatus):
        Socket(resource, ticket)
    if ticket:
        assert resource.send("GET", f"/socket.io/1/xhr-polling/{ticket}", b"", {}).status_code == 403


def test_a_ticket_ends_after_a_minute() -> None:
    then = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with time_machine.travel(then, tick=False):
        given = passes.issue(Ticket("place", "token", again=True, program="library"))
    with time_machine.travel(then + timedelta(seconds=59), tick=False):
        assert passes.opened(given) == Ticket("place", "token", again=True, program="library")
    with time_machine.travel(then + timedelta(seconds=62), tick=False), pytest.raises(passes.Wrong):
        passes.opened(given)


@pytest.mark.parametrize("how", ["revoked", "deleted"])
def test_who_may_no_longer_chat_is_cut_off(ada: Person, ben: Person, how: str) -> None:
    thread = ada.begin(ben)
    with ben.connected() as line:
        if how == "revoked":
            forget_token(ben)
        else:
            path = f"/identities/{ben.id}?api-version={VERSIONS['identities']}"
            assert ben.resource.ask("DELETE", path).status_code == 204
        while not (packet := line.next()).startswith("0::"):
            continue
        assert json.loads(packet.removeprefix("0:::")) == {"reason": "unauthorized"}
        ada.say(thread, "nobody hears this")
        assert line.closed() == 1008


def test_what_was_not_confirmed_is_told_again_and_what_was_is_not(ada: Person, ben: Person) -> None:
    thread, place = ada.begin(ben), ben.place()
    with ben.connected(place) as line:
        ada.say(thread, "one")
        line.says("one")
        line.rest()
        ada.say(thread, "two")
        assert line.event(confirm=False)["messageBody"] == "two"
    ada.say(thread, "three")
    with ben.connected(place) as line:
        assert [line.event()["messageBody"] for _ in range(2)] == ["two", "three"]
        assert not [packet for packet in line.rest() if packet.startswith("3:::")]


def test_a_second_connection_to_a_place_ends_the_first(ada: Person, ben: Person) -> None:
    thread, place = ada.begin(ben), ben.place()
    with ben.connected(place) as first, ben.connected(place) as second:
        assert first.closed() == 1000
        ada.say(thread, "here")
        assert second.says("here")


def test_who_comes_back_to_a_server_that_knows_them_no_more_is_told_that_something_was_missed(ben: Person) -> None:
    with ben.connected({**ben.place()}) as line:  # connected for the second time, as far as the server is told
        assert '"trouter.message_loss"' in line.next()
        line.say('5:9+::{"name":"trouter.processed_message_loss","args":[{}]}')
        assert line.next() == "6:::9+[]"


def test_who_comes_later_is_told_nothing_of_what_was_said_before(ada: Person, ben: Person) -> None:
    thread = ada.begin()
    early = ada.say(thread, "before you came")
    people = [{"communicationIdentifier": {"rawId": ben.id}}]
    ada.rest("POST", f"{thread}/participants/:add", {"participants": people})
    with ben.connected() as line:
        ada.rest("PATCH", f"{thread}/messages/{early}", {"content": "still before"})
        ada.rest("DELETE", f"{thread}/messages/{early}")
        ada.say(thread, "welcome")
        assert line.event()["messageBody"] == "welcome"


def test_strangers_hear_nothing(emulator: Emulator, ada: Person, ben: Person) -> None:
    other = Person.of(emulator.stranger)
    thread = ada.begin(ben)
    with ben.connected() as line, other.connected() as foreign:
        ada.say(thread, "among us")
        line.says("among us")
        assert foreign.rest() == []


def test_long_polls_tell_the_same(ada: Person, ben: Person) -> None:
    thread = ada.begin(ben)
    path = f"/socket.io/1/xhr-polling/{ben.ticket(ben.place())}"
    first = ben.ask("GET", path)
    assert (first.status_code, first.text.startswith("\ufffd3\ufffd1::")) == (200, True)
    ada.say(thread, "by poll")
    told = ben.ask("GET", path).text
    assert '\\"messageBody\\":\\"by poll\\"' in told
    number = json.loads(told.removeprefix("3:::"))["id"]
    packets = [f'3:::{{"id":{number},"status":200}}', '5:1+::{"name":"user.activity"}']
    payload = "".join(f"\ufffd{len(one)}\ufffd{one}" for one in packets)
    said = ben.resource.send("POST", path, payload.encode(), {"X-Skypetoken": ben.token})
    assert (said.status_code, said.text) == (200, "1")
    assert ben.ask("GET", path).text == "6:::1+[]"
    mine = {"X-Skypetoken": ben.token}
    assert ben.resource.send("POST", path, b"\xff", mine).status_code == 400
    assert ben.resource.send("GET", path, b"", {}).status_code == 403, (
        "an address alone, as logs have it, opens nothing"
    )
    assert ada.ask("GET", path).status_code == 403
    ben.resource.send("POST", path, b"0::", mine)
    assert ben.ask("GET", path).status_code == 403


@pytest.mark.parametrize("packet", ["hello", "3:::[]", "5:1+::{", "9::"])
def test_who_speaks_another_language_is_cut_off(ben: Person, packet: str) -> None:
    with ben.connected() as line:
        line.say(packet)
        assert line.closed() == 1008


def test_who_asks_without_end_is_cut_off(ben: Person) -> None:
    with ben.connected() as line:
        with suppress(ConnectionClosed):
            for _ in range(2000):
                line.say("2::")
        assert line.closed() == 1008


def test_one_identity_has_so_many_connections_and_no_more(resource: Resource, ada: Person) -> None:
    opened = []
    try:
        for _ in range(MOST_OF_ONE):
            opened.append(Socket(resource, ada.ticket(ada.place())))
            opened[-1].recv()
        refused = ada.ask("POST", "/realtime/v4/a")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    finally:
        for one in opened:
            one.close()


def test_what_a_library_had_is_forgotten_when_it_stops(ada: Person, ben: Person) -> None:
    thread, place = ada.begin(ben), ben.place()
    registered = ben.ask("POST", "/realtime/v3/registrations", {"registrationId": ben.program})
    assert (registered.status_code, registered.json()) == (202, {"registrationId": ben.program})
    with ben.connected(place) as line:
        assert ben.ask("DELETE", f"/realtime/v3/registrations/{ben.program}").status_code == 202
        assert line.closed() == 1000
    ada.say(thread, "not kept")
    with ben.connected(place) as line:
        assert not [packet for packet in line.rest() if packet.startswith("3:::")]
