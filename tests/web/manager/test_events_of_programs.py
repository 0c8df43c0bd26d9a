"""What programs put into calendars: staff see that it is there, and take it out where nobody else does."""

from datetime import timedelta

from tests.web.manager.office import Office, url
from vestibule.booking.models import DiaryEvent
from vestibule.booking.own_calendar import events
from vestibule.calendars.models import BusyInterval
from vestibule.meetings.models import OnlineMeeting
from vestibule.people.models import Provider
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock


def put_down(provider: Provider, days: int) -> None:
    start = clock.now() + timedelta(days=days)
    wish = events.Wish(title="Choir", start=start, end=start + timedelta(hours=1), has_meeting=True)
    events.put_down(SYSTEM, provider, wish)


def test_staff_take_out_what_programs_put_into_a_calendar(office: Office) -> None:
    provider = office.ada
    page = url("transfer")
    assert "What programs put into calendars" not in office.manager.get(page).content.decode()
    put_down(provider, days=1)
    put_down(provider, days=-2)
    shown = office.manager.get(page).content.decode()
    assert "What programs put into calendars" in shown
    assert "1 event ahead" in shown
    ask = url("transfer-events", provider.slug)
    assert provider.name in office.manager.get(ask).content.decode()
    office.manager.post(ask)
    assert (DiaryEvent.objects.count(), BusyInterval.objects.count(), OnlineMeeting.objects.count()) == (1, 1, 1)
    assert "What programs put into calendars" not in office.manager.get(page).content.decode()
