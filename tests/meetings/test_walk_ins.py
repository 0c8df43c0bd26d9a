"""Coming by without an appointment: who may, what they get, and that one browser has one place."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from tests.factories import make_business, manager_of
from tests.meetings.scene import actor_of, make_staff, make_visit
from tests.windows import at_a_new_window
from vestibule.meetings import areas, housekeeping, names, waiting, walk_ins
from vestibule.meetings.errors import QueueClosed, WrongState
from vestibule.meetings.models import Meeting, Participant
from vestibule.meetings.walk_ins import Caller, CameBy
from vestibule.people import links
from vestibule.people.errors import Invalid, NotFound, NotPermitted, TooMany
from vestibule.people.models import AuditEntry, Business
from vestibule.people.permissions import Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db
CLEO = Caller("Cleo Baumann", reason="A rash", phone="+41 79 555 01 11")


@pytest.fixture(autouse=True)
def nobody_listens(settings: LazySettings) -> None:
    settings.MEETING_LISTENERS = []


def open_house(**values: object) -> Business:
    """A business where anybody may come by."""
    business = make_business()
    areas.change(manager_of(business), "everybody", takes_walk_ins=True, **values)
    return business


def comes(
    business: Business, caller: Caller = CLEO, *, area: str = "", who: str = "192.0.2.1", seat: str = ""
) -> CameBy:
    return walk_ins.come_by(walk_ins.front_door(business.slug, area), caller, who=who, seat_ref=seat)


def test_who_comes_by_gets_a_meeting_a_seat_and_a_link_of_their_own() -> None:
    came = comes(open_house(walk_in_minutes=20))
    meeting = came.meeting
    assert (meeting.kind, meeting.reason, meeting.contact["phone"]) == ("walk_in", "A rash", "+41795550111")
    assert meeting.ends_at - meeting.starts_at == timedelta(minutes=20)
    assert (came.seat.name, came.seat.kind, came.seat.state) == ("Cleo Baumann", "consumer", "invited")
    found = links.resolve(links.token(came.link), links.Purpose.VISIT)
    assert found is not None
    assert found.subject == came.seat.ref
    assert AuditEntry.objects.get(action="meeting.walked_in").subject_ref == meeting.ref
    assert waiting.enter_waiting(came.seat.ref).state == "waiting"


def test_one_browser_has_one_place() -> None:
    business = open_house()
    first = comes(business)
    again = comes(business, Caller("Somebody else"), seat=first.seat.ref)
    assert (again.seat, again.link, again.is_new) == (first.seat, first.link, False)
    assert Meeting.objects.count() == 1
    assert comes(business).seat != first.seat  # another browser


def test_a_place_that_is_done_is_not_given_again() -> None:
    business = open_house()
    first = comes(business)
    waiting.end_for_all(manager_of(business), first.meeting.ref)
    second = comes(business, seat=first.seat.ref)
    waiting.enter_waiting(second.seat.ref)
    waiting.deny(manager_of(business), second.seat.ref)
    assert len({first.seat, second.seat, comes(business, seat=second.seat.ref).seat}) == 3


def test_a_cookie_of_another_business_opens_no_place_here() -> None:
    elsewhere = comes(open_house())
    assert comes(open_house(), seat=elsewhere.seat.ref).is_new


def test_nobody_comes_by_where_nobody_may() -> None:
    business = make_business()
    door = walk_ins.front_door(business.slug)
    assert (door.opening.why, door.sentence != "") == ("none_taken", True)
    with pytest.raises(QueueClosed):
        comes(business)
    assert not Meeting.objects.exists()


def test_a_closed_queue_says_why_and_until_when_and_keeps_who_waits() -> None:
    business = open_house()
    known = comes(business)
    waiting.enter_waiting(known.seat.ref)
    areas.close(manager_of(business), "everybody", minutes=30, words="Back at noon")
    with pytest.raises(QueueClosed) as closed:
        comes(business)
    assert (closed.value.sentence, closed.value.facts["opens_at"] > clock.now()) == ("Back at noon", True)
    assert comes(business, seat=known.seat.ref).seat == known.seat
    assert waiting.enter_waiting(known.seat.ref).state == "waiting"


def test_whoever_came_by_but_did_not_wait_yet_is_new_to_a_closed_queue() -> None:
    business = open_house()
    known = comes(business)
    areas.close(manager_of(business), "everybody", minutes=30, words="Back at noon")
    with pytest.raises(QueueClosed) as closed:
        waiting.enter_waiting(known.seat.ref)
    assert (closed.value.sentence, closed.value.facts["opens_at"] > clock.now()) == ("Back at noon", True)
    with pytest.raises(QueueClosed):
        comes(business, seat=known.seat.ref)
    areas.reopen(manager_of(business), "everybody")
    assert waiting.enter_waiting(known.seat.ref).state == "waiting"


def test_whoever_was_lost_from_the_queue_or_let_in_before_is_not_new_to_a_closed_one() -> None:
    business = open_house()
    lost, seen = comes(business), comes(business, who="192.0.2.2")
    for one in (lost, seen):
        waiting.enter_waiting(one.seat.ref)
    waiting.admit(manager_of(business), seen.seat.ref)
    for one in (lost, seen):
        waiting.gone(one.seat.ref)
    areas.close(manager_of(business), "everybody")
    clock.set_to(clock.now() + timedelta(minutes=5))
    assert waiting.arrive(lost.seat.ref).state == "waiting"
    assert waiting.enter_waiting(seen.seat.ref).state == "waiting"


def test_whoever_has_an_appointment_comes_in_also_when_the_queue_is_closed() -> None:
    visit = make_visit()
    areas.close(manager_of(visit.meeting.business), "everybody")
    assert waiting.enter_waiting(visit.consumer.ref).state == "waiting"


def test_outside_the_hours_nobody_comes_by() -> None:
    later = (clock.now() + timedelta(days=2)).weekday()
    business = open_house(hours=[{"day": later, "start": 0, "end": 1440}])
    with pytest.raises(QueueClosed) as closed:
        comes(business)
    assert closed.value.facts["opens_at"].weekday() == later


def test_the_link_of_an_area_leads_into_that_area() -> None:
    business = make_business()
    area = areas.create(manager_of(business), "Physiotherapy", takes_walk_ins=True)
    assert comes(business, area=area.slug).meeting.area == area
    assert comes(business).meeting.area == area  # the only one that takes anybody
    with pytest.raises(NotFound):
        comes(business, area="surgery")
    with pytest.raises(NotFound):
        walk_ins.front_door("no-such-business")


def test_one_household_comes_by_ten_times_in_ten_minutes() -> None:
    at_a_new_window(600)
    business = open_house()
    for _ in range(10):
        comes(business)
    with pytest.raises(TooMany):
        comes(business)
    assert comes(business, who="192.0.2.2").is_new


@pytest.mark.parametrize(
    ("caller", "field"),
    [
        (Caller("  "), "name"),
        (Caller("\u202e\u200b"), "name"),
        (Caller("Cleo", email="not an address"), "email"),
        (Caller("Cleo", phone="call me"), "phone"),
        (Caller("Cleo", reason="x" * 301), "reason"),
    ],
)
def test_what_cannot_be_is_refused_and_named(caller: Caller, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        comes(open_house(), caller)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(
    "name",
    ["Dr Bo Lund", "bo  LUND", "Lund, Bo", "Dr. Во Lund", "B\u200bo Lund", "Bó Lund", "B0 Lund", "Lakeside Clinic"],
)
def test_nobody_passes_for_staff(name: str) -> None:
    business = open_house()
    make_staff(business)
    assert comes(business, Caller(name)).seat.name.endswith("(guest)")
    assert names.of_guest(names.of_guest(name, business.pk), business.pk).count("(guest)") == 1


@pytest.mark.parametrize(
    "name", ["Sign in at https://evil.example", "WWW.evil.example", "h\u200bttps:/\u200b/evil.example"]
)
def test_a_name_carries_no_web_address_into_our_messages(name: str) -> None:
    business = open_house()
    with pytest.raises(Invalid) as refused:
        comes(business, Caller(name))
    assert refused.value.facts["field"] == "name"
    seat = comes(business).seat
    for rename in (waiting.set_name, waiting.enter_waiting):
        with pytest.raises(Invalid):
            rename(seat.ref, name)


@pytest.mark.parametrize("name", ["Bo Lundgren", "Bodo Lund", "Ada Ng"])
def test_other_names_are_left_alone(name: str) -> None:
    business = open_house()
    make_staff(business)
    assert comes(business, Caller(name)).seat.name == name


def test_a_provider_of_the_area_lets_them_in_and_sees_them_from_then_on() -> None:
    business = make_business()
    membership, provider = make_staff(business)
    colleague, _other = make_staff(business, name="Dr Other")
    area = areas.create(manager_of(business), "Physiotherapy", takes_walk_ins=True, providers=[provider.slug])
    came = comes(business, area=area.slug)
    waiting.enter_waiting(came.seat.ref)
    with pytest.raises(NotPermitted):
        waiting.admit(actor_of(colleague), came.seat.ref)
    assert waiting.admit(actor_of(membership), came.seat.ref).state == "admitted"
    assert Meeting.objects.get().host == provider


def test_in_the_area_for_everybody_each_provider_may_see_them_until_one_does() -> None:
    business = open_house()
    first, provider = make_staff(business)
    second, _other = make_staff(business, name="Dr Other")
    came = comes(business)
    waiting.enter_waiting(came.seat.ref)
    assert waiting.hold(actor_of(second), came.seat.ref).state == "on_hold"
    waiting.admit(actor_of(first), came.seat.ref)
    assert Meeting.objects.get().host == provider
    with pytest.raises(NotPermitted):
        waiting.remove(actor_of(second), came.seat.ref)
    with pytest.raises(NotPermitted):
        waiting.hold(manager_of(business, role=Role.VIEWER), came.seat.ref)
    with pytest.raises(NotFound):
        waiting.hold(manager_of(make_business()), came.seat.ref)


def test_on_hold_and_back_keep_the_place() -> None:
    business = open_house()
    manager = manager_of(business)
    came = comes(business)
    with pytest.raises(WrongState):
        waiting.hold(manager, came.seat.ref)
    since = waiting.enter_waiting(came.seat.ref).waiting_since
    waiting.hold(manager, came.seat.ref)
    waiting.gone(came.seat.ref)
    assert waiting.arrive(came.seat.ref).state == "on_hold"
    assert waiting.back_to_queue(manager, came.seat.ref).waiting_since == since
    waiting.admit(manager, came.seat.ref)
    back = waiting.back_to_queue(manager, came.seat.ref)
    assert (back.state, back.waiting_since, waiting.is_in(back)) == ("waiting", since, False)


def test_a_walk_in_that_is_long_gone_is_over() -> None:
    came = comes(open_house())
    assert housekeeping.end_forgotten() == []
    Meeting.objects.update(starts_at=clock.now() - timedelta(hours=9), closes_at=clock.now() - timedelta(hours=1))
    assert housekeeping.end_forgotten() == [came.meeting.ref]


def test_a_place_is_kept_for_a_quarter_of_an_hour_of_bad_network() -> None:
    came = comes(open_house())
    since = waiting.enter_waiting(came.seat.ref).waiting_since
    waiting.gone(came.seat.ref)
    Participant.objects.update(left_at=clock.now() - timedelta(minutes=14))
    assert waiting.arrive(came.seat.ref).waiting_since == since
    waiting.gone(came.seat.ref)
    Participant.objects.update(left_at=clock.now() - timedelta(minutes=16))
    back = waiting.arrive(came.seat.ref)
    assert (back.state, back.waiting_since) == ("arrived", None)


def test_so_many_wait_that_nobody_more_comes_but_who_never_waited_counts_for_half_an_hour_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(walk_ins, "MOST_WAITING", 2)
    business = open_house()
    comes(business)
    waits = comes(business, who="192.0.2.2")
    waiting.enter_waiting(waits.seat.ref)
    with pytest.raises(QueueClosed):
        comes(business, who="192.0.2.3")
    clock.set_to(clock.now() + walk_ins.COMES_WITHIN)
    assert comes(business, who="192.0.2.3").is_new
    with pytest.raises(QueueClosed):
        comes(business, who="192.0.2.4")
