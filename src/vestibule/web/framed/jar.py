"""Which cookies a framed page may have, on which pages, and what becomes of those an answer sets."""

import re
from collections.abc import Mapping

from django.conf import settings
from django.http import HttpResponseBase

from vestibule.meetings.models import Participant
from vestibule.people.models import CapabilityLink
from vestibule.web.consumer import link_cookie
from vestibule.web.consumer.choosing import ZONE_COOKIE
from vestibule.web.live import authorise

LONGEST = 200
"""No cookie of ours is longer; a longer one is not kept, so that no ticket outgrows its bound."""
NOTICES, LONGEST_NOTICES = "messages", 800
"""What is said once on the next page. Many at once are let go."""
MOST_ONCE = 5
"""How many links that open once a frame remembers: the newest."""
PATHS: Mapping[str, str] = dict(link_cookie.COOKIES.values())
"""Cookies that are sent to some pages only, as browsers do it."""
_KEPT = frozenset({*PATHS, authorise.VISIT_COOKIE, ZONE_COOKIE, settings.LANGUAGE_COOKIE_NAME, NOTICES})
_ONCE = re.compile(r"vestibule_once_\d+")
_PURPOSES = {name: purpose for purpose, (name, _path) in link_cookie.COOKIES.items()}


def sent_to(path: str, cookies: Mapping[str, str]) -> dict[str, str]:
    """Return those of `cookies` that the page at `path` is sent."""
    return {name: value for name, value in cookies.items() if _is_below(path, PATHS.get(name, "/"))}


def after(cookies: Mapping[str, str], answer: HttpResponseBase) -> dict[str, str]:
    """Return the cookies of a frame after an answer; what is not on the list is dropped."""
    kept = dict(cookies)
    for name, morsel in answer.cookies.items():
        kept.pop(name, None)
        is_taken_back = morsel["max-age"] == 0 or not morsel.value
        most = LONGEST_NOTICES if name == NOTICES else LONGEST
        if is_listed(name) and not is_taken_back and len(morsel.value) <= most:
            kept[name] = morsel.value
    once = [name for name in kept if _ONCE.fullmatch(name)]
    for oldest in once[:-MOST_ONCE]:
        del kept[oldest]
    return kept


def is_listed(name: str) -> bool:
    """Tell whether a cookie may be kept."""
    return name in _KEPT or _ONCE.fullmatch(name) is not None


def is_foreign(name: str, value: str, business: str) -> bool:
    """Tell whether a cookie opens something of another business than that of this name. Reads the database."""
    if name == authorise.VISIT_COOKIE:
        ref = authorise.read_visit(value)
        seats = Participant.objects.filter(ref=ref).exclude(meeting__business__slug=business)
        return ref is not None and seats.exists()
    if name in _PURPOSES:
        link: CapabilityLink | None = link_cookie.live(value, CapabilityLink.Purpose(_PURPOSES[name]))
        return link is not None and link.business.slug != business
    return False


def _is_below(path: str, folder: str) -> bool:
    return folder == "/" or path == folder or path.startswith(f"{folder}/")
