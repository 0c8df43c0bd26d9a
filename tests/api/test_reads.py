"""What anybody may read, and that it tells nothing else."""

import pytest

from tests.api.conftest import Caller
from tests.booking.factories import at, book
from vestibule.booking.models import Service
from vestibule.people.models import Business


def slots(caller: Caller, **query: str) -> list[dict[str, object]]:
    asked = {"service": "visit", "from": "2030-03-04", "to": "2030-03-05", **query}
    answer = caller.get(f"/businesses/{caller.business.slug}/slots", **asked)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, object]] = answer.json()["slots"]
    return found


def test_a_business_tells_public_facts_only(public: Caller) -> None:
    public.business.email = "secret@clinic.example"
    public.business.save()
    told = public.get(f"/businesses/{public.business.slug}").json()
    assert set(told) == {"slug", "name", "tagline", "timezone", "language", "phone", "privacy_url"}


def test_services_and_providers_are_named_by_slug(public: Caller, service: Service) -> None:
    provider = service.offers.get().provider
    provider.email, provider.phone = "ada@clinic.example", "+41795550999"
    provider.save()
    services = public.get(f"/businesses/{public.business.slug}/services").json()["services"]
    assert [(one["slug"], one["duration_minutes"], one["providers"]) for one in services] == [
        ("visit", 30, [provider.slug])
    ]
    told = public.get(f"/businesses/{public.business.slug}/providers").json()["providers"]
    assert told == [{"slug": provider.slug, "name": provider.name, "title": ""}]


def test_hidden_services_are_not_listed(public: Caller, service: Service) -> None:
    Service.objects.update(visibility="hidden")
    assert public.get(f"/businesses/{public.business.slug}/services").json()["services"] == []
    assert (
        public.get(
            f"/businesses/{public.business.slug}/slots", service="visit", **{"from": "2030-03-04", "to": "2030-03-05"}
        ).json()["code"]
        == "service_hidden"
    )


def test_slots_say_start_end_label_offset_and_who(public: Caller, service: Service) -> None:
    found = slots(public, timezone="Asia/Kathmandu")
    assert len(found) == 18
    assert found[0] == {
        "start": "2030-03-04T08:00:00Z",
        "end": "2030-03-04T08:30:00Z",
        "label": "13:45",
        "offset": "+05:45",
        "providers": [service.offers.get().provider.slug],
    }


def test_the_offset_follows_the_change_of_clocks(public: Caller) -> None:
    found = slots(public, timezone="Europe/Berlin", **{"from": "2030-03-29T00:00:00Z", "to": "2030-04-02T00:00:00Z"})
    assert {(str(one["start"])[:10], one["offset"]) for one in found} == {
        ("2030-03-29", "+01:00"),
        ("2030-04-01", "+02:00"),
    }


def test_a_date_means_its_midnight_where_the_reader_is(public: Caller) -> None:
    assert slots(public, timezone="Pacific/Auckland")[0]["start"] == "2030-03-04T08:00:00Z"
    assert slots(public, timezone="Pacific/Auckland")[-1]["start"] == "2030-03-04T10:30:00Z"


def test_what_is_booked_is_gone(public: Caller, service: Service) -> None:
    book(service, at("09:00"))
    assert "2030-03-04T09:00:00Z" not in [one["start"] for one in slots(public)]


def test_where_nothing_is_free_the_next_start_is_named(public: Caller) -> None:
    query = {"service": "visit", "from": "2030-03-09", "to": "2030-03-11"}
    told = public.get(f"/businesses/{public.business.slug}/slots", **query).json()
    assert (told["slots"], told["next"]) == ([], "2030-03-11T08:00:00Z")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"to": "2030-03-03"}, "invalid"),
        ({"to": "2030-06-01"}, "invalid"),
        ({"to": "soon"}, "invalid"),
        ({"from": "2030-03-04T09:00:00"}, "invalid"),
        ({"from": "0001-01-01"}, "invalid"),
        ({"timezone": "Mars/Olympus"}, "invalid"),
        ({"service": "nothing"}, "not_found"),
        ({"provider": "nobody"}, "provider_not_offered"),
    ],
)
def test_questions_that_cannot_be_answered_say_why(public: Caller, query: dict[str, str], code: str) -> None:
    asked = {"service": "visit", "from": "2030-03-04", "to": "2030-03-05", **query}
    answer = public.get(f"/businesses/{public.business.slug}/slots", **asked)
    assert answer.json()["code"] == code
    assert answer["Content-Type"] == "application/problem+json"


