"""The official Azure SDKs against a server that speaks the contract, over HTTPS with a certificate of our own."""

import base64
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integrations import authority
from tests.integrations.azure import KEY, Azure, azure_server
from tests.integrations.contracts import FROM_PROGRAM, MAIL, SMS, MailGatewayContract, SmsGatewayContract
from tests.integrations.mailbox import closed_port
from vestibule.integrations.acs import access as reaching
from vestibule.integrations.acs.mail import AcsMail
from vestibule.integrations.acs.sms import AcsSms
from vestibule.notifications.ports import Around, DeliveryError
from vestibule.people.ports import NotConnected
from vestibule.store.configuration import load

NUMBER, DESK = "+18005550100", "desk@lakeside.example"
HERE = Around(allowed=("localhost",))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def _running(certificates: tuple[Path, Path]) -> Iterator[Azure]:
    with azure_server(certificates[1]) as azure:
        yield azure


@pytest.fixture
def azure(_running: Azure) -> Azure:
    _running.again()
    _running.key = KEY
    _running.texts.clear()
    _running.mails.clear()
    return _running


@pytest.fixture
def texts(azure: Azure, certificates: tuple[Path, Path]) -> AcsSms:
    made = AcsSms.connected({"connection_string": azure.connection_string}, NUMBER, HERE)
    made._verify = str(certificates[0])
    return made


@pytest.fixture
def mails(azure: Azure, certificates: tuple[Path, Path]) -> AcsMail:
    made = AcsMail.connected({"connection_string": azure.connection_string}, DESK, HERE)
    made._verify = str(certificates[0])
    return made


@pytest.fixture
def nowhere() -> dict[str, str]:
    return {"connection_string": f"endpoint=https://localhost:{closed_port()};accesskey={KEY}"}


class TestAcsSms(SmsGatewayContract):
    @pytest.fixture
    def accepting(self, texts: AcsSms) -> AcsSms:
        return texts

    @pytest.fixture
    def refusing(self, azure: Azure, texts: AcsSms) -> AcsSms:
        azure.recipient = {"httpStatusCode": 400, "successful": False, "errorMessage": f"Invalid To {SMS.to}"}
        return texts

    @pytest.fixture
    def busy(self, azure: Azure, texts: AcsSms) -> AcsSms:
        azure.status = 429
        return texts

    @pytest.fixture
    def unreachable(self, nowhere: dict[str, str]) -> AcsSms:
        return AcsSms.connected(nowhere, NUMBER, HERE)

    @pytest.fixture
    def silent(self, azure: Azure, texts: AcsSms, monkeypatch: pytest.MonkeyPatch) -> AcsSms:
        monkeypatch.setattr(reaching, "READ_SECONDS", 0.2)
        azure.silent = True
        return texts


class TestAcsMail(MailGatewayContract):
    @pytest.fixture
    def accepting(self, mails: AcsMail) -> AcsMail:
        return mails

    @pytest.fixture
    def refusing(self, azure: Azure, mails: AcsMail) -> AcsMail:
        azure.status, azure.body = 400, {"error": {"code": "BadRequest", "message": f"Invalid recipient {MAIL.to}"}}
        return mails

    @pytest.fixture
    def busy(self, azure: Azure, mails: AcsMail) -> AcsMail:
        azure.status = 429
        return mails

    @pytest.fixture
    def unreachable(self, nowhere: dict[str, str]) -> AcsMail:
        return AcsMail.connected(nowhere, DESK, HERE)

    @pytest.fixture
    def silent(self, azure: Azure, mails: AcsMail, monkeypatch: pytest.MonkeyPatch) -> AcsMail:
        monkeypatch.setattr(reaching, "READ_SECONDS", 0.2)
        azure.silent = True
        return mails


def test_a_text_is_signed_and_asks_for_a_report(azure: Azure, texts: AcsSms) -> None:
    given = texts.send(SMS)
    [(request_id, told)] = azure.texts.items()
    assert str(uuid.UUID(request_id)) == request_id
    assert (told["from"], told["message"], told["smsRecipients"][0]["to"]) == (NUMBER, SMS.body, SMS.to)
    assert told["smsSendOptions"] == {"enableDeliveryReport": True, "tag": SMS.ref}
    assert given == f"Outgoing_{request_id}_noam"


