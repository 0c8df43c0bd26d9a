"""How the server says goodbye: the last frame of a socket, and the number it closes with."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

CLOSE = {
    "not_authorised": 4401,
    "denied": 4403,
    "removed": 4403,
    "taken_over": 4409,
    "ended": 4410,
    "cancelled": 4410,
    "moved": 4410,
    "rate_limited": 4429,
    "protocol": 4400,
}
RETRY = frozenset({"rate_limited"})
NEXT = {"cancelled": "book", "moved": "reload", "not_authorised": "reload", "denied": "call", "removed": "call"}
"""The step a page offers with each goodbye; none with the others."""


@dataclass(frozen=True)
class Farewell:
    """A `bye`. `words` of staff, if there are any, take the place of the usual sentence."""

    code: str
    words: str = ""

    @property
    def close_code(self) -> int:
        return CLOSE[self.code]

    def as_json(self) -> dict[str, Any]:
        """Return the `bye` frame."""
        sentence = self.words or _sentence(self.code)
        return {
            "type": "bye",
            "code": self.code,
            "sentence": sentence,
            "retry": self.code in RETRY,
            "next": NEXT.get(self.code, "none"),
        }


class Refused(Exception):
    """Raised while a socket is being opened: say `farewell` and close."""

    def __init__(self, farewell: Farewell) -> None:
        super().__init__(farewell.code)
        self.farewell = farewell


def _sentence(code: str) -> str:
    return {
        "not_authorised": _("This page is no longer signed in. Open it again from your link, or sign in."),
        "denied": _("Staff could not let you in. Please call them if you think this is a mistake."),
        "removed": _("Staff ended your part in this visit. Please call them if you think this is a mistake."),
        "taken_over": _(
            "This visit is now open in another tab or device. You can go on there, or load this page again."
        ),
        "ended": _("This visit is over. Thank you for coming."),
        "cancelled": _("This appointment was cancelled. You can book a new one."),
        "moved": _("This appointment has a new time. Load this page again to see when."),
        "rate_limited": _(
            "Too many messages came from this page, so it was disconnected. It will connect again shortly."
        ),
        "protocol": _("This page and the server do not understand each other. Load the page again."),
    }[code]
