"""Services by the Graph-shaped API: what a program sets up is what the office sees, and the other way round."""

from typing import Any

import pytest

from tests.api.graph.bookings import READS, books, clinic, home
from tests.api.graph.program import Program, Reply
from tests.booking.factories import MONDAY
from tests.factories import make_business, make_provider, manager_of
from tests.integrations import graph_contract
from vestibule.booking import setup
from vestibule.booking.models import Location, Service, ServiceProvider
from vestibule.booking.setup.service_values import YEAR_MINUTES
from vestibule.notifications import choices, reminders
from vestibule.people.models import Business
from vestibule.store import clock

WRITES = "Bookings.ReadWrite.All"


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
def service(business: Business) -> Service:
    found: Service = Service.objects.get(business=business)
    return setup.change_service(manager_of(business), found, window_days=100)


def services(program: Program) -> str:
    return f"{home(program.business)}/services"


def created(program: Program, **members: Any) -> dict[str, Any]:
    """Make a service, and return it as it is told then."""
    reply = program.post(services(program), {"displayName": "Check-up", **members})
    assert reply.status == 201, reply.json
    told: dict[str, Any] = reply.json
    assert program.get(f"{services(program)}/{told['id']}").json == told
    return told


def got(program: Program, service: Service) -> dict[str, Any]:
    told: dict[str, Any] = program.get(f"{services(program)}/{service.ref}").json
    return told


def patch(program: Program, service: Service, **members: Any) -> Reply:
    return program.ask("PATCH", f"{services(program)}/{service.ref}", members)


def patched(program: Program, service: Service, **members: Any) -> dict[str, Any]:
    """Change members, and return the service as it is told then."""
    reply = patch(program, service, **members)
    assert reply.status == 204, reply.json
    service.refresh_from_db()
    return got(program, service)


class TestReading:
    def test_what_the_office_set_up_is_told(self, program: Program, service: Service) -> None:
        setup.change_service(
            manager_of(program.business),
            service,
            description="Bring your card.",
            price_minor=8050,
            currency="CHF",
            buffer_after_minutes=10,
            seats=4,
            visibility="hidden",
        )
        told = got(program, service)
        assert told["displayName"] == "First visit"
        assert told["description"] == "Bring your card."
        assert (told["defaultPrice"], told["defaultPriceType"]) == (80.5, "fixedPrice")
        assert (told["defaultDuration"], told["preBuffer"], told["postBuffer"]) == ("PT30M", "PT0S", "PT10M")
        assert (told["maximumAttendeesCount"], told["isHiddenFromCustomers"]) == (4, True)
        assert told["staffMemberIds"] == [service.offers.get().provider.ref]
        assert told["isLocationOnline"] is True
        assert told["webUrl"] == f"http://localhost:8000/book/{program.business.slug}/{service.slug}"
        assert told["lastUpdatedDateTime"].startswith("2030-03-04T")

    def test_reminders_are_told_of_one_service_alone(self, program: Program, service: Service) -> None:
        (listed,) = program.get(services(program)).value
        assert "defaultReminders" not in listed
        assert got(program, service)["defaultReminders"] == [
            {"offset": "P1D", "recipients": "allAttendees", "message": ""}
        ]

    def test_a_service_that_follows_its_business_has_no_policy_of_its_own(
        self, program: Program, service: Service
    ) -> None:
        follows = ["grid", "notice", "window", "choice"]
        setup.change_service(manager_of(program.business), service, follows=follows)
        assert got(program, service)["schedulingPolicy"] is None
        setup.change_service(manager_of(program.business), service, notice_minutes=120)
        assert got(program, service)["schedulingPolicy"]["minimumLeadTime"] == "PT2H"

    def test_they_come_in_parts_each_with_the_address_of_the_next(self, program: Program) -> None:
        for name in ("B", "C"):
            created(program, displayName=name)
        reply = program.get(services(program), **{"$top": "2", "$count": "true"}).json
        assert (len(reply["value"]), reply["@odata.count"]) == (2, 3)
        assert reply["@odata.nextLink"].startswith("http://localhost:8000/graph/v1.0/solutions/")
        rest = program.ask("GET", reply["@odata.nextLink"]).json
        assert len(rest["value"]) == 1
        assert "@odata.nextLink" not in rest

    def test_what_was_taken_off_the_pages_is_not_there(self, program: Program, service: Service) -> None:
        setup.retire_service(manager_of(program.business), service)
        assert program.get(services(program)).value == []
        assert program.get(f"{services(program)}/{service.ref}").code == "ErrorItemNotFound"

    def test_a_service_of_another_business_is_not_there(self, program: Program) -> None:
        _other, _provider, theirs = clinic(name="Harbour Bank")
        for method in ("GET", "PATCH", "DELETE"):
            reply = program.ask(method, f"{services(program)}/{theirs.ref}", {} if method == "PATCH" else None)
            assert reply.status == 404


