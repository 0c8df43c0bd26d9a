"""`GET /hooks/subscriptions/{guid}?code=…`: somebody confirms that an address wants to be told of events.

The address is in what asked for it (`validationUrl`), and good for ten minutes.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from vestibule.people import rates
from vestibule.people.errors import NotFound
from vestibule.people.problems import of_refusal
from vestibule.subscriptions import verbs

STRANGERS = (60, 60)
"""Calls a minute of whoever does not know the code, and seconds."""


@csrf_exempt
@require_http_methods(["GET", "POST"])
def confirmed(request: HttpRequest, guid: UUID) -> HttpResponse:
    """Confirm a subscription; once more does nothing more. 404 for a wrong code, and after ten minutes."""
    try:
        verbs.confirm(guid, request.GET.get("code", ""))
    except NotFound as refusal:
        rates.limit_others("subscription-guess", rates.client_key(request), *STRANGERS)
        return of_refusal(refusal)
    return HttpResponse("This subscription is confirmed: events are told from now on.", content_type="text/plain")
