"""Setting up gateways in the browser: tested, stored encrypted, ordered, removed; and what strangers get."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.integrations.mailbox import Mailbox, closed_port, smtp_server
from tests.integrations.sms_gateway import sms_gateway
from tests.notifications.letters import queue
from tests.web.manager.office import Office, make_office, url
from vestibule.notifications import gateways
from vestibule.notifications.models import Gateway, OutboxMessage
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import Role
from vestibule.people.waiting_outside import waiting_outside
from vestibule.store import clock
from vestibule.store.configuration import load

SECRET = "hunter2-is-no-password"


@pytest.fixture(autouse=True)
def here(settings: Settings) -> None:
    """Let businesses use the servers of these tests."""
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_GATEWAY_HOSTS": "127.0.0.1"})


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as running:
        yield running


def server(port: int, **more: str) -> dict[str, str]:
    return {
        "host": "127.0.0.1",
        "port": str(port),
        "security": "none",
        "username": "",
        "password": "",
        "sender": "desk@lakeside.example",
        "name": "Our mail server",
        "to": "",
        **more,
    }


def post(client: Client, data: dict[str, str], channel: str = "email", kind: str = "smtp") -> str:
    """Set a gateway up and return the text of the page that follows."""
    return client.post(url("gateway-add", channel, kind), data, follow=True).content.decode()


def connect(office: Office, mailbox: Mailbox, **more: str) -> Gateway:
    post(office.manager, server(mailbox.port, **more))
    found: Gateway = Gateway.objects.order_by("-pk")[0]
    return found


def test_a_mail_server_is_tested_stored_and_shown(office: Office, mailbox: Mailbox) -> None:
    page = post(office.manager, server(mailbox.port))
    assert "is set up" in page
    row = Gateway.objects.get()
    assert (row.business, row.channel, row.kind, row.sender) == (
        office.business,
        "email",
        "smtp",
        "desk@lakeside.example",
    )
    assert row.tested_at is not None
    assert AuditEntry.objects.filter(action="gateway.connected", subject_ref=row.ref).count() == 1
    overview = office.manager.get(url("gateways")).content.decode()
    assert "Our mail server" in overview
    assert "Works" in overview


def test_it_can_be_tested_without_being_stored(office: Office, mailbox: Mailbox) -> None:
    page = post(office.manager, server(mailbox.port, test="1", to="me@example.org"))
    assert "It works" in page
    assert not Gateway.objects.exists()
    assert mailbox.received[-1]["To"] == "me@example.org"
    assert "Lakeside Clinic" in mailbox.received[-1]["Subject"]


def test_what_does_not_work_is_said_and_not_stored(office: Office) -> None:
    answer = office.manager.post(url("gateway-add", "email", "smtp"), server(closed_port()))
    assert answer.status_code == 422
    assert "cannot be reached on this port" in answer.content.decode()
    assert not Gateway.objects.exists()


def test_a_gateway_that_cannot_prove_itself_must_take_a_test_message(office: Office) -> None:
    with sms_gateway() as there:
        access = {"url": there.url, "key": SECRET, "sender": "Clinic", "name": "", "to": ""}
        assert "Only a test message shows" in post(office.manager, access, "sms", "http")
        assert not Gateway.objects.exists()
        assert "is set up" in post(office.manager, {**access, "to": "+44 7700 900123"}, "sms", "http")
        assert [request["to"] for request in there.requests] == ["+447700900123"]


def test_a_secret_is_nowhere_to_be_found(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    pages = []
    with sms_gateway() as there:
        access = {"url": there.url, "key": SECRET, "sender": "Clinic", "name": "Texts", "to": "+447700900123"}
        post(office.manager, access, "sms", "http")
        row = Gateway.objects.get()
        for status in (200, 401, 500):
            there.status = status
            pages.append(office.manager.post(url("gateway-test", row.ref), {"to": "+447700900123"}).content.decode())
        pages += [office.manager.get(url(name, *args)).content.decode() for name, *args in _pages(row)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM notifications_gateway")
        stored = str(cursor.fetchall())
    assert SECRET not in stored
    assert gateways.access_of(row)["key"] == SECRET
    audit = str(list(AuditEntry.objects.values()))
    for text in (caplog.text, audit, repr(gateways.opened(row)), *pages):
        assert SECRET not in text


def _pages(row: Gateway) -> list[tuple[str, ...]]:
    of_one = [(name, row.ref) for name in ("gateway", "gateway-remove", "gateway-address")]
    return [("gateways",), *of_one, ("activity",)]


def test_a_name_may_change_alone_and_a_secret_stays_when_it_is_left_empty(office: Office) -> None:
    with sms_gateway() as there:
        access = {"url": there.url, "key": SECRET, "sender": "Clinic", "name": "Texts", "to": "+447700900123"}
        post(office.manager, access, "sms", "http")
        row = Gateway.objects.get()
        office.manager.post(url("gateway", row.ref), {**access, "key": "", "name": "By text", "to": ""})
        assert len(there.requests) == 1
    row.refresh_from_db()
    assert (row.name, gateways.access_of(row)["key"]) == ("By text", SECRET)


def test_a_stored_secret_is_not_sent_to_another_server(office: Office) -> None:
    with sms_gateway() as there, sms_gateway() as elsewhere:
        access = {"url": there.url, "key": SECRET, "sender": "Clinic", "name": "Texts", "to": "+447700900123"}
        post(office.manager, access, "sms", "http")
        row = Gateway.objects.get()
        moved = {**access, "url": elsewhere.url, "key": ""}
        answer = office.manager.post(url("gateway", row.ref), moved)
        assert "kept only for the server" in answer.content.decode()
        assert elsewhere.requests == []
        office.manager.post(url("gateway", row.ref), {**moved, "key": "new"})
        assert elsewhere.headers[0]["authorization"] == "Bearer new"


def test_the_order_changes_and_a_gateway_can_rest(office: Office, mailbox: Mailbox) -> None:
    first, second = connect(office, mailbox, name="One"), connect(office, mailbox, name="Two")
    assert (first.position, second.position) == (0, 1)
    office.manager.post(url("gateway-first", second.ref))
    assert [row.name for row in Gateway.objects.all()] == ["Two", "One"]
    office.manager.post(url("gateway-switch", second.ref), {"do": "off"})
    [carrier] = gateways.own_carriers("email", [office.business.pk])[office.business.pk]
    assert carrier.title == "One"
    page = office.manager.get(url("gateway", second.ref)).content.decode()
    assert "Not used" in page
    office.manager.post(url("gateway-switch", second.ref), {"do": "on"})
    assert len(gateways.own_carriers("email", [office.business.pk])[office.business.pk]) == 2


def test_removing_says_what_becomes_of_what_is_due(office: Office, mailbox: Mailbox) -> None:
    first, second = connect(office, mailbox, name="One"), connect(office, mailbox, name="Two")
    page = office.manager.get(url("gateway-remove", first.ref)).content.decode()
    assert "go out by “Two”" in page
    office.manager.post(url("gateway-remove", first.ref))
    page = office.manager.get(url("gateway-remove", second.ref)).content.decode()
    assert "this installation has no mail server" in page
    assert "Messages still due: " in page
    OutboxMessage.objects.all().delete()
    assert "still due" not in office.manager.get(url("gateway-remove", second.ref)).content.decode()
    office.manager.post(url("gateway-remove", second.ref))
    assert not Gateway.objects.exists()
    assert AuditEntry.objects.filter(action="gateway.removed").count() == 2


def test_what_waits_is_tried_at_once_when_a_gateway_works_again(office: Office, mailbox: Mailbox) -> None:
    row = connect(office, mailbox)
    Gateway.objects.filter(pk=row.pk).update(failing_since=clock.now(), problem="down")
    OutboxMessage.objects.update(attempts=3, due_at=clock.now(), next_at=clock.now().replace(year=2099))
    office.manager.post(url("gateway-test", row.ref), {"to": ""})
    row.refresh_from_db()
    assert row.failing_since is None
    assert not OutboxMessage.objects.filter(channel="email", state="queued", next_at__gt=clock.now()).exists()


def test_a_gateway_that_fails_says_since_when_and_why(office: Office, mailbox: Mailbox) -> None:
    row = connect(office, mailbox)
    Gateway.objects.filter(pk=row.pk).update(failing_since=clock.now(), problem="the mail server answered 535")
    for page in (url("gateways"), url("gateway", row.ref)):
        assert "he mail server answered 535" in office.manager.get(page).content.decode()


def test_who_opens_the_office_sees_that_a_gateway_fails_and_whether_another_stands_in(
    office: Office, mailbox: Mailbox
) -> None:
    row = connect(office, mailbox)
    assert "takes no messages" not in office.manager.get(url("")).content.decode()
    Gateway.objects.filter(pk=row.pk).update(failing_since=clock.now(), problem="the mail server answered 535")
    page = office.manager.get(url("")).content.decode()
    assert "takes no messages: the mail server answered 535" in page
    assert "Its messages wait" in page
    assert "One fails" in office.manager.get(reverse("manage-setup")).content.decode()
    connect(office, mailbox, name="Spare")
    assert "The next gateway stands in" in office.manager.get(url("")).content.decode()
    assert "takes no messages" not in office.as_(Role.SCHEDULER).get(url("")).content.decode()


def test_who_opens_the_office_sees_that_the_installations_gateway_takes_nothing(office: Office) -> None:
    def tried(minutes_ago: int, **more: Any) -> OutboxMessage:
        due = clock.now() - timedelta(minutes=minutes_ago)
        row = queue(business_id=office.business.pk, due_at=due)
        values = {"attempts": 3, "last_error": "no answer from the mail server", **more}
        OutboxMessage.objects.filter(pk=row.pk).update(**values)
        return row

    tried(2)
    tried(30, attempts=0)
    assert "cannot leave" not in office.manager.get(url("")).content.decode()
    tried(30)
    tried(20)
    page = office.manager.get(url("")).content.decode()
    assert "2 messages wait and cannot leave" in page
    assert "takes nothing: no answer from the mail server" in page
    Gateway.objects.create(business=office.business, channel="email", kind="smtp", name="Own", access="x")
    assert "cannot leave" not in office.manager.get(url("")).content.decode()


@pytest.mark.parametrize("role", [Role.SCHEDULER, Role.PROVIDER, Role.VIEWER])
def test_only_who_manages_set_up_sees_or_changes_gateways(office: Office, mailbox: Mailbox, role: Role) -> None:
    row, client = connect(office, mailbox), office.as_(role)
    for name, *args in [*_pages(row)[:4], ("gateway-kinds", "sms"), ("gateway-add", "email", "smtp")]:
        assert client.get(url(name, *args)).status_code == 403
    for name in ("gateway-test", "gateway-first", "gateway-switch", "gateway-remove", "gateway-address"):
        assert client.post(url(name, row.ref)).status_code == 403


def test_another_business_sees_and_changes_nothing(office: Office, mailbox: Mailbox) -> None:
    row, stranger = connect(office, mailbox), make_office(slug="harbour-bank", name="Harbour Bank").manager
    assert "Our mail server" not in stranger.get(url("gateways")).content.decode()
    assert stranger.get(url("gateway", row.ref)).status_code == 404
    for name in ("gateway-test", "gateway-first", "gateway-switch", "gateway-remove", "gateway-address"):
        assert stranger.post(url(name, row.ref)).status_code == 404


@pytest.mark.parametrize(
    "path", [("gateway-kinds", "push"), ("gateway-add", "email", "pigeon"), ("gateway-kinds", "x")]
)
def test_kinds_that_do_not_exist_are_not_found(office: Office, path: tuple[str, ...]) -> None:
    assert office.manager.get(url(*path)).status_code == 404


def test_every_kind_has_a_page_that_can_be_filled_in(office: Office, settings: Settings) -> None:
    kinds: list[tuple[str, str]] = [("email", kind) for kind in settings.MAIL_GATEWAYS]
    kinds += [("sms", kind) for kind in settings.SMS_GATEWAYS]
    for channel, kind in kinds:
        answer: Any = office.manager.get(url("gateway-add", channel, kind))
        assert answer.status_code == 200
        assert office.manager.post(url("gateway-add", channel, kind), {"name": "x"}).status_code == 422


def test_the_set_up_search_finds_it(office: Office) -> None:
    page = office.manager.get(reverse("manage-setup"), {"q": "twilio"}).content.decode()
    assert url("gateways") in page


def test_five_gateways_of_a_channel_are_enough(office: Office, mailbox: Mailbox) -> None:
    for number in range(5):
        connect(office, mailbox, name=f"Server {number}")
    assert "five gateways already" in post(office.manager, server(mailbox.port))
    assert Gateway.objects.count() == 5


def test_servers_that_take_their_time_do_not_take_all_pages_with_them(office: Office) -> None:
    with sms_gateway() as there, waiting_outside(f"business:{office.business.pk}"):
        access = {"url": there.url, "key": "", "sender": "", "name": "", "to": "+447700900123", "test": "1"}
        assert "Another server is being asked right now" in post(office.manager, access, "sms", "http")
        assert there.requests == []


def test_test_messages_cannot_be_used_to_flood_somebody(office: Office) -> None:
    with sms_gateway() as there:
        access = {"url": there.url, "key": "", "sender": "", "name": "", "to": "+447700900123", "test": "1"}
        for _ in range(10):
            assert "It works" in post(office.manager, access, "sms", "http")
        answer = office.manager.post(url("gateway-add", "sms", "http"), access)
        assert "tried too often" in answer.content.decode()
        assert len(there.requests) == 10


@pytest.mark.parametrize("number", ["12", "hello", "+44 7700 900123 ext. 5", "+1" + "5" * 30])
def test_a_test_message_goes_to_one_telephone_number(office: Office, number: str) -> None:
    with sms_gateway() as there:
        access = {"url": there.url, "key": "", "sender": "", "name": "", "to": number, "test": "1"}
        assert "Enter a telephone number" in post(office.manager, access, "sms", "http")
        assert there.requests == []


def test_where_reports_and_answers_are_posted_is_shown_where_they_can_arrive(
    office: Office, settings: Settings
) -> None:
    gateway = Gateway.objects.create(
        business=office.business,
        channel="sms",
        kind="http",
        name="Ours",
        sender="",
        access=gateways.sealed({"url": "x"}),
    )
    assert "What comes back" not in office.manager.get(url("gateway", gateway.ref)).content.decode()
    settings.PUBLIC_URL = "https://visits.example.org"
    page = office.manager.get(url("gateway", gateway.ref)).content.decode()
    assert f"https://visits.example.org/hooks/messages/{gateway.hook}" in page
    assert gateways.hook_key(gateway) in page


def test_an_address_somebody_may_have_read_is_replaced(office: Office, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://visits.example.org"
    gateway = Gateway.objects.create(
        business=office.business, channel="email", kind="postmark", name="Post", access=gateways.sealed({"x": "y"})
    )
    former = gateways.callback(gateway)
    assert office.manager.get(url("gateway-address", gateway.ref)).status_code == 200
    assert gateways.callback(Gateway.objects.get()) == former, "asking changes nothing"
    answer = office.manager.post(url("gateway-address", gateway.ref), follow=True)
    now = gateways.callback(Gateway.objects.get())
    assert now != former
    assert now.replace("&", "&amp;") in answer.content.decode()
    reader = Client()
    assert reader.post(former.removeprefix("https://visits.example.org")).status_code == 404
    key = former.partition("?key=")[2]
    assert reader.post(f"/hooks/messages/{Gateway.objects.get().hook}?key={key}").status_code == 401
    assert AuditEntry.objects.filter(action="gateway.address_renewed").exists()


@pytest.mark.parametrize(
    ("kind", "access", "is_keyed"),
    [
        ("http", {"url": "x"}, False),
        ("twilio", {"account": "AC", "secret": "x"}, False),
        ("twilio", {"account": "AC", "key": "SK", "secret": "x"}, True),
        ("acs", {"connection_string": "x"}, True),
    ],
)
def test_an_address_holds_the_key_only_where_nothing_else_proves_who_posts(
    office: Office, settings: Settings, kind: str, access: dict[str, str], is_keyed: bool
) -> None:
    settings.PUBLIC_URL = "https://visits.example.org"
    gateway = Gateway.objects.create(
        business=office.business, channel="sms", kind=kind, name="Ours", sender="", access=gateways.sealed(access)
    )
    assert (gateways.hook_key(gateway) in gateways.callback(gateway)) is is_keyed
