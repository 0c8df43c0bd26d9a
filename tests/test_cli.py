"""The commands as people type them: what they print, what they refuse, how they exit."""

import json
import re
import socket
import sqlite3
import threading
from pathlib import Path

import pytest

from tests.servers import put_tables, run_vestibule, running_server
from vestibule import serving
from vestibule.__main__ import main
from vestibule.notifications import worker as sending
from vestibule.store.configuration import load

COMMANDS = [
    *("serve", "web", "worker", "migrate", "slots", "parse-link", "check"),
    *("create-business", "templates", "create-manager", "reset-sign-in", "export", "import", "backup", "restore"),
    "install-acs-calling",
    "certs",
]


def clinic(data: Path) -> None:
    """Make a business. Where making the tables is not the matter, `put_tables` did that: it takes ten seconds."""
    done = run_vestibule("create-business", "lakeside", "--name", "Lakeside Clinic", data=data)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one business, for tests that only read it or add to it."""
    data = tmp_path_factory.mktemp("made")
    clinic(data)
    return data


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, tmp_path: Path) -> None:
    done = run_vestibule(command, "--help", data=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: vestibule {command}")


def test_a_port_that_is_taken_is_named_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run_vestibule("serve", "--demo", "--port", str(port), data=tmp_path)
    assert done.returncode == 1
    assert f"cannot listen at 127.0.0.1, port {port}" in done.stderr
    assert f"--port {port + 1}" in done.stderr
    assert not list(tmp_path.glob("*.json"))


def test_an_unknown_command_exits_2_and_names_the_known_ones(tmp_path: Path) -> None:
    done = run_vestibule("explode", data=tmp_path)
    assert done.returncode == 2
    assert "create-business" in done.stderr


class TestBackground:
    def test_all_that_works_in_the_background_is_started(self) -> None:
        source = Path(serving.__file__).parent
        found = {
            ".".join(("vestibule", *path.relative_to(source).with_suffix("").parts))
            for path in source.rglob("*.py")
            if re.search(r"^def start\(stop: threading\.Event\)", path.read_text(), re.MULTILINE)
        }
        assert found == set(serving.BESIDE)

    def test_a_worker_of_its_own_works_at_all_that_a_server_does(self, monkeypatch: pytest.MonkeyPatch) -> None:
        begun: list[threading.Event] = []
        monkeypatch.setattr(serving, "start_beside", begun.append)
        monkeypatch.setattr(sending, "run_forever", lambda: 0)
        assert main(["worker"]) == 0
        assert len(begun) == 1


class TestNewcomers:
    def test_the_owner_gets_a_link_and_no_password(self, made: Path) -> None:
        done = run_vestibule("create-manager", "lakeside", "mara@example.org", "--name", "Mara", data=made)
        assert done.returncode == 0
        assert re.search(r"http://localhost:8000/account/password/choose/\S+", done.stdout)
        assert "works once" in done.stdout

    def test_a_business_begins_as_an_industry_in_its_language(self, made: Path) -> None:
        words = ("create-business", "am-see", "--name", "Am See", "--language", "de", "--template", "therapy")
        assert "It begins as therapy" in run_vestibule(*words, data=made).stdout
        experience = json.loads(run_vestibule("export", "am-see", data=made).stdout)
        assert experience["services"][0]["name"] == "Erstgespräch"

    def test_the_link_bears_the_public_address(self, made: Path) -> None:
        done = run_vestibule(
            "create-manager", "lakeside", "p@example.org", data=made, public_url="https://clinic.example.org"
        )
        assert "https://clinic.example.org/account/password/choose/" in done.stdout

    def test_somebody_who_lost_everything_gets_a_fresh_link(self, made: Path) -> None:
        run_vestibule("create-manager", "lakeside", "lost@example.org", data=made)
        done = run_vestibule("reset-sign-in", "Lost@example.org", data=made)
        assert "/account/password/choose/" in done.stdout

    @pytest.mark.parametrize(
        "words",
        [
            ("reset-sign-in", "nobody@example.org"),
            ("create-manager", "nowhere", "mara@example.org"),
            ("create-manager", "lakeside", "no address"),
            ("create-business", "lakeside", "--name", "Again"),
            ("create-business", "Not A Slug!", "--name", "X"),
            ("create-business", "moon", "--name", "X", "--timezone", "Moon/Crater"),
            ("create-business", "moon", "--name", "X", "--template", "circus"),
        ],
    )
    def test_what_cannot_be_is_refused_in_one_sentence(self, made: Path, words: tuple[str, ...]) -> None:
        done = run_vestibule(*words, data=made)
        assert done.returncode == 1
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


class TestServing:
    @pytest.mark.parametrize(
        ("written", "address"),
        [('public_url = "https://clinic.example.org"', "https://clinic.example.org"), ("", "http://localhost:8123")],
    )
    def test_the_address_in_vestibule_toml_counts(
        self, written: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "vestibule.toml").write_text(written)
        monkeypatch.setenv("VESTIBULE_DATA", str(tmp_path))
        monkeypatch.setenv("VESTIBULE_PUBLIC_URL", "")
        seen: list[str] = []

        def serve(**_: object) -> int:
            seen.append(load()["PUBLIC_URL"])
            return 0

        monkeypatch.setattr(serving, "serve", serve)
        assert main(["serve", "--port", "8123"]) == 0
        assert seen == [address]


class TestBackup:
    def test_a_backup_taken_while_serving_restores_whole(self, tmp_path: Path) -> None:
        live, copy, file = tmp_path / "live", tmp_path / "copy", tmp_path / "kept.tar.gz"
        with running_server(live, demo=False):
            clinic(live)
            assert run_vestibule("backup", str(file), data=live).returncode == 0
        done = run_vestibule("restore", str(file), data=copy)
        assert done.returncode == 0, done.stderr
        with sqlite3.connect(copy / "vestibule.sqlite3") as database:
            assert database.execute("SELECT slug FROM people_business").fetchall() == [("lakeside",)]
        assert (copy / "secret.key").read_text() == (live / "secret.key").read_text()
        assert file.stat().st_mode & 0o077 == (copy / "secret.key").stat().st_mode & 0o077 == 0

    def test_neither_a_file_nor_a_folder_is_written_over(self, made: Path, tmp_path: Path) -> None:
        file = tmp_path / "kept.tar.gz"
        assert run_vestibule("backup", str(file), data=made).returncode == 0
        before = file.read_bytes()
        again, into = run_vestibule("backup", str(file), data=made), run_vestibule("restore", str(file), data=made)
        assert (again.returncode, into.returncode) == (1, 1)
        assert "not empty" in into.stderr
        assert file.read_bytes() == before

    def test_force_keeps_what_it_replaces(self, made: Path, tmp_path: Path) -> None:
        file, there = tmp_path / "kept.tar.gz", tmp_path / "there"
        run_vestibule("backup", str(file), data=made)
        there.mkdir()
        (there / "vestibule.sqlite3").write_bytes(b"the former one")
        assert run_vestibule("restore", str(file), "--force", data=there).returncode == 0
        assert (there / "vestibule.sqlite3.before").read_bytes() == b"the former one"

    @pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00broken"])
    def test_what_is_no_backup_changes_nothing(self, tmp_path: Path, content: bytes) -> None:
        file, there = tmp_path / "bad.tar.gz", tmp_path / "there"
        file.write_bytes(content)
        done = run_vestibule("restore", str(file), data=there)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert not there.exists()

    def test_nothing_to_save_is_said(self, tmp_path: Path) -> None:
        done = run_vestibule("backup", str(tmp_path / "x"), data=tmp_path / "empty")
        assert (done.returncode, "no database" in done.stderr) == (1, True)


class TestCheck:
    def check(self, data: Path, **settings: str) -> tuple[int, str]:
        environment = {f"VESTIBULE_{name}": value for name, value in settings.items()}
        done = run_vestibule("check", data=data, env=environment)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout

    def test_a_sound_set_up_is_ready(self, made: Path) -> None:
        run_vestibule("create-manager", "lakeside", "owner@example.org", data=made)
        code, said = self.check(made, PUBLIC_URL="https://clinic.example.org", EMAIL_URL="smtp://mail.example.org")
        assert code == 0, said
        assert said.endswith("0 errors. Ready.\n")

    def test_each_setting_says_where_it_comes_from(self, tmp_path: Path) -> None:
        (tmp_path / "vestibule.toml").write_text('email_from = "visits@example.org"\n')
        secret = tmp_path / "sms"
        secret.write_text("hush-hush\n")
        _code, said = self.check(tmp_path, PUBLIC_URL="https://clinic.example.org", SMS_KEY_FILE=str(secret))
        assert re.search(r"VESTIBULE_EMAIL_FROM +visits@example.org +vestibule.toml", said)
        assert re.search(r"VESTIBULE_PUBLIC_URL +https://clinic.example.org +environment VESTIBULE_PUBLIC_URL", said)
        assert re.search(r"VESTIBULE_SMS_KEY +\(set, not shown\) +file named by VESTIBULE_SMS_KEY_FILE", said)
        assert "hush-hush" not in said

    def test_looking_makes_nothing(self, tmp_path: Path) -> None:
        self.check(tmp_path / "data")
        assert not (tmp_path / "data").exists()

    def test_an_optional_part_that_is_missing_is_a_notice(self, tmp_path: Path) -> None:
        code, said = self.check(tmp_path)
        assert code == 0
        assert "notice:  No TURN relay is set" in said
        assert "notice:  Mail is kept here and not sent" in said

    @pytest.mark.parametrize(
        ("settings", "what"),
        [
            ({"PUBLIC_URL": "clinic.example.org"}, "VESTIBULE_PUBLIC_URL is 'clinic.example.org'"),
            ({"PUBLIC_URL": "https://clinic.example.org/visits"}, "nothing after it"),
            ({"PUBLIC_URL": "http://clinic.example.org"}, "HTTPS pages only"),
            ({"EMAIL_URL": "smtp://mail.example.org"}, "The address people reach this server at is not set"),
            ({"EMAIL_URL": "mail.example.org"}, "VESTIBULE_EMAIL_URL must begin with smtp://"),
            ({"SMS_URL": "ftp://x"}, "VESTIBULE_SMS_URL must begin with https://"),
            ({"TURN_URLS": "turn:turn.example.org"}, "not the secret shared with it"),
            ({"TURN_URLS": "https://turn.example.org", "TURN_SECRET": "x"}, "neither turn: nor turns:"),
            ({"LIVEKIT_URL": "wss://live.example.org"}, "not both key and secret"),
            ({"TRUSTED_PROXIES": "the proxy"}, "neither an address nor a network"),
            ({"CALENDAR_MINUTES": "often"}, "not a number of minutes"),
            ({"SECRET_KEY": "short"}, "shorter than 32 characters"),
            ({"DEBUG": "1", "PUBLIC_URL": "https://clinic.example.org"}, "Errors would be shown to everybody"),
            ({"DATABASE_URL": "mysql://x/y", "PUBLIC_URL": "https://c.example.org"}, "must begin with postgresql://"),
            (
                {"DATABASE_URL": "postgresql://u:hush-hush@127.0.0.1:1/x", "PUBLIC_URL": "https://c.example.org"},
                "The database does not answer",
            ),
            ({"EMAIL_URL_FILE": "/nowhere/secret"}, "cannot be read"),
            (
                {"CLAMAV": "/nowhere/clamd.sock", "UNSCANNED_FILES": "maybe"},
                "does not answer, so files are not delivered",
            ),
            ({"CLAMAV": "clamd", "UNSCANNED_FILES": "maybe"}, "neither the path of a socket nor host:port"),
        ],
    )
    def test_an_error_says_what_is_wrong_and_exits_1(self, tmp_path: Path, settings: dict[str, str], what: str) -> None:
        code, said = self.check(tmp_path, **settings)
        assert code == 1
        assert re.search(rf"error: .*{re.escape(what)}", said), said
        assert "hush-hush" not in said

    def test_a_misspelt_setting_is_named_with_the_nearest_one(self, tmp_path: Path) -> None:
        (tmp_path / "vestibule.toml").write_text('public_ulr = "x"\n')
        code, said = self.check(tmp_path, EMAIL_ULR="x")
        assert code == 0
        assert (
            "VESTIBULE_EMAIL_ULR is no setting and does nothing.\n           do: did you mean VESTIBULE_EMAIL_URL?"
            in said
        )
        assert "public_ulr is no setting" in said
        assert "did you mean VESTIBULE_PUBLIC_URL?" in said

    @pytest.mark.parametrize(
        ("settings", "verdict"),
        [
            ({"SECRET_KEY": "short"}, "1 error. Mend it first.\n"),
            ({"SECRET_KEY": "short", "SMS_URL": "ftp://x"}, "errors. Mend them first.\n"),
        ],
    )
    def test_the_verdict_counts(self, tmp_path: Path, settings: dict[str, str], verdict: str) -> None:
        assert self.check(tmp_path, **settings)[1].endswith(verdict)

    def test_the_database_is_looked_at_whatever_else_is_wrong(self, tmp_path: Path) -> None:
        put_tables(tmp_path)
        clinic(tmp_path)
        _code, said = self.check(tmp_path, CALENDAR_MINUTES="often")
        assert "lakeside has no owner who can sign in." in said

    def test_a_server_names_what_it_does_not_know_when_it_starts(self, tmp_path: Path) -> None:
        put_tables(tmp_path)
        done = run_vestibule("migrate", data=tmp_path, env={"VESTIBULE_EMAIL_ULR": "x", "VESTIBULE_SMS_KEE_FILE": "x"})
        assert done.returncode == 0
        assert "VESTIBULE_EMAIL_ULR is no setting and does nothing. Did you mean VESTIBULE_EMAIL_URL?" in done.stderr
        assert "Did you mean VESTIBULE_SMS_KEY_FILE?" in done.stderr

    def test_a_database_without_its_guard_is_an_error(self, tmp_path: Path) -> None:
        put_tables(tmp_path)
        clinic(tmp_path)
        with sqlite3.connect(tmp_path / "vestibule.sqlite3") as database:
            database.execute("DROP TRIGGER vestibule_overlap_of_provider_insert")
        code, said = self.check(tmp_path)
        assert code == 1
        assert "does not guard against double booking" in said
        assert run_vestibule("migrate", data=tmp_path).returncode == 0
        assert self.check(tmp_path)[0] == 0

    def test_a_business_nobody_owns_is_a_warning(self, tmp_path: Path) -> None:
        put_tables(tmp_path)
        clinic(tmp_path)
        _code, said = self.check(tmp_path)
        assert "warning: lakeside has no owner who can sign in." in said


class TestParseLink:
    def test_one_query_prints_one_object(self, tmp_path: Path) -> None:
        done = run_vestibule("parse-link", "--origin", "https://clinic.example.org", "?x=1", data=tmp_path)
        assert done.stdout == '{"result": "invalid", "locator": null, "reason": "no_locator"}\n'

    def test_neither_query_nor_file_is_explained(self, tmp_path: Path) -> None:
        done = run_vestibule("parse-link", data=tmp_path)
        assert done.returncode == 2
        assert "--batch" in done.stderr

    def test_a_file_that_cannot_be_read_is_explained(self, tmp_path: Path) -> None:
        done = run_vestibule("parse-link", "--batch", str(tmp_path / "nowhere"), data=tmp_path)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr


class TestTakingAway:
    def test_what_is_exported_makes_the_same_business_elsewhere_and_leaves_it_alone_then(
        self, made: Path, tmp_path: Path
    ) -> None:
        file, there = tmp_path / "experience.json", tmp_path / "there"
        assert run_vestibule("export", "lakeside", "--out", str(file), data=made).returncode == 0
        there.mkdir()
        put_tables(there)
        done = run_vestibule("import", "clinic", str(file), "--create", data=there)
        assert done.returncode == 0, done.stderr
        assert done.stdout == "Published version 1 of clinic: http://localhost:8000/book/clinic\n"
        again = run_vestibule("export", "clinic", data=there)
        assert again.stdout == file.read_text("utf-8")
        left = run_vestibule("import", "clinic", str(file), "--create", data=there)
        assert (left.returncode, left.stdout) == (0, "clinic is here already and was left as it is.\n")

    def test_a_file_that_cannot_be_taken_in_makes_no_business(self, tmp_path: Path) -> None:
        file = tmp_path / "wrong.json"
        file.write_text('{"format": 1, "services": [{"slug": "a", "name": ""}]}')
        put_tables(tmp_path)
        done = run_vestibule("import", "clinic", str(file), "--create", data=tmp_path)
        assert done.returncode == 1
        assert done.stderr.startswith("services.0.name: ")
        with sqlite3.connect(tmp_path / "vestibule.sqlite3") as database:
            assert database.execute("SELECT slug FROM people_business").fetchall() == []

    def test_without_publishing_it_is_a_draft(self, made: Path, tmp_path: Path) -> None:
        file = tmp_path / "change.json"
        file.write_text('{"format": 1, "business": {"tagline": "Seen the same day"}}')
        done = run_vestibule("import", "lakeside", str(file), data=made)
        assert "draft of lakeside" in done.stdout
        assert "Seen the same day" not in run_vestibule("export", "lakeside", data=made).stdout

    @pytest.mark.parametrize(
        "words",
        [
            ("export", "nowhere"),
            ("export",),
            ("import", "nowhere", "pyproject.toml"),
            ("import", "lakeside", "/no/file"),
        ],
    )
    def test_what_cannot_be_is_refused_in_one_sentence(self, made: Path, words: tuple[str, ...]) -> None:
        done = run_vestibule(*words, data=made)
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1
        assert "Traceback" not in done.stderr
