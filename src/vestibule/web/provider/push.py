"""The browser's side of notifications: its worker's script, and where the page says that this browser is to be told."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vestibule.booking import desk_alerts
from vestibule.notifications import browsers, push_trials
from vestibule.notifications.ports import PushAddress
from vestibule.people.errors import Invalid, NotFound, NotPermitted, Refusal
from vestibule.web import assets
from vestibule.web.account.guards import StaffRequest, staff_page
from vestibule.web.manager.pages import done
from vestibule.web.provider.hosts import require_host
from vestibule.web.templatetags.account import device

LONGEST = 8 * 1024
_POLICY = "default-src 'none'; connect-src 'self'"
"""What the worker may do: ask this server. It loads nothing and runs nothing else."""


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Answer with the script of the worker, at an address that stays, as browsers look there for newer ones."""
    file = assets.path("desk-push.js")
    if file is None or not file.is_file():
        return HttpResponseNotFound()
    answer = HttpResponse(file.read_bytes(), content_type="text/javascript; charset=utf-8")
    answer["Content-Security-Policy"] = _POLICY
    answer["Cache-Control"] = "no-cache"
    return answer


@require_GET
def app(request: HttpRequest) -> JsonResponse:
    """Describe the desk as something to put on a home screen: phones of Apple show notifications of such alone."""
    facts = {"name": "Vestibule", "start_url": "/desk", "scope": "/", "display": "standalone", "lang": "en"}
    icons = [{"src": assets.url("favicon.svg"), "sizes": "any", "type": "image/svg+xml"}]
    return JsonResponse({**facts, "icons": icons}, content_type="application/manifest+json")


@require_POST
@staff_page()
def tell(request: StaffRequest) -> JsonResponse:
    """Tell the reader in this browser from now on."""
    try:
        require_host(request)
        address = _address(request)
        found = desk_alerts.tell_browser(
            request.actor,
            address,
            session_key=request.session.session_key or "",
            device=device(request.headers.get("User-Agent", "")),
        )
    except Refusal as refusal:
        return _refused(refusal)
    return JsonResponse({"ref": found.ref, "device": found.device}, status=201)


@require_POST
@staff_page()
def here(request: StaffRequest) -> JsonResponse:
    """Note that the reader is signed in in a browser they turned on; answer which of theirs it is."""
    try:
        address = _address(request)
    except Refusal as refusal:
        return _refused(refusal)
    is_known = browsers.stay(request.actor, address, session_key=request.session.session_key or "")
    found = browsers.known(request.actor, address) if is_known else None
    return JsonResponse({"ref": found.ref if found is not None else None})


@require_POST
@staff_page()
def remove(request: StaffRequest, ref: str) -> HttpResponse:
    """Tell the reader in one of their browsers no more."""
    browsers.remove(request.actor, ref)
    return done(request, _("That browser is not told any more."), "desk-alerts")


@require_POST
@staff_page()
def test(request: StaffRequest, ref: str) -> HttpResponse:
    """Have one of the reader's browsers show a test notification, and say what came of it."""
    require_host(request)
    try:
        browser = push_trials.send(request.actor, ref)
    except (NotFound, NotPermitted):
        raise
    except Refusal as refused:
        messages.error(request, refused.sentence)
        return redirect("desk-alerts")
    words = _(
        "The push service took the test for “%(browser)s”. If nothing shows there within a minute, its system holds"
        " notifications back: look into “do not disturb” and the settings of the browser."
    )
    return done(request, words % {"browser": browser.device or _("A browser")}, "desk-alerts")


@require_GET
@staff_page()
def waits(request: StaffRequest) -> JsonResponse:
    """Answer what stands, in notifications, for each wait that goes on, so that the others can be closed."""
    require_host(request)
    return JsonResponse({"tags": desk_alerts.tags_waiting(request.actor)})


def _address(request: HttpRequest) -> PushAddress:
    """Return what a browser gave as its subscription. Raises Invalid."""
    try:
        given: Any = json.loads(request.body) if len(request.body) <= LONGEST else None
        return PushAddress(_text(given["endpoint"]), _text(given["keys"]["p256dh"]), _text(given["keys"]["auth"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        words = _("This browser gave no address that notifications could be sent to.")
        raise Invalid(words, field="endpoint") from None


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError
    given.encode()
    return given


def _refused(refusal: Refusal) -> JsonResponse:
    return JsonResponse({"code": refusal.code, "sentence": refusal.sentence}, status=refusal.status)