def test_slots_are_as_long_as_asked(public: Caller, service: Service) -> None:
    Service.objects.update(lengths=[60])
    first = slots(public, length_minutes="60")[0]
    assert (first["start"], first["end"]) == ("2030-03-04T08:00:00Z", "2030-03-04T09:00:00Z")
    path = f"/businesses/{public.business.slug}/slots"
    answer = public.get(path, service="visit", length_minutes="45", **{"from": "2030-03-04", "to": "2030-03-05"})
    assert (answer.status_code, answer.json()["field"]) == (422, "length_minutes")


def test_group_services_tell_the_seats_left(public: Caller, service: Service) -> None:
    assert "seats_left" not in slots(public)[0]
    Service.objects.update(seats=4)
    book(Service.objects.get(), at("09:00"))
    left = {str(slot["start"])[11:16]: slot["seats_left"] for slot in slots(public)}
    assert (left["08:00"], left["09:00"]) == (4, 3)


def test_a_second_is_the_same_second_through_a_change_of_clocks(public: Caller, service: Service) -> None:
    """62 local days may have an hour more, and the first start is not before `from`, on either side of the change."""
    Service.objects.update(interval_minutes=1, window_days=3000)
    zone = {"timezone": "Europe/Berlin"}
    assert slots(public, **{"from": "2030-10-28T08:00:01Z", "to": "2030-10-29T00:00:00Z", **zone})[0]["start"] == (
        "2030-10-28T08:01:00Z"
    )
    for until, status in (("2030-12-02", 422), ("2030-12-01", 200)):
        path = f"/businesses/{public.business.slug}/slots"
        answer = public.get(path, service="visit", **{"from": "2030-09-30", "to": until, **zone})
        assert answer.status_code == status


def test_explain_tells_the_public_nothing_of_peoples_days(public: Caller, service: Service) -> None:
    book(service, at("09:00"))
    path = f"/businesses/{public.business.slug}/slots/explain"
    for time in ("09:00", "20:00"):
        start = f"2030-03-04T{time}:00Z"
        told = public.get(path, service="visit", start=start).content.decode().replace(start, "")
        assert "Ada" not in told
        assert ":30" not in told
        assert "17:00" not in told
    full = (
        public.with_key("appointments:read").get(path, service="visit", start="2030-03-04T09:00:00Z").content.decode()
    )
    assert "09:30" in full


def test_explain_gives_each_rules_verdict(public: Caller, service: Service) -> None:
    book(service, at("09:00"))
    path = f"/businesses/{public.business.slug}/slots/explain"
    told = public.get(path, service="visit", start="2030-03-04T09:00:00Z").json()
    assert told["offered"] is False
    assert [one["code"] for one in told["verdicts"] if not one["allows"]] == ["slot_taken"]
    told = public.get(path, service="visit", start="2030-03-04T10:00:00Z").json()
    assert told["offered"] is True


def test_unknown_businesses_and_addresses_are_not_found(public: Caller) -> None:
    for path in ("/businesses/nobody", "/businesses/nobody/services", "/nothing", "/businesses/a/b/c/d", "/"):
        answer = public.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_key_of_one_business_still_reads_what_is_public_of_another(public: Caller) -> None:
    other = Business.objects.create(slug="other", name="Other")
    assert public.with_key("setup:read").get(f"/businesses/{other.slug}").status_code == 200


def test_an_instant_may_be_written_with_any_offset(public: Caller) -> None:
    first = slots(public, **{"from": "2030-03-04T10:00:00+01:00"})[0]
    assert first["start"] == "2030-03-04T09:00:00Z"
