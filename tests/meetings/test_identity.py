"""Recognising who is let in: what is asked, what is compared, and what guessing leads to."""

import pytest
from django.conf import LazySettings

from tests.factories import make_business, manager_of
from tests.meetings.scene import KNOWN, Visit, add_helper, make_visit
from vestibule.meetings import areas, identity, waiting
from vestibule.meetings.errors import IdentityNotConfirmed, IdentityWrong, PlaceLocked
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import AuditEntry

pytestmark = pytest.mark.django_db
BORN = {"birth_date": "1980-05-17"}


@pytest.fixture(autouse=True)
def nobody_listens(settings: LazySettings) -> None:
    settings.MEETING_LISTENERS = []
    settings.IDENTITY_SOURCE = "tests.meetings.scene.known"


def asking(*fields: str) -> Visit:
    """A visit whose consumer waits where people are asked for `fields`."""
    visit = make_visit()
    areas.change(manager_of(visit.meeting.business), "everybody", identity_fields=list(fields))
    waiting.enter_waiting(visit.consumer.ref)
    return visit


def state(visit: Visit) -> str:
    return identity.of(visit.seat(visit.consumer), areas.area_of(visit.meeting)).state


def test_where_nothing_is_asked_nothing_stands_in_the_way() -> None:
    visit = asking()
    assert state(visit) == "none"
    assert waiting.admit(visit.host, visit.consumer.ref).state == "admitted"


def test_who_gave_nothing_is_let_in_only_by_somebody_who_knows_them() -> None:
    visit = asking("birth_date")
    with pytest.raises(IdentityNotConfirmed):
        waiting.admit(visit.host, visit.consumer.ref)
    with pytest.raises(IdentityNotConfirmed):
        waiting.start(visit.host, visit.meeting.ref)
    assert visit.state() == "waiting"
    assert waiting.admit(visit.host, visit.consumer.ref, confirmed=True).state == "admitted"
    assert AuditEntry.objects.filter(action="meeting.identity_confirmed").count() == 1


@pytest.mark.parametrize(
    ("field", "given", "fits"),
    [
        ("name", "NG, Áda", True),
        ("name", "Ada Nguyen", False),
        ("phone", "07700 900123", True),
        ("phone", "07700 900124", False),
        ("postcode", "sw1a1aa", True),
        ("postcode", "SW1A 1AB", False),
    ],
)
def test_the_same_thing_may_be_written_in_many_ways(field: str, given: str, fits: bool) -> None:
    visit = asking(field)
    identity.give(visit.consumer.ref, {field: given})
    assert state(visit) == ("matches" if fits else "differs")
    if fits:
        assert waiting.admit(visit.host, visit.consumer.ref).state == "admitted"
    else:
        with pytest.raises(IdentityNotConfirmed):
            waiting.admit(visit.host, visit.consumer.ref)


def test_all_that_is_asked_has_to_match() -> None:
    visit = asking("birth_date", "postcode")
    identity.give(visit.consumer.ref, BORN)
    assert state(visit) == "given"
    identity.give(visit.consumer.ref, {"postcode": "SW1A 1AA"})
    assert state(visit) == "matches"


def test_the_fifth_wrong_date_of_birth_locks_the_place_and_staff_are_told() -> None:
    visit = asking("birth_date")
    for left in (4, 3, 2, 1):
        with pytest.raises(IdentityWrong) as wrong:
            identity.give(visit.consumer.ref, {"birth_date": f"1980-05-0{left}"})
        assert wrong.value.facts["tries_left"] == left
    with pytest.raises(PlaceLocked):
        identity.give(visit.consumer.ref, {"birth_date": "1980-05-05"})
    with pytest.raises(PlaceLocked):  # the right one helps no more
        identity.give(visit.consumer.ref, BORN)
    assert (state(visit), visit.state()) == ("locked", "waiting")
    with pytest.raises(PlaceLocked):
        waiting.admit(visit.host, visit.consumer.ref)
    waiting.leave_waiting(visit.consumer.ref)
    with pytest.raises(PlaceLocked):
        waiting.enter_waiting(visit.consumer.ref)
    (entry,) = AuditEntry.objects.filter(action="meeting.locked")
    assert (entry.subject_ref, entry.actor_kind) == (visit.meeting.ref, "consumer")


