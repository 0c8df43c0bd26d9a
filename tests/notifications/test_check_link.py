"""Whoever is invited to an online visit can try their devices days before, by a link of their own."""

from datetime import timedelta

import pytest

from tests.factories import make_business
from tests.notifications.letters import facts, queue
from vestibule.notifications import content
from vestibule.notifications.facts import Audience, Kind
from vestibule.people import links
from vestibule.people.links import Purpose
from vestibule.people.models import CapabilityLink
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def link() -> CapabilityLink:
    """The consumer's visit link."""
    until = clock.now() + timedelta(days=365)
    return links.issue(
        business_id=make_business().pk, purpose=Purpose.VISIT, role="consumer", subject="par_1", expires_at=until
    )


def text_of(kind: str, link: CapabilityLink, **about: object) -> str:
    """The mail of `kind` as plain text."""
    message = queue(kind=kind, about=facts(visit_link=link.pk, **about))
    return content.mail(message, {link.pk: links.token(link)}, clock.now()).text


@pytest.mark.parametrize("kind", [Kind.CONFIRMATION, Kind.MOVED, Kind.REMINDER])
def test_confirmations_and_reminders_carry_the_check_with_the_visits_own_token(kind: str, link: CapabilityLink) -> None:
    assert f"/test-call?v={links.token(link)}" in text_of(kind, link)


def test_a_series_carries_the_check_of_its_first_date(link: CapabilityLink) -> None:
    each = [["abcdefgh23456789", 29_000_000, 29_000_030, None, link.pk]]
    assert f"/test-call?v={links.token(link)}" in text_of(Kind.SERIES_BOOKED, link, series=each)


def test_helpers_have_it_too(link: CapabilityLink) -> None:
    assert "/test-call?v=" in text_of(Kind.HELPER_INVITED, link, audience=Audience.HELPER, helper="Ines")


@pytest.mark.parametrize("about", [{"location_kind": "phone"}, {"location_kind": "place"}, {"status": "cancelled"}])
def test_nobody_is_asked_to_try_what_is_not_used(about: dict[str, str], link: CapabilityLink) -> None:
    assert "/test-call" not in text_of(Kind.CONFIRMATION, link, **about)


def test_staff_are_not_asked(link: CapabilityLink) -> None:
    assert "/test-call" not in text_of(Kind.PROVIDER_BOOKED, link, audience=Audience.PROVIDER)
