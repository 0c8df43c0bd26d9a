"""The chat of a visit as programs have it: how they come into it, and the pictures and files that people send there."""

from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.api.acs.talk import Inside, inside, resource_of, signed
from tests.chat.files import PDF, photo, sent
from tests.factories import make_business
from tests.integrations.acs_contract import require_descriptions
from tests.meetings.scene import make_visit
from vestibule.chat import checking, members, verbs
from vestibule.chat.members import Newcomer
from vestibule.chat.models import Thread
from vestibule.meetings.models import Meeting, Participant, VisitRules
from vestibule.people import links, rates
from vestibule.people.models import AuditEntry
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting() -> Meeting:
    require_descriptions()
    rates.forget_all()
    return make_visit().meeting


@pytest.fixture
def robot(meeting: Meeting) -> Inside:
    return inside(resource_of(meeting.business))


@pytest.fixture
def thread(meeting: Meeting, robot: Inside) -> str:
    """The thread of the visit, which the robot is in."""
    members.add_to_meeting(meeting.thread, [Newcomer(robot.key, "Robot")])
    return path_of(meeting.thread)


def path_of(thread: Thread) -> str:
    return f"/chat/threads/{thread.wire_id}"


def add_path(meeting: Meeting) -> str:
    return f"/rooms/{meeting.number}/chat/participants/:add"


def test_a_program_adds_an_identity_to_the_chat_of_an_appointment_by_its_key(meeting: Meeting, robot: Inside) -> None:
    stranger = inside(resource_of(make_business()))
    wanted = {"participants": [robot.as_participant(displayName="Robot"), stranger.as_participant()]}
    added = signed(robot.resource, "POST", add_path(meeting), wanted)
    assert (added.status, added.body["threadId"]) == (201, meeting.thread.wire_id)
    assert [one["target"] for one in added.body["invalidParticipants"]] == [stranger.id]
    entry = AuditEntry.objects.get(action="meeting.chat_people_added")
    assert (entry.actor_label, entry.subject_ref) == ("primary access key", meeting.ref)
    robot.say(path_of(meeting.thread), "Good morning")
    (item,) = robot.ask("GET", "/chat/threads").body["value"]
    assert (item["id"], item["topic"]) == (meeting.thread.wire_id, meeting.title)
    assert stranger.ask("GET", path_of(meeting.thread)).status == 403


def test_the_business_takes_out_again_whom_it_added(meeting: Meeting, robot: Inside) -> None:
    signed(robot.resource, "POST", add_path(meeting), {"participants": [robot.as_participant()]})
    robot.say(path_of(meeting.thread), "Good morning")
    out = add_path(meeting).replace(":add", ":remove")
    stranger = inside(resource_of(make_business()))
    assert signed(stranger.resource, "POST", out, robot.as_participant()).status == 404
    named = {"communicationUser": {"id": robot.id}}
    assert [signed(robot.resource, "POST", out, named).status for _time in range(2)] == [204, 204]
    assert robot.ask("POST", f"{path_of(meeting.thread)}/messages", {"content": "Still here"}).status == 403
    assert AuditEntry.objects.filter(action="meeting.chat_people_removed").count() == 1


def test_another_business_key_adds_nobody_to_the_chat_of_a_room(meeting: Meeting, robot: Inside) -> None:
    stranger = inside(resource_of(make_business()))
    wanted = {"participants": [stranger.as_participant()]}
    refused = signed(stranger.resource, "POST", add_path(meeting), wanted)
    assert (refused.status, refused.code) == (404, "NotFound")
    assert robot.ask("POST", add_path(meeting), wanted).status == 401


def test_a_program_may_rename_the_chat_of_a_visit_for_programs_alone(
    meeting: Meeting, robot: Inside, thread: str
) -> None:
    assert robot.ask("GET", thread).body["topic"] == meeting.title
    assert robot.ask("PATCH", thread, {"topic": "Ward round"}).status == 204
    assert robot.ask("GET", thread).body["topic"] == "Ward round"
    meeting.refresh_from_db()
    assert meeting.title != "Ward round"


