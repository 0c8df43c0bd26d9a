"""HTTPS beside HTTP: a local authority, a certificate that programs take, the same product behind it."""

import asyncio
import json
import signal
import ssl
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import time_machine
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.servers import RunningServer, free_port, run_vestibule, running_server
from vestibule.store import certificates


@pytest.fixture(scope="module")
def tls_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, tls_port: int) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("tls"), demo=False, tls_port=tls_port) as running:
        yield running


def trusting(server: RunningServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(server.data / "certs" / "authority.pem"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_who_trusts_the_authority_reaches_the_product_by_https(server: RunningServer, tls_port: int, host: str) -> None:
    answer = httpx.get(f"https://{host}:{tls_port}/readyz", verify=trusting(server), timeout=60)
    assert answer.status_code == 200
    assert httpx.get(f"{server.origin}/readyz", timeout=60).status_code == 200


def test_who_does_not_trust_it_is_told_by_their_own_program(server: RunningServer, tls_port: int) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://localhost:{tls_port}/readyz", timeout=60)


def test_a_socket_opens_there_and_is_held_to_its_own_origin(server: RunningServer, tls_port: int) -> None:
    address = f"wss://localhost:{tls_port}/ws/visit"

    async def told_to(origin: str) -> str:
        trusted = trusting(server)
        async with connect(address, ssl=trusted, origin=Origin(origin), open_timeout=60) as socket:
            await socket.send(json.dumps({"type": "hello", "v": 1}))
            kind: str = json.loads(await asyncio.wait_for(socket.recv(), 60))["type"]
            return kind

    # Not the library's threads: two that read and write one TLS connection lose what is said in it, now and then.
    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(asyncio.run, told_to(f"https://localhost:{tls_port}")).result() == "bye"
        with pytest.raises(InvalidStatus):
            elsewhere.submit(asyncio.run, told_to("https://elsewhere.example")).result()


def test_one_signal_ends_both_doors(tmp_path: Path) -> None:
    port = free_port()
    with running_server(tmp_path, demo=False, tls_port=port) as running:
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(60) == 0
        assert "Traceback" not in (tmp_path / "server.log").read_text("utf-8")


def test_the_command_says_what_to_export_and_changes_nothing_the_second_time(tmp_path: Path) -> None:
    first = run_vestibule("certs", data=tmp_path)
    again = run_vestibule("certs", data=tmp_path)
    path = tmp_path / "certs" / "authority.pem"
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"):
        assert f"export {name}={path}" in first.stdout
    assert "A new authority" in first.stdout
    assert "The authority is the one you have." in again.stdout


def test_a_name_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = run_vestibule("certs", "not a host", data=tmp_path)
    assert done.returncode == 1
    assert "'not a host' is neither a host name nor an address" in done.stderr


def test_keys_are_their_owners_alone(tmp_path: Path) -> None:
    files = certificates.ensure(tmp_path).files
    assert stat.S_IMODE(files.key.stat().st_mode) == stat.S_IMODE(files.authority_key.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.authority.parent.stat().st_mode) == 0o700


def verified(files: certificates.Files, name: str) -> None:
    """Verify the server's certificate as a strict program does. Raises VerificationError."""
    trusted = Store([x509.load_pem_x509_certificate(files.authority.read_bytes())])
    (server, _authority) = x509.load_pem_x509_certificates(files.chain.read_bytes())
    PolicyBuilder().store(trusted).build_server_verifier(x509.DNSName(name)).verify(server, [])


def test_a_strict_verifier_takes_it_for_its_own_names_only(tmp_path: Path) -> None:
    files = certificates.ensure(tmp_path, ["clinic.internal"]).files
    verified(files, "localhost")
    verified(files, "clinic.internal")
    with pytest.raises(VerificationError):
        verified(files, "bank.example")


def test_the_authority_cannot_vouch_for_anybody_else(tmp_path: Path) -> None:
    """Whoever steals its key can pretend to be this machine, and nobody besides."""
    files = certificates.ensure(tmp_path).files
    stolen = certificates._loaded(files.authority, files.authority_key)
    assert stolen is not None
    forged, _key = certificates._made_server(["bank.example"], datetime.now(UTC), *stolen)
    with pytest.raises(VerificationError):
        PolicyBuilder().store(Store([stolen[0]])).build_server_verifier(x509.DNSName("bank.example")).verify(forged, [])


def test_a_further_name_needs_a_new_authority_and_says_so(tmp_path: Path) -> None:
    first = certificates.ensure(tmp_path)
    second = certificates.ensure(tmp_path, ["192.0.2.7"])
    third = certificates.ensure(tmp_path)
    assert (first.is_new_authority, second.is_new_authority, third.is_new_authority) == (True, True, False)
    assert "192.0.2.7" in third.names, "a name once asked for stays"
    verified(third.files, "localhost")


def test_a_certificate_is_renewed_before_it_ends_by_the_same_authority(tmp_path: Path) -> None:
    first = certificates.ensure(tmp_path)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=certificates.SERVER_DAYS - 20)):
        later = certificates.ensure(tmp_path)
    assert (first.is_new_server, later.is_new_authority, later.is_new_server) == (True, False, True)
    assert not certificates.ensure(tmp_path).is_new_authority


@pytest.mark.parametrize("broken", ["authority", "authority_key", "chain", "key"])
def test_what_was_cut_off_is_made_anew(tmp_path: Path, broken: str) -> None:
    files = certificates.ensure(tmp_path).files
    path: Path = getattr(files, broken)
    path.write_bytes(path.read_bytes()[:60])
    certificates.ensure(tmp_path)
    verified(files, "localhost")


def test_a_host_that_nobody_has_is_refused_and_fills_no_log(server: RunningServer) -> None:
    log = server.data / "server.log"
    before = log.stat().st_size
    for _ in range(3):
        answer = httpx.get(f"{server.origin}/healthz", headers={"Host": "bank.example"}, timeout=60)
        assert answer.status_code == 400
    assert log.stat().st_size - before < 1000
