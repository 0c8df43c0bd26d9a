"""Tokens by which people's browsers join calls that a vendor carries: made once staff let them in, for an hour.

What was handed out is taken back by `take_back_due`: from whoever was taken out, sent back to wait, or has left and
would be let in anew, and from everybody after the visit.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final, cast

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.module_loading import import_string

from vestibule.meetings import calls
from vestibule.meetings.access import OVER
from vestibule.meetings.errors import NoCallToken
from vestibule.meetings.models import OutsideIdentity, OutsidePlace, OutsideThread, Participant
from vestibule.meetings.ports import CallToken, CallTokens, PlaceError
from vestibule.meetings.waiting import REJOIN
from vestibule.people import outside_accounts, rates
from vestibule.people.ports import NotConnected
from vestibule.store import clock
from vestibule.store.transactions import writing

log = logging.getLogger(__name__)
ACCOUNT: Final = "acs"
SEAT: Final = "seat:"
"""In front of a seat's reference: the name of its identity in `PlaceMade.details`."""
TIMES, SECONDS = 30, 600
MOST_AT_ONCE, TURN_SECONDS = 4, 8.0
FORGOTTEN = timedelta(days=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=20), timedelta(hours=1)
MOST_ATTEMPTS = 60
_turns = threading.BoundedSemaphore(MOST_AT_ONCE)


def for_seat(seat_ref: str) -> CallToken:
    """Return a fresh token for somebody whom staff let in, who joins as the same identity each time.

    Asks the vendor, so it is not for the event loop nor inside a transaction. Raises NotAdmitted and MeetingOver as
    `calls.require_in`, NoCallToken where there is none now, TooMany for who asks without end.
    """
    seat = calls.require_in(seat_ref)
    rates.limit("call.token", seat_ref, TIMES, SECONDS)
    known, is_invited, with_chat = _known(seat)
    with _turn():
        try:
            with _opened(seat.meeting.business_id, ACCOUNT) as tokens:
                token = _issued(tokens, seat, known, is_invited=is_invited, with_chat=with_chat)
        except (PlaceError, NotConnected) as failure:
            log.warning("no token for a call of %s: %s", seat.meeting.ref, failure)
            raise NoCallToken from None
    calls.require_in(seat_ref)  # whoever was taken out meanwhile gets nothing
    return token


def take_back_due(most: int = 20) -> int:
    """Take tokens back from whoever may not be in any more, and identities after the visit; return how many.

    Asks the vendor: for a thread of its own. What fails is tried again, later each time.
    """
    return sum(_taken_back(row) for row in list(_due().select_related("participant__meeting")[:most]))


def _issued(tokens: CallTokens, seat: Participant, known: str, *, is_invited: bool, with_chat: bool) -> CallToken:
    token = tokens.issue(known, with_chat=with_chat)
    if is_invited and token.identity != known:
        tokens.delete(token.identity)
        raise PlaceError("whom the room invites is not there any more", permanent=True)
    first = _keep(seat, known, token)
    if first == token.identity:
        return token
    tokens.delete(token.identity)  # somebody asked for the same seat at the same time, and came first
    token = tokens.issue(first, with_chat=with_chat)
    _keep(seat, first, token)
    return token


def _known(seat: Participant) -> tuple[str, bool, bool]:
    """Return the identity of a seat ("": none yet), whether a room invites that one alone, and whether there is a
    conversation at the vendor.
    """
    place = OutsidePlace.objects.filter(meeting=seat.meeting, is_wanted=True).first()
    made: dict[str, Any] = place.made if place is not None else {}
    if place is not None and place.kind == OutsidePlace.Kind.ACS_ROOM:
        invited = str(made.get("details", {}).get(f"{SEAT}{seat.ref}", ""))
        if not invited:  # only whoever is invited to a room gets in
            raise NoCallToken
        threads = OutsideThread.objects.filter(meeting=seat.meeting, deleted_at=None).exclude(external_id="")
        return invited, True, bool(made.get("chat")) or threads.exists()
    row = OutsideIdentity.objects.filter(participant=seat, deleted_at=None).first()
    return (row.external_id if row is not None else ""), False, False


