"""The rules of visits in the office: every option, and what this server cannot do is named instead of offered."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.web.manager.office import Office, url
from vestibule.meetings import visit_rules
from vestibule.meetings.backends import backend_named
from vestibule.meetings.models import RelayCheck
from vestibule.people.models import BusinessWays
from vestibule.people.permissions import Role
from vestibule.store import clock, configuration
from vestibule.web import times
from vestibule.web.manager import visit_rules_page

SERVERS = {
    "VESTIBULE_LIVEKIT_URL": "wss://media.example.org",
    "VESTIBULE_LIVEKIT_KEY": "key",
    "VESTIBULE_LIVEKIT_SECRET": "secret",
    "VESTIBULE_RECORDINGS": "recordings",
    "VESTIBULE_TURN_URLS": "turn:turn.example.org:3478",
}
CHOSEN = {
    "backend": "p2p",
    "device_check": "required",
    "chat": "on",
    "history": "since_joining",
    "chat_days": "30",
    "captions": "browser",
    "recording_days": "7",
    "end_hint_minutes": "0",
    "dial_in": "+41 44 555 01 99",
    "dial_in_code": "4711",
}


@pytest.fixture
def _with_servers(settings: Any) -> Iterator[None]:
    settings.CONFIGURATION = configuration.load(SERVERS)
    settings.MEETING_BACKENDS = {**settings.MEETING_BACKENDS, "livekit": "vestibule.meetings.testing.FakeMediaServer"}
    backend_named.cache_clear()
    yield
    backend_named.cache_clear()


def page_of(office: Office) -> Any:
    return office.manager.get(url("visit-rules"))


def test_what_is_chosen_is_stored_and_a_box_left_empty_is_off(office: Office) -> None:
    answer = office.manager.post(url("visit-rules"), CHOSEN, follow=True)
    rules = visit_rules.of(office.business)
    assert "The rules of visits were saved" in answer.content.decode()
    assert (rules.backend, rules.history, rules.captions) == ("p2p", "since_joining", "browser")
    assert (rules.chat_days, rules.recording_days, rules.end_hint_minutes) == (30, 7, 0)
    assert (rules.chat, rules.files, rules.consumers_share) == (True, False, False)
    assert (rules.dial_in, rules.dial_in_code) == ("+41 44 555 01 99", "4711")


def test_without_a_media_server_neither_it_nor_recording_can_be_chosen_and_the_page_says_why(office: Office) -> None:
    page = page_of(office)
    assert "No media server is set up" in page.content.decode()
    assert page.context["form"].fields["recording"].disabled
    office.manager.post(url("visit-rules"), CHOSEN | {"recording": "on", "hides_addresses": "on"})
    rules = visit_rules.of(office.business)
    assert (rules.recording, rules.hides_addresses) == (False, False)


def test_a_media_server_that_is_not_there_is_refused_also_to_who_sends_it_anyway(office: Office) -> None:
    answer = office.manager.post(url("visit-rules"), CHOSEN | {"backend": "livekit"})
    assert answer.status_code == 422
    assert visit_rules.of(office.business).backend == "auto"


@pytest.mark.usefixtures("_with_servers")
def test_with_servers_connected_everything_of_theirs_can_be_chosen(office: Office) -> None:
    page = page_of(office)
    assert "No media server is set up" not in page.content.decode()
    given = CHOSEN | {"backend": "livekit", "recording": "on", "hides_addresses": "on"}
    assert office.manager.post(url("visit-rules"), given).status_code == 302
    rules = visit_rules.of(office.business)
    assert (rules.backend, rules.recording, rules.hides_addresses) == ("livekit", True, True)


def test_every_rule_there_is_has_its_question() -> None:
    assert set(visit_rules_page.RULES.values()) == set(visit_rules.FIELDS)
    asked = [name for _title, names in visit_rules_page.GROUPS for name in names]
    assert sorted(asked) == sorted(visit_rules_page.RULES)


def test_a_number_out_of_bounds_lands_on_its_question(office: Office) -> None:
    answer = office.manager.post(url("visit-rules"), CHOSEN | {"chat_days": "0"})
    assert list(answer.context["form"].errors) == ["chat_days"]


def test_whoever_may_only_look_sees_the_rules_and_changes_nothing(office: Office) -> None:
    viewer = office.as_(Role.VIEWER)
    assert "Your role may look at this" in viewer.get(url("visit-rules")).content.decode()
    assert viewer.post(url("visit-rules"), CHOSEN).status_code == 403


def test_the_search_of_set_up_finds_it_by_what_people_call_it(office: Office) -> None:
    for words in ("recording", "dial-in", "captions", "livekit"):
        assert url("visit-rules") in office.manager.get(url("setup", q=words)).content.decode(), words


@pytest.mark.usefixtures("_with_servers")
def test_without_a_folder_to_keep_them_nothing_can_be_recorded(office: Office, settings: Any) -> None:
    settings.CONFIGURATION = configuration.load({**SERVERS, "VESTIBULE_RECORDINGS": ""})
    page = page_of(office)
    assert page.context["form"].fields["recording"].disabled
    assert "VESTIBULE_RECORDINGS" in page.content.decode()


@pytest.mark.usefixtures("_with_servers")
def test_a_relay_that_stopped_relaying_is_seen_in_the_office(office: Office) -> None:
    RelayCheck.objects.create(url="turn:turn.example.org:3478", ok=True, milliseconds=12)
    assert "answered in 12 ms" in page_of(office).content.decode()
    since = clock.now() - timedelta(minutes=8)
    RelayCheck.objects.update(ok=False, since=since)
    assert f"since {times.moment(since, office.business.timezone)}" in page_of(office).content.decode()
    assert "Some calls will not connect" in office.manager.get("/manage").content.decode()


def test_what_teams_does_is_greyed_out_with_the_reason_and_stays_as_it_was(office: Office) -> None:
    BusinessWays.objects.create(business=office.business, place="teams", join="teams_web")
    page = office.manager.get(url("visit-rules")).content.decode()
    assert page.count("Visits are held in Teams, which has its own.") == 8
    before = visit_rules.of(office.business)
    given = {**CHOSEN, "blur": "", "consumers_share": "", "recording": "on", "backend": "livekit"}
    assert office.manager.post(url("visit-rules"), given).status_code == 302
    after = visit_rules.of(office.business)
    for kept in ("backend", "blur", "consumers_share", "recording", "captions"):
        assert getattr(after, kept) == getattr(before, kept)
    assert after.device_check == "required", "what is asked before the visit is ours"
    builder = office.manager.get(url("experience-step", "call")).content.decode()
    assert "Visits are held in Teams, which has its own." in builder
