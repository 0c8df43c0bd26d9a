"""From who waits to what a browser reads: over HTTPS to a stand-in for its push service, which opens what it gets."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.integrations import authority
from tests.integrations.push_service import StandInBrowser, StandInPushService, push_service, verified
from tests.meetings.scene import Visit, make_visit
from tests.notifications.told_browsers import comes, session_of, user_of
from vestibule.booking import desk_alerts
from vestibule.integrations import outward
from vestibule.notifications import browsers, gateways
from vestibule.notifications.models import OutboxMessage, PushSubscription
from vestibule.notifications.worker import send_due
from vestibule.people.errors import Invalid
from vestibule.store import clock
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db
State = OutboxMessage.State


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def service(
    certificates: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> Iterator[StandInPushService]:
    """The stand-in, which the operator allowed though it is in the own network."""
    settings.MEETING_LISTENERS = []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates[0]))
    with push_service(certificates[1]) as running:
        settings.CONFIGURATION = load({"VESTIBULE_PUSH_HOSTS": running.host})
        forget()
        yield running
    forget()


def forget() -> None:
    outward._tls.cache_clear()
    browsers._opened.cache_clear()


def told_in(visit: Visit, browser: StandInBrowser, endpoint: str) -> PushSubscription:
    key = session_of(user_of(visit.host))
    return desk_alerts.tell_browser(visit.host, browser.address(endpoint), session_key=key, device="Firefox on Linux")


def test_a_browser_reads_that_somebody_waits_and_nobody_between_does(service: StandInPushService) -> None:
    visit, browser = make_visit(name="Ada Ng"), StandInBrowser()
    told_in(visit, browser, f"{service.origin}/push/a")
    comes(visit)
    desk_alerts.tell_due()
    assert send_due(gateways.configured()) == 1
    _path, headers, body = service.got[0]
    shown = json.loads(browser.read(body))
    assert shown["title"] == "Somebody is waiting"
    assert visit.meeting.business.name in shown["body"]
    assert headers["topic"] == shown["tag"]
    assert 590 <= int(headers["ttl"]) <= 600
    gateway = browsers.gateway()
    assert gateway is not None
    assert verified(headers["authorization"])[1] == gateway.public_key
    row = OutboxMessage.objects.get(channel="push")
    assert (row.state, row.gateway) == (State.DONE, "webpush")


def test_one_push_service_that_is_down_holds_up_no_other(service: StandInPushService, settings: LazySettings) -> None:
    visit, browser = make_visit(), StandInBrowser()
    settings.CONFIGURATION = load({"VESTIBULE_PUSH_HOSTS": f"{service.host},localhost:1"})
    forget()
    for number in range(4):
        told_in(visit, browser, f"https://localhost:1/{number}")
    told_in(visit, browser, f"{service.origin}/push/a")
    comes(visit)
    desk_alerts.tell_due()
    send_due(gateways.configured())
    states = sorted(OutboxMessage.objects.filter(channel="push").values_list("state", flat=True))
    assert states == ["done", *["queued"] * 4]


def test_a_browser_its_push_service_forgot_is_removed(service: StandInPushService) -> None:
    visit = make_visit()
    told_in(visit, StandInBrowser(), f"{service.origin}/push/a")
    comes(visit)
    desk_alerts.tell_due()
    service.status = 410
    send_due(gateways.configured())
    assert not PushSubscription.objects.exists()
    clock.advance(5 * 60)
    assert desk_alerts.tell_due() == 0


def test_a_host_that_gateways_may_reach_is_none_that_any_provider_may_have_written_to(
    service: StandInPushService, settings: LazySettings
) -> None:
    settings.CONFIGURATION = load({"VESTIBULE_GATEWAY_HOSTS": service.host})
    forget()
    with pytest.raises(Invalid):
        told_in(make_visit(), StandInBrowser(), f"{service.origin}/send?to=%2B19005551234")


@pytest.mark.parametrize("endpoint", ["https://127.0.0.1/x", "https://10.0.0.7/x", "http://push.example.net/x"])
def test_an_address_in_the_own_network_is_refused_when_it_is_given(service: StandInPushService, endpoint: str) -> None:
    with pytest.raises(Invalid):
        told_in(make_visit(), StandInBrowser(), endpoint)


def test_a_name_that_leads_into_the_own_network_later_is_not_followed(
    service: StandInPushService, settings: LazySettings
) -> None:
    visit = make_visit()
    kept = told_in(visit, StandInBrowser(), f"{service.origin}/push/a")
    settings.CONFIGURATION = load({})
    forget()
    comes(visit)
    desk_alerts.tell_due()
    send_due(gateways.configured())
    assert service.got == []
    row = OutboxMessage.objects.get(channel="push")
    assert (row.to, row.state) == (kept.ref, State.FAILED)
