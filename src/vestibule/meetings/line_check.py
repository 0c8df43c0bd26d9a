"""Trying the line before a visit: a relay of one's own for half a minute, and what the browser found out."""

import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from vestibule.meetings import turn, waiting
from vestibule.meetings.access import OVER
from vestibule.meetings.errors import MeetingOver
from vestibule.meetings.models import TURNED_AWAY, Meeting, Participant
from vestibule.meetings.ports import IceServer
from vestibule.people import audit
from vestibule.people.errors import NotPermitted
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock
from vestibule.store.transactions import writing

LIFETIME = timedelta(seconds=30)
"""A check takes five seconds. The relay reads its own clock, so there is room for one that is a little off."""


def relay_for(seat: Participant) -> tuple[IceServer, ...]:
    """Return the relay with credentials that make new allocations for half a minute; none where no relay is set up.

    They open nothing of the visit: its own are made at admission. Anybody may come by without an appointment, so such
    a stranger gets none once the queue is closed to them. Raises MeetingOver, NotPermitted for somebody staff turned
    away.
    """
    _require_expected(seat)
    if waiting.is_turned_off(seat):
        return ()
    configuration = settings.CONFIGURATION
    urls, secret = tuple(configuration.items("TURN_URLS")), configuration["TURN_SECRET"]
    if not urls or not secret:
        return ()
    # The relay reads the machine's clock, so a moved test clock must not count here.
    expires = int((datetime.fromtimestamp(time.time(), UTC) + LIFETIME).timestamp())
    username = f"{expires}:check.{seat.ref}.{secrets.token_hex(4)}"
    return (IceServer(urls, username, turn.credential(secret, username)),)


def is_stranger(seat: Participant) -> bool:
    """Tell whether nobody of the business knows this person yet: they came by, and were not let in so far."""
    return seat.meeting.kind == Meeting.Kind.WALK_IN and not waiting.was_in(seat)


def keep(seat: Participant, report: Mapping[str, str]) -> Participant:
    """Keep what a check found out, also days before the visit, and let those who look at the desk see it.

    Raises MeetingOver, NotPermitted for somebody staff turned away, Invalid for words that are not known.
    """
    with writing():
        _require_expected(seat)
        kept = waiting.report_devices(seat.ref, report)
        audit.record(
            SYSTEM, kept.meeting.business_id, "meeting.line_checked", "meeting", kept.meeting.ref, participant=kept.ref
        )
        return kept


def is_past(meeting: Meeting) -> bool:
    """Tell whether nobody need prepare for `meeting` any more: over, cancelled, or its doors closed for good."""
    return meeting.state in OVER or (meeting.state != Meeting.State.LIVE and meeting.closes_at <= clock.now())


def _require_expected(seat: Participant) -> None:
    if is_past(seat.meeting):
        raise MeetingOver
    if seat.state in TURNED_AWAY:
        raise NotPermitted(_("Staff did not let you in. If you think this is a mistake, please call them."))
