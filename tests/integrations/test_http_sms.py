"""Text messages as a real HTTP server receives them."""

from collections.abc import Callable, Iterator

import pytest

from tests.integrations.contracts import SMS, SmsGatewayContract
from tests.integrations.mailbox import closed_port
from tests.integrations.sms_gateway import Gateway, sms_gateway
from vestibule.integrations.http_sms.sms import HttpSms
from vestibule.integrations.outward import Web
from vestibule.notifications.ports import Around, DeliveryError
from vestibule.people.ports import NotConnected
from vestibule.store.configuration import load


def sms(url: str, timeout: float = 5) -> HttpSms:
    return HttpSms(url, key="hunter2", web=Web(None, seconds=timeout))


class TestHttpSms(SmsGatewayContract):
    @pytest.fixture
    def accepting(self) -> Iterator[HttpSms]:
        with sms_gateway() as gateway:
            yield sms(gateway.url)

    @pytest.fixture
    def refusing(self) -> Iterator[HttpSms]:
        with sms_gateway(Gateway(422, '{"error": "+447700900123 is no number"}')) as gateway:
            yield sms(gateway.url)

    @pytest.fixture
    def busy(self) -> Iterator[HttpSms]:
        with sms_gateway(Gateway(429, "slower")) as gateway:
            yield sms(gateway.url)

    @pytest.fixture
    def unreachable(self) -> HttpSms:
        return sms(f"http://127.0.0.1:{closed_port()}/send")

    @pytest.fixture
    def silent(self) -> Iterator[HttpSms]:
        with sms_gateway(Gateway(silent=True)) as gateway:
            yield sms(gateway.url, timeout=0.2)


def test_a_text_message_is_one_json_post_with_its_key() -> None:
    with sms_gateway() as gateway:
        assert sms(gateway.url).send(SMS) == "gateway-7"
    assert gateway.requests == [{"id": SMS.ref, "to": SMS.to, "text": SMS.body}]
    [headers] = gateway.headers
    assert headers["authorization"] == "Bearer hunter2"
    assert headers["idempotency-key"] == SMS.ref
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("body", ["", "taken", "[]", '{"id": null}', '"x"'])
def test_any_2xx_is_taken_whatever_the_body(body: str) -> None:
    with sms_gateway(Gateway(200, body)) as gateway:
        assert sms(gateway.url).send(SMS) == SMS.ref


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (410, True), (422, True), (408, False), (429, False), (500, False), (503, False), (302, False)],
)
def test_only_what_speaks_of_the_message_is_final(status: int, permanent: bool) -> None:
    with sms_gateway(Gateway(status)) as gateway, pytest.raises(DeliveryError) as refused:
        sms(gateway.url).send(SMS)
    assert refused.value.permanent is permanent


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_key_or_address_of_ours_loses_no_message(status: int) -> None:
    with sms_gateway(Gateway(status)) as gateway, pytest.raises(DeliveryError) as refused:
        sms(gateway.url).send(SMS)
    assert not refused.value.permanent


@pytest.mark.parametrize("make", [HttpSms])
@pytest.mark.parametrize(
    "url", ["ftp://example.org", "example.org", "http://", "http://example.org:port/", "http://[::"]
)
def test_a_setting_that_is_no_web_address_is_refused_at_start(make: Callable[[str], HttpSms], url: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        make(url)


def test_without_a_setting_there_is_no_gateway() -> None:
    assert HttpSms.configured(load({"VESTIBULE_DATA": "/nonexistent"})) is None


def test_silence_after_the_request_left_may_mean_that_it_was_taken() -> None:
    with sms_gateway(Gateway(silent=True)) as gateway, pytest.raises(DeliveryError) as refused:
        sms(gateway.url, timeout=2).send(SMS)
    assert refused.value.maybe_taken


def test_nobody_listening_means_that_it_was_not_taken() -> None:
    with pytest.raises(DeliveryError) as refused:
        sms(f"http://127.0.0.1:{closed_port()}/send").send(SMS)
    assert (refused.value.maybe_taken, refused.value.of_gateway) == (False, True)


def test_a_business_of_its_own_names_its_sender() -> None:
    with sms_gateway() as gateway:
        around = Around(allowed=("127.0.0.1",))
        HttpSms.connected({"url": gateway.url, "key": "hunter2"}, "Clinic", around).send(SMS)
    assert gateway.requests == [{"id": SMS.ref, "to": SMS.to, "text": SMS.body, "from": "Clinic"}]


def test_a_business_cannot_reach_into_the_network_of_the_server() -> None:
    with sms_gateway() as gateway:
        made = HttpSms.connected({"url": "https://127.0.0.1/send"}, "", Around())
        made._url = gateway.url  # what a name could lead to later
        with pytest.raises(DeliveryError, match="network of this server") as refused:
            made.send(SMS)
    assert not refused.value.maybe_taken
    assert gateway.requests == []


@pytest.mark.parametrize(
    "url",
    ["http://sms.example.org/", "https://sms.example.org:8443/", "https://a:b@sms.example.org/", "sms.example.org"],
)
def test_what_a_business_types_is_https_on_its_usual_port(url: str) -> None:
    with pytest.raises(NotConnected) as refused:
        HttpSms.connected({"url": url}, "", Around())
    assert refused.value.field == "url"
