"""The test clock: reads and moves the product's idea of now. There is no such address without `--test-clock`."""

import json
import math
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from vestibule.notifications import outbox
from vestibule.people.problems import problem
from vestibule.store import clock as product_clock

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def clock(request: HttpRequest) -> HttpResponse:
    """Tell the product's now; on POST move it first: `{"set": RFC 3339}` or `{"advance_seconds": number}`.

    Programs call this without a token. A page of somebody else's cannot: it may not send JSON here, and its origin
    gives it away.
    """
    if request.method == "POST":
        if _is_from_elsewhere(request):
            return problem(403, "cross_origin", "Only programs and pages of this server may move its clock.")
        if request.content_type != "application/json":
            return problem(415, "not_json", "Send the change as application/json.")
        wanted = _wanted(request.body)
        if wanted is None:
            return problem(422, "invalid", 'Send {"set": "2026-03-02T09:00:00Z"} or {"advance_seconds": 3600}.')
        product_clock.set_to(wanted)
        outbox.wake()
    return JsonResponse({"now": product_clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")})


def _is_from_elsewhere(request: HttpRequest) -> bool:
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.get_host():
        return True
    return request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}


def _wanted(body: bytes) -> datetime | None:
    """Return the instant to move to, or None if `body` names none within two centuries."""
    try:
        change = json.loads(body)
        instant = _instant(change) if isinstance(change, dict) and len(change) == 1 else None
    except (ValueError, OverflowError, RecursionError):
        return None
    return instant if instant is not None and EARLIEST <= instant <= LATEST else None


def _instant(change: dict[str, object]) -> datetime | None:
    wanted, seconds = change.get("set"), change.get("advance_seconds")
    if isinstance(wanted, str):
        given = datetime.fromisoformat(wanted)
        return None if given.tzinfo is None else given
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and math.isfinite(seconds):
        return datetime.fromtimestamp(product_clock.now().timestamp() + seconds, UTC)
    return None
