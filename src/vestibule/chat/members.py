"""Who a program adds to a thread and removes from it, and the notices of that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from vestibule.chat import events, participants, speaking, verbs
from vestibule.chat.listeners import Change, ChatChange, tell
from vestibule.chat.models import Member, Notice, Thread
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.store import clock, rows
from vestibule.store.transactions import writing

MOST: Final = 250
"""People in one thread."""
MOST_AT_ONCE: Final = 200


@dataclass(frozen=True)
class Newcomer:
    """Somebody to be added: what was said before `shared_from` is not theirs to read; None: before they came."""

    key: str
    name: str = ""
    shared_from: datetime | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def add(business_id: int, ref: str, by: str, people: Sequence[Newcomer]) -> list[Member]:
    """Add people to a thread and return those who came; of who is in it already the name and share may change.

    Nobody shares more of what was said than they may read themselves. Raises NotPermitted for `by` who is not in the
    thread, and for that of a meeting, whose people staff let in; Invalid beyond 250 people or 200 at once.
    """
    with speaking.writer(business_id, ref, by) as (thread, person):
        if thread.is_of_meeting:
            raise NotPermitted(_("Who is in a visit is let in by staff. Nobody was added."))
        return _joined(thread, by, person.name, [_within(one, person.from_stamp) for one in people])


def add_to_meeting(thread: Thread, people: Sequence[Newcomer]) -> tuple[Thread, list[Member]]:
    """Add people to the thread of a meeting, at the word of the business itself; return it, and who came.

    Raises Invalid beyond 250 people or 200 at once.
    """
    with writing():
        locked: Thread = Thread.objects.select_for_update().get(pk=thread.pk)
        return locked, _joined(locked, "", "", people)


def remove(business_id: int, ref: str, by: str, key: str) -> bool:
    """Take somebody out of a thread, who reads on only what was said until then; tell whether they were in it.

    Also while nobody may write in it: whoever is in it may always leave.

    Raises NotPermitted for `by` who is not in the thread, and for people of a meeting, whom staff take out.
    """
    with speaking.present(business_id, ref, by) as (thread, person):
        row: Member | None = thread.members.filter(key=key, removed_at=None).first()
        if row is None:
            if key in participants.keys(thread):
                raise NotPermitted(_("Who is in a visit is taken out by staff."))
            return False
        _take_out(thread, by, person.name, row)
        return True


def remove_from_meeting(thread: Thread, key: str) -> bool:
    """Take out of a meeting's thread whom a program added, at the word of the business; tell whether they were in."""
    with writing():
        locked: Thread = Thread.objects.select_for_update().get(pk=thread.pk)
        row: Member | None = locked.members.filter(key=key, removed_at=None).first()
        if row is not None:
            _take_out(locked, "", "", row)
        return row is not None


def _take_out(thread: Thread, by: str, name: str, row: Member) -> None:
    notice = note(thread, Notice.Kind.REMOVED, by, {"members": [_shown(row)]})
    row.removed_at, row.until_stamp = notice.at, notice.stamp
    row.save(update_fields=["removed_at", "until_stamp"])
    events.of_thread(Change.MEMBERS_REMOVED, thread, by, [row])
    tell(ChatChange(Change.MEMBERS_REMOVED, thread, clock.now(), by, name, members=[row]))


def put_in(thread: Thread, by: str, people: Sequence[Newcomer]) -> list[Member]:
    """Make people members of a locked thread, with one notice; return those who were none before."""
    known = {row.key: row for row in thread.members.filter(key__in=[one.key for one in people])}
    came = [one for one in people if one.key not in known or known[one.key].removed_at is not None]
    for one in people:
        if one not in came:
            _adjust(known[one.key], one)
    if not came:
        return []
    notice = note(thread, Notice.Kind.ADDED, by, {"members": []})
    joined = [_joining(known.get(one.key), thread, one, notice) for one in came]
    rows.insert([row for row in joined if row.key not in known])
    for row in joined:
        if row.key in known:
            row.save()
    notice.facts = {"members": [_shown(row) for row in joined]}
    rows.update(notice, "facts")
    return joined


def note(thread: Thread, kind: Notice.Kind, by: str, facts: dict[str, Any]) -> Notice:
    """Put a notice into a locked thread."""
    now = clock.now()
    stamp = verbs.next_stamp(thread, now)
    rows.update(thread, "last_position", "last_stamp")
    notice = Notice(thread=thread, kind=kind, stamp=stamp, position=thread.last_position, by=by, facts=facts, at=now)
    rows.insert([notice])
    return notice


def require_few_enough(at_once: int, in_all: int) -> None:
    """Raise Invalid for more than 200 people at once, or 250 in a thread."""
    if at_once > MOST_AT_ONCE:
        words = _("At most %(most)s people are added at once. Nobody was.")
        raise Invalid(words % {"most": MOST_AT_ONCE}, field="participants")
    if in_all > MOST:
        words = _("A conversation has at most %(most)s people. Nobody was added.")
        raise Invalid(words % {"most": MOST}, field="participants")


def _joined(thread: Thread, by: str, name: str, people: Sequence[Newcomer]) -> list[Member]:
    now_in = {one.key for one in participants.of(thread)}
    require_few_enough(len(people), len(now_in | {one.key for one in people}))
    joined = put_in(thread, by, people)
    if joined:
        events.of_thread(Change.MEMBERS_ADDED, thread, by, joined)
        tell(ChatChange(Change.MEMBERS_ADDED, thread, clock.now(), by, name, members=joined))
    return joined


def _within(one: Newcomer, from_stamp: int) -> Newcomer:
    """Return somebody to be added by a person who reads from `from_stamp` on: earlier is not that person's to share."""
    if one.shared_from is None or clock.to_milliseconds(one.shared_from) >= from_stamp:
        return one
    return replace(one, shared_from=clock.from_milliseconds(from_stamp))


def _joining(row: Member | None, thread: Thread, one: Newcomer, notice: Notice) -> Member:
    member = row if row is not None else Member(thread=thread, key=one.key)
    member.name = one.name[:120] or member.name
    member.metadata = speaking.require_metadata(one.metadata) or member.metadata
    member.from_stamp = notice.stamp if one.shared_from is None else max(0, clock.to_milliseconds(one.shared_from))
    member.joined_at, member.removed_at, member.until_stamp = notice.at, None, None
    return member


def _adjust(row: Member, one: Newcomer) -> None:
    row.name = one.name[:120] or row.name
    row.metadata = speaking.require_metadata(one.metadata) or row.metadata
    if one.shared_from is not None:
        row.from_stamp = min(
            row.from_stamp, max(0, clock.to_milliseconds(one.shared_from))
        )  # nobody loses what is theirs
    row.save(update_fields=["name", "metadata", "from_stamp"])


def _shown(row: Member) -> dict[str, Any]:
    return {"key": row.key, "name": row.name, "from_stamp": row.from_stamp}
