"""What signing out ends besides the session."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from vestibule.notifications import browsers


def listen() -> None:
    """Be called whenever somebody signs out, just before the session ends."""
    user_logged_out.connect(_tell_no_more, dispatch_uid="vestibule.browsers")


def _tell_no_more(request: HttpRequest | None = None, user: Any = None, **_rest: Any) -> None:
    if request is not None and user is not None and user.pk and request.session.session_key:
        browsers.signed_out(user.pk, request.session.session_key)
