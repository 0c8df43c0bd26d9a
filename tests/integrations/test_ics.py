"""Calendars by their address, from a real web server."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.calendars.kit import calendar, event, reading
from tests.integrations.outside import Outside, outside
from vestibule.calendars.ports import Access, CalendarError, Changes, Trouble
from vestibule.integrations.guarded import Guarded, PrivateHosts
from vestibule.integrations.ics.feed import IcsFeed

NINE = ("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z")


@pytest.fixture
def world() -> Iterator[Outside]:
    with outside() as state:
        yield state


def feed(world: Outside, path: str = "/a.ics") -> IcsFeed:
    return IcsFeed(Access(world.url(path)), Guarded(PrivateHosts((world.host,)), seconds=20))


def trouble(world: Outside) -> tuple[Trouble, bool]:
    with pytest.raises(CalendarError) as refused:
        feed(world).changes("", "", reading())
    return refused.value.kind, refused.value.permanent


def test_a_calendar_is_read_whole(world: Outside) -> None:
    world.gives(calendar(event(*NINE)))
    found = feed(world).changes("", "", reading())
    assert found.is_whole
    assert len(found.items[0].busy) == 1


def test_it_tells_its_name(world: Outside) -> None:
    world.gives(calendar("X-WR-CALNAME:Dr Blum", event(*NINE)))
    assert [(one.name, one.can_write) for one in feed(world).calendars()] == [("Dr Blum", False)]


def test_what_has_not_changed_is_not_read_again(world: Outside) -> None:
    body = calendar(event(*NINE))
    world.gives(body, ETag='"one"')
    token = feed(world).changes("", "", reading()).token
    world.gives(b"", status=304)
    assert feed(world).changes("", token, reading()) == Changes(token)
    assert world.asked[-1][1]["If-None-Match"] == '"one"'
    world.gives(body, ETag='"two"')
    again = feed(world).changes("", token, reading())
    assert (again.items, again.is_whole) == ((), False)


def test_another_day_or_another_owner_reads_it_anew(world: Outside) -> None:
    world.gives(calendar(event(*NINE)), ETag='"one"')
    token = feed(world).changes("", "", reading()).token
    later = reading(first=reading().first + 1440)
    for changed in (later, reading("Asia/Tokyo"), reading(all_day_counts=False)):
        assert feed(world).changes("", token, changed).is_whole
        assert "If-None-Match" not in world.asked[-1][1]


def test_a_token_nobody_knows_reads_everything(world: Outside) -> None:
    world.gives(calendar(event(*NINE)))
    assert all(feed(world).changes("", token, reading()).is_whole for token in ("odd", "[]", "{}"))


def test_webcal_is_https() -> None:
    asked: list[str] = []

    class Notes:
        def request(self, method: str, url: str, **more: object) -> object:
            asked.append(url)
            raise CalendarError("noted", Trouble.REFUSED, permanent=True)

    notes: Any = Notes()
    with pytest.raises(CalendarError):
        IcsFeed(Access("webcal://calendar.example/a.ics"), notes).calendars()
    assert asked == ["https://calendar.example/a.ics"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, (Trouble.CREDENTIALS, True)),
        (403, (Trouble.CREDENTIALS, True)),
        (404, (Trouble.REFUSED, True)),
        (410, (Trouble.REFUSED, True)),
        (429, (Trouble.UNREACHABLE, False)),
        (500, (Trouble.UNREACHABLE, False)),
        (304, (Trouble.REFUSED, True)),
    ],
)
def test_what_the_server_answers_says_what_to_do(world: Outside, status: int, said: tuple[Trouble, bool]) -> None:
    world.gives(b"", status=status)
    assert trouble(world) == said


def test_a_page_that_asks_to_sign_in_is_no_calendar(world: Outside) -> None:
    world.gives(b"<!doctype html><title>Sign in</title>", Content_Type="text/html")
    assert trouble(world) == (Trouble.MALFORMED, True)


def test_a_server_that_is_gone_is_tried_again(world: Outside) -> None:
    gone = IcsFeed(Access("http://127.0.0.1:1/a.ics"), Guarded(PrivateHosts(("127.0.0.1:1",)), seconds=20))
    with pytest.raises(CalendarError) as refused:
        gone.changes("", "", reading())
    assert (refused.value.kind, refused.value.permanent) == (Trouble.UNREACHABLE, False)


def test_what_is_secret_in_an_address_is_never_said(world: Outside) -> None:
    for status in (401, 404, 500):
        url = world.gives(b"", "/private-hunter2/a.ics", status=status)
        with pytest.raises(CalendarError) as refused:
            IcsFeed(Access(url), Guarded(PrivateHosts((world.host,)), seconds=20)).calendars()
        assert "hunter2" not in str(refused.value)
    assert "hunter2" not in repr(Access(url, "ada", "hunter2"))
