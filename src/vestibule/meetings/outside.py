"""Meetings that are held outside, in Teams or in a room of Azure: what is to stand there, and what staff see of it.

The verbs that plan, move and cancel a meeting call these inside their transaction; `outside_delivery` does the rest. A
meeting keeps the kind it was planned with. Nothing here is told of consumers but the role of their seat.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from vestibule.meetings import areas, outside_links, outside_rows
from vestibule.meetings.access import OVER, locked_meeting, require_going_on, require_host
from vestibule.meetings.errors import WrongState
from vestibule.meetings.models import TURNED_AWAY, Meeting, OutsidePlace, Participant
from vestibule.meetings.ports import PlaceOrder, PlaceSeat
from vestibule.people import audit, ways
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor
from vestibule.people.ways import Place
from vestibule.store import clock
from vestibule.store.transactions import after_commit, writing

Kind, State = OutsidePlace.Kind, OutsidePlace.State
KINDS: Mapping[str, str] = {Place.TEAMS: Kind.TEAMS, Place.ACS_ROOMS: Kind.ACS_ROOM}
"""The kind of place each way means; ours means none."""
ACCOUNTS: Mapping[str, str] = {Kind.TEAMS: "microsoft365", Kind.ACS_ROOM: "acs"}
"""The account of a business that holds each kind of place."""
_PLACE = OutsidePlace._meta.get_field("meeting").remote_field
due = threading.Event()
"""Set when this process' worker has something to bring out; workers elsewhere look by themselves."""


@dataclass(frozen=True)
class OutsideShown:
    """How far a meeting's place outside is. For staff, and for who was let in: whoever has it can knock there.

    `kind` is `teams` or `acs_room`. `state` is `making` (not there yet, in good time), `ready`, `late` (not there
    although people may come already: we go on trying) or `failed` (a person has to mend something, or to meet here).
    `join_url` is a link to Teams that was taken apart and built anew, `consumer_url` one of Microsoft's for people
    without an account, each "" where there is none; `number` and `passcode` are for joining by hand. `problem` says in
    the reader's language what went wrong and what to do, `detail` what whoever mends it wants to know.
    """

    kind: str
    state: str
    join_url: str = ""
    consumer_url: str = ""
    number: str = ""
    passcode: str = field(default="", repr=False)
    problem: str = ""
    detail: str = ""


def shown(meeting: Meeting) -> OutsideShown | None:
    """Return how the place of `meeting` outside stands; None for one that is held here, or is over."""
    row: OutsidePlace | None = getattr(meeting, "outside", None)
    if row is None or not row.is_wanted or meeting.state in OVER:
        return None
    made = outside_rows.place_of(row)
    links = outside_links.of(made) if made is not None else outside_links.NONE
    sentence, _line, detail = row.problem.partition("\n")
    return OutsideShown(
        kind=row.kind,
        state=_state(row, meeting, links.join_url),
        join_url=links.join_url,
        consumer_url=links.consumer_url,
        number=links.number,
        passcode=links.passcode,
        problem=_(sentence) if sentence else "",
        detail=detail,
    )


def _state(row: OutsidePlace, meeting: Meeting, join_url: str) -> str:
    """A meeting in Teams that could not be moved can still be joined: it has no hours."""
    is_there = outside_rows.stands_as_ordered(row)
    if row.state == State.FAILED and not (is_there and join_url):
        return "failed"
    if is_there:
        return "ready"
    return "late" if meeting.opens_at <= clock.now() else "making"


# --- what is wanted: called inside the transaction of the change ---------------------------------------------------


def planned(meeting: Meeting) -> None:
    """Let a new meeting have a place outside, where its business wants that. A walk-in gets one when somebody comes."""
    kind = KINDS.get(ways.place_of(meeting.business_id))
    if kind is not None and meeting.kind == Meeting.Kind.SCHEDULED:
        _create(meeting, kind)
    else:  # it was made a moment ago: whoever asks for its place need not look
        _PLACE.set_cached_value(meeting, None)


def checked_in(meeting: Meeting) -> None:
    """Let a meeting that somebody came to without an appointment have a place outside, where that is wanted."""
    kind = KINDS.get(ways.of(meeting.business_id).place)
    if kind is not None and not OutsidePlace.objects.filter(meeting=meeting).exists():
        _want(meeting, kind)


def changed(meeting: Meeting) -> None:
    """Bring a place to what its meeting is by now: its time, its title, its people. One that is not wanted stays so."""
    row = _locked(meeting)
    if row is not None and row.is_wanted:
        _order(row, meeting)


def seated(meeting: Meeting, *, without: str = "") -> None:
    """Bring a room of Azure to who may be in it by now; a meeting in Teams has no list of ours.

    The seat `without` loses its place in it, with all that was given for it, until people are let in anew.
    """
    row = _locked(meeting)
    if row is not None and row.is_wanted and row.kind == Kind.ACS_ROOM:
        _order(row, meeting, without=without)


def cancelled(meeting: Meeting) -> None:
    """Take the place of a meeting away, if it has one."""
    row = _locked(meeting)
    if row is not None and row.is_wanted:
        _unwant(row)


def ended(meeting: Meeting) -> None:
    """Take the place of a meeting that is over away where nothing of it is worth keeping: a room of Azure.

    A meeting in Teams has a conversation of its own, which belongs to who held it.
    """
    row = _locked(meeting)
    if row is not None and row.is_wanted and row.kind == Kind.ACS_ROOM:
        _unwant(row)


# --- what staff decide ---------------------------------------------------------------------------------------------


