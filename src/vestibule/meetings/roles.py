"""What each role may do in a call: the table of Azure Communication Services Rooms, asked on the server each time."""

from collections.abc import Mapping
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
_NEEDED = {"mic": Ability.SEND_MEDIA, "cam": Ability.SEND_MEDIA, "screen": Ability.SHARE_SCREEN}


def may(seat: Participant, ability: Ability) -> bool:
    """Tell whether the role of `seat` grants `ability`."""
    return ability in GRANTS[seat.role]


def granted(role: str, *, shares: bool = True) -> frozenset[Ability]:
    """Return what a role may do; `shares` False: the business lets nobody in its place show their screen."""
    return GRANTS[role] if shares else GRANTS[role] - {Ability.SHARE_SCREEN}


def abilities(role: str, *, shares: bool = True) -> list[str]:
    """Return what a role may do, as clients are told it."""
    return [str(ability) for ability in Ability if ability in granted(role, shares=shares)]


def may_send(role: str, *, shares: bool = True) -> frozenset[str]:
    """Return which of `mic`, `cam` and `screen` a role may send."""
    return frozenset(source for source, ability in _NEEDED.items() if ability in granted(role, shares=shares))


def beyond(role: str, media: Mapping[str, bool], *, shares: bool = True) -> list[str]:
    """Return which of `mic`, `cam` and `screen` are on in `media` although `role` may not send them."""
    allowed = may_send(role, shares=shares)
    return [source for source in _NEEDED if media[source] and source not in allowed]
