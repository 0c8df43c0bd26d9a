"""Somebody who waits, and a browser in which a member of staff is signed in."""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from tests.meetings.scene import Visit
from vestibule.meetings import waiting
from vestibule.people.models import User
from vestibule.people.permissions import Actor
from vestibule.store import clock


def session_of(user: User) -> str:
    """A browser in which `user` is signed in; returns its session."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.create()
    return str(session.session_key)


def user_of(actor: Actor) -> User:
    found: User = User.objects.get(pk=actor.user_id or 0)
    return found


def comes(visit: Visit, *, ago: float = 0) -> Visit:
    """The consumer begins to wait, `ago` minutes before now."""
    waiting.enter_waiting(visit.consumer.ref)
    seat = visit.seat(visit.consumer)
    seat.waiting_since = clock.now() - timedelta(minutes=ago)
    seat.save()
    return visit
