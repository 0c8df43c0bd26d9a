"""Businesses by the Graph-shaped API: what the office set up comes out, what a program writes the office sees."""

from typing import Any

import pytest

from tests.api.graph.bookings import MANAGES, READS, books, clinic, home
from tests.api.graph.program import Program
from tests.booking.factories import MONDAY, make_service
from tests.factories import make_business, make_membership, manager_of
from tests.integrations import graph_contract
from vestibule.booking import setup
from vestibule.booking.models import Appointment
from vestibule.booking.setup import Hours, rule_groups
from vestibule.chat.models import Thread
from vestibule.meetings.models import Meeting
from vestibule.people.models import AuditEntry, Business, GraphTenant, Membership
from vestibule.people.permissions import Role
from vestibule.store import clock

WRITES = "Bookings.ReadWrite.All"
ALL = "/solutions/bookingBusinesses"


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


def got(program: Program) -> dict[str, Any]:
    told: dict[str, Any] = program.get(home(program.business)).json
    return told


def patched(program: Program, **members: Any) -> dict[str, Any]:
    """Change members, and return the business as it is told then."""
    reply = program.ask("PATCH", home(program.business), members)
    assert reply.status == 204, reply.json
    assert reply.body == b""
    return got(program)


class TestReading:
    def test_the_list_has_the_own_business_by_id_and_name_alone(self, program: Program) -> None:
        make_business(name="Harbour Bank")
        told = program.get(ALL).json
        assert told["value"] == [{"id": f"{program.business.slug}@localhost", "displayName": "Lakeside Clinic"}]
        assert told["@odata.context"] == "http://localhost:8000/graph/v1.0/$metadata#solutions/bookingBusinesses"

    @pytest.mark.parametrize(("query", "found"), [("lake", 1), ("CLINIC", 1), ("bank", 0), ("", 1)])
    def test_the_list_is_searched_by_a_part_of_the_name(self, program: Program, query: str, found: int) -> None:
        assert len(program.get(ALL, query=query).value) == found

    def test_what_there_are_is_counted(self, program: Program) -> None:
        assert program.get(f"{ALL}/$count").body == b"1"
        assert program.get(ALL, **{"$count": "true"}).json["@odata.count"] == 1

    def test_what_the_office_set_up_is_told(self, program: Program) -> None:
        told = got(program)
        assert told["displayName"] == "Lakeside Clinic"
        assert told["bookingPageSettings"]["businessTimeZone"] == "Europe/Zurich"
        assert told["businessHours"][0] == {
            "day": "monday",
            "timeSlots": [{"startTime": "08:00:00.0000000", "endTime": "17:00:00.0000000"}],
        }
        assert told["businessHours"][6] == {"day": "sunday", "timeSlots": []}
        assert told["schedulingPolicy"]["timeSlotInterval"] == "PT30M"
        assert told["schedulingPolicy"]["minimumLeadTime"] == "P1D"
        assert told["schedulingPolicy"]["maximumAdvance"] == "P365D"
        assert told["isPublished"] is True
        assert told["publicUrl"] == f"http://localhost:8000/book/{program.business.slug}"

    @pytest.mark.parametrize("spelling", ["{}@localhost", "{}%40localhost", "{}%40LOCALHOST", "{}@old.example"])
    def test_an_id_is_taken_in_any_case_encoded_or_not_and_after_a_move(self, program: Program, spelling: str) -> None:
        for slug in (program.business.slug, program.business.slug.upper()):
            assert program.get(f"{ALL}/{spelling.format(slug)}").status == 200

    def test_the_address_is_taken_in_any_case(self, program: Program) -> None:
        assert program.get(home(program.business).replace("bookingBusinesses", "BOOKINGbusinesses")).status == 200

    def test_only_the_members_asked_for_are_told(self, program: Program) -> None:
        told = program.get(home(program.business), **{"$select": "displayName,email"}).json
        assert {name for name in told if not name.startswith("@")} == {"displayName", "email"}

    def test_services_and_staff_come_along_where_they_are_asked_for(self, program: Program) -> None:
        told = program.get(home(program.business), **{"$expand": "services,staffMembers"}).json
        assert [one["displayName"] for one in told["services"]] == ["First visit"]
        assert [one["displayName"] for one in told["staffMembers"]] == ["Dr Ada Blum"]
        assert program.get(home(program.business), **{"$expand": "mailbox"}).status == 400

    def test_another_business_is_not_there(self, program: Program) -> None:
        other = make_business(name="Harbour Bank")
        for method in ("GET", "PATCH"):
            reply = program.ask(method, home(other), {"displayName": "Mine"} if method == "PATCH" else None)
            assert (reply.status, reply.code) == (404, "ErrorItemNotFound")
        assert Business.objects.get(pk=other.pk).name == "Harbour Bank"


