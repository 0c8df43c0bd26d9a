"""What is pushed is encrypted and signed as the standards say, and goes to push services only."""

import json
import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integrations import authority
from tests.integrations.mailbox import closed_port
from tests.integrations.push_service import StandInBrowser, StandInPushService, push_service, verified
from vestibule.integrations import outward
from vestibule.integrations.guarded import PrivateHosts
from vestibule.integrations.webpush.encryption import LARGEST, encrypted, from_b64, point
from vestibule.integrations.webpush.push import FILLED_TO, WebPush
from vestibule.integrations.webpush.vapid import Vapid
from vestibule.notifications.ports import DeliveryError, Gone, Push, PushAddress

SEED = bytes(range(32))
# The example of RFC 8291, appendix A.
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
RECEIVERS_OWN = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
CLEAR = b"When I grow up, I want to be a watermelon"
PUBLISHED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y"
    "l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
# The example of RFC 8292, section 2.4.
PUBLISHED_TOKEN = (
    "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3Njgs"
    "InN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjv"
    "W2L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"
)


def key_of(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(from_b64(text), "big"), ec.SECP256R1())


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def running(certificates: tuple[Path, Path]) -> Iterator[StandInPushService]:
    with push_service(certificates[1]) as state:
        yield state


@pytest.fixture
def service(
    running: StandInPushService, certificates: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[StandInPushService]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates[0]))
    outward._tls.cache_clear()
    running.status, running.more = 201, {}
    running.got.clear()
    yield running
    outward._tls.cache_clear()


def gateway(*allowed: str) -> WebPush:
    return WebPush(Vapid(SEED, "mailto:office@clinic.example"), allowed)


def push(browser: StandInBrowser, endpoint: str, body: bytes = b'{"title":"Somebody is waiting"}') -> Push:
    return Push("ref", browser.address(endpoint), body, timedelta(minutes=10), topic="abc123")


def test_the_published_example_is_encrypted_to_the_letter() -> None:
    made = encrypted(CLEAR, from_b64(RECEIVER), from_b64(AUTH), salt=from_b64(SALT), key=key_of(SENDER))
    assert made == from_b64(PUBLISHED)


def test_the_stand_in_reads_the_published_example() -> None:
    browser = StandInBrowser(key_of(RECEIVERS_OWN), from_b64(AUTH))
    assert point(browser.key.public_key()) == from_b64(RECEIVER)
    assert browser.read(from_b64(PUBLISHED)) == CLEAR


def test_two_messages_never_share_key_or_salt_and_texts_of_any_length_look_alike() -> None:
    browser = StandInBrowser()
    to = point(browser.key.public_key())
    one, other = (encrypted(text, to, browser.auth, filled_to=1000) for text in (b"x", b"y" * 900))
    assert one[:86] != other[:86]
    assert len(one) == len(other)
    assert (browser.read(one), browser.read(other)) == (b"x", b"y" * 900)


@pytest.mark.parametrize("key", [b"", b"\x04" + bytes(64), b"\x05" * 65, b"\x04" * 64])
def test_a_key_that_is_no_point_of_the_curve_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError):
        encrypted(b"x", key, bytes(16))


def test_more_than_push_services_take_is_refused() -> None:
    browser = StandInBrowser()
    to = point(browser.key.public_key())
    assert len(encrypted(bytes(LARGEST), to, browser.auth)) == 4096
    with pytest.raises(ValueError, match="at most"):
        encrypted(bytes(LARGEST + 1), to, browser.auth)


def test_the_published_token_is_genuine_for_the_reader_of_these_tests() -> None:
    assert verified(PUBLISHED_TOKEN)[0]["sub"] == "mailto:push@example.com"
    with pytest.raises(InvalidSignature):
        verified(PUBLISHED_TOKEN.replace("i3CYb7t4", "i3CYb7t5"))


def test_a_token_names_the_push_service_and_us_and_ends_within_a_day() -> None:
    vapid = Vapid(SEED, "https://visits.example.org")
    claims, key = verified(vapid.authorization("https://push.example.net"))
    assert (claims["aud"], claims["sub"]) == ("https://push.example.net", "https://visits.example.org")
    assert 3600 < claims["exp"] - time.time() <= 24 * 3600
    assert key == vapid.public_key == Vapid(SEED, "").public_key
    assert key != Vapid(bytes(32), "").public_key
    assert verified(vapid.authorization("https://other.example"))[0]["aud"] == "https://other.example"


