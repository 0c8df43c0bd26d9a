"""The door of a meeting that many come to by one link, or by its number: who comes there, and what they are told.

The link opens no seat. Whoever has it says who they are and gets a seat of their own, with a link of its own; they
wait until somebody lets them in. It ends with the meeting, and when that is taken away.
"""

import hashlib
import hmac
from collections.abc import Sequence

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from vestibule.meetings import names, rooms, visit_rules
from vestibule.meetings.models import TURNED_AWAY, Meeting, OnlineMeeting, Participant
from vestibule.people import audit, links, rates
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import CapabilityLink
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store import clock
from vestibule.store.transactions import writing

MOST_SEATS = 250
AT_ONCE = 500
COMINGS, WITHIN_SECONDS = 20, 600
LONGEST_NUMBER = 18
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz"
_SUBJECT = "meeting:"
Purpose = CapabilityLink.Purpose


def open_for(meeting: Meeting) -> None:
    """Make the link of a new meeting. Call it inside the writing block."""
    links.issue(
        business_id=meeting.business_id,
        purpose=Purpose.VISIT,
        role=Participant.Role.CONSUMER,
        subject=_SUBJECT + meeting.ref,
        expires_at=meeting.closes_at,
    )


def follow(meeting: Meeting) -> None:
    """Let link and seats end when the meeting does by now."""
    _live(meeting).update(expires_at=meeting.closes_at)


def shut(meeting: Meeting) -> None:
    """Let link and seats open nothing any more."""
    _live(meeting).update(revoked_at=clock.now())


def address_of(meeting: Meeting) -> str:
    """Return the link by which people come to the door of a meeting; "" if it has none."""
    return addresses_of([meeting]).get(meeting.ref, "")


def addresses_of(meetings: Sequence[Meeting]) -> dict[str, str]:
    """Return the links by which people come to the doors of meetings, by reference; those without one are left out."""
    found = {}
    for first in range(0, len(meetings), AT_ONCE):
        subjects = [_SUBJECT + one.ref for one in meetings[first : first + AT_ONCE]]
        live = CapabilityLink.objects.filter(subject__in=subjects, revoked_at__isnull=True, purpose=Purpose.VISIT)
        for link in live.order_by("pk"):
            found[link.subject.removeprefix(_SUBJECT)] = f"{settings.PUBLIC_URL}/visit?v={links.token(link)}"
    return found


def passcode_of(row: OnlineMeeting) -> str:
    """Return what opens the door with the meeting's number, 8 characters; "" where the number is enough."""
    if not row.needs_passcode:
        return ""
    said = f"vestibule.passcode:{row.nonce}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).digest()
    return "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:8])


def ref_of(link: CapabilityLink) -> str:
    """Return the reference of the meeting whose door a link opens; "" for a link that opens anything else."""
    is_door = link.purpose == Purpose.VISIT and link.subject.startswith(_SUBJECT)
    return link.subject.removeprefix(_SUBJECT) if is_door else ""


def meeting_of(link: CapabilityLink) -> Meeting | None:
    """Return the meeting whose door a link opens; None for a link that opens anything else."""
    ref = ref_of(link)
    mine = Meeting.objects.filter(business_id=link.business_id, ref=ref).select_related("business")
    return mine.first() if ref else None


def link_by_number(number: str, passcode: str) -> CapabilityLink | None:
    """Return the link of the meeting with that number; None if there is none, it is over, or the passcode is wrong.

    Whoever calls counts how often somebody tries.
    """
    if not is_number(number):
        return None
    rows = OnlineMeeting.objects.filter(meeting__number=int(number)).exclude(meeting__state=Meeting.State.CANCELLED)
    row = rows.select_related("meeting").first()
    if row is None or (row.needs_passcode and not _is_same(passcode, passcode_of(row))):
        return None
    live = CapabilityLink.objects.filter(subject=_SUBJECT + row.meeting.ref, revoked_at__isnull=True)
    return live.filter(expires_at__gt=clock.now()).select_related("business").order_by("-pk").first()


