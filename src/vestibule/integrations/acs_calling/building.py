"""Our adapter and Microsoft's kit made into the files pages load, beside what is there, then put in its place."""

import errno
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vestibule.integrations.acs_calling import archives, versions
from vestibule.integrations.acs_calling.errors import NotInstalled
from vestibule.integrations.acs_calling.versions import OWN, Pins
from vestibule.store.addons import acs_calling

ROOM_BYTES = 250 * 1024 * 1024
BUILD_SECONDS = 300
ASIDE = ".acs-calling-"
BROWSERS = "es2022,chrome109,firefox115,safari16.4"
LICENCES = {"LICENSE": "licence.txt", "NOTICES.txt": "notices.txt"}


@contextmanager
def aside(data: Path) -> Iterator[Path]:
    """Yield a folder to work in, on the same disk as where the add-on goes; what an interrupted run left goes first.

    Raises NotInstalled where there is no room.
    """
    place = acs_calling.folder(data).parent
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in place.glob(f"{ASIDE}*"):
            shutil.rmtree(left, ignore_errors=True)
        if shutil.disk_usage(place).free < ROOM_BYTES:
            raise NotInstalled(
                f"There is too little room in {place}: 250 MB are needed while it is built.", "make room"
            )
        with tempfile.TemporaryDirectory(prefix=ASIDE, dir=place) as made:
            yield Path(made)
    except OSError as failure:
        if failure.errno == errno.ENOSPC:
            raise NotInstalled(f"The disk became full. {_KEPT}", "make room, and run this again") from failure
        raise NotInstalled(f"{place} cannot be written: {failure}. {_KEPT}", f"see who owns {data}") from failure


_KEPT = "What was installed before is as it was."


def build(pins: Pins, fetched: Path, work: Path) -> Path:
    """Make the add-on from the checked archives in `fetched`; return the folder it was made in, below `work`."""
    builder = pins.builders[versions.this_platform()]
    archives.unpack([*pins.packages, builder], fetched, work / "node_modules")
    root = versions.source()
    for name in versions.source_files(root):
        (work / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, work / "source" / name)
    out = work / "built"
    _bundle(_program(work / "node_modules" / builder.name), work / "source" / OWN / "entry.js", out)
    for given, ours in LICENCES.items():
        (out / ours).write_text(archives.read(pins.kit, fetched, given), encoding="utf-8")
    _describe(out, pins)
    return out


def put_in_place(made: Path, data: Path) -> None:
    """Let the add-on be what lies in `made`. A reader finds the old one or the new one, for a moment none."""
    place = acs_calling.folder(data)
    before = made.parent / "before"
    if place.exists():
        place.rename(before)
    try:
        made.rename(place)
    except OSError:
        if before.exists():
            before.rename(place)
        raise


def remove(data: Path) -> bool:
    """Take the add-on away; return whether there was anything."""
    place = acs_calling.folder(data)
    if not place.exists():
        return False
    gone = place.with_name(f"{ASIDE}gone-{os.getpid()}")
    place.rename(gone)
    shutil.rmtree(gone)
    return True


def changed(data: Path) -> list[str]:
    """Return the names of installed files that are not what was built: missing, or of other bytes."""
    found = acs_calling.installed(data)
    if found is None:
        return [acs_calling.MANIFEST]
    return [one.name for one in found.files.values() if _sha256(found.folder / one.name) != one.sha256]


def _program(package: Path) -> Path:
    unix, windows = package / "bin" / "esbuild", package / "esbuild.exe"
    program = windows if windows.is_file() else unix
    program.chmod(0o700)
    return program


def _bundle(esbuild: Path, entry: Path, out: Path) -> None:
    words = [str(esbuild), str(entry), "--bundle", "--format=esm", "--platform=browser", "--minify"]
    words += [f"--target={BROWSERS}", f"--outdir={out}", "--entry-names=[name]-[hash]", "--legal-comments=linked"]
    words += ["--log-level=error", '--define:process.env.NODE_ENV="production"']
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotInstalled("Building took longer than five minutes.", "try again on a machine with 2 GB free") from None
    if done.returncode != 0:
        told = " ".join(done.stderr.split())[:300] or f"the builder ended with {done.returncode}"
        raise NotInstalled(f"Building failed: {told}.", "it takes 1.2 GB of memory: see that there is so much")


def _describe(out: Path, pins: Pins) -> None:
    """Write down what there is, so that nothing else is ever served."""
    entry = next(path.name for path in out.glob("entry-*.js"))
    # Compressed once: it weighs seven million bytes and is the same for everybody.
    (out / f"{entry}.gz").write_bytes(gzip.compress((out / entry).read_bytes(), 9, mtime=0))
    files = [
        {"name": path.name, "size": path.stat().st_size, "sha256": _sha256(path)} for path in sorted(out.iterdir())
    ]
    said = {
        "format": acs_calling.FORMAT,
        "version": pins.kit.version,
        "source": versions.source_digest(),
        "entry": entry,
        "packages": {one.name: one.version for one in pins.packages},
        "files": files,
    }
    (out / acs_calling.MANIFEST).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
