"""A page of text as a PDF, made when somebody asks for it: wrapped, in one family of letters, with title and language.

The letters are DejaVu's (Latin, Greek, Cyrillic, Hebrew, Arabic, Armenian, Georgian …). A text with others is refused
rather than shown with holes. Nothing in a file tells who opened it: no addresses, no forms, no scripts.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from vestibule.people.errors import Refusal
from vestibule.web import assets

FAMILY = "letters"
FONTS = {"": "letters.ttf", "B": "letters-bold.ttf"}
# Chosen by nothing but the reader's eye: they join what stands beside them, or ask for a coloured picture of it.
_UNSEEN = dict.fromkeys((0x200D, 0xFE0E, 0xFE0F))
_MARGIN_MM = 20.0
_INK, _QUIET = (24, 32, 30), (90, 100, 96)


class LettersMissing(Refusal):
    """The text has letters that a PDF of ours cannot show; `facts["letters"]` are the first of them."""

    code = "letters_missing"
    status = 422


class NotMade(Refusal):
    """This installation cannot make PDFs."""

    code = "not_made"
    status = 503


@dataclass(frozen=True)
class Letter:
    """What stands on the paper. `facts` are pairs of name and value; `lists` headings with their lines.

    `colour` ("#rrggbb", "": none) is that of the brand's name and the line below it.
    """

    brand: str
    title: str
    language: str
    at: datetime
    text: str
    facts: tuple[tuple[str, str], ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    foot: str = ""
    author: str = field(default="")
    colour: str = ""


def as_pdf(letter: Letter) -> bytes:
    """Return `letter` as a PDF of A4 pages. Raises LettersMissing, or NotMade where the front end was not built."""
    from fpdf.enums import XPos, YPos

    pdf = _blank(letter)
    across = {"new_x": XPos.LMARGIN, "new_y": YPos.NEXT}

    def write(text: str, size: float, style: str = "", *, ink: tuple[int, int, int] = _INK, gap: float = 0) -> None:
        pdf.set_font(FAMILY, style, size)
        pdf.set_text_color(*ink)
        for line in _shown(text).split("\n"):
            align = "R" if _runs_left(line) else "L"
            pdf.multi_cell(0, size * 0.52, line, align=align, **across)
        pdf.ln(gap)

    pdf.add_page()
    ink = _parts(letter.colour) if letter.colour else _QUIET
    write(letter.brand, 11, "B", ink=ink, gap=1)
    pdf.set_draw_color(*ink)
    pdf.set_line_width(0.6)
    pdf.line(_MARGIN_MM, pdf.get_y(), pdf.w - _MARGIN_MM, pdf.get_y())
    pdf.ln(5)
    write(letter.title, 18, "B", gap=3)
    for name, value in letter.facts:
        write(f"{name}: {value}", 10, ink=_QUIET)
    pdf.ln(4)
    write(letter.text, 11, gap=4)
    for heading, lines in letter.lists:
        write(heading, 11, "B", gap=1)
        for line in lines:
            write(f"• {line}", 10)
    return bytes(pdf.output())


def _parts(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _blank(letter: Letter) -> Any:
    from fpdf import FPDF, ViewerPreferences

    _require_letters(letter)
    foot = _shown(letter.foot)

    class Paper(FPDF):
        def footer(self) -> None:
            self.set_y(-_MARGIN_MM + 6)
            self.set_font(FAMILY, "", 8)
            self.set_text_color(*_QUIET)
            page = _("Page %(page)s of %(pages)s") % {"page": self.page_no(), "pages": "{nb}"}
            self.cell(0, 4, f"{foot} · {page}" if foot else page, align="C")

    pdf = Paper(format="A4")
    for style, name in FONTS.items():
        pdf.add_font(FAMILY, style, _font(name))
    pdf.set_text_shaping(True)
    pdf.set_margin(_MARGIN_MM)
    pdf.set_auto_page_break(True, _MARGIN_MM)
    pdf.set_title(f"{letter.title} · {letter.brand}")
    pdf.set_author(letter.author or letter.brand)
    pdf.set_creator("Vestibule")
    pdf.set_lang(letter.language)
    pdf.set_creation_date(letter.at)
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    return pdf


def _require_letters(letter: Letter) -> None:
    lines = [line for heading, given in letter.lists for line in (heading, *given)]
    facts = [part for pair in letter.facts for part in pair]
    everything = "".join([letter.brand, letter.title, letter.foot, letter.text, *facts, *lines])
    missing = sorted({one for one in _shown(everything) if not one.isspace() and ord(one) not in _known()})
    if missing:
        first = " ".join(missing[:5])
        words = _("A PDF cannot show all letters of this text (%(letters)s). Print the page itself instead.")
        raise LettersMissing(words % {"letters": first}, letters=missing[:5])


@lru_cache(maxsize=1)
def _known() -> frozenset[int]:
    """Return the code points that both fonts have."""
    from fontTools.ttLib import TTFont

    return frozenset.intersection(*(frozenset(TTFont(_font(name)).getBestCmap()) for name in FONTS.values()))


def _font(name: str) -> Path:
    path = assets.path(name)
    if path is None:
        raise NotMade(_("PDFs cannot be made on this server yet. Print the page itself instead."))
    return path


def _shown(text: str) -> str:
    """Return `text` without what is never seen: joiners, and controls other than the end of a line."""
    plain = unicodedata.normalize("NFC", text.replace("\t", " ").translate(_UNSEEN))
    return "".join(one for one in plain if one == "\n" or unicodedata.category(one) not in ("Cc", "Cf"))


def _runs_left(line: str) -> bool:
    """Tell whether a line begins in a script that is read from right to left."""
    strong = (unicodedata.bidirectional(one) for one in line)
    return next((one in ("R", "AL") for one in strong if one in ("L", "R", "AL")), False)
