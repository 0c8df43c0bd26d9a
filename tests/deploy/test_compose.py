"""The compose file holds together, holds no secret, and its first start makes them for each who needs one."""

import json
import os
import re
import runpy
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.programs import program
from vestibule.__main__ import _parser
from vestibule.store.configuration import PREFIX, SETTINGS

READER = program("container-files")
FOLDER = Path(__file__).parents[2] / "deploy" / "compose"
FILES = Path(__file__).parents[2] / "src" / "vestibule" / "experience" / "parcel" / "files"
SECRET = {one.name for one in SETTINGS if one.secret} - {"REDIS_URL"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def container() -> dict[str, Any]:
    return runpy.run_path(str(FILES / "script" / "container"))


def test_what_services_wait_for_and_keep_is_there(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {"web", "worker", "database", "redis", "relay"} <= set(services)
    for name, one in services.items():
        for other, how in one.get("depends_on", {}).items():
            assert how["condition"] != "service_healthy" or "healthcheck" in services[other], (name, other)
            assert how["condition"] != "service_completed_successfully" or services[other]["restart"] == "no"
        for volume in one.get("volumes", []):
            assert volume.partition(":")[0] in compose["volumes"], (name, volume)
    assert (FOLDER / services["secrets"]["build"]["dockerfile"]).is_file()


def test_no_secret_stands_in_it_and_what_is_left_open_is_in_the_example(compose: dict[str, Any]) -> None:
    text = (FOLDER / "compose.yaml").read_text("utf-8")
    example = (FOLDER / ".env.example").read_text("utf-8")
    offered = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.M))
    assert set(re.findall(r"\$\{(\w+)", text)) == set(offered)
    for name, one in compose["services"].items():
        for setting, value in one.get("environment", {}).items():
            plain = setting.removeprefix(PREFIX)
            if plain.removesuffix("_FILE") in SECRET or "PASSWORD" in setting:
                assert setting.endswith("_FILE") or value == f"${{{setting}:-}}", (name, setting)
    assert all(not offered[name] for name in offered if name.removeprefix(PREFIX) in SECRET)


def test_what_containers_are_told_are_settings_and_what_they_run_are_commands(
    compose: dict[str, Any], container: dict[str, Any]
) -> None:
    known = {PREFIX + one.name for one in SETTINGS}
    for one in compose["services"].values():
        told = {name.removesuffix("_FILE") for name in one.get("environment", {}) if name.startswith(PREFIX)}
        assert told <= known
        command = one.get("command", [""])
        if command[0] == "vestibule":
            _parser().parse_args(command[1:])
        if command[0] == "python":
            assert command[1] == "/app/script/container"
            assert (FILES / "script" / "container").is_file()
            assert command[2] in ("secrets", "business", "health")


def test_the_first_start_makes_secrets_and_the_second_leaves_them(
    container: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners: dict[str, int] = {}
    monkeypatch.setattr("os.chown", lambda path, user, group: owners.update({Path(path).name: user}))
    make = container["make_secrets"]
    monkeypatch.setitem(make.__globals__, "SECRETS", tmp_path)
    for name in ("app", "database", "relay"):
        (tmp_path / name).mkdir()
    assert make() == 0
    made = {path.name: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert set(made) == {"password", "turnserver.conf", "secret_key", "turn_secret", "database_url"}
    assert made["database_url"] == f"postgresql://vestibule:{made['password']}@database/vestibule"
    assert f"static-auth-secret={made['turn_secret']}\n" in made["turnserver.conf"]
    assert min(len(made[name]) for name in ("password", "secret_key", "turn_secret")) >= 32
    assert (owners["password"], owners["secret_key"], owners["turnserver.conf"]) == (999, 10001, 65534)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o400 for path in tmp_path.rglob("*") if path.is_file())
    make()
    assert {path.name: path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == made


def test_the_relay_is_there_for_nothing_inside(container: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_ADDRESS", "203.0.113.9")
    lines = container["relay_settings"]("word").splitlines()
    assert "external-ip=203.0.113.9" in lines
    for inside in ("10.0.0.0-10.255.255.255", "127.0.0.0-127.255.255.255", "169.254.0.0-169.254.255.255"):
        assert f"denied-peer-ip={inside}" in lines


def test_the_image_is_made_of_what_the_download_carries(container: dict[str, Any]) -> None:
    text = (FOLDER / "Containerfile").read_text("utf-8")
    assert "--require-hashes" in text
    assert re.search(r"^USER vestibule$", text, re.M)
    assert str(container["APP_USER"]) in text
    copied = [line.split()[1] for line in text.splitlines() if line.startswith("COPY")]
    assert copied == ["requirements.txt", "wheel/", "."]
    assert ".env" in (FOLDER / ".dockerignore").read_text("utf-8").splitlines()


needs_reader = pytest.mark.skipif(
    READER is None,
    reason="NOT CHECKED by the parsers of Compose and BuildKit: script/build-with-go container-files builds them",
)


def read(folder: Path, *, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """What the parsers of Compose and BuildKit make of the two files in a folder; a .env beside them counts."""
    words = [str(READER), str(folder / "compose.yaml"), str(folder / "Containerfile")]
    kept = {"PATH": os.environ["PATH"], **(environment or {})}
    return subprocess.run(words, capture_output=True, text=True, check=False, env=kept)


@needs_reader
@pytest.mark.alone
def test_compose_and_the_builder_of_images_read_both_files_without_a_word(tmp_path: Path) -> None:
    for name in ("compose.yaml", "Containerfile"):
        shutil.copy(FOLDER / name, tmp_path)
    done = read(tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["warnings"] == []
    assert found["steps"][-1] == "CMD"
    services = found["project"]["services"]
    assert {name for name, one in services.items() if "build" in one} == {"secrets"}
    ours = {name: one for name, one in services.items() if one["image"] == "vestibule"}
    assert all(one["pull_policy"] == "never" for name, one in ours.items() if name != "secrets")
    assert (
        services["web"]["ports"][0] | {"host_ip": "127.0.0.1", "target": 8000, "published": "8000"}
        == (services["web"]["ports"][0])
    )


@needs_reader
@pytest.mark.alone
def test_what_is_written_in_env_reaches_the_containers(tmp_path: Path) -> None:
    for name in ("compose.yaml", "Containerfile"):
        shutil.copy(FOLDER / name, tmp_path)
    example = (FOLDER / ".env.example").read_text("utf-8")
    filled = example.replace("VESTIBULE_PUBLIC_URL=", "VESTIBULE_PUBLIC_URL=https://visits.example.org")
    (tmp_path / ".env").write_text(filled.replace("LISTEN=127.0.0.1:8000", "LISTEN=127.0.0.1:9000"))
    services = json.loads(read(tmp_path).stdout)["project"]["services"]
    assert services["web"]["environment"]["VESTIBULE_PUBLIC_URL"] == "https://visits.example.org"
    assert services["web"]["environment"]["VESTIBULE_TURN_URLS"] == "turn:localhost:3478"
    assert services["web"]["ports"][0]["published"] == "9000"


@needs_reader
@pytest.mark.alone
@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [("compose.yaml", "depends_on:", "depends_onn:"), ("Containerfile", "\nCOPY wheel", "\nCOPPY wheel")],
)
def test_a_slip_of_the_pen_in_either_is_found(name: str, right: str, wrong: str, tmp_path: Path) -> None:
    for one in ("compose.yaml", "Containerfile"):
        shutil.copy(FOLDER / one, tmp_path)
    (tmp_path / name).write_text((FOLDER / name).read_text("utf-8").replace(right, wrong, 1))
    assert read(tmp_path).returncode == 1