def again(actor: Actor, meeting: Meeting) -> Meeting:
    """Try once more, at once, to hold `meeting` outside; also after it was to be held here. Twice is once.

    Raises NotFound, NotPermitted, MeetingOver, WrongState where this business holds no meetings outside.
    """
    with writing():
        current = _hosted(actor, meeting)
        row = _locked(current)
        kind = row.kind if row is not None else KINDS.get(ways.of(current.business_id).place)
        if kind is None:
            raise WrongState(_("Visits of this business are held here, not in Teams, so there is nothing to make."))
        if row is None or not row.is_wanted:
            _want(current, kind)
        else:
            _order(row, current, anew=True)
        audit.record(actor, current.business_id, "meeting.outside_again", "meeting", current.ref, kind=kind)
        return current


def meet_here(actor: Actor, meeting: Meeting) -> Meeting:
    """Hold `meeting` in our own call instead, and take its place outside away. Twice is once.

    Raises NotFound, NotPermitted, MeetingOver.
    """
    with writing():
        current = _hosted(actor, meeting)
        row = _locked(current)
        if row is not None and row.is_wanted:
            _unwant(row)
            audit.record(actor, current.business_id, "meeting.met_here", "meeting", current.ref, kind=row.kind)
        return current


def mended(business_id: int, account: str) -> int:
    """Try places at once that failed, or wait, after an account of a business was mended; return how many."""
    kinds = [kind for kind, name in ACCOUNTS.items() if name == account]
    waiting = OutsidePlace.objects.filter(business_id=business_id, kind__in=kinds)
    with writing():
        again = waiting.filter(state__in=[State.QUEUED, State.FAILED])
        count: int = again.update(state=State.QUEUED, attempts=0, next_at=clock.now())
    after_commit(due.set)
    return count


def _hosted(actor: Actor, meeting: Meeting) -> Meeting:
    current = locked_meeting(meeting.ref)
    require_host(actor, current)
    require_going_on(current)
    return current


# --- rows ----------------------------------------------------------------------------------------------------------


def _locked(meeting: Meeting) -> OutsidePlace | None:
    found: OutsidePlace | None = OutsidePlace.objects.select_for_update().filter(meeting=meeting).first()
    return found


def _want(meeting: Meeting, kind: str) -> None:
    row = _locked(meeting)
    if row is None:
        _create(meeting, kind)
        return
    row.is_wanted = True
    _order(row, meeting, anew=True)


def _create(meeting: Meeting, kind: str) -> None:
    OutsidePlace.objects.create(
        business_id=meeting.business_id,
        meeting=meeting,
        kind=kind,
        order=outside_rows.written(_ordered(meeting, kind, None)),
        next_at=clock.now(),
    )
    after_commit(due.set)


def _order(row: OutsidePlace, meeting: Meeting, *, anew: bool = False, without: str = "") -> None:
    """Change what is ordered, if it is something else by now. Whoever brings out the former first goes on with it."""
    order = outside_rows.written(_ordered(meeting, row.kind, row.order["organizer"], without=without), row)
    if anew or order != row.order:
        row.order = order
        row.wanted, row.attempts, row.problem = row.wanted + 1, 0, ""
        _queue(row)


def _unwant(row: OutsidePlace) -> None:
    row.is_wanted, row.wanted, row.attempts, row.problem = False, row.wanted + 1, 0, ""
    _queue(row)


def _queue(row: OutsidePlace) -> None:
    """Let a row be brought out now; one that is being brought out is so once that is over."""
    if row.state != State.LEASED:
        row.state = State.QUEUED
    row.next_at = clock.now()
    row.save(update_fields=["order", "is_wanted", "wanted", "state", "attempts", "problem", "next_at"])
    after_commit(due.set)


# --- the order -----------------------------------------------------------------------------------------------------


def _ordered(meeting: Meeting, kind: str, organizer: str | None, *, without: str = "") -> PlaceOrder:
    """Return `meeting` as it is to stand outside; `organizer` holds it so far (None: nobody was asked)."""
    there = meeting.participants.exclude(state__in=TURNED_AWAY).exclude(ref=without)
    seats = list(there.select_related("provider__membership__user"))
    return PlaceOrder(
        key=meeting.ref,
        title=meeting.title,
        start=meeting.starts_at,
        end=meeting.ends_at,
        opens=meeting.opens_at,
        closes=meeting.closes_at,
        organizer=_organizer(meeting, organizer) if kind == Kind.TEAMS else "",
        seats=tuple(_seat(one) for one in seats),
    )


def _organizer(meeting: Meeting, so_far: str | None) -> str:
    """Return the address of who holds `meeting`; "": whoever the account names.

    Somebody else would hold another meeting: one that goes on, and one that somebody waits for, stay whose they are.
    """
    if so_far is not None and (meeting.state == Meeting.State.LIVE or meeting.kind == Meeting.Kind.WALK_IN):
        return so_far
    host = areas.host_of(meeting)
    provider = Provider.objects.select_related("membership__user").filter(pk=host).first() if host else None
    return _mailbox(provider) if provider is not None else so_far or ""


def _seat(seat: Participant) -> PlaceSeat:
    if seat.kind != Participant.Kind.PROVIDER:
        return PlaceSeat(seat.ref, seat.role, "")
    return PlaceSeat(seat.ref, seat.role, seat.name, _mailbox(seat.provider) if seat.provider is not None else "")


def _mailbox(provider: Provider) -> str:
    member = provider.membership
    return (provider.email or (str(member.user.email) if member is not None and member.is_active else "")).strip()
