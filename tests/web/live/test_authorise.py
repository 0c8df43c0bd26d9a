"""Who a cookie, a session or a ticket stands for."""

import pytest
import time_machine
from django.conf import LazySettings

from tests.factories import make_business, make_membership, make_user
from tests.meetings.scene import make_visit
from tests.web.live.talk import link_to, staff_cookie
from vestibule.people.models import User
from vestibule.store import clock
from vestibule.web.live import authorise
from vestibule.web.live.authorise import Credentials

pytestmark = pytest.mark.django_db
OURS = [(b"host", b"localhost:8000")]


def session_of(user: User) -> Credentials:
    return Credentials(session_cookie=staff_cookie(user).partition("=")[2])


def test_a_visit_cookie_names_its_seat_for_a_day() -> None:
    visit = make_visit()
    with time_machine.travel(0, tick=False) as clock:
        value = authorise.sign_visit(link_to(visit.consumer.ref))
        clock.shift(24 * 3600 - 1)
        assert authorise.read_visit(value) == visit.consumer.ref
        clock.shift(2)
        assert authorise.read_visit(value) is None


def test_a_cookie_ends_with_the_link_it_came_from() -> None:
    visit = make_visit()
    old, new = link_to(visit.consumer.ref), link_to(visit.consumer.ref)
    values = [authorise.sign_visit(link) for link in (old, new)]
    old.revoked_at = clock.now()
    old.save()
    assert [authorise.read_visit(value) for value in values] == [None, visit.consumer.ref]


def test_a_cookie_changed_by_one_letter_is_worth_nothing() -> None:
    value = authorise.sign_visit(link_to(make_visit().consumer.ref))
    assert authorise.read_visit("x" + value[1:]) is None
    assert authorise.read_visit(value[:-1]) is None


def test_a_ticket_is_no_cookie_and_a_cookie_no_ticket() -> None:
    visit = make_visit()
    assert authorise.read_visit(authorise.ticket_for_seat(visit.consumer.ref)) is None
    assert authorise.visitor(Credentials(ticket=authorise.sign_visit(link_to(visit.consumer.ref)))) is None


def test_a_ticket_lives_two_minutes() -> None:
    visit = make_visit()
    with time_machine.travel(0, tick=False) as clock:
        given = Credentials(ticket=authorise.ticket_for_seat(visit.consumer.ref))
        found = authorise.visitor(given)
        assert found is not None
        assert (found.seat, found.staff) == (visit.consumer.ref, None)
        clock.shift(121)
        assert authorise.visitor(given) is None


def test_a_staff_ticket_and_a_staff_session_say_the_same() -> None:
    membership = make_membership(business=make_business())
    by_ticket = authorise.staff(Credentials(ticket=authorise.ticket_for_staff(membership.user_id)))
    assert by_ticket == authorise.staff(session_of(membership.user))
    assert by_ticket is not None
    assert by_ticket.business_id == membership.business_id


def test_a_ticket_counts_before_a_cookie() -> None:
    one, other = make_visit(), make_visit()
    cookie, ticket = authorise.sign_visit(link_to(one.consumer.ref)), authorise.ticket_for_seat(other.consumer.ref)
    given = Credentials(cookie, "", ticket)
    found = authorise.visitor(given)
    assert found is not None
    assert found.seat == other.consumer.ref


def test_staff_of_several_businesses_name_the_one_they_mean() -> None:
    user = make_user()
    for slug in ("alpha", "beta"):
        make_membership(business=make_business(slug=slug, name=slug), user=user)
    first, named = authorise.staff(session_of(user)), authorise.staff(session_of(user), "beta")
    assert first is not None
    assert named is not None
    assert first.business_id != named.business_id
    assert authorise.staff(session_of(user), "gamma") is None


def test_an_inactive_user_is_nobody() -> None:
    membership = make_membership(business=make_business())
    given = session_of(membership.user)
    User.objects.filter(pk=membership.user_id).update(is_active=False)
    assert authorise.staff(given) is None


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (b"http://localhost:8000", True),
        (b"https://localhost:8000", True),
        (b"http://LOCALHOST:8000", True),
        (b"http://localhost", False),
        (b"http://localhost:8001", False),
        (b"http://localhost.evil.example:8000", False),
        (b"http://evil.example", False),
        (b"chrome-extension://localhost:8000", False),
        (b"null", False),
        (b"", False),
        (b"http://[broken", False),
    ],
)
def test_only_our_own_pages_may_open_a_socket(origin: bytes, allowed: bool) -> None:
    assert authorise.origin_allowed([*OURS, (b"origin", origin)]) is allowed


def test_a_missing_origin_is_refused() -> None:
    assert authorise.origin_allowed(OURS) is False


def test_a_host_of_somebody_elses_choosing_is_refused() -> None:
    assert authorise.origin_allowed([(b"host", b"evil.example"), (b"origin", b"http://evil.example")]) is False


def test_an_origin_the_settings_trust_is_allowed(settings: LazySettings) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://visit.example.org"]
    assert authorise.origin_allowed([*OURS, (b"origin", b"https://visit.example.org")]) is True