def _keep(seat: Participant, known: str, token: CallToken) -> str:
    """Write down as whom a seat joins, and return that: another identity where one came first meanwhile."""
    with writing():
        row = OutsideIdentity.objects.select_for_update().filter(participant=seat).first()
        is_made = token.identity != known  # else it is whom the room knows, whoever it was before
        if is_made and row is not None and row.deleted_at is None and row.external_id not in (known, token.identity):
            return str(row.external_id)
        OutsideIdentity.objects.update_or_create(
            participant=seat,
            defaults={
                "business_id": seat.meeting.business_id,
                "kind": ACCOUNT,
                "external_id": token.identity,
                "issued_at": clock.now(),
                "expires_at": token.expires_at,
                "deleted_at": None,
                "attempts": 0,
                "next_at": clock.now(),
                "problem": "",
            },
        )
    return token.identity


def _due() -> QuerySet[OutsideIdentity]:
    now = clock.now()
    is_over = Q(participant__meeting__state__in=OVER) | Q(participant__meeting__closes_at__lte=now - FORGOTTEN)
    is_new = Q(revoked_at=None) | Q(revoked_at__lt=F("issued_at"))
    rows: QuerySet[OutsideIdentity] = OutsideIdentity.objects.filter(deleted_at=None, next_at__lte=now)
    is_out = is_new & ~Q(participant__in=_are_in(now))
    return rows.filter(is_over | is_out).order_by("next_at")


def _are_in(now: datetime) -> QuerySet[Participant]:
    """Return whoever may have a token, as `waiting.is_in` says of one."""
    states = Participant.State
    may_come_back = Q(kind=Participant.Kind.PROVIDER) | Q(left_at__gt=now - REJOIN)
    is_in = Q(state__in=[states.ADMITTED, states.IN_CALL]) | Q(state=states.LEFT) & may_come_back
    found: QuerySet[Participant] = Participant.objects.filter(is_in, admitted_at__isnull=False)
    return found


def _taken_back(row: OutsideIdentity) -> bool:
    meeting, now = row.participant.meeting, clock.now()
    is_over = meeting.state in OVER or meeting.closes_at <= now - FORGOTTEN
    try:
        with _opened(row.business_id, row.kind) as tokens:
            if is_over:
                tokens.delete(row.external_id)
            else:
                tokens.revoke(row.external_id)
    except NotConnected as gone:
        return _write(row, deleted_at=now, problem=str(gone)[:300])
    except PlaceError as failure:
        return _later(row, failure)
    except Exception as fault:  # a fault of ours with one must not keep the others from being taken back
        log.exception("the identity of seat %s cannot be taken back", row.participant_id)
        return _later(row, PlaceError(f"cannot be taken back: {type(fault).__name__}", permanent=False))
    fields = {"revoked_at": now, "attempts": 0, "problem": ""} | ({"deleted_at": now} if is_over else {})
    _write(row, **fields)
    return True


def _later(row: OutsideIdentity, failure: PlaceError) -> bool:
    log.warning("an identity was not taken back, which is tried again: %s", failure)
    attempts = row.attempts + 1
    pause = min(max(FIRST_PAUSE * 2 ** min(attempts - 1, 10), timedelta(seconds=failure.wait)), LONGEST_PAUSE)
    given_up = {"deleted_at": clock.now()} if attempts >= MOST_ATTEMPTS else {}
    return _write(row, attempts=attempts, next_at=clock.now() + pause, problem=str(failure)[:300], **given_up)


def _write(row: OutsideIdentity, **fields: Any) -> bool:
    """Write down what came of it, unless a new token was issued meanwhile; False, for who counts what was done."""
    with writing():
        OutsideIdentity.objects.filter(pk=row.pk, issued_at=row.issued_at).update(**fields)
    return False


@contextmanager
def _opened(business_id: int, account: str) -> Iterator[CallTokens]:
    path = settings.CALL_TOKENS.get(account)
    if path is None:
        raise PlaceError("this installation makes no tokens by such an account", permanent=True)
    access = outside_accounts.access_for(business_id, account)
    tokens = cast(CallTokens, import_string(path).opened(access, tuple(settings.CONFIGURATION.items("GATEWAY_HOSTS"))))
    try:
        yield tokens
    finally:
        tokens.close()


@contextmanager
def _turn() -> Iterator[None]:
    """Let few threads wait for the vendor at once, so that pages keep theirs. Raises NoCallToken after some seconds."""
    if not _turns.acquire(timeout=TURN_SECONDS):
        raise NoCallToken
    try:
        yield
    finally:
        _turns.release()
