"""The desk without script: everybody staff must see to is there, and each action is a form."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_business
from tests.meetings.scene import Visit, actor_of, make_staff, make_visit
from tests.web.provider.pages import text_of
from vestibule.meetings import areas, call_requests, identity, waiting
from vestibule.meetings.models import Meeting
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    visit = make_visit()
    waiting.enter_waiting(visit.consumer.ref)
    return visit


@pytest.fixture
def desk(client: Client, visit: Visit) -> Client:
    """The visit's provider, signed in."""
    provider = Provider.objects.select_related("membership__user").get(pk=visit.provider.provider_id)
    assert provider.membership is not None
    client.force_login(provider.membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def do(desk: Client, deed: str, visit: Visit, **given: str) -> Any:
    return desk.post(f"/desk/door/{deed}/{visit.consumer.ref}", given, follow=True)


def test_somebody_on_hold_is_shown_apart_and_goes_back_to_the_queue(desk: Client, visit: Visit) -> None:
    assert "is on hold and keeps the place" in text_of(do(desk, "hold", visit))
    page = text_of(desk.get("/desk"))
    assert "1 on hold" in page
    assert f"/desk/door/back/{visit.consumer.ref}" in page
    assert 'id="desk-held-part" class="stack stack--tight" hidden' not in page
    do(desk, "back", visit)
    assert visit.state() == "waiting"


def test_somebody_on_hold_can_be_let_in_from_there(desk: Client, visit: Visit) -> None:
    waiting.hold(visit.host, visit.consumer.ref)
    assert f"/desk/door/admit/{visit.consumer.ref}" in text_of(desk.get("/desk"))
    do(desk, "admit", visit)
    assert visit.state() == "admitted"


def test_a_wish_to_be_called_is_shown_with_its_number_until_staff_called(desk: Client, visit: Visit) -> None:
    call_requests.ask(visit.consumer.ref, "+442079460018")
    page = text_of(desk.get("/desk"))
    assert 'href="tel:+442079460018"' in page
    do(desk, "called", visit)
    assert "tel:+442079460018" not in text_of(desk.get("/desk"))


def test_who_asked_to_be_called_without_waiting_is_shown_too(desk: Client, visit: Visit) -> None:
    waiting.leave_waiting(visit.consumer.ref)
    call_requests.ask(visit.consumer.ref, "+442079460018")
    page = text_of(desk.get("/desk"))
    assert "Not in the waiting room" in page
    assert f"/desk/door/called/{visit.consumer.ref}" in page
    assert "Nobody is waiting" in page


def test_who_must_be_confirmed_first_is_not_let_in_by_one_tap(desk: Client, visit: Visit) -> None:
    manager = actor_of(make_staff(visit.meeting.business, role=Role.OWNER, name="Mara")[0])
    areas.change(manager, "everybody", identity_fields=["birth_date"])
    identity.give(visit.consumer.ref, {"birth_date": "1990-02-03"})
    page = text_of(desk.get("/desk"))
    assert "3 February 1990" in page
    assert f"/desk/door/admit/{visit.consumer.ref}" not in page
    assert "nobody was let in" in text_of(do(desk, "admit", visit))
    do(desk, "confirm", visit)
    do(desk, "admit", visit)
    assert visit.state() == "admitted"


def test_somebody_turned_away_reads_the_words_given(desk: Client, visit: Visit) -> None:
    do(desk, "deny", visit, text="We are closed.")
    assert visit.state() == "denied"
    assert visit.seat(visit.consumer).notice == "We are closed."


def test_a_visit_is_handed_to_a_colleague(desk: Client, visit: Visit) -> None:
    colleague = make_staff(visit.meeting.business, name="Dr Ada Blum")[1]
    do(desk, "transfer", visit, to=f"provider:{colleague.slug}")
    assert Meeting.objects.get(pk=visit.meeting.pk).host == colleague
    assert visit.consumer.ref not in text_of(desk.get("/desk"))


def test_a_walk_in_nobody_has_taken_yet_is_everybodys_who_meets_people(desk: Client, visit: Visit) -> None:
    Meeting.objects.filter(pk=visit.meeting.pk).update(kind=Meeting.Kind.WALK_IN)
    visit.meeting.participants.filter(kind="provider").delete()
    assert f"/desk/door/admit/{visit.consumer.ref}" in text_of(desk.get("/desk"))


def test_a_colleagues_visit_is_neither_shown_nor_changed(client: Client, visit: Visit) -> None:
    membership, _provider = make_staff(visit.meeting.business, name="Dr Ada Blum")
    client.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert visit.consumer.ref not in text_of(client.get("/desk"))
    assert do(client, "hold", visit).status_code == 403
    assert visit.state() == "waiting"


def test_another_business_has_no_such_person(client: Client, visit: Visit) -> None:
    membership, _provider = make_staff(make_business(), name="Dr Ada Blum")
    client.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert do(client, "deny", visit).status_code == 404


def test_the_wait_takes_the_colours_of_its_area(desk: Client, visit: Visit) -> None:
    manager = actor_of(make_staff(visit.meeting.business, role=Role.OWNER, name="Mara")[0])
    areas.change(manager, "everybody", amber_minutes=1, red_minutes=2)
    clock.set_to(clock.now() + timedelta(minutes=3))
    assert 'data-wait="late"' in text_of(desk.get("/desk"))


def test_only_fifty_are_shown_and_the_rest_is_counted(desk: Client, visit: Visit) -> None:
    business: Business = visit.meeting.business
    provider = Provider.objects.select_related("membership").get(pk=visit.provider.provider_id)
    assert provider.membership is not None
    for number in range(52):
        other = make_visit(business=business, staff=(provider.membership, provider), name=f"Guest {number}")
        waiting.enter_waiting(other.consumer.ref)
    page = text_of(desk.get("/desk"))
    assert "53 waiting" in page
    assert "3 more wait" in page


def test_a_wish_to_be_called_outlasts_the_visit(desk: Client, visit: Visit) -> None:
    call_requests.ask(visit.consumer.ref, "+442079460018")
    waiting.end_for_all(visit.host, visit.meeting.ref)
    assert "tel:+442079460018" in text_of(desk.get("/desk"))
    do(desk, "called", visit)
    assert "tel:+442079460018" not in text_of(desk.get("/desk"))
