"""A mail server that a business names may be hostile: it holds no thread for longer than it may."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.integrations.contracts import MAIL
from tests.stopwatch import Stopwatch
from vestibule.integrations.smtp import mail as smtp_mail
from vestibule.integrations.smtp.mail import SmtpMail
from vestibule.notifications.ports import Around, DeliveryError
from vestibule.people.ports import NotConnected


@contextmanager
def dripping_after(words: list[bytes]) -> Iterator[int]:
    """A server that answers with `words` in turn, one to each line it hears, and then without end; its port."""
    listening, stop = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def talk() -> None:
        with suppress(OSError):
            connection, _address = listening.accept()
            with connection, connection.makefile("rb") as heard:
                for answer in words:
                    connection.sendall(answer)
                    heard.readline()
                while not stop.wait(0.02):
                    connection.sendall(b"250-and\r\n")

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        stop.set()
        listening.close()
        thread.join(5)


@contextmanager
def dripping(first: bytes = b"", drop: bytes = b"2") -> Iterator[int]:
    """A server that says `first` and then a little again and again, without end; its port."""
    listening, stop = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def drip() -> None:
        with suppress(OSError):
            connection, _address = listening.accept()
            with connection:
                connection.sendall(first)
                while not stop.wait(0.02):
                    connection.sendall(drop)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        stop.set()
        listening.close()
        thread.join(5)


@pytest.mark.parametrize(("first", "drop"), [(b"", b"2"), (b"", b"220-welcome\r\n"), (b"220 here\r\n", b"250-a\r\n")])
def test_a_mail_server_that_never_ends_its_greeting_is_left_in_time(
    monkeypatch: pytest.MonkeyPatch, first: bytes, drop: bytes
) -> None:
    monkeypatch.setattr(smtp_mail, "WHOLE_SECONDS", 0.3)
    access = {"host": "127.0.0.1", "security": "none", "username": "", "password": ""}
    around = Around(host="visits.example.org", allowed=("127.0.0.1",))
    with Stopwatch() as watch, dripping(first, drop) as port:
        gateway = SmtpMail.connected({**access, "port": str(port)}, "desk@lakeside.example", around)
        with pytest.raises(DeliveryError) as refused:
            gateway.send(MAIL)
    assert (refused.value.of_gateway, refused.value.maybe_taken) == (True, False)
    assert watch.ran < 5


def test_a_mail_server_that_never_ends_what_it_says_beside_a_mail_is_left_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It refuses the recipient, as it may, and then draws out its answer to RSET."""
    monkeypatch.setattr(smtp_mail, "ASIDE_SECONDS", 0.3)
    access = {"host": "127.0.0.1", "security": "none", "username": "", "password": ""}
    around = Around(host="visits.example.org", allowed=("127.0.0.1",))
    with (
        Stopwatch() as watch,
        dripping_after([b"220 here\r\n", b"250 hello\r\n", b"250 sender\r\n", b"550 nobody\r\n"]) as port,
    ):
        gateway = SmtpMail.connected({**access, "port": str(port)}, "desk@lakeside.example", around)
        with pytest.raises(DeliveryError) as refused:
            gateway.send(MAIL)
    assert refused.value.permanent
    assert watch.ran < 5
    assert gateway._idle.empty()


@pytest.mark.parametrize("port", ["\u00b2\u00b9", "\u0665\u0668\u0667", "5" * 2000])
def test_a_port_in_other_digits_is_refused_and_no_failure(port: str) -> None:
    access = {"host": "smtp.example.org", "port": port, "security": "starttls"}
    with pytest.raises(NotConnected) as wrong:
        SmtpMail.connected(access, "desk@lakeside.example", Around(host="visits.example.org", allowed=()))
    assert wrong.value.field == "port"
