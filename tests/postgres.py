"""A throwaway PostgreSQL server, and tests that hold on both databases.

`select_for_update` does nothing on SQLite and exclusion constraints exist on PostgreSQL alone: a race that is
won on one database says nothing about the other.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.servers import free_port


def _programs() -> Path | None:
    """The folder of initdb and postgres, newest version first; Debian keeps them off the PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version, reverse=True)
    on_path = shutil.which("postgres")
    return versions[0].parent if versions else Path(on_path).parent if on_path else None


def _version(program: Path) -> int:
    return int(program.parts[-3])


def _as_server_user() -> list[str]:
    """The server refuses to run as root; its package made a user for it."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server on a free loopback port, yield its URL without a database name, stop and delete it."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    folder = Path(tempfile.mkdtemp(prefix="vestibule-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data, port, prefix = folder / "data", free_port(), _as_server_user()
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": folder}
    initdb: list[str | Path] = [programs / "initdb", "-D", data, "-U", "vestibule", "-A", "trust", "--no-sync"]
    subprocess.run([*prefix, *initdb, "--encoding=UTF8", "--locale=C"], check=True, **quiet)
    options: list[str | Path] = ["-h", "127.0.0.1", "-p", str(port), "-k", folder, "-c", "max_connections=200"]
    # Nothing here has to survive the machine, and a hundred databases are made.
    options += ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
    server = subprocess.Popen([*prefix, programs / "postgres", "-D", data, *options], **quiet)
    try:
        _wait_until_ready(server, port)
        yield f"postgresql://vestibule@127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: what it would still write down is deleted anyway
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: subprocess.Popen[Any], port: int) -> None:
    import psycopg

    until = time.monotonic() + 120
    while True:
        try:
            psycopg.connect(f"postgresql://vestibule@127.0.0.1:{port}/postgres").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)


def make_database(server_url: str, name: str, template: str = "template1") -> str:
    """Create the database `name` like `template`, replacing one of that name, and return its URL."""
    import psycopg

    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return f"{server_url}/{name}"


@pytest.fixture(scope="session")
def _postgres_server() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def _migrated(_postgres_server: str, django_db_blocker: DjangoDbBlocker) -> str:
    """Name of a database with every table, to copy from: migrating takes seconds, copying does not."""
    url = make_database(_postgres_server, "migrated")
    with django_db_blocker.unblock(), default_database(_settings_for(url)):
        call_command("migrate", verbosity=0)
    return "migrated"


@pytest.fixture
def postgres_url(_postgres_server: str) -> str:
    """The URL of an empty database of the test's own."""
    return make_database(_postgres_server, f"test_{time.monotonic_ns()}")


@pytest.fixture
def migrated_url(_postgres_server: str, _migrated: str) -> str:
    """The URL of a database of the test's own that has every table and no row."""
    return make_database(_postgres_server, f"test_{time.monotonic_ns()}", _migrated)


def _settings_for(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    ours: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username,
        "HOST": parts.hostname,
        "PORT": str(parts.port),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"connect_timeout": 60},
    }
    return {**connections.settings["default"], **ours}


@contextmanager
def default_database(settings: dict[str, Any]) -> Iterator[None]:
    """Let `connections["default"]` mean another database, in every thread that connects from now on."""
    before = connections.settings["default"]
    former = connections["default"]
    del connections["default"]
    connections.settings["default"] = settings
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = before
        connections["default"] = former


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.django_db(transaction=True)),
        pytest.param("postgres", marks=pytest.mark.postgres),
    ]
)
def each_database(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Run the test once on each database, with committed transactions and threads of its own.

    Yields "sqlite" or "postgres". Threads must close their connections: `connections.close_all()`.
    """
    if request.param == "sqlite":
        yield "sqlite"
        return
    server, migrated = request.getfixturevalue("_postgres_server"), request.getfixturevalue("_migrated")
    url = make_database(server, f"test_{time.monotonic_ns()}", migrated)
    with django_db_blocker.unblock(), default_database(_settings_for(url)):
        yield "postgres"
