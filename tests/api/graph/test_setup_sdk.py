"""The official client of Graph sets a business up here, as it comes: itself, staff, services, questions, currencies."""

import asyncio
from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import httpx
import pytest

from tests.api.graph.walk import Graph, running_graph

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
ROOT, OF = "solutions", "solutions.bookingBusinesses"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    with running_graph(tmp_path_factory.mktemp("graph")) as graph:
        yield graph


async def _own(client: Any) -> Any:
    """Return the business that the program belongs to, as the client asks about it."""
    businesses = await client.solutions.booking_businesses.get()
    return client.solutions.booking_businesses.by_booking_business_id(businesses.value[0].id)


def _public(graph: Graph, path: str = "") -> httpx.Response:
    """Read what anybody may of the business, by API v1."""
    return httpx.get(f"{graph.server.origin}/api/v1/businesses/{graph.slug}{path}", timeout=60)


@pytest.mark.shows(f"{ROOT}.ListBookingBusinesses", by="msgraph")
@pytest.mark.shows(f"{ROOT}.GetBookingBusinesses", by="msgraph")
@pytest.mark.shows(f"{ROOT}.UpdateBookingBusinesses", by="msgraph")
@pytest.mark.shows(f"{ROOT}.CreateBookingBusinesses", by="msgraph")
@pytest.mark.shows(f"{ROOT}.DeleteBookingBusinesses", by="msgraph")
@pytest.mark.shows(f"{OF}.bookingBusiness.publish", by="msgraph")
@pytest.mark.shows(f"{OF}.bookingBusiness.unpublish", by="msgraph")
@pytest.mark.shows("Get.Count.bookingBusinesses-b75b", by="msgraph")
def test_a_business_is_read_changed_made_published_and_taken_away(graph: Graph) -> None:
    asyncio.run(_businesses(graph))


async def _businesses(graph: Graph) -> None:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.models.booking_business import BookingBusiness
    from msgraph.generated.models.booking_scheduling_policy import BookingSchedulingPolicy
    from msgraph.generated.models.booking_work_hours import BookingWorkHours
    from msgraph.generated.models.booking_work_time_slot import BookingWorkTimeSlot
    from msgraph.generated.models.day_of_week import DayOfWeek
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError
    from msgraph.generated.models.physical_address import PhysicalAddress
    from msgraph.generated.solutions.booking_businesses import booking_businesses_request_builder as builder

    client = graph.client()
    all_of_them = client.solutions.booking_businesses
    queries = builder.BookingBusinessesRequestBuilder.BookingBusinessesRequestBuilderGetQueryParameters
    found = await all_of_them.get(RequestConfiguration(query_parameters=queries(select=["id"], count=True, top=1)))
    assert ([one.id for one in found.value], found.value[0].display_name) == ([f"{graph.slug}@localhost"], None)
    assert found.odata_count >= 1
    assert int(await all_of_them.count.get()) >= 1
    clinic = await _own(client)
    before = await clinic.get()
    assert before.booking_page_settings.business_time_zone
    assert {one.day for one in before.business_hours} == set(DayOfWeek)
    assert before.scheduling_policy.time_slot_interval > timedelta(0)

    hours = BookingWorkHours(
        day=DayOfWeek.Monday, time_slots=[BookingWorkTimeSlot(start_time=time(9), end_time=time(12, 30))]
    )
    await clinic.patch(
        BookingBusiness(
            odata_type="#microsoft.graph.bookingBusiness",
            web_site_url="https://lakeside.example/",
            address=PhysicalAddress(street="1 Lake Road", city="Zurich"),
            business_hours=[hours],
            scheduling_policy=BookingSchedulingPolicy(minimum_lead_time=timedelta(hours=3)),
        )
    )
    after = await clinic.get()
    assert (after.display_name, after.web_site_url) == (before.display_name, "https://lakeside.example/")
    assert (after.address.city, after.scheduling_policy.minimum_lead_time) == ("Zurich", timedelta(hours=3))
    assert after.business_hours[0].time_slots[0].end_time == time(12, 30)
    await clinic.patch(BookingBusiness(business_hours=before.business_hours))

    await clinic.unpublish.post()
    assert (await clinic.get()).is_published is False
    page = httpx.get(f"{graph.server.origin}/book/{graph.slug}", timeout=60)
    assert "Online booking is closed at the moment" in page.text
    await clinic.publish.post()
    assert (await clinic.get()).public_url == f"{graph.server.origin}/book/{graph.slug}"

    made = await all_of_them.post(BookingBusiness(display_name="Lakeside Eyes", default_currency_iso="CHF"))
    assert (made.display_name, made.default_currency_iso) == ("Lakeside Eyes", "CHF")
    await all_of_them.by_booking_business_id(made.id).delete()
    with pytest.raises(ODataError) as gone:
        await all_of_them.by_booking_business_id(made.id).get()
    error: Any = gone.value
    assert (error.response_status_code, error.error.code) == (404, "ErrorItemNotFound")
    with pytest.raises(ODataError) as refused:
        await clinic.delete()
    error = refused.value
    assert error.error.code == "accessDenied"


