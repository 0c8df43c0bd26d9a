"""Files as people and attackers send them, and a scanner that says what it is told."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from unittest.mock import patch
from zipfile import ZipFile

from PIL import Image

from vestibule.chat import files, scanning
from vestibule.chat.models import Attachment, Message, Thread
from vestibule.chat.ports import ScannerError, Verdict

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(document.cookie)</script></svg>"
PAGE = b"<!doctype html><script>alert(document.cookie)</script>"


def photo(size: tuple[int, int] = (640, 480), kind: str = "JPEG") -> bytes:
    """A picture of one colour."""
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def package(**parts: str) -> bytes:
    """A package with these parts."""
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def begun(thread: Thread, content: bytes, *, name: str = "photo.jpg", author: str = "ada") -> Attachment:
    """A file whose parts have all come, and which is not in the thread yet."""
    file = files.begin(thread.business_id, thread.pk, author, author.title(), name=name, size=len(content))
    for offset in range(0, len(content), files.PART_BYTES):
        files.add_part(thread.pk, author, file.ref, offset, content[offset : offset + files.PART_BYTES])
    return file


def sent(thread: Thread, content: bytes, *, name: str = "photo.jpg", author: str = "ada") -> Message:
    """A file in the thread, being checked."""
    file = begun(thread, content, name=name, author=author)
    message, _is_new = files.finish(thread.pk, author, author.title(), file.ref, client_id=file.ref)
    return message


class ToldScanner:
    """Finds what it is told to find, or is silent."""

    def __init__(self, found: str = "", *, silent: bool = False) -> None:
        self.found, self.silent = found, silent
        self.seen: list[bytes] = []

    def scan(self, pieces: Iterable[bytes]) -> Verdict:
        if self.silent:
            raise ScannerError("nobody there")
        self.seen.append(b"".join(pieces))
        return Verdict(self.found)

    def version(self) -> str:
        return "told"


@contextmanager
def scanned_by(scanner: Any) -> Iterator[None]:
    """Let `scanner` (or None) look into files."""
    with patch.object(scanning, "scanner", lambda: scanner):
        yield