class TestChanging:
    def test_what_is_written_is_what_the_office_sees(self, program: Program) -> None:
        patched(
            program,
            displayName="Lakeside Practice",
            email="office@lakeside.example",
            phone="+41 44 668 18 00",
            bookingPageSettings={
                "businessTimeZone": "Pacific Standard Time",
                "bookingPageColorCode": "#0B5FA5",
                "privacyPolicyWebUrl": "https://lakeside.example/privacy",
            },
        )
        stored = Business.objects.get(pk=program.business.pk)
        assert (stored.name, stored.email, stored.phone) == (
            "Lakeside Practice",
            "office@lakeside.example",
            "+41446681800",
        )
        assert (stored.timezone, stored.brand["colour"]) == ("America/Los_Angeles", "#0b5fa5")
        assert stored.privacy_url == "https://lakeside.example/privacy"

    def test_what_is_not_named_stays(self, program: Program) -> None:
        before = got(program)
        after = patched(
            program, displayName="Other", bookingPageSettings={"termsAndConditionsWebUrl": "https://a.example/"}
        )
        changed = {name for name in before if before[name] != after[name]}
        assert changed <= {"displayName", "bookingPageSettings", "lastUpdatedDateTime"}
        assert after["bookingPageSettings"]["businessTimeZone"] == "Europe/Zurich"

    def test_what_has_no_place_here_is_told_as_it_was_written(self, program: Program) -> None:
        address = {"street": "4567 Main Street", "city": "Buffalo", "state": "NY", "postalCode": "98052"}
        told = patched(
            program,
            businessType="Health care",
            webSiteUrl="https://www.fabrikam.com/",
            address={**address, "type": "home", "@odata.type": "#microsoft.graph.physicalAddress"},
            languageTag="en-US",
            defaultCurrencyIso="CHF",
            schedulingPolicy={"sendConfirmationsToOwner": True},
        )
        assert (told["businessType"], told["webSiteUrl"]) == ("Health care", "https://www.fabrikam.com/")
        assert (told["address"], told["languageTag"], told["defaultCurrencyIso"]) == (address, "en-US", "CHF")
        assert told["schedulingPolicy"]["sendConfirmationsToOwner"] is True

    def test_what_was_written_is_told_only_while_it_holds(self, program: Program) -> None:
        told = patched(
            program, bookingPageSettings={"businessTimeZone": "W. Europe Standard Time"}, languageTag="de-CH"
        )
        assert told["bookingPageSettings"]["businessTimeZone"] == "W. Europe Standard Time"
        setup.change_business(manager_of(program.business), program.business, timezone="Asia/Tokyo", language="fr")
        told = got(program)
        assert told["bookingPageSettings"]["businessTimeZone"] == "Asia/Tokyo"
        assert told["languageTag"] == "fr"

    def test_a_number_without_its_country_is_of_the_one_the_language_names(self, program: Program) -> None:
        told = patched(program, languageTag="en-US", phone="206-555-0100")
        assert told["phone"] == "206-555-0100"
        assert Business.objects.get(pk=program.business.pk).phone == "+12065550100"

    def test_hours_are_replaced_and_told_as_they_were_written(self, program: Program) -> None:
        hours = [{"day": "monday", "timeSlots": [{"startTime": "09:00:00.0000000", "endTime": "12:30:00.0000000"}]}]
        assert patched(program, businessHours=hours)["businessHours"] == hours
        rows = program.business.weekly_hours.filter(provider=None)
        assert [(one.weekday, one.start_minute, one.end_minute) for one in rows] == [(0, 540, 750)]
        setup.set_hours(manager_of(program.business), program.business, [Hours(1, 600, 660)])
        assert len(got(program)["businessHours"]) == 7

    def test_a_policy_is_the_rules_that_services_follow(self, program: Program) -> None:
        service = make_service(business=program.business, follows=["grid", "notice", "window", "choice"])
        policy = {"timeSlotInterval": "0:15:00", "minimumLeadTime": "PT10H", "maximumAdvance": "10 days, 0:00:00"}
        told = patched(program, schedulingPolicy={**policy, "allowStaffSelection": False})["schedulingPolicy"]
        assert (told["timeSlotInterval"], told["minimumLeadTime"], told["maximumAdvance"]) == ("PT15M", "PT10H", "P10D")
        assert told["allowStaffSelection"] is False
        service.refresh_from_db()
        assert (service.interval_minutes, service.notice_minutes, service.window_days) == (15, 600, 10)

    def test_a_policy_that_is_written_back_as_it_was_read_changes_nothing(self, program: Program) -> None:
        before = rule_groups.rules_of_business(program.business)
        patched(program, schedulingPolicy=got(program)["schedulingPolicy"])
        assert rule_groups.rules_of_business(Business.objects.get(pk=program.business.pk)) == before

    @pytest.mark.parametrize(
        ("members", "target"),
        [
            ({"displayName": ""}, "displayName"),
            ({"displayName": 5}, "displayName"),
            ({"email": "nobody"}, "email"),
            ({"phone": "12"}, "phone"),
            ({"defaultCurrencyIso": "money"}, "defaultCurrencyIso"),
            ({"webSiteUrl": "javascript:alert(1)"}, "webSiteUrl"),
            ({"businessHours": [{"day": "someday", "timeSlots": []}]}, "businessHours/0/day"),
            ({"schedulingPolicy": {"minimumLeadTime": "PT30S"}}, "schedulingPolicy/minimumLeadTime"),
            ({"bookingPageSettings": {"businessTimeZone": "Mars"}}, "bookingPageSettings/businessTimeZone"),
            ({"bookingPageSettings": {"bookingPageColorCode": "red"}}, "bookingPageSettings/bookingPageColorCode"),
            (
                {"bookingPageSettings": {"accessControl": "restrictedToOrganization"}},
                "bookingPageSettings/accessControl",
            ),
            ({"bookingPageSettings": {"enforceOneTimePassword": True}}, "bookingPageSettings/enforceOneTimePassword"),
            (
                {"schedulingPolicy": {"generalAvailability": {"availabilityType": "notBookable"}}},
                "schedulingPolicy/generalAvailability",
            ),
        ],
    )
    def test_what_cannot_be_is_refused_by_its_name_and_nothing_is_changed(
        self, program: Program, members: dict[str, Any], target: str
    ) -> None:
        before = got(program)
        reply = program.ask("PATCH", home(program.business), {"webSiteUrl": "https://new.example/", **members})
        assert (reply.status, reply.json["error"]["target"]) == (400, target)
        assert got(program) == before

    def test_notes_on_types_and_members_nobody_knows_are_passed_over(self, program: Program) -> None:
        told = patched(
            program,
            **{"@odata.type": "#microsoft.graph.bookingBusiness", "businessHours@odata.type": "#Collection(x)"},
            isPublished=False,
            newInTheNextVersion={"a": 1},
        )
        assert told["isPublished"] is True
        assert "newInTheNextVersion" not in told

    def test_reading_does_not_allow_writing(self, business: Business) -> None:
        reads = books(business, READS)
        assert reads.get(home(business)).status == 200
        reply = reads.ask("PATCH", home(business), {"displayName": "Mine"})
        assert (reply.status, reply.code) == (403, "accessDenied")
        assert reads.ask("POST", f"{home(business)}/unpublish").status == 403


