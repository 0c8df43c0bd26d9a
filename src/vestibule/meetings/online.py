"""Meetings that programs have made for a member of staff, changed and taken away; `online_door` is where people come.

What is refused here is read by whoever writes programs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.chat.models import Thread
from vestibule.meetings import online_door, outcome, outside, waiting
from vestibule.meetings.access import OVER
from vestibule.meetings.models import Meeting, OnlineMeeting, Participant
from vestibule.meetings.planning import CLOSES_AFTER, OPENS_BEFORE
from vestibule.people import audit, links
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import CapabilityLink, Provider
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.store import clock, rows
from vestibule.store.transactions import writing

LONGEST = timedelta(days=30)
FURTHEST = timedelta(days=1100)
MOST_ATTENDEES = 200
MOST_OPEN = 2000
"""Meetings ahead for one person, as Teams has them in a month."""
PRESENTERS = frozenset({"presenter", "coorganizer"})
Purpose = CapabilityLink.Purpose


@dataclass(frozen=True)
class Attendee:
    """Somebody who takes part: by address; `role` is attendee, presenter, coorganizer or producer."""

    upn: str
    role: str = "attendee"


@dataclass(frozen=True)
class Wish:
    """What a meeting is to be; None leaves as it is what there is. `start` and `end` (aware) come together."""

    title: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    needs_passcode: bool | None = None
    attendees: Sequence[Attendee] | None = None


def make(actor: Actor, organizer: Provider, wish: Wish, *, external_id: str = "") -> tuple[OnlineMeeting, bool]:
    """Return a meeting of `organizer` and whether it is new: by `external_id` there is one, however often it is asked.

    Without times it begins now and lasts an hour. Raises Invalid naming the field, NotPermitted, NotFound.
    """
    _permit(actor, organizer)
    if len(external_id) > 256:
        raise Invalid(_("The name of a meeting has at most 256 characters."), field="externalId")
    start, end = _times(wish) or (clock.now(), clock.now() + timedelta(hours=1))
    with writing():
        Provider.objects.select_for_update().get(pk=organizer.pk)
        known = _all().filter(organizer=organizer, external_id=external_id).first() if external_id else None
        if known is not None:
            return known, False
        _require_room(organizer)
        row = _store(organizer, wish, start, end, external_id)
        audit.record(
            actor, organizer.business_id, "meeting.made", "meeting", row.meeting.ref, summary=row.meeting.title
        )
    return row, True


def find(actor: Actor, organizer: Provider, ref: str) -> OnlineMeeting:
    """Return one meeting of `organizer`. Raises NotFound."""
    theirs = _all().visible_to(actor).filter(organizer=organizer)
    found = theirs.filter(meeting__ref=ref).first() if ref.isprintable() else None
    if found is None:
        raise NotFound(_("There is no such meeting of this person."))
    row: OnlineMeeting = found
    return row


def by_address(actor: Actor, organizer: Provider, address: str) -> OnlineMeeting | None:
    """Return the meeting of `organizer` to which a link leads; None for any other link."""
    link = links.resolve(address.rpartition("v=")[2], Purpose.VISIT, even_if_expired=True)
    ref = online_door.ref_of(link) if link is not None and link.business_id == organizer.business_id else ""
    if not ref:
        return None
    found: OnlineMeeting | None = _all().visible_to(actor).filter(organizer=organizer, meeting__ref=ref).first()
    return found


def by_number(actor: Actor, organizer: Provider, number: str) -> OnlineMeeting | None:
    """Return the meeting of `organizer` with that number; None if there is none."""
    if not online_door.is_number(number):
        return None
    rows_ = _all().visible_to(actor).filter(organizer=organizer, meeting__number=int(number))
    found: OnlineMeeting | None = rows_.first()
    return found


def change(actor: Actor, row: OnlineMeeting, wish: Wish) -> OnlineMeeting:
    """Bring a meeting to what is wished, and return it. Raises Invalid naming the field, NotPermitted."""
    _permit(actor, row.organizer)
    times = _times(wish)
    with writing():
        row = _all().select_for_update(of=("self",)).get(pk=row.pk)
        meeting = Meeting.objects.select_for_update().get(pk=row.meeting_id)
        if wish.title is not None:
            meeting.title = _title(wish.title, row.organizer)
        if times is not None:
            _move(meeting, *times)
        meeting.save(update_fields=["title", "starts_at", "ends_at", "opens_at", "closes_at", "state"])
        if wish.needs_passcode is not None:
            row.needs_passcode = wish.needs_passcode
        row.meeting = meeting
        if wish.attendees is not None:
            row.attendees = _seat_staff(row, wish.attendees)
        row.save(update_fields=["needs_passcode", "attendees"])
        outside.changed(meeting)
        audit.record(actor, row.business_id, "meeting.changed", "meeting", meeting.ref, summary=meeting.title)
    return row


def remove(actor: Actor, row: OnlineMeeting) -> None:
    """Take a meeting away for good: its link and number open nothing any more, and nobody can come in."""
    _permit(actor, row.organizer)
    with writing():
        meeting = Meeting.objects.select_for_update().get(pk=row.meeting_id)
        if meeting.state not in OVER:
            waiting.close(meeting, by=actor.label)
        meeting.state = Meeting.State.CANCELLED
        meeting.save(update_fields=["state"])
        outside.cancelled(meeting)
        online_door.shut(meeting)
        OnlineMeeting.objects.filter(pk=row.pk).delete()
        audit.record(actor, row.business_id, "meeting.deleted", "meeting", meeting.ref, summary=meeting.title)


# --- what the verbs share ------------------------------------------------------------------------------------------


def _all() -> Any:
    return OnlineMeeting.objects.select_related("meeting__business", "organizer__business")


def _permit(actor: Actor, organizer: Provider) -> None:
    actor.require(Permission.CHANGE_APPOINTMENTS)
    if actor.kind is not ActorKind.SYSTEM and actor.business_id != organizer.business_id:
        raise NotFound(_("There is no such provider in your business."))


def _store(organizer: Provider, wish: Wish, start: datetime, end: datetime, external_id: str) -> OnlineMeeting:
    (thread,) = rows.insert([Thread(business_id=organizer.business_id)])
    meeting = Meeting.objects.create(
        business=organizer.business,
        thread=thread,
        kind=Meeting.Kind.ROOM,
        title=_title(wish.title or "", organizer),
        starts_at=start,
        ends_at=end,
        opens_at=start - OPENS_BEFORE,
        closes_at=end + CLOSES_AFTER,
    )
    row: OnlineMeeting = OnlineMeeting.objects.create(
        business=organizer.business,
        meeting=meeting,
        organizer=organizer,
        external_id=external_id,
        needs_passcode=wish.needs_passcode is not False,
    )
    row.attendees = _seat_staff(row, wish.attendees or ())
    row.save(update_fields=["attendees"])
    online_door.open_for(meeting)
    return row


def _seat_staff(row: OnlineMeeting, attendees: Sequence[Attendee]) -> list[Mapping[str, str]]:
    """Give whoever of the business is named a seat, and take it from whoever is not any more; return all as kept."""
    if len(attendees) > MOST_ATTENDEES:
        raise Invalid(_("A meeting has at most 200 attendees."), field="participants")
    roles = {one.upn.strip().casefold(): one.role for one in attendees}
    theirs = Provider.objects.filter(business_id=row.business_id, is_active=True).exclude(pk=row.organizer_id)
    named = [one for one in theirs.exclude(email="") if one.email.casefold() in roles]
    seats = {row.organizer_id: (row.organizer, Participant.Role.PRESENTER)}
    for one in named:
        is_presenter = roles[one.email.casefold()] in PRESENTERS
        seats[one.pk] = (one, Participant.Role.PRESENTER if is_presenter else Participant.Role.COLLABORATOR)
    there = row.meeting.participants.filter(kind=Participant.Kind.PROVIDER)
    before = {one["upn"].casefold() for one in row.attendees}
    gone = [one.pk for one in theirs if one.pk not in seats and one.email.casefold() in before]
    there.filter(provider_id__in=gone).delete()  # whom staff brought in themselves stay
    for key, (_one, role) in seats.items():
        there.filter(provider_id=key).exclude(role=role).update(role=role)
    known = set(there.values_list("provider_id", flat=True))
    Participant.objects.bulk_create(
        Participant(meeting=row.meeting, kind=Participant.Kind.PROVIDER, role=role, name=one.name[:120], provider=one)
        for key, (one, role) in seats.items()
        if key not in known
    )
    return [{"upn": one.upn.strip()[:254], "role": one.role} for one in attendees]


def _move(meeting: Meeting, start: datetime, end: datetime) -> None:
    meeting.starts_at, meeting.ends_at = start, end
    meeting.opens_at, meeting.closes_at = start - OPENS_BEFORE, end + CLOSES_AFTER
    begins_anew = not meeting.opens_at <= clock.now() < meeting.closes_at
    if begins_anew and meeting.state == Meeting.State.LIVE:
        meeting.state = Meeting.State.PLANNED
    outcome.moved(meeting, begins_anew=begins_anew)
    online_door.follow(meeting)


def _times(wish: Wish) -> tuple[datetime, datetime] | None:
    if wish.start is None and wish.end is None:
        return None
    if wish.start is None or wish.end is None:
        words = _("Start and end of a meeting come together. Give both.")
        raise Invalid(words, field="startDateTime" if wish.start is None else "endDateTime")
    start, end = wish.start.astimezone(UTC), wish.end.astimezone(UTC)
    if not timedelta(0) < end - start <= LONGEST:
        raise Invalid(_("A meeting ends after it begins, and within 30 days."), field="endDateTime")
    if start - clock.now() > FURTHEST:
        raise Invalid(_("This is too far away: a meeting is at most three years from now."), field="startDateTime")
    return start, end


def _title(given: str, organizer: Provider) -> str:
    shown = " ".join("".join(sign for sign in given if sign.isprintable() or sign.isspace()).split())
    with translation.override(organizer.business.language):
        return (shown or online_door.title_for(organizer.name))[:160]


def _require_room(organizer: Provider) -> None:
    ahead = OnlineMeeting.objects.filter(organizer=organizer, meeting__closes_at__gt=clock.now())
    if ahead.count() >= MOST_OPEN:
        raise Invalid(_("This person has 2,000 meetings ahead. Delete those that are not wanted any more."))
