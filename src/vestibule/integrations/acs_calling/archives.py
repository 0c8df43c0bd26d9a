"""Archives of npm packages: fetched by npm from wherever it is set up to, checked by our own digests, unpacked."""

import base64
import hashlib
import hmac
import shutil
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import Path

from vestibule.integrations.acs_calling.errors import NotInstalled
from vestibule.integrations.acs_calling.versions import Pinned

FETCH_SECONDS = 600
MOST_BYTES = 120 * 1024 * 1024
"""Unpacked, of one package: the largest has a tenth of it."""
OFFLINE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ECONNRESET", "ENETUNREACH", "ERR_SOCKET_TIMEOUT")
ELSEWHERE = "or fetch on another machine: vestibule install-acs-calling --download FOLDER, then --from FOLDER here"


def fetch(wanted: Iterable[Pinned], folder: Path) -> None:
    """Have npm put the archives of `wanted` into `folder`, which is made; check them. Raises NotInstalled.

    Where npm asks is npm's own configuration. Nothing of what is fetched is run.
    """
    packages = list(wanted)
    npm = shutil.which("npm")
    if npm is None:
        raise NotInstalled("npm is not on this machine.", f"install Node 20 or newer, which brings it; {ELSEWHERE}")
    folder.mkdir(parents=True, exist_ok=True)
    words = [npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(
            [*words, *(one.spec for one in packages)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=FETCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotInstalled("npm did not fetch the packages within ten minutes.", "try again") from None
    if done.returncode != 0:
        raise _refused(done.stderr + done.stdout)
    check(packages, folder)


def check(wanted: Iterable[Pinned], folder: Path) -> None:
    """Raise NotInstalled unless `folder` holds each archive, with the digest that is pinned."""
    for one in wanted:
        path = folder / one.archive
        if not path.is_file():
            raise NotInstalled(f"{one.archive} is not in {folder}.", "vestibule install-acs-calling --download FOLDER")
        if not hmac.compare_digest(integrity_of(path), one.integrity):
            what = f"{one.archive} is not what this version of Vestibule knows: its digest differs."
            raise NotInstalled(
                what, "delete it and fetch it again; if that does not help, do not use it, and report it"
            )


def integrity_of(path: Path) -> str:
    """Return the digest of a file as npm writes it."""
    with path.open("rb") as file:
        return f"sha512-{base64.b64encode(hashlib.file_digest(file, 'sha512').digest()).decode()}"


def unpack(wanted: Iterable[Pinned], folder: Path, modules: Path) -> None:
    """Unpack the checked archives of `folder` below `modules`, each under its own name. Raises NotInstalled."""
    for one in wanted:
        into = modules / one.name
        into.mkdir(parents=True)
        try:
            with tarfile.open(folder / one.archive, "r:gz") as archive:
                for member in _files_of(archive, one):
                    archive.extract(member, into, filter="data")
        except (tarfile.TarError, EOFError) as broken:
            raise NotInstalled(f"{one.archive} cannot be unpacked: {broken}.") from broken


def read(one: Pinned, folder: Path, name: str) -> str:
    """Return a text file of a package, from its checked archive. Raises NotInstalled if it has none of that name."""
    with tarfile.open(folder / one.archive, "r:gz") as archive:
        for member in _files_of(archive, one):
            if member.name == name and (file := archive.extractfile(member)) is not None:
                return file.read().decode("utf-8", "replace")
    raise NotInstalled(f"{one.archive} has no {name}.")


def _files_of(archive: tarfile.TarFile, one: Pinned) -> Iterable[tarfile.TarInfo]:
    """Yield the plain files of a package, by their names without its top folder."""
    total = 0
    for member in archive:
        _top, _slash, name = member.name.partition("/")
        if not member.isfile() or not name:
            continue
        total += member.size
        if total > MOST_BYTES:
            raise NotInstalled(f"{one.archive} is far larger than it can be.")
        member.name = name
        yield member


def _refused(said: str) -> NotInstalled:
    if "ENOSPC" in said:
        return NotInstalled("The disk is full.", "make room, and run this again")
    if any(word in said for word in OFFLINE):
        return NotInstalled("npm did not reach its registry.", f"mend the network or npm's configuration; {ELSEWHERE}")
    lines = [line for line in said.splitlines() if "error" in line.lower() or "ERR" in line][:3]
    told = " ".join(lines)[:300] or "it did not say why"
    return NotInstalled(f"npm could not fetch the packages: {told}.", f"mend that, and run this again; {ELSEWHERE}")
