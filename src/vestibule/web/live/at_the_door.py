"""What somebody who is not in yet is told: their place, the area's content, who they are asked to be, and changes."""

from dataclasses import replace
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.meetings import areas
from vestibule.meetings.models import WAITS, Participant, WaitingArea
from vestibule.meetings.queue import Board, Place
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web import times
from vestibule.web.live import snapshots
from vestibule.web.live.snapshots import Json, Person, View

if TYPE_CHECKING:
    from vestibule.web.live.rooms import Room, VisitSession

State = Participant.State
IS_OUTSIDE = (State.INVITED, State.ARRIVED, *WAITS)
MEDIA = "/waiting-media/"


def is_outside(person: Person) -> bool:
    """Tell whether somebody is at the door: not staff, not in, not turned away."""
    return not person.staff and person.state in IS_OUTSIDE


def show_door(room: "Room", session: "VisitSession", person: Person) -> None:
    """Show somebody who is not in what the area shows and asks, and where staff moved the visit."""
    view = _view(room)
    session.show("area", area_facts(view.area))
    asked = person.identity.for_consumer() if person.identity is not None else None
    if asked is not None:
        session.show("identity", asked)
    place = where(view)
    if session.told.setdefault("place", place) != place:
        session.told["place"] = place
        with translation.override(session.language):
            session.push({"type": "moved_to", **moved_facts(view)})
    if "queue" not in session.told and person.state in WAITS:
        room.hub.lines.changed(room.business_id)


def show_way_out(view: View, session: "VisitSession", person: Person) -> None:
    """Show somebody who is in where the visit is held, if that is not here. Nobody else is told an address."""
    held = None
    if person.staff or person.inside:
        held = view.for_staff if person.staff else view.for_guests
    if held is None and "elsewhere" not in session.told:
        return
    with translation.override(session.language):
        session.show("elsewhere", {"elsewhere": held.as_json() if held is not None else None})


def show_places(room: "Room", board: Board) -> None:
    """Show those who wait in a room where they stand, as `board` has it."""
    place = board.places.get(room.ref)
    if place is None or room.view is None:
        return
    _learn_setting(room, board, place)
    for session in list(room.members.values()):
        person = room.view.people.get(session.seat)
        if person is not None and not person.staff and person.state in WAITS:
            _show_place(room, session, person, board, place)


def _learn_setting(room: "Room", board: Board, place: Place) -> None:
    """Take over what is newer on the board about area and provider, without reading the meeting again."""
    view = _view(room)
    area = board.areas.get(place.area, view.area)
    if place.host != view.host or area.identity_fields != view.area.identity_fields:
        room.hub.spawn(room.hub.refresh(room.ref, queue=False))
        return
    provider, known = host_facts(board.providers.get(place.host or 0)), view.facts["provider"]
    is_here = known is not None and known["presence"] == "here"
    facts = view.facts if is_here else {**view.facts, "provider": provider}
    room.view = replace(view, area=area, facts=facts)
    for session in list(room.members.values()):
        session.show("meeting", {"meeting": facts})
        person = view.people.get(session.seat)
        if person is not None and is_outside(person):
            session.show("area", area_facts(area))


def _show_place(room: "Room", session: "VisitSession", person: Person, board: Board, place: Place) -> None:
    with translation.override(session.language):
        facts = place_facts(_view(room), person, board, place, was_there=session.saw_host)
    if "queue" not in session.told:
        room.hub.spawn(_show_notices(room, session))
    session.show("queue", facts)
    if facts["provider"] is not None and facts["provider"]["presence"] != "away":
        session.saw_host = True


async def _show_notices(room: "Room", session: "VisitSession") -> None:
    session.push(await room.hub.run(snapshots.notices_page, session.seat))


def _view(room: "Room") -> View:
    assert room.view is not None, "somebody is shown something after the room was read"
    return room.view


def area_facts(area: WaitingArea) -> Json:
    """Return the fields of `area`: what the business shows to who waits."""
    media = area.content_media
    src = {"src": f"{MEDIA}{media.ref}", "type": media.media_type, "alternative": media.alternative} if media else None
    return {
        "name": area.name,
        "title": area.content_title,
        "text": area.content_text,
        "media": src,
        "support_phone": area.support_phone,
    }


def where(view: View) -> tuple[int | None, str]:
    """Return whom people of a meeting wait for, and in which area."""
    return view.host, view.area.slug


