"""`vestibule slots FILE`: the published scenarios are answered, and malformed ones are named."""

import io
import json
import os
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.scheduling import oracle
from vestibule.scheduling.scenarios import run_slots

SHARED = Path(os.environ.get("VESTIBULE_SHARED") or Path(__file__).resolve().parents[3] / "shared")
EXAMPLES = SHARED / "contracts" / "scheduling" / "examples.json"
published = json.loads(EXAMPLES.read_text("utf-8")) if EXAMPLES.is_file() else []
GOOD: dict[str, Any] = {
    "id": "good",
    "now": "2024-05-20T00:00:00Z",
    "service": {"duration_min": 60},
    "staff": [{"id": "s", "timezone": "UTC", "weekly": [{"days": ["mon"], "start": "09:00", "end": "10:00"}]}],
    "assignment": "any",
    "query": {"from": "2024-06-03T00:00:00Z", "to": "2024-06-04T00:00:00Z"},
}


def answers(tmp_path: Path, content: object) -> tuple[int, list[Any]]:
    path = tmp_path / "scenarios.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    out = io.StringIO()
    code = run_slots(str(path), out)
    return code, [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.skipif(not published, reason=f"NOT RUN: the published slot scenarios are missing, looked for {EXAMPLES}")
def test_the_published_scenarios_are_there() -> None:
    assert len(published) >= 39


@pytest.mark.parametrize("answer", ["engine", "oracle"])
@pytest.mark.parametrize("scenario", published, ids=lambda scenario: scenario["id"])
def test_a_published_scenario(scenario: Any, answer: str, tmp_path: Path) -> None:
    expect = scenario["expect"]
    got = answers(tmp_path, scenario)[1][0]["slots"] if answer == "engine" else oracle.slots(scenario)
    assert got == expect.get("slots", got)
    assert set(expect.get("present", [])) <= set(got)
    assert not set(expect.get("absent", [])) & set(got)
    assert len(got) == expect.get("count", len(got))


def test_one_scenario_or_a_list_is_answered_one_line_each(tmp_path: Path) -> None:
    line = {"id": "good", "slots": ["2024-06-03T09:00:00Z"]}
    assert answers(tmp_path, GOOD) == (0, [line])
    assert answers(tmp_path, [GOOD, GOOD]) == (0, [line, line])


def spoilt(change: Callable[[Any], None]) -> Any:
    scenario = deepcopy(GOOD)
    change(scenario)
    return scenario


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda s: s.pop("now"), "now: is missing"),
        (lambda s: s.update(now="soon"), "now: must be a time such as 2026-03-02T09:00:00Z, not 'soon'"),
        (lambda s: s.update(now="2024-05-20T00:00:00"), "now: must name its offset from UTC"),
        (lambda s: s.update(now="0001-01-01T00:00:00Z"), "now: must lie between the years 1900 and 2300"),
        (lambda s: s.update(now=5), "now: must be text, not 5"),
        (lambda s: s.pop("staff"), "staff: is missing"),
        (lambda s: s.update(staff={}), "staff: must be a list, not {}"),
        (lambda s: s.update(staff=[7]), "staff[0]: must be an object, not 7"),
        (lambda s: s["staff"][0].pop("timezone"), "staff[0].timezone: is missing"),
        (lambda s: s["staff"][0].update(timezone="Mars/Olympus"), "staff[0].timezone: 'Mars/Olympus' is not a known"),
        (lambda s: s["staff"][0]["weekly"][0].update(start="9:00"), "staff[0].weekly[0].start: must be a time of day"),
        (lambda s: s["staff"][0]["weekly"][0].update(end="24:01"), "staff[0].weekly[0].end: must be a time of day"),
        (lambda s: s["staff"][0]["weekly"][0].update(days=["xmas"]), "staff[0].weekly[0].days[0]: must be one of mon"),
        (
            lambda s: s["staff"][0].update(overrides=[{"date": "2024-02-30"}]),
            "staff[0].overrides[0].date: must be a date",
        ),
        (lambda s: s["staff"][0].update(overrides=[{"date": "2024-06-03"}]), "staff[0].overrides[0].start: is missing"),
        (
            lambda s: s["staff"][0].update(busy=[{"start": "2024-06-03T10:00:00Z", "end": "2024-06-03T09:00:00Z"}]),
            "staff[0].busy[0].end: must not be before start",
        ),
        (
            lambda s: s["service"].update(duration_min=0),
            "service.duration_min: must be a whole number from 1 to 527040, not 0",
        ),
        (lambda s: s["service"].update(duration_min=True), "service.duration_min: must be a whole number from 1"),
        (
            lambda s: s["service"].update(duration_min=1.5),
            "service.duration_min: must be a whole number from 1 to 527040, not 1.5",
        ),
        (lambda s: s["service"].update(alignment="moon"), "service.alignment: must be one of window, clock, free"),
        (
            lambda s: s["service"].update(booking_window={"type": "x"}),
            "service.booking_window.type: must be one of none",
        ),
        (
            lambda s: s["service"].update(booking_window={"type": "rolling_days"}),
            "service.booking_window.days: is missing",
        ),
        (
            lambda s: s["service"].update(limits={"max_per": {"eon": 1}}),
            "service.limits.max_per.eon: must be one of day",
        ),
        (lambda s: s["service"].update(limits={"max_per": {"day": -1}}), "service.limits.max_per.day: must be a whole"),
        (lambda s: s.update(assignment="some"), "assignment: must be one of any, all, specific, mixed, not 'some'"),
        (lambda s: s["query"].pop("to"), "query.to: is missing"),
        (lambda s: s.update(holds=[{"start": "2024-06-03T10:00:00Z"}]), "holds[0].end: is missing"),
    ],
)
def test_a_malformed_scenario_is_named_with_its_key_in_one_line(
    change: Callable[[Any], None], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answers(tmp_path, spoilt(change)) == (2, [])
    said = capsys.readouterr().err
    assert said.startswith('vestibule slots: scenario "good": ' + complaint)
    assert said.count("\n") == 1


def test_the_sound_scenarios_beside_a_malformed_one_are_answered(tmp_path: Path) -> None:
    code, lines = answers(tmp_path, [spoilt(lambda s: s.pop("query")), GOOD])
    assert (code, [line["id"] for line in lines]) == (2, ["good"])


@pytest.mark.parametrize(
    ("content", "complaint"), [("{", "is not JSON"), ("7", "scenario number 1: must be an object")]
)
def test_a_file_that_holds_no_scenario_is_refused(
    content: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answers(tmp_path, content) == (2, [])
    assert complaint in capsys.readouterr().err


def test_a_missing_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_slots(str(tmp_path / "nowhere.json"), io.StringIO()) == 2
    assert "No such file" in capsys.readouterr().err


def test_null_stands_for_an_absent_key(tmp_path: Path) -> None:
    empty: Any = dict.fromkeys(("booking_window", "limits", "seats", "alignment", "slot_interval_min"))
    assert answers(tmp_path, spoilt(lambda s: s["service"].update(empty))) == answers(tmp_path, GOOD)
