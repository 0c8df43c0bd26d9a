"""What somebody's browser needs to join, on our page, a call that Microsoft carries: the add-on, where, and as whom."""

from typing import Any

from vestibule.meetings import outside_links, outside_tokens
from vestibule.meetings.backends import backend_named
from vestibule.meetings.errors import NoCallToken
from vestibule.meetings.models import OutsidePlace, Participant
from vestibule.meetings.ports import JoinInfo, PlaceMade
from vestibule.store import addons

KIND = "acs"


def join_info(seat_ref: str) -> JoinInfo:
    """Return what `seat_ref`, whom staff let in, needs to join; asked for again, it brings a fresh token.

    Asks the vendor, so it is not for the event loop nor inside a transaction. Raises NotAdmitted, MeetingOver, TooMany,
    and NoCallToken where there is nothing to join by now.
    """
    token = outside_tokens.for_seat(seat_ref)
    seat = Participant.objects.select_related("meeting__outside").get(ref=seat_ref)
    kit = addons.acs_calling.installed()
    place: OutsidePlace | None = getattr(seat.meeting, "outside", None)
    if kit is None or place is None or not place.is_wanted or not place.made:
        raise NoCallToken
    made = PlaceMade(**place.made)
    links = outside_links.of(made)
    locator = _locator(place.kind, made, links)
    if not locator:
        raise NoCallToken
    outside = {
        "identity": token.identity,
        "name": seat.name,
        "locator": locator,
        "elsewhere": links.consumer_url or links.join_url,
    }
    return JoinInfo(
        kind=KIND,
        room=seat.meeting.ref,
        expires_at=token.expires_at,
        capabilities=backend_named("p2p").capabilities,
        url=kit.address,
        token=token.token,
        epoch=seat.meeting.epoch,
        outside=outside,
    )


def _locator(kind: str, made: PlaceMade, links: outside_links.Links) -> dict[str, Any]:
    """Return where to join, as Microsoft's kit takes it; {} where that cannot be said."""
    if kind == OutsidePlace.Kind.ACS_ROOM:
        return {"roomId": made.external_id}
    if links.join_url:
        return {"meetingLink": links.join_url}
    if links.number:
        return {"meetingId": links.number} | ({"passcode": links.passcode} if links.passcode else {})
    return {}
