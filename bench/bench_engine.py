"""The slot engine: a month of one service, 200 busy intervals a provider, four zones."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from time import process_time

from bench import Row
from vestibule.scheduling import (
    Alignment,
    Assignment,
    Diary,
    Hours,
    Person,
    Question,
    Rules,
    Taken,
    WeeklyWindow,
    check,
    offer,
)
from vestibule.scheduling.bits import pages
from vestibule.scheduling.cases import Case
from vestibule.scheduling.hours import open_hours

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
FIRST = 28_500_480
LAST = FIRST + 30 * 1440
RULES = Rules(duration=30, step=15, before=5, after=10)


def diary(number: int) -> Diary:
    """A provider with five days a week in one of four zones and 200 busy intervals in the month."""
    dice = random.Random(number)
    hours = Hours(ZONES[number % 4], tuple(WeeklyWindow(day, 480 + 15 * (number % 4), 1020) for day in range(5)))
    taken = []
    for _ in range(200):
        start = FIRST + dice.randrange(30 * 288) * 5
        taken.append(
            Taken(start, start + dice.choice((15, 30, 60)), before=5, after=10, service=dice.choice((None, 1)))
        )
    return Diary(number, hours, taken)


def question(diaries: list[Diary]) -> Question:
    return Question(RULES, [Person(each) for each in diaries], now=(FIRST - 1440) * 60)


def microseconds(work: Callable[[], object], times: int) -> float:
    """CPU time of one run: the best of five series."""
    best = float("inf")
    for _ in range(5):
        begun = process_time()
        for _ in range(times):
            work()
        best = min(best, process_time() - begun)
    return best / times * 1e6


def masks_only(asked: Question) -> None:
    """Who could start when, as masks: what the engine does before it lists minutes."""
    case = Case(asked)
    for span in pages(FIRST, LAST):
        case.parts(span)


def starts(asked: Question) -> Sequence[int]:
    """The starts as minutes."""
    return offer(asked, FIRST, LAST).starts


def run() -> list[Row]:
    """Measure with masks kept, and without."""
    rows = []
    for count in (1, 10, 100, 1000):
        asked = question([diary(number) for number in range(count)])
        masks_only(asked)
        times = max(3, 2000 // count)
        kernel = microseconds(partial(masks_only, asked), times) / count
        listed = microseconds(partial(starts, asked), max(3, 200 // count))
        rows.append(Row(f"masks kept, any of {count}, per provider", round(kernel, 2), "µs", 20.0))
        rows.append(Row(f"month of starts listed, any of {count}", round(listed, 1), "µs", note="sorted minutes"))
    return [*rows, *_teams(), *_changes()]


def _teams() -> list[Row]:
    """Teams, each of which may have a grid of its own: looked at by pairs of people, never one by one."""
    people = [diary(number) for number in range(40)]
    three = Question(RULES, [Person(each) for each in people], 0, assignment=Assignment.SOME, team_size=3)
    groups = [Person(each, group="abcd"[each.provider % 4]) for each in people if isinstance(each.provider, int)]
    mixed = replace(three, people=groups, assignment=Assignment.MIXED)
    by_free_time = replace(RULES, alignment=Alignment.FREE)
    rows = []
    for words, asked in (
        ("3 of 40 (9,880 teams)", three),
        ("3 of 40, grid after free time", replace(three, rules=by_free_time)),
        ("one of each of 4 tens (10,000 teams)", mixed),
        ("one of each of 4 tens, grid after free time", replace(mixed, rules=by_free_time)),
    ):
        masks_only(asked)
        rows.append(Row(f"masks kept, {words}", round(microseconds(partial(masks_only, asked), 3), 1), "µs"))
    return rows


def _changes() -> list[Row]:
    kept = diary(0)
    asked = question([kept])
    first = offer(asked, FIRST, LAST).starts[0]
    entry = Taken(first, first + 30, service=1)

    def cold() -> None:
        open_hours.cache_clear()
        masks_only(question([Diary(0, kept.hours, kept.taken)]))

    return [
        Row("cold: hours, busy and grid built, per provider", round(microseconds(cold, 20), 1), "µs"),
        Row("one entry added to kept masks", round(microseconds(lambda: kept.adding(entry), 200), 1), "µs"),
        Row(
            "one start checked, nothing kept",
            round(microseconds(lambda: check(question([Diary(0, kept.hours, kept.taken)]), first, 0), 50), 1),
            "µs",
        ),
    ]
