"""What a mail server's refusals mean, and what a business hears when its own cannot be used."""

import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from tests.integrations import authority
from tests.integrations.contracts import MAIL
from tests.integrations.mailbox import Mailbox, closed_port, silent_port, smtp_server, stopping_server
from vestibule.integrations.smtp import mail as smtp_mail
from vestibule.integrations.smtp.mail import SmtpMail
from vestibule.notifications.ports import Around, DeliveryError
from vestibule.people.ports import NotConnected

HERE = Around(host="visits.example.org", allowed=("127.0.0.1",))
SENDER = "desk@lakeside.example"


def access(number: int, **more: str) -> dict[str, str]:
    return {"host": "127.0.0.1", "port": str(number), "security": "none", "username": "", "password": "", **more}


def gateway(port: int, timeout: float = 60) -> SmtpMail:
    made = SmtpMail.connected(access(port), SENDER, HERE)
    made._timeout = timeout
    return made


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as running:
        yield running


def refused(mailbox: Mailbox, **answers: str) -> DeliveryError:
    try:
        for name, answer in answers.items():
            setattr(mailbox, name, answer)
        with pytest.raises(DeliveryError) as caught:
            gateway(mailbox.port).send(MAIL)
        return caught.value
    finally:
        mailbox.to_sender = mailbox.to_recipient = mailbox.to_data = ""


def verdict(error: DeliveryError) -> tuple[bool, bool, bool]:
    return error.permanent, error.of_gateway, error.maybe_taken


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "553 not allowed", "501 syntax", "550 no"])
def test_a_recipient_refused_for_good_is_refused_by_all(mailbox: Mailbox, answer: str) -> None:
    assert verdict(refused(mailbox, to_recipient=answer)) == (True, False, False)


@pytest.mark.parametrize("answer", ["450 4.2.0 greylisted, come again", "451 later", "452 4.2.2 mailbox full"])
def test_a_recipient_put_off_waits_for_the_same_server(mailbox: Mailbox, answer: str) -> None:
    assert verdict(refused(mailbox, to_recipient=answer)) == (False, False, False)


@pytest.mark.parametrize("answer", ["554 5.7.1 Relay access denied", "550 5.7.54 unable to relay"])
def test_a_server_that_does_not_relay_lets_another_try(mailbox: Mailbox, answer: str) -> None:
    assert verdict(refused(mailbox, to_recipient=answer)) == (True, True, False)


@pytest.mark.parametrize("answer", ["550 5.7.60 not your address", "421 too busy", "452 out of space"])
def test_a_refused_sender_speaks_of_the_server(mailbox: Mailbox, answer: str) -> None:
    assert verdict(refused(mailbox, to_sender=answer)) == (False, True, False)


@pytest.mark.parametrize(("answer", "permanent"), [("554 looks like spam", True), ("451 later", False)])
def test_a_refused_mail_is_refused_by_all(mailbox: Mailbox, answer: str, permanent: bool) -> None:
    assert verdict(refused(mailbox, to_data=answer)) == (permanent, False, False)


def test_a_server_that_hangs_up_instead_of_answering_may_have_taken_the_mail() -> None:
    with smtp_server(Mailbox(cuts=True)) as mailbox, pytest.raises(DeliveryError) as caught:
        gateway(mailbox.port).send(MAIL)
    assert verdict(caught.value) == (False, True, True)


def test_a_server_that_hangs_up_in_the_middle_of_a_mail_may_have_taken_it() -> None:
    with stopping_server(b"354") as port, pytest.raises(DeliveryError) as caught:
        gateway(port).send(replace(MAIL, text="x" * 3_000_000))
    assert verdict(caught.value) == (False, True, True)


def test_a_server_that_hangs_up_before_has_not_taken_it() -> None:
    with stopping_server(b"220") as port, pytest.raises(DeliveryError) as caught:
        gateway(port).send(MAIL)
    assert verdict(caught.value) == (False, True, False)


def test_a_server_that_nobody_hears_has_not_taken_it() -> None:
    with pytest.raises(DeliveryError) as caught:
        gateway(closed_port()).send(MAIL)
    assert verdict(caught.value) == (False, True, False)


def test_a_server_that_draws_its_answers_out_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_mail, "WHOLE_SECONDS", 20.0)  # in which a slow machine, too, comes to the mail itself
    began = time.monotonic()
    with smtp_server(Mailbox(silent=True)) as mailbox, pytest.raises(DeliveryError) as caught:
        gateway(mailbox.port, timeout=120).send(MAIL)
    assert time.monotonic() - began < 60
    assert caught.value.maybe_taken


def test_a_server_is_proven_without_sending(mailbox: Mailbox) -> None:
    before = len(mailbox.received)
    assert gateway(mailbox.port).check()
    assert len(mailbox.received) == before


