"""The clinic that crowds come to, shared by the tests of races: starting it takes longer than they do."""

from collections.abc import Iterator

import pytest

from tests.booking.crowds import Clinic, clinic, monday_ahead, together
from tests.postgres import make_database


@pytest.fixture(
    scope="session",
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("four", marks=pytest.mark.postgres),
    ],
)
def open_clinic(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The clinic on SQLite, on PostgreSQL, and on PostgreSQL with four server processes."""
    folder, kind = tmp_path_factory.mktemp(request.param), request.param
    url = ""
    if kind != "sqlite":
        server, migrated = request.getfixturevalue("_postgres_server"), request.getfixturevalue("_migrated")
        url = make_database(server, f"race_{kind}", migrated)
    with clinic(folder, database_url=url, processes=4 if kind == "four" else 1) as running:
        together([running.booking("for-30", f"{monday_ahead()}T08:00:00Z") for _number in range(20)])
        yield running
        assert running.broken() == []
