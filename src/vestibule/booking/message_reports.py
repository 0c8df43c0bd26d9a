"""What became of messages, by day, way, kind or gateway; and whether who said that they come did come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf, TruncDate

from vestibule.booking.models import Appointment
from vestibule.booking.reports import Asked
from vestibule.notifications import history, trials
from vestibule.notifications.models import IncomingText, MessageEvent, OutboxMessage
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock

S, Meaning = Appointment.Status, IncomingText.Meaning
NOBODY = ""
"""The gateway of what was given to none: held back, or wrong in itself."""
NUMBERS = ("sent", "delivered", "undelivered", "failed", "held_back")
ANSWERS = (str(Meaning.CONFIRM), str(Meaning.CANCEL), str(Meaning.LATE))


class By(StrEnum):
    """What a line of the report is about."""

    DAY = "day"
    CHANNEL = "channel"
    KIND = "kind"
    GATEWAY = "gateway"


@dataclass(frozen=True)
class Line:
    """Messages due on one day, or of one channel, kind or gateway (`label`); what is still due is not in it.

    A message that was given up belongs to the gateway that refused it last.
    `sent` were taken by a gateway (or kept where there is none); of these `delivered` and `undelivered` are known from
    reports, which not every gateway sends. `failed` were given up, `held_back` never tried. `answers` are messages
    answered, by what was said.
    """

    label: str = ""
    day: date | None = None
    sent: int = 0
    delivered: int = 0
    undelivered: int = 0
    failed: int = 0
    held_back: int = 0
    answers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ANSWERS, 0))

    @property
    def total(self) -> int:
        return self.sent + self.failed + self.held_back

    @property
    def answered(self) -> int:
        return sum(self.answers.values())


@dataclass(frozen=True)
class Coming:
    """Settled appointments of consumers who had said that they come, or had not: how many, and who did not come."""

    confirmed: int
    confirmed_no_shows: int
    others: int
    other_no_shows: int


@dataclass(frozen=True)
class Report:
    """Lines, all of them together, and who came."""

    lines: Sequence[Line]
    whole: Line
    coming: Coming


def report(actor: Actor, business: Business, asked: Asked, by: By) -> Report:
    """Return what became of the messages due on the dates asked for, tests of words apart. Raises NotPermitted."""
    actor.require(Permission.SEE_RESULTS)
    first, last = (clock.from_minute(one) for one in asked.minutes(business.timezone))
    rows = OutboxMessage.objects.visible_to(actor).filter(business=business, due_at__gte=first, due_at__lt=last)
    rows = rows.exclude(key__startswith=trials.KEYS)
    keyed = _keyed(rows, by, ZoneInfo(business.timezone))
    answers = _answers(keyed)
    lines = [_line(row, by, answers) for row in _counted(keyed)]
    if by is By.DAY:
        lines = _each_day(lines, asked)
    else:
        lines.sort(key=lambda line: (-line.total, line.label))
    return Report(
        [line for line in lines if line.total or by is By.DAY], _whole(lines), _coming(actor, business, asked)
    )


def _keyed(rows: QuerySet[OutboxMessage], by: By, zone: ZoneInfo) -> QuerySet[Any]:
    """Return messages with `of`, what their line is told from others by; of a gateway that is its name."""
    if by is By.DAY:
        return rows.annotate(of=TruncDate("due_at", tzinfo=zone))
    if by is By.GATEWAY:
        named = NullIf(F("gateway"), Value(""))
        return rows.annotate(of=Coalesce(F("used_gateway__name"), named, history.last_refusal(), Value(NOBODY)))
    return rows.annotate(of=F(str(by)))


def _counted(keyed: QuerySet[Any]) -> list[dict[str, Any]]:
    counts = {name: Count("pk", filter=history.WHICH[name]) for name in NUMBERS}
    return list(keyed.order_by().values("of").annotate(**counts))


def _answers(keyed: QuerySet[Any]) -> dict[Any, dict[str, int]]:
    """Return how many messages were answered, by line and by what was said; each counts once for each."""
    said = Q(events__what=MessageEvent.What.ANSWERED, events__words__in=ANSWERS)
    rows = keyed.filter(said).order_by().values("of", "events__words").annotate(n=Count("pk", distinct=True))
    found: dict[Any, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["of"], dict.fromkeys(ANSWERS, 0))[row["events__words"]] = row["n"]
    return found


def _line(row: dict[str, Any], by: By, answers: dict[Any, dict[str, int]]) -> Line:
    numbers = {name: row[name] for name in NUMBERS}
    said = answers.get(row["of"], dict.fromkeys(ANSWERS, 0))
    if by is By.DAY:
        return Line(day=row["of"], answers=said, **numbers)
    return Line(label=row["of"], answers=said, **numbers)


def _each_day(lines: Sequence[Line], asked: Asked) -> list[Line]:
    known = {line.day: line for line in lines}
    days = [asked.first + timedelta(days=number) for number in range((asked.last - asked.first).days + 1)]
    return [known.get(day, Line(day=day)) for day in days]


def _whole(lines: Sequence[Line]) -> Line:
    numbers = {name: sum(getattr(line, name) for line in lines) for name in NUMBERS}
    return Line(answers={name: sum(line.answers[name] for line in lines) for name in ANSWERS}, **numbers)


def _coming(actor: Actor, business: Business, asked: Asked) -> Coming:
    first, last = asked.minutes(business.timezone)
    rows = Appointment.objects.visible_to(actor).filter(
        business=business, start_minute__gte=first, start_minute__lt=last, status__in=(S.COMPLETED, S.NO_SHOW)
    )
    missed, said = Q(status=S.NO_SHOW), Q(confirmed_at__isnull=False)
    counted = rows.aggregate(
        confirmed=Count("pk", filter=said),
        confirmed_no_shows=Count("pk", filter=said & missed),
        others=Count("pk", filter=~said),
        other_no_shows=Count("pk", filter=~said & missed),
    )
    return Coming(**counted)
