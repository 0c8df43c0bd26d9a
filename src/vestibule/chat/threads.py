"""Threads that programs begin, change and end. Those of meetings begin and go with their meeting."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from vestibule.chat import events, members, participants, speaking
from vestibule.chat.listeners import Change, ChatChange, tell
from vestibule.chat.members import Newcomer
from vestibule.chat.models import Attachment, Member, Message, Notice, Thread
from vestibule.people import rates
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.store import clock
from vestibule.store.transactions import writing

LONGEST_TOPIC: Final = 250
RETENTION: Final = range(30, 91)
"""After how many days a thread may go."""
BEGINNINGS: Final = (10, 10)
SHOWN_DELETED: Final = timedelta(days=30)
"""How long a deleted thread stays in the lists of its members."""


@dataclass(frozen=True)
class Wish:
    """What a thread is to be; `client_id` names the request, so that the same one again begins no second thread."""

    topic: str
    people: Sequence[Newcomer] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    retention_days: int | None = None
    client_id: str = ""


def begin(business_id: int, by: Newcomer, wish: Wish) -> Thread:
    """Begin a thread with `by` and others in it, and return it; again with the same `client_id`: the same one.

    Raises Invalid for a topic, metadata, retention or number of people that cannot be; TooMany beyond ten threads in
    ten seconds.
    """
    people = {one.key: one for one in (by, *wish.people)}
    members.require_few_enough(len(wish.people), len(people))
    try:
        return _begun(business_id, by, wish) or _begin(business_id, by, wish, list(people.values()))
    except IntegrityError:  # the same request, at the same moment
        known = _begun(business_id, by, wish)
        if known is None:
            raise
        return known


def _begun(business_id: int, by: Newcomer, wish: Wish) -> Thread | None:
    mine = Thread.objects.filter(business_id=business_id, created_by=by.key, client_id=wish.client_id)
    return mine.first() if wish.client_id else None


def _begin(business_id: int, by: Newcomer, wish: Wish, people: list[Newcomer]) -> Thread:
    with writing():
        rates.limit("chat.threads", by.key, *BEGINNINGS)
        thread: Thread = Thread.objects.create(
            business_id=business_id,
            topic=_topic(wish.topic),
            metadata=speaking.require_metadata(wish.metadata),
            retention_days=_retention(wish.retention_days),
            created_by=by.key,
            client_id=wish.client_id,
        )
        joined = members.put_in(thread, by.key, people)
        members.note(thread, Notice.Kind.TOPIC, by.key, {"topic": thread.topic})
        _told(Change.THREAD_CREATED, thread, by.key, by.name, joined)
        return thread


def change(business_id: int, ref: str, key: str, **fields: Any) -> Thread:
    """Give a thread another `topic`, `metadata` or `retention_days` (None: it stays); return it.

    Raises NotPermitted for whoever is not in it, and for the retention of a meeting's; Invalid as `begin` does.
    """
    with speaking.writer(business_id, ref, key) as (thread, person):
        if thread.is_of_meeting and "retention_days" in fields:
            raise NotPermitted(_("How long the conversation of a visit is kept is for the business to say."))
        wanted = {name: _checked(name, value) for name, value in fields.items()}
        changed = {name: value for name, value in wanted.items() if getattr(thread, name) != value}
        if not changed:
            return thread
        for name, value in changed.items():
            setattr(thread, name, value)
        thread.save(update_fields=list(changed))
        if "topic" in changed:
            members.note(thread, Notice.Kind.TOPIC, key, {"topic": thread.topic})
        _told(Change.THREAD_UPDATED, thread, key, person.name)
        return thread


def delete(business_id: int, ref: str, key: str) -> None:
    """End a thread: nobody reads or writes in it any more. Raises NotPermitted, also for that of a meeting."""
    with speaking.writer(business_id, ref, key) as (thread, person):
        if thread.is_of_meeting:
            raise NotPermitted(_("This conversation belongs to a visit, and is deleted with it."))
        _end(thread, key, person.name)


def retire_due() -> int:
    """Delete threads whose days are over, with all that was said, a hundred at most; return how many."""
    due = _over()[:100]
    for thread in due:
        with writing():
            current = Thread.objects.select_for_update().get(pk=thread.pk)
            if current.deleted_at is not None:
                continue
            _end(current, current.created_by, "")
        _empty(thread)
    return len(due)


def purge() -> int:
    """Delete what was said in threads deleted a month ago, and the threads; return how many."""
    old, count = Thread.objects.filter(deleted_at__lte=clock.now() - SHOWN_DELETED), 0
    while gone := list(old.order_by("pk")[:50]):
        for thread in gone:
            _empty(thread)
            with writing():
                thread.delete()
        count += len(gone)
    return count


def _end(thread: Thread, by: str, name: str) -> None:
    thread.deleted_at = clock.now()
    thread.save(update_fields=["deleted_at"])
    _told(Change.THREAD_DELETED, thread, by, name)


def _empty(thread: Thread) -> None:
    while keys := list(Message.objects.filter(thread=thread).values_list("pk", flat=True)[:500]):
        with writing():
            Message.objects.filter(pk__in=keys).delete()
    with writing():
        Attachment.objects.filter(thread=thread).delete()
        thread.notices.all().delete()
        thread.marks.all().delete()


def _told(change: Change, thread: Thread, by: str, name: str, joined: Sequence[Member] = ()) -> None:
    events.of_thread(change, thread, by, joined)
    tell(ChatChange(change, thread, clock.now(), by, name, members=joined))


def _over() -> QuerySet[Thread]:
    """Return the threads whose days are over. The database compares, so that none is read that stays."""
    now = clock.now()
    over = Q()
    for days in RETENTION:
        over |= Q(retention_days=days, created_at__lte=now - timedelta(days=days))
    rows: QuerySet[Thread] = Thread.objects.filter(retention_days__isnull=False, deleted_at=None)
    return rows.filter(over, created_at__lte=now - timedelta(days=RETENTION.start)).order_by("pk")


def _checked(name: str, value: Any) -> Any:
    match name:
        case "topic":
            return _topic(value)
        case "metadata":
            return speaking.require_metadata(value)
        case "retention_days":
            return _retention(value)
    raise ValueError(f"{name} of a thread is not changed")


def _topic(given: str) -> str:
    topic = given.strip()
    if not topic or len(topic) > LONGEST_TOPIC:
        raise Invalid(_("A topic has one to %(most)s characters.") % {"most": LONGEST_TOPIC}, field="topic")
    return topic


def _retention(days: int | None) -> int | None:
    if days is not None and days not in RETENTION:
        words = _("A conversation is deleted after %(least)s to %(most)s days, or never.")
        raise Invalid(words % {"least": RETENTION.start, "most": RETENTION.stop - 1}, field="deleteThreadAfterDays")
    return days


def found(business_id: int, ref: str) -> Thread:
    """Return a thread of a business. Raises NotPermitted, as for one that is somebody else's."""
    thread: Thread | None = Thread.objects.filter(business_id=business_id, ref=ref).first()
    if thread is None:
        raise participants.refused()
    return thread
