"""Free starts, side by side in one run: our engine and our HTTP answer, the textbook way, and what others publish.

All are given the same work (`scheduling_work`), all that can be compared must agree, and CPU time is what counts. Then
the same requests on a database with a million past appointments, a thousand providers and a hundred thousand customers.
`VESTIBULE_BENCH_QUICK=1` measures 1 and 20 providers and a fifth of the history, in a fraction of the time.
"""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from time import process_time

from bench import Row, rivals
from bench.interval_engine import any_of, free_starts
from bench.rivals import Answered, NotToBeHad
from bench.scheduling_server import Served, served
from bench.scheduling_work import CLOSES, DAYS, LENGTH, SIZES, ZONE, Work, busy_minutes, first_day, opens
from vestibule.scheduling import Diary, Hours, Person, Question, Rules, Taken, WeeklyWindow, offer
from vestibule.scheduling.hours import open_hours
from vestibule.store.clock import from_minute, to_minute

QUICK = bool(os.environ.get("VESTIBULE_BENCH_QUICK"))
PAST, CUSTOMERS = (200_000, 20_000) if QUICK else (1_000_000, 100_000)
MOST_PEOPLE = {"django-appointment": 20, "cal.com": 100}  # of more, this many are measured and the figure is scaled
CANNOT = {
    "django-appointment": "asked person by person and day by day; one zone, no clock changes, no team, no holds",
    "cal.com": "its functions alone, without its database; says when, not who",
}
Starts = dict[int, list[int]]


@dataclass(frozen=True)
class Measured:
    """CPU milliseconds, and each provider's starts as UTC minutes (or everybody's, under no number)."""

    cost: float
    starts: Starts | list[int]
    note: str = ""


def run() -> list[Row]:
    """Measure every size and stretch; then the same server with a history."""
    sizes = SIZES[:2] if QUICK else SIZES
    rows: list[Row] = []
    with served(sizes) as fresh:
        for size in sizes:
            for days in DAYS:
                rows += _side_by_side(Work(size, days, first_day()), fresh)
        before = _everyday(fresh)
    with served(sizes[-1:], past=PAST, customers=CUSTOMERS) as old:
        after = _everyday(old)
    history = f"with {PAST:,} past appointments, {max(sizes):,} providers, {CUSTOMERS:,} customers"
    for name, cost in before.items():
        rows.append(Row(f"{name}, nothing in the past", cost, "ms CPU"))
        rows.append(Row(f"{name}, {history}", after[name], "ms CPU"))
    month = next(iter(before))
    return [*rows, Row(f"{month}: with the history ÷ without", after[month] / before[month], "×", 1.3)]


def _side_by_side(work: Work, server: Served) -> list[Row]:
    """One work by all engines. Raises AssertionError if two that can be compared do not agree."""
    title = f"{work.providers:,} providers × {work.days} days"
    kept, cold = _ours(work)
    ours = {
        "our engine, masks kept": kept,
        "our engine, cold": cold,
        "our HTTP answer": _over_http(work, server),
    }
    others = {"textbook on zoneinfo": _textbook(work)} | _rivals(work)
    for name, one in {**ours, **others}.items():
        _agree(title, name, one.starts, kept.starts)
    http = ours["our HTTP answer"].cost
    rows = [Row(f"{title}: {name}", one.cost, "ms CPU", note=one.note) for name, one in {**ours, **others}.items()]
    for name, one in others.items():
        against = f"{one.cost / kept.cost:,.0f} × our engine, {one.cost / cold.cost:,.0f} × cold"
        rows.append(Row(f"{title}: {name} ÷ our HTTP answer", one.cost / http, "×", note=against))
    return rows


def _agree(title: str, name: str, told: Starts | list[int], ours: Starts | list[int]) -> None:
    assert isinstance(ours, dict)
    if isinstance(told, dict):
        same = told == {number: ours[number] for number in told}
    else:
        same = told == sorted(set().union(*ours.values()))
    if not same:
        raise AssertionError(f"{title}: {name} does not answer what our engine answers")


