"""A letter: what an e-mail says, before it is plain text and HTML. Both are made from the same parts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.template import loader
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from vestibule.people import oklch
from vestibule.people.palette import palette

if TYPE_CHECKING:
    from css_inline import CSSInliner

PHONE = re.compile(r"\+[0-9]+(?: [0-9]+)+")
CODE = re.compile(r"[A-Z0-9]{3,5}(-[A-Z0-9]{3,5})+|(?=.*\d)[A-Z0-9]{4,10}|[A-Z]{6,8}")


@dataclass(frozen=True)
class Accent:
    """A business' colour: of the band and of the button, on light ground and on dark; what is read on the band."""

    band: str
    button: str
    link_in_dark: str
    ink_in_dark: str
    on_band: str = "#ffffff"


ACCENTS: Mapping[str, Accent] = {
    "lake": Accent("#014244", "#065f61", "#86d4d6", "#001b1c"),
    "harbour": Accent("#0d3771", "#11458c", "#a0c6fe", "#06162d"),
    "moss": Accent("#1d431a", "#315f2c", "#a5d39f", "#0b1a0a"),
    "plum": Accent("#522356", "#723776", "#e8aceb", "#210d22"),
    "brick": Accent("#651e0c", "#8a321c", "#ffac97", "#290c06"),
    "ochre": Accent("#4f3300", "#6f4a04", "#e5bd85", "#201302"),
    "slate": Accent("#2b3b47", "#415564", "#b3c7d7", "#10171c"),
    "rose": Accent("#671331", "#8d2648", "#ffa7bb", "#2a0913"),
}
"""By the names pages use; the same colours as in frontend/styles/accents.css, since a mail cannot load that."""


def accent_of(tone: str) -> Accent:
    """Return the colours of a business' tone: the name of an accent, or a colour of its own as "#rrggbb"."""
    if oklch.HEX.fullmatch(tone):
        made = palette(tone)
        light, dark = made.light, made.dark
        return Accent(light["band"], light["accent"], dark["accent"], dark["on-accent"], light["on-band"])
    return ACCENTS.get(tone, ACCENTS["lake"])


@dataclass(frozen=True)
class Action:
    """A link with its words; `hint` is said with it."""

    label: str
    url: str
    hint: str = ""


@dataclass(frozen=True)
class Letter:
    """One e-mail in parts: at most one button, facts as label and value, everything plain text.

    `accent` is the name of one, or a colour as "#rrggbb". `preview` is what mail programs show beside the subject,
    `code` something to be typed in, shown large.
    """

    subject: str
    preview: str
    sender: str
    heading: str
    accent: str = "lake"
    opening: tuple[str, ...] = ()
    code: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    button: Action | None = None
    links: tuple[Action, ...] = ()
    closing: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()

    def as_text(self) -> str:
        """Return the letter as plain text."""
        parts = [self.heading, *self.opening]
        if self.code:
            parts.append(self.code)
        if self.facts:
            parts.append("\n".join(f"{label}: {value}" for label, value in self.facts))
        if self.button:
            parts.append(_said(self.button))
        parts += [_said(link) for link in self.links]
        parts += [*self.closing, "-- \n" + "\n".join((self.sender, *self.footer))]
        return "\n\n".join(parts) + "\n"

    def as_html(self) -> str:
        """Return the letter as an HTML document that old mail programs can show: styles stand in each element.

        A telephone number stays on one line.
        """
        context = {
            "letter": self,
            "accent": accent_of(self.accent),
            "language": get_language() or "en",
            "is_rtl": get_language_bidi(),
        }
        document = loader.get_template("notifications/letter.html").render(context)
        document = PHONE.sub(lambda number: number.group().replace(" ", "\u00a0"), document)
        return _into_elements().inline(re.sub(r"\n\s*", "\n", document))


@cache
def _into_elements() -> "CSSInliner":
    """Return what writes styles into each element, loaded with the first letter."""
    import css_inline

    return css_inline.CSSInliner(load_remote_stylesheets=False)


def _said(action: Action) -> str:
    words = f"{action.label}:\n{action.url}"
    return f"{action.hint}\n{words}" if action.hint else words


def plain(subject: str, text: str, *, sender: str) -> Letter:
    """Return a letter around plain text of another.

    An address that stands alone becomes the button, and a code that stands alone is shown large.
    """
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
    url = next((block for block in blocks if re.fullmatch(r"https?://\S+", block)), "")
    code = next((block for block in blocks if CODE.fullmatch(block)), "")
    turn = min((blocks.index(block) for block in (url, code) if block), default=len(blocks))
    before, after = blocks[:turn], [block for block in blocks[turn:] if block not in (url, code)]
    return Letter(
        subject=subject,
        preview=before[0] if before else "",
        sender=sender,
        heading=subject,
        opening=tuple(before),
        code=code,
        button=Action(_("Continue"), url) if url else None,
        closing=tuple(after),
    )
