"""The official client of Graph books, moves and cancels here, as it comes."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.api.graph.walk import Graph, running_graph

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
OF = "solutions.bookingBusinesses"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    with running_graph(tmp_path_factory.mktemp("graph")) as graph:
        yield graph


def zoned(moment: datetime) -> Any:
    from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone

    return DateTimeTimeZone(date_time=f"{moment:%Y-%m-%dT%H:%M:%S}", time_zone="UTC")


def read(told: Any) -> datetime:
    return datetime.fromisoformat(told.date_time[:19]).replace(tzinfo=UTC)


@pytest.mark.shows(f"{OF}.bookingBusiness.getStaffAvailability", by="msgraph")
@pytest.mark.shows(f"{OF}.CreateCustomers", by="msgraph")
@pytest.mark.shows(f"{OF}.GetCustomers", by="msgraph")
@pytest.mark.shows(f"{OF}.UpdateCustomers", by="msgraph")
@pytest.mark.shows(f"{OF}.ListCustomers", by="msgraph")
@pytest.mark.shows(f"{OF}.CreateAppointments", by="msgraph")
@pytest.mark.shows(f"{OF}.GetAppointments", by="msgraph")
@pytest.mark.shows(f"{OF}.UpdateAppointments", by="msgraph")
@pytest.mark.shows(f"{OF}.ListAppointments", by="msgraph")
@pytest.mark.shows(f"{OF}.ListCalendarView", by="msgraph")
@pytest.mark.shows(f"{OF}.DeleteAppointments", by="msgraph")
@pytest.mark.shows(f"{OF}.bookingBusiness.appointments.bookingAppointment.cancel", by="msgraph")
def test_a_program_books_moves_and_cancels(graph: Graph) -> None:
    asyncio.run(_walk(graph))


async def _walk(graph: Graph) -> None:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.models.booking_appointment import BookingAppointment
    from msgraph.generated.models.booking_customer import BookingCustomer
    from msgraph.generated.models.booking_customer_information import BookingCustomerInformation
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError
    from msgraph.generated.solutions.booking_businesses.item.appointments.item.cancel.cancel_post_request_body import (
        CancelPostRequestBody,
    )
    from msgraph.generated.solutions.booking_businesses.item.calendar_view import calendar_view_request_builder as view
    from msgraph.generated.solutions.booking_businesses.item.customers import customers_request_builder as customers

    client = graph.client()
    businesses = await client.solutions.booking_businesses.get()
    clinic = client.solutions.booking_businesses.by_booking_business_id(businesses.value[0].id)
    service = await _simple_service(clinic)
    start = await _first_free(clinic, service)

    joni = await clinic.customers.post(
        BookingCustomer(
            odata_type="#microsoft.graph.bookingCustomer",
            display_name="Joni Sherman",
            email_address="jonis@relecloud.example",
        )
    )
    assert isinstance(joni, BookingCustomer)
    changed = await clinic.customers.by_booking_customer_base_id(joni.id).patch(
        BookingCustomer(odata_type="#microsoft.graph.bookingCustomer", display_name="Joni S.")
    )
    assert changed.display_name == "Joni S."
    again = await clinic.customers.by_booking_customer_base_id(joni.id).get()
    assert again.email_address == "jonis@relecloud.example"
    assert joni.id in {one.id for one in (await clinic.customers.get()).value}
    hers = customers.CustomersRequestBuilder.CustomersRequestBuilderGetQueryParameters(
        filter="emailAddress eq 'jonis@relecloud.example'", orderby=["displayName desc"], count=True
    )
    found = await clinic.customers.get(RequestConfiguration(query_parameters=hers))
    assert ([one.id for one in found.value], found.odata_count) == ([joni.id], 1)

    wish = BookingAppointment(
        service_id=service.id,
        start_date_time=zoned(start),
        end_date_time=zoned(start + service.default_duration),
        staff_member_ids=[service.staff_member_ids[0]],
        pre_buffer=timedelta(minutes=5),
        customers=[
            BookingCustomerInformation(
                odata_type="#microsoft.graph.bookingCustomerInformation", customer_id=joni.id, name="Joni Sherman"
            )
        ],
    )
    made = await clinic.appointments.post(wish)
    assert (read(made.start_date_time), made.filled_attendees_count) == (start, 1)
    assert made.duration == service.default_duration
    assert made.customers[0].email_address == "jonis@relecloud.example"
    with pytest.raises(ODataError) as refused:
        await clinic.appointments.post(wish)
    assert refused.value.response_status_code == 409
    inner = _inner(refused.value)
    assert inner["code"] == "slot_taken"
    assert inner["nearest"]

    queries = view.CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters

    async def seen() -> dict[str, datetime]:
        first, last = start - timedelta(hours=1), start + timedelta(days=1)
        asked = RequestConfiguration(query_parameters=queries(start=first.isoformat(), end=last.isoformat()))
        return {one.id: read(one.start_date_time) for one in (await clinic.calendar_view.get(asked)).value}

    assert (await seen())[made.id] == start
    assert made.id in {one.id for one in (await clinic.appointments.get()).value}
    own = clinic.appointments.by_booking_appointment_id(made.id)
    later = start + service.default_duration
    await own.patch(
        BookingAppointment(
            start_date_time=zoned(later),
            end_date_time=zoned(later + service.default_duration),
            service_notes="Bring the report.",
        )
    )
    told = await own.get()
    assert (read(told.start_date_time), told.service_notes) == (later, "Bring the report.")
    await own.cancel.post(CancelPostRequestBody(cancellation_message="The clinic is closed."))
    assert made.id not in await seen()
    written = [one for one in graph.server.outbox() if one["to"] == "jonis@relecloud.example"]
    assert any("The clinic is closed." in str(one["text"]) for one in written)

    silent = await clinic.appointments.post(wish)
    await clinic.appointments.by_booking_appointment_id(silent.id).delete()
    with pytest.raises(ODataError) as gone:
        await clinic.appointments.by_booking_appointment_id(silent.id).get()
    assert gone.value.response_status_code == 404
    assert gone.value.error is not None
    assert gone.value.error.code == "ErrorItemNotFound"


def _inner(refused: Any) -> dict[str, Any]:
    found: dict[str, Any] = refused.error.inner_error.additional_data
    return found


@pytest.mark.shows("Get.Count.appointments-205a", by="msgraph")
@pytest.mark.shows("Get.Count.calendarView-f3a3", by="msgraph")
@pytest.mark.shows("Get.Count.customers-1771", by="msgraph")
@pytest.mark.shows(f"{OF}.DeleteCustomers", by="msgraph")
@pytest.mark.shows(f"{OF}.CreateCalendarView", by="msgraph")
@pytest.mark.shows(f"{OF}.GetCalendarView", by="msgraph")
@pytest.mark.shows(f"{OF}.UpdateCalendarView", by="msgraph")
@pytest.mark.shows(f"{OF}.DeleteCalendarView", by="msgraph")
@pytest.mark.shows(f"{OF}.bookingBusiness.calendarView.bookingAppointment.cancel", by="msgraph")
def test_a_program_works_in_the_calendar_and_counts(graph: Graph) -> None:
    asyncio.run(_calendar(graph))


async def _calendar(graph: Graph) -> None:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.models.booking_appointment import BookingAppointment
    from msgraph.generated.models.booking_customer import BookingCustomer
    from msgraph.generated.models.booking_customer_information import BookingCustomerInformation
    from msgraph.generated.solutions.booking_businesses.item.calendar_view.count.count_request_builder import (
        CountRequestBuilder,
    )
    from msgraph.generated.solutions.booking_businesses.item.calendar_view.item.cancel.cancel_post_request_body import (
        CancelPostRequestBody,
    )

    client = graph.client()
    business = (await client.solutions.booking_businesses.get()).value[0]
    clinic = client.solutions.booking_businesses.by_booking_business_id(business.id)
    service = await _simple_service(clinic)
    start = await _first_free(clinic, service) + service.default_duration * 4
    asked = RequestConfiguration(
        query_parameters=CountRequestBuilder.CountRequestBuilderGetQueryParameters(
            start=start.isoformat(), end=(start + service.default_duration).isoformat()
        )
    )
    before = await clinic.calendar_view.count.get(asked), await clinic.appointments.count.get()
    person = BookingCustomerInformation(
        odata_type="#microsoft.graph.bookingCustomerInformation", name="Ann", email_address="ann@relecloud.example"
    )
    wish = BookingAppointment(
        service_id=service.id,
        start_date_time=zoned(start),
        staff_member_ids=service.staff_member_ids[:1],
        customers=[person],
    )
    for ends_by_cancelling in (True, False):
        made = await clinic.calendar_view.post(wish)
        own = clinic.calendar_view.by_booking_appointment_id(made.id)
        await own.patch(BookingAppointment(appointment_label="Second opinion"))
        assert (await own.get()).appointment_label == "Second opinion"
        now = await clinic.calendar_view.count.get(asked), await clinic.appointments.count.get()
        assert now == (before[0] + 1, before[1] + 1)
        if ends_by_cancelling:
            await own.cancel.post(CancelPostRequestBody(cancellation_message="Closed."))
        else:
            await own.delete()
    customers = await clinic.customers.count.get()
    nobody = await clinic.customers.post(
        BookingCustomer(odata_type="#microsoft.graph.bookingCustomer", display_name="Nobody Yet")
    )
    await clinic.customers.by_booking_customer_base_id(nobody.id).delete()
    assert await clinic.customers.count.get() == customers


@dataclass(frozen=True)
class Wanted:
    """A start that is free, and how it is asked for."""

    path: str
    body: dict[str, Any]


async def _wanted(graph: Graph) -> Wanted:
    client = graph.client()
    business = (await client.solutions.booking_businesses.get()).value[0]
    clinic = client.solutions.booking_businesses.by_booking_business_id(business.id)
    service = await _simple_service(clinic)
    start = await _first_free(clinic, service) + service.default_duration * 2
    moment = {"dateTime": f"{start:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
    staff = service.staff_member_ids[:1]
    return Wanted(
        f"{graph.base_url}/solutions/bookingBusinesses/{quote(business.id, safe='')}/appointments",
        {"serviceId": service.id, "startDateTime": moment, "staffMemberIds": staff},
    )


def test_of_many_programs_that_want_one_start_exactly_one_gets_it(graph: Graph) -> None:
    wanted = asyncio.run(_wanted(graph))
    headers = {"Authorization": f"Bearer {graph.token}"}

    def ask(number: int) -> httpx.Response:
        who = {"name": f"Person {number}", "emailAddress": f"person{number}@example.org"}
        return httpx.post(wanted.path, json={**wanted.body, "customers": [who]}, headers=headers, timeout=120)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))
    assert Counter(one.status_code for one in answers) == {201: 1, 409: 19}
    codes = {one.json()["error"]["innerError"]["code"] for one in answers if one.status_code == 409}
    assert codes == {"slot_taken"}


async def _simple_service(clinic: Any) -> Any:
    """Return a service for one person that asks nothing in particular, as it is told by its id."""
    for one in (await clinic.services.get()).value:
        service = await clinic.services.by_booking_service_id(one.id).get()
        if service.maximum_attendees_count == 1 and not any(each.is_required for each in service.custom_questions):
            return service
    raise AssertionError("the demonstration has no service that asks nothing")


async def _first_free(clinic: Any, service: Any) -> datetime:
    """Return when somebody who offers a service begins a day of work that is free for long, some days ahead."""
    from msgraph.generated.solutions.booking_businesses.item.get_staff_availability import (
        get_staff_availability_post_request_body as body,
    )

    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    found = await clinic.get_staff_availability.post(
        body.GetStaffAvailabilityPostRequestBody(
            staff_ids=service.staff_member_ids[:1],
            start_date_time=zoned(today + timedelta(days=3)),
            end_date_time=zoned(today + timedelta(days=30)),
        )
    )
    items = found.value[0].availability_items
    for before, one in pairwise(items):
        long_enough = read(one.end_date_time) - read(one.start_date_time) >= service.default_duration * 6
        if before.status.value == "outOfOffice" and one.status.value == "available" and long_enough:
            return read(one.start_date_time)
    raise AssertionError("nobody is free for a month")
