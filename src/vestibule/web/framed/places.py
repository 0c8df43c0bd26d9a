"""Which of our pages may stand in somebody else's: those for consumers, of one business, and nothing else."""

import re

DOOR = re.compile(r"/embed/(?P<business>[-\w]+)/(?P<kind>book|visit|survey)")
PROGRAMS = re.compile(r"/(api|hooks|ws)/")
"""Doors for programs know nothing of tickets."""
_PLACES = (
    ("other", DOOR),
    ("book", re.compile(r"/book/(?P<business>[-\w]+)(/.*)?")),
    ("visit", re.compile(r"/walk-in/(?P<business>[-\w]+)(/.*)?")),
    ("appointment", re.compile(r"/(appointment|waitlist)(/.*)?")),
    ("survey", re.compile(r"/visit/ended(/.*)?")),
    ("visit", re.compile(r"/(visit|test-call)(/.*)?")),
    ("other", re.compile(r"/(uploads|files|waiting-media|words|brand|theme)(/.*)?")),
)


def kind_of(path: str, business: str) -> str:
    """Return what a page is, as the page around is told; "" for what a frame for `business` may not show."""
    for kind, pattern in _PLACES:
        found = pattern.fullmatch(path)
        if found is not None:
            is_here = found.groupdict().get("business", business) == business
            return kind if is_here else ""
    return ""