class TestMaking:
    def test_a_service_of_the_reference_page_comes_back_as_it_went(self, program: Program) -> None:
        member = make_provider(business=program.business, name="Dana Swope")
        question = program.post(f"{home(program.business)}/customQuestions", {"displayName": "What is your age?"}).json
        wanted: dict[str, Any] = {
            "@odata.type": "#microsoft.graph.bookingService",
            "displayName": "Bento",
            "defaultDuration": "PT30M",
            "defaultPrice": 10.0,
            "defaultPriceType@odata.type": "#microsoft.graph.bookingPriceType",
            "defaultPriceType": "startingAt",
            "defaultReminders@odata.type": "#Collection(microsoft.graph.bookingReminder)",
            "defaultReminders": [
                {"offset": "P1D", "recipients": "allAttendees", "message": "This service is tomorrow"}
            ],
            "description": "Individual bento box lunch delivery",
            "isAnonymousJoinEnabled": False,
            "isHiddenFromCustomers": False,
            "isLocationOnline": True,
            "isCustomerAllowedToManageBooking": True,
            "languageTag": "en-US",
            "maximumAttendeesCount": 5,
            "notes": "Home-cooked special",
            "preBuffer": "PT5M",
            "postBuffer": "PT10M",
            "schedulingPolicy": {
                "allowStaffSelection": True,
                "minimumLeadTime": "PT10H",
                "maximumAdvance": "P10D",
                "sendConfirmationsToOwner": True,
                "timeSlotInterval": "PT1H",
                "generalAvailability": {
                    "availabilityType": "customWeeklyHours",
                    "businessHours": [
                        {"day": "monday", "timeSlots": [{"startTime": "09:00:00", "endTime": "12:00:00"}]}
                    ],
                },
                "customAvailabilities": [
                    {
                        "@odata.type": "#microsoft.graph.bookingsAvailabilityWindow",
                        "availabilityType": "notBookable",
                        "startDate": "2030-12-24",
                        "endDate": "2030-12-31",
                    }
                ],
            },
            "smsNotificationsEnabled": True,
            "staffMemberIds": [member.ref],
            "customQuestions": [{"questionId": question["id"], "isRequired": True}],
        }
        told = created(program, **wanted)
        for name, value in wanted.items():
            if "@odata" not in name and name != "schedulingPolicy":
                assert told[name] == value, name
        policy = told["schedulingPolicy"]
        for name in ("allowStaffSelection", "minimumLeadTime", "maximumAdvance", "timeSlotInterval"):
            assert policy[name] == wanted["schedulingPolicy"][name]
        assert policy["sendConfirmationsToOwner"] is True
        assert policy["customAvailabilities"][0]["endDate"] == "2030-12-31"

        made = Service.objects.get(ref=told["id"])
        assert (made.name, made.duration_minutes, made.seats) == ("Bento", 30, 5)
        assert (made.buffer_before_minutes, made.buffer_after_minutes, made.notice_minutes) == (5, 10, 600)
        assert (made.interval_minutes, made.window_type, made.window_days) == (60, "rolling_days", 10)
        assert made.price_minor == 1000
        assert made.availability["weekly"] == [[0, 540, 720]]
        assert made.availability["ranges"] == [
            {"from": "2030-12-24", "to": "2030-12-31", "kind": "closed", "weekly": []}
        ]
        assert [one["label"] for one in made.questions] == ["What is your age?"]
        assert made.questions[0]["required"] is True

    def test_one_of_which_little_is_said_is_online_and_follows_its_business(self, program: Program) -> None:
        told = created(program)
        assert (told["isLocationOnline"], told["schedulingPolicy"]) == (True, None)
        assert (told["defaultDuration"], told["defaultPriceType"], told["staffMemberIds"]) == ("PT30M", "notSet", [])

    def test_the_whole_of_what_is_read_can_be_written_to_make_the_same_again(
        self, program: Program, service: Service
    ) -> None:
        first = got(program, service)
        twin = created(
            program, **{name: value for name, value in first.items() if name not in ("id", "@odata.context")}
        )
        own = {"id", "webUrl", "createdDateTime", "lastUpdatedDateTime", "@odata.context"}
        assert {name: twin[name] for name in twin if name not in own} == {
            name: first[name] for name in first if name not in own
        }

    def test_a_place_with_an_address_is_where_it_is(self, program: Program) -> None:
        place = {"displayName": "Main building", "address": {"street": "1 Lake Road", "city": "Zurich"}}
        told = created(program, isLocationOnline=False, defaultLocation=place)
        assert (told["isLocationOnline"], told["defaultLocation"]) == (False, place)
        made = Location.objects.get(business=program.business, kind="place")
        assert (made.name, made.address) == ("Main building", "1 Lake Road, Zurich")
        created(program, isLocationOnline=False, defaultLocation=place)
        assert Location.objects.filter(business=program.business, kind="place").count() == 1

    def test_one_in_person_without_any_address_is_refused(self, program: Program) -> None:
        reply = program.post(services(program), {"displayName": "Check-up", "isLocationOnline": False})
        assert (reply.status, reply.json["error"]["target"]) == (400, "defaultLocation")
        program.ask("PATCH", home(program.business), {"address": {"street": "1 Lake Road", "city": "Zurich"}})
        assert created(program, isLocationOnline=False)["isLocationOnline"] is False

    @pytest.mark.parametrize(
        ("members", "target"),
        [
            ({"displayName": ""}, "displayName"),
            ({"defaultDuration": "half an hour"}, "defaultDuration"),
            ({"defaultDuration": "PT0S"}, "defaultDuration"),
            ({"defaultDuration": "P2D"}, "defaultDuration"),
            ({"preBuffer": "-PT5M"}, "preBuffer"),
            ({"defaultPrice": -1}, "defaultPrice"),
            ({"defaultPriceType": "cheap"}, "defaultPriceType"),
            ({"maximumAttendeesCount": 0}, "maximumAttendeesCount"),
            ({"maximumAttendeesCount": 1001}, "maximumAttendeesCount"),
            ({"staffMemberIds": ["nobody"]}, "staffMemberIds/0"),
            ({"customQuestions": [{"questionId": "none"}]}, "customQuestions/0/questionId"),
            ({"defaultReminders": [{"offset": "P90D"}]}, "defaultReminders/0/offset"),
            ({"description": "x" * 601}, "description"),
            ({"schedulingPolicy": {"customAvailabilities": [{"availabilityType": "notBookable"}]}}, None),
            ({"schedulingPolicy": "any"}, "schedulingPolicy"),
            ({"notes": {"a": 1}}, "notes"),
        ],
    )
    def test_what_cannot_be_is_refused_by_its_name_and_nothing_is_made(
        self, program: Program, members: dict[str, Any], target: str | None
    ) -> None:
        reply = program.post(services(program), {"displayName": "Check-up", **members})
        assert reply.status == 400
        assert target is None or reply.json["error"]["target"] == target
        assert Service.objects.filter(business=program.business).count() == 1

    def test_reading_does_not_allow_making(self, business: Business) -> None:
        reply = books(business, READS).post(services(books(business, READS)), {"displayName": "Check-up"})
        assert (reply.status, reply.code) == (403, "accessDenied")


