"""What a rule says of a start, in sentences for those who run the business: with names and times, never consumers'.

Times are told in the zone of the business.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule import scheduling
from vestibule.booking.questions import Asked
from vestibule.notifications import when
from vestibule.people.models import Provider
from vestibule.scheduling import Alignment, Diary, Limits, Period, Person, Taken, zones
from vestibule.scheduling.allowed import earliest
from vestibule.scheduling.cases import Case
from vestibule.scheduling.zones import Clock
from vestibule.store.clock import from_minute

DAY = 24 * 60
NO_DATE = 10**6


def subject_of(rule: str) -> str:
    """Return what a rule is about, in a few words."""
    return {
        "provider": _("Whether this person offers it"),
        "notice": _("How soon it may be booked"),
        "window": _("How far ahead it may be booked"),
        "hours": _("Working hours"),
        "grid": _("When appointments start"),
        "busy": _("Other appointments and events"),
        "buffer": _("Time kept free around appointments"),
        "hold": _("Times kept for others"),
        "seats": _("Seats left"),
        "resource": _("Rooms and devices"),
        "limit": _("How many are taken in a period"),
    }.get(rule, rule)


def plain(rule: str, allows: bool) -> str:
    """Return what anybody may read of a verdict: which rule, and whether it allows the time."""
    verdict = _("allows this time") if allows else _("does not allow this time")
    return f"{subject_of(rule)}: {verdict}"


@dataclass(frozen=True)
class Reasons:
    """What makes the rules say what they say of the start at minute `start`."""

    asked: Asked
    start: int
    verdicts: Sequence[scheduling.Verdict]

    def sentence(self, verdict: scheduling.Verdict) -> str:
        """Return the verdict as a sentence with the fact behind it."""
        say = self._facts.get(verdict.rule)
        fact = say(verdict) if say is not None else ""
        return f"{subject_of(verdict.rule)}: {fact}" if fact else plain(verdict.rule, verdict.ok)

    @property
    def _facts(self) -> dict[str, Callable[[scheduling.Verdict], str]]:
        return {
            "provider": self._provider,
            "notice": self._notice,
            "window": self._window,
            "hours": self._hours,
            "grid": self._grid,
            "busy": self._taken,
            "buffer": self._taken,
            "hold": self._held,
            "seats": self._seats,
            "resource": self._resource,
            "limit": self._limit,
        }

    def _provider(self, verdict: scheduling.Verdict) -> str:
        if verdict.ok:
            return _("%(who)s offers this.") % {"who": self._name(verdict)}
        if not self.asked.offers:
            return _("Nobody offers this.")
        if self.asked.question.team_size > len(self.asked.offers):
            words = _("%(needed)s people are needed together, and %(have)s offer this.")
            return words % {"needed": self.asked.question.team_size, "have": len(self.asked.offers)}
        return _("%(who)s does not offer this.") % {"who": self._name(verdict)}

    def _notice(self, verdict: scheduling.Verdict) -> str:
        rules = self.asked.rules_of(int(verdict.provider)) if verdict.provider is not None else self.asked.rules
        soonest = self._when(earliest(rules, self.asked.question.now))
        return _("The earliest start that may be booked now is %(start)s.") % {"start": soonest}

    def _window(self, verdict: scheduling.Verdict) -> str:
        window = self.asked.rules.window
        if window is None:
            return _("It may be booked any time ahead.")
        if isinstance(window, scheduling.RollingMinutes):
            furthest = self._when(self.asked.question.now // 60 + window.minutes)
            return _("The latest start that may be booked now is %(start)s.") % {"start": furthest}
        self._case.look_ahead(self.start + 1)
        first, last = self._case.days(self._zone if window.timezone == "staff" else zones.clock_of(window.timezone))
        if not verdict.ok and verdict.code == "too_soon":
            return _("It may be booked from %(day)s on.") % {"day": _day(first)}
        if abs(last) > NO_DATE:
            return _("No day is bookable.") if last < 0 else _("It may be booked on this day.")
        return _("It may be booked up to %(day)s.") % {"day": _day(last)}

    def _hours(self, verdict: scheduling.Verdict) -> str:
        person = self._person(verdict)
        if person is None:
            return self._service_hours(verdict)
        who, rules = self._name(verdict), self.asked.rules_of(int(person.diary.provider))
        closed = [one for one in person.diary.forbidding(self.start, rules) if one.closes]
        if closed:
            return _("%(who)s is away %(times)s.") % {"who": who, "times": self._times(closed)}
        return self._open(person.diary, who)

    def _open(self, diary: Diary, who: str) -> str:
        hours = diary.open_hours
        day = hours.clock.day(self.start)
        open_then = self._of_day(hours.clock, day, hours.intervals)
        facts = {"who": who, "day": _day(day), "times": open_then}
        if not open_then:
            return _("%(who)s does not work on %(day)s.") % facts
        return _("On %(day)s %(who)s works %(times)s.") % facts

    def _service_hours(self, verdict: scheduling.Verdict) -> str:
        if verdict.ok or self.asked.question.hours is None:
            return ""
        hours = Diary("service", self.asked.question.hours).open_hours
        day = hours.clock.day(self.start)
        open_then = self._of_day(hours.clock, day, hours.intervals)
        if not open_then:
            return _("This cannot be booked for %(day)s.") % {"day": _day(day)}
        words = _("This can be booked for %(times)s on %(day)s.")
        return words % {"times": open_then, "day": _day(day)}

    def _grid(self, verdict: scheduling.Verdict) -> str:
        rules = self.asked.rules
        step = ngettext("Starts are every %(step)s minute", "Starts are every %(step)s minutes", rules.step)
        words = step % {"step": rules.step}
        if verdict.ok or rules.alignment is Alignment.FREE:
            return words + "."
        near = self._near_on_grid(verdict)
        return f"{words}; {_('the nearest are %(times)s') % {'times': near}}." if near else words + "."

    def _near_on_grid(self, verdict: scheduling.Verdict) -> str:
        question = self.asked.question
        diaries = [Diary(one.diary.provider, one.diary.hours) for one in question.people]
        empty = scheduling.Question(
            self.asked.rules,
            [Person(one) for one in diaries],
            self.start * 60 - 60 * 60 * 24 * 400,
            hours=question.hours,
        )
        grid = scheduling.free_starts(empty, self.start - DAY, self.start + DAY)
        near = [max((one for one in grid if one < self.start), default=None)]
        near.append(min((one for one in grid if one > self.start), default=None))
        return " · ".join(self._when(one) for one in near if one is not None)

    def _taken(self, verdict: scheduling.Verdict) -> str:
        person = self._person(verdict)
        if person is None or verdict.ok:
            return _("Nothing stands in the way.")
        who, rules = self._name(verdict), self.asked.rules_of(int(person.diary.provider))
        near = [one for one in person.diary.forbidding(self.start, rules) if not one.closes]
        inside = [one for one in near if one.start < self.start + rules.duration and one.end > self.start]
        found = inside if verdict.rule == "busy" else [one for one in near if one not in inside]
        booked = [one for one in found if one.service is not None]
        facts = {"who": who, "times": self._times(booked or found)}
        if verdict.rule == "buffer":
            return _("%(who)s is taken %(times)s, and time is kept free before and after.") % facts
        if booked:
            return _("%(who)s is booked %(times)s.") % facts
        return _("%(who)s is busy with something else %(times)s.") % facts

    def _held(self, verdict: scheduling.Verdict) -> str:
        if verdict.ok:
            return _("No time is being kept for somebody else.")
        return _("This time is being kept for somebody who is booking it just now.")

    def _seats(self, verdict: scheduling.Verdict) -> str:
        seats = self.asked.rules.seats
        if seats is None:
            return _("It is for one person at a time.")
        if verdict.ok:
            return ngettext("There is %(seats)s seat.", "There are %(seats)s seats.", seats) % {"seats": seats}
        return _("All %(seats)s seats are taken.") % {"seats": seats}

    def _resource(self, verdict: scheduling.Verdict) -> str:
        if not self.asked.needs:
            return _("Nothing else is needed.")
        if verdict.ok:
            return _("What is needed is free.")
        question = self.asked.question
        for names, pool in zip(self._pool_names, question.resources, strict=True):
            taken = [one for unit in pool.units for one in unit.forbidding(self.start, self.asked.rules)]
            if not pool.units or len({unit.provider for unit in pool.units if not self._is_used(unit)}) < pool.wanted:
                times = self._times(taken)
                words = _("%(what)s: in use %(times)s.") if times else _("%(what)s: nothing is free.")
                return words % {"what": names, "times": times}
        return _("Something that is needed is being kept for somebody else.")

    def _limit(self, verdict: scheduling.Verdict) -> str:
        person = self._person(verdict)
        if verdict.ok or person is None:
            return _("No limit is reached.")
        own = person.limits is not None
        for limits, everything in ((self.asked.rules.limits, False), (person.limits, True)):
            told = self._reached(person.diary, limits, everything) if limits is not None else ""
            if told:
                return told
        return _("A limit of this person is reached.") if own else ""

    def _reached(self, diary: Diary, limits: Limits, everything: bool) -> str:
        days_of = self._case.own_limit_days if everything else self._case.limit_days
        words = {
            Period.DAY: _("a day"),
            Period.WEEK: _("a week"),
            Period.MONTH: _("a month"),
            Period.YEAR: _("a year"),
        }
        for period, most in limits.max_per:
            one = replace(limits, max_per=((period, most),), max_minutes_per=())
            if self._is_reached(*days_of(diary, one)):
                return _("No more than %(most)s %(period)s are taken.") % {"most": most, "period": words[period]}
        for period, most in limits.max_minutes_per:
            one = replace(limits, max_per=(), max_minutes_per=((period, most),))
            if self._is_reached(*days_of(diary, one)):
                facts = {"most": most, "period": words[period]}
                return _("No more than %(most)s minutes %(period)s are taken.") % facts
        return ""

    def _is_reached(self, clock: Clock, days: Sequence[tuple[int, int]]) -> bool:
        return any(first <= clock.day(self.start) <= last for first, last in days)

    def _is_used(self, unit: Diary) -> bool:
        return bool(unit.forbidding(self.start, self.asked.rules))

    @property
    def _pool_names(self) -> list[str]:
        groups: dict[str, list[str]] = {}
        for need in self.asked.needs:
            groups.setdefault(need.group or f"resource {need.resource}", []).append(need.name)
        return [", ".join(names) for names in groups.values()]

    def _person(self, verdict: scheduling.Verdict) -> Person | None:
        people = self.asked.question.people
        return next((one for one in people if one.diary.provider == verdict.provider), None)

    def _name(self, verdict: scheduling.Verdict) -> str:
        return self._names.get(verdict.provider) or _("This person")

    @cached_property
    def _names(self) -> dict[Any, str]:
        ids = {one.provider for one in self.verdicts if one.provider is not None}
        return dict(Provider.objects.filter(pk__in=ids).values_list("pk", "name"))

    @cached_property
    def _case(self) -> Case:
        return Case(self.asked.question)

    @cached_property
    def _zone(self) -> Clock:
        return zones.clock_of(self.asked.service.business.timezone)

    def _of_day(self, clock: Clock, day: int, intervals: Callable[[int, int], Iterable[tuple[int, int]]]) -> str:
        spans = clock.spans_of(day, day, (self.start - 2 * DAY, self.start + 2 * DAY))
        found = [one for first, last in spans for one in intervals(first, last)]
        return self._times([Taken(first, last) for first, last in found])

    def _times(self, stretches: Iterable[Taken]) -> str:
        """Return stretches as "10:00-10:30", at most three, with the date where it is another than the start's."""
        shown = sorted({(one.start, one.end) for one in stretches})
        told = [f"{self._when(start)}\N{EN DASH}{self._time(end, start)}" for start, end in shown[:3]]
        return ", ".join(told) + (", …" if len(shown) > 3 else "")

    def _when(self, minute: int) -> str:
        return self._time(minute, self.start)

    def _time(self, minute: int, beside: int) -> str:
        time = f"{from_minute(minute).astimezone(zones.zone(self.asked.service.business.timezone)):%H:%M}"
        day = self._zone.day(minute)
        if day == self._zone.day(beside):
            return time
        if day == self._zone.day(beside) + 1 and time == "00:00":
            return "24:00"
        return f"{_day(day)} {time}"


def _day(day: int) -> str:
    return when.written(zones.date_of(day), "D j M Y")
