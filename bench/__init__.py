"""Benchmarks: each `bench_*.py` has `run() -> list[Row]`; `script/bench` runs them and prints a table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure: `value` in `unit`, and the bar it has to clear where there is one.

    `budget` is the most `value` may be, or the least where `more_is_better`;
    None where the figure only informs.
    """

    name: str
    value: float
    unit: str
    budget: float | None = None
    more_is_better: bool = False
    note: str = ""

    @property
    def within(self) -> bool | None:
        """Whether the bar is cleared; None without a bar."""
        if self.budget is None:
            return None
        return self.value >= self.budget if self.more_is_better else self.value <= self.budget
