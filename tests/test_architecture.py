"""The house stays in shape: who may know whom, which way tables point, and what never enters the repository."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from vestibule.store.configuration import PREFIX, SETTINGS

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "vestibule"
MOST_LINES = 500
NETWORK = {"http.client", "urllib.request", "telnetlib", "xmlrpc.client", "aiohttp", "websockets"}


def contract(which: str) -> dict[str, list[str]]:
    """One of import-linter's contracts, as pyproject.toml states it."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    found: dict[str, list[str]] = next(each for each in linter["contracts"] if each["id"] == which)
    return found


@cache
def ranks() -> dict[str, int]:
    """Each package's height in the house; the lowest is 0. Strangers share a height."""
    upwards = reversed(contract("layers")["layers"])
    return {name.strip(" ()"): height for height, row in enumerate(upwards) for name in re.split("[|:]", row)}


def package_of(model: type[Model]) -> str | None:
    """`booking` for vestibule.booking.models.Appointment; None for a table that is not ours."""
    top, _, rest = model.__module__.partition(".")
    return rest.partition(".")[0] if top == "vestibule" else None


@cache
def tracked() -> list[Path]:
    """Every file under version control that still exists."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: nothing says which files belong to the project")
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def texts(*endings: str) -> Iterator[tuple[str, str]]:
    """Name and text of each tracked file with one of the endings, or of each text file."""
    for path in tracked():
        if endings and path.suffix not in endings:
            continue
        try:
            yield str(path.relative_to(ROOT)), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def imported(source: str) -> set[str]:
    """Every module a Python source names in an import, wherever the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update(chain([node.module], (f"{node.module}.{alias.name}" for alias in node.names)))
    return names


def test_imports_go_downwards_only() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    outcome = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_foreign_keys_point_the_way_imports_go() -> None:
    wrong = []
    for model in apps.get_models(include_auto_created=True):
        source = package_of(model)
        for field in model._meta.get_fields():
            target = field.related_model
            if source is None or not field.concrete or not isinstance(target, type):
                continue
            aim = package_of(target)
            if aim not in (None, source) and ranks()[aim or ""] >= ranks()[source]:
                wrong.append(f"{source}.{model.__name__}.{field.name} points up or sideways, to {aim}")
    assert wrong == []


def test_a_package_with_tables_is_an_app_with_a_pinned_label_and_migrations() -> None:
    owners = {package for model in apps.get_models() if (package := package_of(model))}
    assert owners == {path.parent.name for path in (*PACKAGE.glob("*/models.py"), *PACKAGE.glob("*/models"))}
    for owner in sorted(owners):
        assert re.search(rf'^    label = "{owner}"$', (PACKAGE / owner / "apps.py").read_text("utf-8"), re.M), owner
        assert (PACKAGE / owner / "migrations" / "0001_initial.py").is_file(), owner


def test_only_integrations_talk_to_the_network() -> None:
    """import-linter sees whole outside packages only; http.client and urllib.request are parts of harmless ones."""
    assert [
        f"{path.relative_to(PACKAGE)} imports {', '.join(sorted(strays))}"
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] != "integrations"
        and (strays := imported(path.read_text("utf-8")) & NETWORK)
    ] == []


def test_integrations_never_query_tables() -> None:
    assert [
        str(path.relative_to(PACKAGE))
        for path in (PACKAGE / "integrations").rglob("*.py")
        if any(name.startswith("django.db") for name in imported(path.read_text("utf-8")))
    ] == []


def test_no_room_is_a_lumber_room() -> None:
    names = {"utils", "util", "common", "helpers", "misc", "services", "signals"}
    rooms = [path for path in PACKAGE.rglob("*") if path.suffix == ".py" or path.is_dir()]
    assert [str(path.relative_to(ROOT)) for path in rooms if path.stem in names] == []


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    long = {
        name: lines
        for name, text in texts(".py", ".ts", ".mjs")
        if "/migrations/" not in name and (lines := text.count("\n")) > MOST_LINES
    }
    assert long == {}


def test_days_and_times_are_put_into_words_in_one_place() -> None:
    writers = {name for name, text in texts(".py") if name.startswith("src/") and "date_format(" in text}
    assert writers == {"src/vestibule/notifications/when.py"}


def test_what_several_test_modules_need_stands_in_a_module_of_its_own() -> None:
    borrowed = re.compile(r"^\s*(?:from|import) tests[\w.]*\.test_\w+.*", re.MULTILINE)
    found = {name: borrowed.findall(text) for name, text in texts(".py") if name.startswith("tests/")}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "pattern",
    ["requirements/*", "package-lock.json", ".npmrc", "bench/*/package-lock.json", "bench/*/.npmrc", "*.lock"],
)
def test_lock_files_hold_no_address(pattern: str) -> None:
    for path in ROOT.glob(pattern):
        found = re.findall(r"^.*(?:\w+://|registry *=|--(?:extra-)?index).*$", path.read_text("utf-8"), re.M)
        assert found == [], path.name


def test_no_file_names_somebodys_home_folder() -> None:
    home = re.compile(r"(?<![\w.])(?:/home/\w+/|/root/|/Users/\w+/)|[A-Z]:\\Users")
    found = {
        name: match.group()
        for name, text in texts()
        if name != "tests/test_architecture.py" and (match := home.search(text))
    }
    assert found == {}


def test_the_readme_is_read_in_one_sitting() -> None:
    assert (ROOT / "README.md").read_text("utf-8").count("\n") < 120


def test_every_setting_is_documented_and_every_name_is_a_setting() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
    known = {PREFIX + setting.name for setting in SETTINGS}
    assert known == set(re.findall(rf"^\| `({PREFIX}\w+)` \|", page, re.M))
    named = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(rf"\b{PREFIX}[A-Z][A-Z_]+\b", path.read_text("utf-8"))
    }
    assert {name.removesuffix("_FILE") for name in named} <= known


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for name, text in texts(".md"):
        for target in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", text):
            if not ((ROOT / name).parent / target).exists():
                broken.append(f"{name} -> {target}")
    assert broken == []
