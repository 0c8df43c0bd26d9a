"""The alphabet of text messages (GSM 03.38): a sign outside it halves what fits into one message."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
TWO_SEGMENTS = 2 * 153
_LIKE = str.maketrans(
    {
        "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-", "…": "...", "\u00a0": " ",
        "\u202f": " ", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "þ": "th", "ð": "d",
        "\u200e": "", "\u200f": "",
    }
)  # fmt: skip


def fold(text: str) -> str:
    """Return `text` in the alphabet, accents dropped where they must be; empty when it cannot be said in it."""
    folded = "".join(_sign(sign) for sign in text.translate(_LIKE))
    return folded if all(sign in BASIC or sign in EXTENDED for sign in folded) else ""


def _sign(sign: str) -> str:
    if sign in BASIC or sign in EXTENDED:
        return sign
    return "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))


def length(text: str) -> int:
    """Return how many places `text` takes; signs of the extension table take two."""
    return sum(2 if sign in EXTENDED else 1 for sign in text)


def shorten(text: str, most: int, length: Callable[[str], int] = length) -> str:
    """Return `text` in at most `most` places as `length` counts them, ended by dots if something was cut."""
    if length(text) <= most:
        return text
    text = text[: max(most - 2, 0)]  # no sign takes less than one place
    while length(text) > most - 2 and text:
        text = text[:-1]
    return text.rstrip(" ,.-،") + ".."


@dataclass(frozen=True)
class Alphabet:
    """How a text message is written: `say` makes a text fit to be written so, or "" where that cannot be.

    `limits` are how many places a message may take, the wanted limit first; what is longer than the last is cut.
    """

    say: Callable[[str], str]
    length: Callable[[str], int]
    limits: tuple[int, ...]

    def shorten(self, text: str, most: int) -> str:
        """Return `text` as it is said, in at most `most` places."""
        return shorten(self.say(text), most, self.length)


def units(text: str) -> int:
    """Return how many places `text` takes where every sign is sent as it is (UCS-2); an emoji takes two."""
    return len(text.encode("utf-16-be")) // 2


BASIC_ALPHABET = Alphabet(fold, length, (TWO_SEGMENTS,))
EVERY_SIGN = Alphabet(str, units, (2 * 67, 3 * 67))
"""Holds 67 signs a segment: a third one is better than a message without its time."""


@dataclass(frozen=True)
class Size:
    """How large a text is: the places it takes, the places of as many segments, and how many it is sent and paid as.

    `is_basic`: written in the alphabet of text messages (GSM-7), where 160 places fit into one and 153 into each of
    several; else with every sign (UCS-2), 70 and 67.
    """

    is_basic: bool
    places: int
    room: int
    segments: int


def size(text: str) -> Size:
    """Return how large `text` is as a text message."""
    is_basic = all(sign in BASIC or sign in EXTENDED for sign in text)
    places, one, part = (length(text), 160, 153) if is_basic else (units(text), 70, 67)
    segments = 1 if places <= one else -(-places // part)
    return Size(is_basic, places, one if segments == 1 else segments * part, segments)


def segments(text: str) -> int:
    """Return how many text messages `text` is sent and paid as: one of 160 places, or parts of 153 (70 and 67)."""
    return size(text).segments


def alphabet_for(text: str) -> Alphabet:
    """Return the alphabet for a sentence of our own: with every sign only where the basic alphabet cannot say it."""
    return BASIC_ALPHABET if fold(text) or not text.strip() else EVERY_SIGN
