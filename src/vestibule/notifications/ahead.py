"""What will go out: the sender's own rules asked ahead of time, message by message; nothing is written."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from vestibule.notifications import content, gateways, limits
from vestibule.notifications.choices import EMAIL, SMS
from vestibule.notifications.limits import Count
from vestibule.notifications.models import Gateway, OutboxMessage
from vestibule.notifications.outbox import OPEN
from vestibule.notifications.outcomes import NOT_IN_TIME, HeldBack, PutOff
from vestibule.notifications.ports import DeliveryError
from vestibule.people.models import Business

MOST = 5000
MOST_REST = 10


class Verdict(StrEnum):
    """What becomes of a message."""

    LEAVES = "leaves"
    LATER = "later"
    HELD_BACK = "held_back"
    FAILS = "fails"


@dataclass(frozen=True)
class Planned:
    """One message: when it leaves, or when it is found that it will not, and why that is not as planned."""

    message: OutboxMessage
    at: datetime
    verdict: Verdict
    words: str = ""


@dataclass(frozen=True)
class Way:
    """What carries a channel: the gateways' names, since when all of them fail, whether messages stay here."""

    channel: str
    names: tuple[str, ...]
    failing_since: datetime | None
    is_kept: bool


@dataclass(frozen=True)
class Outlook:
    """What becomes of everything due, by when that is; not `is_whole`: only the first MOST were looked at."""

    planned: Sequence[Planned]
    ways: Sequence[Way]
    is_whole: bool

    def count(self, verdict: str) -> int:
        """Return how many messages have that verdict."""
        return sum(one.verdict == verdict for one in self.planned)


def outlook(business: Business, until: datetime, now: datetime) -> Outlook:
    """Return what becomes of all that is due for a business before `until`, if nothing else is written meanwhile.

    Switches and reminders were looked at when the messages were written, and are when they are planned anew; so this
    is what the sender does. A gateway that fails delays what it carries by as long as it fails.
    """
    rows = OutboxMessage.objects.filter(
        business=business, state__in=OPEN, channel__in=(EMAIL, SMS), due_at__lt=until
    ).select_related("business")
    messages = list(rows.order_by("due_at", "pk")[: MOST + 1])
    planned = _Run(messages[:MOST], now).planned()
    ways = [_way(business, channel) for channel in (EMAIL, SMS)]
    return Outlook(sorted(planned, key=lambda one: (one.at, one.message.pk)), ways, len(messages) <= MOST)


class _Run:
    """The days ahead, gone through once: each message comes up when it is due, and again when it was put off."""

    def __init__(self, messages: Sequence[OutboxMessage], now: datetime) -> None:
        self._now, self._messages = now, messages
        self._silent = limits.silent_among(messages)
        self._used: dict[date, dict[Count, int]] = defaultdict(lambda: defaultdict(int))
        self._used[now.date()] = limits.used_on([one for one in messages if _is_counted(one)], now.date())

    def planned(self) -> list[Planned]:
        waiting = [(self._first(one), one.pk) for one in self._messages]
        heapq.heapify(waiting)
        by_key = {one.pk: one for one in self._messages}
        rests: Counter[int] = Counter()
        why: dict[int, str] = {}
        found = []
        while waiting:
            at, key = heapq.heappop(waiting)
            answer = self._answer(by_key[key], at)
            if isinstance(answer, PutOff) and rests[key] < MOST_REST:
                rests[key] += 1
                why[key] = answer.words
                heapq.heappush(waiting, (max(answer.until, at), key))
                continue
            held = answer.words if answer is not None else ""
            found.append(self._settled(by_key[key], at, held, why.get(key, "")))
        return found

    def _answer(self, message: OutboxMessage, at: datetime) -> HeldBack | PutOff | None:
        if message.not_after is not None and at >= message.not_after:
            return HeldBack(message, NOT_IN_TIME)
        return limits.refusal(message, self._silent, at)

    def _first(self, message: OutboxMessage) -> datetime:
        return max(message.due_at, message.next_at, self._now)

    def _settled(self, message: OutboxMessage, at: datetime, held: str, put_off: str) -> Planned:
        held = held or self._over_cap(message, at)
        if held:
            return Planned(message, at, Verdict.HELD_BACK, held)
        if message.channel == SMS:
            try:
                content.international(message.to)
            except DeliveryError as wrong:
                return Planned(message, at, Verdict.FAILS, str(wrong))
        return Planned(message, at, Verdict.LATER if put_off else Verdict.LEAVES, put_off)

    def _over_cap(self, message: OutboxMessage, at: datetime) -> str:
        if not _is_counted(message):
            return ""
        used = self._used[at.date()]
        counts = limits.counts_of(message)
        words = next((words for count, most, words in counts if used[count] >= most), "")
        if not words:
            for count, _most, _words in counts:
                used[count] += 1
        return words


def _is_counted(message: OutboxMessage) -> bool:
    """Tell whether a cap applies: what was tried before was counted then."""
    is_first = message.attempts == 0 or (message.attempts == 1 and message.state == OutboxMessage.State.LEASED)
    return message.channel == SMS and is_first


def _way(business: Business, channel: str) -> Way:
    rows = list(Gateway.objects.filter(business=business, channel=channel, is_active=True).order_by("position", "pk"))
    failing = [row.failing_since for row in rows if row.failing_since is not None]
    is_down = bool(rows) and len(failing) == len(rows)
    is_kept = not rows and not gateways.is_configured(channel)
    return Way(channel, tuple(row.name for row in rows), max(failing) if is_down else None, is_kept)
