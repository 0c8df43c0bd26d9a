"""CalDAV with a real server, Radicale."""

import json
import tracemalloc
from collections.abc import Iterator

import pytest

from tests.calendars.contracts import ENTRY, TargetContract
from tests.calendars.kit import calendar, event, reading, said
from tests.integrations.outside import outside
from tests.integrations.radicale import PASSWORD, USER, Radicale, radicale
from vestibule.calendars import writing
from vestibule.calendars.ports import Access, CalendarError, Changes, Entry, Trouble
from vestibule.integrations.caldav import xml
from vestibule.integrations.caldav.account import CalDavAccount
from vestibule.integrations.guarded import Guarded, PrivateHosts

NINE = ("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z")
TEN = ("DTSTART:20260302T100000Z", "DTEND:20260302T110000Z")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    with radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture
def work(running: Radicale, request: pytest.FixtureRequest) -> str:
    return running.make_calendar("".join(sign for sign in request.node.name if sign.isalnum())[:60])


def account(server: Radicale, access: Access | None = None) -> CalDavAccount:
    return CalDavAccount(access or server.access, Guarded(PrivateHosts((server.host,)), seconds=60))


def told(changes: Changes) -> dict[str, list[str]]:
    return {item.ref.rpartition("/")[2]: [said(*one) for one in item.busy] for item in changes.items}


def test_calendars_are_found_from_the_bare_address_of_the_server(running: Radicale, work: str) -> None:
    assert work in {one.address for one in account(running).calendars()}
    assert all(one.can_write for one in account(running).calendars())


def test_calendars_are_found_from_the_address_of_one_of_them(running: Radicale, work: str) -> None:
    found = account(running, Access(work, USER, PASSWORD)).calendars()
    assert work in {one.address for one in found}


