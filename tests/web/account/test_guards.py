"""A page for staff opens to staff with the permission it names, for the business they chose."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from tests.factories import make_business, make_membership, make_user
from vestibule.people.actors import choose_business
from vestibule.people.errors import NotPermitted
from vestibule.people.models import Membership, User
from vestibule.people.permissions import Permission, Role
from vestibule.web.account.guards import StaffRequest, staff_page

pytestmark = pytest.mark.django_db


@staff_page(Permission.MANAGE_SETUP)
def page(request: StaffRequest) -> HttpResponse:
    return HttpResponse(f"{request.actor.label} at {request.business.name}")


def asked(user: User | AnonymousUser) -> Any:
    request = RequestFactory().get("/manage/setup?tab=2")
    request.user = user
    request.session = SessionStore()
    return request


def test_a_stranger_is_sent_to_sign_in_and_comes_back() -> None:
    answer = page(asked(AnonymousUser()))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/signin?next=/manage/setup%3Ftab%3D2")


def test_staff_with_the_permission_get_the_page_uncached() -> None:
    member = make_membership(business=make_business(name="Lakeside"), role=Role.MANAGER)
    answer = page(asked(member.user))
    assert getattr(answer, "content", b"").decode() == f"{member.user} at Lakeside"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("role", [Role.SCHEDULER, Role.PROVIDER, Role.VIEWER])
def test_staff_without_it_are_refused(role: Role) -> None:
    with pytest.raises(NotPermitted):
        page(asked(make_membership(business=make_business(), role=role).user))


def test_a_user_of_no_business_is_refused() -> None:
    with pytest.raises(NotPermitted):
        page(asked(make_user()))


def test_a_deactivated_role_opens_nothing() -> None:
    member = make_membership(business=make_business(), role=Role.OWNER)
    Membership.objects.update(is_active=False)
    with pytest.raises(NotPermitted):
        page(asked(member.user))


def test_the_role_counts_in_the_chosen_business_only() -> None:
    user = make_user()
    make_membership(business=make_business(name="First"), user=user, role=Role.OWNER)
    second = make_membership(business=make_business(name="Second"), user=user, role=Role.VIEWER).business
    request = asked(user)
    assert b"First" in getattr(page(request), "content", b"")
    choose_business(request, second)
    with pytest.raises(NotPermitted):
        page(request)


def test_choosing_a_foreign_business_changes_nothing() -> None:
    member = make_membership(business=make_business(name="Mine"), role=Role.OWNER)
    request: HttpRequest = asked(member.user)
    choose_business(request, make_business(name="Theirs"))
    assert b"Mine" in getattr(page(request), "content", b"")
