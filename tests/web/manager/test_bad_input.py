"""Whatever is typed into a form: a sentence comes back and nothing is stored, or it is stored and shown inert."""

from typing import Any
from urllib.parse import quote_plus

import pytest

from tests.web.manager.forms import DETAILS, HOUSE_RULES, RULES
from tests.web.manager.office import Office, url
from tests.web.manager.things import addresses, fill
from vestibule.people.models import AuditEntry, Membership, Provider
from vestibule.people.permissions import Role

MARKUP = '"><script>alert(1)</script>{{ 7|add:7 }}'
NASTY = {
    "nothing to read": "\x00",
    "an end of the world": "9" * 400,
    "much": "x" * 20_000,
    "markup": MARKUP,
    "a turn of the text": "Nora\u202egnp.exe",
    "half a character": "\ud800",
    "a negative": "-1",
    "a wrong kind": "NaN",
    "an old date": "0001-01-01",
}

DAY = {"form": "day", "day-date": "2030-12-24", "day-kind": "hours", "day-first_from": "09:00", "day-first_to": "12:00"}
DAY |= {"day-second_from": "", "day-second_to": "", "day-note": "Eve"}
OFF = {"form": "off", "off-first_day": "2030-07-01", "off-first_time": "", "off-last_day": "2030-07-02"}
OFF |= {"off-last_time": "", "off-reason": "Holiday"}
PERSON = {"name": "Bo", "title": "GP", "email": "bo@example.org", "phone": "+41445550100", "timezone": ""}

CLOSURE = {"form": "closure", "closure-first_day": "2030-07-01", "closure-first_time": "", "closure-reason": "Repair"}
CLOSURE |= {"closure-last_day": "2030-07-02", "closure-last_time": ""}
PROVIDER_RULES = {"buffer_before_minutes": "5", "buffer_after_minutes": "5", "notice": "1", "notice_unit": "60"}
PROVIDER_RULES |= {"max_day": "3", "minutes_week": "600"}
TRIP = {"form": "trip", "trip-first": "2030-07-01", "trip-last": "2030-07-02", "trip-timezone": "Asia/Tokyo"}

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "business": ("business", DETAILS),
    "hours": ("hours", {"d0_0_from": "08:00", "d0_0_to": "12:00"}),
    "day": ("days", DAY),
    "off": ("days", OFF),
    "location": ("locations", {"name": "Main street", "kind": "place", "address": "Main street 1"}),
    "new service": ("service-new", {"name": "Talk", "description": "d", "duration_minutes": "15", "everybody": "on"}),
    "service": (
        "service",
        {
            "name": "First visit",
            "description": "Hello",
            "location": "",
            "visibility": "public",
            "position": "1",
            "price": "5",
            "currency": "EUR",
        },
    ),
    "rules": ("service-rules", RULES),
    "offers": ("service-offers", {"assignment": "some", "team_size": "1", "offer": ""}),
    "house rules": ("rules", HOUSE_RULES),
    "availability": ("service-availability", {"kind": "hours", "d0_0_from": "08:00", "d0_0_to": "12:00"}),
    "season": ("service-range", {"first": "2030-08-01", "last": "2030-08-02", "kind": "closed"}),
    "needs": ("service-needs", {"need": ""}),
    "holidays": ("holidays", {"holiday_country": "CH", "holiday_region": "ZH"}),
    "new resource": ("resource-new", {"name": "Room", "kind": "room", "quantity": "1", "note": "n"}),
    "resource": (
        "resource",
        {"form": "details", "name": "Room", "kind": "room", "quantity": "1", "note": "n", "position": "1"},
    ),
    "closure": ("resource", CLOSURE),
    "provider rules": ("provider-rules", PROVIDER_RULES),
    "schedule": ("schedules", {"name": "Evening"}),
    "schedule week": ("schedule", {"form": "week", "d0_0_from": "08:00", "d0_0_to": "12:00"}),
    "travel": ("provider-days", TRIP),
    "stand-in": ("provider-days", OFF | {"off-redirect_to": ""}),
    "question": ("question-new", {"label": "Why?", "type": "choice", "choices": "A\nB", "help": "", "required": "on"}),
    "new provider": ("provider-new", PERSON),
    "provider": ("provider", PERSON | {"position": "2"}),
    "provider hours": ("provider-hours", {"whose": "own", "d0_0_from": "08:00", "d0_0_to": "12:00"}),
    "sign-in": ("provider-sign-in", {"email": "ada.blum@example.org", "role": "provider"}),
    "invitation": ("staff-invite", {"name": "Nina", "email": "nina@example.org", "role": "viewer"}),
    "role": ("staff-member", {"role": "viewer"}),
    "survey": ("survey-new", {"text": "How was it?", "kind": "choice", "choices": "Well\nBadly"}),
    "key": ("keys", {"name": "Website", "scopes": "setup:read"}),
    "label": ("appointment-label", {"label": "New patient"}),
    "time": (
        "appointment-time",
        {"on": "2030-03-06", "at": "10:00", "length": "30", "provider": "dr-ada-blum"},
    ),
    "cancellation": ("appointment-cancel", {"reason": "Ill"}),
    "booking": (
        "book-contact",
        {
            "start": "2030-03-06T08:30:00Z",
            "provider": "",
            "name": "Nora",
            "email": "n@example.org",
            "phone": "",
            "timezone": "",
            "note": "",
        },
    ),
    "move": ("appointment-move", {"start": "2030-03-06T08:00:00Z"}),
}
ABOUT: dict[str, Any] = {
    "service": lambda office: ["first-visit"],
    "question-new": lambda office: ["first-visit"],
    "book-contact": lambda office: ["first-visit"],
    "provider": lambda office: [office.ada.slug],
    "staff-member": lambda office: [office.staff[Role.SCHEDULER].pk],
    "appointment": lambda office: [office.booked.ref],
}
NO_ARGUMENTS = {"service-new", "resource-new", "provider-new", "staff-invite"}


