"""What will go out in the next seven days, and what will not and why: the sender asked ahead of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Appointment
from vestibule.notifications import ahead, history
from vestibule.notifications.ahead import Outlook, Planned, Verdict
from vestibule.notifications.choices import SMS
from vestibule.store import clock
from vestibule.web.manager.message_kinds import kind_words
from vestibule.web.manager.messages_page import around
from vestibule.web.manager.messages_shown import channel_icon, role_words
from vestibule.web.manager.pages import Permission, StaffRequest, open_to, paged, show
from vestibule.web.manager.reports import Tile

DAYS = 7
PER_PAGE = 200
LOOKS: dict[str, tuple[str, str, Any]] = {
    Verdict.LEAVES: ("info", "clock", gettext_lazy("Goes out")),
    Verdict.LATER: ("warning", "hourglass", gettext_lazy("Goes out later")),
    Verdict.HELD_BACK: ("problem", "pause", gettext_lazy("Will not go out")),
    Verdict.FAILS: ("problem", "problem", gettext_lazy("Cannot be sent")),
}


@dataclass(frozen=True)
class Row:
    """One message of a day."""

    planned: Planned
    words: str
    role: str
    whom: str
    icon: str
    icon_label: str
    kind: str
    badge: str
    label: str
    why: str
    is_known: bool


@dataclass(frozen=True)
class Day:
    """One day of the business' zone with its messages, and how many of them leave."""

    on: datetime
    leaving: int
    rows: Sequence[Row]


@open_to(Permission.SEE_APPOINTMENTS)
def page(request: StaffRequest) -> HttpResponse:
    """Show what the sender would do, by day; `?only=problems` leaves out what goes out as planned."""
    now = clock.now()
    outlook = ahead.outlook(request.business, now + timedelta(days=DAYS), now)
    only = request.GET.get("only") == "problems"
    wanted = [one for one in outlook.planned if not only or one.verdict != Verdict.LEAVES]
    listed = paged(request, wanted, PER_PAGE)
    down = {way.channel for way in outlook.ways if way.failing_since is not None}
    context: dict[str, Any] = {
        "page": listed,
        "days": _days(request, list(listed.object_list), down),
        "tiles": _tiles(outlook),
        "warnings": _warnings(outlook),
        "only": only,
        "query": "only=problems" if only else "",
        "has_any": bool(outlook.planned),
        "is_whole": outlook.is_whole,
        "most": ahead.MOST,
        **around(request),
    }
    return show(request, "messages_ahead.html", **context)


def _days(request: StaffRequest, planned: Sequence[Planned], down: set[str]) -> list[Day]:
    zone = ZoneInfo(request.business.timezone)
    refs = {one.message.subject_ref for one in planned}
    known = set(Appointment.objects.visible_to(request.actor).filter(ref__in=refs).values_list("ref", flat=True))
    found: dict[date, list[Planned]] = {}
    for one in planned:
        found.setdefault(one.at.astimezone(zone).date(), []).append(one)
    return [
        Day(
            ones[0].at,
            sum(_leaves(one) for one in ones),
            [_row(one, known, one.message.channel in down) for one in ones],
        )
        for _day, ones in sorted(found.items())
    ]


def _leaves(one: Planned) -> bool:
    return one.verdict in (Verdict.LEAVES, Verdict.LATER)


def _row(one: Planned, known: set[str], is_down: bool) -> Row:
    kind, badge, label = LOOKS[one.verdict]
    message = one.message
    why = [history.problem_words(one.words)]
    if _leaves(one) and is_down:
        why.append(_("as soon as a gateway takes messages again"))
    return Row(
        planned=one,
        words=kind_words(message.kind),
        role=role_words(message),
        whom=message.to_name or message.to,
        icon=channel_icon(message.channel)[0],
        icon_label=channel_icon(message.channel)[1],
        kind=kind,
        badge=badge,
        label=str(label),
        why=", ".join(filter(None, why)),
        is_known=message.subject_ref in known,
    )


def _tiles(outlook: Outlook) -> list[Tile]:
    texts = sum(one.message.channel == SMS and _leaves(one) for one in outlook.planned)
    leaving = sum(_leaves(one) for one in outlook.planned)
    stay = outlook.count(Verdict.HELD_BACK) + outlook.count(Verdict.FAILS)
    return [
        Tile(str(leaving - texts), _("e-mails will go out")),
        Tile(str(texts), _("text messages will go out")),
        Tile(str(outlook.count(Verdict.LATER)), _("of these later than planned")),
        Tile(str(stay), _("will not go out")),
    ]


def _warnings(outlook: Outlook) -> list[dict[str, str]]:
    """Return what holds for all messages of a channel, as banners."""
    found = []
    for way in outlook.ways:
        name = _("Text messages") if way.channel == SMS else _("E-mail")
        if not any(one.message.channel == way.channel for one in outlook.planned):
            continue
        if way.is_kept:
            text = _("They are kept here and reach nobody, because there is no gateway for them.")
            found.append({"title": name, "text": text})
    return [{**one, "href": reverse("manage-gateways")} for one in found]
