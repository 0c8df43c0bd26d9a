"""Nothing that is sent makes API v1 fail or store what it refuses."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Caller
from vestibule.booking.models import Service
from vestibule.people import rates
from vestibule.people.models import RateCount

STRANGE: list[Any] = [
    *(None, True, False, 0, -1, 10**30, 1.5, 1e308, "", " ", "x" * 5000, "\0", "a\0b", "\ud800", "\u202eevil"),
    *("<script>alert(1)</script>", "'; DROP TABLE booking_appointment; --", "../../etc/passwd", "٣", "{{7*7}}", "%00"),
    *(
        [],
        {},
        [[]],
        {"a": {"b": {}}},
        ["x"] * 1000,
        "2030-02-30T09:00:00Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
    ),
]
GOOD: dict[str, Any] = {
    "service": "visit",
    "start": "2030-03-04T09:00:00Z",
    "provider": None,
    "length_minutes": 30,
    "hold": None,
    "consumer": {"name": "C", "email": "c@example.org", "phone": "+41795550111", "timezone": "UTC", "language": "en"},
    "answers": {},
    "consents": ["terms"],
    "helpers": [{"name": "H", "email": "h@example.org", "kind": "interpreter"}],
    "note": "n",
}
NAMES = [*GOOD, *GOOD["consumer"]]
FIELDS = [
    *[(name,) for name in GOOD],
    *[("consumer", name) for name in GOOD["consumer"]],
    *[("helpers", 0, name) for name in GOOD["helpers"][0]],
    ("consents", 0),
]


def stored() -> dict[str, int]:
    """How many rows each of our tables has; how often somebody asked is counted whatever is answered."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if "vestibule" in model.__module__ and model is not RateCount
    }


def with_value(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    body = copy.deepcopy(GOOD)
    place: Any = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return body


def check(answer: Any, before: dict[str, int]) -> None:
    """A refusal is a problem with code and sentence, and nothing was stored."""
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        told = answer.json()
        assert told["code"]
        assert told["detail"]
        assert answer["Content-Type"] == "application/problem+json"
        assert stored() == before


@pytest.fixture(autouse=True)
def _unlimited() -> Iterator[None]:
    rates.forget_all()
    yield
    rates.forget_all()


@pytest.mark.parametrize("path", FIELDS, ids=lambda path: ".".join(map(str, path)))
def test_strange_values_in_any_field_are_refused_or_harmless(public: Caller, path: tuple[str | int, ...]) -> None:
    address = f"/businesses/{public.business.slug}/appointments"
    for value in STRANGE:
        before = stored()
        raw = json.dumps(with_value(path, value)).encode()
        check(public.send("POST", address, raw=raw), before)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"NaN", b'{"service": NaN}', b"[" * 100_000, b'{"a":' * 50_000],
)
def test_bodies_that_are_no_booking_are_refused(public: Caller, raw: bytes) -> None:
    before = stored()
    answer = public.send("POST", f"/businesses/{public.business.slug}/appointments", raw=raw)
    assert answer.status_code in (400, 422)
    check(answer, before)


def test_a_body_that_is_too_large_says_so(public: Caller) -> None:
    answer = public.send("POST", f"/businesses/{public.business.slug}/appointments", raw=b"x" * 300_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "GET"])
def test_other_methods_are_named(public: Caller, method: str) -> None:
    answer = public.send(method, f"/businesses/{public.business.slug}/appointments")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer["Allow"] == "POST"


@pytest.mark.parametrize("key", ["x" * 256, "a\0b"])
def test_keys_that_are_none_are_refused(public: Caller, service: Service, key: str) -> None:
    before = stored()
    answer = public.book(service, key=key)
    assert answer.status_code == 422
    check(answer, before)


@pytest.mark.parametrize(
    "name", ["from", "to", "service", "provider", "timezone", "start", "cursor", "limit", "status"]
)
@pytest.mark.parametrize(
    "path", ["/businesses/{}/slots", "/businesses/{}/slots/explain", "/appointments", "/customers"]
)
def test_strange_queries_are_refused_or_harmless(public: Caller, path: str, name: str) -> None:
    program, before = public.with_key(), stored()
    usual = {"service": "visit", "from": "2030-03-04", "to": "2030-03-05", "start": "2030-03-04T09:00:00Z"}
    for value in STRANGE:
        if isinstance(value, str) and "\ud800" not in value:
            check(program.get(path.format(public.business.slug), **{**usual, name: value}), before)


@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*GOOD, *GOOD["consumer"]]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_never_fails(public: Caller, body: Any) -> None:
    rates.forget_all()
    before = stored()
    for address in (f"/businesses/{public.business.slug}/appointments", f"/businesses/{public.business.slug}/holds"):
        check(public.send("POST", address, raw=json.dumps(body).encode()), before)


def test_markup_comes_back_as_it_was_sent_and_as_json_only(public: Caller, service: Service) -> None:
    consumer = {"name": "<img src=x onerror=alert(1)>", "email": "x@example.org"}
    answer = public.book(service, consumer=consumer)
    assert answer.json()["consumer"]["name"] == consumer["name"]
    assert answer["Content-Type"] == "application/json"
    assert answer["X-Content-Type-Options"] == "nosniff"