def test_staff_unlock_a_place_and_its_tries_begin_anew() -> None:
    visit = asking("birth_date")
    for _ in range(5):
        with pytest.raises((IdentityWrong, PlaceLocked)):
            identity.give(visit.consumer.ref, {"birth_date": "1981-01-01"})
    with pytest.raises(NotFound):
        identity.unlock(manager_of(make_business()), visit.consumer.ref)
    identity.unlock(visit.host, visit.consumer.ref)
    with pytest.raises(IdentityWrong):
        identity.give(visit.consumer.ref, {"birth_date": "1981-01-01"})
    identity.give(visit.consumer.ref, BORN)
    assert state(visit) == "matches"


def test_nobody_finds_a_postcode_by_trying() -> None:
    visit = asking("postcode")
    for number in range(9):
        identity.give(visit.consumer.ref, {"postcode": f"N1 {number}AA"})
        told = identity.of(visit.seat(visit.consumer), areas.area_of(visit.meeting)).for_consumer()
        assert told is not None
        assert (told["state"], told["tries_left"]) == ("given", 5)
    with pytest.raises(PlaceLocked):
        identity.give(visit.consumer.ref, {"postcode": "N1 9AA"})
    assert state(visit) == "locked"
    lucky = asking("postcode")
    identity.give(lucky.consumer.ref, {"postcode": KNOWN["postcode"]})
    told = identity.of(lucky.seat(lucky.consumer), areas.area_of(lucky.meeting)).for_consumer()
    assert told is not None
    assert told["state"] == "given"  # nobody says that it was right


@pytest.mark.parametrize("day", ["1980-02-30", "17.5.1980", "1899-12-31", "2999-01-01", "", "x" * 300])
def test_a_date_that_cannot_be_costs_no_try(day: str) -> None:
    visit = asking("birth_date")
    with pytest.raises(Invalid):
        identity.give(visit.consumer.ref, {"birth_date": day})
    assert visit.seat(visit.consumer).wrong_tries == 0


def test_what_is_not_asked_is_not_taken() -> None:
    visit = asking("birth_date")
    with pytest.raises(Invalid):
        identity.give(visit.consumer.ref, {"postcode": "SW1A 1AA"})
    with pytest.raises(Invalid):
        identity.give(visit.consumer.ref, {})


def test_a_helper_is_not_asked() -> None:
    visit = asking("birth_date")
    helper = add_helper(visit)
    waiting.enter_waiting(helper.ref)
    assert waiting.admit(visit.host, helper.ref).state == "admitted"


def test_what_was_given_is_shown_to_staff_and_never_to_its_person() -> None:
    visit = asking("name", "postcode")
    identity.give(visit.consumer.ref, {"name": "Ada Ng", "postcode": "EC1A"})
    found = identity.of(visit.seat(visit.consumer), areas.area_of(visit.meeting))
    assert found.for_staff() == {
        "state": "differs",
        "asked": ["name", "postcode"],
        "given": {"name": "Ada Ng", "postcode": "EC1A"},
        "differs": ["postcode"],
    }
    assert found.for_consumer() == {
        "state": "given",
        "asked": ["name", "postcode"],
        "given": ["name", "postcode"],
        "tries_left": 5,
    }


def test_what_was_given_is_forgotten_when_the_visit_ends() -> None:
    visit = asking("postcode")
    identity.give(visit.consumer.ref, {"postcode": "SW1A 1AA"})
    waiting.end_for_all(visit.host, visit.meeting.ref)
    assert visit.seat(visit.consumer).identity == {}
