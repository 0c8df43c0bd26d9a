"""Coming by without an appointment: one public link per business, and one per waiting area.

Somebody who comes by gets a meeting of their own, a seat in it, and a link that only their browser holds, so that the
place is theirs over a refresh. There is no appointment: the meeting keeps what they gave.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db.models import Q
from django.utils.translation import gettext as _

from vestibule.chat.models import Thread
from vestibule.meetings import areas, names, visit_rules, waiting
from vestibule.meetings.access import OVER
from vestibule.meetings.area_values import plain
from vestibule.meetings.areas import Opening
from vestibule.meetings.errors import QueueClosed
from vestibule.meetings.models import TURNED_AWAY, WAITS, Meeting, Participant, WaitingArea
from vestibule.people import audit, links, rates, telephone
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business, CapabilityLink
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store import clock, rows
from vestibule.store.transactions import writing

STAYS_OPEN = timedelta(hours=8)
"""How long the place of somebody who came by is kept open; after that it closes by itself, as a forgotten one."""
MOST_WAITING = 1000
COMES_WITHIN = timedelta(minutes=30)
COMINGS, WITHIN_SECONDS = 10, 600
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
State = Participant.State


@dataclass(frozen=True)
class FrontDoor:
    """What the page of the public link shows. `sentence` says why nobody may come by now; "" when they may.

    `area` is where people wait; `minutes` is how long such a visit usually takes.
    """

    business: Business
    area: WaitingArea
    opening: Opening
    sentence: str


@dataclass(frozen=True)
class Caller:
    """What somebody who comes by gives: a name, and what else they want to. `reason` is why they come.

    `agreed_to` is the text they agreed to, kept with the time.
    """

    name: str
    reason: str = ""
    email: str = ""
    phone: str = ""
    timezone: str = ""
    language: str = ""
    agreed_to: str = ""


@dataclass(frozen=True)
class CameBy:
    """A place of somebody who came by. `link` goes into the visit's cookie; `is_new` False: they had it already."""

    meeting: Meeting
    seat: Participant
    link: CapabilityLink
    is_new: bool


def front_door(business_slug: str, area_slug: str = "") -> FrontDoor:
    """Return what the public link of a business, or of one of its areas, opens. Raises NotFound.

    Without an area it is the one for everybody; where that takes nobody, the first that does.
    """
    business = Business.objects.filter(slug=business_slug).first()
    if business is None:
        raise NotFound(_("There is no such page. Check the address, or ask who gave it to you."))
    now = clock.now()
    area = areas.find(business.pk, area_slug)
    if not area_slug and not area.takes_walk_ins:
        area = next((one for one in areas.areas_of(business) if one.takes_walk_ins), area)
    opening = areas.opening(area, business.timezone, now)
    return FrontDoor(business, area, opening, _why_closed(area, opening))


def come_by(door: FrontDoor, caller: Caller, *, who: str, seat_ref: str = "") -> CameBy:
    """Give `caller` a place in the queue's meeting and return it; they still enter the queue themselves.

    `who` is whom to count (`rates.client_key`), `seat_ref` the seat the browser's visit cookie names, if any: whoever
    came by this door already and is not done gets that place again, unless the queue was closed before they waited.
    Raises QueueClosed, TooMany (ten in ten minutes),
    or Invalid naming a field.
    """
    known = _place_of(seat_ref, door.business.pk)
    if known is not None and not (waiting.is_newcomer(known.seat) and door.opening.why == "closed"):
        return known
    if not door.opening.is_open:
        raise QueueClosed(door.sentence, door.opening.opens_at)
    name, reason, contact = _clean(caller, door.business)
    rates.limit_others("walk_in", who, COMINGS, WITHIN_SECONDS)
    with writing():
        _require_room(door.business.pk)
        meeting = _make_meeting(door, reason, contact)
        seat = _make_seat(meeting, name)
        link = links.issue(
            business_id=door.business.pk,
            purpose=links.Purpose.VISIT,
            role=seat.role,
            subject=seat.ref,
            expires_at=meeting.closes_at,
        )
        actor = Actor(ActorKind.PUBLIC, "walk-in", door.business.pk)
        audit.record(actor, door.business.pk, "meeting.walked_in", "meeting", meeting.ref, participant=seat.ref)
        return CameBy(meeting, seat, link, is_new=True)


