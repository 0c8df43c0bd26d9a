"""Which other origin the page of a visit may speak to: the operator's media server, and nobody else."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpResponse

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
    allowed: Any = {"connect-src": origins(settings.CONFIGURATION["LIVEKIT_URL"])}
    opened = cast(View, csp_update(allowed)(view))
    return opened