def test_a_picture_of_a_visit_has_its_place_in_the_message_and_is_fetched_by_token(
    meeting: Meeting, robot: Inside, thread: str
) -> None:
    message = sent(meeting.thread, photo((800, 600)))
    before = robot.ask("GET", f"{thread}/messages/{message.stamp}").body
    assert "attachments" not in before["content"], "nobody gets what was not looked into"
    checking.check_due()
    now = robot.ask("GET", f"{thread}/messages/{message.stamp}").body
    (picture,) = now["content"]["attachments"]
    assert (now["type"], picture["attachmentType"]) == ("html", "image")
    assert f'id="{picture["id"]}"' in now["content"]["message"]
    assert urlsplit(picture["url"]).netloc == "localhost:8443"
    for address, width in ((picture["url"], 800), (picture["previewUrl"], None)):
        got = robot.ask("GET", address.removeprefix("https://localhost:8443"))
        assert got.status == 200
        shown = Image.open(BytesIO(got.body)).size[0]
        assert shown == width if width else shown < 800
    outsider = inside(robot.resource)
    assert outsider.ask("GET", urlsplit(picture["url"]).path).status == 403


def test_a_file_of_a_visit_is_kept_and_not_shown(meeting: Meeting, robot: Inside, thread: str) -> None:
    message = sent(meeting.thread, PDF, name="letter.pdf")
    checking.check_due()
    (file,) = robot.ask("GET", f"{thread}/messages/{message.stamp}").body["content"]["attachments"]
    assert (file["attachmentType"], file["name"]) == ("file", "letter.pdf")
    got = robot.ask("GET", urlsplit(file["url"]).path)
    assert (got.body, got.headers["Content-Disposition"]) == (PDF, "attachment")


def test_a_file_sent_before_somebody_came_is_not_theirs(meeting: Meeting, robot: Inside) -> None:
    message = sent(meeting.thread, PDF, name="letter.pdf")
    checking.check_due()
    file = message.attachment
    assert file is not None
    members.add_to_meeting(meeting.thread, [Newcomer(robot.key, "Robot")])
    thread = path_of(meeting.thread)
    assert robot.ask("GET", f"{thread}/files/{file.ref}").status == 404
    assert robot.read(thread) == ["participantAdded"]


def test_an_identity_with_a_seat_is_in_the_thread_once_it_was_let_in(meeting: Meeting, robot: Inside) -> None:
    seat = Participant.objects.create(
        meeting=meeting,
        kind=Participant.Kind.CONSUMER,
        role=Participant.Role.ATTENDEE,
        identity_key=robot.key,
        name="Robo",
        state=Participant.State.WAITING,
    )
    thread = path_of(meeting.thread)
    assert robot.ask("GET", f"{thread}/messages").status == 403
    assert robot.ask("GET", "/chat/threads").body["value"] == []
    seat.state, seat.admitted_at = Participant.State.ADMITTED, clock.now()
    seat.save()
    on_page, _is_new = verbs.post(meeting.thread_id, seat.ref, seat.name, "c1", "Written on our page")
    by_program = robot.say(thread, "Written by the program")
    both = robot.ask("GET", f"{thread}/messages").body["value"]
    assert {one["senderCommunicationIdentifier"]["rawId"] for one in both} == {robot.id}
    (person,) = robot.ask("GET", f"{thread}/participants").body["value"]
    assert (person["communicationIdentifier"]["rawId"], person["displayName"]) == (robot.id, "Robo")
    assert robot.ask("PATCH", f"{thread}/messages/{on_page.stamp}", {"content": "Mine either way"}).status == 204
    assert [one["topic"] for one in robot.ask("GET", "/chat/threads").body["value"]] == [meeting.title]
    seat.state = Participant.State.REMOVED
    seat.save()
    assert robot.ask("GET", f"{thread}/messages/{by_program}").status == 403


