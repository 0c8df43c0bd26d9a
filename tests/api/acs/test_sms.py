"""Text messages by the official SDKs as they come, from their client to a gateway, and back with its report."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from azure.communication.sms import SmsClient
from azure.communication.sms.aio import SmsClient as AsyncSmsClient
from azure.core.exceptions import HttpResponseError

from tests.api.acs.sdk import VERSIONS, Emulator, running_emulator
from tests.integrations.acs_contract import answer_faults
from tests.integrations.sms_gateway import Gateway, sms_gateway
from vestibule.integrations.acs.access import resource
from vestibule.integrations.acs.sms import AcsSms
from vestibule.notifications import signature
from vestibule.notifications.ports import Sms

pytestmark = pytest.mark.slow
KEY = "a key for reports"
OURS, JO, ANN = "+18005550100", "+447700900123", "+447700900124"
VERSION = f"api-version={VERSIONS['sms']}"


@dataclass(frozen=True)
class Telephones:
    """A server whose texts go to a gateway of another program's."""

    emulator: Emulator
    gateway: Gateway

    def came(self, text: str, most: int = 1) -> list[dict[str, Any]]:
        """Wait until so many texts of these words came, and return them."""
        return wait(lambda: [one for one in list(self.gateway.requests) if one["text"] == text], most)

    def report(self, ref: str, status: str, error: str = "") -> None:
        """Tell the server what became of a text, as its gateway does."""
        body = json.dumps({"id": ref, "status": status, "error": error}).encode()
        now = int(time.time())
        headers = {
            "webhook-id": ref,
            "webhook-timestamp": str(now),
            "webhook-signature": signature.sign(KEY, id=ref, timestamp=now, body=body),
        }
        url = f"{self.emulator.server.origin}/hooks/sms"
        httpx.post(url, content=body, headers=headers, timeout=60).raise_for_status()


def wait(look: Callable[[], list[dict[str, Any]]], most: int) -> list[dict[str, Any]]:
    until = time.monotonic() + 60
    while len(found := look()) < most:
        assert time.monotonic() < until, f"{len(found)} texts came, not {most}"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Telephones]:
    with sms_gateway(Gateway(body="{}")) as gateway:
        environment = {"VESTIBULE_SMS_URL": gateway.url, "VESTIBULE_SMS_KEY": KEY}
        with running_emulator(tmp_path_factory.mktemp("sms"), env=environment) as running:
            yield Telephones(running, gateway)


@pytest.fixture(scope="module")
def client(phones: Telephones) -> Any:
    package: Any = SmsClient  # which types its methods as if they had two selves
    return package.from_connection_string(phones.emulator.resource.connection_string)


@pytest.mark.shows("Sms_Send", by="python")
def test_a_text_is_sent_to_many_and_a_wrong_number_fails_alone(phones: Telephones, client: Any) -> None:
    told = client.send(from_=OURS, to=[JO, "+123", ANN], message="By the SDK", enable_delivery_report=True, tag="t")
    assert [(one.to, one.http_status_code, one.successful) for one in told] == [
        (JO, 202, True),
        ("+123", 400, False),
        (ANN, 202, True),
    ]
    assert told[1].error_message == "Invalid To phone number format."
    came = phones.came("By the SDK", 2)
    assert {one["to"]: one["id"] for one in came} == {JO: told[0].message_id, ANN: told[2].message_id}


def test_what_is_over_the_day_s_messages_is_told_at_once_and_the_sdk_does_not_sleep_until_midnight(
    phones: Telephones, client: Any
) -> None:
    often = "+447700900777"
    for _number in range(10):
        [taken] = client.send(from_=OURS, to=often, message="Again")
        assert taken.successful
    phones.came("Again", 10)
    [over] = client.send(from_=OURS, to=often, message="Again")
    assert (over.successful, over.http_status_code) == (False, 429)
    assert over.error_message == "this number had its text messages for the day"


@pytest.mark.shows("Sms_Send", by="python-aio")
def test_the_asynchronous_sdk_does_the_same(phones: Telephones) -> None:
    async def walk() -> list[Any]:
        made: Any = AsyncSmsClient.from_connection_string(phones.emulator.resource.connection_string)
        async with made as client:
            told: list[Any] = await client.send(from_=OURS, to=JO, message="By the other SDK")
            return told

    [told] = asyncio.run(walk())
    assert told.successful
    assert len(phones.came("By the other SDK")) == 1


