"""Calendars of providers say how to join a visit that is held in Teams, as soon as its meeting stands there."""

from tests.booking.factories import MONDAY
from tests.calendars.scene import Scene
from tests.meetings.in_teams import JOIN_URL, NUMBER, PASSCODE, State, hold_in_teams
from vestibule.booking import calendar_entries
from vestibule.meetings import elsewhere, outside, outside_news
from vestibule.meetings.models import Meeting
from vestibule.store.transactions import writing


def as_stored(ref: str) -> Meeting:
    found: Meeting = Meeting.objects.get(ref=ref)
    return found


def test_a_providers_calendar_learns_the_link_when_the_meeting_stands(scene: Scene) -> None:
    scene.receive()
    meeting = scene.book("09:00").meeting
    assert meeting is not None, f"a visit of {MONDAY} is online"
    hold_in_teams(meeting, state=State.QUEUED)
    before = outside.shown(as_stored(meeting.ref))
    hold_in_teams(meeting)
    with writing():
        outside_news.tell(as_stored(meeting.ref), before)
    entry = scene.shown().content
    assert entry["place"] == "Microsoft Teams"
    assert entry["text"].splitlines() == [
        f"Join in Teams: {JOIN_URL}",
        f"Meeting ID: {NUMBER}",
        f"Passcode: {PASSCODE}",
    ]


def test_nothing_is_told_while_nothing_changed(scene: Scene) -> None:
    meeting = scene.book("09:00").meeting
    assert meeting is not None
    hold_in_teams(meeting)
    with writing():
        outside_news.tell(as_stored(meeting.ref), outside.shown(as_stored(meeting.ref)))
    assert not meeting.events.filter(kind=outside_news.EVENT).exists()


def test_a_discreet_feed_names_neither_teams_nor_the_way_there(scene: Scene) -> None:
    appointment = scene.book("09:00")
    assert appointment.meeting is not None
    hold_in_teams(appointment.meeting)
    assert elsewhere.for_staff(as_stored(appointment.meeting.ref)) is not None
    (entry,) = calendar_entries.in_feed(appointment.business, None, discreet=True)
    assert (entry.place, entry.text) == ("", "")
