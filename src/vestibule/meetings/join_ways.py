"""By what somebody comes into a meeting: our own call, Teams on the web, or Microsoft's calling kit on our page."""

from vestibule.meetings.models import Meeting
from vestibule.meetings.models.outside import OutsidePlace
from vestibule.people import ways
from vestibule.people.ways import Join
from vestibule.store import addons

Kind = OutsidePlace.Kind
MOST_AT_MICROSOFT = 350
"""So many people Microsoft's calling lets into one call, as documented; whether they fit is Microsoft's to say."""


def join_way(meeting: Meeting) -> Join:
    """Return the way into `meeting` now.

    What does not stand outside yet, or could not be made, is joined by our own call; so is a room of Azure, unless the
    business wants it carried by Azure and the add-on is there. A meeting in Teams is joined on our page under the same
    conditions, else on the web.
    """
    place = _wanted(meeting)
    if place is None or not place.made:
        return Join.OWN
    if _takes_the_kit(meeting):
        return Join.ACS_CALLING
    return Join.TEAMS_WEB if place.kind == Kind.TEAMS else Join.OWN


def is_at_microsoft(meeting: Meeting) -> bool:
    """Tell whether Microsoft carries the call of `meeting`, joined on our page."""
    return join_way(meeting) == Join.ACS_CALLING


def may_use_acs_calling(meeting: Meeting) -> bool:
    """Tell whether pages of `meeting` may come to load the calling kit: its place may be made while they are open."""
    place = _wanted(meeting)
    return place is not None and _takes_the_kit(meeting)


def _wanted(meeting: Meeting) -> OutsidePlace | None:
    place: OutsidePlace | None = getattr(meeting, "outside", None)
    return place if place is not None and place.is_wanted else None


def _takes_the_kit(meeting: Meeting) -> bool:
    return ways.of(meeting.business_id).join == Join.ACS_CALLING and addons.acs_calling.installed() is not None
