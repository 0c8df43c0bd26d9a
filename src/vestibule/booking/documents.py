"""Files that belong to appointments: answers to questions, and what either side sends later. Kept in the database."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import quote
from zipfile import BadZipFile, ZipFile

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from vestibule.booking import access, status
from vestibule.booking.models import Appointment, Document
from vestibule.people import audit
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import Business
from vestibule.people.permissions import PUBLIC, Actor, ActorKind
from vestibule.store import clock
from vestibule.store.transactions import writing

MOST_BYTES = 10 * 1024 * 1024
MOST_EACH = 10
KEPT_UNTIED = timedelta(days=1)
MOST_UNTIED = 500 * 1024 * 1024  # of one business: anybody may send a file with a booking that is never made
PER_DAY = 40  # sent by one network address without a link: all of them together fit into the above
MOST_PARTS = 2000
NAME_LENGTH = 120
TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "heic": "image/heic",
    "txt": "text/plain; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
}
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1")
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
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", document.name)
    return {
        "Content-Type": document.media_type,
        "Content-Length": str(document.size),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(document.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


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
    kind = _kind(content)
    if kind is None:
        words = _(
            "This kind of file is not taken. Send a PDF, a picture, a text, or a document of Word or LibreOffice."
        )
        raise Invalid(words, field="file")
    return Document(
        business=business,
        ref=secrets.token_urlsafe(18),
        question=question,
        name=clean_name(name, kind),
        media_type=TYPES[kind],
        size=len(content),
        content=content,
        created_at=clock.now(),
    )


def clean_name(given: str, kind: str) -> str:
    """Return the file's name without path, controls or turning characters, ending in what it is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given[:1000]))[-1]
    shown = "".join(one for one in last if unicodedata.category(one)[0] != "C" and one not in '<>:"|?*')
    stem, _dot, ending = " ".join(shown.split()).strip(". ").rpartition(".")
    known = {kind, {"jpg": "jpeg"}.get(kind, kind), {"heic": "heif"}.get(kind, kind)}
    if not stem or ending.lower() not in known:
        stem = f"{stem}.{ending}" if stem else ending
    return f"{stem[:NAME_LENGTH].strip('. ') or 'document'}.{kind}"


def _kind(content: bytes) -> str | None:
    """Return what `content` is by its first bytes, as a file ending; None for what is not taken."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        return "heic"
    if content.startswith(b"PK\x03\x04"):
        return _kind_of_package(content)
    return "txt" if _is_text(content) else None


def _kind_of_package(content: bytes) -> str | None:
    """Return "docx" or "odt"; packages that hold macros are not taken. Nothing but the list of names is unpacked,
    and that only where it is short: a list of 10 MB takes the server seconds and much memory to read.
    """
    if content.count(b"PK\x01\x02") > MOST_PARTS:
        return None
    try:
        with ZipFile(BytesIO(content)) as package:
            names = set(package.namelist())
    except (BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    if any("vbaproject" in name.lower() or name.startswith("Basic/") for name in names):
        return None
    if {"[Content_Types].xml", "word/document.xml"} <= names:
        return "docx"
    is_odt = content[30:38] == b"mimetype" and content[38:77] == b"application/vnd.oasis.opendocument.text"
    return "odt" if is_odt else None


def _is_text(content: bytes) -> bool:
    """Tell whether `content` is plain text in UTF-8; what a browser might take for a page or a drawing is not."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return _NO_TEXT.search(text) is None and not text.lstrip().startswith("<")


def _require_asked(appointment: Appointment, question: str) -> None:
    asked = {one["id"] for one in appointment.service.questions if one["type"] == "file"}
    if question and question not in asked:
        raise Invalid(_("There is no such question. Load the page again."), field="question")
