"""Several processes may start at once on an empty PostgreSQL: one brings it up to date, the others wait for it."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.servers import READY_WITHIN, _environment, free_port, put_tables
from vestibule.booking import guards
from vestibule.store import migrating


@pytest.mark.postgres
@pytest.mark.slow
def test_processes_that_start_at_once_all_find_a_database_that_is_up_to_date(postgres_url: str, tmp_path: Path) -> None:
    env = _environment(tmp_path, {"VESTIBULE_DATABASE_URL": postgres_url})
    words = [sys.executable, "-m", "vestibule", "migrate"]
    started = [
        subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(3)
    ]
    said = [process.communicate(timeout=READY_WITHIN)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert sum("No migrations to apply" in words for words in said) == 2


@pytest.mark.django_db
def test_a_database_that_lacks_a_column_or_a_table_is_found_out(each_database: str) -> None:
    assert migrating.missing() == ""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE experience_embedrules DROP COLUMN origins")
        assert migrating.missing() == "experience_embedrules.origins"
        cursor.execute("DROP TABLE experience_embedrules")
    assert migrating.missing() == "experience_embedrules"


@pytest.mark.slow
def test_a_data_folder_of_another_version_is_refused_in_words(tmp_path: Path) -> None:
    env = _environment(tmp_path, {})
    put_tables(tmp_path)
    with sqlite3.connect(next(tmp_path.glob("*.sqlite3"))) as database:
        database.execute("ALTER TABLE experience_embedrules DROP COLUMN origins")
    words = [sys.executable, "-m", "vestibule", "serve", "--port", str(free_port())]
    started = subprocess.run(words, env=env, capture_output=True, text=True, timeout=READY_WITHIN, check=False)
    assert started.returncode == 1
    assert "has no experience_embedrules.origins; nothing was started" in started.stderr
    assert "Traceback" not in started.stderr


@pytest.mark.django_db
def test_what_is_up_to_date_by_its_names_alone_is_not_read_but_gets_its_guards_back(each_database: str) -> None:
    assert migrating._is_up_to_date()
    guards.remove(connection)
    migrating.bring_up_to_date()
    assert guards.is_in_place(connection)


@pytest.mark.django_db
def test_a_migration_that_is_missing_is_noticed() -> None:
    MigrationRecorder(connection).record_unapplied("booking", "0002_guards")
    assert not migrating._is_up_to_date()
