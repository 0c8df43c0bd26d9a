"""Gateways that take no messages: found, told to owners and managers once for each outage, by a way that works."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet

from vestibule.notifications import gateways, happenings, outbox
from vestibule.notifications.choices import EMAIL
from vestibule.notifications.facts import AppointmentFacts, Audience, Kind
from vestibule.notifications.models import Gateway, MessageEvent, OutboxMessage
from vestibule.notifications.outbox import Message
from vestibule.people.models import Business, Membership, Tenanted
from vestibule.people.permissions import Role
from vestibule.store import clock
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

PATIENCE = timedelta(minutes=5)
"""How long a gateway fails before somebody is written to: most come back by themselves."""
LOOKED_BACK = timedelta(hours=1)
EVENTS_LOOKED_AT = 2000
MANY = 5
"""So many messages given up within an hour, and nothing taken since, say that the gateway fails."""
OF_USE = timedelta(hours=24)
TOLD = (str(Role.OWNER), str(Role.MANAGER))


def tell_due() -> int:
    """Mark gateways that let messages die, and tell of each that fails for long; return how many messages.

    Safe to run again and again, and twice at once.
    """
    now = clock.now()
    _note_deaths(now)
    rows = failing().filter(failing_since__lte=now - PATIENCE, alerted_at=None)
    return sum(_tell(row.pk, now) for row in rows)


def failing() -> Tenanted:
    """Return the gateways in use that take no messages now."""
    return Gateway.objects.filter(is_active=True, failing_since__isnull=False)


@dataclass(frozen=True)
class HeldUp:
    """Messages of one channel that were tried and have not left: how many, due since when, and why the last did not."""

    channel: str
    count: int
    since: datetime
    words: str


def held_up(business: Business) -> list[HeldUp]:
    """Return what waits because the installation's own gateway takes nothing; a business' gateway tells of itself."""
    own = Gateway.objects.filter(business=business, is_active=True).values("channel")
    late = OutboxMessage.objects.filter(business=business, state=OutboxMessage.State.QUEUED, attempts__gt=0)
    late = late.filter(due_at__lt=clock.now() - PATIENCE).exclude(last_error="").exclude(channel__in=own)
    counted = late.values("channel").annotate(count=Count("pk"), since=Min("due_at")).order_by("channel")
    return [
        HeldUp(one["channel"], one["count"], one["since"], _last_error(late.filter(channel=one["channel"])))
        for one in counted
    ]


def _last_error(late: QuerySet[OutboxMessage]) -> str:
    return late.order_by("-next_at").values_list("last_error", flat=True).first() or ""


def _tell(key: int, now: datetime) -> int:
    with writing():
        row: Gateway | None = failing().select_related("business").filter(pk=key, alerted_at=None).first()
        if row is None:
            return 0
        messages = _messages(row, now)
        outbox.enqueue_all(messages)
        row.alerted_at = now
        row.save(update_fields=["alerted_at"])
    return len(messages)


def _messages(row: Gateway, now: datetime) -> list[Message]:
    business = row.business
    if not _has_a_way(business):
        return []
    staff = Membership.objects.filter(business=business, role__in=TOLD, is_active=True, user__is_active=True)
    return [_message(row, one, now) for one in staff.select_related("user")]


def _message(row: Gateway, reader: Membership, now: datetime) -> Message:
    since = to_minute(row.failing_since or now)
    return Message(
        key=f"gateway:{row.ref}:{Kind.GATEWAY_FAILS}:{reader.pk}:email:{since}",
        business_id=row.business_id if _own_mail_works(row.business) else None,
        subject_ref="",
        kind=Kind.GATEWAY_FAILS,
        channel=EMAIL,
        to=reader.user.email,
        to_name=reader.user.name,
        language=reader.user.language,
        timezone=row.business.timezone,
        facts=_facts(row, since),
        not_after=now + OF_USE,
        is_urgent=True,
    )


def _own_mail_works(business: Business) -> bool:
    """Tell whether mail in the business' name leaves: by a gateway of its own that works, or by the installation's.

    Otherwise the message is the installation's, so that no gateway of the business is asked.
    """
    own = Gateway.objects.filter(business=business, channel=EMAIL, is_active=True)
    return own.filter(failing_since=None).exists() or not own.exists()


def _has_a_way(business: Business) -> bool:
    return _own_mail_works(business) or gateways.is_configured(EMAIL)


def _facts(row: Gateway, since: int) -> AppointmentFacts:
    business = row.business
    return AppointmentFacts(
        appointment="",
        version=0,
        business_slug=business.slug,
        business_name=business.name,
        business_timezone=business.timezone,
        service=row.name,
        provider="",
        consumer="",
        start_minute=since,
        end_minute=since,
        business_phone=business.phone,
        organiser_email=business.email,
        accent=business.tone,
        reason=row.problem,
        audience=Audience.OFFICE,
    )


def _note_deaths(now: datetime) -> None:
    """Mark gateways that refused for good what was given to them, where none of it speaks of the gateway itself."""
    last = MessageEvent.objects.order_by("-pk").first()
    if last is None or last.at < now - LOOKED_BACK:
        return
    latest = MessageEvent.objects.filter(
        pk__gt=last.pk - EVENTS_LOOKED_AT,
        what=MessageEvent.What.REFUSED,
        at__gt=now - LOOKED_BACK,
        message__state=OutboxMessage.State.FAILED,
    )
    told = list(latest.values_list("message__business", "message__channel", "gateway", "message", "at", "words"))
    for row in Gateway.objects.filter(is_active=True, failing_since=None) if told else ():
        since = row.last_taken_at or row.created_at
        mine = [one for one in told if one[:3] == (row.business_id, row.channel, row.name[:40]) and one[4] > since]
        if len({message for *_which, message, _at, _words in mine}) >= MANY:
            with writing():
                happenings.failed(row.pk, Counter(one[5] for one in mine).most_common(1)[0][0], now)