def test_a_request_repeated_by_its_id_sends_once(phones: Telephones) -> None:
    again = {
        "to": JO,
        "repeatabilityRequestId": str(uuid4()),
        "repeatabilityFirstSent": "Mon, 02 Mar 2026 06:22:03 GMT",
    }
    given = {"from": OURS, "smsRecipients": [again], "message": "Only once"}
    answers = [phones.emulator.resource.ask("POST", f"/sms?{VERSION}", given).json() for _time in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["value"][0]["repeatabilityResult"] == "accepted"
    phones.emulator.resource.ask(
        "POST", f"/sms?{VERSION}", {**given, "smsRecipients": [{"to": JO}], "message": "Later"}
    )
    phones.came("Later")
    assert len(phones.came("Only once")) == 1


@pytest.mark.shows("DeliveryReports_Get", by="rest")
def test_what_the_gateway_reports_is_what_a_program_reads(phones: Telephones, client: Any) -> None:
    good, bad = client.send(from_=OURS, to=[JO, ANN], message="With reports", enable_delivery_report=True)
    phones.came("With reports", 2)
    resource = phones.emulator.resource
    assert resource.ask("GET", f"/deliveryReports/{good.message_id}?{VERSION}").status_code == 404
    phones.report(good.message_id, "delivered")
    phones.report(bad.message_id, "failed", "the telephone is switched off")
    arrived = resource.ask("GET", f"/deliveryReports/{good.message_id}?{VERSION}").json()
    lost = resource.ask("GET", f"/deliveryReports/{bad.message_id}?{VERSION}").json()
    assert answer_faults("sms", "DeliveryReport", arrived) == answer_faults("sms", "DeliveryReport", lost) == []
    assert (arrived["deliveryStatus"], lost["deliveryStatus"]) == ("Delivered", "Failed")
    assert lost["deliveryStatusDetails"] == "the telephone is switched off"
    path = f"/deliveryReports/{good.message_id}?{VERSION}"
    assert phones.emulator.stranger.ask("GET", path).status_code == 404


@pytest.mark.shows("OptOuts_Add", by="rest")
@pytest.mark.shows("OptOuts_Check", by="rest")
@pytest.mark.shows("OptOuts_Remove", by="rest")
def test_who_opted_out_gets_nothing_until_opted_in_again(phones: Telephones, client: Any) -> None:
    number = "+447700900199"

    def ask(what: str) -> dict[str, Any]:
        given = {"from": OURS, "recipients": [{"to": number}]}
        answer = phones.emulator.resource.ask("POST", f"/sms/optouts:{what}?{VERSION}", given)
        assert answer.status_code == 200
        assert answer_faults("sms", "OptOutResponse", answer.json()) == []
        told: dict[str, Any] = answer.json()["value"][0]
        return told

    assert ask("check")["isOptedOut"] is False
    assert ask("add")["httpStatusCode"] == 200
    assert ask("check")["isOptedOut"] is True
    [blocked] = client.send(from_=OURS, to=number, message="To who opted out")
    assert blocked.successful
    path = f"/deliveryReports/{blocked.message_id}?{VERSION}"
    wait(lambda: [answer.json()] if (answer := phones.emulator.resource.ask("GET", path)).status_code == 200 else [], 1)
    assert phones.emulator.resource.ask("GET", path).json()["deliveryStatus"] == "Failed"
    assert ask("remove")["httpStatusCode"] == 200
    client.send(from_=OURS, to=number, message="To who is back")
    assert len(phones.came("To who is back")) == 1
    assert all(one["text"] != "To who opted out" for one in phones.gateway.requests)


def test_another_installation_sends_by_this_one_as_by_azure(phones: Telephones) -> None:
    found = phones.emulator.resource
    gateway = AcsSms(resource(found.connection_string), sender=OURS, verify=str(found.authority))
    assert gateway.check()
    sms = Sms("onereference2345", JO, "From afar")
    assert gateway.send(sms) == gateway.send(sms)
    assert len(phones.came("From afar")) == 1


def test_what_is_wrong_for_all_is_told_by_the_sdk_as_what_it_is(client: Any) -> None:
    with pytest.raises(HttpResponseError) as refused:
        client.send(from_=OURS, to=JO, message="")
    assert refused.value.status_code == 400


def test_a_business_of_its_own_sees_what_programs_sent(phones: Telephones, client: Any) -> None:
    client.send(from_=OURS, to=JO, message="Seen in the outbox")
    phones.came("Seen in the outbox")
    kept = [one for one in phones.emulator.server.outbox() if one["text"] == "Seen in the outbox"]
    assert [(one["channel"], one["to"]) for one in kept] == [("sms", JO)]
