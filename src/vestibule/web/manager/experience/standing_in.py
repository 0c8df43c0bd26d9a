"""What a visit's socket would say at a point of the way, for the preview: there is no meeting to connect to."""

from typing import Any

from vestibule.experience.preview import Scene, State
from vestibule.meetings import queue, roles
from vestibule.store import clock
from vestibule.web.live import at_the_door, snapshots
from vestibule.web.live.snapshots import Json, Person, View
from vestibule.web.live.visit import greeting_of

LIVE = (State.CHECK, State.WAITING, State.CALL)


def facts(scene: Scene, state: State) -> Json:
    """Return the `welcome` of somebody at `state`, the messages that follow it, and those that answer joining."""
    assert scene.seat is not None, "somebody is in a visit"
    view = snapshots.view(scene.seat.meeting.ref)
    assert view is not None, "the meeting was just made"
    person = view.people[scene.seat.ref]
    said = [*_at_the_door(view, person), *([_place(view, person)] if state is State.WAITING else [])]
    return {
        "state": state.value,
        "welcome": {"type": "welcome", "session": "preview", "resumed": False, "seq": 0}
        | {"server_time": snapshots.stamp(clock.now()), **greeting_of(view, person)},
        "messages": said,
        "joining": _joining(view, person) if state is State.CALL else [],
    }


def _at_the_door(view: View, person: Person) -> list[Json]:
    asked = person.identity.for_consumer() if person.identity is not None else None
    shown: list[Json] = [{"type": "area", **at_the_door.area_facts(view.area)}]
    return [*shown, {"type": "identity", **asked}] if asked is not None else shown


def _place(view: View, person: Person) -> Json:
    board = queue.board(view.business_id, clock.now())
    place = board.places[view.ref]
    return {"type": "queue", **at_the_door.place_facts(view, person, board, place, was_there=False)}


def _joining(view: View, person: Person) -> list[Json]:
    """Return what whoever joins is told: their seat, and who is there already."""
    inside = [one for one in view.people.values() if one.inside]
    return [
        {
            "type": "joined",
            "join": person.ref,
            "order": len(inside),
            "backend": {"kind": "preview", "room": view.ref, "epoch": view.epoch},
        },
        {"type": "roster", "people": [_in_call(one, number) for number, one in enumerate(inside)]},
        {"type": "recording", **view.recording},
    ]


def _in_call(person: Person, number: int) -> dict[str, Any]:
    return person.as_json() | {
        "join": person.ref,
        "order": number,
        "media": {"mic": True, "cam": True, "screen": False},
        "connection": "ok",
        "hand": None,
        "role_in_call": person.role_in_call,
        "abilities": roles.abilities(person.role_in_call, shares=person.shares),
    }
