"""Files that belong to appointments: answers to questions, and what either side sends later. Kept in the database."""

from collections.abc import Sequence

from vestibule.booking.models import Appointment, Document
from vestibule.people.models import Business
from vestibule.people.permissions import Actor

MOST_BYTES = 10 * 1024 * 1024
MOST_EACH = 10


def add(
    actor: Actor, appointment: Appointment, *, name: str, media_type: str, content: bytes, question: str = ""
) -> Document:
    """Add a file to an appointment the actor may change. At most 10 MB each, ten an appointment.

    What it is, its first bytes say: PDF, PNG, JPEG, WebP, HEIC, text, DOCX and ODT are taken; `media_type` is only
    what the sender claims. Raises Invalid naming `file`.
    """
    raise NotImplementedError


def keep(business: Business, *, name: str, media_type: str, content: bytes, question: str = "") -> Document:
    """Keep a file that answers a question of a booking that is not made yet, for a day; its `ref` is the answer.

    Raises as `add`.
    """
    raise NotImplementedError


def listed(actor: Actor, appointment: Appointment) -> list[Document]:
    """Return the files of an appointment the actor may see, without their content."""
    raise NotImplementedError


def visible_to(actor: Actor) -> Sequence[Document]:
    """Return the files of all appointments the actor may see, without their content (a query set)."""
    raise NotImplementedError


def open(actor: Actor, ref: str) -> Document:
    """Return a file with its content and note in the audit trail who read it. Raises NotFound."""
    raise NotImplementedError


def headers(document: Document) -> dict[str, str]:
    """Return the headers a file is served with: always as a download, never sniffed, never able to run anything."""
    raise NotImplementedError


def remove(actor: Actor, document: Document) -> None:
    """Delete a file: staff any, consumers the ones they sent."""
    raise NotImplementedError


def purge() -> int:
    """Delete files kept for bookings that were never made, after a day; return how many."""
    raise NotImplementedError