def is_number(given: str) -> bool:
    """Tell whether `given` may be the number of a meeting."""
    return given.isascii() and given.isdecimal() and len(given) <= LONGEST_NUMBER


def come_in(link: CapabilityLink, name: str, *, who: str, seat_ref: str = "") -> CapabilityLink:
    """Give somebody at the door a seat of their own and return the link to it; they still wait to be let in.

    `who` is whom to count (`rates.client_key`), `seat_ref` the seat this browser has already, if any: in the same
    meeting it is kept. Raises NotFound once the link ended, Invalid for the name or a full meeting, TooMany.
    """
    meeting = meeting_of(link)
    is_gone = meeting is None or meeting.state == Meeting.State.CANCELLED
    if meeting is None or is_gone or link.expires_at <= clock.now() or link.revoked_at is not None:
        raise NotFound(_("This meeting is over, or its link is no longer valid. Ask whoever sent it to you."))
    known = _own_link(meeting, seat_ref)
    if known is not None:
        return known
    shown = names.of_guest(name, meeting.business_id)
    rates.limit_others("meeting.door", who, COMINGS, WITHIN_SECONDS)
    with writing():
        meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
        if meeting.participants.count() >= MOST_SEATS:
            raise Invalid(_("This meeting is full, so you cannot join it now. Ask whoever holds it."))
        return _seated(meeting, shown)


def _seated(meeting: Meeting, name: str) -> CapabilityLink:
    role = visit_rules.consumer_role(visit_rules.of(meeting.business_id))
    seat = Participant.objects.create(meeting=meeting, kind=Participant.Kind.CONSUMER, role=role, name=name)
    own = links.issue(
        business_id=meeting.business_id,
        purpose=Purpose.VISIT,
        role=seat.role,
        subject=seat.ref,
        expires_at=meeting.closes_at,
    )
    actor = Actor(ActorKind.PUBLIC, "guest", meeting.business_id)
    audit.record(actor, meeting.business_id, "meeting.came", "meeting", meeting.ref, participant=seat.ref)
    rooms.come_again(seat.ref)
    return own


def text_message(kind: str, *, name: str, when: str, link: str) -> str:
    """Return what a text message about a meeting says, in the language now active.

    `kind` is confirmation, reschedule, cancellation or reminder. Raises KeyError for any other.
    """
    said = {
        "confirmation": _("%(name)s: your visit is on %(when)s. Join here: %(link)s"),
        "reschedule": _("%(name)s: your visit was moved to %(when)s. Join here: %(link)s"),
        "cancellation": _("%(name)s: your visit on %(when)s was cancelled."),
        "reminder": _("%(name)s: your visit begins on %(when)s. Join here: %(link)s"),
    }
    return said[kind] % {"name": name, "when": when, "link": link}


def title_for(name: str) -> str:
    """Return what a meeting is called that nobody gave a title, by the name of who holds it."""
    return _("Meeting with %(name)s") % {"name": name}


def _own_link(meeting: Meeting, seat_ref: str) -> CapabilityLink | None:
    mine = meeting.participants.filter(ref=seat_ref).exclude(state__in=TURNED_AWAY)
    if not seat_ref or not mine.exists():
        return None
    live = CapabilityLink.objects.filter(subject=seat_ref, purpose=Purpose.VISIT, revoked_at__isnull=True)
    return live.order_by("-pk").first()


def _live(meeting: Meeting) -> models.QuerySet[CapabilityLink]:
    refs = [_SUBJECT + meeting.ref, *meeting.participants.values_list("ref", flat=True)]
    live: models.QuerySet[CapabilityLink] = CapabilityLink.objects.filter(
        subject__in=refs, purpose=Purpose.VISIT, revoked_at__isnull=True
    )
    return live


def _is_same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(), known.encode())
