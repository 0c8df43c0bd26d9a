"""What may leave now: addresses that said stop or bounced, quiet hours, and caps against numbers that cost money."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import phonenumbers
from django.db.models import F
from django.utils.translation import gettext as _

from vestibule.notifications import choices, quiet
from vestibule.notifications.choices import SMS, Choices
from vestibule.notifications.facts import Audience, Kind
from vestibule.notifications.models import Address, OutboxMessage, SentCount
from vestibule.notifications.outcomes import HeldBack, PutOff
from vestibule.store.transactions import writing

AT_ONCE = frozenset({Kind.SMS_ANSWER, Kind.PROVIDER_LATE, Kind.NEXT, Kind.CALLED_IN, Kind.HELPER_INVITED})
"""What is about this moment, or answers somebody who is awake: no hour is too late for it."""
RESTS_FOR = frozenset({str(Audience.CONSUMER), str(Audience.HELPER)})
COSTLY = frozenset({phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST})
KEPT_DAYS = timedelta(days=40)
Count = tuple[int, str, str]
"""Business, scope (`business`, `to` or `prefix`), who."""


def sort(messages: Sequence[OutboxMessage], now: datetime) -> tuple[list[OutboxMessage], list[HeldBack | PutOff]]:
    """Return which of the messages just taken may leave, and what becomes of the others.

    What may leave is counted as left, so that workers side by side overrun a cap by a batch at most. A message that
    belongs to no business, such as a sign-in code, always leaves.
    """
    silent = _silent(messages)
    leave: list[OutboxMessage] = []
    stay: list[HeldBack | PutOff] = []
    for message in messages:
        why = _refused(message, silent, now) if message.business is not None else None
        if why is None:
            leave.append(message)
        else:
            stay.append(why)
    texts = [one for one in leave if one.channel == SMS and one.business is not None and one.kind != Kind.SMS_ANSWER]
    over = _over_caps(texts, now.date())
    return [one for one in leave if one.pk not in over], [*stay, *over.values()]


def purge(today: date) -> int:
    """Forget counts nobody measures by any more; return how many."""
    return SentCount.objects.filter(day__lt=today - KEPT_DAYS).delete()[0]


def _refused(
    message: OutboxMessage, silent: dict[tuple[int | None, str, str], str], now: datetime
) -> HeldBack | PutOff | None:
    chosen = choices.of(message.business) if message.business is not None else None
    why = silent.get((message.business_id, message.channel, normal(message.channel, message.to)))
    if why and message.kind != Kind.SMS_ANSWER:
        return HeldBack(message, why)
    if message.channel != SMS or chosen is None:
        return None
    return _refused_number(message, chosen) or _resting(message, chosen, now)


def _refused_number(message: OutboxMessage, chosen: Choices) -> HeldBack | None:
    prefixes = chosen.rules.country_prefixes
    if prefixes and prefix_of(message.to) not in prefixes:
        return HeldBack(message, _("text messages are not sent to this country"))
    number = _parsed(message.to)
    if number is not None and phonenumbers.number_type(number) in COSTLY:
        return HeldBack(message, _("text messages are not sent to premium-rate numbers"))
    return None


def _resting(message: OutboxMessage, chosen: Choices, now: datetime) -> HeldBack | PutOff | None:
    if message.audience not in RESTS_FOR or message.kind in AT_ONCE:
        return None
    if not quiet.is_quiet(now, message.timezone, chosen.rules):
        return None
    ended = quiet.ends(now, message.timezone, chosen.rules)
    if message.not_after is not None and ended >= message.not_after:
        return HeldBack(message, _("the quiet hours end after it would be of use"))
    return PutOff(message, ended, _("quiet hours"))


def _silent(messages: Iterable[OutboxMessage]) -> dict[tuple[int | None, str, str], str]:
    """Return why nothing is sent to some of the addresses, by business, channel and address."""
    wanted = {normal(one.channel, one.to) for one in messages}
    businesses = {one.business_id for one in messages if one.business_id is not None}
    known = Address.objects.filter(business__in=businesses, value__in=wanted)
    return {(one.business_id, one.channel, one.value): why for one in known if (why := why_silent(one))}


def why_silent(address: Address) -> str:
    """Return why nothing is sent to an address, "" where something is."""
    if address.stopped_at is not None:
        return _("its owner wants no more messages")
    if address.complained_at is not None:
        return _("its owner called a message unwanted")
    return _("it does not exist: an earlier message came back") if address.bounced_at is not None else ""


def normal(channel: str, address: str) -> str:
    """Return an address as it is compared: a mailbox in small letters, a number as E.164."""
    if channel != SMS:
        return address.strip().lower()
    number = _parsed(address)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number is not None else address


def prefix_of(number: str) -> str:
    """Return the country prefix of a number ("+44"), "" where it has none."""
    parsed = _parsed(number)
    return f"+{parsed.country_code}" if parsed is not None else ""


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None


def _over_caps(messages: Sequence[OutboxMessage], day: date) -> dict[int, HeldBack]:
    """Count what leaves and return what is over a cap. A message tried again was counted the first time."""
    new = [one for one in messages if one.attempts <= 1]
    if not new:
        return {}
    with writing():
        used = _used(new, day)
        more: dict[Count, int] = defaultdict(int)
        over = {}
        for message in new:
            counts = _counts(message)
            words = next((words for count, most, words in counts if used[count] + more[count] >= most), "")
            if words:
                over[message.pk] = HeldBack(message, words)
                continue
            for count, _most, _words in counts:
                more[count] += 1
        _add(more, day)
    return over


def _counts(message: OutboxMessage) -> list[tuple[Count, int, str]]:
    assert message.business is not None, "only messages of businesses are counted"
    key, rules = message.business.pk, choices.of(message.business).rules
    return [
        ((key, "business", ""), rules.sms_per_day, _("the day’s text messages are used up")),
        (
            (key, "to", normal(SMS, message.to)),
            rules.sms_per_recipient,
            _("this number had its text messages for the day"),
        ),
        (
            (key, "prefix", prefix_of(message.to)),
            rules.sms_per_prefix,
            _("the day’s text messages to this country are used up"),
        ),
    ]


def _used(messages: Sequence[OutboxMessage], day: date) -> dict[Count, int]:
    wanted = {count for message in messages for count, _most, _words in _counts(message)}
    found = SentCount.objects.filter(
        day=day, channel=SMS, business__in={one[0] for one in wanted}, who__in={one[2] for one in wanted}
    )
    used: dict[Count, int] = defaultdict(int)
    used.update({(one.business_id, one.scope, one.who): one.used for one in found})
    return used


def _add(more: dict[Count, int], day: date) -> None:
    SentCount.objects.bulk_create(
        [SentCount(business_id=business, channel=SMS, day=day, scope=scope, who=who) for business, scope, who in more],
        ignore_conflicts=True,
    )
    for (business, scope, who), by in more.items():
        counted = SentCount.objects.filter(business=business, channel=SMS, day=day, scope=scope, who=who)
        counted.update(used=F("used") + by)
