"""After a restart: people whom the last process left in a room and who did not come back."""

from collections.abc import Set as AbstractSet

from vestibule.meetings import waiting
from vestibule.meetings.access import OVER
from vestibule.meetings.models import Participant

State = Participant.State


def let_go(here: AbstractSet[str]) -> set[str]:
    """Mark everyone as gone who should be connected and is not among `here`; return their meetings' references.

    Only for a server of one process: it alone knows everyone who is connected.
    """
    present = (State.ARRIVED, State.WAITING, State.ADMITTED, State.IN_CALL)
    seats = Participant.objects.filter(state__in=present).exclude(meeting__state__in=OVER)
    lost = [row for row in seats.values_list("ref", "meeting__ref") if row[0] not in here]
    for seat_ref, _meeting_ref in lost:
        waiting.gone(seat_ref)
    return {meeting_ref for _seat_ref, meeting_ref in lost}
