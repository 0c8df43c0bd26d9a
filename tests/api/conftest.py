"""A client of API v1, on whatever database the tests run on."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.booking.factories import at, make_service
from vestibule.booking.models import Service
from vestibule.people import api_keys, rates
from vestibule.people.models import Business
from vestibule.people.permissions import Role, staff_actor
from vestibule.store import clock


@dataclass
class Caller:
    """Sends JSON to API v1. `bearer` is an API key or the token of a link; `address` where it calls from."""

    business: Business
    bearer: str = ""
    address: str = "127.0.0.1"

    def __post_init__(self) -> None:
        self._client = Client(raise_request_exception=False, REMOTE_ADDR=self.address)

    def send(self, method: str, path: str, body: Any = None, *, key: str = "", raw: bytes | None = None) -> Any:
        """Send one request to `path` below /api/v1 and return the answer."""
        headers = {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}
        headers |= {"Idempotency-Key": key} if key else {}
        more: dict[str, Any] = {"headers": headers}
        if raw is not None:
            return self._client.generic(method, f"/api/v1{path}", raw, "application/json", **more)
        if body is None:
            return self._client.generic(method, f"/api/v1{path}", **more)
        return getattr(self._client, method.lower())(f"/api/v1{path}", body, content_type="application/json", **more)

    def get(self, path: str, **query: str) -> Any:
        """Read `path` with `query`."""
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def book(self, service: Service, time: str = "09:00", **more: Any) -> Any:
        """Ask to book that time of the Monday the tests book on."""
        body = {
            "service": service.slug,
            "start": f"{at(time):%Y-%m-%dT%H:%M:%SZ}",
            "consumer": {"name": "Cleo Baumann", "email": "cleo@example.org"},
        }
        key = more.pop("key", "")
        return self.send("POST", f"/businesses/{self.business.slug}/appointments", body | more, key=key)

    def as_consumer(self, booked: Any) -> "Caller":
        """The consumer who holds the link of what was booked."""
        return Caller(self.business, booked.json()["manage_url"].partition("v=")[2])

    def with_key(self, *scopes: str) -> "Caller":
        """A program with an API key of the business."""
        owner = staff_actor(user_id=0, label="Owner", business_id=self.business.pk, role=Role.OWNER, provider_id=None)
        return Caller(self.business, api_keys.create(owner, "Program", scopes or api_keys.SCOPES)[1])


@pytest.fixture
def service(db: None) -> Service:
    """Half an hour with one provider, Monday to Friday, 08 to 17 UTC, no notice."""
    rates.forget_all()
    return make_service(slug="visit", name="Visit", change_notice_minutes=60)


@pytest.fixture
def public(service: Service) -> Caller:
    """Somebody without key or link."""
    clock.set_to(at("00:00"))
    return Caller(service.business)
