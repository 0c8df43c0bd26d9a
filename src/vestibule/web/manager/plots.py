"""Stacked columns, drawn by the server: numbers in, rectangles out."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

COLUMN, GAP, HEIGHT = 10, 2, 100


@dataclass(frozen=True)
class Series:
    """One colour of the columns; `sign` is its letter in styles (a, b, c)."""

    sign: str
    words: str | Promise
    values: Sequence[int]

    @property
    def total(self) -> int:
        return sum(self.values)


@dataclass(frozen=True)
class Box:
    """A rectangle in a drawing of 10 units a column, 100 units high."""

    sign: str
    x: int
    y: str
    height: str


@dataclass(frozen=True)
class Plot:
    """Columns that are drawn, and the same as rows of a table (label, values)."""

    width: int
    most: int
    boxes: Sequence[Box]
    series: Sequence[Series]
    rows: Sequence[tuple[str, Sequence[int]]]

    @property
    def ends(self) -> tuple[str, str]:
        """The labels of the first and the last column."""
        return self.rows[0][0], self.rows[-1][0]

    @property
    def is_empty(self) -> bool:
        return not self.most


def plot_of(labels: Sequence[str], series: Sequence[Series]) -> Plot:
    """Stack the series in columns, the first at the bottom; all series are as long as `labels`."""
    rows = list(zip(labels, zip(*(one.values for one in series), strict=True), strict=True))
    most = max((sum(values) for _label, values in rows), default=0)
    boxes = []
    for number, (_label, values) in enumerate(rows):
        below = 0
        for one, value in zip(series, values, strict=True):
            if value:
                below += value
                top, tall = HEIGHT - HEIGHT * below / most, HEIGHT * value / most
                boxes.append(Box(one.sign, number * COLUMN + GAP // 2, f"{top:.2f}", f"{tall:.2f}"))
    return Plot(len(rows) * COLUMN, most, boxes, series, rows)
