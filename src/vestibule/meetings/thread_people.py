"""Who of a meeting is in its thread: whom staff let in, staff who came themselves, and whom a program added."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from vestibule.chat import members
from vestibule.chat.members import Newcomer
from vestibule.chat.models import Member, Thread
from vestibule.chat.participants import Person
from vestibule.meetings import talking, visit_rules
from vestibule.meetings.access import require_host
from vestibule.meetings.models import Meeting, Participant, VisitRules
from vestibule.meetings.waiting import is_staff, was_in
from vestibule.people import audit, identities
from vestibule.people.errors import NotFound
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.transactions import writing


class ThreadPeople:
    """A `chat.participants.Source`."""

    def of(self, thread: Thread) -> Sequence[Person]:
        """Return who of the meeting that `thread` belongs to is in it."""
        seats = Participant.objects.filter(meeting__thread=thread).select_related("meeting").order_by("pk")
        let_in = [seat for seat in seats if was_in(seat)]
        rules = visit_rules.of(thread.business_id)
        return [_person(seat, rules) for seat in let_in]

    def threads_of(self, key: str) -> Sequence[int]:
        """Return the threads of meetings in which `key`, an identity's, has a seat and was let in."""
        seats = Participant.objects.filter(identity_key=key).select_related("meeting")
        return [seat.meeting.thread_id for seat in seats if was_in(seat)]

    def is_open(self, thread: Thread) -> bool:
        """Tell whether anybody may write in the thread of a meeting: as staff may, who may longest of all people."""
        meeting = Meeting.objects.filter(thread=thread).first()
        return meeting is None or talking.is_open(meeting)  # nobody closed what belongs to none any more


def add(actor: Actor, meeting: Meeting, people: Sequence[Newcomer]) -> Thread:
    """Add identities of a program to the thread of a meeting that `actor` found, and return it.

    Raises Invalid beyond 250 people or 200 at once.
    """
    with writing():
        thread, joined = members.add_to_meeting(meeting.thread, people)
        if joined:
            audit.record(
                actor, meeting.business_id, "meeting.chat_people_added", "meeting", meeting.ref, number=len(joined)
            )
        return thread


def remove(actor: Actor, meeting: Meeting, key: str) -> None:
    """Take an identity that a program added out of the thread of a meeting that `actor` found."""
    with writing():
        if members.remove_from_meeting(meeting.thread, key):
            audit.record(actor, meeting.business_id, "meeting.chat_people_removed", "meeting", meeting.ref)


def take_out(actor: Actor, meeting_ref: str, member_id: int) -> str:
    """Take whom a program added out of the thread of a meeting, as staff who may host it; return their name, or "".

    Nothing said from now on reaches them, on whatever way. Again: nothing changes. Raises NotFound, NotPermitted.
    """
    meeting = _hosted(actor, meeting_ref)
    row: Member | None = meeting.thread.members.filter(pk=member_id).first()
    if row is None:
        raise NotFound(_("There is no such visit or person here. Load the page again to see who is waiting."))
    remove(actor, meeting, row.key)
    return row.name


def added(actor: Actor, meeting_ref: str) -> list[Member]:
    """Return whom a program added, as `through_programs`, to staff who may host the meeting.

    Raises NotFound, NotPermitted.
    """
    meeting = _hosted(actor, meeting_ref)
    return _through_programs(meeting.business_id, meeting.thread_id)


def through_programs(business_id: int, thread_id: int) -> list[str]:
    """Return the names, "" for none, of whom a program added to the thread of a meeting: people see them nowhere else.

    Whoever also has a seat and was let in is shown as its person, and is none of them.
    """
    return [row.name for row in _through_programs(business_id, thread_id)]


def _through_programs(business_id: int, thread_id: int) -> list[Member]:
    rows = {row.key: row for row in Member.objects.filter(thread_id=thread_id, removed_at=None).order_by("pk")}
    if not rows:
        return []
    seats = Participant.objects.filter(meeting__thread=thread_id, identity_key__in=rows).select_related("meeting")
    shown = {seat.identity_key for seat in seats if was_in(seat)}
    alive = identities.alive(business_id, rows)
    return [row for key, row in rows.items() if key in alive and key not in shown]


def _hosted(actor: Actor, meeting_ref: str) -> Meeting:
    meeting: Meeting | None = Meeting.objects.select_related("thread").filter(ref=meeting_ref).first()
    if meeting is None:
        raise NotFound(_("There is no such visit here. Load the page again."))
    require_host(actor, meeting)
    return meeting


def _person(seat: Participant, rules: VisitRules) -> Person:
    came = seat.admitted_at or clock.now()
    hides = rules.history == VisitRules.History.SINCE_JOINING and not is_staff(seat)
    return Person(
        key=seat.identity_key or seat.ref,
        name=seat.name,
        from_stamp=clock.to_milliseconds(came) if hides else 0,
        joined_at=came,
        also=seat.ref if seat.identity_key else "",
    )
