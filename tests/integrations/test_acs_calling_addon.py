"""Installing Microsoft's calling kit: what is shown, asked, fetched, checked, built. Packages and npm are stand-ins."""

import base64
import hashlib
import io
import json
import os
import re
import shutil
import stat
import sys
import tarfile
import tomllib
from collections import namedtuple
from pathlib import Path

import pytest

from tests.addon import put_kit
from tests.servers import run_vestibule
from vestibule.integrations.acs_calling import archives, commands, versions
from vestibule.integrations.acs_calling.errors import NotInstalled
from vestibule.store.addons import acs_calling

ROOT = Path(__file__).parents[2]
TERMS = "MICROSOFT SOFTWARE LICENSE TERMS, as they stand in the package"
NPM = """\
import os, shutil, sys
if os.environ.get("NPM_FAILS"):
    sys.exit(os.environ["NPM_FAILS"])
words = sys.argv[1:]
assert "--ignore-scripts" in words
into = words[words.index("--pack-destination") + 1]
for spec in words[words.index("--pack-destination") + 2:]:
    name, _at, version = spec.rpartition("@")
    file = name.removeprefix("@").replace("/", "-") + "-" + version + ".tgz"
    shutil.copy(os.path.join(os.environ["NPM_HAS"], file), into)
"""
ESBUILD = """\
import os, pathlib, sys
if os.environ.get("BUILD_FAILS"):
    sys.exit("no memory")
entry = pathlib.Path(sys.argv[1])
out = pathlib.Path(next(word for word in sys.argv if word.startswith("--outdir=")).removeprefix("--outdir="))
out.mkdir()
modules = entry.parents[3] / "node_modules"
made = entry.read_text() + (modules / "@azure/communication-calling/index.js").read_text()
(out / "entry-ABCDEFGH.js").write_text(made)
"""
PACKAGES = {
    "@azure/communication-calling": {"LICENSE": TERMS, "NOTICES.txt": "Notices.", "index.js": "// the kit\n"},
    "tslib": {"index.js": "// helpers\n"},
}


def pack(path: Path, files: dict[str, str]) -> str:
    """An archive as npm makes them, and its digest as npm writes it."""
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return f"sha512-{base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()}"


def program(path: Path, source: str) -> str:
    text = f"#!{sys.executable}\n{source}"
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return text


