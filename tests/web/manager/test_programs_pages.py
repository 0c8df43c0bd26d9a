"""Letting programs written for Microsoft's services in, and shutting them out again."""

import re

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.web.manager.office import Office, make_office, url
from vestibule.people import applications, communication
from vestibule.people.communication import Resource
from vestibule.people.models import Application, AuditEntry
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db
ALL = {"is_on": "on", "services": list(communication.SERVICES)}


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def with_address(settings: LazySettings) -> str:
    address = "https://programs.example"
    settings.PROGRAMS_URL = address
    return address


def answering() -> list[Resource]:
    """Every resource as a process sees it that has read none before."""
    communication.forget()
    return list(communication.answering().values())


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_nothing_is_on_before_somebody_switches_it_on(office: Office) -> None:
    assert communication.of(office.business.pk) is None
    assert not answering()
    assert applications.tenant_of(office.business.pk) is None
    shown = text(office.manager, url("programs"))
    assert shown.count(">Off<") + shown.count("Off</span>") >= 2


def test_a_resource_is_switched_on_and_its_connection_string_is_shown_when_asked_for(
    office: Office, with_address: str
) -> None:
    client = office.manager
    assert client.post(url("programs-azure"), ALL).status_code == 302
    assert len(answering()) == 1
    assert "accesskey=" not in text(client, url("programs-azure"))
    shown = client.post(url("programs-key", "primary")).content.decode()
    assert f"endpoint={with_address}/;accesskey=" in shown
    assert AuditEntry.objects.filter(action="programs.access_key_seen").count() == 1
    assert "accesskey" not in str(list(AuditEntry.objects.values_list("summary", "details")))


def test_switched_off_it_answers_nobody_and_keeps_its_keys(office: Office, with_address: str) -> None:
    client = office.manager
    client.post(url("programs-azure"), ALL)
    before = client.post(url("programs-key", "primary")).content
    client.post(url("programs-azure"), {"services": ["chat"]})
    assert not answering()
    client.post(url("programs-azure"), ALL)
    keys = [
        re.findall(rb"accesskey=([^\"&]+)", page)
        for page in (before, client.post(url("programs-key", "primary")).content)
    ]
    assert keys[0] == keys[1] != []


def test_it_cannot_be_on_for_nothing(office: Office) -> None:
    answer = office.manager.post(url("programs-azure"), {"is_on": "on"})
    assert answer.status_code == 422
    assert "at least one of these services" in answer.content.decode()


def test_a_key_is_renewed_while_the_other_goes_on(office: Office) -> None:
    client = office.manager
    client.post(url("programs-azure"), ALL)
    (before,) = answering()
    assert client.post(url("programs-key-renew", "primary")).status_code == 302
    (after,) = answering()
    assert after.key("primary").clear != before.key("primary").clear
    assert after.key("secondary") == before.key("secondary")
    assert client.get(url("programs-key-renew", "third")).status_code == 404


def test_without_an_address_for_programs_it_is_said_what_is_missing(office: Office, settings: LazySettings) -> None:
    settings.PROGRAMS_URL = ""
    client = office.manager
    client.post(url("programs-azure"), ALL)
    shown = text(client, url("programs-azure"))
    assert "VESTIBULE_ACS_URL" in shown
    assert "Show the connection string" not in shown


def test_an_application_is_registered_gets_secrets_and_is_shut_out(office: Office) -> None:
    client = office.manager
    client.post(url("programs-graph"), {"switch": "on"})
    asked = {"name": "Practice software", "permissions": ["Bookings.Read.All"]}
    made = client.post(url("programs-graph"), asked)
    assert made.status_code == 201
    first = re.findall(r'id="new-secret">([^<]+)<', made.content.decode())[0]
    row = Application.objects.get()
    tenant = str(office.business.graph_tenant.tenant)
    token = applications.grant(tenant, str(row.client_id), first).token
    assert applications.program(token).permissions == {"Bookings.Read.All"}
    assert first not in text(client, url("programs-application", row.pk))
    more = client.post(url("programs-application", row.pk), {"add": "1"}).content.decode()
    second = re.findall(r'id="new-secret">([^<]+)<', more)[0]
    old = row.secrets.earliest("pk")
    client.post(url("programs-application", row.pk), {"end": str(old.pk)})
    for refused in (lambda: applications.program(token), lambda: applications.grant(tenant, str(row.client_id), first)):
        with pytest.raises(applications.NotAuthenticated):
            refused()
    fresh = applications.grant(office.business.slug, str(row.client_id), second).token
    client.post(url("programs-application-end", row.pk))
    with pytest.raises(applications.NotAuthenticated):
        applications.program(fresh)


def test_two_applications_have_two_names(office: Office) -> None:
    client = office.manager
    client.post(url("programs-graph"), {"switch": "on"})
    asked = {"name": "Practice software", "permissions": ["Bookings.Read.All"]}
    assert client.post(url("programs-graph"), asked).status_code == 201
    assert client.post(url("programs-graph"), asked).status_code == 422
    client.post(url("programs-application-end", Application.objects.get().pk))
    assert client.post(url("programs-graph"), asked).status_code == 201


def test_switched_off_a_tenant_gives_no_token_and_takes_none(office: Office) -> None:
    client = office.manager
    client.post(url("programs-graph"), {"switch": "on"})
    asked = {"name": "Practice software", "permissions": ["Bookings.Read.All"]}
    secret = re.findall(r'id="new-secret">([^<]+)<', client.post(url("programs-graph"), asked).content.decode())[0]
    row = Application.objects.get()
    token = applications.grant(office.business.slug, str(row.client_id), secret).token
    client.post(url("programs-graph"), {"switch": "off"})
    for refused in (
        lambda: applications.program(token),
        lambda: applications.grant(office.business.slug, str(row.client_id), secret),
    ):
        with pytest.raises(applications.NotAuthenticated):
            refused()


def test_an_application_has_five_secrets_at_most_and_it_says_so(office: Office) -> None:
    client = office.manager
    client.post(url("programs-graph"), {"switch": "on"})
    client.post(url("programs-graph"), {"name": "Practice software", "permissions": ["Bookings.Read.All"]})
    row = Application.objects.get()
    answers = [client.post(url("programs-application", row.pk), {"add": "1"}).status_code for _number in range(5)]
    assert answers == [201, 201, 201, 201, 422]


def test_a_provider_sees_nothing_of_it(office: Office) -> None:
    assert office.as_(Role.PROVIDER).get(url("programs-azure")).status_code == 403
    assert office.as_(Role.PROVIDER).post(url("programs-key", "primary")).status_code == 403
