"""Putting right whom an appointment is for, and how they are reached."""

from collections.abc import Iterator

import pytest

from tests.booking.factories import at, book, make_service
from tests.factories import manager_of
from vestibule.booking import corrections, lifecycle, links
from vestibule.booking.corrections import Correction
from vestibule.booking.errors import AlreadyCancelled, InvalidContact
from vestibule.booking.models import Appointment
from vestibule.meetings.models import Participant
from vestibule.notifications import rules
from vestibule.notifications.models import OutboxMessage
from vestibule.people import links as capability
from vestibule.people.errors import NotPermitted
from vestibule.people.models import AuditEntry, CapabilityLink
from vestibule.people.permissions import PUBLIC, Actor, Role
from vestibule.store import clock


@pytest.fixture(autouse=True)
def _monday(db: None) -> Iterator[None]:
    clock.set_to(at("07:00"))
    yield
    clock.reset()


@pytest.fixture
def appointment() -> Appointment:
    return book(make_service(), at("09:00"))


@pytest.fixture
def office(appointment: Appointment) -> Actor:
    return manager_of(appointment.business)


def waiting(to: str) -> set[str]:
    queued = OutboxMessage.objects.filter(to=to, state=OutboxMessage.State.QUEUED)
    return set(queued.values_list("kind", flat=True))


def opens(address: str, purpose: CapabilityLink.Purpose) -> bool:
    return capability.resolve(address.partition("?v=")[2], purpose) is not None


def test_another_name_is_shown_where_people_meet(appointment: Appointment, office: Actor) -> None:
    changed = corrections.correct(office, appointment, Correction(name="Cleo B.", note="By bus"))
    assert (changed.name, changed.note, changed.version) == ("Cleo B.", "By bus", appointment.version + 1)
    assert Participant.objects.get(kind="consumer").name == "Cleo B."
    assert AuditEntry.objects.get(action="appointment.contact_changed").details == {"fields": ["name", "note"]}


def test_another_mailbox_is_another_person_with_links_of_their_own(appointment: Appointment, office: Actor) -> None:
    before = links.addresses(Appointment.objects.get())
    corrections.correct(office, appointment, Correction(email="dora@example.org", name="Dora"))
    now = Appointment.objects.get()
    after = links.addresses(now)
    assert now.consumer.email == "dora@example.org"
    assert not opens(before.manage, CapabilityLink.Purpose.MANAGE)
    assert not opens(before.visit, CapabilityLink.Purpose.VISIT)
    assert opens(after.manage, CapabilityLink.Purpose.MANAGE)
    assert opens(after.visit, CapabilityLink.Purpose.VISIT)
    assert waiting("cleo@example.org") == set()
    assert "confirmation" in waiting("dora@example.org")


def test_the_same_again_is_no_change(appointment: Appointment, office: Actor) -> None:
    same = Correction(name=" Cleo  Baumann", email="cleo@example.org", phone="+41 79 555 01 11", takes_mails=True)
    assert corrections.correct(office, appointment, same).version == appointment.version
    assert not AuditEntry.objects.filter(action="appointment.contact_changed").exists()


def test_who_wants_no_mails_gets_none_any_more(appointment: Appointment, office: Actor) -> None:
    corrections.correct(office, appointment, Correction(takes_mails=False))
    assert waiting("cleo@example.org") == set()
    lifecycle.cancel(office, appointment)
    assert waiting("cleo@example.org") == set()


def test_what_cannot_be_used_is_refused(appointment: Appointment, office: Actor) -> None:
    with pytest.raises(InvalidContact) as refused:
        corrections.correct(office, appointment, Correction(phone="no number"))
    assert refused.value.facts["field"] == "phone"
    lifecycle.cancel(office, appointment)
    with pytest.raises(AlreadyCancelled):
        corrections.correct(office, appointment, Correction(name="Dora"))


def test_who_has_no_mailbox_is_called_otherwise_all_the_same(appointment: Appointment, office: Actor) -> None:
    Appointment.objects.update(email="")
    assert corrections.correct(office, appointment, Correction(name="Cleo B.", timezone="")).name == "Cleo B."


def test_only_staff_put_anything_right(appointment: Appointment) -> None:
    for nobody in (PUBLIC, manager_of(appointment.business, role=Role.VIEWER)):
        with pytest.raises(NotPermitted):
            corrections.correct(nobody, appointment, Correction(name="Dora"))


def test_another_number_gets_texts_only_where_nobody_has_to_be_asked_first(
    appointment: Appointment, office: Actor
) -> None:
    Appointment.objects.update(takes_texts=True)
    assert corrections.correct(office, appointment, Correction(phone="+41795550122")).takes_texts
    rules.change(office, appointment.business, asks_for_consent=True)
    assert not corrections.correct(office, appointment, Correction(phone="+41795550133")).takes_texts
    assert corrections.correct(office, appointment, Correction(phone="+41795550144", takes_texts=True)).takes_texts
