"""The real clamd: what it finds is found through our line to it, and its silence is told from a verdict."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chat.files import PDF, photo, scanned_by, sent
from tests.factories import make_thread
from tests.integrations.clamd import EICAR, clamd
from tests.stopwatch import Stopwatch
from vestibule.chat import checking, files
from vestibule.chat.models import Attachment
from vestibule.chat.ports import ScannerError
from vestibule.integrations.clamav.daemon import ClamAv
from vestibule.store.configuration import load


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    with clamd(tmp_path_factory.mktemp("clamd")) as found:
        yield found


def configured(text: str) -> ClamAv:
    found = ClamAv.configured(load({"VESTIBULE_CLAMAV": text}))
    assert found is not None
    return found


def test_the_test_virus_is_found_by_socket_and_by_port(daemon: tuple[str, int]) -> None:
    path, port = daemon
    for scanner in (configured(path), configured(f"127.0.0.1:{port}"), configured(f"tcp://127.0.0.1:{port}")):
        assert scanner.scan([EICAR[:30], EICAR[30:]]).found.startswith("Test.Eicar")
        assert scanner.scan([PDF]).is_clean
        assert scanner.scan([]).is_clean
        assert scanner.version().startswith("ClamAV ")


def test_a_file_as_large_as_files_may_be_is_looked_through(daemon: tuple[str, int]) -> None:
    part = b"\0" * files.PART_BYTES
    count = files.MOST_BYTES // files.PART_BYTES
    scanner = configured(daemon[0])
    assert scanner.scan(part for _each in range(count)).is_clean


@pytest.mark.django_db
def test_the_test_virus_in_a_thread_is_held_back_and_a_photo_is_delivered(daemon: tuple[str, int]) -> None:
    thread = make_thread()
    with scanned_by(configured(daemon[0])):
        for content in (EICAR, PDF + EICAR, photo() + EICAR):
            sent(thread, content)
        sent(thread, photo())
        checking.check_due()
    states = list(Attachment.objects.order_by("pk").values_list("state", "is_scanned"))
    assert states == [(Attachment.State.QUARANTINED, False)] * 3 + [(Attachment.State.READY, True)]
    assert EICAR[:40] not in b"".join(bytes(one.content or b"") for one in Attachment.objects.all())


def test_over_its_limit_clamd_says_so_and_that_is_no_verdict(tmp_path: Path) -> None:
    with clamd(tmp_path, most_megabytes=1) as (path, _port), pytest.raises(ScannerError, match="size limit"):
        configured(path).scan([b"x" * files.PART_BYTES] * 40)


def test_nobody_there_is_no_verdict(tmp_path: Path) -> None:
    for address in (str(tmp_path / "none.sock"), "127.0.0.1:1"):
        with pytest.raises(ScannerError):
            configured(address).scan([PDF])


@pytest.mark.alone
def test_a_daemon_that_never_answers_is_given_up(tmp_path: Path) -> None:
    path = str(tmp_path / "mute.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()  # which takes the connection, and nobody ever reads from it
        with Stopwatch() as watch, pytest.raises(ScannerError, match="timed out"):
            ClamAv(path, seconds=0.3).scan([PDF])
        assert watch.ran < 3


@pytest.mark.parametrize("told", ["clamd", "host:", ":3310", "host:port", "host:99999"])
def test_an_address_that_cannot_be_read_is_named(told: str) -> None:
    with pytest.raises(ValueError, match="VESTIBULE_CLAMAV"):
        ClamAv.configured(load({"VESTIBULE_CLAMAV": told}))


def test_without_the_setting_there_is_no_scanner() -> None:
    assert ClamAv.configured(load({})) is None