def test_the_business_of_the_reference_page_comes_back_as_it_went(program: Program) -> None:
    given = graph_contract.example("business-get")["response_body"]
    given["languageTag"] = "en-US"  # the page has a placeholder there
    del given["address"]["type"], given["address"]["postOfficeBox"]  # no members of this version's address
    told = patched(program, **given)
    server_says = {"id", "@odata.context", "isPublished", "publicUrl", "businessType"}
    assert {name: told[name] for name in given.keys() - server_says - {"schedulingPolicy"}} == {
        name: given[name] for name in given.keys() - server_says - {"schedulingPolicy"}
    }
    assert given["schedulingPolicy"].items() <= told["schedulingPolicy"].items()


class TestPublishing:
    def test_a_page_is_closed_and_opened_again(self, manages: Program) -> None:
        assert manages.ask("POST", f"{home(manages.business)}/unpublish").status == 204
        told = got(manages)
        assert (told["isPublished"], told["publicUrl"]) == (False, None)
        assert manages.ask("POST", f"{home(manages.business)}/publish").status == 204
        assert got(manages)["isPublished"] is True

    def test_it_is_noted_who_did_it(self, manages: Program) -> None:
        manages.ask("POST", f"{home(manages.business)}/unpublish")
        entry = AuditEntry.objects.filter(business=manages.business, action="business.changed").first()
        assert entry is not None
        assert entry.details["is_published"] == [True, False]
        assert entry.actor_label.startswith("application ")


