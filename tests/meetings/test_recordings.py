"""Nobody is recorded who did not agree; what is recorded is read by few and for a time."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.meetings.scene import Visit, add_helper, joined, make_staff, make_visit
from tests.subscriptions.told import subscribed
from vestibule.meetings import backends, calls, carrying, recordings, visit_rules, waiting
from vestibule.meetings.errors import NotSetUp, RecordingConsentNeeded, WrongState
from vestibule.meetings.models import Recording
from vestibule.meetings.ports import BackendEvent
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.models import AuditEntry
from vestibule.store import clock
from vestibule.store.configuration import load
from vestibule.subscriptions import shapes
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.models import Delivery
from vestibule.subscriptions.testing import FakePoster

pytestmark = pytest.mark.django_db
PATH = "vestibule.integrations.livekit.backend.LiveKit"


@pytest.fixture
def folder(settings: LazySettings, tmp_path: Path) -> Iterator[Path]:
    """Where recordings lie; a media server is set up (nobody talks to it here)."""
    wanted = {"LIVEKIT_URL": "ws://127.0.0.1:9", "LIVEKIT_KEY": "k", "LIVEKIT_SECRET": "s", "RECORDINGS": str(tmp_path)}
    settings.CONFIGURATION = load(
        {f"VESTIBULE_{name}": text for name, text in wanted.items()} | {"VESTIBULE_DATA": "/-"}
    )
    settings.MEETING_BACKENDS = {**settings.MEETING_BACKENDS, "livekit": PATH}
    backends.backend_named.cache_clear()
    yield tmp_path
    backends.backend_named.cache_clear()


def allow(visit: Visit, **rules: object) -> None:
    stored = visit_rules.of(visit.meeting.business)
    for name, value in {"recording": True, "recording_days": 7, **rules}.items():
        setattr(stored, name, value)
    stored.save()
    visit.meeting.business.refresh_from_db()


@pytest.fixture
def visit(folder: Path) -> Visit:
    made = make_visit()
    allow(made)
    return joined(made)


def recorded(visit: Visit, folder: Path) -> Recording:
    """A finished recording with its file."""
    asked = recordings.ask(visit.provider.ref)
    recordings.answer(visit.consumer.ref, asked.ref, True)
    start = recordings.claim_start(visit.meeting.ref)
    assert start is not None
    recordings.started(asked.ref, "EG_1")
    (folder / start.place).parent.mkdir()
    (folder / start.place).write_bytes(b"film")
    event = BackendEvent("EV", "recording_ended", clock.now(), visit.meeting.ref, recording="EG_1", size=4, seconds=61)
    assert recordings.learn(event) == visit.meeting.ref
    asked.refresh_from_db()
    return asked


def test_subscribers_are_told_that_a_recording_is_ready(
    visit: Visit, folder: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLIC_URL = "https://visits.example.org"
    monkeypatch.setattr(shapes, "poster", FakePoster)
    subscribed(visit.meeting.business)
    made = recorded(visit, folder)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    told = Delivery.objects.get(kind=Kind.RECORDING_UPDATED)
    assert (told.facts["seconds"], told.facts["room"]) == (61, str(visit.meeting.number))
    assert told.facts["files"] == [
        {"id": made.ref, "content": f"https://visits.example.org/desk/recordings/{made.ref}"}
    ]
    assert told.facts["call"] == Delivery.objects.get(kind=Kind.CALL_ENDED).facts["call"]


def test_nothing_begins_before_everybody_in_the_call_agreed(visit: Visit) -> None:
    asked = recordings.ask(visit.provider.ref)
    assert recordings.claim_start(visit.meeting.ref) is None
    recordings.answer(visit.consumer.ref, asked.ref, True)
    start = recordings.claim_start(visit.meeting.ref)
    assert start is not None
    assert start.move is not None, "browsers alone cannot record"
    assert start.room.backend == "livekit"
    assert recordings.claim_start(visit.meeting.ref) is None, "it begins once"


def test_one_no_is_enough_before_and_after(visit: Visit) -> None:
    asked = recordings.ask(visit.provider.ref)
    assert recordings.answer(visit.consumer.ref, asked.ref, False).state == "refused"
    assert recordings.claim_start(visit.meeting.ref) is None
    again = recordings.ask(visit.provider.ref)
    recordings.answer(visit.consumer.ref, again.ref, True)
    assert recordings.claim_start(visit.meeting.ref)
    assert recordings.answer(visit.consumer.ref, again.ref, False).state == "stopping"
    assert not recordings.started(again.ref, "EG_1"), "one that was ended meanwhile is stopped at once"


def test_whoever_comes_later_is_asked_before_they_are_in(visit: Visit) -> None:
    asked = recordings.ask(visit.provider.ref)
    recordings.answer(visit.consumer.ref, asked.ref, True)
    recordings.claim_start(visit.meeting.ref)
    late = add_helper(visit, "Cy")
    waiting.arrive(late.ref)
    waiting.enter_waiting(late.ref)
    waiting.admit(visit.host, late.ref)
    with pytest.raises(RecordingConsentNeeded):
        recordings.require_consent(late.ref)
    assert recordings.answer(late.ref, asked.ref, False).state == "running", "who is outside stops nothing"
    recordings.answer(late.ref, asked.ref, True)
    recordings.require_consent(late.ref)


def test_the_one_who_did_not_agree_may_leave_and_then_it_begins(visit: Visit) -> None:
    recordings.ask(visit.provider.ref)
    calls.leave_call(visit.consumer.ref)
    assert recordings.claim_start(visit.meeting.ref)


def test_only_who_moderates_asks_and_ends(visit: Visit) -> None:
    with pytest.raises(NotPermitted):
        recordings.ask(visit.consumer.ref)
    recordings.ask(visit.provider.ref)
    with pytest.raises(NotPermitted):
        recordings.stop(visit.consumer.ref)
    stopped = recordings.stop(visit.provider.ref)
    assert stopped is not None
    assert stopped.state == "refused"


def test_nobody_answers_for_another_visit(visit: Visit) -> None:
    asked = recordings.ask(visit.provider.ref)
    other = make_visit()
    joined(other)
    with pytest.raises(NotFound):
        recordings.answer(other.consumer.ref, asked.ref, True)


def test_a_recorded_call_stays_where_it_is_recorded(visit: Visit) -> None:
    asked = recordings.ask(visit.provider.ref)
    recordings.answer(visit.consumer.ref, asked.ref, True)
    start = recordings.claim_start(visit.meeting.ref)
    assert start is not None
    assert start.move is not None
    carrying.moved(start.move)
    with pytest.raises(WrongState):
        carrying.by_staff(visit.provider.ref, "p2p")


def test_where_it_cannot_be_the_reason_is_said(folder: Path, settings: LazySettings) -> None:
    visit = joined(make_visit())
    assert "rules" in recordings.why_not(visit.meeting)
    allow(visit, backend="p2p")
    assert "between the browsers" in recordings.why_not(type(visit.meeting).objects.get(pk=visit.meeting.pk))
    allow(visit, backend="auto")
    meeting = type(visit.meeting).objects.get(pk=visit.meeting.pk)
    assert recordings.why_not(meeting) == ""
    settings.MEETING_BACKENDS = {"p2p": settings.MEETING_BACKENDS["p2p"]}
    assert "VESTIBULE_LIVEKIT_URL" in recordings.why_not(meeting)
    with pytest.raises(NotSetUp):
        recordings.ask(visit.provider.ref)


def test_a_recording_is_taken_by_who_hosts_and_leaves_a_trace(visit: Visit, folder: Path) -> None:
    made = recorded(visit, folder)
    _recording, path = recordings.opened(visit.host, made.ref)
    assert path.read_bytes() == b"film"
    (entry,) = AuditEntry.objects.filter(action="recording.downloaded")
    assert (entry.subject_ref, entry.details["recording"]) == (visit.meeting.ref, made.ref)
    stranger = make_visit()
    with pytest.raises(NotFound):
        recordings.opened(stranger.host, made.ref)
    colleague = make_visit(business=visit.meeting.business, staff=make_staff(visit.meeting.business, name="Dr Cy"))
    with pytest.raises(NotPermitted):
        recordings.opened(colleague.host, made.ref)


def test_after_its_time_the_file_is_gone_and_the_row_says_so(visit: Visit, folder: Path) -> None:
    made = recorded(visit, folder)
    assert recordings.delete_due() == 0
    clock.advance(timedelta(days=7, minutes=1).total_seconds())
    assert recordings.delete_due() == 1
    made.refresh_from_db()
    assert made.state == "deleted"
    assert not (folder / made.place).exists()
    with pytest.raises(WrongState):
        recordings.opened(visit.host, made.ref)


def test_one_nobody_heard_of_again_counts_as_lost(visit: Visit) -> None:
    asked = recordings.ask(visit.provider.ref)
    recordings.answer(visit.consumer.ref, asked.ref, True)
    recordings.claim_start(visit.meeting.ref)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    clock.advance(3 * 3600)
    assert recordings.delete_due() == 1
    asked.refresh_from_db()
    assert asked.state == "failed"


@pytest.mark.parametrize("place", ["../../etc/passwd", "/etc/passwd", ""])
def test_a_file_outside_the_folder_is_never_handed_out(visit: Visit, folder: Path, place: str) -> None:
    made = recorded(visit, folder)
    Recording.objects.filter(pk=made.pk).update(place=place)
    with pytest.raises(WrongState):
        recordings.opened(visit.host, made.ref)


def test_staff_see_download_and_delete_it_on_its_page(visit: Visit, folder: Path, client: Client) -> None:
    made = recorded(visit, folder)
    provider = visit.provider.provider
    assert provider is not None
    assert provider.membership is not None
    client.force_login(provider.membership.user)
    page = client.get(f"/desk/visit/{visit.meeting.ref}/recordings").content.decode()
    assert 'data-recording="ready"' in page
    assert visit.consumer.name in page
    answer = client.get(f"/desk/recordings/{made.ref}")
    assert b"".join(answer) == b"film"
    assert answer["Content-Disposition"].startswith("attachment")
    assert client.post(f"/desk/recordings/{made.ref}/delete").status_code == 302
    assert not (folder / made.place).exists()
    assert client.get(f"/desk/recordings/{made.ref}").status_code == 409


def test_why_one_failed_is_read_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "_", lambda text: f"übersetzt: {text}")
    ours, theirs = Recording(failure=recordings.SILENT), Recording(failure="egress: disk full")
    assert recordings.failure_words(ours) == f"übersetzt: {recordings.SILENT}"
    assert recordings.failure_words(theirs) == "egress: disk full"
