"""The styles that a page begins with stand in its document: on a slow line a sheet of its own is one journey more.

They are one built file, `first.css`, the same on every page; the policy of contents allows exactly its text, by digest.
"""

import base64
import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

SHEET = "first.css"


def allowed(folder: Path) -> list[str]:
    """Return what the policy says of the sheet built into `folder`; nothing before it was built."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return []
    name = json.loads(manifest.read_text("utf-8")).get(SHEET)
    path = folder / str(name)
    return [_digest(path.read_bytes())] if name and path.exists() else []


@lru_cache(maxsize=8)
def element(path: Path, url: str, policy: tuple[str, ...]) -> SafeString:
    """Return the sheet at `path` as an element; as a link where it was built anew since the policy was made."""
    text = path.read_bytes()
    if _digest(text) not in policy or b"</" in text:
        return format_html('<link rel="stylesheet" href="{}">', url)
    return mark_safe(f"<style>{text.decode()}</style>")  # noqa: S308  (our own file, of which the policy knows each sign)


def _digest(text: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'"