def _ours(work: Work) -> tuple[Measured, Measured]:
    first, last = to_minute(work.since), to_minute(work.until)
    rules = Rules(duration=LENGTH, step=LENGTH)
    taken = [[Taken(start, end) for start, end in busy_minutes(number)] for number in range(work.providers)]

    def diaries() -> list[Diary]:
        return [Diary(number, _hours(number), busy) for number, busy in enumerate(taken)]

    def answer(known: Sequence[Diary]) -> Starts:
        question = Question(rules, [Person(one) for one in known], now=(first - 1440) * 60)
        return {int(one): starts for one, starts in offer(question, first, last).by_provider().items()}

    def anew() -> Starts:
        open_hours.cache_clear()
        return answer(diaries())

    known = diaries()
    starts = answer(known)
    again = max(2, 200 // work.providers)
    return Measured(_cost(lambda: answer(known), again), starts), Measured(_cost(anew, max(2, again // 5)), anew())


def _hours(number: int) -> Hours:
    return Hours(ZONE, tuple(WeeklyWindow(day, opens(number), CLOSES) for day in range(5)))


def _textbook(work: Work) -> Measured:
    busy = [
        [(from_minute(start), from_minute(end)) for start, end in busy_minutes(number)]
        for number in range(work.providers)
    ]
    weekly = [
        [(day, time(opens(number) // 60, opens(number) % 60), time(CLOSES // 60)) for day in range(5)]
        for number in range(work.providers)
    ]
    length = timedelta(minutes=LENGTH)

    def answer() -> Starts:
        found = [
            (number, free_starts(ZONE, weekly[number], busy[number], work.first, work.days, length))
            for number in range(work.providers)
        ]
        any_of(found)
        return {number: [to_minute(one) for one in starts] for number, starts in found}

    return Measured(_cost(answer, 1 if work.providers > 20 else 3), answer())


def _over_http(work: Work, server: Served) -> Measured:
    cost = server.month(work.providers, work, times=max(3, min(200, 1000 // work.providers)))
    return Measured(cost, server.starts(work.providers, work))


def _rivals(work: Work) -> dict[str, Measured]:
    """What others answer; whoever is not to be had is left out, loudly."""
    found = {}
    for name, ask in (("django-appointment", rivals.django_appointment), ("cal.com", rivals.calcom)):
        people = min(work.providers, MOST_PEOPLE[name])
        if name in _not_to_be_had:
            continue
        try:
            answered = ask(replace(work, providers=people))
        except NotToBeHad as reason:
            _not_to_be_had.add(name)
            sys.stderr.write(f"\nNOT MEASURED: {name}: {reason}\nThe rest is measured without it.\n\n")
            continue
        scale = work.providers / people
        note = CANNOT[name] + (f"; {people} providers measured, times {scale:g}" if scale > 1 else "")
        found[name] = Measured(answered.cpu_seconds * 1000 * scale, _told(answered, work, people), note)
    return found


_not_to_be_had: set[str] = set()


def _told(answered: Answered, work: Work, people: int) -> Starts | list[int]:
    if answered.starts and isinstance(answered.starts[0], list):
        return {number: list(starts) for number, starts in enumerate(answered.starts)}
    told: list[int] = answered.starts
    if people == work.providers:
        return told
    kept, _cold = _ours(Work(people, work.days, work.first))
    _agree(f"{people} of {work.providers:,} providers", "a rival", told, kept.starts)
    return {}


def _everyday(server: Served) -> dict[str, float]:
    """CPU milliseconds of what people do all day, with the most providers."""
    size = max(server.sizes)
    return {
        f"month over HTTP, {size:,} providers": server.month(
            size, Work(size, 30, first_day()), times=max(15, 6000 // size)
        ),
        f"booking over HTTP, one of {size:,} providers": server.bookings(size, 60),
        "the manager's list of appointments": server.listing(30),
        "the manager's reports, 30 days with all of it": server.reports(3),
    }


def _cost(work: Callable[[], object], times: int) -> float:
    """CPU milliseconds of one run: the best of three series."""
    best = float("inf")
    gc.collect()
    for _ in range(3):
        begun = process_time()
        for _ in range(times):
            work()
        best = min(best, process_time() - begun)
    return best / times * 1000
