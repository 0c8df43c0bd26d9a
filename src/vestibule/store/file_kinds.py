"""What a file is by its content, what it may be called, and how it is handed out. Pure functions.

Neither the name nor the type that a sender claims counts for anything: the first bytes say what a file is, and what is
not known is not taken.
"""

import re
import unicodedata
from collections.abc import Mapping
from io import BytesIO
from urllib.parse import quote
from zipfile import BadZipFile, ZipFile

MOST_PARTS = 2000
NAME_LENGTH = 120
TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "heic": "image/heic",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "txt": "text/plain; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_BOXES: Mapping[bytes, str] = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1"), "heic"),
    **dict.fromkeys((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"3gp4"), "mp4"),
    b"qt  ": "mov",
}
_MICROSOFT: Mapping[str, str] = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_ALSO_CALLED: Mapping[str, str] = {"jpg": "jpeg", "heic": "heif", "mp4": "m4v"}


def kind_of(content: bytes) -> str | None:
    """Return what `content` is by its first bytes, as a file ending (a key of `TYPES`); None for what is not known.

    Pages and drawings that can run something, programs, archives and packages with macros are not known.
    """
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:8] == b"ftyp":
        return _BOXES.get(content[8:12])
    if content.startswith(b"PK\x03\x04"):
        return _kind_of_package(content)
    return "txt" if _is_text(content) else None


def clean_name(given: str, kind: str) -> str:
    """Return the file's name without path, controls or turning characters, ending in what it is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given[:1000]))[-1]
    shown = "".join(one for one in last if unicodedata.category(one)[0] != "C" and one not in '<>:"|?*')
    stem, _dot, ending = " ".join(shown.split()).strip(". ").rpartition(".")
    known = {kind, _ALSO_CALLED.get(kind, kind)}
    if not stem or ending.lower() not in known:
        stem = f"{stem}.{ending}" if stem else ending
    return f"{stem[:NAME_LENGTH].strip('. ') or 'document'}.{kind}"


def download_headers(name: str, media_type: str, size: int) -> dict[str, str]:
    """Return the headers a file is served with: always as a download, never sniffed, never able to run anything."""
    return {
        "Content-Type": media_type,
        "Content-Length": str(size),
        "Content-Disposition": disposition("attachment", name),
        **HARMLESS,
    }


def disposition(how: str, name: str) -> str:
    """Return a Content-Disposition (`attachment` or `inline`) for a clean name, readable to old browsers too."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


HARMLESS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}
"""Headers of whatever came from outside: nothing in it runs, nothing is guessed, nothing is kept."""


def _kind_of_package(content: bytes) -> str | None:
    """Return what a package is; those that hold macros are not taken. Nothing but the list of names is unpacked,
    and that only where it is short: a list of 10 MB takes the server seconds and much memory to read.
    """
    if content.count(b"PK\x01\x02") > MOST_PARTS:
        return None
    try:
        with ZipFile(BytesIO(content)) as package:
            names = set(package.namelist())
    except (BadZipFile, ValueError, OSError, NotImplementedError):  # all that the reader says of a broken or odd list
        return None
    if any("vbaproject" in name.lower() or name.startswith("Basic/") for name in names):
        return None
    if "[Content_Types].xml" in names:
        return next((kind for part, kind in _MICROSOFT.items() if part in names), None)
    return _kind_of_open_document(content)


def _kind_of_open_document(content: bytes) -> str | None:
    """Return which kind of OpenDocument the first part of a package says it is."""
    if content[30:38] != b"mimetype" or not content[38:].startswith(_OPEN_DOCUMENT):
        return None
    told = content[38 + len(_OPEN_DOCUMENT) : 38 + len(_OPEN_DOCUMENT) + 12]
    kinds = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp"}
    return next((kind for word, kind in kinds.items() if told.startswith(word)), None)


def _is_text(content: bytes) -> bool:
    """Tell whether `content` is plain text in UTF-8; what a browser might take for a page or a drawing is not."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return _NO_TEXT.search(text) is None and not text.lstrip().startswith("<")
