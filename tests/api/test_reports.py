"""Reports by API key."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.booking.factories import at, make_service
from tests.booking.visits import happened
from vestibule.booking.models import Service
from vestibule.notifications.models import OutboxMessage
from vestibule.store import clock

pytestmark = pytest.mark.django_db
MONDAY = {"from": "2030-03-04", "to": "2030-03-04"}


def read(public: Caller, name: str, **query: str) -> Any:
    answer = public.with_key("results:read").get(f"/reports/{name}", **{**MONDAY, **query})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_bookings_are_counted_by_day(public: Caller, service: Service) -> None:
    public.book(service, "09:00")
    told = read(public, "bookings")
    assert told == {
        "timezone": "UTC",
        "lines": [
            {
                "from": "2030-03-04",
                "to": "2030-03-04",
                "made": 1,
                "appointments": 1,
                "completed": 0,
                "no_shows": 0,
                "not_seen": 0,
                "requests": 0,
                "cancelled": {"consumer": 0, "provider": 0, "business": 0},
            }
        ],
    }


def test_lead_times_and_utilisation_are_told_in_minutes(public: Caller, service: Service) -> None:
    public.book(service, "09:00")
    assert sum(line["appointments"] for line in read(public, "lead-times")["lines"]) == 1
    told = read(public, "utilisation", service=service.slug)
    assert (told["booked_minutes"], told["offered_minutes"]) == (30, 540)
    assert [one["slug"] for one in told["services"]] == [service.slug]
    assert told["services"][0]["seats_offered"] is None


def test_how_visits_went_is_told_in_seconds(public: Caller, service: Service) -> None:
    start = at("09:00")
    clock.set_to(start + timedelta(days=1))
    happened(service, start=start, waited_from=0, seen_at=2, wait_seconds=120)
    happened(service, "not_seen", start=start)
    day = f"{start:%Y-%m-%d}"
    reader = public.with_key("results:read")
    told = reader.get("/reports/visits", **{"from": day, "to": day, "by": "provider"}).json()
    (line,) = told["lines"]
    assert (line["visits"], line["seen"], line["not_seen"], line["from"]) == (2, 1, 1, None)
    assert line["wait"] == {
        "count": 1,
        "median_seconds": 120,
        "ninth_decile_seconds": 120,
        "longest_seconds": 120,
    }
    assert line["slug"] == service.offers.get().provider.slug
    assert told["whole"]["staff_late"]["median_seconds"] == 120
    assert reader.get("/reports/visits", **{"from": day, "to": day, "area": "nowhere"}).status_code == 404


def test_what_became_of_messages_is_told_by_gateway_and_day(public: Caller, service: Service) -> None:
    public.book(service, "09:00")
    day = clock.now().date().isoformat()
    public.book(service, "10:00")
    sent, failed = OutboxMessage.objects.filter(kind="confirmation").order_by("pk")
    rows = OutboxMessage.objects
    rows.filter(pk=sent.pk).update(state="done", gateway="smtp", delivery="delivered")
    rows.filter(pk=failed.pk).update(state="failed", last_error="550 no such mailbox")
    by_day = read(public, "messages", **{"from": day, "to": day})
    assert [(one["date"], one["sent"], one["delivered"], one["failed"]) for one in by_day["lines"]] == [(day, 1, 1, 1)]
    by_gateway = read(public, "messages", **{"from": day, "to": day, "by": "gateway"})
    assert {one["name"]: (one["sent"], one["failed"]) for one in by_gateway["lines"]} == {"smtp": (1, 0), "": (0, 1)}
    assert by_gateway["whole"]["answers"] == {"confirm": 0, "cancel": 0, "late": 0}
    assert by_gateway["coming"]["confirmed"] == 0


def test_reports_take_a_key_that_reads_results(public: Caller, service: Service) -> None:
    assert public.get("/reports/bookings", **MONDAY).status_code == 401
    assert public.with_key("appointments:read").get("/reports/bookings", **MONDAY).status_code == 403


def test_what_is_not_there_or_too_long_is_refused(public: Caller, service: Service) -> None:
    stranger = make_service()
    reader = public.with_key("results:read")
    assert reader.get("/reports/bookings", **MONDAY, service=stranger.slug).status_code == 404
    assert reader.get("/reports/bookings", **{"from": "2020-01-01", "to": "2030-01-01"}).status_code == 422
    assert reader.get("/reports/bookings", **{"from": "soon", "to": "2030-01-01"}).status_code == 422
