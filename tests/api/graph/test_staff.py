"""Members of staff by the Graph-shaped API: people consumers book with, and what they may do here."""

from typing import Any

import pytest

from tests.api.graph.bookings import MANAGES, READS, books, clinic, home
from tests.api.graph.program import Program
from tests.booking.factories import MONDAY
from tests.factories import make_business, make_membership, make_user, manager_of
from tests.integrations import graph_contract
from vestibule.booking import setup
from vestibule.booking.setup import Hours
from vestibule.calendars.models import Connection
from vestibule.people.models import Business, Membership, Provider
from vestibule.people.permissions import Role
from vestibule.store import clock

WRITES = "Bookings.ReadWrite.All"
MONDAYS = [{"day": "monday", "timeSlots": [{"startTime": "09:00:00.0000000", "endTime": "12:00:00.0000000"}]}]
DANA = {
    "@odata.type": "#microsoft.graph.bookingStaffMember",
    "displayName": "Dana Swope",
    "emailAddress": "danas@contoso.com",
    "role": "externalGuest",
}


@pytest.fixture(autouse=True)
def _monday(db: None, settings: Any) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    clock.set_to(MONDAY)


@pytest.fixture
def business() -> Business:
    return clinic(timezone="Europe/Zurich")[0]


@pytest.fixture
def program(business: Business) -> Program:
    return books(business, WRITES)


@pytest.fixture
def manages(business: Business) -> Program:
    return books(business, MANAGES)


@pytest.fixture
def ada(business: Business) -> Provider:
    found: Provider = Provider.objects.get(business=business)
    return found


def people(program: Program) -> str:
    return f"{home(program.business)}/staffMembers"


def created(program: Program, **members: Any) -> dict[str, Any]:
    """Add Dana, and return her as she is told then."""
    reply = program.post(people(program), DANA | members)
    assert reply.status == 201, reply.json
    told: dict[str, Any] = reply.json
    assert program.get(f"{people(program)}/{told['id']}").json == told
    return told


def patched(program: Program, provider: Provider, **members: Any) -> dict[str, Any]:
    """Change members, and return the person as they are told then."""
    reply = program.ask("PATCH", f"{people(program)}/{provider.ref}", members)
    assert reply.status == 204, reply.json
    provider.refresh_from_db()
    told: dict[str, Any] = program.get(f"{people(program)}/{provider.ref}").json
    return told


class TestReading:
    def test_whoever_can_be_booked_is_told_with_the_type_that_clients_need(
        self, program: Program, ada: Provider
    ) -> None:
        (listed,) = program.get(people(program)).value
        assert listed["@odata.type"] == "#microsoft.graph.bookingStaffMember"
        assert (listed["id"], listed["displayName"], listed["emailAddress"]) == (ada.ref, ada.name, ada.email)
        assert (listed["role"], listed["membershipStatus"]) == ("guest", "active")
        assert (listed["timeZone"], listed["useBusinessHours"]) == ("Europe/Zurich", True)
        assert listed["workingHours"][0]["timeSlots"][0]["startTime"] == "08:00:00.0000000"
        assert program.get(f"{people(program)}/{ada.ref.upper()}").json["id"] == ada.ref

    @pytest.mark.parametrize(
        ("role", "told"),
        [
            (Role.OWNER, "administrator"),
            (Role.MANAGER, "administrator"),
            (Role.SCHEDULER, "scheduler"),
            (Role.PROVIDER, "teamMember"),
            (Role.VIEWER, "viewer"),
        ],
    )
    def test_a_role_that_signs_in_is_told(self, program: Program, ada: Provider, role: Role, told: str) -> None:
        Provider.objects.filter(pk=ada.pk).update(membership=make_membership(business=program.business, role=role))
        (listed,) = program.get(people(program)).value
        assert (listed["role"], listed["membershipStatus"]) == (told, "pendingAcceptance")

    def test_who_signs_in_is_active(self, program: Program, ada: Provider) -> None:
        member = make_membership(business=program.business, user=make_user(password="a long enough one"))
        Provider.objects.filter(pk=ada.pk).update(membership=member)
        assert program.get(people(program)).value[0]["membershipStatus"] == "active"

    def test_whoever_has_a_calendar_connected_is_affected_by_it(self, program: Program, ada: Provider) -> None:
        assert program.get(people(program)).value[0]["availabilityIsAffectedByPersonalCalendar"] is False
        connection = Connection.objects.create(
            business=program.business, provider=ada, kind="ics", name="Own", access="x"
        )
        connection.calendars.create(counts_busy=True)
        assert program.get(people(program)).value[0]["availabilityIsAffectedByPersonalCalendar"] is True

    def test_people_of_another_business_are_not_there(self, program: Program) -> None:
        _other, theirs, _service = clinic(name="Harbour Bank")
        for method in ("GET", "PATCH", "DELETE"):
            assert program.ask(method, f"{people(program)}/{theirs.ref}", {}).status == 404
        assert program.get(f"{home(_other)}/staffMembers").status == 404


