"""Telling staff by message of whoever came and of whoever has waited too long, once for each person and wait.

The messages are rows of the outbox, by e-mail, text message and the browsers in which staff asked for it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from vestibule.meetings import alerting, queue
from vestibule.meetings.alerting import Alert
from vestibule.meetings.models import Participant
from vestibule.notifications import browsers, outbox, pushing
from vestibule.notifications.facts import AppointmentFacts, Audience, Kind
from vestibule.notifications.models import OutboxMessage, PushSubscription
from vestibule.notifications.outbox import Message
from vestibule.notifications.ports import PushAddress
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

STALE = timedelta(minutes=30)
FRESH = timedelta(minutes=10)
"""How long a browser may be late with a notification, or somebody count as just come."""
Browsers = Mapping[tuple[int, int], list[str]]
PUSH = OutboxMessage.Channel.PUSH


def tell_due() -> int:
    """Tell whoever wants to be told of somebody who waits, and was not told yet; return how many messages that are.

    Safe to run again and again, and twice at once.
    """
    take_back()
    due = list(alerting.due())
    if not due:
        return 0
    known = browsers.by_member()
    return outbox.enqueue_new(message for alert in due for message in _messages(alert, known))


def take_back() -> int:
    """Drop what browsers were to tell of people who wait no more and has not left yet; return how many messages."""
    unsent = OutboxMessage.objects.filter(channel=PUSH, state=OutboxMessage.State.QUEUED)
    keys = dict(unsent.values_list("pk", "key"))
    if not keys:
        return 0
    seats = {key.partition(":")[0] for key in keys.values()}
    still = set(
        Participant.objects.filter(ref__in=seats, state=Participant.State.WAITING).values_list("ref", flat=True)
    )
    over = [pk for pk, key in keys.items() if key.partition(":")[0] not in still]
    if not over:
        return 0
    with writing():
        rows = OutboxMessage.objects.filter(pk__in=over, state=OutboxMessage.State.QUEUED)
        return rows.update(state=OutboxMessage.State.DROPPED, last_error="nobody waits any more")


def tell_browser(actor: Actor, address: PushAddress, *, session_key: str, device: str) -> PushSubscription:
    """Tell the actor in this browser too, from now on. Raises what `browsers.add` raises."""
    with writing():
        found = browsers.add(actor, address, session_key=session_key, device=device)
        alerting.begin_pushing(actor)
    return found


def tags_waiting(actor: Actor) -> list[str]:
    """Return what stands, in notifications, for each wait of the actor's business that goes on now."""
    seats = queue.waiting_for(actor.business_id or 0, timedelta(0), clock.now())
    waits = queue.waits_of(seats) if seats else {}
    return [pushing.tag(seat.ref, waits.get(seat.pk, 0)) for seat in seats]


def _messages(alert: Alert, known: Browsers) -> Iterator[Message]:
    chosen, user = alert.settings, alert.membership.user
    if alert.is_late and chosen.email:
        yield _message(alert, "email", user.email)
    if alert.is_late and chosen.sms and chosen.phone:
        yield _message(alert, "sms", chosen.phone)
    is_fresh = clock.now() - alert.since < FRESH
    if (chosen.push_late if alert.is_late else chosen.push_arrived and is_fresh) and _may_still(alert):
        for ref in known.get((alert.business.pk, user.pk), []):
            yield _push(alert, ref)


def _may_still(alert: Alert) -> bool:
    """Tell whether a notification of a long wait would not come long after it: as when a browser is new."""
    return not alert.is_late or clock.now() < _late_at(alert) + FRESH


def _late_at(alert: Alert) -> datetime:
    return alert.since + timedelta(minutes=alert.settings.after_minutes)


def _message(alert: Alert, channel: str, to: str) -> Message:
    key = f"{alert.seat.ref}:{Kind.SOMEBODY_WAITS}:{alert.membership.pk}:{channel}:{alert.wait}"
    return _made(alert, Kind.SOMEBODY_WAITS, key, channel, to, _facts(alert), _late_at(alert) + STALE)


def _push(alert: Alert, browser: str) -> Message:
    kind = Kind.SOMEBODY_WAITS if alert.is_late else Kind.ARRIVED
    key = f"{alert.seat.ref}:{kind}:{alert.membership.pk}:push:{alert.wait}:{browser}"
    tag = pushing.tag(alert.seat.ref, alert.wait)
    facts = pushing.facts(_facts(alert), tag=tag, with_name=alert.settings.push_names)
    until = (_late_at(alert) if alert.is_late else alert.since) + FRESH
    return _made(alert, kind, key, str(PUSH), browser, facts, until)


def _made(
    alert: Alert,
    kind: Kind,
    key: str,
    channel: str,
    to: str,
    facts: AppointmentFacts | Mapping[str, Any],
    until: datetime,
) -> Message:
    user = alert.membership.user
    return Message(
        key=key,
        business_id=alert.business.pk,
        subject_ref=alert.seat.meeting.ref,
        kind=kind,
        channel=channel,
        to=to,
        to_name=user.name,
        language=user.language,
        timezone=alert.business.timezone,
        facts=facts,
        not_after=until,
        is_urgent=True,
    )


def _facts(alert: Alert) -> AppointmentFacts:
    meeting, business = alert.seat.meeting, alert.business
    since = to_minute(alert.since)
    return AppointmentFacts(
        appointment=meeting.ref,
        version=0,
        business_slug=business.slug,
        business_name=business.name,
        business_timezone=business.timezone,
        service=meeting.title,
        provider="",
        consumer=alert.seat.name,
        start_minute=since,
        end_minute=since + alert.settings.after_minutes,
        business_phone=business.phone,
        organiser_email=business.email,
        accent=business.tone,
        reason=meeting.reason,
        location_text=alert.area,
        audience=Audience.PROVIDER,
    )