def test_a_text_that_is_tried_again_is_one_text(azure: Azure, texts: AcsSms, certificates: tuple[Path, Path]) -> None:
    first = texts.send(SMS)
    other_process = AcsSms.connected({"connection_string": azure.connection_string}, NUMBER, HERE)
    other_process._verify = str(certificates[0])
    assert texts.send(SMS) == other_process.send(SMS) == first
    texts.send(replace(SMS, ref="another"))
    assert len(azure.texts) == 2


def test_when_a_text_was_first_sent_goes_with_its_id(texts: AcsSms) -> None:
    assert texts._first("one") == texts._first("one")


def test_a_mail_is_handed_over_with_its_operation_and_not_waited_for(azure: Azure, mails: AcsMail) -> None:
    azure.asked.clear()
    operation = mails.send(MAIL)
    assert azure.asked == ["POST /emails:send?api-version=2025-09-01"]
    told = azure.mails[operation]
    assert told["senderAddress"] == DESK
    assert told["recipients"]["to"] == [{"address": MAIL.to, "displayName": MAIL.to_name}]
    assert told["replyTo"] == [{"address": MAIL.reply_to}]
    assert told["content"] == {"subject": MAIL.subject, "plainText": MAIL.text, "html": MAIL.html}
    assert told["userEngagementTrackingDisabled"] is True


def test_a_mail_that_is_tried_again_is_one_mail(azure: Azure, mails: AcsMail) -> None:
    assert mails.send(MAIL) == mails.send(MAIL)
    assert len(azure.mails) == 1
    azure.status = 409
    assert mails.send(MAIL) in azure.mails


def test_an_invitation_goes_as_a_calendar_file(azure: Azure, mails: AcsMail) -> None:
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
    operation = mails.send(replace(MAIL, calendar=calendar, calendar_method="REQUEST"))
    [file] = azure.mails[operation]["attachments"]
    assert (file["name"], file["contentType"]) == ("appointment.ics", "text/calendar")
    assert base64.b64decode(file["contentInBase64"]).decode() == calendar


def test_what_a_program_wrote_goes_as_it_came(azure: Azure, mails: AcsMail) -> None:
    told = azure.mails[mails.send(FROM_PROGRAM)]
    assert [one.get("contentId") for one in told["attachments"]] == [None, "logo-1"]
    assert base64.b64decode(told["attachments"][0]["contentInBase64"]) == b"%PDF-1.7"
    assert told["headers"] == {"Auto-Submitted": "auto-generated", "X-Ward": "4"}
    assert [one["address"] for one in told["replyTo"]] == ["nurse@lakeside.example", "ward@lakeside.example"]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x00"])
def test_a_subject_stays_one_line(azure: Azure, mails: AcsMail, end: str) -> None:
    operation = mails.send(replace(MAIL, subject=f"Hello{end}Bcc: eve@example.org", to_name=f"Jo{end}Eve"))
    told = azure.mails[operation]
    assert told["content"]["subject"] == "Hello Bcc: eve@example.org"
    assert told["recipients"]["to"][0]["displayName"] == "Jo Eve"


def refused(gateway: AcsSms | AcsMail) -> DeliveryError:
    message: Any = SMS if isinstance(gateway, AcsSms) else MAIL
    with pytest.raises(DeliveryError) as caught:
        gateway.send(message)
    assert KEY not in repr(caught.value)
    return caught.value


def verdict(error: DeliveryError) -> tuple[bool, bool, bool]:
    return error.permanent, error.of_gateway, error.maybe_taken


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "BadRequest", (True, False, False)),
        (400, "InvalidSenderUserName", (False, True, False)),
        (404, "DomainNotLinked", (False, True, False)),
        (401, "Denied", (False, True, False)),
        (429, "TooManyRequests", (False, True, False)),
        (503, "ServiceUnavailable", (False, True, False)),
        (500, "InternalServerError", (False, True, True)),
    ],
)
def test_an_answer_that_says_no_is_read_by_status_and_code(
    azure: Azure, mails: AcsMail, status: int, code: str, expected: tuple[bool, bool, bool]
) -> None:
    azure.status, azure.body = status, {"error": {"code": code, "message": f"{MAIL.to} hunter2"}}
    error = refused(mails)
    assert verdict(error) == expected
    assert code in str(error)


def test_a_number_that_is_not_ours_speaks_of_the_gateway(azure: Azure, texts: AcsSms) -> None:
    azure.status, azure.body = 400, {"type": "x", "title": "Bad", "status": 400, "errors": {"From": ["Invalid"]}}
    assert verdict(refused(texts)) == (False, True, False)
    azure.body = {"type": "x", "title": "Bad", "status": 400, "errors": {"Message": ["Too long"]}}
    assert verdict(refused(texts)) == (True, False, False)


