"""What carries a call, and when a live one moves."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from tests.meetings.scene import Visit, add_helper, joined, make_visit
from vestibule.meetings import backends, calls, carrying, visit_rules, waiting
from vestibule.meetings.carrying import Move
from vestibule.meetings.errors import CallFull, MeetingOver, NotSetUp
from vestibule.meetings.models import Meeting, Participant
from vestibule.people.errors import NotPermitted
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db
PATH = "vestibule.integrations.livekit.backend.LiveKit"


@pytest.fixture
def sfu(settings: LazySettings) -> Iterator[None]:
    """A media server is set up; nobody talks to it here."""
    wanted = {"LIVEKIT_URL": "ws://127.0.0.1:9", "LIVEKIT_KEY": "k", "LIVEKIT_SECRET": "s", "DATA": "/-"}
    settings.CONFIGURATION = load({f"VESTIBULE_{name}": text for name, text in wanted.items()})
    settings.MEETING_BACKENDS = {**settings.MEETING_BACKENDS, "livekit": PATH}
    backends.backend_named.cache_clear()
    yield
    backends.backend_named.cache_clear()


def visit_with(backend: str, *, people: int = 2) -> Visit:
    """A call of `people` under the rule `backend`."""
    made = make_visit()
    rules = visit_rules.of(made.meeting.business)
    rules.backend = backend
    rules.save()
    return joined(made, *(add_helper(made) for _ in range(people - 2)))


def one_more(visit: Visit) -> Participant:
    seat = add_helper(visit, "Cy")
    waiting.arrive(seat.ref)
    waiting.enter_waiting(seat.ref)
    waiting.admit(visit.host, seat.ref)
    return seat


def meeting_of(visit: Visit) -> Meeting:
    found: Meeting = Meeting.objects.get(pk=visit.meeting.pk)
    return found


def carried(move: Move | None) -> tuple[str, int, str] | None:
    return None if move is None else (move.room.backend, move.room.epoch, move.why)


@pytest.mark.usefixtures("sfu")
@pytest.mark.parametrize(
    ("backend", "people", "wanted"),
    [
        ("auto", 2, None),
        ("auto", 3, None),
        ("auto", 4, ("livekit", 2, "people")),
        ("p2p", 3, None),
    ],
)
def test_a_call_moves_when_one_more_does_not_fit(
    backend: str, people: int, wanted: tuple[str, int, str] | None
) -> None:
    visit = visit_with(backend, people=people)
    assert carried(carrying.before_joining(one_more(visit).ref)) == wanted


@pytest.mark.usefixtures("sfu")
def test_where_the_rules_keep_it_between_browsers_a_fifth_is_refused() -> None:
    with pytest.raises(CallFull):
        carrying.before_joining(one_more(visit_with("p2p", people=4)).ref)


def test_without_a_media_server_a_fifth_is_refused() -> None:
    with pytest.raises(CallFull):
        carrying.before_joining(one_more(visit_with("auto", people=4)).ref)


@pytest.mark.usefixtures("sfu")
def test_an_empty_call_begins_where_the_rules_want_it() -> None:
    visit = make_visit()
    rules = visit_rules.of(visit.meeting.business)
    rules.backend = "livekit"
    rules.save()
    waiting.arrive(visit.provider.ref)
    assert carried(carrying.before_joining(visit.provider.ref)) == ("livekit", 2, "server")


@pytest.mark.usefixtures("sfu")
def test_a_moved_call_takes_as_many_as_the_media_server() -> None:
    visit = visit_with("auto", people=4)
    fifth = one_more(visit)
    move = carrying.before_joining(fifth.ref)
    assert move is not None
    assert carrying.moved(move)
    calls.join_call(fifth.ref)
    meeting = meeting_of(visit)
    assert (meeting.backend, meeting.epoch) == ("livekit", 2)
    assert carrying.before_joining(one_more(visit).ref) is None


@pytest.mark.usefixtures("sfu")
def test_of_two_moves_at_once_one_counts() -> None:
    visit = visit_with("auto")
    moves = [carrying.by_staff(visit.provider.ref, "livekit") for _ in range(2)]
    assert [carrying.moved(move) for move in moves if move is not None] == [True, False]
    assert meeting_of(visit).epoch == 2


@pytest.mark.usefixtures("sfu")
def test_lines_that_fail_again_move_the_call() -> None:
    visit = visit_with("auto")
    assert carrying.after_failure(visit.consumer.ref) is None, "once may be chance"
    assert carried(carrying.after_failure(visit.provider.ref)) == ("livekit", 2, "line")


def test_lines_that_fail_where_there_is_nothing_else_are_only_noted() -> None:
    visit = visit_with("auto")
    assert [carrying.after_failure(visit.consumer.ref) for _ in range(3)] == [None] * 3


@pytest.mark.usefixtures("sfu")
def test_only_who_moderates_moves_a_call_by_hand() -> None:
    visit = visit_with("auto")
    with pytest.raises(NotPermitted):
        carrying.by_staff(visit.consumer.ref, "livekit")
    assert carrying.by_staff(visit.provider.ref, "p2p") is None, "it is there already"


@pytest.mark.usefixtures("sfu")
def test_a_call_with_too_many_people_does_not_go_back_to_the_browsers() -> None:
    visit = visit_with("auto", people=4)
    fifth = one_more(visit)
    move = carrying.before_joining(fifth.ref)
    assert move is not None
    carrying.moved(move)
    calls.join_call(fifth.ref)
    with pytest.raises(CallFull):
        carrying.by_staff(visit.provider.ref, "p2p")
    assert carrying.after_silence(fifth.ref) is None
    calls.leave_call(fifth.ref)
    assert carried(carrying.after_silence(visit.provider.ref)) == ("p2p", 3, "server")


def test_by_hand_too_the_reason_is_said_where_there_is_no_media_server() -> None:
    visit = visit_with("auto")
    with pytest.raises(NotSetUp, match="VESTIBULE_LIVEKIT_URL"):
        carrying.by_staff(visit.provider.ref, "livekit")
    assert [offer.possible for offer in carrying.offers()] == [True, True, False]


@pytest.mark.usefixtures("sfu")
def test_a_visit_that_is_over_moves_nowhere() -> None:
    visit = visit_with("auto")
    move = carrying.by_staff(visit.provider.ref, "livekit")
    waiting.end_for_all(visit.host, visit.meeting.ref)
    assert move is not None
    with pytest.raises(MeetingOver):
        carrying.moved(move)


def test_a_call_whose_media_server_is_no_longer_set_up_is_carried_by_the_browsers() -> None:
    visit = visit_with("auto")
    Meeting.objects.filter(pk=visit.meeting.pk).update(backend="livekit")
    assert carrying.carried_by(meeting_of(visit)) == "p2p"
