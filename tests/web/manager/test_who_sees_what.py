"""Every page for every role, for strangers, and for nobody."""

import re
from collections.abc import Iterator

import pytest
from django.db.models import QuerySet
from django.test import Client

from tests.factories import make_business, make_membership
from tests.web.manager.office import Office, make_office, url
from tests.web.manager.things import ABOUT_ONE_THING, ONLY_POST, addresses
from vestibule.booking.models import Service
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import Role
from vestibule.web.manager.urls import urlpatterns

OPEN = frozenset(Role)
OFFICE = OPEN - {Role.PROVIDER}
RUN = frozenset({Role.OWNER, Role.MANAGER})
BOOK = OPEN - {Role.VIEWER}

SEEN_BY = {
    "manage": OFFICE,
    "manage-calendar": OPEN,
    "manage-calendar-check": BOOK,
    "manage-calendar-starts": BOOK,
    "manage-absence": BOOK,
    "manage-transfer": OFFICE - {Role.VIEWER},
    "manage-transfer-import": OFFICE - {Role.VIEWER},
    "manage-transfer-consumers": OFFICE - {Role.VIEWER},
    "manage-transfer-calendar": OFFICE - {Role.VIEWER},
    "manage-transfer-busy": OFFICE - {Role.VIEWER},
    "manage-transfer-events": OFFICE - {Role.VIEWER},
    "manage-waitlist": OPEN,
    "manage-in-step": OFFICE,
    "manage-waitlist-remove": OFFICE - {Role.VIEWER},
    "manage-appointments": OPEN,
    "manage-appointments-file": OPEN,
    "manage-appointment": OPEN,
    "manage-appointment-move": BOOK,
    "manage-appointment-time": BOOK,
    "manage-appointment-follow-up": BOOK,
    "manage-appointment-decline": BOOK,
    "manage-appointment-files": OPEN,
    "manage-appointment-file": OPEN,
    "manage-appointment-cancel": BOOK,
    "manage-appointment-resend": OFFICE - {Role.VIEWER},
    "manage-book": BOOK,
    "manage-book-time": BOOK,
    "manage-book-contact": BOOK,
    "manage-why": OPEN,
    "manage-reports": OFFICE,
    "manage-report-file": OFFICE,
    "manage-visit-report": OFFICE,
    "manage-visit-report-file": OFFICE,
    "manage-message-report": OFFICE,
    "manage-message-report-file": OFFICE,
    "manage-results": OFFICE,
    "manage-results-file": OFFICE,
    "manage-activity": RUN,
    "manage-setup": OPEN,
    "manage-business": OPEN,
    "manage-brand": OPEN,
    "manage-rules": OPEN,
    "manage-hours": OPEN,
    "manage-holidays": OPEN,
    "manage-days": OPEN,
    "manage-day-remove": RUN,
    "manage-off-remove": RUN,
    "manage-trip-remove": RUN | {Role.PROVIDER},
    "manage-visit-rules": OPEN,
    "manage-ways": OPEN,
    "manage-way": OPEN,
    "manage-preset": OPEN,
    "manage-areas": OPEN,
    "manage-area": OPEN,
    "manage-area-hours": OPEN,
    "manage-area-content": OPEN,
    "manage-area-retire": RUN,
    "manage-own-texts": OPEN,
    "manage-own-texts-in": OPEN,
    "manage-texts": OPEN,
    "manage-sending": OPEN,
    "manage-words": OPEN,
    "manage-words-edit": OPEN,
    "manage-words-mail": OPEN,
    "manage-service-words": OPEN,
    "manage-sending-rules": OPEN,
    "manage-service-sending": OPEN,
    "manage-text": RUN,
    "manage-resources": OPEN,
    "manage-resource-new": RUN,
    "manage-resource": OPEN,
    "manage-resource-retire": RUN,
    "manage-closure-remove": RUN,
    "manage-locations": OPEN,
    "manage-location": OPEN,
    "manage-location-remove": RUN,
    "manage-services": OPEN,
    "manage-service-new": RUN,
    "manage-service": OPEN,
    "manage-service-rules": OPEN,
    "manage-service-availability": OPEN,
    "manage-service-range": RUN,
    "manage-service-range-remove": RUN,
    "manage-service-needs": OPEN,
    "manage-service-offers": OPEN,
    "manage-service-questions": OPEN,
    "manage-question-new": OPEN,
    "manage-question": OPEN,
    "manage-question-remove": RUN,
    "manage-service-retire": RUN,
    "manage-providers": OPEN,
    "manage-provider-new": RUN,
    "manage-provider": OPEN,
    "manage-provider-offers": OPEN,
    "manage-provider-hours": OPEN,
    "manage-provider-days": OPEN,
    "manage-provider-rules": OPEN,
    "manage-schedules": OPEN,
    "manage-schedule": OPEN,
    "manage-schedule-remove": RUN | {Role.PROVIDER},
    "manage-schedule-day-remove": RUN | {Role.PROVIDER},
    "manage-provider-sign-in": OPEN,
    "manage-connections": RUN,
    "manage-connection": RUN | {Role.PROVIDER},
    "manage-connection-access": RUN | {Role.PROVIDER},
    "manage-connection-remove": RUN | {Role.PROVIDER},
    "manage-provider-calendars": RUN | {Role.PROVIDER},
    "manage-provider-calendar-address": RUN | {Role.PROVIDER},
    "manage-provider-calendar-account": RUN | {Role.PROVIDER},
    "manage-provider-calendar-outlook": RUN | {Role.PROVIDER},
    "manage-account": RUN,
    "manage-account-remove": RUN,
    "manage-account-signed-in": RUN,
    "manage-account-sign-out": RUN,
    "manage-bookings": RUN,
    "manage-bookings-choose": RUN,
    "manage-bookings-import": RUN,
    "manage-bookings-export": RUN,
    "manage-bookings-unlink": RUN,
    "manage-microsoft365": RUN,
    "manage-acs": RUN,
    "manage-provider-deactivate": RUN,
    "manage-staff": OPEN,
    "manage-staff-invite": RUN,
    "manage-staff-member": OPEN,
    "manage-staff-deactivate": RUN,
    "manage-staff-second-steps": RUN,
    "manage-survey": OPEN,
    "manage-survey-new": OPEN,
    "manage-survey-question": OPEN,
    "manage-survey-remove": RUN,
    "manage-survey-elsewhere": RUN,
    "manage-survey-stop": RUN,
    "manage-experience": OPEN,
    "manage-experience-review": OPEN,
    "manage-experience-discard": RUN,
    "manage-experience-versions": OPEN,
    "manage-experience-version": OPEN,
    "manage-experience-step": OPEN,
    "manage-experience-questions": OPEN,
    "manage-experience-question-new": OPEN,
    "manage-experience-question": OPEN,
    "manage-experience-mail": OPEN,
    "manage-experience-sms": OPEN,
    "manage-experience-preview": OPEN,
    "manage-take-away": OPEN,
    "manage-take-away-file": OPEN,
    "manage-take-away-zip": RUN,
    "manage-embed": OPEN,
    "manage-embed-try": OPEN,
    "manage-links": OPEN,
    "manage-keys": RUN,
    "manage-key-revoke": RUN,
    "manage-programs": RUN,
    "manage-programs-azure": RUN,
    "manage-programs-key-renew": RUN,
    "manage-programs-graph": RUN,
    "manage-programs-application": RUN,
    "manage-programs-application-end": RUN,
    "manage-events": RUN,
    "manage-event-new": RUN,
    "manage-event": RUN,
    "manage-event-end": RUN,
    "manage-messages": OFFICE,
    "manage-message": OFFICE,
    "manage-messages-ahead": OFFICE,
    "manage-incoming": OFFICE,
    "manage-addresses": OFFICE,
    "manage-address-right": OFFICE - {Role.VIEWER},
    "manage-consents-file": OFFICE - {Role.VIEWER},
    "manage-gateways": RUN,
    "manage-gateway": RUN,
    "manage-gateway-kinds": RUN,
    "manage-gateway-add": RUN,
    "manage-gateway-remove": RUN,
    "manage-gateway-address": RUN,
}


