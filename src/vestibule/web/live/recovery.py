"""After a restart: people whom the last process left in a room."""

from vestibule.meetings.access import OVER
from vestibule.meetings.models import WAITS, Participant

State = Participant.State


def left_behind() -> list[tuple[str, str]]:
    """Return seat and meeting of everyone who is connected as far as the database knows.

    Read when a server of one process starts, so nobody is: they come back within the grace, or have left.
    """
    present = (State.ARRIVED, *WAITS, State.ADMITTED, State.IN_CALL)
    seats = Participant.objects.filter(state__in=present).exclude(meeting__state__in=OVER)
    return list(seats.values_list("ref", "meeting__ref"))
