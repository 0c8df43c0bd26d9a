"""A copy of a meeting's thread at the vendor whose room it is in, for businesses that want one; what is written there.

Ours is the thread: the copy follows it, message by message, and goes when ours would be forgotten. It is brought to
what is said here by looking at both: nothing is said twice and nothing is lost, whatever fails in between.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils.module_loading import import_string

from vestibule.chat import verbs as chat
from vestibule.chat.errors import MessageTooLong, NothingToSend
from vestibule.chat.models import Message
from vestibule.chat.ports import OutsideThreads, SaidOutside, ThreadError
from vestibule.meetings import talking
from vestibule.meetings.access import OVER
from vestibule.meetings.models import OutsidePlace, OutsideThread
from vestibule.meetings.outside_events import who
from vestibule.meetings.outside_tokens import SEAT
from vestibule.meetings.waiting import was_in
from vestibule.people import outside_accounts
from vestibule.people.errors import Refusal
from vestibule.people.models import Business
from vestibule.people.ports import NotConnected
from vestibule.store import clock
from vestibule.store.transactions import writing

log = logging.getLogger(__name__)
ACCOUNT, WANTED = "acs", "keeps_chat"
FROM_THERE = "outside:"
"""In front of the vendor's name of a message: how we know it again."""
MOST_AT_ONCE = 10
MOST_ENDED = 50
"""Copies of one business that are deleted in one turn, so that the others' do not wait for them."""
LEASE = timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=10)
Json = dict[str, Any]


def mirror_due() -> int:
    """Bring every copy that is behind to what is said here; return how many were. For a thread of its own."""
    now, count = clock.now(), 0
    places = OutsidePlace.objects.filter(kind=OutsidePlace.Kind.ACS_ROOM, is_wanted=True).exclude(made={})
    open_now = places.filter(meeting__opens_at__lte=now, meeting__closes_at__gt=now).exclude(meeting__state__in=OVER)
    for business_id in _businesses_of(open_now):
        access = _access(business_id)
        if access.get(WANTED):
            for place in list(open_now.filter(business_id=business_id).select_related("meeting__thread", "business")):
                count += _brought(place, access)
    return count


def forget_due() -> int:
    """Delete copies of what the business keeps no longer, or no longer wants to keep there; return how many."""
    kept, count = dict(talking.kept_since()), 0
    over = OutsideThread.objects.filter(deleted_at=None, meeting__state__in=OVER, next_at__lte=clock.now())
    for business_id in _businesses_of(over):
        access, rows = _access(business_id), over.filter(business_id=business_id).select_related("meeting")
        if access.get(WANTED):
            rows = rows.annotate(end=Coalesce("meeting__ended_at", "meeting__closes_at"))
            rows = rows.filter(end__lte=kept[business_id])
        count += sum(_ended(row, access) for row in list(rows[:MOST_ENDED]))
    return count


def _businesses_of(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by("business_id").values_list("business_id", flat=True).distinct())


def take(business: Business, said: SaidOutside) -> Message | None:
    """Put what somebody wrote in the copy into our thread, once; None for what is ours, a stranger's or not to be read.

    Whoever may not write here at the moment may not write by that way either.
    """
    rows = OutsideThread.objects.filter(business=business, external_id=said.thread, deleted_at=None)
    row = rows.select_related("meeting").first() if said.thread else None
    if row is None or said.identity == row.speaker:
        return None
    seat = who(row.meeting, said.identity)
    if seat is None:
        return None
    try:
        talker = talking.in_call(seat.ref)
        talker.require_turn()
        message, is_new = chat.post(talker.thread_id, talker.key, talker.name, f"{FROM_THERE}{said.id}"[:40], said.text)
    except (Refusal, NothingToSend, MessageTooLong):
        return None
    return message if is_new else None


def _brought(place: OutsidePlace, access: Mapping[str, str]) -> int:
    row = _row(place)
    if row.deleted_at is not None or row.next_at > clock.now():
        return 0
    people, pending = _people(place), _pending(row)
    is_behind = not row.external_id or sorted(people) != sorted(row.people) or bool(pending)
    if not is_behind or not _claimed(row):
        return 0
    with _kept_in_step(row, access) as threads:
        _begin(threads, row, place.meeting.title)
        _put_out(threads, row, people)
        _catch_up(threads, row, pending)
        if len(pending) <= MOST_AT_ONCE:  # who comes later is not shown what was said before
            _invite(threads, row, people)
    return 1


def _row(place: OutsidePlace) -> OutsideThread:
    row: OutsideThread | None = OutsideThread.objects.filter(meeting=place.meeting).first()
    if row is None:
        with writing():
            row, _is_new = OutsideThread.objects.get_or_create(
                meeting=place.meeting, defaults={"business_id": place.business_id, "kind": ACCOUNT}
            )
    row.meeting = place.meeting
    return row


