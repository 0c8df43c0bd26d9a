"""The seat that the cookie of a visit stands for: set once by the visit's link, read by every page of the visit."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from vestibule.meetings.models import Participant
from vestibule.people.models import CapabilityLink
from vestibule.web import languages
from vestibule.web.live import authorise


def remember(answer: HttpResponseBase, link: CapabilityLink) -> None:
    """Let `answer` set the cookie that stands for the visit link `link` from now on."""
    answer.set_cookie(
        authorise.VISIT_COOKIE,
        authorise.sign_visit(link),
        max_age=int(authorise.VISIT_COOKIE_AGE.total_seconds()),
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def seat_of(request: HttpRequest) -> Participant | None:
    """Return the seat of whoever asks, with its meeting and business; None for staff and for who has no visit here."""
    ref = authorise.read_visit(request.COOKIES.get(authorise.VISIT_COOKIE, ""))
    seats = Participant.objects.select_related("meeting__business").exclude(kind=Participant.Kind.PROVIDER)
    seat: Participant | None = seats.filter(ref=ref).first() if ref else None
    if seat is not None:
        languages.speak(request, seat.meeting.business)
    return seat
