"""What each role may do in a call: the table of Azure Communication Services Rooms, asked on the server each time."""

from enum import StrEnum

from vestibule.meetings.models import Participant

Role = Participant.Role


class Ability(StrEnum):
    """One thing somebody in a call may do. Looking on, captions and the list of people are everybody's."""

    SEND_MEDIA = "send_media"
    SHARE_SCREEN = "share_screen"
    MODERATE = "moderate"
    """Mute and remove others, invite people, lock the room, dial out."""


GRANTS: dict[str, frozenset[Ability]] = {
    Role.PRESENTER: frozenset(Ability),
    Role.COLLABORATOR: frozenset({Ability.SEND_MEDIA, Ability.SHARE_SCREEN}),
    Role.ATTENDEE: frozenset({Ability.SEND_MEDIA}),
    Role.CONSUMER: frozenset(),
}


def may(seat: Participant, ability: Ability) -> bool:
    """Tell whether the role of `seat` grants `ability`."""
    return ability in GRANTS[seat.role]
