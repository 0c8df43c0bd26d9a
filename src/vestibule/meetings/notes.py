"""Notes about a visit: each provider's own, for staff alone, and what the consumer is sent afterwards."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from vestibule.chat.models import Attachment
from vestibule.meetings.access import host_name, hosted_meeting
from vestibule.meetings.errors import ChangedElsewhere
from vestibule.meetings.models import Meeting, VisitNote
from vestibule.people import audit
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.transactions import writing

LONGEST = 20_000
MOST_FILES = 10
Kind = VisitNote.Kind


def write(
    actor: Actor, meeting_ref: str, text: str, *, seen: datetime | None = None, kind: str = Kind.PRIVATE
) -> VisitNote:
    """Keep what the actor writes about a meeting they host, in place of what they wrote before, and return the note.

    A private note is never shown to consumers; one for the consumer stays a draft until it is sent. `seen` is when
    what is changed was written. Raises ChangedElsewhere if another page has written since. Raises Invalid for more
    than 20,000 characters, NotFound, NotPermitted.
    """
    words = _clean(text)
    with writing():
        meeting = hosted_meeting(actor, meeting_ref)
        note = _own(actor, meeting, kind)
        if note is None:
            note = VisitNote.objects.create(
                business_id=meeting.business_id,
                meeting=meeting,
                kind=kind,
                author_id=_author(actor),
                author_name=host_name(actor)[:120],
                text=words,
            )
            audit.record(actor, meeting.business_id, f"note.{kind}_written", "meeting", meeting.ref)
        elif note.text != words:
            if seen is not None and note.updated_at > seen:
                raise ChangedElsewhere
            note.text, note.updated_at = words, clock.now()
            note.save(update_fields=["text", "updated_at"])
        return note


def own(actor: Actor, meeting_ref: str, kind: str = Kind.PRIVATE) -> VisitNote | None:
    """Return what the actor wrote about a meeting they host and has not sent, if anything."""
    with writing():
        return _own(actor, hosted_meeting(actor, meeting_ref), kind)


def of_colleagues(actor: Actor, meeting_ref: str) -> list[VisitNote]:
    """Return the private notes others of the staff wrote about a meeting the actor hosts, oldest first."""
    with writing():
        meeting = hosted_meeting(actor, meeting_ref)
    others = VisitNote.objects.filter(meeting=meeting, kind=Kind.PRIVATE).exclude(author_id=_author(actor))
    return list(others.exclude(text=""))


def send(actor: Actor, meeting_ref: str, text: str, files: Sequence[str] = ()) -> VisitNote:
    """Make what the actor wrote readable for the consumer, with files of the meeting's thread, and return the note.

    What was sent is not changed any more; another one may follow. Telling the consumer is the caller's, in the same
    transaction. Raises Invalid for an empty text or unknown or too many files, and as `write`.
    """
    if not text.strip():
        raise Invalid(_("There is nothing to send yet. Write what they should know."), field="text")
    if len(files) > MOST_FILES:
        raise Invalid(_("A message takes at most ten files. Leave some out."), field="files")
    with writing():
        note = write(actor, meeting_ref, text, kind=Kind.AFTER_VISIT)
        thread = Attachment.objects.filter(thread_id=note.meeting.thread_id, ref__in=files)
        attached = list(thread.exclude(state__in=(Attachment.State.REFUSED, Attachment.State.QUARANTINED)))
        if len(attached) != len(set(files)):
            raise Invalid(
                _("One of the files is not there any more, so nothing was sent. Choose again."), field="files"
            )
        note.attachments.set(attached)
        note.sent_at = clock.now()
        note.save(update_fields=["sent_at"])
        audit.record(actor, note.business_id, "note.sent", "meeting", note.meeting.ref, files=len(attached))
        return note


def sent(meeting: Meeting) -> list[VisitNote]:
    """Return what the consumer of a meeting was sent, latest first: theirs to read, and nothing else is."""
    rows = VisitNote.objects.filter(meeting=meeting, kind=Kind.AFTER_VISIT, sent_at__isnull=False)
    return list(rows.prefetch_related("attachments").order_by("-sent_at"))


def sent_one(meeting: Meeting, ref: str) -> VisitNote:
    """Return one of the notes the consumer of a meeting was sent. Raises NotFound for every other one."""
    found = next((note for note in sent(meeting) if note.ref == ref), None)
    if found is None:
        raise NotFound(_("There is no such message here. Load the page again."))
    return found


def _own(actor: Actor, meeting: Meeting, kind: str) -> VisitNote | None:
    rows = VisitNote.objects.select_for_update().filter(meeting=meeting, kind=kind, sent_at__isnull=True)
    found: VisitNote | None = rows.filter(author_id=_author(actor)).last()
    return found


def _author(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotPermitted(_("Only somebody who is signed in can write notes."))
    return actor.user_id


def _clean(text: str) -> str:
    words = text.replace("\0", "").replace("\r\n", "\n").strip()
    if len(words) > LONGEST:
        raise Invalid(_("This note is longer than 20,000 characters, so it was not kept. Shorten it."), field="text")
    return words