def test_only_the_browser_reads_what_the_push_service_carries(service: StandInPushService) -> None:
    browser = StandInBrowser()
    gateway(service.host).send(push(browser, f"{service.origin}/push/abc"))
    path, headers, body = service.got[0]
    assert path == "/push/abc"
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == ("600", "high", "abc123")
    assert headers["content-encoding"] == "aes128gcm"
    assert verified(headers["authorization"])[0]["aud"] == service.origin
    assert b"waiting" not in body
    assert len(body) == 86 + FILLED_TO + 1 + 16
    assert json.loads(browser.read(body)) == {"title": "Somebody is waiting"}


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_left_is_gone(service: StandInPushService, status: int) -> None:
    service.status = status
    with pytest.raises(Gone):
        gateway(service.host).send(push(StandInBrowser(), f"{service.origin}/x"))


def test_too_many_and_broken_services_pass(service: StandInPushService) -> None:
    service.status, service.more = 429, {"Retry-After": "90"}
    with pytest.raises(DeliveryError) as busy:
        gateway(service.host).send(push(StandInBrowser(), f"{service.origin}/x"))
    assert (busy.value.permanent, busy.value.wait) == (False, timedelta(seconds=90))
    for status in (500, 503):
        service.status, service.more = status, {}
        with pytest.raises(DeliveryError) as broken:
            gateway(service.host).send(push(StandInBrowser(), f"{service.origin}/x"))
        assert not broken.value.permanent


@pytest.mark.parametrize("status", [302, 400, 403, 413])
def test_a_no_is_final_and_a_redirect_is_not_followed(service: StandInPushService, status: int) -> None:
    service.status, service.more = status, {"Location": f"{service.origin}/elsewhere"}
    with pytest.raises(DeliveryError) as refused:
        gateway(service.host).send(push(StandInBrowser(), f"{service.origin}/x"))
    assert refused.value.permanent
    assert len(service.got) == 1


def test_nobody_listening_passes() -> None:
    port = closed_port()
    with pytest.raises(DeliveryError) as silent:
        gateway(f"localhost:{port}").send(push(StandInBrowser(), f"https://localhost:{port}/x"))
    assert not silent.value.permanent


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.net/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://0x7f.0.0.1/x",
        "https://127.1./x",
        "https://push.internal./x",
        "https://intranet/x",
        "https://printer.local/x",
        "https://10.0.0.7/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://2130706433/x",
        "https://push.example.net:8443/x",
        "https://user:word@push.example.net/x",
        "https://push.example.net/x#part",
        "https://push.example.net:99999/x",
        "https://push.example.net/a\r\nHost: other",
        "https://push.example.net/" + "x" * 2000,
        "https://",
        "javascript:alert(1)",
        "",
    ],
)
def test_an_address_no_browser_gives_is_not_written_to(endpoint: str) -> None:
    browser = StandInBrowser()
    assert not gateway().takes(browser.address(endpoint))
    with pytest.raises(DeliveryError) as refused:
        gateway().send(push(browser, endpoint))
    assert refused.value.permanent


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
        "https://web.push.apple.com/QJ",
        "https://wns2-par02p.notify.windows.com/w/?token=Bg%3d",
    ],
)
def test_the_addresses_of_browsers_are_taken(endpoint: str) -> None:
    assert gateway().takes(StandInBrowser().address(endpoint))


def test_broken_keys_are_not_taken() -> None:
    good = StandInBrowser().address("https://push.example.net/x")
    for p256dh, auth in (("", good.auth), ("AAAA", good.auth), (good.p256dh, "AAAA"), (good.p256dh, "!!"), ("é", "é")):
        assert not gateway().takes(PushAddress(good.endpoint, p256dh, auth))


def test_a_name_that_leads_into_the_own_network_is_not_followed() -> None:
    web = outward.Web(PrivateHosts(), seconds=20, resolver=lambda host, port: ["10.0.0.7"])
    with pytest.raises(DeliveryError, match="network of this server"):
        WebPush(Vapid(SEED, ""), (), web).send(push(StandInBrowser(), "https://push.example.net/x"))


def test_neither_address_nor_text_reaches_the_log(
    service: StandInPushService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.status = 410
    sent = push(StandInBrowser(), f"{service.origin}/push/secret-of-this-browser")
    with pytest.raises(Gone) as gone:
        gateway(service.host).send(sent)
    told = (
        str(gone.value)
        + repr(sent)
        + "".join(record.getMessage() for record in caplog.records if record.name.startswith("vestibule"))
    )
    assert "secret-of-this-browser" not in told
    assert "Somebody" not in told
