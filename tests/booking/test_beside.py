"""What programs noted goes with what it was noted of, and when the business keeps what people write no longer."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.booking.factories import at, book, make_service
from tests.factories import make_business, manager_of
from vestibule import housekeeping
from vestibule.booking import beside, consumers, lifecycle
from vestibule.booking.models import Appointment, BookingsMembers, Service
from vestibule.booking.wishes import Contact
from vestibule.meetings.models import VisitRules
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

DAYS = 30


@pytest.fixture(autouse=True)
def _monday(db: None) -> Iterator[None]:
    clock.set_to(at("07:00"))
    yield
    clock.reset()


@pytest.fixture
def service() -> Service:
    service = make_service()
    VisitRules.objects.create(business=service.business, chat_days=DAYS)
    return service


def noted(of: Appointment, kind: str = beside.APPOINTMENT, ref: str = "") -> None:
    beside.keep(of.business_id, kind, ref or of.ref, {"serviceNotes": "Bring the report."})


def refs() -> set[str]:
    return set(BookingsMembers.objects.values_list("ref", flat=True))


def test_notes_of_appointments_go_after_the_days_their_business_keeps_messages(service: Service) -> None:
    old, young = book(service, at("09:00")), book(service, at("15:00"))
    for one in (old, young):
        noted(one)
        noted(one, beside.PERSON)
    beside.keep(service.business_id, "service", service.ref, {"notes": "Kept as long as it is."})
    clock.set_to(at("12:00") + timedelta(days=DAYS))
    assert beside.forget_old() == 2
    assert refs() == {young.ref, service.ref}
    assert beside.notes_for_staff(old) == ""
    assert beside.forget_old() == 0


def test_other_businesses_keep_theirs_as_long_as_they_chose(service: Service) -> None:
    theirs = make_service(business=make_business(name="Harbour Bank"))
    noted(book(service, at("09:00")))
    kept = book(theirs, at("09:00"))
    noted(kept)
    clock.set_to(at("12:00") + timedelta(days=DAYS))
    beside.forget_old()
    assert refs() == {kept.ref}


def test_a_session_keeps_its_notes_until_the_last_of_it_is_long_over() -> None:
    service = make_service(seats=4)
    VisitRules.objects.create(business=service.business, chat_days=DAYS)
    first = book(service, at("09:00"))
    assert first.session
    noted(first, ref=first.session)
    # One who left the session stays where it was; those who take part were moved on.
    other = Contact(name="Samantha", email="samantha@example.org", phone="")
    stayed = book(service, at("09:00"), contact=other)
    lifecycle.cancel(SYSTEM, stayed)
    Appointment.objects.filter(pk=first.pk).update(
        start_minute=first.start_minute + 20 * 24 * 60, end_minute=first.end_minute + 20 * 24 * 60
    )
    clock.set_to(at("12:00") + timedelta(days=DAYS))
    assert (beside.forget_old(), refs()) == (0, {first.session})
    clock.set_to(at("12:00") + timedelta(days=DAYS + 20))
    assert (beside.forget_old(), refs()) == (1, set())


def test_notes_of_what_is_gone_go_at_once(service: Service) -> None:
    appointment = book(service, at("09:00"))
    noted(appointment)
    noted(appointment, beside.PERSON, "nobody")
    assert beside.forget_old() == 1
    assert refs() == {appointment.ref}


def test_what_is_kept_beside_somebody_goes_with_them(service: Service) -> None:
    staff = manager_of(service.business)
    joni = consumers.add(staff, service.business, consumers.Known("Joni Sherman", "joni@example.org"))
    beside.keep(service.business_id, beside.CUSTOMER, joni.ref, {"addresses": [{"city": "Zurich"}]})
    consumers.remove(staff, joni)
    assert refs() == set()


def test_time_does_it_by_itself(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "_forgot", [])
    noted(book(service, at("09:00")))
    clock.set_to(at("12:00") + timedelta(days=DAYS))
    assert housekeeping.tick()
    assert refs() == set()