STORES_NOTHING = {"manage-links", "manage-embed-try"}
"""Pages whose form only answers a question."""


def test_every_page_is_named_here() -> None:
    assert {str(one.name) for one in urlpatterns} == set(SEEN_BY) | ONLY_POST  # type: ignore[union-attr]  # none is an include


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_what_it_may(office: Office, role: Role) -> None:
    client = office.as_(role)
    seen = {name: client.get(address).status_code for name, address in addresses(office).items()}
    wanted = {name: 200 if role in roles else 403 for name, roles in SEEN_BY.items()}
    if role in RUN:
        wanted["manage-account-signed-in"] = 302  # whatever it came to is said on another page
    if role is Role.PROVIDER:
        wanted["manage"] = 302
    assert seen == wanted


def test_a_provider_is_sent_to_the_desk(office: Office) -> None:
    assert office.as_(Role.PROVIDER).get(url(""))["Location"] == "/desk"


def test_nobody_is_sent_to_sign_in_and_back(office: Office) -> None:
    for address in addresses(office).values():
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/signin?next=")


def test_what_belongs_to_another_business_is_not_there(office: Office) -> None:
    theirs = make_office(slug="harbour-bank", name="Harbour Bank")
    Service.objects.filter(business=theirs.business).update(slug="mortgage-talk")
    type(theirs.ada).objects.filter(pk=theirs.ada.pk).update(slug="amelia-stone")
    foreign = {name: address for name, address in addresses(theirs).items() if name in ABOUT_ONE_THING}
    client = office.manager
    assert {name: client.get(address).status_code for name, address in foreign.items()} == dict.fromkeys(foreign, 404)
    assert {name: client.post(address).status_code for name, address in foreign.items()} == dict.fromkeys(foreign, 404)