def test_a_sender_the_server_does_not_know_is_found_before_anything_is_stored(mailbox: Mailbox) -> None:
    mailbox.to_sender = "550 not yours"
    try:
        with pytest.raises(NotConnected, match="answered 550") as wrong:
            gateway(mailbox.port).check()
    finally:
        mailbox.to_sender = ""
    assert wrong.value.field == "sender"


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"security": "starttls"}, "security", "offers no encryption"),
        ({"security": "tls"}, "security", "does not speak TLS"),
        ({"security": "none", "password": "hunter2", "username": "jo"}, "security", "read along"),
        ({"host": "http://mail.example.org"}, "host", "name of the server alone"),
        ({"host": ""}, "host", "name of the server alone"),
        ({"port": "abc"}, "port", "one of these"),
    ],
)
def test_what_is_wrong_is_said_where_it_is_mended(
    mailbox: Mailbox, change: dict[str, str], field: str, said: str
) -> None:
    with pytest.raises(NotConnected, match=said) as wrong:
        SmtpMail.connected(access(mailbox.port, **change), SENDER, HERE).check()
    assert wrong.value.field == field
    assert "hunter2" not in str(wrong.value)


def test_nobody_listening_and_nobody_answering_are_told_apart() -> None:
    with pytest.raises(NotConnected, match="cannot be reached on this port"):
        gateway(closed_port()).check()
    with silent_port() as port, pytest.raises(NotConnected, match="did not answer in time"):
        gateway(port, timeout=0.2).check()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_business_cannot_reach_into_the_network_of_the_server(mailbox: Mailbox, host: str) -> None:
    told = access(587, security="starttls", username="jo", password="hunter2")
    made = SmtpMail.connected({**told, "host": host}, SENDER, Around())
    with pytest.raises(NotConnected, match="operator must allow"):
        made.check()
    with pytest.raises(DeliveryError, match="network of this server"):
        made.send(MAIL)


@pytest.mark.parametrize("port", ["6379", "22", "80", "5432"])
def test_other_programs_than_mail_servers_are_not_spoken_to(port: str) -> None:
    with pytest.raises(NotConnected) as wrong:
        SmtpMail.connected({**access(0), "host": "mail.example.org", "port": port}, SENDER, Around())
    assert wrong.value.field == "port"


def test_without_a_user_name_only_a_server_the_operator_named_takes_mail() -> None:
    told = {**access(25, security="starttls"), "host": "mx.example.org"}
    with pytest.raises(NotConnected, match="user name") as wrong:
        SmtpMail.connected(told, "anybody@example.org", Around())
    assert wrong.value.field == "username"
    SmtpMail.connected(told, SENDER, Around(allowed=("mx.example.org:25",)))
    SmtpMail.connected({**told, "username": "jo", "password": "hunter2"}, SENDER, Around())


@pytest.mark.parametrize("sender", ["", "desk", "a@b.example, c@d.example", "desk@b.example\r\nBcc: x@y.example"])
def test_a_sender_is_one_address(sender: str) -> None:
    with pytest.raises(NotConnected) as wrong:
        SmtpMail.connected(access(587), sender, HERE)
    assert wrong.value.field == "sender"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def guarded(certificates: tuple[Path, Path]) -> Iterator[Mailbox]:
    """A server that speaks TLS from the first byte and wants a password."""

    def knows(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=(given.login, given.password) == (b"jo", b"hunter2"), handled=False)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates[1])
    more: dict[str, Any] = {"authenticator": knows, "auth_required": True, "auth_require_tls": False}
    with smtp_server(ssl_context=context, server_hostname="localhost", **more) as running:
        yield running


def over_tls(port: int, password: str) -> SmtpMail:
    told = access(port, security="tls", username="jo", password=password)
    return SmtpMail.connected(told, SENDER, HERE)


def test_a_password_goes_over_tls_and_a_wrong_one_is_said_where_it_is_mended(
    guarded: Mailbox, certificates: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates[0]))
    assert over_tls(guarded.port, "hunter2").check()
    over_tls(guarded.port, "hunter2").send(MAIL)
    assert len(guarded.received) == 1
    with pytest.raises(NotConnected, match="refused the user name or password") as wrong:
        over_tls(guarded.port, "hunter3").check()
    assert wrong.value.field == "password"
    with pytest.raises(DeliveryError) as caught:
        over_tls(guarded.port, "hunter3").send(MAIL)
    assert verdict(caught.value) == (False, True, False)
    assert "hunter3" not in str(wrong.value) + str(caught.value)


def test_a_certificate_nobody_vouches_for_gets_no_password(guarded: Mailbox) -> None:
    with pytest.raises(NotConnected, match="certificate") as wrong:
        over_tls(guarded.port, "hunter2").check()
    assert wrong.value.field == "host"
