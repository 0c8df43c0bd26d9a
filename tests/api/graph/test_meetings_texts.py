"""Text messages about online meetings, as programs written for Teams have them sent."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.graph.program import Program, program_of
from tests.booking.factories import at
from tests.factories import make_provider
from vestibule.notifications.models import MessageRules, OutboxMessage
from vestibule.people.models import Provider
from vestibule.store import clock

HERS = "/users/ada@lakeside.example/onlineMeetings"
TIMES = {"startDateTime": "2030-03-04T09:00:00Z", "endDateTime": "2030-03-04T09:30:00Z"}
CLEO = {"phoneNumber": "+14255550100", "timeZone": "Pacific Standard Time"}
DORA = {"phoneNumber": "+41445550100", "timeZone": "W. Europe Standard Time"}


@pytest.fixture(autouse=True)
def _monday(db: None, settings: Any) -> Iterator[None]:
    settings.PUBLIC_URL = "http://testserver"
    clock.set_to(at("06:00"))
    yield
    clock.reset()


@pytest.fixture
def ada() -> Provider:
    ada = make_provider()
    ada.email = "ada@lakeside.example"
    ada.save()
    return ada


@pytest.fixture
def teams(ada: Provider) -> Program:
    return program_of(ada.business, "OnlineMeetings.ReadWrite.All", "VirtualAppointmentNotification.Send")


def meeting(teams: Program) -> Any:
    return teams.post(HERS, TIMES).json


def write(teams: Program, made: Any, kind: str, *readers: object) -> int:
    body = {"attendees": list(readers), "messageType": kind}
    return teams.post(f"{HERS}/{made['id']}/sendVirtualAppointmentSms", body).status


def test_each_reads_the_time_where_they_are_and_how_to_join(teams: Program) -> None:
    made = meeting(teams)
    assert write(teams, made, "confirmation", CLEO, DORA) == 202
    cleo, dora = OutboxMessage.objects.order_by("pk")
    assert (cleo.to, dora.to) == ("+14255550100", "+41445550100")
    assert "01:00" in cleo.facts["text"]
    assert "10:00" in dora.facts["text"]
    assert made["joinWebUrl"] in cleo.facts["text"]


def test_what_is_off_leads_nowhere(teams: Program) -> None:
    made = meeting(teams)
    write(teams, made, "Cancellation", CLEO)
    assert made["joinWebUrl"] not in OutboxMessage.objects.get().facts["text"]


def test_a_reminder_leaves_a_quarter_of_an_hour_before(teams: Program) -> None:
    made = meeting(teams)
    body = {"attendees": [CLEO], "remindBeforeTimeInMinutesType": "mins15"}
    assert teams.post(f"{HERS}/{made['id']}/sendVirtualAppointmentReminderSms", body).status == 202
    assert OutboxMessage.objects.get().due_at == at("08:45")
    clock.set_to(at("09:01"))
    assert teams.post(f"{HERS}/{made['id']}/sendVirtualAppointmentReminderSms", body).status == 400


@pytest.mark.parametrize(
    ("readers", "kind"),
    [
        ([], "confirmation"),
        ([{"phoneNumber": "12"}], "confirmation"),
        ([CLEO, {"phoneNumber": "0171 5550100"}], "confirmation"),
        ([{**CLEO, "timeZone": "Nowhere"}], "confirmation"),
        ([CLEO], "greeting"),
    ],
)
def test_what_cannot_be_sent_is_sent_to_nobody(teams: Program, readers: list[object], kind: str) -> None:
    assert write(teams, meeting(teams), kind, *readers) == 400
    assert not OutboxMessage.objects.exists()


def test_where_the_day_s_messages_do_not_suffice_for_all_nobody_gets_one(teams: Program, ada: Provider) -> None:
    MessageRules.objects.update_or_create(business=ada.business, defaults={"sms_per_day": 1})
    assert write(teams, meeting(teams), "confirmation", CLEO, DORA) == 429
    assert not OutboxMessage.objects.exists()


def test_it_takes_its_permission(ada: Provider, teams: Program) -> None:
    made = meeting(teams)
    assert write(program_of(ada.business, "OnlineMeetings.ReadWrite.All"), made, "confirmation", CLEO) == 403
