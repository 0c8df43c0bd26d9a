"""Who sends or asks for a file: the appointment's link, a member of staff, or a participant of the visit."""

from collections.abc import Iterator
from contextlib import suppress

from django.http import HttpRequest
from django.utils.translation import gettext as _

from vestibule.chat.models import Attachment
from vestibule.meetings import talking
from vestibule.meetings.models import Meeting
from vestibule.meetings.talking import Talker
from vestibule.people.errors import NotFound, Refusal
from vestibule.web.consumer import link_cookie
from vestibule.web.live import authorise, threads
from vestibule.web.live.sessions import Staff

OWN_PAGES = "/appointment/"


def talker(request: HttpRequest, meeting_ref: str) -> Talker:
    """Return who sends a file to a thread; `meeting_ref` is what staff name. Raises Refusal for who may not."""
    if request.path.startswith(OWN_PAGES):
        return _of_link(request)
    if meeting_ref and request.user.is_authenticated:
        return _of_staff(request, Meeting.objects.filter(ref=meeting_ref).first())
    return _of_visit(request)


def readers(request: HttpRequest, file: Attachment) -> Iterator[Talker]:
    """Yield everybody the request may stand for who may read the thread of `file`."""
    is_own = request.path.startswith(OWN_PAGES)
    meeting = Meeting.objects.filter(thread_id=file.thread_id).first()
    with suppress(Refusal):
        found = _of_link(request) if is_own else _of_visit(request)
        if found.thread_id == file.thread_id:
            yield found
    if not is_own and request.user.is_authenticated:
        with suppress(Refusal):
            yield _of_staff(request, meeting)


def unknown() -> NotFound:
    """Return the answer to whoever may not know whether there is such a file."""
    return NotFound(_("There is no such file here. Load the page again."))


def _of_visit(request: HttpRequest) -> Talker:
    return threads.of_visit(request.COOKIES.get(authorise.VISIT_COOKIE, ""))


def _of_link(request: HttpRequest) -> Talker:
    return threads.of_link(link_cookie.current(request))


def _of_staff(request: HttpRequest, meeting: Meeting | None) -> Talker:
    user = request.user
    actor = authorise.actor_of(Staff(user.pk, meeting.business_id)) if meeting is not None and user.pk else None
    if actor is None or meeting is None:
        raise unknown()
    return talking.staff(actor, meeting.ref)
