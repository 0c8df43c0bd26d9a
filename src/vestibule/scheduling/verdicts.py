"""Why a start is offered or not: the masks of the offer, read one rule at a time for one start."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from vestibule.scheduling.allowed import ALL_DAYS, latest, window_clock
from vestibule.scheduling.bits import Span
from vestibule.scheduling.cases import Case
from vestibule.scheduling.diary import Diary
from vestibule.scheduling.engine import Offer
from vestibule.scheduling.teams import Choice
from vestibule.scheduling.values import Alignment, Assignment, ProviderId, Question, Taken, Verdict
from vestibule.scheduling.zones import date_of

PRIORITY = (
    "provider_not_offered",
    "too_soon",
    "too_far",
    "closed",
    "outside_hours",
    "off_grid",
    "slot_taken",
    "resource_taken",
    "limit_reached",
)


def explain(question: Question, start: int, provider: ProviderId | None = None) -> list[Verdict]:
    """Every rule's verdict on one start, for `provider` or for whoever comes closest to being free.

    All are `ok` if and only if the start is on offer (with that provider). Where a rule differs from person to person
    the verdict names the person.
    """
    case = Case(question, only=provider)
    if not case.choices:
        return [Verdict("provider", False, "provider_not_offered", _nobody(question, provider), provider)]
    offered = next(Offer(case, start, start + 1).teams(start), None)
    case.look_ahead(start + 1)
    reports = (_report(case, *each, start) for each in _nearest(case, start, offered))
    return min(reports, key=lambda report: sum(not verdict.ok for verdict in report))


def check(question: Question, start: int, provider: ProviderId | None = None) -> Verdict | None:
    """The first rule that refuses `start`, or None when it may be booked.

    For the write transaction: the same rules as the offer, and only what one start needs.
    Where several codes apply the first of `PRIORITY` is given.
    """
    case = Case(question, only=provider)
    if Offer(case, start, start + 1):
        return None
    broken = [verdict for verdict in explain(question, start, provider) if not verdict.ok]
    return min(broken, key=_urgency)


def _urgency(verdict: Verdict) -> int:
    """Sorts broken verdicts, the one to be told first."""
    return PRIORITY.index(verdict.code)


def _nobody(question: Question, provider: ProviderId | None) -> str:
    if provider is not None and all(person.diary.provider != provider for person in question.people):
        return f"{provider} does not offer this service"
    if question.assignment is Assignment.SOME and question.people:
        return f"{question.team_size} are needed, and {len(question.people)} offer this service"
    return "nobody offers this service" if provider is None else f"{provider} was not chosen"


def _nearest(case: Case, start: int, offered: Sequence[ProviderId] | None) -> Iterator[tuple[Choice, list[Diary]]]:
    """The team that is offered, or of each choice the one with the fewest objections."""
    for choice in case.choices:
        if offered is None:
            yield (
                choice,
                [
                    diary
                    for each in zip(choice.sides, choice.counts, strict=True)
                    for diary in _best(case, *each, start)
                ],
            )
            continue
        team = [[diary for diary in side if diary.provider in offered] for side in choice.sides]
        if [len(side) for side in team] == [*choice.counts]:
            yield choice, [diary for side in team for diary in side]


def _best(case: Case, side: list[Diary], count: int, start: int) -> list[Diary]:
    """Those of a side with the fewest objections, in the order of the side."""
    if len(side) == count:
        return side
    ordered = sorted(range(len(side)), key=lambda number: _objections(case, side[number], start))
    return [side[number] for number in sorted(ordered[:count])]


def _objections(case: Case, diary: Diary, start: int) -> int:
    return sum(not verdict.ok for verdict in _own(case, diary, start))


def _report(case: Case, choice: Choice, team: list[Diary], start: int) -> list[Verdict]:
    """The verdicts on a team; of each rule the most urgent objection, of equals the first member's."""
    rules: dict[str, Verdict] = {"provider": Verdict("provider", True, provider=team[0].provider)}
    for verdict in (each for diary in team for each in _own(case, diary, start)):
        _note(rules, verdict)
    _note(rules, _service_hours(case, choice, start))
    free = all(rules[rule].ok for rule in ("busy", "buffer", "hold", "seats"))
    rules["grid"] = _grid(case, choice.of(team), start, rules["hours"].ok, free)
    rules["resource"] = _resource(case, team, start)
    return list(rules.values())


def _note(rules: dict[str, Verdict], verdict: Verdict) -> None:
    known = rules.get(verdict.rule)
    if known is None or (not verdict.ok and (known.ok or _urgency(verdict) < _urgency(known))):
        rules[verdict.rule] = verdict


def _own(case: Case, diary: Diary, start: int) -> Iterator[Verdict]:
    yield _notice(case, diary, start)
    yield _window(case, diary, start)
    yield _hours(case, diary, start)
    yield from _taken(case, diary, start)
    yield _limit(case, diary, start)


def _notice(case: Case, diary: Diary, start: int) -> Verdict:
    soonest = case.terms(diary).soonest
    if start >= soonest:
        return Verdict("notice", True, provider=diary.provider)
    return Verdict("notice", False, "too_soon", f"the earliest start is {_time(soonest)}", diary.provider)


