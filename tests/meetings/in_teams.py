"""Meetings that are held in Teams, as the worker leaves them: nothing here is ever contacted."""

from dataclasses import asdict
from datetime import timedelta

from vestibule.meetings import outside_rows
from vestibule.meetings.models import Meeting, OutsidePlace
from vestibule.meetings.ports import PlaceMade, PlaceOrder
from vestibule.people.models import BusinessWays
from vestibule.people.ways import Join, Place
from vestibule.store import clock

THREAD = "19:meeting_VmVzdGlidWxlVGVzdHM@thread.v2"
TENANT, ORGANIZER = "11111111-2222-4333-8444-555555555555", "66666666-7777-4888-8999-000000000000"
CONTEXT = f"%7B%22Tid%22%3A%22{TENANT}%22%2C%22Oid%22%3A%22{ORGANIZER}%22%7D"
JOIN_URL = f"https://teams.microsoft.com/l/meetup-join/19%3Ameeting_VmVzdGlidWxlVGVzdHM%40thread.v2/0?context={CONTEXT}"
NUMBER, PASSCODE = "234567890123", "aB3dE9"
MADE = PlaceMade("MSoxMjM0", join_url=JOIN_URL, number=NUMBER, passcode=PASSCODE, chat=THREAD)
ORGANIZER_ADDRESS = "bo.lund@example.org"
State = OutsidePlace.State


def hold_in_teams(meeting: Meeting, *, state: str = State.DONE, problem: str = "") -> OutsidePlace:
    """Let `meeting` be held in Teams: made, or being made (`queued`), or `failed` for `problem`. No worker is due."""
    made = asdict(MADE) if state == State.DONE else {}
    times = (meeting.starts_at, meeting.ends_at, meeting.opens_at, meeting.closes_at)
    order = outside_rows.written(PlaceOrder(meeting.ref, meeting.title, *times, organizer=ORGANIZER_ADDRESS))
    place, _new = OutsidePlace.objects.update_or_create(
        meeting=meeting,
        defaults={
            "business_id": meeting.business_id,
            "kind": OutsidePlace.Kind.TEAMS,
            "is_wanted": True,
            "state": state,
            "made": made,
            "order": order | ({outside_rows.HELD_BY: ORGANIZER_ADDRESS} if made else {}),
            "problem": problem,
            "version": 1 if made else 0,
            "next_at": clock.now() + timedelta(hours=1),
        },
    )
    return place


def take_up_teams(meeting: Meeting) -> None:
    """Let the business of `meeting` hold its visits in Teams from now on, joined on the web."""
    BusinessWays.objects.update_or_create(
        business_id=meeting.business_id, defaults={"place": Place.TEAMS, "join": Join.TEAMS_WEB}
    )
