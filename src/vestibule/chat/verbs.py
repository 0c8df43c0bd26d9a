"""Writing and reading in a thread. Who may do so is the caller's to know: a thread knows only opaque keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Max, Min, Q
from django.utils.translation import gettext as _

from vestibule.chat.errors import MessageTooLong, NothingToSend, NotYours
from vestibule.chat.models import Attachment, Message, ReadMark, Thread
from vestibule.people.errors import NotFound
from vestibule.store import clock
from vestibule.store.transactions import writing

LENGTH = 4000
PAGE = 100
CHANGED_WITHIN = timedelta(minutes=15)


def post(
    thread_id: int, author: str, author_name: str, client_id: str, text: str, *, attachment: Attachment | None = None
) -> tuple[Message, bool]:
    """Add a message and return it, and whether it is new: a repeated `client_id` of one author is stored once.

    `author` is an opaque key (40 characters at most). The author has read up to the own message. One with an
    `attachment` may have no text. Raises NothingToSend or MessageTooLong (4,000 characters).
    """
    words = _clean(text, required=attachment is None)
    with writing():
        thread = Thread.objects.select_for_update().get(pk=thread_id)
        known = thread.messages.filter(author=author, client_id=client_id).select_related("attachment").first()
        if known is not None:
            return known, False
        thread.last_seq += 1
        thread.save(update_fields=["last_seq"])
        message = Message.objects.create(
            thread=thread,
            seq=thread.last_seq,
            author=author,
            author_name=author_name[:120],
            client_id=client_id,
            text=words,
            attachment=attachment,
            at=clock.now(),
        )
        _mark(thread, author, message.seq)
        return message, True


def edit(thread_id: int, author: str, number: int, text: str) -> tuple[Message, bool]:
    """Give an own message other words, within 15 minutes; return it, and whether anything changed.

    Raises NotFound, NotYours, and for the words as `post` does.
    """
    with writing():
        message = _own(thread_id, author, number)
        words = _clean(text, required=message.attachment_id is None)
        if message.text == words:
            return message, False
        message.text, message.edited_at = words, clock.now()
        message.save(update_fields=["text", "edited_at"])
        return message, True


def delete(thread_id: int, author: str, number: int, *, any_message: bool = False) -> tuple[Message, bool]:
    """Take back an own message within 15 minutes, or with `any_message` whichever and whenever, with its file.

    It keeps its number. Returns it and whether it was still there. Raises NotFound, NotYours.
    """
    with writing():
        found = _found(thread_id, number)
        if found.deleted_at is not None:
            return found, False
        message = found if any_message else _own(thread_id, author, number)
        file, message.attachment = message.attachment, None
        message.text, message.deleted_at = "", clock.now()
        message.save(update_fields=["text", "deleted_at", "attachment"])
        if file is not None:
            file.delete()
        return message, True


def history(
    thread_id: int, *, before: int | None = None, after: int = 0, limit: int = 50
) -> tuple[Sequence[Message], bool]:
    """Return the latest messages, oldest first, and whether older ones exist.

    `before` asks for those with a smaller number; none up to number `after` are among them. `limit` is 1 to 100.
    """
    rows = Message.objects.filter(thread_id=thread_id, seq__gt=after).select_related("attachment")
    rows = rows.defer("attachment__content", "attachment__thumbnail")
    if before is not None:
        rows = rows.filter(seq__lt=before)
    count = max(1, min(limit, PAGE))
    latest = list(rows.order_by("-seq")[: count + 1])
    return latest[:count][::-1], len(latest) > count


def last_before(thread_id: int, author: str, came: datetime) -> int:
    """Return the number of the last message before somebody took part: came in at `came`, or wrote earlier; or 0."""
    wrote = Message.objects.filter(thread_id=thread_id, author=author).aggregate(first=Min("at"))["first"]
    since = min(came, wrote) if wrote is not None else came
    found = Message.objects.filter(thread_id=thread_id, at__lt=since).aggregate(last=Max("seq"))["last"]
    return found or 0


def mark_read(thread_id: int, reader: str, number: int) -> int:
    """Note that `reader` has read up to message `number` and return the mark; it never goes back or past the end."""
    with writing():
        thread = Thread.objects.select_for_update().get(pk=thread_id)
        return _mark(thread, reader, min(number, thread.last_seq))


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
    """Delete a business' messages from before `before`, with their files; return how many. The numbers go on."""
    old = Message.objects.filter(thread__business_id=business_id, at__lt=before)
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:500])
    if not keys:
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
    rows = Message.objects.select_for_update(of=("self",)).filter(thread_id=thread_id, seq=number)
    message: Message | None = rows.select_related("attachment").defer("attachment__content").first()
    if message is None:
        raise NotFound(_("There is no such message here. Load the page again."))
    return message


def _own(thread_id: int, author: str, number: int) -> Message:
    message = _found(thread_id, number)
    is_fresh = clock.now() - message.at <= CHANGED_WITHIN
    if message.author != author or message.deleted_at is not None or not is_fresh:
        raise NotYours(int(CHANGED_WITHIN.total_seconds()) // 60)
    return message


def _mark(thread: Thread, reader: str, number: int) -> int:
    mark, made = ReadMark.objects.get_or_create(
        thread=thread, reader=reader, defaults={"seq": number, "at": clock.now()}
    )
    if made or mark.seq >= number:
        return mark.seq
    ReadMark.objects.filter(pk=mark.pk, seq__lt=number).update(seq=number, at=clock.now())
    mark.refresh_from_db(fields=["seq"])
    return mark.seq
