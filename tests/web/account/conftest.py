"""A member of staff at the door."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from tests.factories import make_business, make_membership, make_user
from vestibule.people import rates
from vestibule.people.models import Membership
from vestibule.people.permissions import Role

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def nobody_counted() -> Iterator[None]:
    """Failed attempts of one test do not lock the next one out."""
    cache.clear()
    rates.forget_all()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def quick_passwords(request: pytest.FixtureRequest, settings: Any) -> None:
    """Argon2 takes its time on purpose; tests about something else need not wait."""
    if "slow_passwords" not in request.fixturenames:
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def slow_passwords() -> None:
    """Passwords hashed as in earnest."""


@pytest.fixture
def mara() -> Membership:
    """Mara owns the Lakeside Clinic and signs in with a password."""
    user = make_user(email="mara@example.org", password=PASSWORD)
    return make_membership(business=make_business(slug="lakeside-clinic"), user=user, role=Role.OWNER)
