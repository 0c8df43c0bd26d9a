"""By which rules each person takes the service."""

from dataclasses import replace
from typing import NamedTuple

from vestibule.scheduling.allowed import earliest
from vestibule.scheduling.diary import Shape, shape_of
from vestibule.scheduling.values import Limits, Person, Rules


class Terms(NamedTuple):
    """Rules as one person reads them, the first minute that is not too soon, and limits on all their appointments."""

    rules: Rules
    shape: Shape
    soonest: int
    limits: Limits | None = None


def terms_of(rules: Rules, now: int, person: Person | None = None) -> Terms:
    """What holds for a person; without one, what holds for who has no rules of their own."""
    limits = None if person is None else person.limits
    if person is not None and person.rules is not None:
        own = person.rules
        rules = replace(rules, before=own.before, after=own.after, notice=own.notice, limits=own.limits)
    return Terms(rules, shape_of(rules), earliest(rules, now), limits)
