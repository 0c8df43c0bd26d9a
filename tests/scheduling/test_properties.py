"""What holds for every scenario, whatever its rules."""

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scheduling import oracle, wider, worlds
from tests.scheduling.worlds import Json
from vestibule.scheduling import Diary, bits, check, explain, free_starts, offer
from vestibule.scheduling.bits import pages
from vestibule.scheduling.diary import shape_of
from vestibule.scheduling.scenarios import Scenario, read_scenario
from vestibule.scheduling.verdicts import PRIORITY

DAY = 1440


def answer(world: Json) -> list[str]:
    return wider.read(world).slots()


@given(worlds.scenarios())
@settings(deadline=None, max_examples=40)
def test_the_engine_agrees_with_a_literal_reading_of_the_contract(world: Json) -> None:
    assert answer(world) == oracle.slots(world)


@given(worlds.wider(most_staff=3))
@settings(deadline=None, max_examples=25)
def test_so_it_does_in_what_the_contract_has_no_words_for(world: Json) -> None:
    assert answer(world) == oracle.slots(world)


@given(worlds.wider(most_days=40))
@settings(deadline=None, max_examples=50)
def test_a_month_is_the_union_of_its_days(world: Json) -> None:
    asked = wider.read(world)
    days = [
        start
        for first in range(asked.first, asked.last, DAY)
        for start in free_starts(asked.question, first, min(first + DAY, asked.last))
    ]
    assert days == free_starts(asked.question, asked.first, asked.last)


@given(worlds.scenarios(), st.sampled_from(worlds.ZONES))
@settings(deadline=None, max_examples=40)
def test_the_answer_does_not_depend_on_who_looks(world: Json, zone: str) -> None:
    assert answer(world) == answer({**world, "viewer_timezone": zone})