# Where the other fields are of the same kind, or another form's too.
PROBED = {
    "rules": (
        *("duration_minutes", "lengths", "align_step_minutes", "alignment", "alignment_timezone", "notice"),
        *("notice_unit", "window_type", "window_from", "scope", "max_day", "approval", "max_open_per_consumer"),
    ),
    "house rules": ("max_open_in_all", "interval_minutes"),
    "stand-in": ("off-redirect_to",),
}


def address_of(name: str, office: Office) -> str:
    if name in ("resource", "schedule", "schedules"):
        return fill(office).address(name)
    arguments: list[Any] = next((make(office) for start, make in ABOUT.items() if name.startswith(start)), [])
    return url(name, *([] if name in NO_ARGUMENTS else arguments))


def encoded(data: dict[str, Any]) -> tuple[str, str]:
    """A form body that can hold anything, lone surrogates too."""
    pairs = (f"{quote_plus(key)}={quote_plus(value.encode('utf-8', 'surrogatepass'))}" for key, value in data.items())
    return "&".join(pairs), "application/x-www-form-urlencoded"


# A box is ticked by whatever is sent for it; a provider nobody knows is no page; an unknown form does nothing.
FREE = {"form", "provider", "everybody", "asks_comment", "required", "consumer_chooses_provider"} | {
    "prefers_known_provider",
    "needs_approval",
    "is_published",
}


