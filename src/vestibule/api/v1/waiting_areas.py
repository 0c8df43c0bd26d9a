"""Waiting areas by API key, and who waits at this moment."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from vestibule.api.v1.callers import once
from vestibule.api.v1.schemas import Word, instant
from vestibule.api.v1.setup import found, members, told
from vestibule.api.v1.waiting_schemas import AreaIn, AreaOut, AreasOut, ClosingIn, NewAreaIn, WaitingOut
from vestibule.booking.models import Appointment
from vestibule.meetings import areas, queue
from vestibule.meetings.models import WAITS, Participant, WaitingArea
from vestibule.meetings.queue import Board, Place
from vestibule.people.models import Business
from vestibule.people.permissions import Permission
from vestibule.store import clock

router = Router(tags=["Waiting areas"])
SETTINGS = (
    *("walk_in_minutes", "hours", "content_title", "content_text", "support_phone"),
    *("shows_position", "shows_expected_wait"),
)


@router.get("/{business}/waiting-areas", response=AreasOut, summary="Waiting areas")
def listed(request: HttpRequest, business: Word) -> HttpResponse:
    """The one for everybody, and those of groups of providers; by key (`setup:read`)."""
    _actor, row = found(request, business, Permission.SEE_SETUP)
    return told({"areas": _shown(row, areas.areas_of(row))})


@router.post("/{business}/waiting-areas", response={201: AreaOut}, summary="Add a waiting area")
def add(request: HttpRequest, business: Word, given: NewAreaIn) -> HttpResponse:
    """For a group of providers; by key (`setup:write`)."""
    actor, row = found(request, business, Permission.MANAGE_SETUP)
    return once(request, actor, lambda: (201, _one(row, areas.create(actor, **members(given)))))


@router.patch("/{business}/waiting-areas/{area}", response=AreaOut, summary="Change a waiting area")
def change(request: HttpRequest, business: Word, area: Word, given: AreaIn) -> HttpResponse:
    """What is left out stays; by key (`setup:write`)."""
    actor, row = found(request, business, Permission.MANAGE_SETUP)
    return once(request, actor, lambda: (200, _one(row, areas.change(actor, area, **members(given)))))


@router.delete("/{business}/waiting-areas/{area}", response=AreasOut, summary="Take a waiting area away")
def retire(request: HttpRequest, business: Word, area: Word) -> HttpResponse:
    """409 `wrong_state` while somebody waits in it, and for the one for everybody; by key (`setup:write`)."""
    actor, row = found(request, business, Permission.MANAGE_SETUP)

    def do() -> tuple[int, Any]:
        areas.retire(actor, area)
        return 200, {"areas": _shown(row, areas.areas_of(row))}

    return once(request, actor, do)


@router.post("/{business}/waiting-areas/{area}/close", response=AreaOut, summary="Close a queue")
def close(request: HttpRequest, business: Word, area: Word, given: ClosingIn | None = None) -> HttpResponse:
    """Takes nobody new, for some minutes or until it is opened; who waits goes on waiting. By key (`setup:write`)."""
    actor, row = found(request, business, Permission.MANAGE_SETUP)
    asked = given or ClosingIn()
    return once(
        request, actor, lambda: (200, _one(row, areas.close(actor, area, minutes=asked.minutes, words=asked.text)))
    )


@router.post("/{business}/waiting-areas/{area}/open", response=AreaOut, summary="Open a queue")
def reopen(request: HttpRequest, business: Word, area: Word) -> HttpResponse:
    """Takes people again, within its hours; by key (`setup:write`)."""
    actor, row = found(request, business, Permission.MANAGE_SETUP)
    return once(request, actor, lambda: (200, _one(row, areas.reopen(actor, area))))


@router.get("/{business}/waiting", response=WaitingOut, summary="Who waits")
def waiting(
    request: HttpRequest,
    business: Word,
    area: Annotated[str, Query(max_length=60)] = "",
    provider: Annotated[str, Query(max_length=60)] = "",
) -> HttpResponse:
    """Everybody who waits online now, longest first, scheduled and walk-in; by key (`appointments:read`)."""
    _actor, row = found(request, business, Permission.SEE_APPOINTMENTS)
    board = queue.board(row.pk, clock.now())
    appointments = _appointments(board)
    people = [_person(seat, board, appointments) for seat in _seats(row) if seat.meeting.ref in board.places]
    if area:
        people = [one for one in people if one["area"] == area]
    if provider:
        people = [one for one in people if one["host"] == provider]
    return told({"waiting": people})


def _seats(business: Business) -> Iterable[Participant]:
    seats = Participant.objects.filter(meeting__business=business, state__in=WAITS).select_related("meeting")
    return seats.order_by("waiting_since", "pk")


def _appointments(board: Board) -> Mapping[str, str]:
    rows = Appointment.objects.filter(meeting__ref__in=list(board.places))
    return dict(rows.values_list("meeting__ref", "ref"))


def _person(seat: Participant, board: Board, appointments: Mapping[str, str]) -> dict[str, Any]:
    meeting = seat.meeting
    place = board.places.get(meeting.ref, Place(None, None))
    host = board.providers.get(place.host or 0)
    return {
        "name": seat.name,
        "role": str(seat.kind),
        "kind": str(meeting.kind),
        "appointment": appointments.get(meeting.ref),
        "meeting": meeting.ref,
        "start": instant(meeting.starts_at),
        "since": _instant(seat.waiting_since),
        "area": place.area,
        "host": host.slug if host is not None else None,
        "reason": meeting.reason,
        "on_hold": seat.state == Participant.State.ON_HOLD,
        "ahead": place.ahead,
        "expected_minutes": place.expected_minutes,
    }


def _one(business: Business, area: WaitingArea) -> dict[str, Any]:
    return _shown(business, [area])[0]


def _shown(business: Business, rows: list[WaitingArea]) -> list[dict[str, Any]]:
    facts = areas.facts_of(rows, business.timezone, clock.now())
    return [
        {
            **{name: _instant(value) if isinstance(value, datetime) else value for name, value in one.items()},
            **{name: getattr(row, name) for name in SETTINGS},
        }
        for one, row in zip(facts, rows, strict=True)
    ]


def _instant(at: datetime | None) -> str | None:
    return instant(at) if at is not None else None
