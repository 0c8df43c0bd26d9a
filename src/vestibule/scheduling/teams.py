"""Who can take an appointment together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Self

from vestibule.scheduling.diary import Diary
from vestibule.scheduling.hours import OpenHours
from vestibule.scheduling.values import STAFF, Alignment, Assignment, Person, ProviderId, Question, Taken
from vestibule.scheduling.zones import Clock, clock_of

Side = list[Diary]


@dataclass(frozen=True, slots=True)
class Choice:
    """Teams made of one diary from each side. All of one side keep the same hours."""

    sides: list[Side]
    clock: Clock
    hours: tuple[OpenHours, ...]

    @classmethod
    def of(cls, sides: list[Side], clock: Clock) -> Self:
        """The choice between these, the grid told by `clock`."""
        return cls(sides, clock, tuple(side[0].open_hours for side in sides))

    def having(self, provider: ProviderId) -> Self | None:
        """Only the teams with one provider; None if there are none."""
        for number, side in enumerate(self.sides):
            for diary in side:
                if diary.provider == provider:
                    return self.of([*self.sides[:number], [diary], *self.sides[number + 1 :]], self.clock)
        return None


def choices(question: Question) -> list[Choice]:
    """Every way to put a team together; diaries hold what is held for others."""
    held = _held(question)
    people = [(person, _holding(person.diary, held)) for person in question.people]
    if question.assignment is Assignment.SPECIFIC:
        people = [each for each in people if each[1].provider in question.chosen]
    if not people:
        return []
    if question.assignment is Assignment.ALL:
        made = [[[diary] for _, diary in sorted(people, key=lambda each: _rank(each[1]))]]
    elif question.assignment is Assignment.MIXED:
        made = _mixed(people, question)
    else:
        made = [[side] for side in _alike([diary for _, diary in people], question)]
    return [Choice.of(sides, _clock(sides, question)) for sides in made]


def _mixed(people: Sequence[tuple[Person, Diary]], question: Question) -> list[list[Side]]:
    fixed = sorted((diary for person, diary in people if person.fixed), key=_rank)
    groups: dict[str | None, Side] = {}
    for person, diary in people:
        if not person.fixed:
            groups.setdefault(person.group or None, []).append(diary)
    named = sorted(groups.items(), key=lambda group: group[0] or "")
    picks = product(*(_alike(side, question) for _, side in named))
    return [[*([diary] for diary in fixed), *pick] for pick in picks]


def _alike(diaries: Side, question: Question) -> list[Side]:
    """Put those together for whom the grid is the same: by their hours, unless it follows free time."""
    if question.rules.alignment is Alignment.FREE:
        return [[diary] for diary in diaries]
    sides: dict[OpenHours, Side] = {}
    for diary in diaries:
        sides.setdefault(diary.open_hours, []).append(diary)
    return list(sides.values())


def _clock(sides: list[Side], question: Question) -> Clock:
    """The clock the grid follows; of a team whose zones differ, that of its first fixed or lowest member."""
    name = question.rules.alignment_timezone
    return sides[0][0].open_hours.clock if name == STAFF else clock_of(name)


def _rank(diary: Diary) -> tuple[bool, int, str]:
    """Sorts by provider, whatever order people are listed in."""
    name: ProviderId = diary.provider
    return (False, name, "") if isinstance(name, int) else (True, 0, name)


def _held(question: Question) -> dict[ProviderId | None, list[Taken]]:
    """What is held for others just now, by provider; None is everybody."""
    found: dict[ProviderId | None, list[Taken]] = {}
    for hold in question.holds:
        if hold.expires > question.now and (question.viewer is None or hold.holder != question.viewer):
            taken = Taken(hold.start, hold.end, hold.before, hold.after, hold.service, held=True)
            found.setdefault(hold.provider, []).append(taken)
    return found


def _holding(diary: Diary, held: dict[ProviderId | None, list[Taken]]) -> Diary:
    mine = [*held.get(None, ()), *held.get(diary.provider, ())] if held else ()
    return diary.holding(*mine) if mine else diary