class TestMakingMore:
    @pytest.fixture(autouse=True)
    def _allowed(self, settings: Any) -> None:
        settings.PROGRAMS_MAKE_BUSINESSES = True

    def test_a_program_makes_a_business_that_it_and_its_owners_find(self, manages: Program) -> None:
        owner = make_membership(business=manages.business, role=Role.OWNER)
        reply = manages.post(ALL, {"displayName": "Lakeside Eyes", "email": "eyes@lakeside.example"})
        assert reply.status == 201
        told = reply.json
        assert (told["displayName"], told["email"]) == ("Lakeside Eyes", "eyes@lakeside.example")
        assert told["businessHours"][0]["timeSlots"]
        made = Business.objects.get(slug="lakeside-eyes")
        assert made.timezone == "Europe/Zurich"
        assert list(Membership.objects.filter(business=made).values_list("user", "role")) == [(owner.user_id, "owner")]
        assert [one["displayName"] for one in manages.get(ALL).value] == ["Lakeside Clinic", "Lakeside Eyes"]
        assert manages.ask("PATCH", home(made), {"displayName": "Lakeside Sight"}).status == 204
        assert manages.get(home(made)).json["displayName"] == "Lakeside Sight"

    def test_what_one_made_is_not_there_for_another(self, manages: Program) -> None:
        made_id = manages.post(ALL, {"displayName": "Lakeside Eyes"}).json["id"]
        stranger = books(make_business(name="Harbour Bank"), MANAGES)
        assert stranger.get(f"{ALL}/{made_id}").status == 404
        assert len(stranger.get(ALL).value) == 1

    def test_a_business_that_shuts_its_programs_out_shuts_out_who_made_it(self, manages: Program) -> None:
        made_id = manages.post(ALL, {"displayName": "Lakeside Eyes"}).json["id"]
        GraphTenant.objects.filter(business__slug="lakeside-eyes").update(is_on=False)
        assert manages.get(f"{ALL}/{made_id}").status == 404

    def test_what_nobody_uses_is_taken_away_again(self, manages: Program) -> None:
        made_id = manages.post(ALL, {"displayName": "Lakeside Eyes"}).json["id"]
        manages.post(f"{ALL}/{made_id}/services", {"displayName": "Check", "isLocationOnline": True})
        assert manages.ask("DELETE", f"{ALL}/{made_id}").status == 204
        assert not Business.objects.filter(slug="lakeside-eyes").exists()
        assert manages.get(f"{ALL}/{made_id}").status == 404

    def test_a_business_somebody_has_an_appointment_with_stays(self, manages: Program) -> None:
        manages.post(ALL, {"displayName": "Lakeside Eyes"})
        made = Business.objects.get(slug="lakeside-eyes")
        service = make_service(business=made)
        provider = service.offers.get().provider
        consumer = made.consumers.create(name="Cleo", email="c@example.org", email_normal="c@example.org")
        minute = clock.to_minute(MONDAY)
        common = {"start_minute": minute, "end_minute": minute + 30, "name": "Cleo", "timezone": "UTC"}
        Appointment.objects.create(business=made, service=service, provider=provider, consumer=consumer, **common)
        reply = manages.ask("DELETE", home(made))
        assert (reply.status, reply.code) == (403, "accessDenied")
        assert Business.objects.filter(pk=made.pk).exists()

    def test_a_business_somebody_came_by_stays_too(self, manages: Program) -> None:
        manages.post(ALL, {"displayName": "Lakeside Eyes"})
        made = Business.objects.get(slug="lakeside-eyes")
        thread = Thread.objects.create(business=made)
        Meeting.objects.create(
            business=made, thread=thread, starts_at=MONDAY, ends_at=MONDAY, opens_at=MONDAY, closes_at=MONDAY
        )
        assert manages.ask("DELETE", home(made)).status == 403
        assert Business.objects.filter(pk=made.pk).exists()

    def test_the_own_business_is_not_a_programs_to_take_away(self, manages: Program) -> None:
        assert manages.ask("DELETE", home(manages.business)).status == 403
        assert Business.objects.filter(pk=manages.business.pk).exists()

    def test_whoever_runs_the_server_has_to_allow_it(self, manages: Program, settings: Any) -> None:
        settings.PROGRAMS_MAKE_BUSINESSES = False
        reply = manages.post(ALL, {"displayName": "Lakeside Eyes"})
        assert (reply.status, reply.code) == (403, "accessDenied")
        assert "VESTIBULE_PROGRAMS_MAKE_BUSINESSES" in reply.json["error"]["message"]

    def test_it_takes_the_right_to_manage_and_a_name(self, program: Program, manages: Program) -> None:
        assert program.post(ALL, {"displayName": "Lakeside Eyes"}).status == 403
        assert manages.post(ALL, {}).status == 400
        assert Business.objects.count() == 1


def test_what_is_expanded_twice_is_read_once(
    program: Program, business: Business, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(60):
        told = program.get(home(business), **{"$expand": ",".join(["services"] * 100)})
    assert told.status == 200
    assert "services" in told.json