def moved_facts(view: View) -> Json:
    """Return the fields of `moved_to`, for somebody whose visit was handed on."""
    provider = view.facts["provider"]
    if provider is not None:
        words = _("%(name)s will see you instead. You keep your place; stay on this page.")
        return {"area": view.area.name, "provider": provider, "sentence": words % {"name": provider["name"]}}
    words = _("Whoever is free first in %(area)s will see you. You keep your place; stay on this page.")
    return {"area": view.area.name, "provider": None, "sentence": words % {"area": view.area.name}}


def host_facts(provider: Provider | None, *, here: bool = False) -> Json | None:
    """Return a provider as somebody who waits sees them."""
    if provider is None:
        return None
    shown: Json = {"name": provider.name, "presence": "here" if here else str(provider.presence)}
    return shown | ({"away_words": provider.away_words} if provider.away_words else {})


def place_facts(view: View, person: Person, board: Board, place: Place, *, was_there: bool) -> Json:
    """Return the fields of `queue`. `was_there`: this person was told before that the provider is there."""
    area = board.areas.get(place.area, view.area)
    host = board.providers.get(place.host or 0)
    on_hold = person.state == State.ON_HOLD
    tells = area.shows_position and place.ahead is not None and not on_hold
    here = (view.facts["provider"] or {}).get("presence") == "here"
    return {
        "position": place.ahead + 1 if tells and place.ahead is not None else None,
        "ahead": place.ahead if tells else None,
        "since": person.waiting_since,
        "expected_minutes": _told(_expected(view, place)) if area.shows_expected_wait and not on_hold else None,
        "provider": host_facts(host, here=here),
        "on_hold": on_hold,
        "sentence": _standing(place, on_hold=on_hold)
        or _sentence(area, None if here else host, was_there=was_there)
        or _queue_closed(place, area),
        "late": _late(view, host) if not on_hold else "",
    }


def _late(view: View, host: Provider | None) -> str:
    """Say that the provider begins later than booked; "" once they are there, and where they said nothing."""
    is_here = (view.facts["provider"] or {}).get("presence") == "here"
    if host is None or is_here or not view.late_minutes:
        return ""
    words = _("%(name)s begins about %(length)s later. Your place is kept.")
    return words % {"name": host.name, "length": times.duration(view.late_minutes)}


def _expected(view: View, place: Place) -> int | None:
    """Return the expected wait; who said to be late is not expected before that."""
    if not view.late_minutes or place.expected_minutes is None:
        return place.expected_minutes
    begins = view.starts_at + timedelta(minutes=view.late_minutes)
    return max(place.expected_minutes, ceil((begins - clock.now()) / timedelta(minutes=1)))


def _told(minutes: int | None) -> int | None:
    """Long waits are told in steps of five minutes: nobody counts them, and everybody is told of each change."""
    return minutes if minutes is None or minutes <= 10 else -(-minutes // 5) * 5


def _standing(place: Place, *, on_hold: bool) -> str:
    """Say it to somebody who stands in no line: they, or whom they came to help, are on hold, or in there already."""
    if on_hold:
        return _("Staff are preparing something for you. You keep your place; please stay on this page.")
    return {
        "begun": _("The visit has begun. Whoever leads it lets you in from there; please stay on this page."),
        "held": _("The visit you came for is on hold for a moment. You keep your place; please stay on this page."),
    }.get(place.standing, "")


def _queue_closed(place: Place, area: WaitingArea) -> str:
    """Say to somebody who came by that the queue is closed, and that this is not about them: they may have heard."""
    if not place.came_by or not areas.is_closed(area, clock.now()):
        return ""
    return _("Nobody new is taken just now, but you are in the queue: you keep your place and will be seen.")


def _sentence(area: WaitingArea, host: Provider | None, *, was_there: bool) -> str:
    if host is None or host.presence != Provider.Presence.AWAY:
        return ""
    if host.stepped_away_at is not None and host.away_words:
        words = _("%(name)s has stepped away: %(why)s You keep your place; stay on this page.")
        return words % {"name": host.name, "why": _ended(host.away_words)}
    if host.stepped_away_at is None and not was_there:
        return ""
    words = _("%(name)s has stepped away. You keep your place: stay on this page, it tells you when they are back.")
    rather = _("You can also call %(phone)s.") % {"phone": area.support_phone} if area.support_phone else ""
    return f"{words % {'name': host.name}} {rather}".strip()


def _ended(words: str) -> str:
    return words if words[-1] in ".!?…" else f"{words}."
