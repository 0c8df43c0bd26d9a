"""Files that belong to appointments: answers to questions, and what either side sends later. Kept in the database."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from vestibule.booking import access, status
from vestibule.booking.models import Appointment, Document
from vestibule.people import audit
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import Business
from vestibule.people.permissions import PUBLIC, Actor, ActorKind
from vestibule.store import clock, file_kinds
from vestibule.store.transactions import writing

MOST_BYTES = 10 * 1024 * 1024
MOST_EACH = 10
KEPT_UNTIED = timedelta(days=1)
MOST_UNTIED = 500 * 1024 * 1024  # of one business: anybody may send a file with a booking that is never made
PER_DAY = 40  # sent by one network address without a link: all of them together fit into the above
TAKEN = frozenset({"pdf", "png", "jpg", "webp", "heic", "txt", "docx", "odt"})
_OVER = (Appointment.Status.CANCELLED,)


def add(
    actor: Actor, appointment: Appointment, *, name: str, media_type: str, content: bytes, question: str = ""
) -> Document:
    """Add a file to an appointment the actor may change. At most 10 MB each, ten an appointment.

    What it is, its first bytes say: PDF, PNG, JPEG, WebP, HEIC, text, DOCX and ODT are taken; `media_type` is only
    what the sender claims. Raises Invalid naming `file`, AlreadyCancelled.
    """
    made = _checked(appointment.business, name, content, question)
    with writing():
        current = access.locked(actor, appointment)
        if current.status in _OVER:
            status.require(current, Appointment.Status.COMPLETED)
        _require_asked(current, question)
        if current.documents.count() >= MOST_EACH:
            raise Invalid(_full(), field="file")
        made.appointment = current
        made.from_staff = actor.kind is not ActorKind.CONSUMER
        made.save()
        access.record(actor, current, "document_added", document=made.ref, size=made.size)
    return made


def keep(business: Business, *, name: str, media_type: str, content: bytes, question: str = "") -> Document:
    """Keep a file that answers a question of a booking that is not made yet, for a day; its `ref` is the answer.

    Raises as `add`.
    """
    made = _checked(business, name, content, question)
    with writing():
        kept = Document.objects.filter(business=business, appointment__isnull=True).aggregate(all=Sum("size"))["all"]
        if (kept or 0) + made.size > MOST_UNTIED:
            words = _("Too many files are being sent just now. Book without the file, and add it afterwards.")
            raise Invalid(words, field="file")
        made.save()
        audit.record(PUBLIC, business.pk, "document.kept", "document", made.ref, size=made.size)
    return made


def tie(appointment: Appointment, answers: Mapping[str, Any]) -> None:
    """Give the files named in `answers` (by the id of their question) to `appointment`. Inside its transaction.

    Raises Invalid naming `answers.<id>` for a file that is not there, or is another appointment's, and for one that
    takes the place of another where there are ten already.
    """
    asked = sum(question["type"] == "file" for question in appointment.service.questions)
    for question in appointment.service.questions:
        if question["type"] != "file" or question["id"] not in answers:
            continue
        own = Document.objects.filter(business_id=appointment.business_id, ref=answers[question["id"]])
        if own.filter(appointment__isnull=True).update(appointment=appointment, question=question["id"]):
            if appointment.documents.count() > max(MOST_EACH, asked):
                raise Invalid(_full(), field=f"answers.{question['id']}")
            continue
        if not own.filter(appointment=appointment).exists():
            words = _("This file is not here any more. Choose it again.")
            raise Invalid(words, field=f"answers.{question['id']}")


def listed(actor: Actor, appointment: Appointment) -> list[Document]:
    """Return the files of an appointment the actor may see, without their content."""
    return list(visible_to(actor).filter(appointment_id=appointment.pk))


def visible_to(actor: Actor) -> QuerySet[Document]:
    """Return the files of all appointments the actor may see, without their content (a query set)."""
    seen = Appointment.objects.visible_to(actor)
    return Document.objects.filter(appointment__in=seen).select_related("appointment").defer("content")


def open(actor: Actor, ref: str) -> Document:
    """Return a file with its content and note in the audit trail who read it. Raises NotFound."""
    with writing():
        found = _found(actor, ref)
        audit.record(actor, found.business_id, "document.read", "document", found.ref)
    return found


def headers(document: Document) -> dict[str, str]:
    """Return the headers a file is served with: always as a download, never sniffed, never able to run anything."""
    return file_kinds.download_headers(document.name, document.media_type, document.size)


def remove(actor: Actor, document: Document) -> None:
    """Delete a file: staff any, consumers the ones they sent. Raises NotFound, NotPermitted."""
    with writing():
        found = _found(actor, document.ref)
        assert found.appointment is not None
        current = access.locked(actor, found.appointment)
        if actor.kind is ActorKind.CONSUMER and found.from_staff:
            raise NotPermitted(_("This file was sent by the business, so it stays. Ask us if it should not be here."))
        found.delete()
        if current.answers.get(found.question) == found.ref:
            current.answers = {key: answer for key, answer in current.answers.items() if key != found.question}
            current.save(update_fields=["answers"])
        access.record(actor, current, "document_removed", document=found.ref)


def purge() -> int:
    """Delete files kept for bookings that were never made, after a day; return how many."""
    with writing():
        old = Document.objects.filter(appointment__isnull=True, created_at__lte=clock.now() - KEPT_UNTIED)
        return old.delete()[0]


def _found(actor: Actor, ref: str) -> Document:
    seen = Appointment.objects.visible_to(actor)
    rows = Document.objects.filter(appointment__in=seen, ref=ref).select_related("appointment")
    found: Document | None = rows.first()
    if found is None:
        raise NotFound(_("There is no such file here. Load the page again."))
    return found


def _full() -> str:
    return _("An appointment takes at most ten files. Take one away first.")


def _checked(business: Business, name: str, content: bytes, question: str) -> Document:
    if not content:
        raise Invalid(_("This file is empty. Choose another one."), field="file")
    if len(content) > MOST_BYTES:
        raise Invalid(_("This file is larger than 10 MB. Send a smaller one, or several parts."), field="file")
    kind = file_kinds.kind_of(content)
    if kind is None or kind not in TAKEN:
        words = _(
            "This kind of file is not taken. Send a PDF, a picture, a text, or a document of Word or LibreOffice."
        )
        raise Invalid(words, field="file")
    return Document(
        business=business,
        ref=secrets.token_urlsafe(18),
        question=question,
        name=file_kinds.clean_name(name, kind),
        media_type=file_kinds.TYPES[kind],
        size=len(content),
        content=content,
        created_at=clock.now(),
    )


def _require_asked(appointment: Appointment, question: str) -> None:
    asked = {one["id"] for one in appointment.service.questions if one["type"] == "file"}
    if question and question not in asked:
        raise Invalid(_("There is no such question. Load the page again."), field="question")
