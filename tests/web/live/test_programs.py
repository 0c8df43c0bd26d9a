"""The thread of a visit, in which people on our pages and identities of a program talk with each other."""

import pytest

from tests.api.acs.talk import Inside, inside, resource_of
from tests.web.live.conftest import Stage
from vestibule.chat import members, participants
from vestibule.chat.members import Newcomer
from vestibule.chat.models import Thread
from vestibule.meetings import thread_people
from vestibule.meetings.models import Participant
from vestibule.people import identities, rates


@pytest.fixture
def robot(stage: Stage) -> Inside:
    """An identity of the visit's business, in its thread by the word of a program."""
    rates.forget_all()
    one = inside(resource_of(stage.visit.meeting.business))
    members.add_to_meeting(stage.visit.meeting.thread, [Newcomer(one.key, "Robot")])
    return one


def thread_of(stage: Stage) -> str:
    thread = Thread.objects.get(pk=stage.visit.meeting.thread_id)
    return f"/chat/threads/{thread.wire_id}"


def test_what_a_program_writes_is_shown_in_the_visit_once_and_what_people_write_is_read_by_it(
    stage: Stage, robot: Inside
) -> None:
    consumer, provider = stage.in_call()
    thread = thread_of(stage)
    robot.say(thread, "<p>Please fill in <b>the form</b></p>", type="html")
    for talk in (consumer, provider):
        shown = talk.until("chat")
        assert (shown["text"], shown["from"]["name"]) == ("Please fill in the form", "Robot")
    consumer.ask("chat_send", client_id="c1", text="Done")
    provider.until("chat", text="Done")
    said = [one for one in robot.ask("GET", f"{thread}/messages").body["value"] if one["type"] == "text"]
    assert [(one["senderDisplayName"], one["content"]["message"]) for one in said] == [("Ada Ng", "Done")]
    robot.say(thread, "Thank you")
    for talk in (consumer, provider):
        talk.until("chat", text="Thank you")
        numbers = [one["number"] for one in talk.seen if one["type"] == "chat"]
        assert numbers == sorted(set(numbers)), "each is shown once"


def test_changes_typing_and_receipts_of_a_program_are_shown_in_the_visit(stage: Stage, robot: Inside) -> None:
    consumer, _provider = stage.in_call()
    thread = thread_of(stage)
    message = robot.say(thread, "at tree")
    number = consumer.until("chat")["number"]
    assert robot.ask("PATCH", f"{thread}/messages/{message}", {"content": "at three"}).status == 204
    assert consumer.until("chat_changed")["text"] == "at three"
    assert robot.ask("POST", f"{thread}/typing", {"senderDisplayName": "Robot"}).status == 200
    assert consumer.until("typing")["name"] == "Robot"
    consumer.ask("chat_send", client_id="c1", text="Hello")
    latest = robot.ask("GET", f"{thread}/messages?maxPageSize=1").body["value"][0]
    assert robot.ask("POST", f"{thread}/readReceipts", {"chatMessageId": latest["id"]}).status == 200
    assert consumer.until("read")["number"] == number + 1
    consumer.ask("chat_read", number=number + 1)
    receipts = robot.ask("GET", f"{thread}/readReceipts").body["value"]
    assert {one["chatMessageId"] for one in receipts} == {latest["id"]}
    assert robot.ask("DELETE", f"{thread}/messages/{message}").status == 204
    assert consumer.until("chat_changed", number=number)["deleted"] is True


def test_who_was_let_in_is_in_the_thread_beside_the_program(stage: Stage, robot: Inside) -> None:
    thread = thread_of(stage)
    assert [one.name for one in participants.of(stage.visit.meeting.thread)] == ["Robot"]
    stage.in_call()
    people = robot.ask("GET", f"{thread}/participants").body["value"]
    assert sorted(one["displayName"] for one in people) == ["Ada Ng", "Dr Bo Lund", "Robot"]
    others = [one["communicationIdentifier"]["rawId"] for one in people if one["displayName"] != "Robot"]
    assert all(one.startswith(robot.id.rpartition("_")[0]) for one in others)
    refused = robot.ask("POST", f"{thread}/participants/:remove", {"rawId": others[0]})
    assert (refused.status, refused.code) == (403, "Forbidden")


def test_people_in_a_visit_see_who_reads_along_through_a_program_who_comes_and_who_leaves(
    stage: Stage, robot: Inside
) -> None:
    consumer, provider = stage.in_call()
    for talk in (consumer, provider):
        talk.send("get_chat")
        assert talk.until("chat_history")["programs"] == ["Robot"]
    other = inside(robot.resource)
    members.add_to_meeting(stage.visit.meeting.thread, [Newcomer(other.key)])
    for talk in (consumer, provider):
        assert talk.until("chat_programs")["programs"] == ["Robot", ""]
    assert robot.ask("POST", f"{thread_of(stage)}/participants/:remove", {"rawId": robot.id}).status == 204
    for talk in (consumer, provider):
        assert talk.until("chat_programs", programs=[""])


def test_an_identity_that_was_deleted_or_has_come_as_a_person_does_not_read_along(stage: Stage, robot: Inside) -> None:
    meeting = stage.visit.meeting
    assert thread_people.through_programs(meeting.business_id, meeting.thread_id) == ["Robot"]
    seat = meeting.participants.get(kind=Participant.Kind.CONSUMER)
    stage.in_call()
    Participant.objects.filter(pk=seat.pk).update(identity_key=robot.key)
    assert thread_people.through_programs(meeting.business_id, meeting.thread_id) == []
    Participant.objects.filter(pk=seat.pk).update(identity_key="")
    identities.delete(robot.resource, robot.id)
    assert thread_people.through_programs(meeting.business_id, meeting.thread_id) == []


def test_the_thread_of_a_visit_goes_with_the_visit_alone(stage: Stage, robot: Inside) -> None:
    thread = thread_of(stage)
    days = {"retentionPolicy": {"kind": "threadCreationDate", "deleteThreadAfterDays": 30}}
    assert robot.ask("DELETE", thread).status == 403
    assert robot.ask("PATCH", thread, days).status == 403
    (item,) = robot.ask("GET", "/chat/threads").body["value"]
    assert item["topic"] == stage.visit.meeting.title
    outsider = inside(robot.resource)
    assert outsider.ask("GET", f"{thread}/messages").status == 403
