"""Text messages as Twilio takes and refuses them: its documented answers, recorded."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from tests.integrations.contracts import SMS, SmsGatewayContract
from vestibule.integrations.outward import Web
from vestibule.integrations.twilio.errors import BUSY, NOT_BY_THIS, OF_ACCOUNT, OF_MESSAGE, OF_RECIPIENT
from vestibule.integrations.twilio.sms import TwilioSms
from vestibule.notifications.ports import Around, DeliveryError
from vestibule.people.ports import NotConnected

ACCOUNT, KEY, SERVICE = "AC" + "0123456789abcdef" * 2, "SK" + "0123456789abcdef" * 2, "MG" + "0123456789abcdef" * 2
ACCESS = {"account": ACCOUNT, "key": "", "secret": "hunter2"}
NUMBER = "+441632960983"
QUEUED = {"sid": "SM87105da94bff44b999e4e6eb90d8eb6a", "status": "queued", "error_code": None, "num_segments": "1"}


class Twilio:
    """Answers as told, by path, and remembers what it was asked."""

    def __init__(self, status: int = 201, body: Any = QUEUED, **headers: str) -> None:
        self.answers: dict[str, tuple[int, Any]] = {}
        self.otherwise, self.headers = (status, body), headers
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        status, body = self.answers.get(request.url.path, self.otherwise)
        return httpx.Response(status, json=body, headers=self.headers)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.asked[-1].content.decode()).items()}


def gateway(answers: Callable[[httpx.Request], httpx.Response], *, sender: str = NUMBER, **more: str) -> TwilioSms:
    made = TwilioSms.connected({**ACCESS, **more}, sender, Around(callback="https://visits.example.org/hooks/x"))
    made._web = Web(None, seconds=1, transport=httpx.MockTransport(answers))
    return made


def error(code: int, status: int = 400, **headers: str) -> Twilio:
    body = {"code": code, "message": f"The 'To' number {SMS.to} said hunter2", "more_info": "…", "status": status}
    return Twilio(status, body, **headers)


def refused(answers: Callable[[httpx.Request], httpx.Response]) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        gateway(answers).send(SMS)
    return caught.value


def down(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError(f"no way to {SMS.to} hunter2")


def slow(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout(f"no answer about {SMS.to} hunter2")


class TestTwilioSms(SmsGatewayContract):
    @pytest.fixture
    def accepting(self) -> TwilioSms:
        return gateway(Twilio())

    @pytest.fixture
    def refusing(self) -> TwilioSms:
        return gateway(error(21211))

    @pytest.fixture
    def busy(self) -> TwilioSms:
        return gateway(error(20429, 429))

    @pytest.fixture
    def unreachable(self) -> TwilioSms:
        return gateway(down)

    @pytest.fixture
    def silent(self) -> TwilioSms:
        return gateway(slow)


def test_a_text_is_one_form_with_account_and_token() -> None:
    twilio = Twilio()
    assert gateway(twilio).send(SMS) == QUEUED["sid"]
    [request] = twilio.asked
    assert str(request.url) == f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert twilio.form == {
        "To": SMS.to,
        "Body": SMS.body,
        "From": NUMBER,
        "StatusCallback": "https://visits.example.org/hooks/x",
    }
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(f"{ACCOUNT}:hunter2".encode()).decode()


def test_an_api_key_stands_in_for_the_token() -> None:
    twilio = Twilio()
    gateway(twilio, key=KEY).send(SMS)
    assert twilio.asked[0].headers["Authorization"] == "Basic " + base64.b64encode(f"{KEY}:hunter2".encode()).decode()


def test_a_messaging_service_takes_the_place_of_the_sender() -> None:
    twilio = Twilio()
    gateway(twilio, sender=SERVICE).send(SMS)
    assert twilio.form["MessagingServiceSid"] == SERVICE
    assert "From" not in twilio.form


@pytest.mark.parametrize("code", sorted(OF_RECIPIENT | OF_MESSAGE))
def test_what_is_wrong_with_number_or_text_is_final_and_given_to_nobody_else(code: int) -> None:
    answer = refused(error(code))
    assert (answer.permanent, answer.of_gateway) == (True, False)
    assert str(code) in str(answer)


@pytest.mark.parametrize("code", sorted(NOT_BY_THIS))
def test_what_this_account_cannot_carry_another_gateway_may(code: int) -> None:
    answer = refused(error(code))
    assert (answer.permanent, answer.of_gateway) == (True, True)


@pytest.mark.parametrize("code", sorted(OF_ACCOUNT | BUSY))
def test_what_is_wrong_with_the_account_loses_no_message(code: int) -> None:
    answer = refused(error(code, 401 if code == 20003 else 400))
    assert (answer.permanent, answer.of_gateway, answer.maybe_taken) == (False, True, False)


def test_somebody_who_said_stop_is_not_written_to_by_another_gateway() -> None:
    answer = refused(error(21610))
    assert (answer.permanent, answer.of_gateway) == (True, False)
    assert "said stop" in str(answer)


def test_too_much_at_once_waits_as_long_as_asked() -> None:
    assert refused(error(20429, 429, **{"Retry-After": "90"})).wait == timedelta(seconds=90)


@pytest.mark.parametrize(("status", "maybe"), [(500, True), (502, True), (503, False), (429, False)])
def test_an_answer_without_code_is_read_by_its_status(status: int, maybe: bool) -> None:
    answer = refused(Twilio(status, "<html>"))
    assert (answer.permanent, answer.of_gateway, answer.maybe_taken) == (False, True, maybe)


def test_no_answer_may_mean_that_it_was_taken_and_no_connection_that_it_was_not() -> None:
    assert refused(slow).maybe_taken
    assert not refused(down).maybe_taken


def test_an_account_and_its_number_are_proven_without_sending() -> None:
    twilio = Twilio(200, {"status": "active", "incoming_phone_numbers": [{"capabilities": {"sms": True}}]})
    assert gateway(twilio).check()
    assert [request.method for request in twilio.asked] == ["GET", "GET"]
    assert twilio.asked[1].url.params["PhoneNumber"] == NUMBER


@pytest.mark.parametrize(
    ("status", "body", "field", "said"),
    [
        (401, {"code": 20003}, "secret", "does not know this account with this token"),
        (200, {"status": "suspended"}, "account", "suspended"),
        (200, {"status": "active", "incoming_phone_numbers": []}, "sender", "no such number"),
        (
            200,
            {"status": "active", "incoming_phone_numbers": [{"capabilities": {"sms": False}}]},
            "sender",
            "only be telephoned",
        ),
        (503, {}, "", "answered 503"),
    ],
)
def test_what_is_wrong_with_an_account_is_said_where_it_is_mended(
    status: int, body: Any, field: str, said: str
) -> None:
    with pytest.raises(NotConnected, match=said) as wrong:
        gateway(Twilio(status, body)).check()
    assert wrong.value.field == field
    assert "hunter2" not in str(wrong.value)


def test_a_messaging_service_that_is_not_there_is_found() -> None:
    twilio = Twilio(200, {"status": "active"})
    twilio.answers[f"/v1/Services/{SERVICE}"] = (404, {"code": 20404})
    with pytest.raises(NotConnected) as wrong:
        gateway(twilio, sender=SERVICE).check()
    assert wrong.value.field == "sender"


@pytest.mark.parametrize(
    ("access", "sender", "field"),
    [
        ({"account": "AC123"}, NUMBER, "account"),
        ({"account": ACCOUNT + "/../x"}, NUMBER, "account"),
        ({"key": "SK1"}, NUMBER, "key"),
        ({"secret": ""}, NUMBER, "secret"),
        ({}, "Much too long a name", "sender"),
        ({}, "", "sender"),
        ({}, "1234567890", "sender"),
    ],
)
def test_what_cannot_be_right_is_refused_before_twilio_is_asked(
    access: dict[str, str], sender: str, field: str
) -> None:
    with pytest.raises(NotConnected) as wrong:
        TwilioSms.connected({**ACCESS, **access}, sender, Around())
    assert wrong.value.field == field


def test_a_secret_is_in_no_text_of_a_gateway() -> None:
    made = gateway(Twilio())
    assert "hunter2" not in repr(made) + str(made)
    assert "hunter2" not in TwilioSms.account(ACCESS)
    assert json.dumps(ACCESS)  # what is stored is plain JSON before it is encrypted
