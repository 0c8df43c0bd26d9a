"""A visit that is held elsewhere, as in Teams: whether it is, and what each side may be told of the way there.

People wait with us whatever holds the visit. Nobody from outside learns an address before somebody let them in;
`outside_links` has checked each that is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from vestibule.meetings import join_ways, outside, outside_links, outside_rows, visit_links
from vestibule.meetings.access import OVER
from vestibule.meetings.errors import HeldElsewhere
from vestibule.meetings.models import Meeting, OutsidePlace, Participant
from vestibule.meetings.outside import OutsideShown
from vestibule.people.ways import Join

HERE, TEAMS = "here", "teams"
MOST_ALIKE = 5
READY, FAILED = "ready", "failed"
UNREADABLE = gettext_noop("The link that Teams gave cannot be read. Try again, or meet here instead.")


@dataclass(frozen=True)
class Elsewhere:
    """Where a visit is held: `kind` and `state` (`making`, `ready`, `late`, `failed`) as the visit protocol has them.

    `url` leads there, "" until it is ready; `number` and `passcode` are what people type instead. `problem`, in
    English, is said to staff alone.
    """

    kind: str
    state: str
    url: str = ""
    number: str = ""
    passcode: str = ""
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as the visit protocol has it, in the language now active."""
        facts = {name: getattr(self, name) for name in ("kind", "state", "url", "number", "passcode")}
        return facts | {"problem": self.words}

    @property
    def words(self) -> str:
        """What went wrong and what to do, in the language now active; "" if nothing did."""
        return gettext(self.problem) if self.problem else ""


def held_in(meeting: Meeting) -> str:
    """Return `here` or `teams`: a meeting of Teams that is still being made, or failed, is held there all the same."""
    return HERE if _shown(meeting) is None else TEAMS


def is_handed_over(meeting: Meeting) -> bool:
    """Tell whether people from outside who are let in leave our page for Teams on the web."""
    return held_in(meeting) != HERE and join_ways.join_way(meeting) != Join.ACS_CALLING


def for_staff(meeting: Meeting) -> Elsewhere | None:
    """Return all there is to know of where `meeting` is held; None if it is held here."""
    shown = _shown(meeting)
    if shown is None:
        return None
    return _with_way(shown, shown.join_url, problem=shown.problem)


def for_guest(meeting: Meeting) -> Elsewhere | None:
    """Return what somebody who was let in needs to go there; None if `meeting` is held here, or comes to our page."""
    shown = _shown(meeting)
    if shown is None or not is_handed_over(meeting):
        return None
    return replace(_with_way(shown, shown.consumer_url or shown.join_url), problem="")


def require_here(seat: Participant) -> None:
    """Raise HeldElsewhere if the visit of `seat` has no call of ours to join."""
    by_our_page = seat.kind != Participant.Kind.PROVIDER and not is_handed_over(seat.meeting)
    if held_in(seat.meeting) != HERE and not by_our_page:
        raise HeldElsewhere


def stays_in(seat: Participant) -> bool:
    """Tell whether `seat` takes part without a page of ours: let in to a visit that is held elsewhere."""
    return seat.state == Participant.State.ADMITTED and is_handed_over(seat.meeting)


def was_reached(meeting: Meeting) -> bool:
    """Tell whether somebody from outside was let in to a visit that stood elsewhere: who met whom there is not told.

    Also of one that is over.
    """
    row: OutsidePlace | None = getattr(meeting, "outside", None)
    if row is None or not row.is_wanted or row.kind != OutsidePlace.Kind.TEAMS or outside_rows.place_of(row) is None:
        return False
    guests = meeting.participants.exclude(kind=Participant.Kind.PROVIDER)
    return bool(guests.filter(admitted_at__isnull=False).exists())


def meeting_at(locator: Mapping[str, str | None]) -> Meeting | None:
    """Return the meeting of ours, not over, to which a link to Teams leads that was read as `locator`; else None.

    By its conversation, or by number and passcode: a number alone can be guessed.
    """
    by_number = locator["kind"] == "teams_meeting_id"
    named = Q(made__number=locator.get("meeting_id")) if by_number else Q(made__chat=locator.get("thread_id"))
    linked = str(locator.get("meeting_id") if by_number else quote(locator.get("thread_id") or "", safe=""))
    rows = OutsidePlace.objects.filter(kind=OutsidePlace.Kind.TEAMS, is_wanted=True).exclude(meeting__state__in=OVER)
    rows = rows.annotate(link=KeyTextTransform("join_url", "made"))
    found = rows.filter(named | Q(link__contains=linked)).select_related("meeting__business")
    return next((row.meeting for row in found[:MOST_ALIKE] if _leads_to(row, locator)), None)


def _leads_to(row: OutsidePlace, locator: Mapping[str, str | None]) -> bool:
    made = outside_rows.place_of(row)
    if made is None:
        return False
    read = visit_links.parse_pasted(made.join_url, outside_links.NOWHERE).locator or {}
    if locator["kind"] == "teams_meeting_id":
        ours = {(made.number, made.passcode), (read.get("meeting_id"), read.get("passcode"))}
        return bool(locator["meeting_id"]) and (locator["meeting_id"], locator.get("passcode") or "") in ours
    return bool(locator["thread_id"]) and locator["thread_id"] in {made.chat, read.get("thread_id")}


def _shown(meeting: Meeting) -> OutsideShown | None:
    with translation.override("en"):  # read once, told to people of several languages
        shown = outside.shown(meeting)
    return shown if shown is not None and shown.kind == OutsidePlace.Kind.TEAMS else None


def _with_way(shown: OutsideShown, url: str, *, problem: str = "") -> Elsewhere:
    """Return what is shown, with its way in once that is ready."""
    if shown.state != READY:
        return Elsewhere(TEAMS, shown.state, problem=problem)
    if not url:
        return Elsewhere(TEAMS, FAILED, problem=UNREADABLE)
    return Elsewhere(TEAMS, READY, url, shown.number, shown.passcode, problem)