def _claimed(row: OutsideThread) -> bool:
    """Take a row, so that no other worker says the same meanwhile; it is free again once that is over, or lasts."""
    now = clock.now()
    with writing():
        is_mine = OutsideThread.objects.filter(pk=row.pk, next_at=row.next_at).update(next_at=now + LEASE)
    if is_mine:
        row.refresh_from_db(fields=["said", "people", "speaker", "external_id", "attempts", "deleted_at"])
    return bool(is_mine) and row.deleted_at is None


@contextmanager
def _kept_in_step(row: OutsideThread, access: Mapping[str, str]) -> Iterator[OutsideThreads]:
    """Do what a claimed row needs, and write down how that went."""
    try:
        threads = _opened(access)
        try:
            yield threads
        finally:
            threads.close()
    except ThreadError as failure:
        _later(row, failure)
    else:
        _save(row, attempts=0, problem="", next_at=clock.now())


def _begin(threads: OutsideThreads, row: OutsideThread, topic: str) -> None:
    """Begin the thread, each step written down, so that the next try goes on from there."""
    if not row.speaker:
        _save(row, speaker=threads.speaker())
    if not row.external_id:
        _save(row, external_id=threads.begin(row.speaker, topic))


def _put_out(threads: OutsideThreads, row: OutsideThread, people: Mapping[str, str]) -> None:
    if former := [one for one in row.people if one not in people]:
        threads.people(row.speaker, row.external_id, {}, former)
        _save(row, people=[one for one in row.people if one in people])


def _invite(threads: OutsideThreads, row: OutsideThread, people: Mapping[str, str]) -> None:
    if fresh := {one: name for one, name in people.items() if one not in row.people}:
        threads.people(row.speaker, row.external_id, fresh, ())
        _save(row, people=sorted(people))


def _catch_up(threads: OutsideThreads, row: OutsideThread, pending: list[Message]) -> None:
    if row.attempts:  # what was said while the answer was lost is not said again
        for number, name in threads.said(row.speaker, row.external_id).items():
            row.said.setdefault(str(number), [name, "?"])
    for message in pending[:MOST_AT_ONCE]:
        name, stamp = row.said.get(str(message.seq), ["", ""])
        now = _stamp(message)
        text = message.words if message.deleted_at is None else ""
        if not name and text:
            name = threads.say(row.speaker, row.external_id, message.seq, message.author_name, text)
        elif name and stamp != now:
            threads.change(row.speaker, row.external_id, name, text)
        _save(row, said={**row.said, str(message.seq): [name, now]})


def _pending(row: OutsideThread) -> list[Message]:
    """Return the messages that the copy does not have as they are, oldest first; none that came from there."""
    rows = Message.objects.filter(thread_id=row.meeting.thread_id).exclude(client_id__startswith=FROM_THERE)
    found = rows.defer("attachment").order_by("seq")
    return [one for one in found if row.said.get(str(one.seq), ["", ""])[1] != _stamp(one)]


def _stamp(message: Message) -> str:
    """Return what tells a message as it is from what it was before."""
    if message.deleted_at is not None:
        return "deleted"
    return message.edited_at.isoformat() if message.edited_at is not None else "said"


def _people(place: OutsidePlace) -> dict[str, str]:
    """Return who takes part: whom staff let in, by their identity in the room."""
    details = place.made.get("details", {})
    seats = {one.ref: one for one in place.meeting.participants.all()}
    found = {}
    for name, identity in details.items():
        seat = seats.get(name.removeprefix(SEAT)) if name.startswith(SEAT) else None
        if seat is not None and was_in(seat):
            found[str(identity)] = seat.name
    return found


def _ended(row: OutsideThread, access: Mapping[str, str]) -> bool:
    if not _claimed(row):
        return False
    if access and row.speaker:
        with _kept_in_step(row, access) as threads:
            threads.end(row.speaker, row.external_id)
        if row.problem:
            return False
    _save(row, deleted_at=clock.now(), said={}, people=[])
    return True


def _later(row: OutsideThread, failure: ThreadError) -> None:
    log.warning("the copy of a conversation is behind, which is tried again: %s", failure)
    pause = max(FIRST_PAUSE * 2 ** min(row.attempts, 10), timedelta(seconds=failure.wait))
    at = clock.now() + min(pause, LONGEST_PAUSE)
    _save(row, attempts=row.attempts + 1, next_at=at, problem=str(failure)[:300])


def _save(row: OutsideThread, **fields: Any) -> None:
    with writing():
        for name, value in fields.items():
            setattr(row, name, value)
        row.save(update_fields=list(fields))


def _access(business_id: int) -> dict[str, str]:
    with suppress(NotConnected):
        return outside_accounts.access_for(business_id, ACCOUNT)
    return {}


def _opened(access: Mapping[str, str]) -> OutsideThreads:
    opened = import_string(settings.OUTSIDE_THREADS[ACCOUNT]).opened
    return cast(OutsideThreads, opened(access, tuple(settings.CONFIGURATION.items("GATEWAY_HOSTS"))))
