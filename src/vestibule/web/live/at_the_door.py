"""What somebody who is not in yet is told: their place, the area's content, who they are asked to be, and changes."""

from django.utils.translation import gettext as _

from vestibule.meetings.models import WAITS, Participant, WaitingArea
from vestibule.meetings.queue import Board, Place
from vestibule.people.models import Provider
from vestibule.web.live.snapshots import Json, Person, View

State = Participant.State
IS_OUTSIDE = (State.INVITED, State.ARRIVED, *WAITS)
MEDIA = "/waiting-media/"


def is_outside(person: Person) -> bool:
    """Tell whether somebody is at the door: not staff, not in, not turned away."""
    return not person.staff and person.state in IS_OUTSIDE


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
        words = _("%(name)s will see you now, in place of who you waited for. You keep your place; stay on this page.")
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
        "expected_minutes": _told(place.expected_minutes) if area.shows_expected_wait and not on_hold else None,
        "provider": host_facts(host, here=here),
        "on_hold": on_hold,
        "sentence": _sentence(area, host if not here else None, on_hold=on_hold, was_there=was_there),
    }


def _told(minutes: int | None) -> int | None:
    """Long waits are told in steps of five minutes: nobody counts them, and everybody is told of each change."""
    return minutes if minutes is None or minutes <= 10 else -(-minutes // 5) * 5


def _sentence(area: WaitingArea, host: Provider | None, *, on_hold: bool, was_there: bool) -> str:
    if on_hold:
        return _("Staff are preparing something for you. You keep your place; please stay on this page.")
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
