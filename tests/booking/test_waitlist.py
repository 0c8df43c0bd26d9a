"""Who waits is offered what becomes free, in the order they came, for a while."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from tests.booking.factories import MONDAY, at, book, holder_of, make_service, starts
from tests.factories import make_provider, manager_of
from vestibule.booking import lifecycle, waitlist
from vestibule.booking.errors import HoldExpired, SlotTaken
from vestibule.booking.models import Appointment, Service, WaitlistEntry
from vestibule.booking.wishes import Contact
from vestibule.notifications.models import OutboxMessage
from vestibule.people import links
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import CapabilityLink
from vestibule.people.permissions import PUBLIC, SYSTEM, Actor, ActorKind
from vestibule.store import clock

pytestmark = pytest.mark.django_db
Commits = Callable[..., AbstractContextManager[list[Any]]]
S = WaitlistEntry.Status


@pytest.fixture
def service() -> Service:
    """Two starts on the Monday the tests book on, 09:00 and 09:30; a week ahead of it."""
    provider = make_provider()
    clock.set_to(at("09:00") - timedelta(days=7))
    service = make_service(providers=[provider], has_waitlist=True, notice_minutes=120)
    provider.business.weekly_hours.exclude(weekday=0).delete()
    provider.business.weekly_hours.update(start_minute=540, end_minute=600)
    return service


@pytest.fixture
def full(service: Service) -> list[Appointment]:
    """Both starts are taken."""
    return [book(service, at("09:00")), book(service, at("09:30"))]


def wait(service: Service, name: str = "jo", **more: Any) -> WaitlistEntry:
    days = {"first": MONDAY.date(), "last": MONDAY.date()}
    contact = Contact(name.title(), f"{name}@example.org", "+41795550222")
    return waitlist.join(PUBLIC, service, contact, **{**days, **more})


def who(entry: WaitlistEntry) -> Actor:
    return Actor(ActorKind.CONSUMER, "consumer", entry.business_id, subjects=frozenset({entry.ref}))


def fresh(entry: WaitlistEntry) -> WaitlistEntry:
    return WaitlistEntry.objects.get(pk=entry.pk)


def test_joining_is_confirmed_with_a_link_that_opens_the_entry(service: Service, full: list[Appointment]) -> None:
    entry = wait(service, day_parts=["morning"])
    mail = OutboxMessage.objects.get(subject_ref=entry.ref)
    assert (mail.kind, mail.to, mail.facts["period"]) == (
        "waitlist_joined",
        "jo@example.org",
        "Monday 4 March 2030 (morning)",
    )
    link = CapabilityLink.objects.get(pk=mail.facts["waitlist_link"])
    found = waitlist.of_link(links.token(link))
    assert found is not None
    assert found[1] == entry
    assert waitlist.entry_of(found[0]) == entry


def test_what_is_cancelled_is_offered_at_once_and_held(
    service: Service, full: list[Appointment], django_capture_on_commit_callbacks: Commits
) -> None:
    entry = wait(service)
    with django_capture_on_commit_callbacks(execute=True):
        lifecycle.cancel(SYSTEM, full[1])
    entry = fresh(entry)
    assert (entry.status, entry.offered_start) == (S.OFFERED, full[1].start_minute)
    assert entry.offer_expires_at is not None
    assert timedelta(minutes=29) < entry.offer_expires_at - clock.now() <= timedelta(minutes=30)
    assert starts(service) == []
    with pytest.raises(SlotTaken):
        book(service, at("09:30"))
    told = OutboxMessage.objects.filter(kind="waitlist_offer").values_list("channel", "to").order_by("channel")
    assert list(told) == [("email", "jo@example.org"), ("sms", "+41795550222")]


def test_the_first_who_came_is_asked_first_and_the_next_when_the_offer_lapses(
    service: Service, full: list[Appointment]
) -> None:
    first, second = wait(service), wait(service, "kim")
    lifecycle.cancel(SYSTEM, full[0])
    waitlist.tick()
    assert (fresh(first).status, fresh(second).status) == (S.OFFERED, S.WAITING)
    clock.advance(31 * 60)
    waitlist.tick()
    assert (fresh(first).status, fresh(second).status) == (S.WAITING, S.OFFERED)
    clock.advance(31 * 60)
    waitlist.tick()
    assert (fresh(first).status, fresh(second).status) == (S.WAITING, S.WAITING)
    assert starts(service) == ["09:00"]


def test_who_turns_it_down_keeps_waiting_and_is_not_asked_the_same_again(
    service: Service, full: list[Appointment]
) -> None:
    first, second = wait(service), wait(service, "kim")
    lifecycle.cancel(SYSTEM, full[0])
    waitlist.tick()
    waitlist.decline(who(first), first)
    waitlist.tick()
    assert (fresh(first).status, fresh(second).status) == (S.WAITING, S.OFFERED)
    lifecycle.cancel(SYSTEM, full[1])
    waitlist.tick()
    assert fresh(first).offered_start == full[1].start_minute


def test_who_takes_it_is_booked(service: Service, full: list[Appointment]) -> None:
    entry = wait(service)
    lifecycle.cancel(SYSTEM, full[0])
    waitlist.tick()
    taken = waitlist.accept(who(entry), entry)
    assert (taken.start, taken.email, taken.booked_via) == (at("09:00"), "jo@example.org", "waitlist")
    assert (fresh(entry).status, fresh(entry).appointment) == (S.BOOKED, taken)
    with pytest.raises(HoldExpired):
        waitlist.accept(who(entry), entry)


def test_an_offer_that_has_lapsed_cannot_be_taken(service: Service, full: list[Appointment]) -> None:
    entry = wait(service)
    lifecycle.cancel(SYSTEM, full[0])
    waitlist.tick()
    clock.advance(30 * 60 + 1)
    with pytest.raises(HoldExpired):
        waitlist.accept(who(entry), entry)


def test_who_has_an_appointment_is_offered_earlier_ones_which_move_it(
    service: Service, full: list[Appointment]
) -> None:
    earlier, mine = full
    entry = waitlist.join(
        holder_of(mine), service, Contact("", ""), first=MONDAY.date(), last=MONDAY.date(), appointment=mine
    )
    assert entry.email == "cleo@example.org"
    lifecycle.cancel(SYSTEM, earlier)
    waitlist.tick()
    moved = waitlist.accept(who(entry), entry)
    assert (moved.pk, moved.start) == (mine.pk, at("09:00"))
    assert starts(service) == ["09:30"]


def test_nothing_within_the_notice_is_offered_and_no_offer_outlasts_it(
    service: Service, full: list[Appointment]
) -> None:
    entry = wait(service)
    clock.set_to(at("06:50"))
    lifecycle.cancel(SYSTEM, full[0])
    waitlist.tick()
    until = fresh(entry).offer_expires_at
    assert until is not None
    assert at("06:59") < until <= at("07:00")
    clock.set_to(at("07:01"))
    waitlist.tick()
    assert (fresh(entry).status, starts(service)) == (S.WAITING, [])


def test_only_the_dates_and_day_parts_waited_for_are_offered(service: Service, full: list[Appointment]) -> None:
    later = MONDAY.date() + timedelta(days=7)
    evening, next_week = wait(service, day_parts=["evening"]), wait(service, "kim", first=later, last=later)
    lifecycle.cancel(SYSTEM, full[0])
    waitlist.tick()
    assert fresh(evening).status == S.WAITING
    assert fresh(next_week).offered_start == full[0].start_minute + 7 * 24 * 60


def test_who_leaves_is_asked_no_more_and_the_time_goes_on(service: Service, full: list[Appointment]) -> None:
    first, second = wait(service), wait(service, "kim")
    lifecycle.cancel(SYSTEM, full[0])
    waitlist.tick()
    waitlist.leave(who(first), first)
    waitlist.leave(who(first), first)
    waitlist.tick()
    assert (fresh(first).status, fresh(second).status) == (S.GONE, S.OFFERED)


def test_the_wait_ends_with_its_last_date(service: Service, full: list[Appointment]) -> None:
    entry = wait(service)
    clock.set_to(MONDAY + timedelta(days=1, minutes=1))
    waitlist.tick()
    assert fresh(entry).status == S.GONE
    assert OutboxMessage.objects.filter(kind="waitlist_ended").count() == 1


def test_asking_twice_is_asking_once(service: Service, full: list[Appointment]) -> None:
    assert wait(service) == wait(service)
    assert WaitlistEntry.objects.count() == 1


def test_nobody_answers_for_somebody_else(service: Service, full: list[Appointment]) -> None:
    mine, theirs = wait(service), wait(service, "kim")
    with pytest.raises(NotFound):
        waitlist.leave(who(mine), theirs)
    with pytest.raises(NotFound):
        waitlist.leave(manager_of(make_service().business), mine)
    waitlist.leave(manager_of(service.business), mine)


def test_there_is_a_list_only_where_the_service_has_one(service: Service) -> None:
    with pytest.raises(Invalid):
        wait(make_service(business=service.business))
    with pytest.raises(Invalid):
        wait(service, last=MONDAY.date() - timedelta(days=30))