class TestMaking:
    def test_the_example_of_the_reference_page_comes_back_as_it_went(self, program: Program) -> None:
        example = graph_contract.example("staff-create")
        reply = program.post(people(program), example["request_body"])
        assert reply.status == example["status"]
        told, expected = reply.json, example["response_body"]
        for name in expected.keys() - {"id", "@odata.context"}:
            assert told[name] == expected[name], name
        context = f"$metadata#solutions/bookingBusinesses('{program.business.slug}%40localhost')/staffMembers/$entity"
        assert told["@odata.context"].endswith(context)

    def test_they_are_a_provider_the_office_sees_and_nobody_who_signs_in(self, program: Program) -> None:
        told = created(program, timeZone="Pacific Standard Time", workingHours=MONDAYS, useBusinessHours=False)
        made = Provider.objects.get(ref=told["id"])
        assert (made.name, made.email, made.timezone) == ("Dana Swope", "danas@contoso.com", "America/Los_Angeles")
        assert [(one.weekday, one.start_minute, one.end_minute) for one in made.weekly_hours.all()] == [(0, 540, 720)]
        assert not made.uses_business_hours
        assert not Membership.objects.filter(business=program.business).exists()
        assert (told["timeZone"], told["workingHours"]) == ("Pacific Standard Time", MONDAYS)

    def test_hours_written_beside_the_business_hours_wait_for_their_turn(self, program: Program) -> None:
        told = created(program, workingHours=MONDAYS, useBusinessHours=True)
        made = Provider.objects.get(ref=told["id"])
        assert (made.uses_business_hours, made.weekly_hours.count()) == (True, 0)
        assert told["workingHours"] == MONDAYS
        assert patched(program, made, useBusinessHours=False)["workingHours"] == MONDAYS
        assert made.weekly_hours.get().start_minute == 540

    @pytest.mark.parametrize("name", ["displayName", "emailAddress", "role"])
    def test_name_address_and_role_are_needed(self, program: Program, name: str) -> None:
        reply = program.post(people(program), {key: value for key, value in DANA.items() if key != name})
        assert (reply.status, reply.json["error"]["target"]) == (400, name)
        assert Provider.objects.filter(business=program.business).count() == 1

    @pytest.mark.parametrize(
        ("members", "target"),
        [
            ({"emailAddress": "nobody"}, "emailAddress"),
            ({"role": "king"}, "role"),
            ({"timeZone": "Mars"}, "timeZone"),
            ({"useBusinessHours": "yes"}, "useBusinessHours"),
            ({"workingHours": "always"}, "workingHours"),
            ({"displayName": "x" * 121}, "displayName"),
        ],
    )
    def test_what_cannot_be_is_refused_by_its_name(self, program: Program, members: Any, target: str) -> None:
        reply = program.post(people(program), DANA | members)
        assert (reply.status, reply.json["error"]["target"]) == (400, target)

    def test_reading_does_not_allow_making(self, business: Business) -> None:
        assert books(business, READS).post(people(books(business, READS)), DANA).status == 403


