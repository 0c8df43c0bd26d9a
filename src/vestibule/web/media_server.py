"""Which other origin the page of a visit may speak to: the operator's media server, and nobody else."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse

from vestibule.web.addons import merged

View = Callable[..., HttpResponse]


def origins(address: str) -> list[str]:
    """Return the socket's origin and the one its client asks by HTTP why a socket was refused; none without address."""
    parts = urlsplit(address)
    if not parts.netloc:
        return []
    secure = "s" if parts.scheme in {"wss", "https"} else ""
    return [f"ws{secure}://{parts.netloc}", f"http{secure}://{parts.netloc}"]


def reaches_media_server(view: View) -> View:
    """Let the page of `view` connect to the media server of the settings, if there is one."""
    if "livekit" not in settings.MEETING_BACKENDS:
        return view
    allowed = {"connect-src": origins(settings.CONFIGURATION["LIVEKIT_URL"])}

    @wraps(view)
    def opened(*args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(*args, **kwargs)
        held: dict[str, Any] = getattr(answer, "_csp_update", None) or {}
        answer._csp_update = merged(held, allowed)  # type: ignore[attr-defined]  # django-csp's
        return answer

    return opened