@pytest.mark.shows(f"{OF}.ListServices", by="msgraph")
@pytest.mark.shows(f"{OF}.CreateServices", by="msgraph")
@pytest.mark.shows(f"{OF}.GetServices", by="msgraph")
@pytest.mark.shows(f"{OF}.UpdateServices", by="msgraph")
@pytest.mark.shows(f"{OF}.DeleteServices", by="msgraph")
@pytest.mark.shows(f"{OF}.ListStaffMembers", by="msgraph")
@pytest.mark.shows(f"{OF}.CreateStaffMembers", by="msgraph")
@pytest.mark.shows(f"{OF}.GetStaffMembers", by="msgraph")
@pytest.mark.shows(f"{OF}.UpdateStaffMembers", by="msgraph")
@pytest.mark.shows(f"{OF}.DeleteStaffMembers", by="msgraph")
@pytest.mark.shows(f"{OF}.ListCustomQuestions", by="msgraph")
@pytest.mark.shows(f"{OF}.CreateCustomQuestions", by="msgraph")
@pytest.mark.shows(f"{OF}.GetCustomQuestions", by="msgraph")
@pytest.mark.shows(f"{OF}.UpdateCustomQuestions", by="msgraph")
@pytest.mark.shows(f"{OF}.DeleteCustomQuestions", by="msgraph")
@pytest.mark.shows("Get.Count.services-35c3", by="msgraph")
@pytest.mark.shows("Get.Count.staffMembers-7947", by="msgraph")
@pytest.mark.shows("Get.Count.customQuestions-385a", by="msgraph")
def test_what_is_set_up_can_be_booked_and_is_taken_away_again(graph: Graph) -> None:
    asyncio.run(_set_up(graph))


