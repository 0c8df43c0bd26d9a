"""Moves the one call that goes on, as its own server would: `python -m tests.e2e.moved_call p2p|livekit`.

Prints the new epoch. The server, another process, finds out from the database.
"""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")
    import django

    django.setup()
    from vestibule.meetings import carrying
    from vestibule.meetings.models import Meeting
    from vestibule.meetings.ports import RoomRef
    from vestibule.people.models import Business

    meeting = Meeting.objects.get(business__in=Business.objects.all(), state=Meeting.State.LIVE)
    to = RoomRef(sys.argv[1], meeting.ref, epoch=meeting.epoch + 1)
    assert carrying.moved(carrying.Move(meeting.ref, to, "staff"))
    sys.stdout.write(str(to.epoch))


if __name__ == "__main__":
    main()
