"""Whether somebody is still signed in where they once were."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.utils.crypto import constant_time_compare

from vestibule.people.models import User


def is_signed_in(user: User, session_key: str) -> bool:
    """Tell whether the session `session_key` is one of `user` still: not ended, and begun with the present password."""
    if not session_key or not user.is_active:
        return False
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key).load()
    is_theirs = str(session.get(SESSION_KEY, "")) == str(user.pk)
    return is_theirs and constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
