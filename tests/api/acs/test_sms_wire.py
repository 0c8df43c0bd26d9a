"""Text messages on the wire: every answer as it is described, the shared examples, and refusals in their shapes."""

from typing import Any

import pytest

from tests.api.acs.at_the_door import Door
from tests.factories import make_business
from tests.integrations.acs_contract import answer_faults, example, request_of
from vestibule.notifications import choices, consent, gateways
from vestibule.notifications.models import ConsentEntry, Gateway, MessageRules, OutboxMessage
from vestibule.notifications.testing import FakeSms, fakes
from vestibule.notifications.worker import send_due
from vestibule.people.models import Business
from vestibule.store import clock

pytestmark = pytest.mark.django_db
VERSION = "api-version=2026-01-23"
JO, ANN, OURS = "+447700900123", "+447700900124", "+18001234567"
BY_KEY = {"from": OURS, "smsRecipients": [{"to": JO}], "message": "Your results are in."}


@pytest.fixture
def clinic() -> Business:
    return make_business()


@pytest.fixture
def door(clinic: Business) -> Door:
    return Door(clinic)


def post(door: Door, body: Any = None, path: str = "/sms", **headers: str) -> Any:
    return door.ask("POST", f"{path}?{VERSION}", BY_KEY if body is None else body, **headers)


def own_number(business: Business) -> None:
    access = gateways.sealed({"url": "https://sms.example.org/send"})
    Gateway.objects.create(business=business, channel="sms", kind="http", name="Ours", sender=OURS, access=access)


def problem_of(answer: Any, field: str) -> list[str]:
    """Return what is said of a field, of an answer that is wholly as it is described."""
    assert (answer.status, answer.kind) == (400, "application/json")
    assert answer_faults("sms", "BadRequestErrorResponse", answer.body) == []
    assert set(answer.body) == set(example("sms/SmsSend.json", 400))
    assert answer.body["status"] == 400
    words: list[str] = answer.body["errors"][field]
    return words


def test_the_shared_example_of_sending_comes_out_as_it_says(door: Door) -> None:
    answer = post(door, request_of("sms/SmsSend.json", "SendMessageRequest"))
    assert answer.status == 202
    assert answer_faults("sms", "SmsSendResponse", answer.body) == []
    wanted = [one for one in example("sms/SmsSend.json", 202)["value"] if one["httpStatusCode"] != 503]
    got = [one for one in answer.body["value"] if one["to"] != "+11234567892"]  # there nothing could be sent just then
    for ours, theirs in zip(got, wanted, strict=True):
        assert ours.keys() == theirs.keys()
        same = ("to", "httpStatusCode", "successful", "repeatabilityResult")
        assert [ours.get(name) for name in same] == [theirs.get(name) for name in same]
    bad_number = next(one for one in got if one["to"] == "+112345678901")
    assert bad_number["errorMessage"] == "Invalid To phone number format."


def test_the_shared_example_of_who_opted_out_comes_out_as_it_says(door: Door, clinic: Business) -> None:
    asked = request_of("sms/OptOutCheck.json", "body")
    consent.record(clinic, "sms", "+15555555551", agrees=False, source=ConsentEntry.Source.TEXT)
    answer = post(door, asked, "/sms/optouts:check")
    assert answer_faults("sms", "OptOutResponse", answer.body) == []
    wanted = [one for one in example("sms/OptOutCheck.json", 200)["value"] if one["httpStatusCode"] != 500]
    assert answer.body["value"][:3] == wanted


def test_opt_outs_are_put_in_and_taken_out(door: Door, clinic: Business) -> None:
    both = {"from": OURS, "recipients": [{"to": JO}, {"to": "+123"}]}
    added = post(door, both, "/sms/optouts:add")
    assert answer_faults("sms", "OptOutResponse", added.body) == []
    assert [one["httpStatusCode"] for one in added.body["value"]] == [200, 400]
    assert consent.has_stopped(clinic, "sms", JO)
    removed = post(door, both, "/sms/optouts:remove")
    assert answer_faults("sms", "OptOutResponse", removed.body) == []
    assert [one["httpStatusCode"] for one in removed.body["value"]] == [200, 400]
    assert not consent.has_stopped(clinic, "sms", JO)
    consent.record(clinic, "sms", JO, agrees=False, source=ConsentEntry.Source.TEXT)
    [told, _wrong] = post(door, both, "/sms/optouts:remove").body["value"]
    assert (told["httpStatusCode"], told["isOptedOut"]) == (400, True)
    assert "START" in told["errorMessage"]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("From", {"from": None}),
        ("From", {"from": 7}),
        ("Message", {"message": ""}),
        ("Message", {"message": "x" * 2049}),
        ("SmsRecipients", {"smsRecipients": []}),
        ("SmsRecipients", {"smsRecipients": None}),
        ("SmsRecipients", {"smsRecipients": [{"to": JO}] * 101}),
        ("SmsRecipients", {"smsRecipients": [{}]}),
        ("SmsRecipients", {"smsRecipients": ["+1"]}),
        ("SmsSendOptions", {"smsSendOptions": []}),
        ("SmsSendOptions.EnableDeliveryReport", {"smsSendOptions": {"enableDeliveryReport": "yes"}}),
        (
            "SmsSendOptions.DeliveryReportTimeoutInSeconds",
            {"smsSendOptions": {"enableDeliveryReport": True, "deliveryReportTimeoutInSeconds": 59}},
        ),
        (
            "SmsSendOptions.DeliveryReportTimeoutInSeconds",
            {"smsSendOptions": {"enableDeliveryReport": True, "deliveryReportTimeoutInSeconds": "60"}},
        ),
        (
            "SmsSendOptions.MessagingConnect.PartnerParams",
            {
                "smsSendOptions": {
                    "enableDeliveryReport": True,
                    "messagingConnect": {"partner": "x", "partnerParams": {}},
                }
            },
        ),
    ],
)
def test_what_is_wrong_for_all_is_told_as_problem_details(door: Door, field: str, changes: dict[str, Any]) -> None:
    answer = post(door, {**BY_KEY, **changes})
    assert problem_of(answer, field)
    assert not OutboxMessage.objects.exists()


