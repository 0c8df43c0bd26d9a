"""Why a start is offered or not: the masks of the offer, read one rule at a time for one start."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from vestibule.scheduling.allowed import ALL_DAYS, earliest, latest, window_clock
from vestibule.scheduling.bits import Span
from vestibule.scheduling.cases import Case
from vestibule.scheduling.diary import Diary
from vestibule.scheduling.engine import Offer
from vestibule.scheduling.teams import Choice
from vestibule.scheduling.values import Alignment, ProviderId, Question, Taken, Verdict
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

    All are `ok` if and only if the start is on offer (with that provider).
    """
    case = Case(question, only=provider)
    if not case.choices:
        who = "nobody offers this service" if provider is None else f"{provider} does not offer this service"
        return [Verdict("provider", False, "provider_not_offered", who, provider)]
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
    return min(broken, key=lambda verdict: PRIORITY.index(verdict.code))


def _nearest(case: Case, start: int, offered: Sequence[ProviderId] | None) -> Iterator[tuple[Choice, list[Diary]]]:
    """The team that is offered, or of each choice the one with the fewest objections."""
    for choice in case.choices:
        if offered is None:
            yield choice, [min(side, key=lambda diary: _objections(case, diary, start)) for side in choice.sides]
            continue
        named = zip(choice.sides, offered, strict=True)
        team = [[diary for diary in side if diary.provider == name] for side, name in named]
        if all(team):
            yield choice, [side[0] for side in team]


def _objections(case: Case, diary: Diary, start: int) -> int:
    return sum(not verdict.ok for verdict in _own(case, diary, start))


def _report(case: Case, choice: Choice, team: list[Diary], start: int) -> list[Verdict]:
    """The verdicts on a team; of each rule the first member's that objects."""
    rules: dict[str, Verdict] = {"provider": Verdict("provider", True, provider=team[0].provider)}
    rules["notice"] = _notice(case, start)
    for verdict in (each for diary in team for each in _own(case, diary, start)):
        known = rules.get(verdict.rule)
        if known is None or known.ok:
            rules[verdict.rule] = verdict
    free = all(rules[rule].ok for rule in ("busy", "buffer", "hold", "seats"))
    rules["grid"] = _grid(case, Choice.of([[diary] for diary in team], choice.clock), start, rules["hours"].ok, free)
    rules["resource"] = _resource(case, start)
    return list(rules.values())


def _own(case: Case, diary: Diary, start: int) -> Iterator[Verdict]:
    yield _window(case, diary, start)
    yield _hours(case, diary, start)
    yield from _taken(case, diary, start)
    yield _limit(case, diary, start)


def _notice(case: Case, start: int) -> Verdict:
    soonest = earliest(case.rules, case.question.now)
    if start >= soonest:
        return Verdict("notice", True)
    return Verdict("notice", False, "too_soon", f"the earliest start is {_time(soonest)}")


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
    hours, end = diary.open_hours, start + case.rules.duration
    if any(each.closes for each in diary.forbidding(start, case.rules)):
        return Verdict("hours", False, "closed", "time off", diary.provider)
    if hours.fitting(Span(start, start + 1), case.rules.duration):
        return Verdict("hours", True, provider=diary.provider)
    day = hours.clock.day(start)
    if hours.closed_on(day):
        return Verdict("hours", False, "closed", f"closed on {date_of(day)}", diary.provider)
    wanted = f"{_time(start)} to {_time(end)} is not within working hours"
    return Verdict("hours", False, "outside_hours", wanted, diary.provider)


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
    for each in diary.forbidding(start, case.rules):
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
    limits = case.rules.limits
    if limits:
        clock, days = case.limit_days(diary, limits)
        shown = clock.day(start)
        if any(first <= shown <= last for first, last in days):
            return Verdict("limit", False, "limit_reached", f"a limit is reached on {date_of(shown)}", diary.provider)
    return Verdict("limit", True, provider=diary.provider)


def _resource(case: Case, start: int) -> Verdict:
    if case.resources(Span(start, start + 1)) != 0:
        return Verdict("resource", True)
    return Verdict("resource", False, "resource_taken", "every unit of a needed resource is in use")


def _time(minute: int) -> str:
    return f"{datetime.fromtimestamp(minute * 60, UTC):%Y-%m-%dT%H:%MZ}"
