"""What may leave now: addresses that said stop or bounced, quiet hours, and caps against numbers that cost money."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

import phonenumbers
from django.conf import settings
from django.db import connection
from django.db.models import F, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.notifications import choices, quiet
from vestibule.notifications.choices import SMS, Choices
from vestibule.notifications.facts import Audience, Kind
from vestibule.notifications.models import Address, Gateway, OutboxMessage, SentCount
from vestibule.notifications.outcomes import HeldBack, PutOff, TooLate
from vestibule.people import telephone
from vestibule.people.languages import spoken
from vestibule.store.transactions import writing

log = logging.getLogger(__name__)
AT_ONCE = frozenset({Kind.SMS_ANSWER, Kind.PROVIDER_LATE, Kind.NEXT, Kind.CALLED_IN, Kind.HELPER_INVITED})
"""What is about this moment, or answers somebody who is awake: no hour is too late for it."""
RESTS_FOR = frozenset({str(Audience.CONSUMER), str(Audience.HELPER)})
UNDER_1 = frozenset({"US", "CA", "PR", "GU", "VI", "AS", "MP"})
KEPT_DAYS = timedelta(days=40)
USUAL_CAP = 20_000
COUNT = """
    INSERT INTO notifications_sentcount AS known (business_id, channel, day, scope, who, used)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (business_id, channel, day, scope, who) DO UPDATE SET used = known.used + excluded.used
