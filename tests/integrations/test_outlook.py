"""Outlook calendars, against a stand-in held to the published description of Graph."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.calendars.contracts import ENTRY, LATER, TargetContract
from tests.calendars.kit import reading
from tests.integrations.microsoft import MAILBOX, SECRET, Fault, Microsoft, microsoft
from tests.integrations.outlook_kit import CALENDAR, Naps, told
from vestibule.calendars.ports import Access, CalendarError, Entry, Trouble
from vestibule.integrations.microsoft365 import graph as graphs
from vestibule.integrations.microsoft365 import tokens
from vestibule.integrations.microsoft365.application import Application
from vestibule.integrations.microsoft365.graph import Graph
from vestibule.integrations.microsoft365.outlook import Outlook
from vestibule.store import clock


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Microsoft]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    with clock.standing_at(clock.from_minute(ENTRY.start)), microsoft() as running:
        yield running


def opened(cloud: Microsoft, naps: Naps | None = None, **values: Any) -> Outlook:
    allowed = (f"127.0.0.1:{cloud.port}",)
    client = Graph.opened(Application.read(cloud.access, allowed), allowed, **values)
    client.sleep = naps or Naps()
    return Outlook(Access(MAILBOX, account=cloud.access), client)


class OutlookOwner:
    """The provider, in Outlook."""

    def __init__(self, cloud: Microsoft) -> None:
        self.cloud = cloud

    def move(self, ref: str, to: Entry) -> None:
        times = {"start": to.start, "end": to.end}
        moved = {
            name: {"dateTime": f"{clock.from_minute(at):%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}
            for name, at in times.items()
        }
        self.cloud.change(ref, **moved)

    def remove(self, ref: str) -> None:
        self.cloud.remove(ref)


class TestOutlook(TargetContract):
    @pytest.fixture
    def account(self, cloud: Microsoft) -> Outlook:
        return opened(cloud)

    @pytest.fixture
    def calendar(self) -> str:
        return CALENDAR

    @pytest.fixture
    def owner(self, cloud: Microsoft) -> OutlookOwner:
        return OutlookOwner(cloud)


def test_a_mailbox_has_one_calendar_that_takes_appointments(cloud: Microsoft) -> None:
    (found,) = opened(cloud).calendars()
    assert (found.address, found.name, found.can_write) == (CALENDAR, "Calendar", True)


def test_everything_is_read_first_then_what_changed(cloud: Microsoft) -> None:
    cloud.page_size = 2
    refs = [cloud.has(f"2026-03-02T{hour:02}:00", f"2026-03-02T{hour:02}:30") for hour in range(9, 14)]
    first = opened(cloud).changes(CALENDAR, "", reading())
    assert (first.is_whole, len(told(first))) == (True, 5)

    cloud.change(refs[0], start={"dateTime": "2026-03-02T08:00:00.0000000", "timeZone": "UTC"})
    cloud.remove(refs[1])
    second = opened(cloud).changes(CALENDAR, first.token, reading())
    assert (second.is_whole, told(second), second.gone) == (False, ["03-02 08:00 to 09:30"], (refs[1],))
    assert opened(cloud).changes(CALENDAR, second.token, reading()).items == ()


@pytest.mark.parametrize(
    ("event", "is_taken"),
    [
        ({}, True),
        ({"showAs": "tentative"}, True),
        ({"showAs": "oof"}, True),
        ({"showAs": "free"}, False),
        ({"showAs": "workingElsewhere"}, False),
        ({"isCancelled": True}, False),
        ({"responseStatus": {"response": "declined"}}, False),
        ({"responseStatus": {"response": "notResponded"}}, True),
        ({"type": "seriesMaster"}, False),
        ({"type": "occurrence"}, True),
    ],
)
def test_what_takes_time_and_what_does_not(cloud: Microsoft, event: dict[str, Any], is_taken: bool) -> None:
    cloud.has("2026-03-02T09:00", "2026-03-02T10:00", **event)
    assert told(opened(cloud).changes(CALENDAR, "", reading())) == (["03-02 09:00 to 10:00"] if is_taken else [])


def test_a_whole_day_is_one_where_its_owner_lives_and_may_count_for_nothing(cloud: Microsoft) -> None:
    cloud.has("2026-07-01T00:00", "2026-07-02T00:00", isAllDay=True)
    outlook = opened(cloud)
    assert told(outlook.changes(CALENDAR, "", reading("Europe/Berlin"))) == ["06-30 22:00 to 07-01 22:00"]
    assert told(outlook.changes(CALENDAR, "", reading("Europe/Berlin", all_day_counts=False))) == []


@pytest.mark.parametrize(
    "series",
    [{"showAs": "free"}, {"responseStatus": {"response": "declined"}}, {"isCancelled": True}],
)
def test_a_series_that_takes_no_time_takes_none_with_any_occurrence(cloud: Microsoft, series: dict[str, Any]) -> None:
    cloud.page_size = 2
    cloud.has_series("2026-03-02", "2026-03-09", "2026-03-16", hours=("09:00", "10:00"), **series)
    assert told(opened(cloud).changes(CALENDAR, "", reading())) == []


def test_an_occurrence_of_whole_days_is_one_where_its_owner_lives(cloud: Microsoft) -> None:
    ref, *_more = cloud.has_series("2026-07-01", hours=("00:00", "00:00"), isAllDay=True)
    cloud.events[ref]["end"] = {"dateTime": "2026-07-02T00:00:00.0000000", "timeZone": "UTC"}
    assert told(opened(cloud).changes(CALENDAR, "", reading("Europe/Berlin"))) == ["06-30 22:00 to 07-01 22:00"]


def test_an_occurrence_that_is_taken_out_or_differs_counts_as_it_is(cloud: Microsoft) -> None:
    refs = cloud.has_series("2026-03-02", "2026-03-09", "2026-03-16", hours=("09:00", "10:00"))
    first = opened(cloud).changes(CALENDAR, "", reading())
    assert len(told(first)) == 3
    cloud.take_out(refs[0])
    cloud.change(refs[1], type="exception", showAs="free")
    second = opened(cloud).changes(CALENDAR, first.token, reading())
    assert (second.is_whole, told(second)) == (True, ["03-16 09:00 to 10:00"])
    assert opened(cloud).changes(CALENDAR, second.token, reading()).items == ()


def test_an_event_that_cannot_be_read_does_not_hide_the_others(cloud: Microsoft) -> None:
    for broken in ({"start": None}, {"start": {"dateTime": "soon", "timeZone": "UTC"}}, {"end": {"dateTime": 9}}):
        cloud.has("2026-03-02T11:00", "2026-03-02T12:00", **broken)
    cloud.has("2026-03-02T09:00", "2026-03-02T10:00")
    assert told(opened(cloud).changes(CALENDAR, "", reading())) == ["03-02 09:00 to 10:00"]


def test_a_token_that_is_too_old_lets_everything_be_read_anew(cloud: Microsoft) -> None:
    cloud.has("2026-03-02T09:00", "2026-03-02T10:00")
    first = opened(cloud).changes(CALENDAR, "", reading())
    cloud.history.clear()
    again = opened(cloud).changes(CALENDAR, first.token, reading())
    assert (again.is_whole, told(again)) == (True, ["03-02 09:00 to 10:00"])


def test_an_answer_that_was_lost_makes_no_second_event(cloud: Microsoft) -> None:
    outlook = opened(cloud)
    cloud.faults = [Fault(), Fault(cuts=True)]  # the look before, then the event, whose answer is lost
    with pytest.raises(CalendarError) as lost:
        outlook.put(CALENDAR, ENTRY, None)
    assert (lost.value.kind, lost.value.permanent, len(cloud.events)) == (Trouble.UNREACHABLE, False, 1)

    far = replace(LATER, start=ENTRY.start + 9 * 1440, end=ENTRY.end + 9 * 1440)  # moved before it was tried again
    stored = outlook.put(CALENDAR, far, None)
    (event,) = cloud.events.values()
    assert (event["id"], event["start"]["dateTime"][:10]) == (stored.ref, "2026-03-11")


def test_an_event_its_owner_threw_away_is_made_again(cloud: Microsoft) -> None:
    outlook = opened(cloud)
    cloud.remove(outlook.put(CALENDAR, ENTRY, None).ref)
    stored = outlook.put(CALENDAR, LATER, None)
    (item,) = outlook.changes(CALENDAR, "", reading()).items
    assert (item.ref, item.ours and item.ours.uid) == (stored.ref, ENTRY.uid)


def test_what_is_written_is_text_and_invites_nobody(cloud: Microsoft) -> None:
    entry = replace(ENTRY, title="<b>Visit</b>", text="Call <her>\nat 9", url="https://clinic.example/desk")
    opened(cloud).put(CALENDAR, entry, None)
    (event,) = cloud.events.values()
    assert event["body"]["content"] == "Call &lt;her&gt;<br>at 9<br>https://clinic.example/desk"
    assert (event["subject"], event["showAs"], "attendees" in event) == ("<b>Visit</b>", "busy", False)


@pytest.mark.parametrize(
    ("fault", "kind", "is_permanent"),
    [
        (Fault(403, "ErrorAccessDenied"), Trouble.CREDENTIALS, True),
        (Fault(404, "ErrorItemNotFound"), Trouble.REFUSED, True),
        (Fault(400, "invalidRequest"), Trouble.REFUSED, True),
        (Fault(409, "nameAlreadyExists"), Trouble.REFUSED, True),
        (Fault(410, "itemNotFound"), Trouble.REFUSED, True),
        (Fault(412, "ErrorIrresolvableConflict"), Trouble.REFUSED, True),
        (Fault(429, "TooManyRequests", headers=(("Retry-After", "900"),)), Trouble.UNREACHABLE, False),
        (Fault(500, "generalException"), Trouble.UNREACHABLE, False),
        (Fault(200, body=b"<html>sign in first</html>"), Trouble.UNREACHABLE, False),
        (Fault(200, body=b'{"value": "none"}'), Trouble.UNREACHABLE, False),
        (Fault(cuts=True), Trouble.UNREACHABLE, False),
    ],
)
def test_faults_are_told_apart(cloud: Microsoft, fault: Fault, kind: Trouble, is_permanent: bool) -> None:
    cloud.faults = [fault]
    with pytest.raises(CalendarError) as failed:
        opened(cloud).changes(CALENDAR, "", reading())
    assert (failed.value.kind, failed.value.permanent) == (kind, is_permanent)
    assert MAILBOX not in str(failed.value)
    assert SECRET not in str(failed.value)


@pytest.mark.parametrize("status", [429, 503, 504])
def test_patience_is_as_long_as_graph_asks_for(cloud: Microsoft, status: int) -> None:
    naps = Naps()
    cloud.faults = [Fault(status, headers=(("Retry-After", "7"),)), Fault(status, headers=(("Retry-After", "3"),))]
    opened(cloud, naps).changes(CALENDAR, "", reading())
    assert [int(nap) for nap in naps.slept] == [7, 3]


def test_patience_ends_with_the_time_there_is(cloud: Microsoft) -> None:
    naps = Naps()
    cloud.faults = [Fault(429, "TooManyRequests", headers=(("Retry-After", "600"),))]
    with pytest.raises(CalendarError) as failed:
        opened(cloud, naps).changes(CALENDAR, "", reading())
    assert (failed.value.kind, naps.slept) == (Trouble.UNREACHABLE, [])


def test_once_the_time_is_over_nothing_more_is_asked(cloud: Microsoft) -> None:
    with pytest.raises(CalendarError) as failed:
        opened(cloud, seconds=0.0).changes(CALENDAR, "", reading())
    assert (failed.value.kind, failed.value.permanent) == (Trouble.UNREACHABLE, False)
    assert [one for one in cloud.asked if "/v1.0/" in one] == []


def test_a_token_is_kept_and_asked_for_anew_once_it_does_not_count(cloud: Microsoft) -> None:
    outlook = opened(cloud)
    outlook.calendars()
    opened(cloud).calendars()
    assert cloud.signed_in == 1
    cloud.forget_tokens()
    outlook.calendars()
    assert cloud.signed_in == 2


def test_a_token_that_never_counts_is_not_asked_for_for_ever(cloud: Microsoft) -> None:
    cloud.faults = [Fault(401, "InvalidAuthenticationToken")] * 9
    with pytest.raises(CalendarError) as failed:
        opened(cloud).calendars()
    assert (failed.value.kind, cloud.signed_in, len(cloud.faults)) == (Trouble.CREDENTIALS, 2, 7)


def test_a_sign_in_that_is_refused_is_a_matter_of_credentials(cloud: Microsoft) -> None:
    cloud.sign_in_fault = (401, "AADSTS7000222")
    with pytest.raises(CalendarError) as failed:
        opened(cloud).calendars()
    assert (failed.value.kind, "AADSTS7000222" in str(failed.value)) == (Trouble.CREDENTIALS, True)


def test_pages_that_lead_in_circles_or_elsewhere_end(cloud: Microsoft) -> None:
    link = f"{cloud.origin}/v1.0/users/{MAILBOX}/calendarView/delta()?$skiptoken=0"
    for named in (link, "https://elsewhere.example/v1.0/steal?$skiptoken=1"):
        body = b'{"value": [], "@odata.nextLink": "%s"}' % named.encode()
        cloud.faults = [Fault(200, body=body)] * 3
        before = len(cloud.asked)
        with pytest.raises(CalendarError) as failed:
            opened(cloud).changes(CALENDAR, "", reading())
        assert failed.value.kind is Trouble.UNREACHABLE
        assert len(cloud.asked) - before <= 4
        cloud.faults = []


def test_no_more_than_three_requests_of_an_application_at_once(cloud: Microsoft) -> None:
    opened(cloud).calendars()
    cloud.faults = [Fault(delay=0.2)] * 8
    threads = [threading.Thread(target=opened(cloud).calendars) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cloud.most_at_once == graphs.AT_ONCE == 3


def test_each_request_has_an_id_and_asks_for_times_in_utc(cloud: Microsoft) -> None:
    opened(cloud).changes(CALENDAR, "", reading())
    asked = [one for one in cloud.headers if "Authorization" in one]
    assert len({one["client-request-id"] for one in asked}) == len(asked) == 1
    assert 'outlook.timezone="UTC"' in asked[0]["Prefer"]


@pytest.mark.parametrize(
    "mailbox", ["", "ada", "ada@clinic.example/../x", "ada@clinic.example?x", "a b@clinic.example"]
)
def test_what_is_no_mailbox_is_asked_of_nobody(cloud: Microsoft, settings: Any, mailbox: str) -> None:
    with pytest.raises(CalendarError) as refused:
        Outlook.opened(settings.CONFIGURATION, Access(mailbox, account=cloud.access))
    assert (refused.value.kind, cloud.asked) == (Trouble.REFUSED, [])
