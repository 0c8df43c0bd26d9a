"""Which rule decides each start of a day: what a manager sees who asks why a time is not offered."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from vestibule import scheduling
from vestibule.booking import availability
from vestibule.booking.catalogue import offers_of
from vestibule.booking.models import Service
from vestibule.booking.questions import Asked
from vestibule.people.models import Provider
from vestibule.scheduling import Diary

FREE = "free"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of UTC minutes, half-open, whose starts one rule decides; `rule` is "free" where they can be booked.

    `code` is the refusal of the starts in it. `starts` counts the starts of the grid: 0 where there is no grid.
    """

    first: int
    last: int
    rule: str
    code: str
    starts: int


def parts(
    service: Service, first: int, last: int, *, provider: Provider | None = None, length: int | None = None
) -> list[Part]:
    """Cover the minutes `first` to `last` (a day, as it is meant) with parts, in order.

    Each start of the grid stands for the time up to the next one, at most for the interval of the service.
    Raises ServiceHidden, ProviderNotOffered, or Invalid for a length that is not offered.
    """
    availability.require_visible(service)
    asked = availability.asked_of(service, offers_of(service.pk), provider.pk if provider else None, length=length)
    free = set(asked.offer(first, last).starts)
    marks = sorted(free.union(_grid(asked, first, last)))
    found: list[Part] = []
    for begin, end, starts in _covered(marks, asked.rules.step, first, last):
        rule, code = (FREE, "") if begin in free else _decides(asked, begin)
        if found and found[-1].rule == rule and found[-1].code == code and bool(found[-1].starts) == bool(starts):
            found[-1] = replace(found[-1], last=end, starts=found[-1].starts + starts)
        else:
            found.append(Part(begin, end, rule, code, starts))
    return found


def _grid(asked: Asked, first: int, last: int) -> list[int]:
    """Return the starts there would be if nothing was booked and only hours counted: the grid."""
    question = asked.question
    people = [
        replace(one, diary=Diary(one.diary.provider, one.diary.hours), rules=None, limits=None)
        for one in question.people
    ]
    rules = replace(question.rules, notice=0, window=None, limits=None)
    return scheduling.free_starts(
        replace(question, people=people, rules=rules, holds=(), resources=(), now=0), first, last
    )


def _covered(marks: list[int], step: int, first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """Yield (begin, end, starts) in order and without a gap: each mark up to the next, and what lies between."""
    at = first
    for mark, following in zip(marks, (*marks[1:], last), strict=False):
        if mark > at:
            yield at, mark, 0
        at = min(mark + step, following)
        yield mark, at, 1
    if at < last:
        yield at, last, 0


def _decides(asked: Asked, start: int) -> tuple[str, str]:
    refused = scheduling.check(asked.question, start, asked.provider_at(start))
    return (refused.rule, refused.code) if refused is not None else (FREE, "")
