"""The preview of the builder: the page of one point of the way, to be shown in a frame beside what is being changed.

Nothing in it leads anywhere, sends anything or is kept, and nobody but pages of this site may frame it.
"""

import re
import time
from collections.abc import Mapping
from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import json_script
from django.views.decorators.clickjacking import xframe_options_sameorigin

from vestibule.experience import preview
from vestibule.experience.preview import Scene, State
from vestibule.people import rates
from vestibule.people.errors import NotFound, NotPermitted, Refusal
from vestibule.people.languages import spoken
from vestibule.web import assets
from vestibule.web.manager.experience import letters_shown, staging, standing_in, unsaved
from vestibule.web.manager.pages import Permission, StaffRequest, open_to
from vestibule.web.manager.wording_trials import lit

POLICY = {
    **settings.CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": ["allow-scripts", "allow-same-origin"],
}
MAIL_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": ["allow-same-origin"],
}
"""A mail is shown as a mail program would show it, without any script; the page around it knows that it is there."""
THEMES = ("light", "dark")
STAND_INS = {"visit.js": "preview-visit.js", "book.js": "preview-book.js", "survey.js": "preview-survey.js"}
PREVIEWS = 900
"""A minute for each person: fifteen a second, faster than anybody types."""
_BARE = {"is_demo": False}
"""What is shown in place of a page has nothing around it."""
_HEAD = 500
_SCRIPT = re.compile(r'<script type="module" src="([^"]*)"></script>')
_HINT = re.compile(r'<link rel="modulepreload" href="[^"]*">')


@xframe_options_sameorigin
@csp(POLICY)  # type: ignore[arg-type]  # typed for views of one argument
@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP,))
def page(request: StaffRequest, state: str) -> HttpResponse:
    """Answer with the page at `state`: of the draft, with what is posted in place of its own."""
    return _shown(request, state)


@xframe_options_sameorigin
@csp(MAIL_POLICY)  # type: ignore[arg-type]  # typed for views of one argument
@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP,))
def message(request: StaffRequest, state: str) -> HttpResponse:
    """Answer with a message that is sent on the way, as `page` does."""
    return _shown(request, state)


def _shown(request: StaffRequest, state: str) -> HttpResponse:
    if state not in set(State):
        raise Http404
    rates.limit("preview", f"{request.business.ref}:{request.user.pk}", PREVIEWS, 60)
    began, worked = time.perf_counter(), time.thread_time()
    asked = request.POST if request.method == "POST" else request.GET
    language = spoken(asked.get("in", "") or request.business.language)
    theme = asked.get("theme", "")
    try:
        parts = unsaved.parts_of(request) if request.method == "POST" else {}
        with preview.staged(request.actor, request.business, State(state), parts, language=language) as scene:
            html = _drawn(request, scene, State(state), language, theme if theme in THEMES else "")
        answer = HttpResponse(_in_theme(html, theme))
    except (NotFound, NotPermitted):
        raise
    except Refusal as refused:
        html = render_to_string("manager/experience/not_shown.html", {"refusal": refused, **_BARE}, request)
        answer = HttpResponse(_in_theme(html, theme), status=refused.status)
    took, spent = (time.perf_counter() - began) * 1000, (time.thread_time() - worked) * 1000
    answer["Server-Timing"] = f"preview;dur={took:.0f}, cpu;dur={spent:.0f}"
    return answer


def _drawn(request: StaffRequest, scene: Scene, state: State, language: str, theme: str) -> str:
    if state is State.MAIL:
        html = letters_shown.mail(scene)
        return lit(html, is_dark=theme == "dark") if html else _missing(request, letters_shown.no_mail())
    if state is State.SMS:
        text = letters_shown.text_message(scene)
        if not text:
            return _missing(request, letters_shown.no_text_message(scene))
        with translation.override(language):
            context = {"text": text, "business": scene.business, **_BARE}
            return render_to_string("manager/experience/text_message.html", context, request)
    html = staging.page(scene, state, request, language)
    said = standing_in.facts(scene, state) if state in standing_in.LIVE else {"state": state.value}
    return _held_still(html, said)


def _in_theme(html: str, theme: str) -> str:
    """Return a page as somebody sees it who reads in light or dark; a business may have fixed it."""
    is_open = theme in THEMES and "data-theme=" not in html[:_HEAD]
    return html.replace("<html ", f'<html data-theme="{theme}" ', 1) if is_open else html


def _held_still(html: str, said: Mapping[str, Any]) -> str:
    """Return a page whose links and forms lead nowhere, and whose scripts speak with stand-ins; others are left out."""
    known = {assets.url(name): assets.url(stand_in) for name, stand_in in STAND_INS.items()}
    html = _SCRIPT.sub(lambda found: _loading(known.get(found[1], "")), _HINT.sub("", html))
    html = html.replace("<head>", '<head><base target="_blank">', 1)
    return html.replace("</body>", f"{json_script(said, 'preview')}</body>", 1)


def _loading(address: str) -> str:
    return f'<script type="module" src="{address}"></script>' if address else ""


def _missing(request: StaffRequest, why: letters_shown.Missing) -> str:
    return render_to_string("manager/experience/no_message.html", {"why": why, **_BARE}, request)
