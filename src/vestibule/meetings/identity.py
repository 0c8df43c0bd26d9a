"""Recognising who is let in: what an area asks consumers for, compared with what was answered when booking.

Nothing of the booking is copied: `settings.IDENTITY_SOURCE` names a function that returns what the business knows, by
field, each time it is compared. What somebody gives is kept with the seat until the meeting ends.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from vestibule.meetings import areas
from vestibule.meetings.access import hosted_seat, locked_seat, require_going_on
from vestibule.meetings.area_values import IDENTITY_FIELDS, plain
from vestibule.meetings.errors import IdentityNotConfirmed, IdentityWrong, PlaceLocked
from vestibule.meetings.listeners import done_by, happened
from vestibule.meetings.models import Meeting, Participant, WaitingArea
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store import clock
from vestibule.store.transactions import writing

FIELDS = IDENTITY_FIELDS
MOST_WRONG = 5
MOST_UNLIKE = 10
OLDEST_YEAR = 1900
Known = Callable[[Meeting], Mapping[str, str]]


@dataclass(frozen=True)
class Identity:
    """How far somebody is recognised. `given` is what they typed: for staff only.

    `state` is `none` (nothing is asked), `asked`, `given`, `matches`, `differs`, `confirmed` or `locked`.
    """

    state: str
    asked: tuple[str, ...] = ()
    given: Mapping[str, str] | None = None
    differs: tuple[str, ...] = ()
    tries_left: int = MOST_WRONG

    @property
    def is_settled(self) -> bool:
        """Tell whether they may be let in without anybody saying that they know them."""
        return self.state in ("none", "matches", "confirmed")

    @property
    def hides_name(self) -> bool:
        """Tell whether they have to say their name before they are told it."""
        return "name" in self.asked and not self.is_settled

    def for_staff(self) -> dict[str, Any] | None:
        """Return it as the desk shows it; None where nothing is asked."""
        if self.state == "none":
            return None
        given = dict(self.given or {})
        return {"state": self.state, "asked": list(self.asked), "given": given, "differs": list(self.differs)}

    def for_consumer(self) -> dict[str, Any] | None:
        """Return it as its person is told: never what was given, nor whether anything but the birth date fits."""
        if self.state == "none":
            return None
        state = "given" if self.state in ("matches", "differs") else self.state
        given = [field for field in self.asked if field in (self.given or {})]
        return {"state": state, "asked": list(self.asked), "given": given, "tries_left": self.tries_left}


def of(seat: Participant, area: WaitingArea) -> Identity:
    """Return how far somebody who waits in `area` is recognised. Only consumers are asked. Reads nothing."""
    asked = tuple(area.identity_fields) if seat.kind == Participant.Kind.CONSUMER else ()
    if not asked:
        return Identity("locked" if seat.locked_at else "none", tries_left=_left(seat))
    given: dict[str, str] = {k: v for k, v in seat.identity.get("given", {}).items() if k in asked}
    matches: dict[str, bool] = seat.identity.get("matches", {})
    differs = tuple(field for field in asked if matches.get(field) is False)
    if seat.locked_at is not None:
        state = "locked"
    elif seat.identity.get("confirmed_by"):
        state = "confirmed"
    elif differs:
        state = "differs"
    elif all(matches.get(field) for field in asked):
        state = "matches"
    else:
        state = "given" if given else "asked"
    return Identity(state, asked, given, differs, _left(seat))


def name_to_show(seat: Participant) -> str:
    """Return the name of `seat` for their own page; "" while they are to be recognised by it: it is not told first."""
    return "" if of(seat, areas.area_of(seat.meeting)).hides_name else str(seat.name)


def give(seat_ref: str, values: Mapping[str, str]) -> Participant:
    """Keep what a consumer says who they are; earlier values of other fields stay. Once recognised it changes nothing.

    Raises Invalid naming a field that is not asked or cannot be, IdentityWrong for a date of birth that is not the
    one given when booking, and PlaceLocked from the fifth of those on: staff are told. That other fields differ is for
    staff to see; who gives wrong ones again and again is only trying, and is locked out at the tenth.
    """
    refusal: Exception | None = None
    with writing():
        seat = locked_seat(seat_ref)
        require_going_on(seat.meeting)
        area = areas.area_of(seat.meeting)
        if seat.kind != Participant.Kind.CONSUMER:
            raise NotPermitted(_("Only who booked is asked who they are."))
        if seat.locked_at is not None:
            raise PlaceLocked
        given = _clean(values, area)
        if of(seat, area).state in ("confirmed", "matches"):
            return seat
        known = _known(seat.meeting)
        fits = _fits("birth_date", given, known)
        refusal = _keep(seat, given, known) if fits else _count_wrong(seat)
    if refusal is not None:
        raise refusal
    return seat


def confirm(actor: Actor, seat_ref: str) -> Participant:
    """Say as a host that this is who they say they are; a locked place is unlocked by it. Twice is once."""
    with writing():
        seat = hosted_seat(actor, seat_ref)
        confirm_locked(actor, seat)
        return seat


def confirm_locked(actor: Actor, seat: Participant, *, only_if_asked: bool = False) -> None:
    """Confirm `seat` (locked for the change, of a meeting the actor hosts)."""
    if only_if_asked and of(seat, areas.area_of(seat.meeting)).state == "none":
        return
    if seat.identity.get("confirmed_by") and seat.locked_at is None:
        return
    seat.identity = {**seat.identity, "confirmed_by": actor.label, "confirmed_at": clock.now().isoformat()}
    seat.locked_at, seat.wrong_tries = None, 0
    seat.save(update_fields=["identity", "locked_at", "wrong_tries"])
    done_by(actor, seat, "identity_confirmed")


def unlock(actor: Actor, seat_ref: str) -> Participant:
    """Let somebody whose place was locked try again. Twice is once."""
    with writing():
        seat = hosted_seat(actor, seat_ref)
        if seat.locked_at is not None:
            seat.locked_at, seat.wrong_tries = None, 0
            seat.identity = {**seat.identity, "unlike": 0}
            seat.save(update_fields=["locked_at", "wrong_tries", "identity"])
            done_by(actor, seat, "unlocked")
        return seat


def require_recognised(seat: Participant) -> None:
    """Raise PlaceLocked or IdentityNotConfirmed unless `seat` may be let in as it is."""
    found = of(seat, areas.area_of(seat.meeting))
    if found.state == "locked":
        raise PlaceLocked
    if not found.is_settled:
        raise IdentityNotConfirmed(seat.name)


def _keep(seat: Participant, given: Mapping[str, str], known: Mapping[str, str]) -> Exception | None:
    kept = {**seat.identity.get("given", {}), **given}
    matches = {field: _fits(field, kept, known) for field in kept if known.get(field)}
    unlike = seat.identity.get("unlike", 0) + (0 if all(matches.values()) else 1)
    seat.identity = {**seat.identity, "given": kept, "matches": matches, "unlike": unlike}
    seat.save(update_fields=["identity"])
    happened(seat.meeting, seat, "identity_given", fields=sorted(given))
    return _lock(seat) if unlike >= MOST_UNLIKE else None


def _count_wrong(seat: Participant) -> Exception:
    seat.wrong_tries += 1
    seat.save(update_fields=["wrong_tries"])
    if seat.wrong_tries >= MOST_WRONG:
        return _lock(seat)
    happened(seat.meeting, seat, "identity_wrong", tries=seat.wrong_tries)
    return IdentityWrong(_left(seat))


def _lock(seat: Participant) -> Exception:
    seat.locked_at = clock.now()
    seat.save(update_fields=["locked_at"])
    actor = Actor(ActorKind.CONSUMER, seat.name, seat.meeting.business_id)
    done_by(actor, seat, "locked")
    return PlaceLocked()


def _clean(values: Mapping[str, str], area: WaitingArea) -> dict[str, str]:
    if not values:
        raise Invalid(_("Nothing was filled in. Fill in what is asked."), field="fields")
    for field in values:
        if field not in area.identity_fields:
            raise Invalid(_("This is not asked here. Load the page again."), field=str(field)[:40])
    given = {field: plain(value, field, 120, 1) for field, value in values.items()}
    if "birth_date" in given:
        given["birth_date"] = _birth_date(given["birth_date"])
    return given


def _birth_date(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError as unreal:
        raise Invalid(_("There is no such date. Enter day, month and year."), field="birth_date") from unreal
    if not day.year >= OLDEST_YEAR or day > clock.now().date():
        raise Invalid(_("Nobody was born on that day. Check day, month and year."), field="birth_date")
    return day.isoformat()


def _fits(field: str, given: Mapping[str, str], known: Mapping[str, str]) -> bool:
    """Tell whether a field is as known; True where nothing was given or nothing is known."""
    if not given.get(field) or not known.get(field):
        return True
    return _plain(field, given[field]) == _plain(field, known[field])


def _plain(field: str, value: str) -> object:
    """Return a value as it is compared: people write the same thing in many ways."""
    text = "".join(one for one in unicodedata.normalize("NFKD", value) if not unicodedata.combining(one)).casefold()
    if field == "name":
        return frozenset(re.findall(r"\w+", text))
    if field == "phone":
        return re.sub(r"\D", "", text)[-9:]
    return text.strip() if field == "birth_date" else re.sub(r"\W|_", "", text)


def _known(meeting: Meeting) -> Mapping[str, str]:
    if not settings.IDENTITY_SOURCE:
        return {}
    return cast(Known, import_string(settings.IDENTITY_SOURCE))(meeting)


def _left(seat: Participant) -> int:
    return max(0, MOST_WRONG - seat.wrong_tries)
