"""`POST /hooks/sms`: the SMS gateway tells what became of a text message."""

import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from vestibule.notifications import delivery, signature
from vestibule.notifications.ports import STATUSES
from vestibule.people.problems import problem

LARGEST = 16 * 1024


@csrf_exempt
@require_POST
def delivery_report(request: HttpRequest) -> HttpResponse:
    """Take `{"id": ours, "status": …, "error"?: …}`, signed with the SMS key. 204 when taken, also when repeated."""
    key = settings.CONFIGURATION["SMS_KEY"]
    if not key:
        raise Http404
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return problem(413, "too_large", "A delivery report has at most 16 KB.")
    if not signature.is_genuine(key, {name.lower(): value for name, value in request.headers.items()}, body):
        return problem(401, "bad_signature", "The signature does not fit, or is older than five minutes.")
    told = _read(body)
    if told is None:
        words = f'Send {{"id": …, "status": one of {", ".join(STATUSES)}}}.'
        return problem(422, "invalid", words)
    delivery.record_of_installation(*told)
    return HttpResponse(status=204)


def _read(body: bytes) -> tuple[str, str, str] | None:
    """Return id, status and error of a report, or None if it is not one."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    ref, status, error = told.get("id"), told.get("status"), told.get("error", "")
    if not isinstance(ref, str) or status not in STATUSES or not isinstance(error, str):
        return None
    return (ref, str(status), error) if _is_storable(ref + error) else None


def _is_storable(text: str) -> bool:
    """Tell whether any database takes a text: half a sign is none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