def test_too_much_at_once_waits_as_long_as_asked_and_is_not_tried_here(azure: Azure, mails: AcsMail) -> None:
    azure.status, azure.headers = 429, {"Retry-After": "45"}
    azure.asked.clear()
    assert refused(mails).wait == timedelta(seconds=45)
    assert len(azure.asked) == 1


@pytest.mark.parametrize("kind", ["texts", "mails"])
def test_a_lost_answer_may_mean_that_it_was_taken(azure: Azure, request: pytest.FixtureRequest, kind: str) -> None:
    gateway = request.getfixturevalue(kind)
    azure.hangs_up = True
    assert verdict(refused(gateway)) == (False, True, True)


def test_nobody_listening_and_an_unknown_certificate_mean_that_it_was_not(
    azure: Azure, nowhere: dict[str, str]
) -> None:
    assert verdict(refused(AcsSms.connected(nowhere, NUMBER, HERE))) == (False, True, False)
    distrusting = AcsMail.connected({"connection_string": azure.connection_string}, DESK, HERE)
    assert verdict(refused(distrusting)) == (False, True, False)


@pytest.mark.parametrize("kind", ["texts", "mails"])
def test_a_key_is_proven_without_sending(azure: Azure, request: pytest.FixtureRequest, kind: str) -> None:
    gateway = request.getfixturevalue(kind)
    assert gateway.check()
    assert (azure.texts, azure.mails) == ({}, {})
    azure.key = base64.b64encode(b"another").decode()
    with pytest.raises(NotConnected, match="does not accept this key") as wrong:
        gateway.check()
    assert KEY not in str(wrong.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hunter2",
        "endpoint=https://x.communication.azure.com;accesskey=no base64!",
        "endpoint=http://x.communication.azure.com;accesskey=aHVudGVyMg==",
        "endpoint=https://x.communication.azure.com/path;accesskey=aHVudGVyMg==",
        "endpoint=https://user@x.communication.azure.com;accesskey=aHVudGVyMg==",
        "endpoint=https://10.0.0.7;accesskey=aHVudGVyMg==",
        "endpoint=https://communication.azure.com.evil.example;accesskey=aHVudGVyMg==",
        "endpoint=https://evilcommunication.azure.com;accesskey=aHVudGVyMg==",
        "endpoint=https://x.communication.azure.com:8443;accesskey=aHVudGVyMg==",
    ],
)
def test_only_a_connection_string_of_azure_is_taken(text: str) -> None:
    with pytest.raises(NotConnected) as wrong:
        AcsMail.connected({"connection_string": text}, DESK, Around())
    assert wrong.value.field == "connection_string"
    assert "aHVudGVyMg" not in str(wrong.value)


def test_a_connection_string_may_be_in_any_order_and_shows_no_key() -> None:
    found = reaching.resource("AccessKey=aHVudGVyMg==;Endpoint=https://x.unitedstates.communication.azure.com/")
    assert found.endpoint == "https://x.unitedstates.communication.azure.com"
    assert "aHVudGVyMg" not in repr(found)
    assert AcsMail.account({"connection_string": "hunter2"}) == ""


def test_the_installation_s_own_resource_needs_a_sender() -> None:
    base = {
        "VESTIBULE_DATA": "/nonexistent",
        "VESTIBULE_ACS_CONNECTION_STRING": f"endpoint=https://a.b;accesskey={KEY}",
    }
    assert AcsSms.configured(load(base)) is None
    assert AcsMail.configured(load(base)) is None
    assert AcsSms.configured(load({**base, "VESTIBULE_ACS_SMS_FROM": NUMBER})) is not None
    assert AcsMail.configured(load({**base, "VESTIBULE_ACS_EMAIL_FROM": DESK})) is not None


def test_the_sdks_are_not_loaded_until_a_message_is_handed_over(tmp_path: Path) -> None:
    code = (
        "import sys, django; django.setup(); from vestibule.notifications import gateways; gateways.configured();"
        "from django.conf import settings;"
        "[gateways.adapter(c, k) for c in ('email', 'sms') for k in gateways.paths(c)];"
        "print([m for m in ('azure', 'anymail', 'requests', 'msrest') if m in sys.modules])"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "vestibule.settings", "PYTHONPATH": "src", "VESTIBULE_DATA": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=60
    )
    assert told.stdout.strip() == "[]"
