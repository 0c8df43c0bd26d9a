"""Writing and reading in a thread. Who may do so is the caller's to know: a thread knows only opaque keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min, Q
from django.utils.translation import gettext as _

from vestibule.chat import events
from vestibule.chat.errors import MessageTooLong, NothingToSend, NotYours
from vestibule.chat.listeners import Change, ChatChange, tell
from vestibule.chat.models import Attachment, Message, Notice, ReadMark, Thread
from vestibule.people.errors import NotFound
from vestibule.store import clock, rows
from vestibule.store.transactions import writing

LENGTH = 4000
PAGE = 100
CHANGED_WITHIN = timedelta(minutes=15)


def post(
    thread_id: int,
    author: str,
    author_name: str,
    client_id: str,
    text: str,
    *,
    attachment: Attachment | None = None,
    shown_by: str = "",
) -> tuple[Message, bool]:
    """Add a message and return it, and whether it is new: a repeated `client_id` of one author is stored once.

    `author` is an opaque key (40 characters at most). The author has read up to the own message. One with an
    `attachment` may have no text. `shown_by` is as in ChatChange. Raises NothingToSend or MessageTooLong (4,000
    characters).
    """
    words = _clean(text, required=attachment is None)
    with writing():
        thread = Thread.objects.select_for_update().get(pk=thread_id)
        known = thread.messages.filter(author=author, client_id=client_id).select_related("attachment").first()
        if known is not None:
            return known, False
        message = add(thread, author, author_name, client_id, text=words, attachment=attachment, shown_by=shown_by)
        _mark(thread, author, message.seq)
        return message, True


def add(thread: Thread, author: str, author_name: str, client_id: str, *, shown_by: str = "", **fields: Any) -> Message:
    """Give a locked thread one more message, and tell of it; `fields` are those of Message, checked."""
    now = clock.now()
    stamp = next_stamp(thread, now)
    thread.last_seq += 1
    rows.update(thread, "last_seq", "last_position", "last_stamp")
    message = Message(
        thread=thread,
        seq=thread.last_seq,
        stamp=stamp,
        version=stamp,
        position=thread.last_position,
        author=author,
        author_name=author_name[:120],
        client_id=client_id,
        at=now,
        **fields,
    )
    rows.insert([message])
    _told(Change.MESSAGE, thread, message, author, author_name, shown_by)
    return message


def next_stamp(thread: Thread, now: datetime) -> int:
    """Count one more message or notice of a locked thread and return its stamp; the thread must be stored."""
    thread.last_position += 1
    thread.last_stamp = max(thread.last_stamp + 1, clock.to_milliseconds(now))
    return thread.last_stamp


def edit(thread_id: int, author: str, number: int, text: str, *, shown_by: str = "") -> tuple[Message, bool]:
    """Give an own message other words, within 15 minutes; return it, and whether anything changed.

    Raises NotFound, NotYours, and for the words as `post` does.
    """
    with writing():
        message = _own(thread_id, author, number)
        words = _clean(text, required=message.attachment_id is None)
        if message.text == words:
            return message, False
        change(message, author, shown_by=shown_by, text=words)
        return message, True


def delete(
    thread_id: int, author: str, number: int, *, any_message: bool = False, shown_by: str = ""
) -> tuple[Message, bool]:
    """Take back an own message within 15 minutes, or with `any_message` whichever and whenever, with its file.

    It keeps its number. Returns it and whether it was still there. Raises NotFound, NotYours.
    """
    with writing():
        found = _found(thread_id, number)
        if found.deleted_at is not None:
            return found, False
        message = found if any_message else _own(thread_id, author, number)
        take_back(message, author, shown_by=shown_by)
        return message, True


def change(message: Message, by: str, *, shown_by: str = "", **fields: Any) -> None:
    """Give a locked message (with its thread) other fields, checked, and tell of it."""
    for name, value in fields.items():
        setattr(message, name, value)
    _changed(message, "edited_at", *fields)
    _told(Change.EDITED, message.thread, message, by, message.author_name, shown_by)


def file_decided(message: Message, *, shown_by: str = "") -> None:
    """Tell that the file of a message was looked into: whoever shows the message shows it anew."""
    with writing():
        message.version = max(message.version + 1, clock.to_milliseconds(clock.now()))
        message.save(update_fields=["version"])
        tell(
            ChatChange(
                Change.EDITED,
                message.thread,
                clock.now(),
                message.author,
                message.author_name,
                message,
                shown_by=shown_by,
            )
        )


def take_back(message: Message, by: str, *, shown_by: str = "") -> None:
    """Delete what a locked message (with its thread) says, with its file, and tell of it."""
    file, message.attachment = message.attachment, None
    message.text, message.metadata = "", {}
    _changed(message, "deleted_at", "text", "metadata", "attachment")
    if file is not None:
        file.delete()
    _told(Change.DELETED, message.thread, message, by, message.author_name, shown_by)


def history(
    thread_id: int, *, before: int | None = None, after: int = 0, limit: int = 50
) -> tuple[Sequence[Message], bool]:
    """Return the latest messages, oldest first, and whether older ones exist.

    `before` asks for those with a smaller number; none up to number `after` are among them. `limit` is 1 to 100.
    """
    found = Message.objects.filter(thread_id=thread_id, seq__gt=after).select_related("attachment")
    found = found.defer("attachment__content", "attachment__thumbnail")
    if before is not None:
        found = found.filter(seq__lt=before)
    count = max(1, min(limit, PAGE))
    latest = list(found.order_by("-seq")[: count + 1])
    return latest[:count][::-1], len(latest) > count


def last_before(thread_id: int, author: str, came: datetime) -> int:
    """Return the number of the last message before somebody took part: came in at `came`, or wrote earlier; or 0."""
    wrote = Message.objects.filter(thread_id=thread_id, author=author).aggregate(first=Min("at"))["first"]
    since = min(came, wrote) if wrote is not None else came
    found = Message.objects.filter(thread_id=thread_id, at__lt=since).aggregate(last=Max("seq"))["last"]
    return found or 0


def mark_read(thread_id: int, reader: str, number: int, *, name: str = "", shown_by: str = "") -> int:
    """Note that `reader` has read up to message `number` and return the mark; it never goes back or past the end."""
    with writing():
        thread = Thread.objects.select_for_update().get(pk=thread_id)
        mark, has_moved = _mark(thread, reader, min(number, thread.last_seq))
        message = thread.messages.filter(seq=mark).first() if has_moved else None
        if message is not None:
            tell(ChatChange(Change.READ, thread, clock.now(), reader, name, message, shown_by=shown_by))
        return mark


def show_typing(thread: Thread, key: str, name: str, *, shown_by: str = "") -> None:
    """Tell that somebody writes; nothing of it is stored."""
    tell(ChatChange(Change.TYPING, thread, clock.now(), key, name, shown_by=shown_by))


def read_mark(thread_id: int, reader: str) -> int:
    """Return the number of the last message `reader` has read; 0 for none."""
    return read_marks(thread_id).get(reader, 0)


def read_marks(thread_id: int) -> Mapping[str, int]:
    """Return how far each reader has read, by key."""
    return dict(ReadMark.objects.filter(thread_id=thread_id).values_list("reader", "seq"))


def unread(thread_id: int, reader: str, *, after: int = 0) -> int:
    """Return how many messages of others after number `after` `reader` has not read; those taken back do not count."""
    later = Message.objects.filter(thread_id=thread_id, seq__gt=max(after, read_mark(thread_id, reader)))
    return later.filter(deleted_at__isnull=True).exclude(author=reader).count()


def forget(business_id: int, before: datetime) -> int:
    """Delete a business' messages from before `before`, with their files; return how many. The numbers go on.

    Notices from then go with the last of them.
    """
    old = Message.objects.filter(thread__business_id=business_id, at__lt=before)
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:500])
    if not keys:
        notices = Notice.objects.filter(thread__business_id=business_id, at__lt=before)
        if notices.exists():
            with writing():
                notices.delete()
        return 0
    with writing():
        files = Q(message__in=keys)
        Attachment.objects.filter(files).delete()
        return Message.objects.filter(pk__in=keys).delete()[0]


def _clean(text: str, *, required: bool) -> str:
    clean = text.replace("\0", "").strip()
    if required and not clean:
        raise NothingToSend
    if len(clean) > LENGTH:
        raise MessageTooLong(LENGTH)
    return clean


def _found(thread_id: int, number: int) -> Message:
    found = Message.objects.select_for_update(of=("self",)).filter(thread_id=thread_id, seq=number)
    message: Message | None = found.select_related("attachment", "thread").defer("attachment__content").first()
    if message is None:
        raise NotFound(_("There is no such message here. Load the page again."))
    return message


def _own(thread_id: int, author: str, number: int) -> Message:
    message = _found(thread_id, number)
    is_fresh = clock.now() - message.at <= CHANGED_WITHIN
    if message.author != author or message.deleted_at is not None or not is_fresh:
        raise NotYours(int(CHANGED_WITHIN.total_seconds()) // 60)
    return message


def _changed(message: Message, when: str, *names: str) -> None:
    now = clock.now()
    setattr(message, when, now)
    message.version = max(message.version + 1, clock.to_milliseconds(now))
    message.save(update_fields=[when, "version", *names])


def _told(kind: Change, thread: Thread, message: Message, by: str, name: str, shown_by: str) -> None:
    events.of_message(kind, thread, message)
    tell(ChatChange(kind, thread, clock.now(), by, name, message, shown_by=shown_by))


def _mark(thread: Thread, reader: str, number: int) -> tuple[int, bool]:
    """Return how far `reader` has read, and whether that is further than before."""
    mark, made = ReadMark.objects.get_or_create(
        thread=thread, reader=reader, defaults={"seq": number, "at": clock.now()}
    )
    if made or mark.seq >= number:
        return mark.seq, made and number > 0
    moved = ReadMark.objects.filter(pk=mark.pk, seq__lt=number).update(seq=number, at=clock.now())
    mark.refresh_from_db(fields=["seq"])
    return mark.seq, bool(moved)