class TestChanging:
    def test_what_is_not_named_stays(self, program: Program, service: Service) -> None:
        before = got(program, service)
        after = patched(program, service, displayName="Second visit", notes="Ask for the card")
        changed = {name for name in after if before.get(name) != after[name]}
        assert changed == {"displayName", "notes"} | ({"lastUpdatedDateTime"} & changed)

    def test_what_is_read_can_be_written_back_and_changes_nothing(self, program: Program, service: Service) -> None:
        first = got(program, service)
        before = vars(Service.objects.get(pk=service.pk)).copy()
        patched(program, service, **{name: value for name, value in first.items() if not name.startswith("@")})
        now = vars(Service.objects.get(pk=service.pk))
        kept = {"_state"}
        assert {name for name in before if name not in kept and before[name] != now[name]} <= {"follows"}

    @pytest.mark.parametrize(
        ("price", "kind", "minor"),
        [(10, "startingAt", 1000), (9.99, "hourly", 999), (5, "FIXEDPRICE", 500), (0, "free", 0), (0, "callUs", None)],
    )
    def test_prices_of_every_kind_are_told_as_they_were_written(
        self, program: Program, service: Service, price: float, kind: str, minor: int | None
    ) -> None:
        told = patched(program, service, defaultPrice=price, defaultPriceType=kind)
        assert (told["defaultPrice"], told["defaultPriceType"].casefold()) == (price, kind.casefold())
        assert told["defaultPriceType"] != "FIXEDPRICE"
        assert service.price_minor == minor

    def test_a_price_of_the_office_is_told_in_place_of_what_was_written(
        self, program: Program, service: Service
    ) -> None:
        patched(program, service, defaultPrice=10, defaultPriceType="startingAt")
        setup.change_service(manager_of(program.business), service, price_minor=None)
        told = got(program, service)
        assert (told["defaultPrice"], told["defaultPriceType"]) == (0.0, "notSet")

    def test_what_the_office_made_free_costs_nothing_whatever_was_written(
        self, program: Program, service: Service
    ) -> None:
        patched(program, service, defaultPrice=10, defaultPriceType="priceVaries")
        setup.change_service(manager_of(program.business), service, price_minor=0, currency="CHF")
        told = got(program, service)
        assert (told["defaultPrice"], told["defaultPriceType"]) == (0.0, "free")

    def test_a_price_is_in_the_currency_that_was_said_of_the_business(self, program: Program, service: Service) -> None:
        program.ask("PATCH", home(program.business), {"defaultCurrencyIso": "JPY"})
        patched(program, service, defaultPrice=500)
        assert (service.price_minor, service.currency) == (500, "JPY")

    def test_a_policy_given_back_to_the_business_follows_it_again(self, program: Program, service: Service) -> None:
        own = {"minimumLeadTime": "PT1H", "generalAvailability": {"availabilityType": "NotBookable"}}
        told = patched(program, service, schedulingPolicy=own)["schedulingPolicy"]
        assert (told["minimumLeadTime"], told["generalAvailability"]["availabilityType"]) == ("PT1H", "notBookable")
        assert patched(program, service, schedulingPolicy=None)["schedulingPolicy"] is None
        assert (service.notice_minutes, service.availability) == (24 * 60, {})

    def test_what_a_policy_does_not_name_stays(self, program: Program, service: Service) -> None:
        patched(program, service, schedulingPolicy={"minimumLeadTime": "PT3H", "maximumAdvance": "P20D"})
        patched(program, service, schedulingPolicy={"timeSlotInterval": "PT20M"})
        assert (service.notice_minutes, service.window_days, service.interval_minutes) == (180, 20, 20)

    def test_who_offers_it_is_replaced_and_whoever_stays_keeps_how(self, program: Program, service: Service) -> None:
        ada = service.offers.get().provider
        ServiceProvider.objects.filter(service=service).update(weight=3)
        ben = make_provider(business=program.business, name="Ben")
        told = patched(program, service, staffMemberIds=[ben.ref.upper(), ada.ref])
        assert sorted(told["staffMemberIds"]) == sorted([ada.ref, ben.ref])
        assert service.offers.get(provider=ada).weight == 3
        assert patched(program, service, staffMemberIds=[])["staffMemberIds"] == []

    def test_staff_of_another_business_cannot_offer_it(self, program: Program, service: Service) -> None:
        stranger = make_provider(business=make_business())
        assert patch(program, service, staffMemberIds=[stranger.ref]).status == 400

    def test_consumers_who_may_not_change_anything_need_more_notice_than_there_is(
        self, program: Program, service: Service
    ) -> None:
        assert patched(program, service, isCustomerAllowedToManageBooking=False)[
            "isCustomerAllowedToManageBooking"
        ] is (False)
        assert service.change_notice_minutes == YEAR_MINUTES
        patched(program, service, isCustomerAllowedToManageBooking=True)
        assert service.change_notice_minutes == 24 * 60

    def test_reminders_are_replaced_and_texts_stay(self, program: Program, service: Service) -> None:
        wanted = [
            {"offset": "PT2H", "recipients": "staff", "message": "Check traffic"},
            {"offset": "-PT1H30M", "recipients": "customer", "message": "How was it?"},
        ]
        told = patched(program, service, defaultReminders=wanted)
        assert sorted(told["defaultReminders"], key=str) == sorted(wanted, key=str)
        rows = reminders.of(program.business, service.ref)
        assert {(one.side, one.offset_minutes, one.channel) for one in rows} == {
            ("before", 120, "email"),
            ("after", 60, "email"),
            ("before", 60, "sms"),
        }

    def test_no_reminders_are_none_not_those_of_the_business(self, program: Program, service: Service) -> None:
        assert patched(program, service, defaultReminders=[])["defaultReminders"] == []

    def test_texts_are_switched_off_and_on(self, program: Program, service: Service) -> None:
        assert patched(program, service, smsNotificationsEnabled=False)["smsNotificationsEnabled"] is False
        business = Business.objects.get(pk=program.business.pk)
        assert not choices.of(business).sends_texts(service_ref=service.ref)
        assert choices.of(business).sends_texts()
        assert patched(program, service, smsNotificationsEnabled=True)["smsNotificationsEnabled"] is True

    def test_a_service_is_brought_online_and_back(self, program: Program, service: Service) -> None:
        place = {"displayName": "Main building", "address": {"street": "1 Lake Road"}}
        assert patched(program, service, isLocationOnline=False, defaultLocation=place)["isLocationOnline"] is False
        assert service.location is not None
        assert service.location.address == "1 Lake Road"
        assert patched(program, service, isLocationOnline=True)["isLocationOnline"] is True

    def test_it_is_taken_off_every_page_and_its_row_stays(self, program: Program, service: Service) -> None:
        assert program.ask("DELETE", f"{services(program)}/{service.ref}").status == 204
        service.refresh_from_db()
        assert service.is_active is False
        assert program.get(f"{services(program)}/$count").body == b"0"


def test_the_service_of_the_reference_page_is_one_that_is_taken(program: Program) -> None:
    given = graph_contract.example("service-get")["response_body"]
    for name in ("id", "@odata.context", "webUrl", "staffMemberIds", "customQuestions"):
        given.pop(name)
    told = created(program, **given)
    assert told["defaultLocation"]["displayName"] == "Contoso Lunch Delivery"
    assert (told["languageTag"], told["notes"], told["preBuffer"]) == ("en-US", "Home-cooked special", "PT5M")
