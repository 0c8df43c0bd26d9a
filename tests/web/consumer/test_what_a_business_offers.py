"""What a business switched off is offered to nobody, and refused to who asks for it all the same."""

from typing import Any

import pytest
from django.test import Client

from tests.booking.factories import INES, book, make_service
from tests.factories import manager_of
from tests.meetings.scene import make_visit
from vestibule.booking import availability, companions, lifecycle, links
from vestibule.booking.models import Appointment, Service
from vestibule.meetings import visit_rules, waiting
from vestibule.meetings.errors import WrongState
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import PUBLIC, SYSTEM
from vestibule.store import clock
from vestibule.web.live import snapshots

pytestmark = pytest.mark.django_db


def rule(business: Business, **values: Any) -> None:
    visit_rules.change(manager_of(business), business, **values)


def booked(service: Service) -> Appointment:
    slot = availability.next_free(service, clock.now())
    assert slot is not None
    return book(service, slot.start)


def page(address: str, language: str = "en") -> str:
    answer = Client(headers={"accept-language": language}).get(address, follow=True)
    return str(answer.content.decode())


def test_where_the_device_check_is_asked_for_nobody_waits_without_it() -> None:
    visit = make_visit()
    rule(visit.meeting.business, device_check="required")
    waiting.arrive(visit.consumer.ref)
    with pytest.raises(WrongState, match="camera and microphone"):
        waiting.enter_waiting(visit.consumer.ref)
    waiting.report_devices(visit.consumer.ref, {"mic": "denied", "cam": "missing"})
    assert waiting.enter_waiting(visit.consumer.ref).state == "waiting"


def test_the_page_of_the_visit_knows_that_the_check_comes_first() -> None:
    service = make_service()
    appointment = booked(service)
    clock.set_to(appointment.start)
    address = links.addresses(appointment).visit
    assert "data-check-first" not in page(address)
    rule(service.business, device_check="required")
    assert "data-check-first" in page(address)


def test_staff_show_no_screen_where_the_business_does_not_want_it() -> None:
    visit = make_visit()
    rule(visit.meeting.business, staff_share=False)
    view = snapshots.view(visit.meeting.ref)
    assert view is not None
    assert (view.people[visit.provider.ref].shares, view.people[visit.consumer.ref].shares) == (False, True)


def test_the_page_of_a_call_is_told_whether_backgrounds_are_blurred_and_people_invited() -> None:
    visit = make_visit()
    rule(visit.meeting.business, blur=False, helper_links=False)
    view = snapshots.view(visit.meeting.ref)
    assert view is not None
    assert (view.facts["rules"]["blur"], view.facts["rules"]["helper_links"]) == (False, False)


def test_without_links_for_helpers_nobody_is_brought() -> None:
    service = make_service()
    appointment = booked(service)
    rule(service.business, helper_links=False)
    with pytest.raises(Invalid):
        companions.invite(SYSTEM, appointment, INES)
    slot = availability.next_free(service, clock.now())
    assert slot is not None
    contact = lifecycle.Contact("Ada Ng", "ada@example.org")
    with pytest.raises(Invalid):
        lifecycle.book(PUBLIC, lifecycle.Wish(service=service, start=slot.start, contact=contact, helpers=(INES,)))
    assert "Bring somebody" not in page(links.addresses(appointment).manage)
    clock.set_to(appointment.start)
    assert 'id="bring-in"' not in page(links.addresses(appointment).visit)


def test_pages_are_had_in_the_languages_a_business_offers_else_in_its_own() -> None:
    service = make_service()
    Business.objects.filter(pk=service.business_id).update(language="de", languages=["de", "fr"])
    appointment = booked(service)
    address = f"/book/{service.business.slug}"
    assert '<html lang="fr"' in page(address, "fr")
    assert '<html lang="de"' in page(address, "es")
    assert "?language=es" not in page(address, "fr")
    assert "?language=de" in page(address, "fr")
    assert '<html lang="de"' in page(links.addresses(appointment).manage, "es")
    clock.set_to(appointment.start)
    assert '<html lang="de"' in page(links.addresses(appointment).visit, "es")


def test_terms_are_linked_at_the_end_of_every_page() -> None:
    business = make_service().business
    assert "Terms" not in page(f"/book/{business.slug}")
    Business.objects.filter(pk=business.pk).update(terms_url="https://example.org/terms")
    assert 'href="https://example.org/terms"' in page(f"/book/{business.slug}")