@pytest.mark.slow
@pytest.mark.parametrize("form", list(FORMS))
def test_any_field_may_hold_anything(office: Office, form: str) -> None:
    name, good = FORMS[form]
    Provider.objects.filter(pk=office.ada.pk).update(membership=None)
    address, client = address_of(name, office), office.as_(Role.OWNER)
    client.raise_request_exception = False
    for field in PROBED.get(form, good):
        for what, nasty in NASTY.items():
            before = AuditEntry.objects.count()
            body, kind = encoded(good | {field: nasty})
            answer = client.post(address, body, content_type=kind)
            assert answer.status_code in (201, 302, 400, 404, 409, 422), (field, what, answer.status_code)
            page = answer.content.decode()
            assert "<script>alert(1)" not in page, (field, what)
            if what in ("nothing to read", "much") and field not in FREE:
                assert answer.status_code in (400, 409, 422), (field, what)
                assert AuditEntry.objects.count() == before, (field, what)


def test_what_was_stored_is_shown_inert_everywhere(office: Office) -> None:
    client = office.manager
    client.post(url("business"), DETAILS | {"name": MARKUP[:60], "tagline": MARKUP})
    client.post(url("service", "first-visit"), FORMS["service"][1] | {"name": MARKUP, "description": MARKUP})
    client.post(url("provider", office.ada.slug), PERSON | {"name": MARKUP, "title": MARKUP, "position": "1"})
    client.post(url("locations"), {"name": MARKUP, "kind": "place", "address": MARKUP})
    client.post(url("survey-new"), {"text": MARKUP, "kind": "stars"})
    client.post(url("days"), DAY | {"day-note": MARKUP})
    client.post(url("keys"), {"name": MARKUP, "scopes": "setup:read"})
    type(office.booked).objects.update(name=MARKUP, note=MARKUP, cancel_reason=MARKUP)
    Membership.objects.get(pk=office.staff[Role.VIEWER].pk).user.__class__.objects.update(name=MARKUP)
    stored = AuditEntry.objects.filter(business=office.business, summary__contains="<script>").count()
    assert stored >= 4
    for name, address in addresses(office).items():
        answer = client.get(address)
        if answer["Content-Type"].startswith("text/html"):
            assert "<script>alert(1)" not in answer.content.decode(), name


@pytest.mark.parametrize(
    "name",
    [
        "calendar",
        "appointments",
        "absence",
        "waitlist",
        "transfer-calendar",
        "messages",
        "activity",
        "results",
        "providers",
        "setup",
    ],
)
def test_any_filter_may_hold_anything(office: Office, name: str) -> None:
    client = office.manager
    asked = ["q", "date", "since", "until", "status", "state", "provider", "service", "days", "view", "page", "columns"]
    for field in [
        *asked,
        "when",
        "needs",
        "area",
        "who",
        "channel",
        "hours",
        "by",
        "resource",
        "label",
        "colours",
        "ref",
    ]:
        for what, nasty in NASTY.items():
            if what in ("half a character", "much"):
                continue
            answer = client.get(url(name), {field: nasty})
            assert answer.status_code in (200, 422), (field, what, answer.status_code)
            assert "<script>alert(1)" not in answer.content.decode(), (field, what)


@pytest.mark.parametrize("start", ["", "tomorrow", "2030-03-06", "2030-03-06T08:30:00", "9999-12-31T23:59:59Z", "\x00"])
def test_a_start_nobody_could_read_books_nothing(office: Office, start: str) -> None:
    before = AuditEntry.objects.count()
    data = FORMS["booking"][1] | {"start": start}
    assert office.manager.post(url("book-contact", "first-visit"), data).status_code == 422
    assert office.manager.post(url("appointment-move", office.booked.ref), {"start": start}).status_code == 422
    assert AuditEntry.objects.count() == before


def test_other_methods_are_not_allowed(office: Office) -> None:
    assert office.manager.put(url("business")).status_code == 405
    assert office.manager.get(url("message-retry", "x")).status_code == 405


def test_numbers_no_database_holds_are_nobody(office: Office) -> None:
    assert office.manager.get(url("staff-member", 10**30)).status_code == 404
    assert office.manager.post(url("staff-reactivate", 10**30)).status_code == 404
    assert office.manager.post(url("key-revoke", 10**30)).status_code == 404
