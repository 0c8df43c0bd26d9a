"""One address for both sides: it leads whom it was made for to the visit, and staff who are signed in to their desk.

Programs written for Bookings know an address by which anybody joins. Ours is the customer's own link with a word more:
in staff's hands it must not take the customer's place.
"""

from django.http import HttpRequest

from vestibule.meetings.access import is_own
from vestibule.meetings.models import Meeting
from vestibule.people.actors import actor_of_membership, memberships_of
from vestibule.people.permissions import Permission

WORD, MEANS = "or", "desk"


def leads_to_desk(request: HttpRequest, meeting: Meeting) -> bool:
    """Tell whether whoever opens a link that leads to the desk as well may host `meeting`, and is signed in."""
    if request.GET.get(WORD) != MEANS:
        return False
    mine = (one for one in memberships_of(request.user) if one.business_id == meeting.business_id)
    actors = map(actor_of_membership, mine)
    return any(actor.may(Permission.HOST_ANY) or is_own(actor, meeting) for actor in actors)
