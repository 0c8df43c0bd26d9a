"""Files in and out as somebody writes them who means harm."""

import csv
import io

import pytest

from vestibule.booking.transfer import importing, tables
from vestibule.people.errors import Invalid


@pytest.mark.parametrize("cell", ["Ng;=HYPERLINK(1)", "Ng; +1+1", "Ng;-1", ";@SUM(A1)", "=1;=1"])
def test_no_cell_runs_where_semicolons_part_columns(cell: str) -> None:
    lines = "".join(tables.written(["Name"], [[cell]]))
    for delimiter in (",", ";"):
        cells = [one.strip() for row in csv.reader(io.StringIO(lines), delimiter=delimiter) for one in row]
        assert not [one for one in cells if one.startswith(("=", "+", "-", "@"))], cells


def test_what_was_made_inert_comes_back_as_it_was() -> None:
    written = "".join(tables.written(["Name"], [["=1;=1; -2"]]))
    assert tables.read(written.encode(), importing.KNOWN).rows == [(2, {"Name": "=1;=1; -2"})]


def test_ordinary_words_stay_as_they_are() -> None:
    assert tables.inert("Müller; AG - Ost") == "Müller; AG - Ost"


@pytest.mark.parametrize("content", [b"a" * 200_000, b"\xef\xbb\xbf\xef\xbb\xbf\n", b"\xef\xbb\xbf\xef\xbb\xbf"])
def test_a_file_that_is_no_table_is_refused_and_no_incident(content: bytes) -> None:
    with pytest.raises(Invalid):
        tables.require(tables.read(content, importing.KNOWN), ["Name"])