@pytest.fixture
def has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What npm has, pinned in a source of our own; npm itself is first on the path."""
    folder, root, bins = tmp_path / "registry", tmp_path / "source", tmp_path / "bin"
    for each in (folder, root / versions.OWN, root / "call", bins):
        each.mkdir(parents=True)
    program(bins / "npm", NPM)
    pinned = []
    for name, files in PACKAGES.items():
        file = f"{name.removeprefix('@').replace('/', '-')}-1.0.0.tgz"
        pinned.append({"name": name, "version": "1.0.0", "licence": "MIT", "integrity": pack(folder / file, files)})
    platform = versions.this_platform()
    esbuild = {"bin/esbuild": f"#!{sys.executable}\n{ESBUILD}"}
    digest = pack(folder / f"esbuild-{platform}-0.28.2.tgz", esbuild)
    builder = {"version": "0.28.2", "licence": "MIT", "platforms": {platform: digest}}
    (root / versions.OWN / "versions.json").write_text(json.dumps({"packages": pinned, "builder": builder}))
    (root / versions.OWN / "entry.js").write_text("// ours\n")
    for shared in versions.SHARED:
        (root / shared).write_text("")
    monkeypatch.setattr(versions, "SHIPPED", root)
    monkeypatch.setenv("PATH", str(bins))
    monkeypatch.setenv("NPM_HAS", str(folder))
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(data: Path, **options: object) -> tuple[int, str]:
    out = io.StringIO()
    return commands.run(data, out, **options), out.getvalue()  # type: ignore[arg-type]  # as the command passes them


def names(data: Path) -> list[str]:
    found = acs_calling.folder(data)
    return sorted(path.name for path in found.iterdir()) if found.exists() else []


def test_who_agrees_gets_the_add_on_and_the_terms_beside_it(has: Path, data: Path) -> None:
    asked: list[str] = []

    def agree(question: str) -> str:
        asked.append(question)
        return "yes"

    code, said = run(data, ask=agree)
    assert code == 0, said
    kit = acs_calling.installed(data)
    assert kit is not None
    assert (kit.version, kit.entry) == ("1.0.0", "entry-ABCDEFGH.js")
    assert (kit.folder / kit.entry).read_text() == "// ours\n// the kit\n"
    assert (kit.folder / "licence.txt").read_text() == TERMS
    assert len(asked) == 1
    assert run(data, status=True)[0] == 0
    assert list(kit.folder.parent.iterdir()) == [kit.folder], "nothing else is left"


def test_what_is_fetched_where_it_reports_to_and_the_whole_terms_are_shown_before_anybody_is_asked(
    has: Path, data: Path
) -> None:
    out = io.StringIO()
    seen: list[str] = []

    def refuse(_question: str) -> str:
        seen.append(out.getvalue())
        return "no"

    commands.run(data, out, ask=refuse)
    for words in ("@azure/communication-calling@1.0.0", "not free software", *commands.HOSTS, TERMS):
        assert words in seen[0]


@pytest.mark.parametrize("answer", ["", "y", "no"])
def test_anything_but_yes_installs_nothing(has: Path, data: Path, answer: str) -> None:
    code, said = run(data, ask=lambda _question: answer)
    assert (code, names(data)) == (1, [])
    assert "Nothing was installed." in said


def test_where_nobody_can_answer_the_terms_are_accepted_by_a_word_or_not_at_all(has: Path, data: Path) -> None:
    code, said = run(data)
    assert (code, names(data)) == (1, [])
    assert "--accept-licence" in said
    assert run(data, accepted=True)[0] == 0


def test_an_archive_of_other_bytes_is_refused_and_what_was_there_stays(has: Path, data: Path) -> None:
    run(data, accepted=True)
    before = names(data)
    pack(has / "tslib-1.0.0.tgz", {"index.js": "// something else\n"})
    code, said = run(data, accepted=True)
    assert code == 1
    assert "tslib-1.0.0.tgz is not what this version of Vestibule knows" in said
    assert names(data) == before
    assert run(data, status=True)[0] == 0


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("npm error code ENOTFOUND", "did not reach its registry"),
        ("npm error code ETIMEDOUT", "--download FOLDER"),
        ("npm error code ENOSPC", "The disk is full"),
        ("npm error code E404\nnpm error 404 no such package", "npm error 404 no such package"),
    ],
)
def test_why_npm_fetched_nothing_is_said(
    has: Path, data: Path, monkeypatch: pytest.MonkeyPatch, failure: str, words: str
) -> None:
    monkeypatch.setenv("NPM_FAILS", failure)
    code, said = run(data, accepted=True)
    assert (code, names(data)) == (1, [])
    assert words in said


def test_without_npm_it_says_so_and_how_to_go_on(has: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    code, said = run(data, accepted=True)
    assert code == 1
    assert "npm is not on this machine" in said
    assert "--from FOLDER" in said


def test_what_was_downloaded_elsewhere_is_built_without_npm(
    has: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = tmp_path / "carried"
    code, said = run(data, download=str(carried))
    assert code == 0, said
    assert names(data) == [], "nothing is built"
    monkeypatch.setenv("PATH", "/nowhere")
    assert run(data, accepted=True, taken_from=str(carried))[0] == 0
    (carried / "tslib-1.0.0.tgz").unlink()
    code, said = run(data, accepted=True, taken_from=str(carried))
    assert code == 1
    assert "tslib-1.0.0.tgz is not in" in said


def test_a_build_that_fails_leaves_what_was_there(has: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(data, accepted=True)
    monkeypatch.setenv("BUILD_FAILS", "1")
    code, said = run(data, accepted=True)
    assert code == 1
    assert "Building failed: no memory" in said
    assert run(data, status=True)[0] == 0


def test_too_little_room_is_said_before_anything_is_fetched(
    has: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(1, 1, 1000))
    code, said = run(data, accepted=True)
    assert code == 1
    assert "250 MB are needed" in said


def test_a_disk_that_becomes_full_leaves_what_was_there(has: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(data, accepted=True)

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archives, "unpack", full)
    code, said = run(data, accepted=True)
    assert code == 1
    assert "The disk became full. What was installed before is as it was." in said
    assert run(data, status=True)[0] == 0


def test_what_an_interrupted_run_left_is_cleared_away(has: Path, data: Path) -> None:
    left = acs_calling.folder(data).with_name(".acs-calling-left")
    left.mkdir(parents=True)
    assert run(data, accepted=True)[0] == 0
    assert not left.exists()


def test_a_file_that_is_missing_or_was_changed_is_named_and_mended_by_installing_again(has: Path, data: Path) -> None:
    run(data, accepted=True)
    entry = acs_calling.folder(data) / "entry-ABCDEFGH.js"
    entry.write_text(entry.read_text().replace("kit", "cat"))
    code, said = run(data, status=True)
    assert code == 1
    assert "were changed: entry-ABCDEFGH.js" in said
    entry.unlink()
    assert acs_calling.installed(data) is None
    assert "in part only" in run(data, status=True)[1]
    run(data, accepted=True)
    assert run(data, status=True)[0] == 0


def test_what_another_version_of_ours_built_is_said_to_be_old(has: Path, data: Path) -> None:
    run(data, accepted=True)
    (versions.source() / versions.OWN / "entry.js").write_text("// ours, newer\n")
    code, said = run(data, status=True)
    assert code == 1
    assert "built by another version of Vestibule" in said


def test_the_doctor_says_how_it_stands_to_who_has_it_and_nothing_to_others(tmp_path: Path) -> None:
    told = run_vestibule("check", data=tmp_path)
    assert "ACS Calling" not in told.stdout
    put_kit(tmp_path)
    told = run_vestibule("check", data=tmp_path)
    assert "warning: ACS Calling 1.46.1 was built by another version of Vestibule." in told.stdout
    assert "do: vestibule install-acs-calling" in told.stdout


def test_removing_takes_everything_away_and_twice_is_once(has: Path, data: Path) -> None:
    run(data, accepted=True)
    assert run(data, remove=True) == (0, "Removed. Consumers go to Teams on the web now.\n")
    assert names(data) == []
    assert acs_calling.installed(data) is None
    assert run(data, remove=True) == (0, "It is not installed.\n")


def test_nothing_of_an_archive_is_written_outside_its_folder(tmp_path: Path) -> None:
    one = versions.Pinned("evil", "1.0.0", "MIT", "")
    pack(tmp_path / one.archive, {"../../escaped.js": "1"})
    with pytest.raises(NotInstalled):
        archives.unpack([one], tmp_path, tmp_path / "modules")
    assert not list(tmp_path.rglob("escaped.js"))


def test_what_the_product_pins_names_no_registry_and_each_package_with_its_digest() -> None:
    pins = versions.pins(versions.CHECKOUT)
    assert pins.kit.version == "1.46.1"
    assert "://" not in (versions.CHECKOUT / versions.OWN / "versions.json").read_text()
    everything = [*pins.packages, *pins.builders.values()]
    assert all(len(base64.b64decode(one.integrity.removeprefix("sha512-"))) == 64 for one in everything)
    assert versions.this_platform() in pins.builders


def test_the_wheel_and_the_source_archive_carry_all_the_adapter_is_built_from() -> None:
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]
    carried = {
        Path(source).relative_to("frontend"): Path(place).relative_to("vestibule/addon_source")
        for source, place in targets["wheel"]["force-include"].items()
    }
    assert set(carried) == {versions.OWN, *versions.SHARED}
    assert all(source == place for source, place in carried.items()), "imports find each other there, too"
    archived = {Path(name) for name in targets["sdist"]["include"]}
    assert {Path("frontend") / shared for shared in versions.SHARED} | {Path("frontend/addons")} <= archived


def test_the_adapter_takes_nothing_else_of_the_front_end_with_it() -> None:
    known = {*versions.source_files(versions.CHECKOUT)}
    for name in known:
        text = (versions.CHECKOUT / name).read_text("utf-8")
        for imported in re.findall(r'^import (?!type )[^;]*? from "(\.[^"]+)"', text, re.MULTILINE):
            found = Path(os.path.normpath(name.parent / f"{imported}.ts"))
            assert found in known, f"{name} imports {imported}, which the wheel does not carry"