class TestRoles:
    def test_a_role_that_signs_in_is_awaited_where_the_program_may_not_give_it(self, program: Program) -> None:
        told = created(program, role="TEAMMEMBER")
        assert (told["role"], told["membershipStatus"]) == ("teamMember", "pendingAcceptance")
        assert not Membership.objects.filter(business=program.business).exists()

    def test_who_manages_staff_invites_them_by_mail(
        self, manages: Program, django_capture_on_commit_callbacks: Any, mailoutbox: list[Any]
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            told = created(manages, role="scheduler")
        assert (told["role"], told["membershipStatus"]) == ("scheduler", "pendingAcceptance")
        member = Membership.objects.get(business=manages.business)
        assert (member.role, member.user.email) == ("scheduler", "danas@contoso.com")
        assert member.provider.ref == told["id"]

    def test_whoever_signs_in_already_is_the_same_person(self, manages: Program) -> None:
        member = make_membership(business=manages.business, user=make_user(email="danas@contoso.com"), role=Role.VIEWER)
        told = created(manages, role="administrator")
        member.refresh_from_db()
        assert member.provider.ref == told["id"]
        assert member.role == "viewer"

    def test_a_role_is_changed_and_the_last_owner_stays_one(self, manages: Program, ada: Provider) -> None:
        member = make_membership(business=manages.business, role=Role.PROVIDER)
        Provider.objects.filter(pk=ada.pk).update(membership=member)
        assert patched(manages, ada, role="Scheduler")["role"] == "scheduler"
        member.refresh_from_db()
        assert member.role == "scheduler"
        Membership.objects.filter(pk=member.pk).update(role="owner")
        reply = manages.ask("PATCH", f"{people(manages)}/{ada.ref}", {"role": "viewer"})
        assert (reply.status, reply.code) == (409, "conflict")
        assert reply.json["error"]["innerError"]["code"] == "last_owner"

    def test_a_program_that_may_not_manage_staff_changes_no_role(self, program: Program, ada: Provider) -> None:
        member = make_membership(business=program.business, role=Role.PROVIDER)
        Provider.objects.filter(pk=ada.pk).update(membership=member)
        patched(program, ada, role="administrator")
        member.refresh_from_db()
        assert member.role == "provider"


class TestChanging:
    def test_what_is_not_named_stays(self, program: Program, ada: Provider) -> None:
        before = program.get(f"{people(program)}/{ada.ref}").json
        after = patched(program, ada, displayName="Dr Ada Blume")
        assert {name for name in before if before[name] != after[name]} <= {"displayName", "lastUpdatedDateTime"}
        assert ada.name == "Dr Ada Blume"

    def test_what_is_read_can_be_written_back(self, program: Program, ada: Provider) -> None:
        first = program.get(f"{people(program)}/{ada.ref}").json
        again = patched(program, ada, **{name: value for name, value in first.items() if "@" not in name})
        assert {name for name in first if first[name] != again.get(name)} <= {"lastUpdatedDateTime"}

    def test_own_hours_are_set_and_given_back_to_the_business(self, program: Program, ada: Provider) -> None:
        patched(program, ada, useBusinessHours=False, workingHours=MONDAYS)
        assert not ada.uses_business_hours
        setup.set_hours(manager_of(program.business), program.business, [Hours(2, 600, 660)], provider=ada)
        told = program.get(f"{people(program)}/{ada.ref}").json["workingHours"]
        assert [one["day"] for one in told if one["timeSlots"]] == ["wednesday"]
        assert patched(program, ada, useBusinessHours=True)["useBusinessHours"] is True
        assert ada.weekly_hours.count() == 0

    def test_nobody_can_book_who_was_taken_away(self, program: Program, ada: Provider) -> None:
        assert program.ask("DELETE", f"{people(program)}/{ada.ref}").status == 204
        ada.refresh_from_db()
        assert ada.is_active is False
        assert program.get(people(program)).value == []
        assert program.get(f"{people(program)}/$count").body == b"0"

    def test_an_address_may_be_taken_away(self, program: Program, ada: Provider) -> None:
        assert patched(program, ada, emailAddress=None)["emailAddress"] is None


def test_one_business_never_sees_whom_another_added(program: Program) -> None:
    other = make_business(name="Harbour Bank")
    created(program)
    assert books(other, WRITES).get(f"{home(other)}/staffMembers").value == []