def test_lists_hold_the_own_business_only(office: Office) -> None:
    theirs = make_office(slug="harbour-bank", name="Harbour Bank")
    type(theirs.ada).objects.filter(pk=theirs.ada.pk).update(name="Amelia Stone")
    Service.objects.filter(business=theirs.business).update(name="Mortgage talk")
    theirs.booked.__class__.objects.filter(business=theirs.business).update(name="Finn Fremd")
    for name in (
        "",
        "calendar",
        "appointments",
        "services",
        "providers",
        "staff",
        "messages",
        "activity",
        "book",
        "waitlist",
        "transfer",
        "absence",
    ):
        page = office.manager.get(url(name, date="2030-03-05") if name == "calendar" else url(name)).content.decode()
        for word in ("Amelia Stone", "Mortgage talk", "Finn Fremd", "harbour-bank", "Harbour Bank"):
            assert word not in page, (name, word)


def forms_in(page: str) -> Iterator[str]:
    """Each form that posts, but for signing out."""
    for part in page.split('<form method="post"')[1:]:
        if "signout" not in part.split(">", 1)[0]:
            yield part


def changes() -> QuerySet[AuditEntry]:
    """What is written down of changes; who takes a file away is written down too, and changes nothing."""
    return AuditEntry.objects.exclude(action="data.exported")


def test_a_viewer_sees_everything_and_changes_nothing(office: Office) -> None:
    client = office.as_(Role.VIEWER)
    for name, address in addresses(office).items():
        if Role.VIEWER not in SEEN_BY[name] or name in STORES_NOTHING:
            continue
        answer = client.get(address)
        if answer["Content-Type"].startswith("text/html"):
            main = answer.content.decode().partition("<main")[2]  # a mail in its frame has none
            for part in forms_in(main):
                body = part.split("</form>", 1)[0]
                assert not re.search(r'<button(?![^>]*type="button")', body), name  # those of a sample send nothing
    before = changes().count()
    for address in addresses(office).values():
        client.post(address)
    assert changes().count() == before


def test_posting_without_the_permission_stores_nothing(office: Office) -> None:
    client = office.as_(Role.VIEWER)
    assert client.post(url("business"), {"name": "Mine now"}).status_code == 403
    assert client.post(url("appointment-cancel", office.booked.ref), {"reason": ""}).status_code == 403
    assert client.post(url("service-retire", "first-visit")).status_code == 403
    office.business.refresh_from_db()
    office.booked.refresh_from_db()
    assert (office.business.name, office.booked.status) == ("Lakeside Clinic", "booked")


def test_a_form_from_elsewhere_is_refused(office: Office) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(office.staff[Role.OWNER].user)
    assert client.post(url("business"), {"name": "Mine now"}).status_code == 403


def test_somebody_in_two_businesses_sees_one_at_a_time(office: Office) -> None:
    other = make_business(slug="harbour-bank", name="Zebra Bank")
    make_membership(business=other, user=office.staff[Role.MANAGER].user, role=Role.VIEWER)
    page = office.manager.get(url("business")).content.decode()
    assert "Lakeside Clinic" in page
    assert "Zebra Bank" not in page.split("<main", 1)[1]