def _window(case: Case, diary: Diary, start: int) -> Verdict:
    furthest = latest(case.rules, case.question.now)
    if furthest is not None and start > furthest:
        return Verdict("window", False, "too_far", f"the latest start is {_time(furthest)}", diary.provider)
    clock = window_clock(case.rules.window, diary.open_hours.clock)
    first, last = case.days(clock)
    day = clock.day(start)
    if day > last:
        until = "no date is bookable" if last == ALL_DAYS[0] else f"bookable up to {date_of(last)}"
        return Verdict("window", False, "too_far", until, diary.provider)
    if day < first:
        return Verdict("window", False, "too_soon", f"bookable from {date_of(first)}", diary.provider)
    return Verdict("window", True, provider=diary.provider)


def _hours(case: Case, diary: Diary, start: int) -> Verdict:
    if any(each.closes for each in diary.forbidding(start, case.terms(diary).rules)):
        return Verdict("hours", False, "closed", "time off", diary.provider)
    hours = diary.open_hours
    if hours.fitting(Span(start, start + 1), case.rules.duration):
        return Verdict("hours", True, provider=diary.provider)
    day = hours.clock.day(start)
    if hours.closed_on(day):
        return Verdict("hours", False, "closed", f"closed on {date_of(day)}", diary.provider)
    return Verdict("hours", False, "outside_hours", _not_within(case, start, "working hours"), diary.provider)


def _service_hours(case: Case, choice: Choice, start: int) -> Verdict:
    """When the service can be booked at all: a date of which its hours name nothing is closed."""
    for hours in choice.service:
        if not hours.fitting(Span(start, start + 1), case.rules.duration):
            day = hours.clock.day(start)
            if hours.has_none_on(day):
                return Verdict("hours", False, "closed", f"the service cannot be booked on {date_of(day)}")
            return Verdict("hours", False, "outside_hours", _not_within(case, start, "the hours of the service"))
    return Verdict("hours", True)


def _not_within(case: Case, start: int, hours: str) -> str:
    return f"{_time(start)} to {_time(start + case.rules.duration)} is not within {hours}"


def _grid(case: Case, choice: Choice, start: int, in_hours: bool, free: bool) -> Verdict:
    """Off-hours there is no grid to be on; nor, where it follows free time, in time that is taken."""
    if not in_hours or (case.rules.alignment is Alignment.FREE and not free):
        return Verdict("grid", True, detail="there is no grid here")
    if case.grid(choice, Span(start, start + 1)):
        return Verdict("grid", True)
    return Verdict("grid", False, "off_grid", f"starts are every {case.rules.step} minutes")


def _taken(case: Case, diary: Diary, start: int) -> Iterator[Verdict]:
    """One verdict for each way in which time can be taken."""
    why: dict[str, str] = {}
    for each in diary.forbidding(start, case.terms(diary).rules):
        if not each.closes:
            why.setdefault(_way(each, start, case.rules.duration), f"{_time(each.start)} to {_time(each.end)}")
    seats = case.rules.seats
    if seats and diary.sessions(case.rules.service).get(start, 0) >= seats:
        why["seats"] = f"all {seats} seats are taken"
    for rule in ("busy", "buffer", "hold", "seats"):
        code = "slot_taken" if rule in why else ""
        yield Verdict(rule, rule not in why, code, why.get(rule, ""), diary.provider)


def _way(taken: Taken, start: int, duration: int) -> str:
    if taken.held:
        return "hold"
    return "busy" if taken.start < start + duration and taken.end > start else "buffer"


def _limit(case: Case, diary: Diary, start: int) -> Verdict:
    rules, _, _, own = case.terms(diary)
    reached = [("a limit is reached", *case.limit_days(diary, rules.limits))] if rules.limits else []
    if own:
        reached.append(("a limit on all appointments is reached", *case.own_limit_days(diary, own)))
    for what, clock, days in reached:
        shown = clock.day(start)
        if any(first <= shown <= last for first, last in days):
            return Verdict("limit", False, "limit_reached", f"{what} on {date_of(shown)}", diary.provider)
    return Verdict("limit", True, provider=diary.provider)


def _resource(case: Case, team: list[Diary], start: int) -> Verdict:
    if case.resources(Span(start, start + 1)) != 0:
        return Verdict("resource", True)
    if case.rules.seats and all(start in diary.sessions(case.rules.service) for diary in team):
        return Verdict("resource", True, detail="the session has what it needs")
    return Verdict("resource", False, "resource_taken", _lacking(case, start))


def _lacking(case: Case, start: int) -> str:
    """Which resource is short."""
    for pool, free in zip(case.question.resources, case.free_units(start), strict=True):
        if len(free) < pool.wanted:
            return f"{len(free)} of {len(pool.units)} units are free, and {pool.wanted} are needed"
    raise AssertionError("asked only when one is short")


def _time(minute: int) -> str:
    return f"{datetime.fromtimestamp(minute * 60, UTC):%Y-%m-%dT%H:%MZ}"
