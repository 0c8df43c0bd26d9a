"""`vestibule install-acs-calling`: shows what is fetched and on which terms, asks, fetches, builds, removes."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from vestibule.integrations.acs_calling import archives, building, versions
from vestibule.integrations.acs_calling.errors import NotInstalled
from vestibule.integrations.acs_calling.versions import Pins
from vestibule.store.addons import acs_calling

HOSTS = ("*.communication.microsoft.com", "*.skype.com", "*.events.data.microsoft.com")
CARRIED = ("linux-x64", "linux-arm64")
"""Platforms whose builder goes along to another machine."""
INTRODUCTION = """\
Microsoft's calling kit for browsers ({spec}) is not part of Vestibule. It is not free software:
Microsoft's licence terms apply to you as who installs it, and through you to whoever uses it.
  - It may not be taken apart, nor passed on by itself.
  - Whoever uses it by your pages has to be bound by terms that protect Microsoft as much as these.
  - It tells Microsoft about calls, browsers and devices, and carries sound and picture through Microsoft:
    {hosts}
    Pages speak to these only in a visit that is held there. Your privacy notice should say so.
With it come {others} packages under free licences (MIT, 0BSD), and esbuild {builder} (MIT), which builds it.
Everything is checked by digests that this version of Vestibule holds. About 15 MB are fetched.
"""
QUESTION = 'Type "yes" if you accept these terms for your organisation: '


def run(
    data: Path,
    out: TextIO,
    err: TextIO | None = None,
    *,
    accepted: bool = False,
    remove: bool = False,
    status: bool = False,
    taken_from: str = "",
    download: str = "",
    ask: Callable[[str], str] | None = None,
) -> int:
    """Do what was asked for and return the exit code; why not is said to `err`, `out` if left out.

    `ask` is None where nobody can answer.
    """
    try:
        if status:
            return _status(data, out)
        if remove:
            return _remove(data, out)
        if download:
            return _download(Path(download), out)
        return _install(data, out, accepted=accepted, taken_from=taken_from, ask=ask)
    except NotInstalled as why:
        (err or out).write(f"error: {why.what}\n" + (f"  do: {why.do}\n" if why.do else ""))
        return 1


def _install(data: Path, out: TextIO, *, accepted: bool, taken_from: str, ask: Callable[[str], str] | None) -> int:
    pins = versions.pins()
    _require_builder(pins)
    with building.aside(data) as work:
        fetched = Path(taken_from).resolve() if taken_from else work / "fetched"
        out.write(introduction(pins))
        if taken_from:
            archives.check([pins.kit], fetched)
        elif not accepted:
            out.write("\nOnly its archive is fetched now, so that you can read the terms in it.\n")
            archives.fetch([pins.kit], fetched)
        if not accepted and not _agrees(archives.read(pins.kit, fetched, "LICENSE"), out, ask):
            return 1
        _fetch_rest(pins, fetched, taken_from, out)
        out.write("Building, which takes some seconds and 1.2 GB of memory.\n")
        made = building.build(pins, fetched, work)
        building.put_in_place(made, data)
    found = acs_calling.installed(data)
    if found is None:
        raise NotInstalled(f"What was built is not whole in {acs_calling.folder(data)}.", "run this again")
    size = found.files[found.entry].size / 1_000_000
    out.write(f"Installed: {pins.kit.spec}, {size:.1f} MB, in {found.folder}.\n")
    out.write(f"Microsoft's terms: {found.folder / 'licence.txt'}. A running server takes it up by itself.\n")
    return 0


def introduction(pins: Pins) -> str:
    """Return what somebody should know before they agree."""
    builder = next(iter(pins.builders.values()))
    return INTRODUCTION.format(
        spec=pins.kit.spec, hosts=", ".join(HOSTS), others=len(pins.packages) - 1, builder=builder.version
    )


def _agrees(terms: str, out: TextIO, ask: Callable[[str], str] | None) -> bool:
    out.write(f"\n{'-' * 72}\n{terms.strip()}\n{'-' * 72}\n\n")
    if ask is None:
        raise NotInstalled("Nobody is here to agree.", "read the terms above, then add --accept-licence")
    if ask(QUESTION).strip().lower() == "yes":
        return True
    out.write("Nothing was installed.\n")
    return False


def _fetch_rest(pins: Pins, fetched: Path, taken_from: str, out: TextIO) -> None:
    wanted = [*pins.packages, pins.builders[versions.this_platform()]]
    if taken_from:
        archives.check(wanted, fetched)
        return
    out.write(f"Fetching {len(wanted)} packages with npm.\n")
    archives.fetch([one for one in wanted if not (fetched / one.archive).is_file()], fetched)


def _require_builder(pins: Pins) -> None:
    name = versions.this_platform()
    if name not in pins.builders:
        raise NotInstalled(
            f"It cannot be built on {name}.",
            "install it on one of " + ", ".join(pins.builders) + " and copy the folder addons/acs-calling",
        )


def _download(folder: Path, out: TextIO) -> int:
    """Fetch everything into a folder that can be carried to a machine without npm or network; build nothing."""
    pins = versions.pins()
    out.write(introduction(pins))
    platforms = [name for name in {*CARRIED, versions.this_platform()} if name in pins.builders]
    wanted = [*pins.packages, *(pins.builders[name] for name in sorted(platforms))]
    folder = folder.resolve()
    with tempfile.TemporaryDirectory() as fresh:
        archives.fetch(wanted, Path(fresh))
        folder.mkdir(parents=True, exist_ok=True)
        for one in wanted:
            shutil.copyfile(Path(fresh) / one.archive, folder / one.archive)
    out.write(f"{len(wanted)} archives are in {folder}. There: vestibule install-acs-calling --from {folder}\n")
    return 0


def _remove(data: Path, out: TextIO) -> int:
    try:
        was_there = building.remove(data)
    except OSError as failure:
        raise NotInstalled(f"It could not be removed: {failure}.", f"see who owns {data}") from failure
    out.write("Removed. Consumers go to Teams on the web now.\n" if was_there else "It is not installed.\n")
    return 0


def _status(data: Path, out: TextIO) -> int:
    """Say what is installed; exit code 1 unless it is whole and of this version."""
    what, do = state(data)
    out.write(f"{what}\n" + (f"  do: {do}\n" if do else ""))
    return 1 if do else 0


def state(data: Path) -> tuple[str, str]:
    """Return how the add-on stands, in words, and what to do about it: "" where nothing need be done."""
    again = "vestibule install-acs-calling"
    if not acs_calling.folder(data).exists():
        return "ACS Calling is not installed.", again
    found = acs_calling.installed(data)
    if found is None:
        return "ACS Calling is installed in part only.", again
    if wrong := building.changed(data):
        return f"Files of ACS Calling were changed: {', '.join(wrong)}.", again
    if found.source != versions.source_digest():
        return f"ACS Calling {found.version} was built by another version of Vestibule.", again
    return f"ACS Calling {found.version} is installed in {found.folder}.", ""
