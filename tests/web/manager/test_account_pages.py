"""Microsoft 365 in the office: set up once, what is missing in words, and calendars in Outlook by their mailbox."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.integrations.contracts import MAIL
from tests.integrations.microsoft import ALL, MAILBOX, SECRET, Microsoft, microsoft
from tests.web.manager.office import Office, make_office, url
from vestibule.calendars import worker
from vestibule.calendars.models import BusyInterval, Connection, ShownAppointment
from vestibule.integrations.microsoft365 import tokens
from vestibule.notifications import gateways
from vestibule.notifications.ports import DeliveryError
from vestibule.people.models import OutsideAccount
from vestibule.people.permissions import Role
from vestibule.store import clock
from vestibule.store.configuration import load

ACCOUNT = "microsoft365"


@pytest.fixture
def cloud(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Microsoft]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_GATEWAY_HOSTS": "127.0.0.1"})
    with microsoft() as running:
        yield running


def typed(cloud: Microsoft, **more: str) -> dict[str, str]:
    return {**cloud.access, "certificate": "", "organizer": "", **more}


def set_up(client: Client, cloud: Microsoft, **more: str) -> str:
    return client.post(url("account", ACCOUNT), typed(cloud, **more), follow=True).content.decode()


def add_outlook(client: Client, mailbox: str = MAILBOX) -> Any:
    data = {"url": mailbox, "name": "", "all_day_counts": "on", "tolerance_minutes": "60"}
    return client.post(url("provider-calendar-outlook", "dr-ada-blum"), data, follow=True)


def test_an_account_is_set_up_and_its_page_says_what_is_missing(office: Office, cloud: Microsoft) -> None:
    cloud.roles = tuple(one for one in ALL if not one.startswith("Bookings"))
    page = set_up(office.manager, cloud)
    assert "Microsoft 365 is set up" in page
    assert "Everything calendars need works." in page
    assert "Bookings.Manage.All. Then Grant admin consent." in page
    assert "Grant-CsApplicationAccessPolicy" in page
    assert SECRET not in page
    assert OutsideAccount.objects.get().business == office.business


def test_what_is_only_tested_is_shown_and_not_stored(office: Office, cloud: Microsoft) -> None:
    page = set_up(office.manager, cloud, test="1")
    assert "Nothing is stored yet." in page
    assert not OutsideAccount.objects.exists()


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(office: Office, cloud: Microsoft) -> None:
    page = set_up(office.manager, cloud, secret="wrong")
    assert "This is not the secret of the application." in page
    assert f'value="{cloud.access["tenant"]}"' in page
    assert not OutsideAccount.objects.exists()


def test_an_account_is_looked_at_again_and_removed(office: Office, cloud: Microsoft) -> None:
    set_up(office.manager, cloud)
    cloud.sign_in_fault = (401, "AADSTS7000222")
    monday = tokens.Tokens()
    tokens.kept = monday  # another day: the token of then has ended
    page = office.manager.post(url("account-look", ACCOUNT), follow=True).content.decode()
    assert "The secret has expired." in page
    office.manager.post(url("account-remove", ACCOUNT))
    assert not OutsideAccount.objects.exists()
    assert office.manager.get(url("account-remove", ACCOUNT)).status_code == 404


def test_outlook_needs_the_account_first(office: Office, cloud: Microsoft) -> None:
    page = office.manager.get(url("provider-calendar-outlook", "dr-ada-blum")).content.decode()
    assert url("account", ACCOUNT) in page
    theirs = office.as_(Role.PROVIDER).get(url("provider-calendar-outlook", "dr-ada-blum")).content.decode()
    assert url("account", ACCOUNT) not in theirs, "who may not set it up is not sent there"
    assert add_outlook(office.manager).status_code == 200
    assert not Connection.objects.exists()


def test_a_calendar_in_outlook_makes_busy_and_shows_appointments(office: Office, cloud: Microsoft) -> None:
    set_up(office.manager, cloud)
    day = f"{clock.now():%Y-%m-%d}"
    cloud.has(f"{day}T13:00", f"{day}T14:00", subject="Dentist")
    page = add_outlook(office.as_(Role.PROVIDER)).content.decode()
    connection = Connection.objects.get()
    assert MAILBOX in page
    assert (connection.kind, connection.host) == ("outlook", MAILBOX)

    worker.sync_due()
    assert [row.end_minute - row.start_minute for row in BusyInterval.objects.filter(provider=office.ada)] == [60]

    calendar = connection.calendars.get()
    saved = {"name": "Outlook", f"busy_{calendar.pk}": "on", "receives": str(calendar.pk), "tolerance_minutes": "60"}
    office.manager.post(url("connection", connection.ref), saved)
    worker.sync_due()
    ours = [one for one in cloud.events.values() if "transactionId" in one]
    assert len(ours) == 2, "both appointments stand there"
    assert set(ShownAppointment.objects.values_list("state", flat=True)) == {"done"}

    clock.advance(600)
    worker.sync_due()
    assert BusyInterval.objects.filter(provider=office.ada).count() == 1, "what is ours makes nobody busy"


def test_a_mailbox_that_is_not_there_is_said_so_at_its_field(office: Office, cloud: Microsoft) -> None:
    set_up(office.manager, cloud)
    page = add_outlook(office.manager, "nobody@clinic.example").content.decode()
    assert "Microsoft 365 knows no calendar of this mailbox." in page
    assert not Connection.objects.exists()


def test_without_its_account_a_calendar_says_what_to_mend(office: Office, cloud: Microsoft) -> None:
    set_up(office.manager, cloud)
    add_outlook(office.manager)
    office.manager.post(url("account-remove", ACCOUNT))
    worker.sync_due()
    page = office.manager.get(url("connection", Connection.objects.get().ref)).content.decode()
    assert "the account of the business is missing" in page


def test_the_account_of_another_business_is_neither_seen_nor_used(office: Office, cloud: Microsoft) -> None:
    set_up(make_office(slug="elsewhere", name="Elsewhere").manager, cloud)
    assert cloud.access["tenant"] not in office.manager.get(url("account", ACCOUNT)).content.decode()
    assert office.manager.post(url("account-look", ACCOUNT)).status_code == 404
    add_outlook(office.manager)
    assert not Connection.objects.filter(business=office.business).exists()


def test_mail_leaves_from_a_mailbox_by_the_account_and_follows_its_changes(office: Office, cloud: Microsoft) -> None:
    page = office.manager.post(
        url("gateway-add", "email", ACCOUNT), {"sender": MAILBOX, "name": "", "to": "a@b.example"}
    )
    assert "Set up your account first" in page.content.decode()
    set_up(office.manager, cloud)
    made = office.manager.post(
        url("gateway-add", "email", ACCOUNT), {"sender": MAILBOX, "name": "", "to": "a@b.example"}, follow=True
    )
    assert "is set up" in made.content.decode()
    assert cloud.mails[0]["To"] == "a@b.example"

    (before,) = gateways.own_carriers("email", [office.business.pk])[office.business.pk]
    (same,) = gateways.own_carriers("email", [office.business.pk])[office.business.pk]
    assert same.gateway is before.gateway
    set_up(office.manager, cloud)  # stored anew: the former access must be used no more
    (after,) = gateways.own_carriers("email", [office.business.pk])[office.business.pk]
    assert after.gateway is not before.gateway
    office.manager.post(url("account-remove", ACCOUNT))
    (without,) = gateways.own_carriers("email", [office.business.pk])[office.business.pk]
    gateway: Any = without.gateway
    with pytest.raises(DeliveryError) as waits:
        gateway.send(MAIL)
    assert (waits.value.permanent, waits.value.of_gateway) == (False, True)


def test_an_unknown_kind_of_account_is_not_there(office: Office) -> None:
    assert office.manager.get(url("account", "shop")).status_code == 404
