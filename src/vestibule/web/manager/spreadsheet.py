"""Tables as comma-separated values, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse

STARTS_A_FORMULA = "=+-@\t\r"


def as_file(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Answer with a table as the file `name`.csv, a row at a time; None is an empty cell."""
    answer = StreamingHttpResponse(_lines([header, *rows]), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def inert(cell: Any) -> Any:
    """Keep spreadsheets from reading what people typed as a formula; numbers stay numbers."""
    if not isinstance(cell, str):
        return "" if cell is None else cell
    return f"'{cell}" if cell[:1] in STARTS_A_FORMULA and cell else cell


class _Echo:
    """Gives back what is written, so that the file is never whole in memory."""

    def write(self, text: str) -> str:
        return text


def _lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([inert(cell) for cell in row])
