"""`python -m bench [--check] [NAME …]`: run the benchmarks, print a table, write bench/results/NAME.json."""

import argparse
import importlib
import json
import platform
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench import Row

HERE = Path(__file__).parent
VERDICTS = {True: "ok", False: "OVER", None: ""}


def names() -> list[str]:
    """The benchmarks there are: bench_slots.py is called `slots`."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def measure(name: str) -> list[Row]:
    rows: list[Row] = importlib.import_module(f"bench.bench_{name}").run()
    return rows


def written(name: str, rows: Sequence[Row], seconds: float) -> Path:
    """Write the figures of one benchmark as JSON and return where."""
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.json"
    facts = {
        "benchmark": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "rows": [{**asdict(row), "within": row.within} for row in rows],
    }
    path.write_text(json.dumps(facts, indent=1) + "\n")
    return path


def bar(row: Row) -> str:
    if row.budget is None:
        return ""
    return f"{'≥' if row.more_is_better else '≤'} {row.budget:g}"


def table(name: str, rows: Sequence[Row]) -> str:
    """Columns: figure, value and unit, budget, verdict, note."""
    cells = [(row.name, f"{row.value:,.4g} {row.unit}", bar(row), VERDICTS[row.within], row.note) for row in rows]
    first, second, third, fourth = (max((len(cell[column]) for cell in cells), default=0) for column in range(4))
    lines = [
        f"  {figure:<{first}}  {value:>{second}}  {budget:<{third}}  {verdict:<{fourth}}  {note}"
        for figure, value, budget, verdict, note in cells
    ]
    return "\n".join([name, *(line.rstrip() for line in lines)])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench", description="Run the benchmarks.")
    parser.add_argument("name", nargs="*", help=f"which: {', '.join(names()) or 'there are none yet'}")
    parser.add_argument("--check", action="store_true", help="exit 1 when a figure misses its budget")
    options = parser.parse_args(arguments)
    unknown = set(options.name) - set(names())
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(names())}")
    over, broken = 0, list[str]()
    for name in options.name or names():
        began = time.perf_counter()
        try:
            rows = measure(name)
        except Exception:  # what it cost to measure the others is not to be lost
            traceback.print_exc()
            broken.append(name)
            continue
        path = written(name, rows, time.perf_counter() - began)
        over += sum(row.within is False for row in rows)
        print(f"{table(name, rows)}\n  written to {path.relative_to(HERE.parent)}\n", flush=True)
    if broken:
        print(f"Not measured, for the faults above: {', '.join(broken)}", file=sys.stderr)
    return 1 if broken or (over and options.check) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
