"""A message after a visit on paper: the same words that its reader has on the page, as a PDF to keep."""

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vestibule.booking.models import Appointment
from vestibule.meetings import notes
from vestibule.meetings.models import Meeting
from vestibule.notifications import letters
from vestibule.people import rates
from vestibule.store import file_kinds
from vestibule.web import paper, times
from vestibule.web.templatetags.vestibule import phone

EACH, SECONDS = 20, 600


def answer(meeting: Meeting, ref: str, asked_by: str, zone: str) -> HttpResponse:
    """Return the PDF of a note that the consumer of `meeting` was sent, with times in `zone`.

    Who may read the notes of the meeting is the caller's to know; `asked_by` names them where too many are counted.
    Raises NotFound for a note of another meeting or a draft, TooMany, and as `paper.as_pdf`.
    """
    note = notes.sent_one(meeting, ref)
    rates.limit("note.pdf", asked_by, EACH, SECONDS)
    appointment = Appointment.objects.select_related("service").filter(meeting=meeting).first()
    business = meeting.business
    assert note.sent_at is not None
    attached = tuple(file.name for file in note.attachments.all())
    content = paper.as_pdf(
        paper.Letter(
            brand=business.name,
            title=_("After your visit"),
            language=get_language() or "en",
            at=note.sent_at,
            author=note.author_name,
            text=note.text,
            facts=(
                (_("From"), note.author_name),
                (_("Visit"), appointment.service.name if appointment else meeting.title),
                (_("When"), times.span(meeting.starts_at, meeting.ends_at, zone)),
                (_("Sent"), times.moment(note.sent_at, zone)),
            ),
            lists=((_("Files sent along, to be opened on the page"), attached),) if attached else (),
            colour=letters.accent_of(business.tone).button,
            foot=" · ".join(filter(None, (business.name, phone(business.phone or "")))),
        )
    )
    name = f"{_('After your visit')} {note.sent_at:%Y-%m-%d}.pdf"
    return HttpResponse(content, headers=file_kinds.download_headers(name, "application/pdf", len(content)))
