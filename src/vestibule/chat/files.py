"""Files of a thread: they come in parts, are looked at once they are whole, and are kept in the database.

Who may send and who may read is the caller's to know; here a file belongs to whoever began to send it.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.db.models import Sum
from django.utils.translation import gettext as _

from vestibule.chat import scanning, verbs
from vestibule.chat.errors import NotTaken, ThreadFull, TooLarge, WrongOffset
from vestibule.chat.models import Attachment, AttachmentPart, Message, Thread
from vestibule.people.errors import Invalid, NotFound
from vestibule.store import clock, file_kinds, pictures
from vestibule.store.transactions import writing

State = Attachment.State
MOST_BYTES: Final = 25 * 1024 * 1024
PART_BYTES: Final = 256 * 1024
MOST_PARTS: Final = 2000
"""Of one file. Whole parts make a hundred; each is read on its own whenever the file is."""
MOST_EACH: Final = 60
MOST_THREAD: Final = 250 * 1024 * 1024
MOST_UNFINISHED: Final = 10
KEPT_UNFINISHED: Final = timedelta(days=1)
ACCEPT: Final = ",".join(f".{kind}" for kind in ("jpeg", *file_kinds.TYPES) if kind != "heic")
"""What a browser offers to choose. Without HEIC, telephones turn such pictures into JPEG by themselves."""
_COUNTED = (State.UPLOADING, State.CHECKING, State.READY)


def are_taken() -> bool:
    """Tell whether files may be sent at all: they are scanned, or need not be."""
    return scanning.scanner() is not None or not scanning.holds_unscanned()


def begin(business_id: int, thread_id: int, author: str, author_name: str, *, name: str, size: int) -> Attachment:
    """Announce a file of `size` bytes and return it; its `ref` is where the parts go.

    At most 25 MB each, 60 files and 250 MB a thread. Raises TooLarge, ThreadFull, Invalid naming `size`.
    """
    if size < 1:
        raise Invalid(_("This file is empty. Choose another one."), field="size")
    if size > MOST_BYTES:
        raise TooLarge(MOST_BYTES)
    with writing():
        Thread.objects.select_for_update().get(pk=thread_id)  # who announces at the same time waits
        known = Attachment.objects.filter(thread_id=thread_id)
        unfinished = known.filter(author=author, state=State.UPLOADING)
        if unfinished.count() >= MOST_UNFINISHED:
            unfinished.order_by("pk")[0].delete()
        counted = known.filter(state__in=_COUNTED)
        if counted.count() >= MOST_EACH or (counted.aggregate(all=Sum("size"))["all"] or 0) + size > MOST_THREAD:
            raise ThreadFull
        made: Attachment = Attachment.objects.create(
            business_id=business_id,
            thread_id=thread_id,
            author=author,
            author_name=author_name[:120],
            name=file_kinds.clean_name(name, "txt").removesuffix(".txt")[:150],
            size=size,
            created_at=clock.now(),
        )
        return made


def add_part(thread_id: int, author: str, ref: str, offset: int, content: bytes) -> int:
    """Add the bytes that follow on the first `offset` ones and return how many there are now.

    Raises NotFound, WrongOffset when so many are not there, or more; TooLarge for more than was announced, or more
    than 256 KB at once; Invalid for more than 2,000 parts.
    """
    with writing():
        file = _sending(thread_id, author, ref)
        if offset != file.received:
            raise WrongOffset(file.received)
        if len(content) > PART_BYTES or offset + len(content) > file.size:
            raise TooLarge(file.size)
        if content and file.parts.count() >= MOST_PARTS:
            raise Invalid(_("This file came in too many small parts. Send it again."), field="file")
        if content:
            AttachmentPart.objects.create(attachment=file, offset=offset, content=content)
            file.received += len(content)
            file.save(update_fields=["received"])
        return file.received


def standing(thread_id: int, author: str, ref: str) -> Attachment:
    """Return how far a file has come. Raises NotFound."""
    rows = Attachment.objects.filter(thread_id=thread_id, author=author, ref=ref)
    found: Attachment | None = rows.defer("content", "thumbnail").first()
    if found is None:
        raise _unknown()
    return found


def finish(
    thread_id: int, author: str, author_name: str, ref: str, *, client_id: str, text: str = "", shown_by: str = ""
) -> tuple[Message, bool]:
    """Put a file that is whole into the thread, where everybody sees that it is being checked.

    Returns the message and whether it is new; again: the same one. Raises NotFound, WrongOffset while bytes are
    missing, NotTaken for a kind that is not taken, which is then deleted; for the text as `verbs.post` does.
    """
    file = standing(thread_id, author, ref)
    if file.state != State.UPLOADING:
        return _sent(file), False
    if file.received != file.size:
        raise WrongOffset(file.received)
    kind = _taken_kind(file)
    with writing():
        current = Attachment.objects.select_for_update().get(pk=file.pk)
        if current.state != State.UPLOADING:
            return _sent(current), False
        current.name = file_kinds.clean_name(file.name, kind)
        current.media_type = file_kinds.TYPES[kind]
        current.state, current.finished_at = State.CHECKING, clock.now()
        message, is_new = verbs.post(
            thread_id, author, author_name, client_id, text, attachment=current, shown_by=shown_by
        )
        if message.attachment_id != current.pk:  # this `client_id` brought another one
            raise Invalid(_("This message was sent already."), field="client_id")
        current.save(update_fields=["name", "media_type", "state", "finished_at"])
        return message, is_new


def _taken_kind(file: Attachment) -> str:
    """Return what kind of file this is. Raises NotTaken for one that is not taken, which is deleted."""
    kind = _kind_of(file)
    if kind is None:
        file.delete()
        raise NotTaken
    return kind


def cancel(thread_id: int, author: str, ref: str) -> None:
    """Give up a file that is being sent; nothing of it is kept. Raises NotFound."""
    with writing():
        _sending(thread_id, author, ref).delete()


def ready(thread_id: int, ref: str) -> Attachment:
    """Return a file of the thread that may be handed out, without its content. Raises NotFound."""
    rows = Attachment.objects.filter(thread_id=thread_id, ref=ref, state=State.READY)
    found: Attachment | None = rows.defer("content", "thumbnail").first()
    if found is None:
        raise _unknown()
    return found


def pieces(file: Attachment) -> Iterator[bytes]:
    """Yield a file's bytes as it is handed out, in order: what was drawn anew, or the parts as they came."""
    if file.content is not None:
        yield bytes(file.content)
        return
    yield from parts(file)


