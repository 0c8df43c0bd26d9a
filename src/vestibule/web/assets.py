"""Addresses of built files, from the manifest that the front-end build writes."""

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings


@lru_cache(maxsize=8)
def _read(name: str, stamp: int) -> dict[str, str | list[str]]:
    path = settings.STATIC_FOLDER / name
    if not path.exists():
        return {}
    found: dict[str, str | list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _manifest(name: str) -> dict[str, str | list[str]]:
    """Return a manifest, read once; in debugging again after each build."""
    path = settings.STATIC_FOLDER / name
    stamp = path.stat().st_mtime_ns if settings.DEBUG and path.exists() else 0
    return _read(name, stamp)


def is_built(name: str) -> bool:
    """Return whether the build made `name`."""
    return name in _manifest("manifest.json")


def url(name: str) -> str:
    """Return the address of built file `name`; what was not built keeps its plain name, and will be missing."""
    return f"{settings.STATIC_URL}{_manifest('manifest.json').get(name, name)}"


def path(name: str) -> Path | None:
    """Return where built file `name` lies, None if it was not built."""
    return settings.STATIC_FOLDER / str(_manifest("manifest.json")[name]) if is_built(name) else None


def preloads(name: str) -> list[str]:
    """Return the chunks that script `name` is certain to load, by built name."""
    return list(_manifest("preloads.json").get(name, []))
