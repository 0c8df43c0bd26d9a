"""A capability link opens one thing, for one purpose, for a while."""

from datetime import timedelta

import pytest

from tests.factories import make_business
from vestibule.people import links
from vestibule.people.links import Purpose
from vestibule.people.models import CapabilityLink
from vestibule.store import clock

pytestmark = pytest.mark.django_db


def issue(purpose: Purpose = Purpose.VISIT, hours: int = 1) -> CapabilityLink:
    return links.issue(
        business_id=make_business().pk,
        purpose=purpose,
        role="consumer",
        subject="abcd",
        expires_at=clock.now() + timedelta(hours=hours),
    )


def test_a_token_opens_the_link_it_was_made_for() -> None:
    link = issue()
    assert links.resolve(links.token(link), Purpose.VISIT) == link


def test_a_token_opens_nothing_for_another_purpose() -> None:
    assert links.resolve(links.token(issue()), Purpose.MANAGE) is None


def test_an_expired_or_revoked_link_opens_nothing() -> None:
    assert links.resolve(links.token(issue(hours=-1)), Purpose.VISIT) is None
    link = issue()
    links.revoke("abcd")
    assert links.resolve(links.token(link), Purpose.VISIT) is None


def test_the_database_holds_no_token() -> None:
    link = issue()
    row = CapabilityLink.objects.values().get(pk=link.pk)
    assert links.token(link) not in map(str, row.values())


@pytest.mark.parametrize("given", ["", "x" * 22 + "y", "ä" * 22, "' OR 1=1 --", "A" * 22])
def test_a_guessed_token_opens_nothing(given: str) -> None:
    issue()
    assert links.resolve(given, Purpose.VISIT) is None
