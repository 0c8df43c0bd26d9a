"""SQLite for Django, with a first-come-first-served lock taken before each write transaction.

Transactions begin IMMEDIATE (a deferred one that turns into a write does not wait for the lock but fails at once),
so every `atomic` block is a write transaction here: reads do without one.
"""

import sqlite3
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base as django_sqlite

from vestibule.store.busy import Busy
from vestibule.store.fifo import FifoLock

WAIT_SECONDS = 20.0
_writer = FifoLock()
MOST_STATEMENTS, LONGEST_STATEMENT = 1000, 4000


@lru_cache(maxsize=MOST_STATEMENTS)
def _with_marks(statement: str) -> str:
    return django_sqlite.FORMAT_QMARK_REGEX.sub("?", statement).replace("%%", "%")


class Cursor(django_sqlite.SQLiteCursorWrapper):
    """Django's cursor, which writes `%s` as `?` once for each statement, not each time."""

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        """Return a statement as SQLite reads it."""
        if param_names is not None or len(query) > LONGEST_STATEMENT:
            return str(super().convert_query(query, param_names=param_names))
        return _with_marks(query)


class DatabaseWrapper(django_sqlite.DatabaseWrapper):
    """A connection that queues fairly for the one writer SQLite allows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_writer = False

    def create_cursor(self, name: str | None = None) -> Any:
        """Return a cursor of ours."""
        return self.connection.cursor(factory=Cursor)

    def _start_transaction_under_autocommit(self) -> None:
        if not _writer.acquire(WAIT_SECONDS):
            raise Busy(f"database is busy: no turn to write within {WAIT_SECONDS:.0f} s")
        self._is_writer = True
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in the stubs
        except BaseException:
            self._step_down()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # not in the stubs
        self._step_down()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # not in the stubs
        finally:
            self._step_down()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # not in the stubs
        finally:
            self._step_down()

    def _step_down(self) -> None:
        if self._is_writer:
            self._is_writer = False
            _writer.release()


Database = sqlite3
