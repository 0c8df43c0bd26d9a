"""What a vendor says of where to join, checked before anybody is shown it: a false vendor must lead nobody astray.

A link to Teams is taken apart by the same parser as links that people bring, which knows Microsoft's hosts one by one,
and built anew from what it says. Where another Vestibule stands in for Microsoft's cloud (`details["home"]`, as the
adapter knows it), links to visits there are taken as well. Nothing is fetched.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from vestibule.meetings import visit_links
from vestibule.meetings.link_hosts import VISIT_HOSTS
from vestibule.meetings.ports import PlaceMade

NOWHERE = "https://none.invalid"
"""Our own origin as far as these links go: they are never ours."""
_NUMBER = re.compile(r"[0-9]{6,24}")
_ONE_LINK = re.compile(r"https://[!#-&(-;=?-\[\]-~]+")
"""One address without quotes, angle brackets and backslashes, which browsers read in ways of their own."""
_PASSCODE = re.compile(r"[!-~]{1,64}")


@dataclass(frozen=True)
class Links:
    """What may be shown of a place outside; "" where there is nothing, or nothing that may be shown."""

    join_url: str = ""
    consumer_url: str = ""
    number: str = ""
    passcode: str = field(default="", repr=False)


NONE = Links()


def of(made: PlaceMade) -> Links:
    """Return the links of a place, each checked."""
    number, home = re.sub(r"[\s-]", "", made.number), made.details.get("home", "")
    is_number = _NUMBER.fullmatch(number) is not None
    return Links(
        join_url=join_url(made.join_url, home),
        consumer_url=consumer_url(made.details.get("consumer_url", ""), home),
        number=number if is_number else "",
        passcode=made.passcode if is_number and _PASSCODE.fullmatch(made.passcode) else "",
    )


def join_url(told: str, home: str = "") -> str:
    """Return a fresh link to the meeting in Teams that `told` leads to; "" for a link to anything else."""
    found = visit_links.parse_pasted(told, NOWHERE)
    if found.result != "teams" or found.locator is None:
        return _visit_url(told, home)
    return visit_links.join_address(found.locator)


def consumer_url(told: str, home: str = "") -> str:
    """Return a link of Microsoft's own page for visitors, if it is one and wraps a meeting in Teams; else ""."""
    if not _ONE_LINK.fullmatch(told) or visit_links.parse_pasted(told, NOWHERE).result != "teams":
        return _visit_url(told, home)
    return told if urlsplit(told).hostname in VISIT_HOSTS else ""


def _visit_url(told: str, home: str) -> str:
    """Return a fresh link to a visit at the Vestibule at `home` (an origin); "" for anything else, or without one."""
    found = visit_links.parse_pasted(told, home) if home else None
    if found is None or found.result != "own" or found.locator is None or not found.locator.get("token"):
        return ""
    return f"{home}/visit?v={found.locator['token']}"
