"""Events leave by HTTPS for the addresses businesses typed, and for no place in the own network."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.factories import make_business, manager_of
from tests.integrations import authority
from tests.integrations.event_receiver import Receiver, event_receiver
from tests.subscriptions.told import happens, subscribed
from vestibule.integrations.webhooks.post import Webhooks
from vestibule.people.models import AuditEntry
from vestibule.subscriptions import shapes, verbs
from vestibule.subscriptions.models import Delivery, Subscription
from vestibule.subscriptions.ports import Request, Unreachable
from vestibule.subscriptions.verbs import NotAgreed, Wish
from vestibule.subscriptions.worker import Worker

State = Subscription.State


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def receiver(certificates: tuple[Path, Path]) -> Iterator[Receiver]:
    with event_receiver(certificates[1]) as running:
        yield running


@pytest.fixture
def posting(receiver: Receiver, certificates: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Webhooks:
    """What posts, to the stand-in too, though it is in the own network: the operator allowed it."""
    made = Webhooks((receiver.host,), authority=certificates[0])
    monkeypatch.setattr(shapes, "poster", lambda: made)
    return made


def ask(by: Webhooks, url: str) -> int:
    return by.ask(Request("POST", url, {}, b"{}"), seconds=20).status


@pytest.mark.django_db
@pytest.mark.parametrize("shape", ["event_grid", "cloud_events"])
def test_an_event_travels_by_https_with_its_headers(posting: Webhooks, receiver: Receiver, shape: str) -> None:
    row = subscribed(address=f"{receiver.origin}/told?key=hidden", shape=shape, wants=("ChatMessageReceivedInThread",))
    assert row.state == State.ACTIVE
    happens(row.business)
    Worker(posting).drain()
    [event] = receiver.events()
    assert event["data"]["messageBody"] == "Good morning"
    last = receiver.got[-1]
    assert (last.path, last.query) == ("/told", {"key": ["hidden"]})
    assert last.headers["aeg-subscription-name"] == "RECEIVER"
    assert row.deliveries.get().state == Delivery.State.DONE


@pytest.mark.django_db
def test_a_calendar_program_gives_its_token_back_decoded(posting: Webhooks, receiver: Receiver) -> None:
    business = make_business()
    wish = Wish("graph", "My app", f"{receiver.origin}/graph?x=1", owner="app:1", resource="users/ada/events")
    row = verbs.add(manager_of(business), business, wish, at_once=True)
    assert (row.state, receiver.got[0].query["x"]) == (State.ACTIVE, ["1"])
    receiver.agrees = False
    with pytest.raises(NotAgreed):
        verbs.add(manager_of(business), business, wish, at_once=True)


@pytest.mark.django_db
@pytest.mark.parametrize("shape", ["event_grid", "cloud_events"])
def test_who_does_not_agree_can_open_the_address_in_the_question(
    posting: Webhooks, receiver: Receiver, shape: str, settings: LazySettings
) -> None:
    settings.PUBLIC_URL = "https://visits.example.org"
    receiver.agrees = False
    row = subscribed(address=receiver.origin, shape=shape)
    assert row.state == State.PENDING
    asked = receiver.got[0]
    url: str = (
        asked.headers["webhook-request-callback"]
        if shape == "cloud_events"
        else asked.json()[0]["data"]["validationUrl"]
    )
    path = url.removeprefix("https://visits.example.org")
    assert Client().get(path.replace(row.validation_code, "guessed")).status_code == 404
    assert Client().get(path).status_code == 200
    assert Client().get(path).status_code == 200, "once more changes nothing"
    row.refresh_from_db()
    assert row.state == State.ACTIVE


def test_redirects_are_not_followed(posting: Webhooks, receiver: Receiver) -> None:
    receiver.status, receiver.more = 307, {"Location": f"{receiver.origin}/elsewhere"}
    assert ask(posting, f"{receiver.origin}/told") == 307
    assert [post.path for post in receiver.got] == ["/told"]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.8", "192.168.1.1", "169.254.169.254", "168.63.129.16", "100.64.0.1", "::1"),
        *("fe80::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "0.0.0.0"),
    ],
)
def test_a_name_that_leads_into_the_own_network_is_not_asked(receiver: Receiver, address: str) -> None:
    rebound = Webhooks(resolver=lambda host, port: [address])
    with pytest.raises(Unreachable, match="network of this server"):
        ask(rebound, "https://looks-harmless.example/told")
    assert receiver.got == []


def test_the_machine_itself_is_asked_in_a_demonstration_alone(
    receiver: Receiver, certificates: tuple[Path, Path]
) -> None:
    with pytest.raises(Unreachable, match="network of this server"):
        ask(Webhooks(), "https://localhost/told")
    shown = Webhooks(is_demo=True, authority=certificates[0])
    assert ask(shown, f"{receiver.origin}/told") == 200
    assert (shown.refusal("http://localhost:8000/told"), Webhooks().refusal("http://localhost:8000/")) == (
        "",
        "not_https",
    )
    assert shown.refusal("http://example.com/told") == "not_https"


def test_a_certificate_nobody_vouches_for_is_not_believed(receiver: Receiver) -> None:
    with pytest.raises(Unreachable, match="not trusted"):
        ask(Webhooks((receiver.host,)), f"{receiver.origin}/told")
    assert receiver.got == []


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        ("http://example.com/", "not_https"),
        ("ftp://example.com/", "not_https"),
        ("https://user:word@example.com/", "no_address"),
        ("https://example.com/#part", "no_address"),
        ("https:///events", "no_address"),
        ("https://example.com/a b", "no_address"),
        ("https://example.com/\r\nHost: other", "no_address"),
        ("https://example.com:0/", "other_port"),
        ("https://example.com:99999/", "no_address"),
        ("https://[::1/", "no_address"),
        ("https://example.com/" + "x" * 2000, "no_address"),
        ("", "no_address"),
        ("https://example.com:22/", "other_port"),
        ("https://example.com:443/events?key=1", ""),
        ("https://program.intranet.example:8443/events?key=1", ""),
    ],
)
def test_an_address_is_judged_by_how_it_is_written(url: str, refusal: str) -> None:
    assert Webhooks(("program.intranet.example:8443",)).refusal(url) == refusal


@pytest.mark.django_db
def test_secrets_are_in_no_log_and_no_trail(
    posting: Webhooks, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="vestibule")
    row = subscribed(address=f"{receiver.origin}/hidden-path?key=hidden-key")
    receiver.status = 500
    happens(row.business, text="hidden words")
    Worker(posting).drain()
    row.refresh_from_db()
    noted = " ".join([caplog.text, row.problem, row.deliveries.get().problem, row.shown])
    noted += " ".join(f"{one.summary} {one.details}" for one in AuditEntry.objects.all())
    assert "answered 500" in noted
    assert "hidden" not in noted
