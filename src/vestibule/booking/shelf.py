"""What was read of the database, kept in this process for as long as the `mask_version` of its row stands still."""

import threading
from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

from vestibule.booking.models import Resource
from vestibule.people.models import Provider

_WEEKS_OF_SLACK = 4 * 7 * 24 * 60


class Versioned(Protocol):
    """What is kept of one row: its version when it was read, and the minute after which it holds everything."""

    @property
    def version(self) -> int: ...

    @property
    def since(self) -> int: ...


T = TypeVar("T", bound=Versioned)
Build = Callable[[Mapping[int, int], int], dict[int, T]]


class Shelf(Generic[T]):
    """What is kept of rows of `model`, of `most` of them: what stood there longest makes room.

    `build` reads rows (id: version) from a minute on; what was read further back than is needed is kept for four weeks
    and `slack` minutes. Of version 0, a row never changed, nothing is kept.
    """

    def __init__(self, model: type[Provider | Resource], build: Build[T], *, most: int, slack: int = 0) -> None:
        self._model, self._build = model, build
        self._most, self._slack = most, _WEEKS_OF_SLACK + slack
        self._lock = threading.Lock()
        self._kept: dict[int, T] = {}

    def keep(self, versions: Mapping[int, int], needed: int) -> dict[int, T]:
        """Return what is known of rows (id: version) after minute `needed`, in their order, reading what is missing.

        As of `versions` or later; a row that is gone may be missing.
        """
        found = {row: kept for row, version in versions.items() if (kept := self._current(row, version, needed))}
        missing = {row: version for row, version in versions.items() if row not in found}
        if missing:
            found |= self._read(missing, needed)
            return {row: found[row] for row in versions if row in found}
        return found

    def correct(self, row: int, before: int, change: Callable[[T], T]) -> None:
        """Bring what is kept of `row` at version `before` up to date; forget it where `change` raises ValueError."""
        with self._lock:
            kept = self._kept.get(row)
            if kept is None or kept.version != before:
                return
            try:
                self._kept[row] = change(kept)
            except ValueError:
                del self._kept[row]

    def forget(self) -> None:
        """Forget everything kept."""
        with self._lock:
            self._kept.clear()

    def _current(self, row: int, version: int, needed: int) -> T | None:
        kept = self._kept.get(row)
        if kept is None or not version or kept.version != version:
            return None
        return kept if kept.since <= needed <= kept.since + self._slack else None

    def _read(self, versions: Mapping[int, int], since: int) -> dict[int, T]:
        """Read rows until their version is the same before and after: then they are exactly that version's."""
        read: dict[int, T] = {}
        todo = dict(versions)
        for _attempt in range(4):
            built = self._build(todo, since)
            after = dict(self._model.objects.filter(pk__in=todo).values_list("pk", "mask_version"))
            read.update(built)
            self._remember({row: kept for row, kept in built.items() if after.get(row) == todo[row] > 0})
            todo = {row: after[row] for row in todo if after.get(row, todo[row]) != todo[row]}
            if not todo:
                break
        return read

    def _remember(self, fresh: Mapping[int, T]) -> None:
        with self._lock:
            self._kept.update(fresh)
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
