"""Telling staff by message of whoever has waited too long: rows of the outbox, once for each person and wait."""

from datetime import timedelta

from vestibule.meetings import alerting
from vestibule.meetings.alerting import Alert
from vestibule.notifications import outbox
from vestibule.notifications.facts import AppointmentFacts, Audience, Kind
from vestibule.notifications.outbox import Message
from vestibule.store.clock import to_minute

STALE = timedelta(minutes=30)


def tell_due() -> int:
    """Tell whoever wants to be told of somebody who waits, and was not told yet; return how many messages that are.

    Safe to run again and again, and twice at once.
    """
    return outbox.enqueue_new(message for alert in alerting.due() for message in _messages(alert))


def _messages(alert: Alert) -> list[Message]:
    ways = [("email", alert.membership.user.email)] if alert.settings.email else []
    if alert.settings.sms and alert.settings.phone:
        ways.append(("sms", alert.settings.phone))
    return [_message(alert, channel, to) for channel, to in ways]


def _message(alert: Alert, channel: str, to: str) -> Message:
    user, business = alert.membership.user, alert.business
    return Message(
        key=f"{alert.seat.ref}:{Kind.SOMEBODY_WAITS}:{alert.membership.pk}:{channel}:{alert.wait}",
        business_id=business.pk,
        subject_ref=alert.seat.meeting.ref,
        kind=Kind.SOMEBODY_WAITS,
        channel=channel,
        to=to,
        to_name=user.name,
        language=user.language,
        timezone=business.timezone,
        facts=_facts(alert),
        not_after=alert.since + timedelta(minutes=alert.settings.after_minutes) + STALE,
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
        accent=business.accent,
        reason=meeting.reason,
        location_text=alert.area,
        audience=Audience.PROVIDER,
    )
