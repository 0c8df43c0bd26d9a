"""Chat: who is in a thread, added and removed; and the chat of a room, which its program may add identities to."""

from typing import Final

from vestibule.api.acs import chat_wire as wire
from vestibule.api.acs.asked import KEY, TOKEN, Asked
from vestibule.api.acs.chat_wire import ALL, JOINING, Shapes
from vestibule.api.plain import Answer, Operations, shown
from vestibule.chat import members, participants, reading
from vestibule.meetings import rooms, thread_people
from vestibule.people import identities

operations: Operations[Asked] = Operations()
AT: Final = "/chat/threads/{chatThreadId}/participants"


@operations.on("GET", AT, by=TOKEN, service="chat", scopes=ALL, operation="ChatThread_ListChatParticipants")
def list_people(asked: Asked) -> Answer:
    """Show a page of who is in a thread."""
    skip, size = wire.number(asked, "skip", 0), wire.page_size(asked)
    thread, _person = reading.of(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked))
    everybody = participants.of(thread)
    shapes = Shapes.of(asked, thread)
    value = [shapes.participant(one) for one in everybody[skip : skip + size]]
    is_more = len(everybody) > skip + size
    link = wire.next_link(asked, skip=skip + size, maxPageSize=size) if is_more else None
    return shown(200, wire.collection(value, link))


@operations.on(
    "POST", f"{AT}/:add", by=TOKEN, service="chat", scopes=JOINING, operation="ChatThread_AddChatParticipants"
)  # fmt: skip
def add(asked: Asked) -> Answer:
    """Add people to a thread; those that cannot be are named, the others come."""
    given = asked.body().get("participants")
    if given is None:
        raise wire.wrong("participants", "is a list of participants")
    people, refused = wire.newcomers(asked, given)
    members.add(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked), people)
    return shown(201, {"invalidParticipants": refused} if refused else {})


@operations.on(
    "POST", f"{AT}/:remove", by=TOKEN, service="chat", scopes=JOINING, operation="ChatThread_RemoveChatParticipant"
)  # fmt: skip
def remove(asked: Asked) -> Answer:
    """Take somebody out of a thread; whoever is not in it stays out."""
    thread, _person = reading.of(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked))
    named = wire.raw_id(asked.body())
    guid = identities.guid_of(asked.caller.resource, named)
    key = identities.key_of_guid(guid) if guid is not None else ""
    for person in participants.of(thread) if thread.is_of_meeting else ():
        if identities.mri(asked.caller.resource, person.key) == named.casefold():
            key = person.key
    members.remove(asked.caller.business_id, thread.ref, wire.key_of(asked), key)
    return Answer(204)


@operations.on("POST", "/rooms/{roomId}/chat/participants/:add", by=KEY, service="chat", operation="")
def add_to_room(asked: Asked) -> Answer:
    """Add identities to the chat of a room, be it an appointment's, and tell which thread it is. An operation of ours.

    Whoever sits in the room is in its chat once they were let in; these are in it without a seat.
    """
    room = rooms.find(asked.caller.actor, asked.params["roomId"])
    people, refused = wire.newcomers(asked, asked.body().get("participants"))
    thread = thread_people.add(asked.caller.actor, room, people)
    told = {"threadId": thread.wire_id} | ({"invalidParticipants": refused} if refused else {})
    return shown(201, told)


@operations.on("POST", "/rooms/{roomId}/chat/participants/:remove", by=KEY, service="chat", operation="")
def remove_from_room(asked: Asked) -> Answer:
    """Take an identity that was added so out of the chat of a room again. An operation of ours."""
    room = rooms.find(asked.caller.actor, asked.params["roomId"])
    guid = identities.guid_of(asked.caller.resource, wire.raw_id(asked.body()))
    thread_people.remove(asked.caller.actor, room, identities.key_of_guid(guid) if guid is not None else "")
    return Answer(204)
