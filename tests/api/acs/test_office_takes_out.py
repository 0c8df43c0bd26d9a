"""A program takes part in a visit's messages until staff take it out on their page: by the official SDK as it comes."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from azure.core.exceptions import HttpResponseError

from tests.api.acs.office_by_http import office_of
from tests.api.acs.realtime_line import Person as Listener
from tests.api.acs.sdk import VERSIONS, Emulator, running_emulator
from tests.api.acs.talk import Person
from tests.integrations.acs_contract import require_descriptions
from tests.integrations.event_receiver import event_receiver
from vestibule.store.certificates import Files

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    require_descriptions()
    with running_emulator(tmp_path_factory.mktemp("taken-out")) as running:
        yield running


def room_with(emulator: Emulator, *people: Listener) -> tuple[str, str]:
    """A room with identities in its chat; its thread, and the visit's ref."""
    asked = emulator.resource.ask("POST", f"/rooms?api-version={VERSIONS['rooms']}", {})
    number = asked.raise_for_status().json()["id"]
    wish = {"participants": [{"communicationIdentifier": {"rawId": one.id}, "displayName": "Robot"} for one in people]}
    path = f"/rooms/{number}/chat/participants/:add?api-version={VERSIONS['chat']}"
    thread = emulator.resource.ask("POST", path, wish).raise_for_status().json()["threadId"]
    with closing(sqlite3.connect(emulator.server.data / "vestibule.sqlite3", timeout=10)) as database:
        (ref,) = database.execute("SELECT ref FROM meetings_meeting WHERE number = ?", [number]).fetchone()
    return str(thread), str(ref)


def test_whom_staff_take_out_is_refused_and_hears_nothing_more_and_the_program_is_told(
    emulator: Emulator, tmp_path: Path
) -> None:
    made = Files.below(emulator.server.data)
    certificate = tmp_path / "receiver.pem"
    certificate.write_bytes(made.key.read_bytes() + made.chain.read_bytes())
    robot, scribe = Listener.of(emulator.resource), Listener.of(emulator.resource)
    thread, ref = room_with(emulator, robot, scribe)
    path = f"/chat/threads/{quote(thread)}"
    chat = Person(robot.id, robot.token, emulator.resource.endpoint).client().get_chat_thread_client(thread)
    before = chat.send_message("Good morning").id
    with (
        event_receiver(certificate) as told,
        office_of(emulator.server, emulator.resource.slug) as office,
        robot.connected() as line,
        scribe.connected() as other,
    ):
        office.post(
            "/manage/setup/programs/events/new",
            name="practice",
            address=f"{told.origin}/told",
            shape="event_grid",
            groups=["threads"],
        )
        buttons = re.findall(r'href="(/desk/visit/[^"]+/remove)"', office.get(f"/desk/visit/{ref}/programs"))
        assert len(buttons) == 2
        assert "Robot is out of these messages" in office.post(buttons[0])
        scribe.say(path, "Only for who is in")
        other.says("Only for who is in")
        assert not any("Only for who is in" in packet for packet in line.rest())
        with pytest.raises(HttpResponseError) as refused:
            chat.send_message("Still here?")
        assert refused.value.status_code == 403
        assert chat.get_message(before).content.message == "Good morning"
        assert [one.content.message for one in chat.list_messages() if one.content and one.content.message] == [
            "Good morning"
        ]
        kind = "Microsoft.Communication.ChatThreadParticipantRemoved"
        while not (found := [one for one in told.events() if one["eventType"] == kind]):
            assert told.arrived.wait(60), [one["eventType"] for one in told.events()]
            told.arrived.clear()
    assert found[0]["data"]["participantRemoved"]["participantCommunicationIdentifier"]["rawId"] == robot.id
