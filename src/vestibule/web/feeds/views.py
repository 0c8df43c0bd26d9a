"""Calendars to subscribe to, each behind its secret address."""

import hashlib
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from vestibule.booking import calendar_entries
from vestibule.calendars import feeds, writing
from vestibule.calendars.feeds import Opened
from vestibule.calendars.ports import Entry
from vestibule.notifications import letters
from vestibule.people import rates
from vestibule.people.errors import TooMany
from vestibule.people.models import AuditEntry

READS, GUESSES, WITHIN = 60, 30, 600


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Answer with the appointments of one provider or business as a calendar; 404 for what opens nothing.

    Each address may be read 60 times in ten minutes; whoever guesses, 30 times.
    """
    opened = feeds.resolve(secret)
    if opened is None:
        rates.limit("feed-guess", rates.client_key(request), GUESSES, WITHIN)
        raise Http404
    try:
        rates.limit("feed", hashlib.sha256(secret.encode()).hexdigest()[:32], READS, WITHIN)
    except TooMany as refused:
        return _not_now(refused)
    body = writing.feed(_name(opened), _entries(opened), colour=letters.accent_of(opened.business.tone).button)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    changed = _changed_at(opened)
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["ETag"] = etag
    answer["Last-Modified"] = http_date(changed)
    answer["Cache-Control"] = "private, no-cache"
    answer["Content-Disposition"] = 'inline; filename="appointments.ics"'
    answer["X-Robots-Tag"] = "noindex"
    shown: HttpResponse = get_conditional_response(request, etag, changed, answer) or answer
    return shown


def _not_now(refused: TooMany) -> HttpResponse:
    """Say so in plain text, and leave the address out of the log: it is a secret that still opens something."""
    answer = HttpResponse(refused.sentence, status=refused.status, content_type="text/plain; charset=utf-8")
    answer["Retry-After"] = str(refused.facts["retry_after"])
    answer._has_been_logged = True  # type: ignore[attr-defined]  # what Django looks at before it logs
    return answer


def _entries(opened: Opened) -> list[Entry]:
    return calendar_entries.in_feed(opened.business, opened.provider, discreet=opened.is_discreet)


def _name(opened: Opened) -> str:
    with override(opened.business.language):
        return _("%(name)s: appointments") % {"name": (opened.provider or opened.business).name}


def _changed_at(opened: Opened) -> int:
    """Return when an appointment of the business last changed, in seconds since 1970."""
    rows = AuditEntry.objects.filter(business=opened.business, subject_kind="appointment").order_by("-id")
    at: datetime = rows.values_list("at", flat=True).first() or opened.business.created_at
    return int(at.timestamp())
