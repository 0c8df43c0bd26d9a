"""Characters that cannot be seen: which of them do harm in what people type, and how a text comes without them.

Two of them are spelling in some languages, the zero width joiners, and stay; a soft hyphen and a mark of direction
are, too, in a text, but have no business in a name that is to be told from another.
"""

import re
import unicodedata

HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, which break lines and files, and what turns the text around it; half of a pair is no character at all."""
UNSEEN = re.compile(
    f"{HARMFUL.pattern}|[\u00ad\u200b\u200e\u200f\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\U000e0000-\U000e0fff]"
)
"""Those, and what takes no room: two names that differ by nothing else look alike."""
JOINERS = "\u200c\u200d"
"""Persian and Hindi words, and many emoji, are spelled with them."""
_LINES = re.compile("[\n\r\t]")
_ADDRESS = re.compile(
    r"://|\bwww\.|\w\.\w{2,}/|\w{3,}\.(?:app|biz|cc|click|club|cn|com|icu|info|io|link|live|me|net|online|org|pw|ru|shop"
    r"|site|tk|top|vip|ws|xyz)\b",
    re.IGNORECASE,
)
_JOINED = re.compile(f"(.?)[{JOINERS}]+(?=(.?))", re.DOTALL)
_PLAIN_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC")


def is_plain(text: str, *, lines: bool = False) -> bool:
    """Tell whether `text` has no harmful characters; `lines` allows line breaks and tabs."""
    return HARMFUL.search(_LINES.sub("", text) if lines else text) is None


def holds_address(name: str) -> bool:
    """Tell whether a name holds what telephones and mail programs make a link of: messages carry it to anybody."""
    as_sent = unicodedata.normalize("NFKC", name).replace("\u3002", ".")
    return _ADDRESS.search(as_sent) is not None


def without_harm(text: str) -> str:
    """Return `text` without harmful characters; line breaks as line feeds, and tabs, stay."""
    return HARMFUL.sub(lambda found: found.group() if found.group() in "\n\t" else "", text)


def one_line(text: str) -> str:
    """Return `text` as a header or parameter holds it, which ends where a line does.

    Line ends and controls count as blanks, of which never two follow; of what else cannot be seen only joiners stay.
    """
    return " ".join("".join(_in_line(sign) for sign in text).split())


def _in_line(sign: str) -> str:
    if sign.isprintable() or sign in JOINERS:
        return sign
    return " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp", "Zs") else ""


def without_unseen(name: str) -> str:
    """Return a name with single blanks and nothing in it that cannot be seen, save a joiner where it is spelling."""
    seen = _JOINED.sub(_joined, UNSEEN.sub("", " ".join(name.split())))
    return " ".join(seen.split())


def _joined(found: re.Match[str]) -> str:
    """Keep a joiner where it is spelling, as between Persian or Hindi letters; elsewhere it is only hidden."""
    around = [unicodedata.name(one, "") for one in found.groups() if one.isalpha()]
    is_spelling = len(around) == 2 and not any(one.startswith(_PLAIN_SCRIPTS) for one in around)
    return found.group(0) if is_spelling else found.group(1)
