"""A program that runs a business' rooms by an access key, for tests of rooms."""

from dataclasses import dataclass
from functools import cached_property

from tests.factories import make_business, manager_of
from tests.meetings.scene import actor_of, make_staff
from vestibule.api.acs.asked import Caller
from vestibule.meetings import room_people, rooms
from vestibule.meetings.models import Meeting, Participant
from vestibule.meetings.rooms import Wanted
from vestibule.people import communication, identities
from vestibule.people.communication import Resource
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Role
from vestibule.store.transactions import writing


@dataclass(frozen=True)
class Program:
    """The business as a resource, and the actor that requests signed with its key have."""

    business: Business
    resource: Resource
    actor: Actor

    @cached_property
    def staff(self) -> Actor:
        """A manager who lets people in."""
        return actor_of(make_staff(self.business, role=Role.MANAGER)[0])

    def somebody(self) -> str:
        """The key of a fresh identity."""
        return identities.key_of_guid(identities.create(self.resource).guid)

    def room(self, wanted: Wanted | None = None, **people: str) -> Meeting:
        """A room, with identities for `people`, who are named by their roles."""
        return rooms.make(self.actor, wanted or Wanted(), {self.somebody(): role for role in people.values()})

    def invite(self, room: Meeting, people: dict[str, str | None]) -> None:
        """Change who is invited, as a request does."""
        with writing():
            room_people.change(self.actor, rooms.locked(self.actor, str(room.number)), people)

    def roles(self, room: Meeting) -> dict[str, str]:
        """Who is invited, with which role, by key."""
        return {key: str(seat.role) for key, seat in room_people.of(room)}

    def seat(self, room: Meeting, key: str) -> Participant:
        """The seat of whom the program calls `key`, as stored."""
        found: Participant = Participant.objects.select_related("meeting").get(meeting=room, identity_key=key)
        return found


def make_program(business: Business | None = None) -> Program:
    """A program of a business that is a resource now."""
    business = business or make_business()
    row = communication.put(manager_of(business), is_on=True, services=["identity", "rooms"])
    communication.forget()
    resource = communication.answering()[row.resource]
    return Program(business, resource, Caller(resource, key=resource.key("primary")).actor)
