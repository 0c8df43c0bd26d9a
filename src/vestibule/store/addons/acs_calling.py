"""Whether Microsoft's calling kit was fetched and built here (`vestibule install-acs-calling`), and its files.

Reads the manifest that the installer leaves; never the network. The manifest is read again when it changed, so that a
running server learns of an installation, and of its end, by itself.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

FOLDER = Path("addons") / "acs-calling"
MANIFEST = "manifest.json"
FORMAT = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Built:
    """One file of the add-on: its name, bytes, and SHA-256 in hexadecimal digits."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Installed:
    """The add-on as it lies in `folder`. `version` is of Microsoft's kit, `source` a digest of our adapter in it.

    `entry` is the file that pages load.
    """

    folder: Path
    version: str
    source: str
    entry: str
    files: Mapping[str, Built]

    @property
    def address(self) -> str:
        """Return where pages load it from: the name changes with every byte."""
        return address_of(self.entry)


def address_of(name: str) -> str:
    """Return the address of one file of the add-on."""
    return f"/static-addons/acs-calling/{name}"


def folder(data: Path | None = None) -> Path:
    """Return where the add-on lies below the data folder, whether it is there or not."""
    return (settings.DATA if data is None else data) / FOLDER


def installed(data: Path | None = None) -> Installed | None:
    """Return the add-on, or None unless it is there as its manifest says: each file with its size.

    `data` is the data folder, that of the settings if left out. Costs a look at a few files.
    """
    place = folder(data)
    try:
        stamp = (place / MANIFEST).stat().st_mtime_ns
        found = _read(place, stamp)
        whole = found is not None and all((place / one.name).stat().st_size == one.size for one in found.files.values())
    except OSError:
        return None
    return found if whole else None


@lru_cache(maxsize=8)
def _read(place: Path, stamp: int) -> Installed | None:
    try:
        said = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        return _understood(place, said) if said["format"] == FORMAT else None
    except (ValueError, KeyError, TypeError):
        return None


def _understood(place: Path, said: dict[str, Any]) -> Installed | None:
    files = {one["name"]: Built(str(one["name"]), int(one["size"]), str(one["sha256"])) for one in said["files"]}
    sound = all(_NAME.fullmatch(name) for name in files) and said["entry"] in files
    if not sound:
        return None
    return Installed(place, str(said["version"]), str(said["source"]), str(said["entry"]), files)
