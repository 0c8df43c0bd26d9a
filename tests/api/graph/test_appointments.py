"""Appointments booked by programs written for Bookings: ours in everything, told as Bookings tells them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.api.graph.bookings import MANAGES, READS, booked, books, cleo, clinic, home, in_view, utc, visit
from tests.api.graph.program import Program
from tests.booking.factories import at, book, make_service
from tests.factories import make_membership
from tests.integrations import graph_contract
from vestibule.booking.models import Appointment, Service
from vestibule.notifications.models import OutboxMessage
from vestibule.people.models import AuditEntry, Business, Provider
from vestibule.store import clock

S = Appointment.Status


@pytest.fixture(autouse=True)
def _monday(db: None, settings: Any) -> Iterator[None]:
    settings.PUBLIC_URL = "http://localhost"
    clock.set_to(at("07:00"))
    yield
    clock.reset()


@pytest.fixture
def there() -> tuple[Business, Provider, Service]:
    return clinic()


@pytest.fixture
def ada(there: tuple[Business, Provider, Service]) -> Provider:
    return there[1]


@pytest.fixture
def service(there: tuple[Business, Provider, Service]) -> Service:
    return there[2]


@pytest.fixture
def program(there: tuple[Business, Provider, Service]) -> Program:
    return books(there[0])


def waiting(kind: str = "") -> list[str]:
    """Who is to be written to, of messages that leave now."""
    rows = OutboxMessage.objects.filter(state=OutboxMessage.State.QUEUED, due_at__lte=clock.now())
    return sorted((rows.filter(kind=kind) if kind else rows).values_list("to", flat=True))


class TestBooking:
    def test_what_a_program_books_is_an_appointment_of_ours(
        self, program: Program, service: Service, ada: Provider
    ) -> None:
        told = booked(program, service, at("09:00"), staffMemberIds=[ada.ref])
        row = Appointment.objects.get()
        assert told["id"] == row.ref
        assert told["startDateTime"] == {"dateTime": "2030-03-04T09:00:00.0000000Z", "timeZone": "UTC"}
        assert (told["endDateTime"]["dateTime"], told["duration"]) == ("2030-03-04T09:30:00.0000000Z", "PT30M")
        assert told["staffMemberIds"] == [ada.ref]
        assert told["selfServiceAppointmentId"] == "00000000-0000-0000-0000-000000000000"
        assert (told["maximumAttendeesCount"], told["filledAttendeesCount"]) == (1, 1)
        assert told["customers"][0]["@odata.type"] == "#microsoft.graph.bookingCustomerInformation"
        assert told["customers"][0]["customerId"] == row.consumer.ref
        assert graph_contract.answer_faults("microsoft.graph.bookingCustomerInformation", told["customers"][0]) == []
        assert (row.name, row.timezone, row.booked_via) == ("Cleo Baumann", "Europe/Zurich", "graph")
        assert waiting("confirmation") == ["cleo@example.org"]
        assert AuditEntry.objects.filter(action="appointment.booked", actor_label__startswith="application").exists()

    def test_the_customers_way_into_the_visit_is_told_to_whom_may_change_it(
        self, program: Program, service: Service
    ) -> None:
        told = booked(program, service, at("09:00"))
        assert told["joinWebUrl"] == told["anonymousJoinWebUrl"] + "&or=desk"
        assert "/visit?v=" in told["joinWebUrl"]
        reader = books(program.business, READS)
        path = f"{home(program.business)}/appointments/{told['id']}"
        assert reader.get(path).json["joinWebUrl"] is None
        assert program.get(path).json["joinWebUrl"] == told["joinWebUrl"]

    def test_one_address_leads_customers_to_the_visit_and_staff_to_their_desk(
        self, program: Program, service: Service
    ) -> None:
        told = booked(program, service, at("09:00"))
        address = told["joinWebUrl"].removeprefix("http://localhost")
        assert Client().get(address)["Location"] == "/visit"
        manager = make_membership(business=program.business)
        for staff, to in ((manager, "/desk/visit/"), (make_membership(business=clinic()[0]), "/visit")):
            browser = Client()
            browser.force_login(staff.user)
            assert browser.get(address)["Location"].startswith(to)
            assert browser.get(address.removesuffix("&or=desk"))["Location"] == "/visit"

    def test_the_end_and_the_price_are_ours(self, program: Program, service: Service) -> None:
        service.price_minor, service.currency, service.lengths = 8000, "CHF", [60]
        service.save()
        told = booked(program, service, at("09:00"), minutes=60, price=1.0, priceType="free")
        assert (told["duration"], told["price"], told["priceType"]) == ("PT1H", 80.0, "fixedPrice")
        refused = program.post(f"{home(program.business)}/appointments", visit(service, at("11:00"), minutes=45))
        assert (refused.status, refused.json["error"]["target"]) == (400, "endDateTime")
        without_end = visit(service, at("11:00"))
        del without_end["endDateTime"]
        assert program.post(f"{home(program.business)}/appointments", without_end).json["duration"] == "PT30M"

    def test_the_kind_of_price_is_called_as_the_services_is(
        self, there: tuple[Business, Provider, Service], service: Service
    ) -> None:
        program = books(there[0], "Bookings.ReadWrite.All")
        said = {"defaultPrice": 80.0, "defaultPriceType": "startingAt"}
        assert program.ask("PATCH", f"{home(there[0])}/services/{service.ref}", said).status == 204
        told = booked(program, service, at("09:00"))
        assert (told["price"], told["priceType"]) == (80.0, "startingAt")

    def test_a_taken_start_is_refused_with_free_ones_near_it(self, program: Program, service: Service) -> None:
        booked(program, service, at("09:00"))
        refused = program.post(f"{home(program.business)}/appointments", visit(service, at("09:00")))
        assert (refused.status, refused.code) == (409, "conflict")
        inner = refused.json["error"]["innerError"]
        assert inner["code"] == "slot_taken"
        assert "2030-03-04T09:30:00Z" in inner["nearest"]

    def test_rules_are_obeyed(self, program: Program, service: Service) -> None:
        refused = program.post(f"{home(program.business)}/appointments", visit(service, at("19:00")))
        assert (refused.status, refused.json["error"]["innerError"]["code"]) == (400, "outside_hours")
        assert not Appointment.objects.exists()

    def test_nobody_is_mailed_who_opted_out(self, program: Program, service: Service) -> None:
        told = booked(program, service, at("09:00"), optOutOfCustomerEmail=True, smsNotificationsEnabled=False)
        assert (told["optOutOfCustomerEmail"], told["smsNotificationsEnabled"]) == (True, False)
        assert not OutboxMessage.objects.filter(to__in=["cleo@example.org", "+41795550111"]).exists()
        program.post(f"{home(program.business)}/appointments/{told['id']}/cancel", {"cancellationMessage": "Ill."})
        assert not OutboxMessage.objects.filter(to="cleo@example.org").exists()

    def test_answers_go_by_the_questions_of_the_service(self, program: Program, service: Service) -> None:
        service.questions = [
            {"id": "age", "type": "number", "label": "What is your age?", "required": True, "help": "", "choices": []},
            {"id": "way", "type": "choice", "label": "How?", "required": False, "help": "", "choices": ["Bus", "Car"]},
        ]
        service.save()
        listed = program.get(f"{home(program.business)}/customQuestions")
        ids = [one["id"] for one in listed.value] if listed.status == 200 else ["", ""]
        answers = [
            {"questionId": ids[0], "question": "What is your age?", "answer": "25", "selectedOptions": []},
            {"questionId": ids[1], "question": "How?", "answer": "", "selectedOptions": ["Bus"]},
        ]
        told = booked(program, service, at("09:00"), customers=[cleo(customQuestionAnswers=answers)])
        given = told["customers"][0]["customQuestionAnswers"]
        assert [(one["answer"], one["selectedOptions"]) for one in given] == [("25", []), ("Bus", ["Bus"])]
        assert Appointment.objects.get().answers == {"age": 25, "way": "Bus"}
        refused = program.post(f"{home(program.business)}/appointments", visit(service, at("10:00")))
        assert refused.json["error"]["target"] == "customers/0/customQuestionAnswers"

    def test_what_has_no_place_here_comes_back_as_it_was_written(self, program: Program, service: Service) -> None:
        place = {"displayName": "Room 4", "address": {"city": "Buffalo", "@odata.type": "#microsoft.graph.x"}}
        told = booked(
            program,
            service,
            at("09:00"),
            serviceNotes="Be on time.",
            additionalInformation="[ref 42]",
            serviceLocation=place,
            somethingNew={"a": 1},
            customers=[cleo(phone="079 555 01 11", location={"displayName": "Home"})]
            if Business.objects.filter(pk=program.business.pk).update(phone="+41445550100")
            else [],
        )
        again = program.get(f"{home(program.business)}/appointments/{told['id']}").json
        assert again["serviceNotes"] == "Be on time."
        assert again["additionalInformation"] == "[ref 42]"
        assert again["serviceLocation"] == {"displayName": "Room 4", "address": {"city": "Buffalo"}}
        assert again["customers"][0]["phone"] == "079 555 01 11"
        assert again["customers"][0]["location"] == {"displayName": "Home"}
        assert Appointment.objects.get().phone == "+41795550111"
        staff = Client()
        staff.force_login(make_membership(business=program.business).user)
        meeting = Appointment.objects.get().meeting
        assert meeting is not None
        for page in (f"/manage/appointments/{told['id']}", f"/desk/visit/{meeting.ref}"):
            assert "Be on time." in staff.get(page).content.decode()
        listed = program.get(f"{home(program.business)}/appointments").value
        assert "serviceNotes" not in listed[0]
        assert "reminders" not in listed[0]

    def test_windows_names_of_zones_and_bare_times_mean_what_they_say(self, program: Program, service: Service) -> None:
        told = booked(
            program,
            service,
            at("09:00"),
            startDateTime={"dateTime": "2030-03-04T10:00:00", "timeZone": "W. Europe Standard Time"},
            endDateTime={"dateTime": "2030-03-04T09:30:00.0000000+00:00", "timeZone": "Pacific Standard Time"},
            customers=[cleo(timeZone="Eastern Standard Time")],
        )
        assert told["startDateTime"]["dateTime"] == "2030-03-04T09:00:00.0000000Z"
        assert told["customerTimeZone"] == "America/New_York"

    def test_a_local_time_is_read_by_the_clock_of_its_day(self, program: Program, service: Service) -> None:
        summer = {"dateTime": "2030-04-01T10:00:00.0000000", "timeZone": "W. Europe Standard Time"}
        told = booked(program, service, at("09:00"), startDateTime=summer, endDateTime=None)
        assert told["startDateTime"]["dateTime"] == "2030-04-01T08:00:00.0000000Z"

    def test_addresses_are_read_in_any_case_and_ids_decoded(self, program: Program, service: Service) -> None:
        told = booked(program, service, at("09:00"))
        slug, id = program.business.slug, f"%{ord(told['id'][0]):x}{told['id'][1:]}"
        path = f"/SOLUTIONS/bookingbusinesses/{slug.upper()}@LOCALHOST/Appointments/{id}"
        assert program.get(path).json["id"] == told["id"]

    def test_what_consumers_book_themselves_is_told_as_such(self, program: Program, service: Service) -> None:
        row = book(service, at("09:00"))
        told = program.get(f"{home(program.business)}/appointments/{row.ref.upper()}").json
        assert told["selfServiceAppointmentId"] != "00000000-0000-0000-0000-000000000000"

    @pytest.mark.parametrize(
        ("wrong", "target"),
        [
            ({"serviceId": "nobody"}, "serviceId"),
            ({"serviceId": None}, "serviceId"),
            ({"startDateTime": None}, "startDateTime"),
            ({"startDateTime": {"dateTime": "soon"}}, "startDateTime"),
            ({"staffMemberIds": ["nobody"]}, "staffMemberIds"),
            ({"customers": []}, "customers"),
            ({"customers": [{}]}, "customers/0/name"),
            ({"customers": [{"customerId": "nobody", "name": "Cleo"}]}, "customers/0/customerId"),
            ({"customers": [{"name": "Cleo", "emailAddress": "no"}]}, "customers/0/emailAddress"),
            ({"customers": [{"name": "Cleo", "emailAddress": "c@example.org", "phone": "x"}]}, "customers/0/phone"),
            ({"customerTimeZone": "Mars"}, "customerTimeZone"),
        ],
    )
    def test_what_cannot_be_booked_is_said_of_its_member(
        self, program: Program, service: Service, wrong: dict[str, Any], target: str
    ) -> None:
        refused = program.post(f"{home(program.business)}/appointments", visit(service, at("09:00")) | wrong)
        assert (refused.status, refused.json["error"]["target"]) == (400, target)


class TestChanging:
    def test_a_patch_moves_it_and_leaves_the_rest(self, program: Program, service: Service) -> None:
        told = booked(program, service, at("09:00"))
        path = f"{home(program.business)}/appointments/{told['id']}"
        moved = program.ask("PATCH", path, {"startDateTime": utc(at("10:00")), "endDateTime": utc(at("10:30"))})
        assert (moved.status, moved.body) == (204, b"")
        again = program.get(path).json
        assert again["startDateTime"]["dateTime"] == "2030-03-04T10:00:00.0000000Z"
        assert again["joinWebUrl"] == told["joinWebUrl"]
        assert again["lastUpdatedDateTime"] >= told["lastUpdatedDateTime"]
        assert waiting("moved") == ["cleo@example.org"]

    def test_what_was_read_may_be_written_back_without_changing_anything(
        self, program: Program, service: Service
    ) -> None:
        told = booked(program, service, at("09:00"), serviceNotes="Be on time.")
        path = f"{home(program.business)}/appointments/{told['id']}"
        before = Appointment.objects.get().version
        assert program.ask("PATCH", path, program.get(path).json).status == 204
        assert Appointment.objects.get().version == before

    def test_an_appointment_may_be_given_to_somebody_else(self, program: Program, service: Service) -> None:
        told = booked(program, service, at("09:00"))
        path = f"{home(program.business)}/appointments/{told['id']}"
        dora = {"name": "Dora", "emailAddress": "dora@example.org", "notes": "By bus"}
        assert program.ask("PATCH", path, {"customers": [dora]}).status == 204
        again = program.get(path).json
        assert (again["customerName"], again["customerNotes"]) == ("Dora", "By bus")
        assert again["joinWebUrl"] != told["joinWebUrl"]
        assert "dora@example.org" in waiting("confirmation")
        assert "cleo@example.org" not in waiting("confirmation")

    def test_a_longer_time_has_to_be_on_offer(self, program: Program, service: Service) -> None:
        told = booked(program, service, at("09:00"))
        path = f"{home(program.business)}/appointments/{told['id']}"
        refused = program.ask("PATCH", path, {"endDateTime": utc(at("10:00"))})
        assert (refused.status, refused.json["error"]["target"]) == (400, "endDateTime")

    def test_it_is_not_turned_into_another_service(self, program: Program, service: Service, ada: Provider) -> None:
        other = make_service(providers=[ada])
        told = booked(program, service, at("09:00"))
        path = f"{home(program.business)}/appointments/{told['id']}"
        assert program.ask("PATCH", path, {"serviceId": other.ref}).json["error"]["target"] == "serviceId"

    def test_a_patch_that_is_refused_changes_nothing(self, program: Program, service: Service) -> None:
        told = booked(program, service, at("09:00"))
        path = f"{home(program.business)}/appointments/{told['id']}"
        wrong = {"startDateTime": utc(at("10:00")), "customers": [cleo(phone="no")]}
        assert program.ask("PATCH", path, wrong).status == 400
        assert program.get(path).json["startDateTime"] == told["startDateTime"]


class TestEnding:
    def test_cancelling_tells_both_sides_in_the_words_given(self, program: Program, service: Service) -> None:
        told = booked(program, service, at("09:00"))
        path = f"{home(program.business)}/appointments/{told['id']}"
        done = program.post(f"{path}/cancel", {"CancellationMessage": "Ada is ill.\nCall us."})
        assert (done.status, done.body) == (204, b"")
        assert Appointment.objects.get().cancel_reason == "Ada is ill. Call us."
        assert waiting("cancelled") == ["cleo@example.org"]
        assert waiting("provider_cancelled") == ["ada@lakeside.example"]
        assert program.get(path).status == program.post(f"{path}/cancel", {}).status == 404

    def test_deleting_tells_nobody(self, program: Program, service: Service) -> None:
        told = booked(program, service, at("09:00"))
        path = f"{home(program.business)}/appointments/{told['id']}"
        assert program.ask("DELETE", path).status == 204
        assert not waiting()
        assert Appointment.objects.get().status == S.CANCELLED
        assert AuditEntry.objects.get(action="appointment.cancelled").details["told"] is False
        assert booked(program, service, at("09:00"))["id"] != told["id"]

    def test_cancelled_ones_are_gone(self, program: Program, service: Service) -> None:
        told = booked(program, service, at("09:00"))
        booked(program, service, at("10:00"))
        program.ask("DELETE", f"{home(program.business)}/appointments/{told['id']}")
        seen = in_view(program, "2030-03-04T00:00:00Z", "2030-03-05T00:00:00Z").value
        assert [one["startDateTime"]["dateTime"][11:16] for one in seen] == ["10:00"]
        assert program.get(f"{home(program.business)}/appointments/$count").body == b"1"


class TestPastTheRules:
    def test_an_administrator_books_at_any_time_and_says_so(
        self, there: tuple[Business, Provider, Service], service: Service
    ) -> None:
        program = books(there[0], MANAGES)
        path = f"{home(there[0])}/appointments"
        late = visit(service, at("21:10"), minutes=50)
        assert program.post(path, late).status == 400
        made = program.ask("POST", path, late, Prefer='outlook.timezone="UTC", vestibule.override')
        assert (made.status, made.headers["Preference-Applied"]) == (201, "vestibule.override")
        assert made.json["duration"] == "PT50M"
        assert AuditEntry.objects.filter(action="appointment.rules_set_aside").count() == 1
        moved = program.ask(
            "PATCH",
            f"{path}/{made.json['id']}",
            {"startDateTime": utc(at("22:00")), "endDateTime": utc(at("23:00"))},
            Prefer="vestibule.override",
        )
        assert moved.status == 204
        assert Appointment.objects.get().start == at("22:00")

    def test_even_so_nobody_is_booked_twice_at_once(
        self, there: tuple[Business, Provider, Service], service: Service
    ) -> None:
        program = books(there[0], MANAGES)
        booked(program, service, at("09:00"))
        path = f"{home(there[0])}/appointments"
        refused = program.ask("POST", path, visit(service, at("09:10")), Prefer="vestibule.override")
        assert (refused.status, refused.json["error"]["innerError"]["code"]) == (409, "slot_taken")

    def test_others_may_not(self, program: Program, service: Service) -> None:
        path = f"{home(program.business)}/appointments"
        refused = program.ask("POST", path, visit(service, at("21:00")), Prefer="vestibule.override")
        assert (refused.status, refused.code) == (403, "accessDenied")


def test_another_business_has_no_appointments_for_a_program(program: Program, service: Service) -> None:
    business, _bob, other = clinic(name="Elsewhere")
    theirs = book(other, at("09:00"))
    assert program.get(f"{home(program.business)}/appointments/{theirs.ref}").status == 404
    assert program.get(f"{home(business)}/appointments/{theirs.ref}").status == 404
    refused = program.post(f"{home(program.business)}/appointments", visit(other, at("10:00")))
    assert refused.json["error"]["target"] == "serviceId"
    assert program.get(f"{home(program.business)}/appointments").value == []


def test_a_request_that_waits_for_approval_is_there_without_a_way_to_join(program: Program, service: Service) -> None:
    Service.objects.filter(pk=service.pk).update(needs_approval=True)
    told = booked(program, service, at("12:00"))
    assert told["joinWebUrl"] is None
    clock.set_to(at("12:00") + timedelta(minutes=1))
    assert program.get(f"{home(program.business)}/appointments/{told['id']}").status == 404
