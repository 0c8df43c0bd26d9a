"""Who can take an appointment together."""

from collections.abc import Sequence
from typing import NamedTuple

from vestibule.scheduling.diary import Diary
from vestibule.scheduling.hours import OpenHours, open_hours
from vestibule.scheduling.values import STAFF, Alignment, Assignment, Hold, Person, ProviderId, Question, Taken
from vestibule.scheduling.zones import Clock, clock_of

Side = list[Diary]
People = Sequence[tuple[Person, Diary]]
Held = dict[ProviderId | None, list[Taken]]


class Choice(NamedTuple):
    """Teams made of so many diaries from each side; their grid is told by `clock`.

    `service` are the hours in which the service can be booked at all: none or one. `hours` are theirs and those of the
    first of each side; the grid is laid in them if there is `one_grid` for every team. Then all of one side
    keep the same hours, or where the grid follows free time there is one team alone.
    """

    sides: list[Side]
    counts: tuple[int, ...]
    clock: Clock
    service: tuple[OpenHours, ...]
    hours: tuple[OpenHours, ...]
    by_free_time: bool
    one_grid: bool

    def of(self, team: Sequence[Diary]) -> "Choice":
        """The choice of this one team."""
        hours = (*(diary.open_hours for diary in team), *self.service)
        return self._replace(sides=[[diary] for diary in team], counts=(1,) * len(team), hours=hours, one_grid=True)

    def having(self, provider: ProviderId) -> "Choice | None":
        """Only the teams with one provider; None if there are none."""
        for number, side in enumerate(self.sides):
            for diary in side:
                if diary.provider == provider:
                    return self._having(number, diary)
        return None

    def _having(self, number: int, diary: Diary) -> "Choice":
        split: list[tuple[Side, int]] = [([diary], 1)]
        if self.counts[number] > 1:
            split.append(([each for each in self.sides[number] if each is not diary], self.counts[number] - 1))
        parts = [*zip(self.sides, self.counts, strict=True)]
        parts[number : number + 1] = split
        sides, counts = [side for side, _ in parts], tuple(count for _, count in parts)
        return _choice(sides, counts, self.clock, self.service, self.by_free_time)


def choices(question: Question) -> list[Choice]:
    """Every way to put a team together; diaries hold what is held for others."""
    held = held_for_others(question)
    people = [(person, holding(person.diary, held)) for person in question.people]
    if question.assignment is Assignment.SPECIFIC:
        people = [each for each in people if each[1].provider in question.chosen]
    if not people:
        return []
    service = () if question.hours is None else (open_hours(question.hours),)
    by_free_time = question.rules.alignment is Alignment.FREE
    if question.assignment in (Assignment.ANY, Assignment.SPECIFIC) or (
        question.assignment is Assignment.SOME and question.team_size == 1
    ):
        return [
            Choice([side], (1,), _clock(side[0], question), service, (side[0].open_hours, *service), by_free_time, True)
            for side in _alike([diary for _, diary in people], by_free_time)
        ]
    return [
        _choice(sides, counts, _clock(lead, question), service, by_free_time)
        for sides, counts, lead in _teams(people, question)
    ]


def rank(name: ProviderId) -> tuple[bool, int, str]:
    """Sorts providers, whatever order people are listed in."""
    return (False, name, "") if isinstance(name, int) else (True, 0, name)


def held_for_others(question: Question) -> Held:
    """What is held for others just now, by provider; None is everybody."""
    found: Held = {}
    for hold in question.holds:
        if hold.expires > question.now and (question.viewer is None or hold.holder != question.viewer):
            found.setdefault(hold.provider, []).append(_taken(hold))
    return found


def holding(diary: Diary, held: Held, *, everybodys: bool = True) -> Diary:
    """The diary with what is held of it, and with what is held of everybody unless told otherwise."""
    if not held:
        return diary
    mine = [*(held.get(None, ()) if everybodys else ()), *held.get(diary.provider, ())]
    return diary.holding(*mine) if mine else diary


def _taken(hold: Hold) -> Taken:
    return Taken(hold.start, hold.end, hold.before, hold.after, hold.service, held=True)


def _sorted(people: People) -> Side:
    return sorted((diary for _, diary in people), key=lambda diary: rank(diary.provider))


def _teams(people: People, question: Question) -> list[tuple[list[Side], tuple[int, ...], Diary]]:
    """The sides of a team, how many of each, and whom the grid follows."""
    everybody, size = _sorted(people), question.team_size
    if question.assignment is Assignment.MIXED:
        return [(sides, (1,) * len(sides), sides[0][0]) for sides in _mixed(people, question)]
    if question.assignment is Assignment.SOME and size != len(everybody):
        return [([everybody], (size,), everybody[0])] if size < len(everybody) else []
    return [([[diary] for diary in everybody], (1,) * len(everybody), everybody[0])]


def _mixed(people: People, question: Question) -> list[list[Side]]:
    """The fixed people and one of each group; if nobody is fixed, apart by the clock of whom the grid follows."""
    fixed = [[diary] for diary in _sorted([each for each in people if each[0].fixed])]
    groups: dict[str, Side] = {}
    for person, diary in people:
        if not person.fixed:
            groups.setdefault(person.group or "", []).append(diary)
    named = [groups[name] for name in sorted(groups)]
    if fixed or question.rules.alignment_timezone != STAFF:
        return [[*fixed, *named]]
    clocks: dict[Clock, Side] = {}
    for diary in named[0]:
        clocks.setdefault(diary.open_hours.clock, []).append(diary)
    return [[side, *named[1:]] for side in clocks.values()]


def _alike(diaries: Side, by_free_time: bool) -> list[Side]:
    """Put those together for whom the grid is the same: by their hours, unless it follows free time."""
    if by_free_time:
        return [[diary] for diary in diaries]
    sides: dict[OpenHours, Side] = {}
    for diary in diaries:
        sides.setdefault(diary.open_hours, []).append(diary)
    return list(sides.values())


def _choice(
    sides: list[Side], counts: tuple[int, ...], clock: Clock, service: tuple[OpenHours, ...], by_free_time: bool
) -> Choice:
    hours = (*(side[0].open_hours for side in sides), *service)
    one_grid = all(len(side) == 1 or (not by_free_time and len(_alike(side, by_free_time)) == 1) for side in sides)
    return Choice(sides, counts, clock, service, hours, by_free_time, one_grid)


def _clock(lead: Diary, question: Question) -> Clock:
    """The clock the grid follows; of a team whose zones differ, that of its first fixed or lowest member."""
    name = question.rules.alignment_timezone
    return lead.open_hours.clock if name == STAFF else clock_of(name)
