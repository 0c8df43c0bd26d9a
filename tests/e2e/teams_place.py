"""Lets one visit be held in Teams as its worker would: `python -m tests.e2e.teams_place EMAIL STATE [PROBLEM]`.

EMAIL is whose visit, STATE one of `OutsidePlace.State`. Nothing of Microsoft is ever asked.
"""

import os
import sys
from pathlib import Path

from tests.servers import run_module


def place(folder: Path, email: str, state: str, problem: str = "") -> None:
    """Do it to a running server's data in `folder`."""
    run_module("tests.e2e.teams_place", email, state, problem, data=folder)


def main(email: str, state: str, problem: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")
    import django

    django.setup()
    from tests.meetings.in_teams import hold_in_teams
    from vestibule.booking.models import Appointment
    from vestibule.meetings import outside, outside_news
    from vestibule.store.transactions import writing

    with writing():
        meeting = Appointment.objects.select_related("meeting").get(email=email).meeting
        assert meeting is not None, "a first visit is online"
        before = outside.shown(meeting)
        hold_in_teams(meeting, state=state, problem=problem)
        meeting.refresh_from_db()
        outside_news.tell(meeting, before)


if __name__ == "__main__":
    main(*sys.argv[1:])
