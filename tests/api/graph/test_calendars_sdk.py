"""The official client of Graph has meetings made, reads and writes calendars and subscribes to them, as it comes."""

import asyncio
import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.api.graph.listening import listening
from tests.api.graph.walk import Graph, running_graph

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
ADA = "dr-ada-blum@lakeside-clinic.example"
ITEM = "users.item.onlineMeetings.item"
NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
NINE = datetime(2026, 3, 7, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    with running_graph(tmp_path_factory.mktemp("graph")) as graph:
        graph.server.move_clock(set=f"{NOW:%Y-%m-%dT%H:%M:%SZ}")
        yield graph


def zoned(moment: datetime) -> Any:
    from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone

    return DateTimeTimeZone(date_time=f"{moment:%Y-%m-%dT%H:%M:%S}", time_zone="UTC")


@pytest.mark.shows("users.CreateOnlineMeetings", by="msgraph")
@pytest.mark.shows("users.user.onlineMeetings.createOrGet", by="msgraph")
@pytest.mark.shows("users.ListOnlineMeetings", by="msgraph")
@pytest.mark.shows("users.GetOnlineMeetings", by="msgraph")
@pytest.mark.shows("users.UpdateOnlineMeetings", by="msgraph")
@pytest.mark.shows("users.DeleteOnlineMeetings", by="msgraph")
@pytest.mark.shows(f"{ITEM}.getVirtualAppointmentJoinWebUrl.Get", by="msgraph")
@pytest.mark.shows(f"{ITEM}.sendVirtualAppointmentSms.Post", by="msgraph")
@pytest.mark.shows(f"{ITEM}.sendVirtualAppointmentReminderSms.Post", by="msgraph")
def test_meetings_are_made_found_changed_told_of_and_deleted(graph: Graph) -> None:
    asyncio.run(_meetings(graph))


async def _meetings(graph: Graph) -> None:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.models.attendee_notification_info import AttendeeNotificationInfo
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError
    from msgraph.generated.models.online_meeting import OnlineMeeting
    from msgraph.generated.models.remind_before_time_in_minutes_type import RemindBeforeTimeInMinutesType
    from msgraph.generated.models.virtual_appointment_message_type import VirtualAppointmentMessageType
    from msgraph.generated.users.item.online_meetings import online_meetings_request_builder as listing
    from msgraph.generated.users.item.online_meetings.create_or_get import create_or_get_post_request_body as wish
    from msgraph.generated.users.item.online_meetings.item.send_virtual_appointment_reminder_sms import (
        send_virtual_appointment_reminder_sms_post_request_body as reminding,
    )
    from msgraph.generated.users.item.online_meetings.item.send_virtual_appointment_sms import (
        send_virtual_appointment_sms_post_request_body as writing,
    )

    meetings = graph.client().users.by_user_id(ADA).online_meetings
    made = await meetings.post(OnlineMeeting(subject="Second opinion", start_date_time=NINE, end_date_time=NINE + HOUR))
    assert (made.subject, made.start_date_time) == ("Second opinion", NINE)
    assert made.join_meeting_id_settings.passcode

    wanted = wish.CreateOrGetPostRequestBody(external_id="v7", start_date_time=NINE, end_date_time=NINE + HOUR)
    first, again = [await meetings.create_or_get.post(wanted) for _time in range(2)]
    assert first.id == again.id != made.id

    query = listing.OnlineMeetingsRequestBuilder.OnlineMeetingsRequestBuilderGetQueryParameters(
        filter=f"JoinWebUrl eq '{made.join_web_url}'"
    )
    found = await meetings.get(RequestConfiguration(query_parameters=query))
    assert [one.id for one in found.value] == [made.id]

    at_it = meetings.by_online_meeting_id(made.id)
    moved = await at_it.patch(OnlineMeeting(start_date_time=NINE + HOUR, end_date_time=NINE + 2 * HOUR))
    assert (moved.start_date_time, (await at_it.get()).subject) == (NINE + HOUR, "Second opinion")
    door = await at_it.get_virtual_appointment_join_web_url.get()
    assert door.value == made.join_web_url

    reader = AttendeeNotificationInfo(phone_number="+41445550177", time_zone="W. Europe Standard Time")
    said = writing.SendVirtualAppointmentSmsPostRequestBody(
        attendees=[reader], message_type=VirtualAppointmentMessageType.Confirmation
    )
    await at_it.send_virtual_appointment_sms.post(said)
    await at_it.send_virtual_appointment_reminder_sms.post(
        reminding.SendVirtualAppointmentReminderSmsPostRequestBody(
            attendees=[reader], remind_before_time_in_minutes_type=RemindBeforeTimeInMinutesType.Mins15
        )
    )
    assert len([one for one in graph.server.outbox() if one["to"] == "+41445550177"]) == 2

    await at_it.delete()
    with pytest.raises(ODataError) as gone:
        await at_it.get()
    assert gone.value.response_status_code == 404


@pytest.mark.shows("users.GetCalendar", by="msgraph")
@pytest.mark.shows("users.CreateEvents", by="msgraph")
@pytest.mark.shows("users.GetEvents", by="msgraph")
@pytest.mark.shows("users.ListEvents", by="msgraph")
@pytest.mark.shows("users.UpdateEvents", by="msgraph")
@pytest.mark.shows("users.DeleteEvents", by="msgraph")
@pytest.mark.shows("users.user.events.event.cancel", by="msgraph")
@pytest.mark.shows("users.ListCalendarView", by="msgraph")
@pytest.mark.shows("users.user.calendarView.delta", by="msgraph")
@pytest.mark.shows("users.user.calendar.getSchedule", by="msgraph")
def test_calendars_are_read_and_written(graph: Graph) -> None:
    asyncio.run(_calendars(graph))


async def _calendars(graph: Graph) -> None:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.models.event import Event
    from msgraph.generated.models.free_busy_status import FreeBusyStatus
    from msgraph.generated.users.item.calendar.get_schedule import get_schedule_post_request_body as asking
    from msgraph.generated.users.item.calendar_view import calendar_view_request_builder as viewing
    from msgraph.generated.users.item.calendar_view.delta import delta_request_builder as following
    from msgraph.generated.users.item.events.item.cancel.cancel_post_request_body import CancelPostRequestBody

    ada = graph.client().users.by_user_id(ADA)
    assert (await ada.calendar.get()).can_edit
    first, last = "2026-03-07T00:00:00Z", "2026-03-08T00:00:00Z"
    query = following.DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(
        start_date_time=first, end_date_time=last
    )
    before = await ada.calendar_view.delta.get(RequestConfiguration(query_parameters=query))
    assert before.value == []

    lunch = Event(subject="Lunch", start=zoned(NINE), end=zoned(NINE + HOUR), is_online_meeting=True)
    made = await ada.events.post(lunch)
    assert (made.subject, made.show_as, made.is_organizer) == ("Lunch", FreeBusyStatus.Busy, True)
    assert "/visit?v=" in made.online_meeting.join_url
    at_it = ada.events.by_event_id(made.id)
    changed = await at_it.patch(Event(subject="Brunch", show_as=FreeBusyStatus.Oof))
    assert (changed.subject, (await at_it.get()).show_as) == ("Brunch", FreeBusyStatus.Oof)
    assert made.id in {one.id for one in (await ada.events.get()).value}

    parameters = viewing.CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters(
        start_date_time=first, end_date_time=last
    )
    view = await ada.calendar_view.get(RequestConfiguration(query_parameters=parameters))
    assert [one.subject for one in view.value] == ["Brunch"]
    after = await ada.calendar_view.delta.with_url(before.odata_delta_link).get()
    assert [one.id for one in after.value] == [made.id]

    asked = asking.GetSchedulePostRequestBody(
        schedules=[ADA, "nobody@lakeside-clinic.example"],
        start_time=zoned(NINE - HOUR),
        end_time=zoned(NINE + 2 * HOUR),
        availability_view_interval=60,
    )
    hers, nobodys = (await ada.calendar.get_schedule.post(asked)).value
    assert (hers.availability_view, hers.schedule_items[0].status) == ("030", FreeBusyStatus.Oof)
    assert nobodys.error.response_code == "ErrorMailRecipientNotFound"

    await at_it.cancel.post(CancelPostRequestBody(comment="Not today"))
    gone = await ada.calendar_view.delta.with_url(after.odata_delta_link).get()
    assert [one.id for one in gone.value] == [made.id]
    tea = await ada.events.post(Event(subject="Tea", start=zoned(NINE), end=zoned(NINE + HOUR)))
    await ada.events.by_event_id(tea.id).delete()


@pytest.mark.shows("users.ListCalendarView", by="msgraph")
@pytest.mark.shows("users.calendar.ListEvents", by="msgraph")
def test_a_calendar_is_filtered_ordered_and_read_page_by_page(graph: Graph) -> None:
    asyncio.run(_narrowed(graph))


async def _narrowed(graph: Graph) -> None:
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from msgraph.generated.models.event import Event
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError
    from msgraph.generated.users.item.calendar.events import events_request_builder as listing
    from msgraph.generated.users.item.calendar_view import calendar_view_request_builder as viewing

    ada = graph.client().users.by_user_id(ADA)
    day = NINE + timedelta(days=7)
    for number, subject in enumerate(("Walk", "Talk", "Walk again", "It's over")):
        start = day + number * HOUR
        await ada.events.post(Event(subject=subject, start=zoned(start), end=zoned(start + HOUR)))
    parameters = viewing.CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters(
        start_date_time=f"{day:%Y-%m-%d}T00:00:00Z",
        end_date_time=f"{day:%Y-%m-%d}T23:00:00Z",
        filter="isCancelled eq false and (startsWith(subject,'Walk') or subject eq 'It''s over')",
        orderby=["start/dateTime desc"],
        select=["subject"],
        top=2,
        count=True,
    )
    page = await ada.calendar_view.get(RequestConfiguration(query_parameters=parameters))
    assert ([one.subject for one in page.value], page.odata_count) == (["It's over", "Walk again"], 3)
    rest = await ada.calendar_view.with_url(page.odata_next_link).get()
    assert ([one.subject for one in rest.value], rest.odata_next_link) == (["Walk"], None)

    query = listing.EventsRequestBuilder.EventsRequestBuilderGetQueryParameters(
        filter=f"start/dateTime ge '{day:%Y-%m-%dT%H:%M:%S}' and contains(subject,'alk')", orderby=["subject"]
    )
    found = await ada.calendar.events.get(RequestConfiguration(query_parameters=query))
    assert [one.subject for one in found.value] == ["Talk", "Walk", "Walk again"]
    query.filter = "attendees/any(a:a/emailAddress/address eq 'x')"
    with pytest.raises(ODataError) as refused:
        await ada.calendar.events.get(RequestConfiguration(query_parameters=query))
    assert refused.value.error is not None
    assert (refused.value.response_status_code, refused.value.error.target) == (400, "$filter")


@pytest.mark.shows("subscriptions.subscription.CreateSubscription", by="msgraph")
@pytest.mark.shows("subscriptions.subscription.ListSubscription", by="msgraph")
@pytest.mark.shows("subscriptions.subscription.GetSubscription", by="msgraph")
@pytest.mark.shows("subscriptions.subscription.UpdateSubscription", by="msgraph")
@pytest.mark.shows("subscriptions.subscription.reauthorize", by="msgraph")
@pytest.mark.shows("subscriptions.subscription.DeleteSubscription", by="msgraph")
def test_changes_are_subscribed_to(graph: Graph) -> None:
    with listening() as door:
        made = asyncio.run(_subscriptions(graph, f"{door.origin}/hook"))
        assert door.came.wait(60)
        assert (door.heard[0].subscription, door.heard[0].key) == (made, "s3cret")
        asyncio.run(_end(graph, made))


async def _subscriptions(graph: Graph, address: str) -> str:
    from msgraph.generated.models.event import Event
    from msgraph.generated.models.subscription import Subscription

    client = graph.client()
    wish = Subscription(
        change_type="created,updated,deleted",
        notification_url=address,
        resource=f"users/{ADA}/events",
        expiration_date_time=NOW + timedelta(days=1),
        client_state="s3cret",
    )
    made = await client.subscriptions.post(wish)
    at_it = client.subscriptions.by_subscription_id(made.id)
    later = await at_it.patch(Subscription(expiration_date_time=NOW + timedelta(days=2)))
    assert later.expiration_date_time == NOW + timedelta(days=2)
    await at_it.reauthorize.post()
    assert (await at_it.get()).resource == f"users/{ADA}/events"
    assert [one.id for one in (await client.subscriptions.get()).value] == [made.id]
    ada = client.users.by_user_id(ADA)
    await ada.events.post(Event(subject="Tea", start=zoned(NINE), end=zoned(NINE + HOUR)))
    return str(made.id)


async def _end(graph: Graph, ref: str) -> None:
    subscriptions = graph.client().subscriptions
    await subscriptions.by_subscription_id(ref).delete()
    assert (await subscriptions.get()).value == []


def test_a_mail_may_bring_files_beyond_what_other_requests_may_hold(graph: Graph) -> None:
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "scan.pdf", "contentType": "application/pdf"}
    large = file | {"contentBytes": base64.b64encode(b"%PDF-1.7" + bytes(2_000_000)).decode()}
    reader = {"emailAddress": {"address": "cleo@example.org"}}
    body = {"contentType": "text", "content": "Here it is."}
    message = {"subject": "Your scan", "body": body, "toRecipients": [reader], "attachments": [large]}
    headers = {"Authorization": f"Bearer {graph.token}"}
    sent = httpx.post(f"{graph.base_url}/users/{ADA}/sendMail", json={"message": message}, headers=headers, timeout=60)
    assert sent.status_code == 202, sent.text