@pytest.mark.parametrize("history", [VisitRules.History.ALL, VisitRules.History.SINCE_JOINING])
def test_what_a_seat_reads_of_before_is_the_rule_of_the_business(
    meeting: Meeting, robot: Inside, history: VisitRules.History
) -> None:
    VisitRules.objects.update_or_create(business=meeting.business, defaults={"history": history})
    verbs.post(meeting.thread_id, "user:1", "Dr Lund", "c1", "Before")
    clock.advance(60)
    try:
        Participant.objects.create(
            meeting=meeting,
            kind=Participant.Kind.CONSUMER,
            role=Participant.Role.ATTENDEE,
            identity_key=robot.key,
            name="Robo",
            state=Participant.State.ADMITTED,
            admitted_at=clock.now(),
        )
        expected = ["Before"] if history == VisitRules.History.ALL else []
        assert robot.read(path_of(meeting.thread)) == expected
    finally:
        clock.reset()


def test_who_sits_in_a_visit_makes_nobody_a_member_of_its_chat_not_even_themselves(
    meeting: Meeting, robot: Inside
) -> None:
    Participant.objects.create(
        meeting=meeting,
        kind=Participant.Kind.CONSUMER,
        role=Participant.Role.ATTENDEE,
        identity_key=robot.key,
        name="Robo",
        state=Participant.State.ADMITTED,
        admitted_at=clock.now(),
    )
    thread = path_of(meeting.thread)
    for one in (robot, inside(robot.resource)):
        wanted = {"participants": [one.as_participant(shareHistoryTime="1970-01-01T00:00:00Z")]}
        refused = robot.ask("POST", f"{thread}/participants/:add", wanted)
        assert (refused.status, refused.code) == (403, "Forbidden")
    Participant.objects.filter(identity_key=robot.key).update(state=Participant.State.REMOVED)
    assert robot.ask("GET", f"{thread}/messages").status == 403


def test_nobody_writes_in_a_visit_by_another_name_than_they_are_there_by(
    meeting: Meeting, robot: Inside, thread: str
) -> None:
    message = robot.say(thread, "Take two of these", senderDisplayName="Dr Ada Blum")
    assert robot.ask("GET", f"{thread}/messages/{message}").body["senderDisplayName"] == "Robot"


def test_nobody_writes_in_a_visit_while_its_business_has_chat_switched_off_yet_everybody_may_leave(
    meeting: Meeting, robot: Inside, thread: str
) -> None:
    message = robot.say(thread, "Good morning")
    VisitRules.objects.update_or_create(business=meeting.business, defaults={"chat": False})
    refused = robot.ask("POST", f"{thread}/messages", {"content": "Still here?"})
    assert (refused.status, refused.code) == (403, "Forbidden")
    assert robot.ask("PATCH", f"{thread}/messages/{message}", {"content": "Good evening"}).status == 403
    assert robot.ask("POST", f"{thread}/typing").status == 403
    assert "Good morning" in robot.read(thread)
    assert robot.ask("POST", f"{thread}/readReceipts", {"chatMessageId": message}).status == 200
    assert robot.ask("POST", f"{thread}/participants/:remove", {"rawId": robot.id}).status == 204


def test_nobody_writes_in_a_visit_that_was_cancelled(meeting: Meeting, robot: Inside, thread: str) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.CANCELLED)
    assert robot.ask("POST", f"{thread}/messages", {"content": "Still here?"}).status == 403


def test_nobody_writes_in_a_visit_once_nobody_from_outside_could_read_it(
    meeting: Meeting, robot: Inside, thread: str
) -> None:
    seat = meeting.participants.get(kind=Participant.Kind.CONSUMER)
    ends = clock.now() + timedelta(days=1)
    links.issue(
        business_id=meeting.business_id, purpose=links.Purpose.VISIT, role=seat.role, subject=seat.ref, expires_at=ends
    )
    robot.say(thread, "Good morning")
    clock.advance(24 * 3600 + 1)
    try:
        assert robot.ask("POST", f"{thread}/messages", {"content": "Still here?"}).status == 403
    finally:
        clock.reset()
