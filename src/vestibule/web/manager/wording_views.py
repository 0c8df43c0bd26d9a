"""What the editor of words asks for while somebody types: the mail in its frame, and what stands beside it."""

from csp.decorators import csp
from django.http import Http404, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin

from vestibule.notifications.choices import EMAIL
from vestibule.web.manager import wording_trials
from vestibule.web.manager.pages import Permission, StaffRequest, open_to
from vestibule.web.manager.wording_pages import MANAGE, message_of, service_of
from vestibule.web.manager.wording_trials import WordsForm

MAIL_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": [],
}
"""A mail is shown as a mail program would; it can do nothing, and its links, which open nothing, lead nowhere."""


@xframe_options_sameorigin
@csp(MAIL_POLICY)  # type: ignore[arg-type]  # typed for views of one argument
@open_to(Permission.SEE_SETUP, change=MANAGE)
def mail(request: StaffRequest, kind: str, audience: str, channel: str, language: str) -> HttpResponse:
    """Return the mail with the words posted, or with those it has. Nothing is stored."""
    which = message_of(kind, audience, channel, language)
    if channel != EMAIL:
        raise Http404
    form = WordsForm(request.POST or None, channel=channel, language=language)
    return wording_trials.framed(request, which, language, service_of(request), form)


@open_to(*MANAGE, only_post=True)
def beside(request: StaffRequest, kind: str, audience: str, channel: str, language: str) -> HttpResponse:
    """Return the outside of a mail, or the text message with its size, as the words posted make it."""
    which = message_of(kind, audience, channel, language)
    form = WordsForm(request.POST, channel=channel, language=language)
    seen = wording_trials.shown(request, which, language, service_of(request), form)
    return wording_trials.fragment(request, language, channel, seen)