async def _set_up(graph: Graph) -> None:
    from msgraph.generated.models.answer_input_type import AnswerInputType
    from msgraph.generated.models.booking_custom_question import BookingCustomQuestion
    from msgraph.generated.models.booking_price_type import BookingPriceType
    from msgraph.generated.models.booking_question_assignment import BookingQuestionAssignment
    from msgraph.generated.models.booking_reminder import BookingReminder
    from msgraph.generated.models.booking_reminder_recipients import BookingReminderRecipients
    from msgraph.generated.models.booking_scheduling_policy import BookingSchedulingPolicy
    from msgraph.generated.models.booking_service import BookingService
    from msgraph.generated.models.booking_staff_member import BookingStaffMember
    from msgraph.generated.models.booking_staff_role import BookingStaffRole
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError

    clinic = await _own(graph.client())
    staff = BookingStaffMember(
        odata_type="#microsoft.graph.bookingStaffMember",
        display_name="Dana Swope",
        email_address="danas@contoso.example",
        role=BookingStaffRole.ExternalGuest,
        time_zone="America/Chicago",
        use_business_hours=True,
    )
    made = await clinic.staff_members.post(staff)
    assert isinstance(made, BookingStaffMember)
    dana: Any = made
    assert (dana.role, dana.time_zone) == (BookingStaffRole.ExternalGuest, "America/Chicago")
    own = clinic.staff_members.by_booking_staff_member_base_id(dana.id)
    await own.patch(
        BookingStaffMember(odata_type="#microsoft.graph.bookingStaffMember", display_name="Dana S.", time_zone="UTC")
    )
    assert (await own.get()).display_name == "Dana S."
    assert dana.id in {one.id for one in (await clinic.staff_members.get()).value}
    assert int(await clinic.staff_members.count.get()) > 1

    asked: Any = await clinic.custom_questions.post(
        BookingCustomQuestion(display_name="How did you hear of us?", answer_input_type=AnswerInputType.Text)
    )
    question = clinic.custom_questions.by_booking_custom_question_id(asked.id)
    options = ["A friend", "The newspaper"]
    changed: Any = await question.patch(
        BookingCustomQuestion(answer_input_type=AnswerInputType.RadioButton, answer_options=options)
    )
    assert (changed.answer_input_type, changed.answer_options) == (AnswerInputType.RadioButton, options)
    assert (await question.get()).display_name == "How did you hear of us?"
    assert asked.id in {one.id for one in (await clinic.custom_questions.get()).value}
    assert int(await clinic.custom_questions.count.get()) >= 1

    bento = await clinic.services.post(
        BookingService(
            display_name="Bento",
            default_duration=timedelta(minutes=20),
            default_price=10.0,
            default_price_type=BookingPriceType.StartingAt,
            pre_buffer=timedelta(minutes=5),
            maximum_attendees_count=1,
            is_location_online=True,
            staff_member_ids=[dana.id],
            custom_questions=[BookingQuestionAssignment(question_id=asked.id, is_required=False)],
            default_reminders=[
                BookingReminder(
                    offset=timedelta(days=1), recipients=BookingReminderRecipients.Customer, message="Tomorrow"
                )
            ],
            scheduling_policy=BookingSchedulingPolicy(
                time_slot_interval=timedelta(minutes=20), maximum_advance=timedelta(days=60)
            ),
        )
    )
    assert (bento.default_duration, bento.default_price_type) == (timedelta(minutes=20), BookingPriceType.StartingAt)
    assert (bento.default_reminders[0].offset, bento.default_reminders[0].message) == (timedelta(days=1), "Tomorrow")
    assert bento.scheduling_policy.maximum_advance == timedelta(days=60)
    slug = bento.web_url.rpartition("/")[2]
    named = {one["slug"]: one for one in _public(graph, "/services").json()["services"]}
    assert named[slug]["duration_minutes"] == 20
    service = clinic.services.by_booking_service_id(bento.id)
    await service.patch(BookingService(default_duration=timedelta(minutes=40), is_hidden_from_customers=True))
    told = await service.get()
    assert (told.default_duration, told.is_hidden_from_customers) == (timedelta(minutes=40), True)
    assert told.custom_questions[0].question_id == asked.id
    assert slug not in {one["slug"] for one in _public(graph, "/services").json()["services"]}
    assert bento.id in {one.id for one in (await clinic.services.get()).value}
    there = int(await clinic.services.count.get())

    await service.delete()
    assert int(await clinic.services.count.get()) == there - 1
    await question.delete()
    await own.delete()
    for gone in (service, question, own):
        with pytest.raises(ODataError) as missing:
            await gone.get()
        error: Any = missing.value
        assert (error.response_status_code, error.error.code) == (404, "ErrorItemNotFound")


@pytest.mark.shows(f"{ROOT}.ListBookingCurrencies", by="msgraph")
@pytest.mark.shows(f"{ROOT}.GetBookingCurrencies", by="msgraph")
@pytest.mark.shows("Get.Count.bookingCurrencies-f6c6", by="msgraph")
def test_currencies_are_read(graph: Graph) -> None:
    async def walk() -> None:
        currencies = graph.client().solutions.booking_currencies
        found = {one.id: one.symbol for one in (await currencies.get()).value}
        assert found["EUR"] == "€"
        assert (await currencies.by_booking_currency_id("CHF").get()).symbol == "CHF"
        assert int(await currencies.count.get()) == len(found)

    asyncio.run(walk())
