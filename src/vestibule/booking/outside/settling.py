"""Bringing one appointment to what was decided: here by its verbs, there by noting that it is to be brought."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import F

from vestibule.booking import access, announcements
from vestibule.booking.errors import AlreadyCancelled, WrongStatus
from vestibule.booking.models import Appointment, OutsideAppointment, SchedulerLink
from vestibule.booking.outside import following, placing
from vestibule.booking.outside.deciding import CANCELLED, Agreed, Standing, Verdict, decide
from vestibule.booking.outside.standing import Names, NotNamed, ours, theirs
from vestibule.booking.ports import TheirAppointment
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock
from vestibule.store.transactions import writing

State = OutsideAppointment.State
_PLACE = frozenset({"time", "service"})
OVER, TAKEN = "over", "taken"
"""Why something there was not done here, beside names that are missing: kept in `conflict`, as what was lost is."""


def locked(key: int) -> OutsideAppointment | None:
    """Return a row as it is now, or None; its appointment is locked first, as by every verb that changes it."""
    of: Appointment | None = Appointment.objects.filter(outside=key).only("pk", "meeting_id").first()
    if of is None:
        return None
    access.locked(SYSTEM, of)
    row: OutsideAppointment | None = OutsideAppointment.objects.select_for_update().filter(pk=key).first()
    return row


def standing(appointment: Appointment, names: Names, otherwise: Standing | None) -> Standing | None:
    """Return how an appointment stands here; `otherwise`, if something of it has no name there any more."""
    try:
        return ours(appointment, announcements.team_of(appointment), names)
    except NotNamed:
        return otherwise


def settle(
    link: SchedulerLink,
    row: OutsideAppointment,
    base: Agreed,
    told: TheirAppointment | None,
    names: Names,
    lost: frozenset[str] = frozenset(),
) -> None:
    """Do what follows from how an appointment stands on both sides (`told` None: it is gone there).

    `base` is what both agreed on; `lost` was lost already when it was brought there. Inside a writing block.
    """
    there = theirs(told) if told is not None else None
    here = standing(read(row), names, base.here)
    verdict = decide(base, here, there)
    hindered = _do_here(link, row, verdict, _aim(verdict, here, there), names)
    here = standing(read(row), names, here)
    news = {why for part, why in hindered.items() if row.seen.get("hindered", {}).get(part) != why}
    values: dict[str, Any] = {
        "seen": _seen(base, here, there, verdict, hindered).stored() | {"hindered": dict(hindered)},
        "external_id": told.id if told is not None else row.external_id,
        **_noted(verdict.lost | lost | news),
        **_state(row, verdict),
    }
    if told is not None and told.join_url:
        values["join_url"] = told.join_url[:2000]
    OutsideAppointment.objects.filter(pk=row.pk).update(**values)


def read(row: OutsideAppointment) -> Appointment:
    """Return the appointment of a row as it is now."""
    found: Appointment = Appointment.objects.select_related("business", "service__location", "provider").get(
        pk=row.appointment_id
    )
    return found


def _aim(verdict: Verdict, here: Standing | None, there: Standing | None) -> Standing | None:
    """Return how it is to stand here: as it does there, but for a time of ours that is still to be brought there."""
    return there if "time" in verdict.here else with_parts(there, here, frozenset({"time"}))


def _do_here(
    link: SchedulerLink, row: OutsideAppointment, verdict: Verdict, aim: Standing | None, names: Names
) -> Mapping[str, str]:
    """Do what is to be done here; return what could not be, and why."""
    if verdict.ends_here:
        why = _try(lambda: following.cancel(link, read(row)))
        return {CANCELLED: why} if why else {}
    if aim is None or not verdict.here:
        return {}
    if contact := verdict.here - _PLACE:
        following.correct(link, read(row), aim, contact)
    place = verdict.here & _PLACE
    why = _try(lambda: following.move(link, read(row), aim, names)) if place else ""
    return dict.fromkeys(place, why) if why else {}


def _try(do: Any) -> str:
    """Do something here; return why it could not be done, or ""."""
    try:
        with writing():
            do()
    except placing.Taken:
        return TAKEN
    except NotNamed as missing:
        return missing.reason
    except AlreadyCancelled:
        return ""
    except WrongStatus:
        return OVER
    return ""


def _seen(
    base: Agreed, here: Standing | None, there: Standing | None, verdict: Verdict, hindered: Mapping[str, str]
) -> Agreed:
    """Return what both agree on now: parts still to be brought differ from it on their own side alone.

    What cannot be done here because the appointment is over is taken as it is: it is history. What may be possible
    later is tried again at each reading.
    """
    later = {part for part, why in hindered.items() if why != OVER}
    agreed_here = with_parts(here, base.here, verdict.there) if not verdict.ends_there else base.here
    agreed_there = with_parts(there, base.there, frozenset(later))
    return Agreed(agreed_here, agreed_there)


def with_parts(now: Standing | None, before: Standing | None, parts: frozenset[str]) -> Standing | None:
    """Return how one side stands, with `parts` as they were before."""
    if now is None or before is None:
        return now
    for part in parts:
        names = ("start", "end", "staff") if part == "time" else (part,)
        now = replace(now, **{name: getattr(before, name) for name in names})
    return now


def _state(row: OutsideAppointment, verdict: Verdict) -> dict[str, Any]:
    if verdict.ends_here:
        return {"state": State.DONE, "is_wanted": False, "version": F("wanted"), "problem": "", **_FREE}
    if not (verdict.there or verdict.ends_there):
        return {"state": State.DONE, "version": F("wanted"), "problem": "", "attempts": 0, **_FREE}
    if row.state == State.FAILED:  # until somebody changes it, or lets it be tried again
        return {}
    return {"state": State.QUEUED, "next_at": clock.now(), **_FREE}


_FREE: Mapping[str, Any] = {"leased_by": "", "leased_until": None}


def _noted(codes: frozenset[str]) -> dict[str, Any]:
    """Return what staff are to see; what was there and is still so keeps its time."""
    return {"conflict": ",".join(sorted(codes))[:300], "conflict_at": clock.now()} if codes else {}