def _place_of(seat_ref: str, business_id: int) -> CameBy | None:
    if not seat_ref:
        return None
    seats = Participant.objects.select_related("meeting").filter(
        ref=seat_ref, meeting__business_id=business_id, meeting__kind=Meeting.Kind.WALK_IN
    )
    seat = seats.exclude(meeting__state__in=OVER).exclude(state__in=TURNED_AWAY).first()
    if seat is None or seat.meeting.closes_at <= clock.now():
        return None
    live = CapabilityLink.objects.filter(subject=seat.ref, purpose=links.Purpose.VISIT, revoked_at__isnull=True)
    link = live.order_by("-pk").first()
    return CameBy(seat.meeting, seat, link, is_new=False) if link is not None else None


def _require_room(business_id: int) -> None:
    """However many strangers come from however many addresses: the desk stays usable.

    Whoever came and does not wait counts for a while only: many of those never do.
    """
    now = clock.now()
    waits = Q(state__in=WAITS, meeting__starts_at__gt=now - STAYS_OPEN)
    comes = Q(state__in=(State.INVITED, State.ARRIVED), meeting__starts_at__gt=now - COMES_WITHIN)
    here = Participant.objects.filter(waits | comes, meeting__business_id=business_id)
    recent = here.filter(meeting__kind=Meeting.Kind.WALK_IN).exclude(meeting__state__in=OVER)
    if recent.count() >= MOST_WAITING:
        raise QueueClosed(_("So many people wait that nobody more can come by. Try again later, or book a time."))


def _make_meeting(door: FrontDoor, reason: str, contact: dict[str, Any]) -> Meeting:
    now = clock.now()
    (thread,) = rows.insert([Thread(business_id=door.business.pk)])
    made: Meeting = Meeting.objects.create(
        business=door.business,
        thread=thread,
        kind=Meeting.Kind.WALK_IN,
        area=door.area if areas.is_stored(door.area) else None,
        title=door.area.name,
        reason=reason,
        contact=contact,
        starts_at=now,
        ends_at=now + timedelta(minutes=door.area.walk_in_minutes),
        opens_at=now,
        closes_at=now + STAYS_OPEN,
    )
    return made


def _make_seat(meeting: Meeting, name: str) -> Participant:
    made: Participant = Participant.objects.create(
        meeting=meeting,
        kind=Participant.Kind.CONSUMER,
        role=visit_rules.consumer_role(visit_rules.of(meeting.business_id)),
        name=name,
    )
    return made


def _clean(caller: Caller, business: Business) -> tuple[str, str, dict[str, str]]:
    contact = {
        "email": caller.email.strip(),
        "phone": telephone.e164(caller.phone.strip(), business),
        "timezone": caller.timezone if caller.timezone in available_timezones() else business.timezone,
        "language": caller.language if _is_language(caller.language) else business.language,
    }
    if caller.agreed_to:
        contact |= {"agreed_to": plain(caller.agreed_to, "consent", 500), "agreed_at": clock.now().isoformat()}
    if contact["email"]:
        _require_email(contact["email"])
    if caller.phone.strip() and not contact["phone"]:
        raise Invalid(
            _("This is not a phone number. Enter it with its country, such as +44 20 7946 0018."), field="phone"
        )
    return names.of_guest(caller.name, business.pk), plain(caller.reason, "reason", 300), contact


def _is_language(given: str) -> bool:
    return len(given) <= 12 and _LANGUAGE.fullmatch(given) is not None


def _require_email(email: str) -> None:
    try:
        EmailValidator()(email)
    except ValidationError as wrong:
        words = _("This is not an e-mail address we can write to. Check it; it looks like name@example.org.")
        raise Invalid(words, field="email") from wrong


def _why_closed(area: WaitingArea, opening: Opening) -> str:
    if opening.is_open:
        return ""
    if opening.why == "closed":
        return areas.words_when_closed(area)
    return {
        "none_taken": _("You cannot come by here without an appointment. Please book a time."),
        "hours": _("Nobody is here at this time. Come back when the waiting area is open, or book a time."),
    }[opening.why]