def test_another_number_than_the_business_own_is_refused_in_words(door: Door, clinic: Business) -> None:
    own_number(clinic)
    assert post(door).status == 202
    [words] = problem_of(post(door, {**BY_KEY, "from": "+41445550100"}), "From")
    assert OURS in words
    answer = post(door, {"from": "+41445550100", "recipients": [{"to": JO}]}, "/sms/optouts:check")
    assert problem_of(answer, "From")


def test_a_partner_carries_nothing_where_the_business_has_a_gateway(door: Door, clinic: Business) -> None:
    connect = {"enableDeliveryReport": True, "messagingConnect": {"partner": "Other", "partnerParams": {"apiKey": "k"}}}
    assert post(door, {**BY_KEY, "smsSendOptions": connect}).status == 202, "kept here it can do no harm"
    own_number(clinic)
    [words] = problem_of(post(door, {**BY_KEY, "smsSendOptions": connect}), "SmsSendOptions.MessagingConnect")
    assert "Other" in words
    assert "own gateway" in words


def test_the_day_s_messages_used_up_are_told_of_each_number_so_that_no_client_sleeps_until_midnight(
    door: Door, clinic: Business
) -> None:
    clock.set_to(clock.now().replace(hour=12))  # that no day ends among them
    MessageRules.objects.create(business=clinic, sms_per_day=1)
    choices.changed(clinic.pk)
    answer = post(door, {**BY_KEY, "smsRecipients": [{"to": JO}, {"to": ANN}]})
    assert [one["httpStatusCode"] for one in answer.body["value"]] == [202, 429]
    assert answer_faults("sms", "SmsSendResponse", answer.body) == []
    over = post(door)
    assert (over.status, "retry-after" in over.headers) == (202, False)
    assert [(one["httpStatusCode"], one["successful"]) for one in over.body["value"]] == [(429, False)]
    assert over.body["value"][0]["errorMessage"] == "the day’s text messages are used up"
    assert answer_faults("sms", "SmsSendResponse", over.body) == []


def test_a_report_is_there_once_it_is_known_and_is_as_described(door: Door, clinic: Business) -> None:
    options = {"enableDeliveryReport": True, "tag": "ward 4"}
    placed = post(door, {**BY_KEY, "message": "x" * 161, "smsSendOptions": options}).body["value"][0]
    path = f"/deliveryReports/{placed['messageId']}?{VERSION}"
    early = door.ask("GET", path)
    assert (early.status, early.kind) == (404, "application/json")
    assert answer_faults("sms", "ErrorResponse", early.body) == []
    send_due(fakes(sms=FakeSms()))
    OutboxMessage.objects.update(delivery="delivered")
    told = door.ask("GET", path)
    assert told.status == 200
    assert answer_faults("sms", "DeliveryReport", told.body) == []
    assert (told.body["deliveryStatus"], told.body["tag"]) == ("Delivered", "ward 4")
    assert (told.body["from"], told.body["to"], told.body["messageId"]) == (OURS, JO, placed["messageId"])
    assert [one["segmentsSucceeded"] for one in told.body["deliveryAttempts"]] == [2]


def test_a_blocked_send_is_taken_and_reported_as_failed(door: Door, clinic: Business) -> None:
    consent.record(clinic, "sms", JO, agrees=False, source=ConsentEntry.Source.TEXT)
    placed = post(door).body["value"][0]
    assert placed["httpStatusCode"] == 202
    send_due(fakes(sms=FakeSms()))
    told = door.ask("GET", f"/deliveryReports/{placed['messageId']}?{VERSION}").body
    assert answer_faults("sms", "DeliveryReport", told) == []
    assert (told["deliveryStatus"], told["deliveryAttempts"][0]["segmentsFailed"]) == ("Failed", 1)


def test_reports_of_another_business_are_not_there(door: Door) -> None:
    placed = post(Door(make_business())).body["value"][0]
    OutboxMessage.objects.update(state="done", gateway="kept")
    answer = door.ask("GET", f"/deliveryReports/{placed['messageId']}?{VERSION}")
    assert answer.status == 404
    assert answer_faults("sms", "ErrorResponse", answer.body) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/sms"),
        ("POST", "/sms/optouts:add"),
        ("POST", "/sms/optouts:remove"),
        ("POST", "/sms/optouts:check"),
        ("GET", "/deliveryReports/x"),
    ],
)
def test_who_signs_with_no_key_of_ours_is_refused_in_the_described_shape(door: Door, method: str, path: str) -> None:
    answer = door.send(method, f"{path}?{VERSION}", b"{}")
    assert answer.status == 401
    assert answer_faults("sms", "StandardErrorResponse", answer.body) == []
    unversioned = door.ask(method, path, {})
    assert (unversioned.status, unversioned.body["error"]["code"]) == (400, "ApiVersionUnspecified")
    assert answer_faults("sms", "BadRequestErrorResponse", unversioned.body) == []


def test_the_version_the_sdks_name_is_answered_too(door: Door) -> None:
    assert door.ask("POST", "/sms?api-version=2021-03-07", BY_KEY).status == 202