@contextmanager
def server_in(zone: str) -> Iterator[None]:
    """Let the process believe it stands somewhere else."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


@given(worlds.scenarios(), st.sampled_from(worlds.ZONES))
@settings(deadline=None, max_examples=40)
def test_the_answer_does_not_depend_on_where_the_server_stands(world: Json, zone: str) -> None:
    here = answer(world)
    with server_in(zone):
        assert answer(world) == here


@given(worlds.wider(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_the_answer_does_not_depend_on_the_order_of_anything(world: Json, dice: random.Random) -> None:
    staff = [dict(each) for each in world["staff"]]
    for each in staff:
        for key in ("weekly", "overrides", "timezone_changes", "busy", "bookings"):
            each[key] = dice.sample(each[key], len(each[key]))
    dice.shuffle(staff)
    pools = [{**pool, "units": pool["units"][::-1]} for pool in world.get("resources", [])][::-1]
    assert answer({**world, "staff": staff, "holds": world["holds"][::-1], "resources": pools}) == answer(world)


@given(worlds.scenarios(most_days=20), st.data())
@settings(deadline=None, max_examples=50)
def test_masks_kept_through_changes_equal_masks_built_anew(world: Json, data: st.DataObject) -> None:
    asked = read_scenario(world)
    shape, spans = shape_of(asked.question.rules), list(pages(asked.first, asked.last))
    old = asked.question.people[0].diary
    kept = [old.clear(span, shape) for span in spans]
    gone = data.draw(st.lists(st.sampled_from(old.taken), unique_by=id, max_size=2)) if old.taken else []
    come = [entry for person in asked.question.people[1:] for entry in person.diary.taken]
    diary = old.adding(*come).removing(*gone)
    fresh = Diary(old.provider, old.hours, diary.taken)
    assert [diary.clear(span, shape) for span in spans] == [fresh.clear(span, shape) for span in spans]
    assert diary.removing(*come).adding(*gone).clear(spans[0], shape) == kept[0]


@given(worlds.wider(most_days=3), st.data())
@settings(deadline=None, max_examples=50)
def test_explain_and_check_agree_with_the_offer(world: Json, data: st.DataObject) -> None:
    asked = wider.read(world)
    found = offer(asked.question, asked.first, asked.last)
    assert found.starts == [start for start in found.starts if start in found]
    drawn = data.draw(st.lists(st.integers(asked.first, asked.last - 1), max_size=5))
    for start in [*found.starts[:3], *found.starts[-2:], *drawn]:
        agrees(asked, start, start in found.starts, found.providers(start))


def agrees(asked: Scenario, start: int, free: bool, providers: tuple[int | str, ...]) -> None:
    refused_by_rules(asked, start, None, free)
    for person in asked.question.people:
        refused_by_rules(asked, start, person.diary.provider, person.diary.provider in providers)


def refused_by_rules(asked: Scenario, start: int, provider: int | str | None, free: bool) -> None:
    """What is refused is refused by the first rule of those that explain names; what is offered, by none."""
    broken = [verdict for verdict in explain(asked.question, start, provider) if not verdict.ok]
    refused = check(asked.question, start, provider)
    assert (refused is None) == (not broken) == free
    if refused is not None:
        assert refused in broken
        assert PRIORITY.index(refused.code) == min(PRIORITY.index(verdict.code) for verdict in broken)


@given(worlds.wider())
@settings(deadline=None, max_examples=40)
def test_every_team_named_for_a_start_is_free_by_itself(world: Json) -> None:
    asked = wider.read(world)
    found = offer(asked.question, asked.first, asked.last)
    for start in found.starts[:5]:
        teams = list(found.teams(start))
        assert teams
        assert {name for team in teams for name in team} == set(found.providers(start))
        assert len(teams) == len(set(teams))
        assert all(found.has_team(start, team) for team in teams)
        seats, left = asked.question.rules.seats, found.seats_left(start)
        assert left is None if seats is None else left is not None and 0 < left <= seats
    listed = found.by_provider()
    for name, starts in listed.items():
        assert starts == [start for start in found.starts if name in found.providers(start)]


@given(worlds.wider())
@settings(deadline=None, max_examples=30)
def test_the_teams_named_for_a_start_are_those_a_literal_reading_finds(world: Json) -> None:
    world = {**world, "service": {**world["service"], "booking_window": None}}
    asked = wider.read(world)
    found = offer(asked.question, asked.first, asked.last)
    for start in [*found.starts[:2], *found.starts[-1:]]:
        stamp = datetime.fromtimestamp(start * 60, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert {frozenset(team) for team in found.teams(start)} == oracle.teams(world, stamp)


@given(worlds.scenarios(), st.integers(1, 90))
@settings(deadline=None, max_examples=40)
def test_more_taken_time_never_frees_a_start_of_a_window(world: Json, minutes: int) -> None:
    service = {**world["service"], "alignment": "window", "seats": None, "booking_window": None}
    start = datetime.fromisoformat(world["query"]["from"])
    event = {"start": worlds.stamp(start), "end": worlds.stamp(start + timedelta(minutes=minutes))}
    busier = [{**each, "busy": [*each["busy"], event]} for each in world["staff"]]
    more, less = answer({**world, "service": service}), answer({**world, "service": service, "staff": busier})
    assert set(less) <= set(more)


stretches = st.lists(st.tuples(st.integers(0, 199), st.integers(1, 60)), max_size=6)


@given(stretches, st.integers(1, 40), st.integers(1, 30))
def test_bit_tricks_do_what_their_names_say(spans: list[tuple[int, int]], length: int, step: int) -> None:
    mask = bits.mask_of(bits.merged((start, start + size) for start, size in spans), bits.Span(0, 200))
    ones = sorted({minute for start, size in spans for minute in range(start, min(start + size, 200))})
    assert bits.minutes(mask, 0) == ones
    assert bits.minutes(bits.eroded(mask, length), 1000) == [
        1000 + minute for minute in ones if all(mask >> (minute + more) & 1 for more in range(length))
    ]
    begins = [minute for minute in ones if minute - 1 not in ones]
    assert bits.minutes(bits.beginnings(mask), 0) == begins
    walked: list[int] = []
    for minute in begins:
        end = next(end for end in range(minute, 201) if end not in ones)
        walked += range(minute, end, step)
    assert bits.minutes(bits.stepped(mask, bits.beginnings(mask), step), 0) == walked
    marks = bits.comb(step, 200)
    assert bits.minutes(marks, 0) == list(range(0, 200, step))
    firsts = [next((m for m in range(minute, 201) if m not in ones or m % step == 0), 0) for minute in begins]
    assert bits.minutes(bits.first_marked(mask, marks), 0) == [minute for minute in firsts if minute in ones]
