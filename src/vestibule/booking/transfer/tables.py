"""Spreadsheet files as text: what other programs write is read, and what we write is safe to open in them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.utils.translation import gettext as _

from vestibule.people.errors import Invalid

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 5000
DELIMITERS = (",", ";", "\t")
_INSIDE = re.compile(r"(;\s*)(?=[=+\-@])")
_MADE_INERT = re.compile(r"(;\s*)'(?=[=+\-@])")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SEPARATOR = re.compile(r'^"?sep=(.)"?\r?\n', re.IGNORECASE)
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})(?::\d{2})?\s*([ap]m)?", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """A file as rows by column; `rows` carry the number of their line in the file, the heading being line 1."""

    columns: Sequence[str]
    rows: Sequence[tuple[int, Mapping[str, str]]]


def text_of(content: bytes) -> str:
    """Return a file's text: UTF-8, UTF-16 (with a mark, or plainly so), else the Western code page 1252.

    Raises Invalid for more than 5 MB, and for what is no text.
    """
    if len(content) > MOST_BYTES:
        raise Invalid(_("This file is larger than 5 MB. Split it, and take in one part after the other."), field="file")
    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text or not text.strip():
        raise Invalid(_("This is no text file. Save it as CSV and choose it again."), field="file")
    return text


def read(content: bytes, known: Mapping[str, str]) -> Table:
    """Return a CSV file by the columns of `known` (spelling in small letters: column); others are left out.

    The delimiter is comma, semicolon or tab, whichever the heading fits best. Raises Invalid naming `file`.
    """
    text = text_of(content)
    named = _SEPARATOR.match(text)
    text = text[named.end() :] if named else text
    try:
        delimiter = named.group(1) if named else _delimiter(text, known)
        lines = [*csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise Invalid(
            _("This file cannot be read as CSV. Save it again from your spreadsheet."), field="file"
        ) from error
    heading = [known.get(_plain(cell), "") for cell in lines[0]] if lines else []
    filled = [(number, cells) for number, cells in enumerate(lines[1:], 2) if any(cell.strip() for cell in cells)]
    if len(filled) > MOST_LINES:
        words = _("This file has more than %(n)s lines. Split it, and take in one part after the other.")
        raise Invalid(words % {"n": f"{MOST_LINES:,}"}, field="file")
    rows = [
        (number, {name: _typed(cell) for name, cell in zip(heading, cells, strict=False) if name})
        for number, cells in filled
    ]
    return Table([name for name in heading if name], rows)


def require(table: Table, wanted: Iterable[str]) -> None:
    """Raise Invalid naming the columns that are missing."""
    missing = [name for name in wanted if name not in table.columns]
    if missing:
        words = _("The first line must name the columns. Missing: %(columns)s.")
        raise Invalid(words % {"columns": ", ".join(missing)}, field="file")
    if not table.rows:
        raise Invalid(_("There is nothing below the first line."), field="file")


def day(text: str) -> date:
    """Return a date written as 2026-12-24 or 24.12.2026. Raises Invalid."""
    try:
        if found := _DAY.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(_("“%(text)s” is no date. Write it as 2026-12-24.") % {"text": text[:20]}) from error


def clock(text: str) -> time:
    """Return a time written as 09:30, 9.30 or 9:30 am. Raises Invalid."""
    found = _TIME.fullmatch(text)
    try:
        if not found:
            raise ValueError
        hour, half = int(found[1]), (found[3] or "").lower()
        if half and not 1 <= hour <= 12:
            raise ValueError
        return time(hour % 12 + (12 if half == "pm" else 0) if half else hour, int(found[2]))
    except ValueError as error:
        raise Invalid(_("“%(text)s” is no time. Write it as 09:30.") % {"text": text[:20]}) from error


def written(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a CSV file (UTF-8 with its mark, so that spreadsheets read it right), made inert."""
    writer: Any = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(heading)
    for row in rows:
        yield writer.writerow([inert(cell) for cell in row])


def inert(cell: str) -> str:
    """Keep spreadsheets from reading what people typed as a formula, also behind a semicolon: where that parts columns,
    as in much of Europe, what follows it becomes a cell of its own.
    """
    cell = _INSIDE.sub(r"\1'", cell)
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


class _Echo:
    """Gives back what is written, so that the file is never whole in memory."""

    def write(self, text: str) -> str:
        return text


def _encoding(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    sample = content[:2000]
    if sample.count(0) > len(sample) // 4:
        return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
    return "utf-8"


def _delimiter(text: str, known: Mapping[str, str]) -> str:
    """Return the delimiter with which most of the first line are known columns."""
    first = next(iter(text.lstrip("\ufeff\r\n").splitlines()), "")

    def fit(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=delimiter), [])
        return sum(_plain(cell) in known for cell in cells), len(cells)

    return max(DELIMITERS, key=fit)


def _plain(cell: str) -> str:
    return cell.strip().lstrip("\ufeff").strip().casefold()


def _typed(cell: str) -> str:
    """Return what was typed: the sign before a formula was ours, and comes off again."""
    text = _MADE_INERT.sub(r"\1", cell.strip())
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
