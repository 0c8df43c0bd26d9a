"""What scenarios have no words for, in further keys of the same JSON; the oracle reads them by itself.

- `assignment: "some"` with `team_size`
- `staff[].own`: `buffer_before_min`, `buffer_after_min`, `min_notice_min` and `limits` in place of the service's
- `staff[].limits`: of all appointments of one of the staff together
- `hours`: when the service can be booked at all, as `staff[]` tells hours
- `resources[]`: `wanted` of `units[]`, each told as `staff[]` is; without `timezone` it is always there. A hold's
  `staff` may name a unit.
"""

from dataclasses import replace
from typing import Any

from tests.scheduling.worlds import Json
from vestibule.scheduling import Assignment, Diary, Hours, Limits, Person, Pool, Rules
from vestibule.scheduling.reading import Given
from vestibule.scheduling.scenarios import Scenario, _person, read_limits, read_rules, read_scenario

OWN = ("buffer_before_min", "buffer_after_min", "min_notice_min", "limits")


def read(world: Json) -> Scenario:
    """A scenario with the further keys."""
    some = world["assignment"] == "some"
    plain = read_scenario({**world, "assignment": "any"} if some else world)
    asked = plain.question
    more: dict[str, Any] = {"assignment": Assignment.SOME, "team_size": world["team_size"]} if some else {}
    people = [_with_own(*each, asked.rules) for each in zip(asked.people, world["staff"], strict=True)]
    pools = [Pool([_unit(unit) for unit in pool["units"]], pool["wanted"]) for pool in world.get("resources") or []]
    return replace(plain, question=replace(asked, people=people, resources=pools, hours=_hours(world), **more))


def _with_own(person: Person, given: Json, rules: Rules) -> Person:
    own = given.get("own")
    read = read_rules(Given({"duration_min": rules.duration, **own})) if own else None
    return replace(person, rules=read, limits=_limits(given))


def _limits(given: Json) -> Limits | None:
    return read_limits(Given(given["limits"])) if given.get("limits") else None


def _hours(world: Json) -> Hours | None:
    hours = world.get("hours")
    return _person(Given({"id": "hours", **hours})).diary.hours if hours else None


def _unit(given: Json) -> Diary:
    diary = _person(Given({**given, "timezone": given.get("timezone") or "UTC"})).diary
    return diary if given.get("timezone") else Diary(diary.provider, None, diary.taken)