def parts(file: Attachment) -> Iterator[bytes]:
    """Yield a file's bytes as they came, in order, one part in memory at a time."""
    for pk in list(file.parts.order_by("offset").values_list("pk", flat=True)):
        yield bytes(AttachmentPart.objects.values_list("content", flat=True).get(pk=pk))


def purge() -> int:
    """Delete files that were never sent whole, after a day; return how many."""
    with writing():
        old = Attachment.objects.filter(state=State.UPLOADING, created_at__lte=clock.now() - KEPT_UNFINISHED)
        count = old.count()
        old.delete()
        return count


def _sending(thread_id: int, author: str, ref: str) -> Attachment:
    rows = Attachment.objects.select_for_update().filter(thread_id=thread_id, author=author, ref=ref)
    found: Attachment | None = rows.filter(state=State.UPLOADING).first()
    if found is None:
        raise _unknown()
    return found


def _sent(file: Attachment) -> Message:
    found: Message | None = Message.objects.select_related("attachment").filter(attachment=file).first()
    if found is None:
        raise _unknown()
    return found


def _kind_of(file: Attachment) -> str | None:
    """Return what the file is by its content; a picture that nothing could unpack is refused here, by its header."""
    content = b"".join(parts(file))
    kind = file_kinds.kind_of(content)
    if kind in pictures.KINDS and not pictures.has_drawable_size(content):
        file.delete()
        words = _("This picture has too many pixels, so it was not sent. Send it in a smaller size.")
        raise Invalid(words, field="file")
    return kind


def _unknown() -> NotFound:
    return NotFound(_("There is no such file here. Load the page again."))
