"""Writing and reading in a thread. Who may do so is the caller's to know: a thread knows only opaque keys."""

from collections.abc import Sequence

from vestibule.chat.errors import MessageTooLong, NothingToSend
from vestibule.chat.models import Message, ReadMark, Thread
from vestibule.store import clock
from vestibule.store.transactions import writing

LENGTH = 4000
PAGE = 100


def post(thread_id: int, author: str, author_name: str, client_id: str, text: str) -> tuple[Message, bool]:
    """Add a message and return it, and whether it is new: a repeated `client_id` of one author is stored once.

    `author` is an opaque key (40 characters at most). The author has read up to the own message.
    Raises NothingToSend or MessageTooLong (4,000 characters).
    """
    clean = text.replace("\0", "").strip()
    if not clean:
        raise NothingToSend
    if len(clean) > LENGTH:
        raise MessageTooLong(LENGTH)
    with writing():
        thread = Thread.objects.select_for_update().get(pk=thread_id)
        known = thread.messages.filter(author=author, client_id=client_id).first()
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
            text=clean,
            at=clock.now(),
        )
        _mark(thread, author, message.seq)
        return message, True


def history(thread_id: int, *, before: int | None = None, limit: int = 50) -> tuple[Sequence[Message], bool]:
    """Return the latest messages, oldest first, and whether older ones exist.

    `before` asks for those with a smaller number; `limit` is 1 to 100.
    """
    rows = Message.objects.filter(thread_id=thread_id)
    if before is not None:
        rows = rows.filter(seq__lt=before)
    count = max(1, min(limit, PAGE))
    latest = list(rows.order_by("-seq")[: count + 1])
    return latest[:count][::-1], len(latest) > count


def mark_read(thread_id: int, reader: str, number: int) -> int:
    """Note that `reader` has read up to message `number` and return the mark; it never goes back or past the end."""
    with writing():
        thread = Thread.objects.select_for_update().get(pk=thread_id)
        return _mark(thread, reader, min(number, thread.last_seq))


def read_mark(thread_id: int, reader: str) -> int:
    """Return the number of the last message `reader` has read; 0 for none."""
    found = ReadMark.objects.filter(thread_id=thread_id, reader=reader).values_list("seq", flat=True).first()
    return found or 0


def unread(thread_id: int, reader: str) -> int:
    """Return how many messages of others `reader` has not read."""
    later = Message.objects.filter(thread_id=thread_id, seq__gt=read_mark(thread_id, reader))
    return later.exclude(author=reader).count()


def _mark(thread: Thread, reader: str, number: int) -> int:
    mark, made = ReadMark.objects.get_or_create(
        thread=thread, reader=reader, defaults={"seq": number, "at": clock.now()}
    )
    if made or mark.seq >= number:
        return mark.seq
    ReadMark.objects.filter(pk=mark.pk, seq__lt=number).update(seq=number, at=clock.now())
    mark.refresh_from_db(fields=["seq"])
    return mark.seq