"""
Stays = TooLate | HeldBack | PutOff
Silent = dict[tuple[int | None, str, str], Address]
Count = tuple[int, str, str]
"""Business, scope (`business`, `to` or `prefix`), who."""
OF_INSTALLATION: Count = (0, "all", "")
"""What businesses without a gateway of their own send together: the operator pays for it, and they set their caps."""


def sort(messages: Sequence[OutboxMessage], now: datetime) -> tuple[list[OutboxMessage], list[Stays]]:
    """Return which of the messages just taken may leave, and what becomes of the others, in words of their business.

    What may leave is counted as left, so that workers side by side overrun a cap by a batch at most; `uncount` takes
    that back. A message that belongs to no business, such as a sign-in code, always leaves in time.
    """
    silent = silent_among(messages)
    leave: list[OutboxMessage] = []
    stay: list[Stays] = []
    for message in messages:
        why = TooLate(message) if _is_too_late(message, now) else _why_not(message, silent, now)
        if why is None:
            leave.append(message)
        else:
            stay.append(why)
    over = _over_caps(_counted(leave), now.date())
    return [one for one in leave if one.pk not in over], [*stay, *over.values()]


def uncount(messages: Sequence[OutboxMessage], day: date) -> None:
    """Take back that messages were counted, as they were not tried after all."""
    counted = _counted(messages)
    if counted:
        with writing():
            for message in counted:
                for (business, scope, who), _most, _words in counts_of(message):
                    rows = SentCount.objects.filter(business=business, channel=SMS, day=day, scope=scope, who=who)
                    rows.filter(used__gt=0).update(used=F("used") - 1)


def _counted(messages: Sequence[OutboxMessage]) -> list[OutboxMessage]:
    """Return those a cap is measured by. A message tried again was counted the first time."""
    return [one for one in messages if one.channel == SMS and one.business is not None and one.attempts <= 1]


def _is_too_late(message: OutboxMessage, now: datetime) -> bool:
    return message.not_after is not None and now >= message.not_after


def _why_not(message: OutboxMessage, silent: Silent, now: datetime) -> HeldBack | PutOff | None:
    if message.business is None:
        return None
    with translation.override(spoken(message.business.language)):
        return refusal(message, silent, now)


def purge(today: date) -> int:
    """Forget counts nobody measures by any more; return how many."""
    return SentCount.objects.filter(day__lt=today - KEPT_DAYS).delete()[0]


def refusal(message: OutboxMessage, silent: Silent, now: datetime) -> HeldBack | PutOff | None:
    """Return what becomes of a message that may not leave at `now`, caps apart; None: it may.

    `silent` is what `silent_among` returned for it. Stores nothing.
    """
    chosen = choices.of(message.business) if message.business is not None else None
    address = silent.get((message.business_id, message.channel, normal(message.channel, message.to)))
    if address is not None and message.kind != Kind.SMS_ANSWER:
        return HeldBack(message, why_silent(address))
    if message.channel != SMS or chosen is None:
        return None
    return _refused_number(message, chosen) or _resting(message, chosen, now)


def _refused_number(message: OutboxMessage, chosen: Choices) -> HeldBack | None:
    prefixes = chosen.rules.country_prefixes
    if prefixes and prefix_of(message.to) not in prefixes:
        return HeldBack(message, _("text messages are not sent to this country"))
    if telephone.is_costly(message.to):
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


def silent_among(messages: Iterable[OutboxMessage]) -> Silent:
    """Return those of the addresses nothing is sent to, by business, channel and address."""
    wanted = {normal(one.channel, one.to) for one in messages}
    businesses = {one.business_id for one in messages if one.business_id is not None}
    known = Address.objects.filter(business__in=businesses, value__in=wanted)
    return {(one.business_id, one.channel, one.value): one for one in known if why_silent(one)}


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
    """Return the country prefix of a number ("+44"), "" where it has none.

    The islands that share +1, among them some of the dearest countries to write to, have one of their own ("+1876").
    """
    parsed = _parsed(number)
    if parsed is None:
        return ""
    if parsed.country_code == 1 and phonenumbers.region_code_for_number(parsed) not in UNDER_1:
        return f"+1{str(parsed.national_number)[:3]}"
    return f"+{parsed.country_code}"


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None


def _over_caps(messages: Sequence[OutboxMessage], day: date) -> dict[int, HeldBack]:
    """Count what leaves and return what is over a cap."""
    if not messages:
        return {}
    counted = {message.pk: counts_of(message) for message in messages}
    with writing():
        used = _used_of({count for counts in counted.values() for count, _most, _words in counts}, day)
        more: dict[Count, int] = defaultdict(int)
        over = {}
        for message in messages:
            counts = counted[message.pk]
            full = next(((count, words) for count, most, words in counts if used[count] + more[count] >= most), None)
            if full is not None:
                over[message.pk] = HeldBack(message, full[1])
                if full[0] == OF_INSTALLATION:
                    _tell_operator(day)
                continue
            for count, _most, _words in counts:
                more[count] += 1
        _add(more, day)
    return over


def counts_of(message: OutboxMessage) -> list[tuple[Count, int, str]]:
    """Return what a text message is counted by, the cap of each, and what is said when that is reached."""
    assert message.business is not None, "only messages of businesses are counted"
    key, rules = message.business.pk, choices.of(message.business).rules
    with translation.override(spoken(message.business.language)):
        used_up = _("the day’s text messages are used up")
        had_theirs = _("this number had its text messages for the day")
        used_up_there = _("the day’s text messages to this country are used up")
        used_up_by_all = _("the day’s text messages of this installation are used up")
    costs: list[tuple[Count, int, str]] = [
        ((key, "business", ""), rules.sms_per_day, used_up),
        ((key, "prefix", prefix_of(message.to)), rules.sms_per_prefix, used_up_there),
    ]
    if not choices.of(message.business).pays_texts:
        costs.append((OF_INSTALLATION, installation_cap(), used_up_by_all))
    if message.kind == Kind.SMS_ANSWER:  # who asked is answered; how often is for whoever answers to know
        return costs
    return [*costs, ((key, "to", normal(SMS, message.to)), rules.sms_per_recipient, had_theirs)]


def used_on(messages: Sequence[OutboxMessage], day: date) -> dict[Count, int]:
    """Return how many left on a day (UTC) by what these messages are counted by; none counts as 0."""
    return _used_of({count for message in messages for count, _most, _words in counts_of(message)}, day)


def _used_of(wanted: set[Count], day: date) -> dict[Count, int]:
    found = SentCount.objects.filter(
        day=day, channel=SMS, business__in={one[0] for one in wanted}, who__in={one[2] for one in wanted}
    )
    used: dict[Count, int] = defaultdict(int)
    used.update({(one.business_id, one.scope, one.who): one.used for one in found})
    if OF_INSTALLATION in wanted:
        used[OF_INSTALLATION] = _used_of_installation(day)
    return used


def installation_cap() -> int:
    """Return how many text messages a day the gateway of the installation carries for all businesses together."""
    try:
        return max(0, int(settings.CONFIGURATION["SMS_PER_DAY"]))
    except ValueError:
        return USUAL_CAP


@lru_cache(maxsize=1)
def _tell_operator(day: date) -> None:
    """Say in the log, once a day, that more text messages were to leave than the operator lets."""
    log.warning("VESTIBULE_SMS_PER_DAY is reached: until midnight UTC no more text messages leave on %s", day)


def _used_of_installation(day: date) -> int:
    own = Gateway.objects.filter(channel=SMS, is_active=True).values("business")
    rows = SentCount.objects.filter(day=day, channel=SMS, scope="business").exclude(business__in=own)
    used: int = rows.aggregate(whole=Sum("used"))["whole"] or 0
    return used


def _add(more: dict[Count, int], day: date) -> None:
    """Keep what left; what it is of the installation's is the sum of what businesses sent."""
    more = {count: by for count, by in more.items() if count != OF_INSTALLATION}
    on = connection.ops.adapt_datefield_value(day)
    with connection.cursor() as cursor:
        cursor.executemany(COUNT, [(business, SMS, on, scope, who, by) for (business, scope, who), by in more.items()])
