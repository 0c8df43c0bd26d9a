"""The product itself as a wheel, made from what is installed here: sources, built pages, compiled catalogues.

A wheel is a zip of the package and four small texts about it, so neither a build system nor Node is needed.
"""

import base64
import hashlib
from collections.abc import Iterator
from importlib.metadata import distribution
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import vestibule
from vestibule.people.errors import Refusal

PACKAGE = Path(vestibule.__file__).resolve().parent
EPOCH = (2026, 1, 1, 0, 0, 0)
"""All files say this time, so that the same sources make the same bytes."""
_PACKED_ALREADY = frozenset({".br", ".gz", ".png", ".jpg", ".woff2", ".wasm"})
_LEFT_OUT = frozenset({".pyc", ".po"})  # of catalogues only the compiled form is read
_TAGS = "Wheel-Version: 1.0\nGenerator: vestibule\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


class NotBuilt(Refusal):
    """The pages' scripts and styles are missing, so a copy of this installation would show none."""

    code = "not_built"


def version() -> str:
    """Return the version that is installed."""
    return distribution("vestibule").version


def name() -> str:
    """Return what the wheel is called."""
    return f"vestibule-{version()}-py3-none-any.whl"


def build() -> bytes:
    """Return the wheel. Raises NotBuilt in a checkout whose front end was not built."""
    if not (PACKAGE / "web" / "static" / "manifest.json").is_file():
        raise NotBuilt("The pages' scripts and styles are not built here. Run script/bootstrap first.")
    out, recorded = BytesIO(), list[str]()
    info = f"vestibule-{version()}.dist-info"
    with ZipFile(out, "w") as archive:
        for file in _files():
            _add(archive, recorded, f"vestibule/{file.relative_to(PACKAGE).as_posix()}", file.read_bytes())
        for part, text in _about().items():
            _add(archive, recorded, f"{info}/{part}", text.encode())
        _put(archive, f"{info}/RECORD", ("\n".join([*recorded, f"{info}/RECORD,,"]) + "\n").encode())
    return out.getvalue()


def _about() -> dict[str, str]:
    told = distribution("vestibule")
    texts = {part: told.read_text(part) for part in ("METADATA", "entry_points.txt", "licenses/LICENSE")}
    return {part: text for part, text in texts.items() if text} | {"WHEEL": _TAGS}


def _files() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*")):
        parts = path.relative_to(PACKAGE).parts
        if path.is_file() and "__pycache__" not in parts and path.name != ".stamp" and path.suffix not in _LEFT_OUT:
            yield path


def _add(archive: ZipFile, recorded: list[str], name: str, content: bytes) -> None:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    recorded.append(f"{name},sha256={digest},{len(content)}")
    _put(archive, name, content)


def _put(archive: ZipFile, name: str, content: bytes) -> None:
    entry = ZipInfo(name, EPOCH)
    entry.external_attr = 0o100644 << 16
    is_packed = Path(name).suffix in _PACKED_ALREADY
    archive.writestr(entry, content, ZIP_STORED if is_packed else ZIP_DEFLATED, compresslevel=None if is_packed else 6)
