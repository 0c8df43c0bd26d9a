"""`POST /hooks/calendars/{hook}`: a calendar's server tells that something changed, or asks whether it is us.

Answered at once, whatever it says: what is believed only makes a calendar due, and the worker reads it.
"""

from html import escape

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from vestibule.calendars import subscriptions
from vestibule.calendars.models import CalendarSubscription
from vestibule.calendars.ports import Unreadable
from vestibule.people import rates
from vestibule.people.errors import NotFound, TooMany
from vestibule.people.problems import of_refusal, problem

LARGEST = 1024 * 1024
CALLS = (1200, 60)
"""Of one subscription, and seconds."""
STRANGERS = (60, 60)


@csrf_exempt
@require_POST
def told(request: HttpRequest, hook: str) -> HttpResponse:
    """Take what was called: 202, also for what is not believed or was told before; 404 at an address nobody was given.

    With `validationToken` the text is given back as plain text, while a subscription is being made.
    """
    try:
        row = _row(request, hook)
        rates.limit("calendar-hook", str(row.pk), *CALLS)
    except (NotFound, TooMany) as refusal:
        return of_refusal(refusal)
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return problem(413, "too_large", "A notification has at most 1 MB.")
    try:
        heard = subscriptions.heard(row, request.GET.dict(), body)
    except Unreadable as wrong:
        return problem(422, "invalid", str(wrong))
    if heard.answer is None:
        subscriptions.take(row, heard.said)
        return HttpResponse(status=202)
    if not subscriptions.is_being_made(row):
        return problem(409, "not_asked_for", "No subscription is being made here.")
    return HttpResponse(escape(heard.answer), content_type="text/plain; charset=utf-8")


def _row(request: HttpRequest, hook: str) -> CalendarSubscription:
    try:
        return subscriptions.hook_of(hook)
    except NotFound:
        rates.limit_others("calendar-hook-guess", rates.client_key(request), *STRANGERS)
        raise
