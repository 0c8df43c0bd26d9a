"""Subscriptions to calendars: asked for by programs, agreed to by an address, renewed, and ended."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.api.graph.program import Program, Reply, program_of
from tests.booking.factories import at, make_service, wish_for
from tests.factories import make_business, make_provider, manager_of
from tests.integrations import graph_contract
from vestibule.booking import lifecycle
from vestibule.booking.setup import away
from vestibule.people import applications
from vestibule.people.models import Provider
from vestibule.people.permissions import PUBLIC
from vestibule.store import clock
from vestibule.subscriptions import lifetimes, outbox, shapes
from vestibule.subscriptions.models import Subscription
from vestibule.subscriptions.ports import Reply as PostReply
from vestibule.subscriptions.ports import Request
from vestibule.subscriptions.testing import FakePoster, unreachable
from vestibule.subscriptions.worker import Worker

UNTIL = "2030-03-06T09:00:00.0000000Z"
HOOK = "https://listener.example.org/hook"


@pytest.fixture(autouse=True)
def _monday(db: None, settings: Any) -> Iterator[None]:
    settings.PUBLIC_URL = "http://testserver"
    clock.set_to(at("06:00"))
    yield
    clock.reset()


@pytest.fixture
def poster(monkeypatch: pytest.MonkeyPatch) -> FakePoster:
    fake = FakePoster()
    monkeypatch.setattr(shapes, "poster", lambda: fake)
    return fake


@pytest.fixture
def ada() -> Provider:
    ada = make_provider(name="Dr Ada Blum")
    ada.email = "ada@lakeside.example"
    ada.save()
    return ada


@pytest.fixture
def listener(ada: Provider, poster: FakePoster) -> Program:
    return program_of(ada.business, "Calendars.Read")


def subscribe(program: Program, **more: Any) -> Reply:
    wish = {
        "changeType": "created,Updated,deleted",
        "notificationUrl": HOOK,
        "resource": "users/ada@lakeside.example/events",
        "expirationDateTime": UNTIL,
        "clientState": "s3cret",
    }
    return program.post("/subscriptions", wish | more)


def test_an_address_that_gives_the_token_back_is_subscribed(listener: Program, poster: FakePoster) -> None:
    made = subscribe(listener)
    assert made.status == 201
    assert {name: made.json[name] for name in ("changeType", "resource", "clientState", "notificationUrl")} == {
        "changeType": "created,updated,deleted",
        "resource": "users/ada@lakeside.example/events",
        "clientState": "s3cret",
        "notificationUrl": HOOK,
    }
    assert made.json["expirationDateTime"] == UNTIL
    (asked,) = poster.asked
    assert (asked.method, asked.body) == ("POST", b"")
    assert "validationToken=" in asked.url


def test_an_address_that_does_not_is_not_and_nothing_is_kept(listener: Program, poster: FakePoster) -> None:
    poster.agrees = False
    refused = subscribe(listener)
    assert (refused.status, refused.code) == (400, "ValidationError")
    assert not Subscription.objects.exists()


def test_an_address_that_is_silent_is_refused_as_well(
    listener: Program, poster: FakePoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(request: Request, *, seconds: float) -> PostReply:
        return unreachable(request)

    monkeypatch.setattr(poster, "ask", silent)
    assert subscribe(listener).code == "ValidationError"
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("notificationUrl", "http://listener.example.org/hook"),
        ("notificationUrl", ""),
        ("changeType", "created,moved"),
        ("changeType", None),
        ("resource", "users/ada@lakeside.example/messages"),
        ("resource", "me/events"),
        ("expirationDateTime", "2030-03-04T05:59:00Z"),
        ("expirationDateTime", "2030-03-07T09:00:00Z"),
        ("expirationDateTime", None),
        ("clientState", "x" * 129),
        ("includeResourceData", True),
    ],
)
def test_what_cannot_be_is_refused_before_anybody_is_asked(
    listener: Program, poster: FakePoster, field: str, value: Any
) -> None:
    assert subscribe(listener, **{field: value}).status == 400
    assert poster.asked == []


def test_whose_calendar_nobody_knows_is_not_subscribed_to(listener: Program) -> None:
    assert subscribe(listener, resource="users/nobody@lakeside.example/events").status == 404


def test_a_subscription_is_renewed_reauthorised_and_ended(listener: Program) -> None:
    made = subscribe(listener).json
    at_it = f"/subscriptions/{made['id']}"
    later = listener.ask("PATCH", at_it, {"expirationDateTime": "2030-03-06T20:00:00Z"})
    assert (later.status, later.json["expirationDateTime"]) == (200, "2030-03-06T20:00:00.0000000Z")
    assert listener.ask("POST", f"{at_it}/reauthorize").status == 204
    assert listener.get(at_it).json["expirationDateTime"] == "2030-03-06T20:00:00.0000000Z"
    assert [one["id"] for one in listener.get("/subscriptions").value] == [made["id"]]
    assert listener.ask("DELETE", at_it).status == 204
    assert listener.get(at_it).status == 404
    assert listener.get("/subscriptions").value == []


def test_subscriptions_of_other_programs_and_businesses_are_not_there(listener: Program, ada: Provider) -> None:
    made = subscribe(listener).json
    owner = manager_of(ada.business)
    tenant = applications.tenant_of(ada.business_id)
    row, secret = applications.register(owner, "Another program", ["Calendars.Read"])
    assert tenant is not None
    other = Program(ada.business, applications.grant(str(tenant.tenant), str(row.client_id), secret).token)
    stranger = program_of(make_business(name="Harbour Bank"), "Calendars.Read")
    for program in (other, stranger):
        assert program.get("/subscriptions").value == []
        assert program.get(f"/subscriptions/{made['id']}").status == 404
        assert program.ask("DELETE", f"/subscriptions/{made['id']}").status == 404
    assert listener.get(f"/subscriptions/{made['id']}").status == 200


def test_it_takes_leave_to_read_calendars(ada: Provider, poster: FakePoster) -> None:
    assert subscribe(program_of(ada.business, "Calendars.ReadBasic")).status == 403


def test_changes_are_told_with_the_words_of_whoever_subscribed(
    listener: Program, ada: Provider, poster: FakePoster
) -> None:
    made = subscribe(listener).json
    service = make_service(business=ada.business, providers=[ada])
    booked = lifecycle.book(PUBLIC, wish_for(service, at("09:00")))
    lifecycle.cancel(manager_of(ada.business), booked, reason="")
    Worker(poster).drain()
    (post,) = poster.taken
    told = json.loads(post.body)
    assert graph_contract.answer_faults("microsoft.graph.changeNotificationCollection", told) == []
    assert [one["changeType"] for one in told["value"]] == ["created", "deleted"]
    first = told["value"][0]
    assert (first["subscriptionId"], first["clientState"]) == (made["id"], "s3cret")
    assert first["resourceData"]["id"] == booked.ref
    assert booked.name not in post.body.decode()


def test_time_off_is_told_too_also_that_of_the_whole_business(
    listener: Program, ada: Provider, poster: FakePoster
) -> None:
    subscribe(listener)
    office = manager_of(ada.business)
    fair = away.add_time_off(office, ada.business, at("12:00"), at("13:00"))
    away.add_time_off(office, ada.business, at("14:00"), at("15:00"), provider=make_provider(business=ada.business))
    away.remove_time_off(office, fair)
    Worker(poster).drain()
    told = [(one["changeType"], one["resourceData"]["id"]) for one in poster.told()]
    assert told == [("created", f"o-{fair.ref}"), ("deleted", f"o-{fair.ref}")]


def test_nothing_is_told_of_a_subscription_that_has_run_out(listener: Program, ada: Provider) -> None:
    subscribe(listener)
    clock.set_to(at("09:01") + timedelta(days=2))
    heard = outbox.is_heard(ada.business_id)
    assert not heard


def test_a_program_of_the_same_name_is_another(ada: Provider, poster: FakePoster) -> None:
    owner = manager_of(ada.business)
    tenant = applications.switch(owner, is_on=True)

    def made() -> tuple[int, Program]:
        row, secret = applications.register(owner, "Calendar sync", ["Calendars.Read"])
        token = applications.grant(str(tenant.tenant), str(row.client_id), secret).token
        return row.pk, Program(ada.business, token)

    old, listener = made()
    assert subscribe(listener).status == 201
    applications.revoke(owner, old)
    _new, heir = made()
    assert heir.get("/subscriptions").value == [], "what only its program knows, such as clientState, is not told"
    assert lifetimes.end_due() == 1, "who was shut out is told no more, whatever others are called"