@pytest.mark.parametrize("access", [("ada", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_wrong_credentials_are_said_to_be_wrong(running: Radicale, access: tuple[str, str]) -> None:
    with pytest.raises(CalendarError) as refused:
        account(running, Access(running.url, *access)).calendars()
    assert (refused.value.kind, refused.value.permanent) == (Trouble.CREDENTIALS, True)


def test_everything_is_read_first_then_what_changed(running: Radicale, work: str) -> None:
    running.store(work, "one", calendar(event(*NINE)))
    first = account(running).changes(work, "", reading())
    assert first.is_whole
    assert told(first) == {"one.ics": ["03-02 09:00 to 10:00"]}

    running.store(work, "one", calendar(event(*TEN)))
    running.store(work, "two", calendar(event(*NINE, uid="two")))
    second = account(running).changes(work, first.token, reading())
    assert not second.is_whole
    assert told(second) == {"one.ics": ["03-02 10:00 to 11:00"], "two.ics": ["03-02 09:00 to 10:00"]}

    running.remove(work, "one")
    third = account(running).changes(work, second.token, reading())
    assert (told(third), [path.rpartition("/")[2] for path in third.gone]) == ({}, ["one.ics"])

    assert account(running).changes(work, third.token, reading()).items == ()


def test_events_that_no_longer_make_busy_are_told_as_free(running: Radicale, work: str) -> None:
    running.store(work, "one", calendar(event(*NINE)))
    first = account(running).changes(work, "", reading())
    running.store(work, "one", calendar(event(*NINE, "TRANSP:TRANSPARENT")))
    assert told(account(running).changes(work, first.token, reading())) == {"one.ics": []}


def test_a_token_the_server_does_not_know_reads_everything(running: Radicale, work: str) -> None:
    running.store(work, "one", calendar(event(*NINE)))
    known = json.loads(account(running).changes(work, "", reading()).token)
    stale = json.dumps({**known, "sync": "http://radicale.org/ns/sync/" + "0" * 64})
    again = account(running).changes(work, stale, reading())
    assert again.is_whole
    assert told(again) == {"one.ics": ["03-02 09:00 to 10:00"]}


def test_a_server_without_tokens_is_asked_by_its_tag(running: Radicale, work: str) -> None:
    running.store(work, "one", calendar(event(*NINE)))
    known = json.loads(account(running).changes(work, "", reading()).token)
    by_tag = json.dumps({**known, "sync": ""})
    assert account(running).changes(work, by_tag, reading()) == Changes(by_tag)
    running.store(work, "two", calendar(event(*NINE, uid="two")))
    assert account(running).changes(work, by_tag, reading()).is_whole


def test_each_day_everything_is_read_anew(running: Radicale, work: str) -> None:
    token = account(running).changes(work, "", reading()).token
    tomorrow = reading(first=reading().first + 1440)
    assert account(running).changes(work, token, tomorrow).is_whole


def test_an_entry_is_stored_as_text_any_program_reads(running: Radicale, work: str) -> None:
    account(running).put(work, ENTRY, None)
    (text,) = running.entries(work).values()
    for line in (
        f"UID:{ENTRY.uid}",
        "SUMMARY:First visit with Cleo",
        "DTSTART:20260302T",
        "SEQUENCE:0",
        "LOCATION:Room 1",
    ):
        assert line in text


class _Owner:
    def __init__(self, server: Radicale) -> None:
        self._server = server

    def move(self, ref: str, to: Entry) -> None:
        self._server.ask("PUT", ref, writing.single(to).decode(), Content_Type="text/calendar").raise_for_status()

    def remove(self, ref: str) -> None:
        self._server.ask("DELETE", ref).raise_for_status()


class TestCalDavTarget(TargetContract):
    @pytest.fixture
    def account(self, running: Radicale) -> CalDavAccount:
        return account(running)

    @pytest.fixture
    def calendar(self, work: str) -> str:
        return work

    @pytest.fixture
    def owner(self, running: Radicale) -> _Owner:
        return _Owner(running)


def test_one_broken_entry_does_not_spoil_the_calendar() -> None:
    entry = "<d:response><d:href>/{}.ics</d:href><d:propstat><d:prop><c:calendar-data>{}</c:calendar-data></d:prop>"
    entry += "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
    answers = "".join(
        entry.format(name, text)
        for name, text in (("odd", "BEGIN:VCALENDAR"), ("one", calendar(event(*NINE)).decode()))
    )
    body = f'<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">{answers}</d:multistatus>'
    with outside() as world:
        url = world.gives(body.encode(), "/office/", status=207)
        http = Guarded(PrivateHosts((world.host,)), seconds=20)
        found = CalDavAccount(Access(url, USER, PASSWORD), http).changes(url, "", reading())
    assert told(found) == {"one.ics": ["03-02 09:00 to 10:00"]}


def test_a_calendar_that_was_removed_is_said_to_be_gone(running: Radicale, work: str) -> None:
    running.ask("DELETE", work.removeprefix(running.url)).raise_for_status()
    with pytest.raises(CalendarError) as refused:
        account(running).changes(work, "", reading())
    assert refused.value.kind in (Trouble.REFUSED, Trouble.CREDENTIALS)


def test_a_server_that_died_is_unreachable_and_comes_back(running: Radicale, work: str) -> None:
    token = account(running).changes(work, "", reading()).token
    running.kill()
    try:
        for change in (
            lambda: account(running).changes(work, token, reading()),
            lambda: account(running).put(work, ENTRY, None),
            lambda: account(running).delete(work, ENTRY.uid, None),
        ):
            with pytest.raises(CalendarError) as refused:
                change()
            assert (refused.value.kind, refused.value.permanent) == (Trouble.UNREACHABLE, False)
    finally:
        running.start()
    assert account(running).put(work, ENTRY, None).etag
    assert len(account(running).changes(work, token, reading()).items) == 1


def test_a_password_never_travels_in_the_clear() -> None:
    with pytest.raises(CalendarError) as refused:
        CalDavAccount(Access("http://calendar.example/", USER, PASSWORD), Guarded(seconds=1))
    assert refused.value.kind is Trouble.REFUSED


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"),
        b"not xml",
        b"",
    ],
)
def test_what_is_no_answer_of_a_calendar_server_is_refused(body: bytes) -> None:
    with pytest.raises(CalendarError) as refused:
        xml.parsed(body)
    assert refused.value.kind is Trouble.MALFORMED


def test_an_answer_of_millions_of_parts_is_given_up() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(CalendarError) as refused:
            xml.parsed(b"<a>" + b"<b/>" * 700_000 + b"</a>")
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()
    assert refused.value.kind is Trouble.TOO_BIG


def test_credentials_do_not_follow_a_redirect_to_strangers() -> None:
    with outside() as mine, outside() as theirs:
        mine.gives(b"", "/", status=302, Location=theirs.url("/stolen"))
        theirs.gives(b"", "/stolen", status=401)
        http = Guarded(PrivateHosts((mine.host, theirs.host)), seconds=20)
        with pytest.raises(CalendarError):
            CalDavAccount(Access(mine.url("/"), USER, PASSWORD), http).calendars()
        assert all("Authorization" not in headers for _path, headers in theirs.asked)
