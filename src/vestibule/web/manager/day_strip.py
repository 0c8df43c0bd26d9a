"""A day as a strip: for each stretch the rule that decides it, as a colour, a letter and a line of a table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vestibule.booking.missing import FREE, Part
from vestibule.web import times

HALF = 12 * 60
BETWEEN_TICKS = 120
FITS_A_LETTER = 12

# rule: (letter, words). The letters are the same in every language; the words explain them.
SIGNS: dict[str, tuple[str, str | Promise]] = {
    FREE: ("F", _("Free: can be booked")),
    "hours": ("H", _("Outside working hours")),
    "closed": ("C", _("Closed or time off")),
    "notice": ("N", _("Too soon from now")),
    "window": ("W", _("Outside the booking window")),
    "grid": ("G", _("Not a time at which appointments start")),
    "busy": ("B", _("Taken by an appointment or event")),
    "buffer": ("T", _("Too close to another appointment")),
    "hold": ("K", _("Kept for somebody who is booking")),
    "seats": ("S", _("No seat left")),
    "resource": ("R", _("A room or device is in use")),
    "limit": ("L", _("A limit is reached")),
    "provider": ("P", _("Nobody offers it")),
}


@dataclass(frozen=True)
class Block:
    """A coloured stretch of a row: `x` and `width` in minutes; `letter` empty where it would not fit."""

    x: int
    width: int
    sign: str
    letter: str

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Row:
    """Half a day, drawn: `ticks` are (x, label), `mark` is the x of the start in question."""

    width: int
    blocks: Sequence[Block]
    ticks: Sequence[tuple[int, str]]
    mark: int | None


@dataclass(frozen=True)
class Told:
    """A line of the table that says the same. `count` is how many starts lie in it, `href` explains its first."""

    start: int
    end: int
    sign: str
    letter: str
    words: str | Promise
    count: int
    is_asked: bool
    href: str


@dataclass(frozen=True)
class Strip:
    """A day: drawn in two rows, told in a table, with the signs that occur."""

    rows: Sequence[Row]
    told: Sequence[Told]
    legend: Sequence[tuple[str, str, str | Promise]]


def strip_of(parts: Sequence[Part], first: int, last: int, asked: int, zone: str, link: Callable[[int], str]) -> Strip:
    """Return the strip of the UTC minutes `first` to `last`, with the start `asked` marked; `link` explains a start."""
    halves = ((first, first + HALF), (first + HALF, last))
    used = {_sign(part) for part in parts}
    return Strip(
        [_row(parts, begin, end, asked, zone) for begin, end in halves],
        [_told(part, asked, link(part.first)) for part in parts],
        [(sign, *SIGNS[sign]) for sign in SIGNS if sign in used],
    )


def _sign(part: Part) -> str:
    sign = "closed" if part.code == "closed" else part.rule
    return sign if sign in SIGNS else "hours"


def _told(part: Part, asked: int, href: str) -> Told:
    sign = _sign(part)
    return Told(part.first, part.last, sign, *SIGNS[sign], part.starts, part.first <= asked < part.last, href)


def _row(parts: Sequence[Part], first: int, last: int, asked: int, zone: str) -> Row:
    ticks = [(at - first, times.clock(at, zone)) for at in range(first, last, BETWEEN_TICKS)]
    mark = asked - first if first <= asked < last else None
    return Row(last - first, list(_blocks(parts, first, last)), ticks, mark)


def _blocks(parts: Sequence[Part], first: int, last: int) -> Iterator[Block]:
    for part in parts:
        begin, end = max(part.first, first), min(part.last, last)
        if begin < end:
            sign = _sign(part)
            yield Block(begin - first, end - begin, sign, SIGNS[sign][0] if end - begin >= FITS_A_LETTER else "")
