"""A real ClamAV daemon of the test's own: private folder, private signatures, one of which is that of EICAR."""

import hashlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import free_port

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SECONDS_TO_START = 20


def program() -> str:
    """Where clamd is; skips loudly where it is not."""
    found = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("clamd is not installed (Debian: clamav-daemon); script/bootstrap --tests installs it")
    return found


@contextmanager
def clamd(folder: Path, *, most_megabytes: int = 30) -> Iterator[tuple[str, int]]:
    """Run clamd until the block ends; yield its local socket and its TCP port."""
    database = folder / "signatures"
    database.mkdir(parents=True)
    (database / "eicar.hdb").write_text(f"{hashlib.md5(EICAR).hexdigest()}:{len(EICAR)}:Test.Eicar\n", "ascii")
    # Found within other bytes too, as in a document with something added.
    (database / "eicar.ndb").write_text(f"Test.Eicar.Inside:0:*:{EICAR[:40].hex()}\n", "ascii")
    socket, port = folder / "clamd.sock", free_port()
    settings = folder / "clamd.conf"
    settings.write_text(
        f"DatabaseDirectory {database}\nLocalSocket {socket}\nTCPSocket {port}\nTCPAddr 127.0.0.1\n"
        f"Foreground yes\nPidFile {folder}/pid\nTemporaryDirectory {folder}\nStreamMaxLength {most_megabytes}M\n"
        f"MaxThreads 2\nLogFile {folder}/log\n",
        "utf-8",
    )
    process = subprocess.Popen([program(), "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + SECONDS_TO_START
        while not socket.exists():
            if process.poll() is not None or time.monotonic() > until:
                log = folder / "log"
                pytest.fail(f"clamd did not start: {log.read_text('utf-8') if log.exists() else 'no log'}")
            time.sleep(0.05)
        yield str(socket), port
    finally:
        process.terminate()
        process.wait(10)
