"""The alphabet of text messages (GSM 03.38): a sign outside it halves what fits into one message."""

import unicodedata

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


def shorten(text: str, most: int) -> str:
    """Return `text` in at most `most` places, ended by dots if something was cut."""
    if length(text) <= most:
        return text
    while text and length(text) > most - 2:
        text = text[:-1]
    return text.rstrip(" ,.-") + ".."
