"""What a browser notification says: little, and of nobody by name unless its reader chose so."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.notifications import browsers, when
from vestibule.notifications.facts import AppointmentFacts, Kind
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.outcomes import HeldBack
from vestibule.notifications.ports import Push, PushAddress
from vestibule.people.languages import spoken

LONGEST = timedelta(minutes=10)
"""How long a push service may keep what is said without a time of its own."""
LONGEST_NAME = 60
TEST_TAG, TEST_LASTS = "test", timedelta(minutes=1)


@dataclass(frozen=True)
class Notice:
    """The two lines of a notification; `title` is never empty."""

    title: str
    body: str


def tag(seat: str, wait: int) -> str:
    """Return what stands for one wait of one person: the same whenever they are spoken of, and telling nothing."""
    digest = hashlib.sha256(f"{seat}:{wait}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()


def facts(of: AppointmentFacts, *, tag: str, with_name: bool) -> dict[str, Any]:
    """Return what a row must hold to be pushed."""
    return {**of.as_json(), "tag": tag, "with_name": with_name}


def notice(kind: str, told: Mapping[str, Any], language: str, zone: str) -> Notice:
    """Return what a notification says. Raises KeyError for a kind that is not pushed."""
    with translation.override(spoken(language)):
        of = AppointmentFacts.from_json(told)
        name = of.consumer[:LONGEST_NAME] if told.get("with_name") else ""
        since = _("since %(time)s") % {"time": when.clock(of.start_minute, zone)}
        title = _TITLES[Kind(kind)](name, of.end_minute - of.start_minute)
        return Notice(title, " · ".join(part for part in (of.business_name, of.location_text, since) if part))


def addressed(messages: Sequence[OutboxMessage]) -> tuple[list[OutboxMessage], list[HeldBack]]:
    """Look up the browsers that messages are for; what is for one that is not told any more stays."""
    found = browsers.addresses(messages) if messages else {}
    for message in messages:
        message.address = found.get(message.to)
    lost = [HeldBack(one, _("nobody is signed in in that browser any more")) for one in messages if not one.address]
    return [one for one in messages if one.address], lost


def push(message: OutboxMessage, now: datetime) -> Push:
    """Return the notification a row stands for, at its `address`.

    Raises KeyError or TypeError when its kind or facts make none.
    """
    assert message.address is not None, "addresses are looked up before messages leave"
    said = notice(message.kind, message.facts, message.language, message.timezone)
    tag = str(message.facts["tag"])
    lasts = min(message.not_after - now, LONGEST) if message.not_after is not None else LONGEST
    body = _body(said, tag, message.language)
    return Push(message.ref, message.address, body, max(lasts, timedelta(0)), is_urgent=True, topic=tag)


def trial(ref: str, address: PushAddress, business_name: str, language: str) -> Push:
    """Return a notification that says that it is a test; a later test takes its place."""
    with translation.override(spoken(language)):
        said = Notice(_("This is a test: notifications arrive here"), business_name)
    return Push(ref, address, _body(said, TEST_TAG, language), TEST_LASTS, is_urgent=True, topic=TEST_TAG)


def _body(said: Notice, tag: str, language: str) -> bytes:
    """Return what the worker of the page reads."""
    with translation.override(spoken(language)):
        shown = {
            "title": said.title,
            "body": said.body,
            "tag": tag,
            "url": "/desk",
            "lang": translation.get_language() or "en",
            "dir": "rtl" if translation.get_language_bidi() else "ltr",
        }
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def _arrived(name: str, minutes: int) -> str:
    return _("%(name)s is waiting") % {"name": name} if name else _("Somebody is waiting")


def _waits(name: str, minutes: int) -> str:
    late = ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    if name:
        return _("%(name)s has waited for %(late)s") % {"name": name, "late": late}
    return _("Somebody has waited for %(late)s") % {"late": late}


_TITLES = {Kind.ARRIVED: _arrived, Kind.SOMEBODY_WAITS: _waits}
