"""What holds of every gateway: several threads may use it, and nothing it says holds its secret."""

import base64
import logging
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integrations import authority
from tests.integrations.azure import azure_server
from tests.integrations.contracts import MAIL, SMS
from tests.integrations.mailbox import closed_port, smtp_server
from tests.integrations.provider import provider_server
from tests.integrations.sms_gateway import sms_gateway
from vestibule.integrations.acs.mail import AcsMail
from vestibule.integrations.acs.sms import AcsSms
from vestibule.integrations.anymail.providers import Resend
from vestibule.integrations.http_sms.sms import HttpSms
from vestibule.integrations.outward import Web
from vestibule.integrations.smtp.mail import SmtpMail
from vestibule.integrations.twilio.sms import TwilioSms
from vestibule.notifications.ports import Around, DeliveryError

SECRET = "c2VjcmV0LXRoYXQtbm9ib2R5LXNlZXM="
PLAIN = base64.b64decode(SECRET).decode()
HERE = Around(allowed=("127.0.0.1", "localhost"))
SENDER, NUMBER, ACCOUNT = "desk@lakeside.example", "+441632960983", "AC" + "0" * 32


def http(port: int) -> HttpSms:
    return HttpSms.connected({"url": f"http://127.0.0.1:{port}/send", "key": SECRET}, "", HERE)


def resend(port: int) -> Resend:
    made = Resend.connected({"api_key": SECRET}, SENDER, HERE)
    made._options["api_url"] = f"http://127.0.0.1:{port}/"
    return made


def smtp(port: int) -> SmtpMail:
    return SmtpMail.connected({"host": "127.0.0.1", "port": str(port), "security": "none"}, SENDER, HERE)


def smtps(port: int) -> SmtpMail:
    told = {"host": "127.0.0.1", "port": str(port), "security": "tls", "username": "jo", "password": SECRET}
    return SmtpMail.connected(told, SENDER, HERE)


def azure_texts(port: int, trusted: str | bool = True) -> AcsSms:
    text = f"endpoint=https://localhost:{port};accesskey={SECRET}"
    made = AcsSms.connected({"connection_string": text}, NUMBER, HERE)
    made._verify = trusted
    return made


def azure_mails(port: int, trusted: str | bool = True) -> AcsMail:
    text = f"endpoint=https://localhost:{port};accesskey={SECRET}"
    made = AcsMail.connected({"connection_string": text}, SENDER, HERE)
    made._verify = trusted
    return made


def twilio(port: int) -> TwilioSms:
    def answer(request: httpx.Request) -> httpx.Response:
        if not port:
            raise httpx.ConnectError(f"no way to {SECRET}")
        return httpx.Response(201, json={"sid": request.content.decode()[-20:]})

    made = TwilioSms.connected({"account": ACCOUNT, "key": "", "secret": SECRET}, NUMBER, HERE)
    made._web = Web(None, transport=httpx.MockTransport(answer))
    return made


@contextmanager
def running(kind: str, folder: Path) -> Iterator[Any]:
    """A gateway of that kind with the other side running."""
    if kind == "http":
        with sms_gateway() as there:
            yield http(there.port)
    elif kind == "resend":
        with provider_server() as provider:
            provider.body = '{"id": "49a3999c"}'
            yield resend(provider.port)
    elif kind == "smtp":
        with smtp_server() as mailbox:
            yield smtp(mailbox.port)
    elif kind == "twilio":
        yield twilio(1)
    else:
        trusted, certificate = authority.make(folder)
        with azure_server(certificate) as azure:
            azure.key = SECRET
            make = azure_texts if kind == "azure_texts" else azure_mails
            yield make(azure.port, str(trusted))


KINDS: dict[str, Callable[[int], Any]] = {
    "http": http,
    "resend": resend,
    "smtp": smtp,
    "azure_texts": azure_texts,
    "azure_mails": azure_mails,
    "twilio": twilio,
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_eight_threads_hand_over_at_once(kind: str, tmp_path: Path) -> None:
    message: Any = MAIL if kind in ("resend", "smtp", "azure_mails") else SMS
    messages = [replace(message, ref=f"ref{number}") for number in range(24)]
    with running(kind, tmp_path) as gateway, ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(gateway.send, messages))) == 24


@pytest.mark.parametrize("make", [http, resend, smtps, azure_texts, azure_mails, twilio])
def test_a_secret_is_in_no_log_no_error_and_no_text_of_a_gateway(
    make: Callable[[int], Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway = make(0 if make is twilio else closed_port())
    message: Any = MAIL if make in (resend, smtps, azure_mails) else SMS
    with pytest.raises(DeliveryError) as caught:
        gateway.send(message)
    with pytest.raises(Exception, match=r".") as checked:
        assert gateway.check()
    told = caplog.text + repr(gateway) + str(vars(gateway).get("_resource", ""))
    for failure in (caught.value, checked.value):
        told += "".join(traceback.format_exception(failure)) + repr(failure)
    for secret in (SECRET, PLAIN):
        assert secret not in told
