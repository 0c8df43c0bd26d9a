"""The zip: it holds the experience and the product, no secret and nobody, and starts where there is only Python."""

import base64
import csv
import hashlib
import json
import os
import re
import runpy
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import httpx
import jsonschema
import pytest
import yaml
from django.conf import settings

from tests.booking.factories import make_service
from tests.factories import make_business, make_membership, make_provider, make_user, manager_of
from tests.pictures import picture
from tests.servers import free_port
from vestibule.experience import files, parcel
from vestibule.experience.parcel import wheel
from vestibule.meetings import area_pictures
from vestibule.people.models import Business

INSTALLS_WITHIN = 400.0


@pytest.fixture(scope="module")
def product() -> bytes:
    return wheel.build()


@pytest.fixture
def clinic(db: None) -> Business:
    business = make_business(slug="lakeside")
    make_provider(business=business, name="Dr Ada Blum")
    make_service(business=business, slug="first", name="First visit", window_days=365)
    make_membership(business=business, user=make_user(email="mara@example.org"))
    area_pictures.show(manager_of(business), "", picture(kind="PNG"), "A blue square")
    Business.objects.filter(pk=business.pk).update(tagline="Seen the same day")
    return Business.objects.get(pk=business.pk)


@pytest.fixture
def unpacked(clinic: Business, product: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(wheel, "build", lambda: product)
    content = parcel.pack(manager_of(clinic), clinic)
    with ZipFile(BytesIO(content)) as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, tmp_path))
            path.chmod(entry.external_attr >> 16)
    return tmp_path / "lakeside"


def test_it_holds_all_that_is_promised_and_each_part_can_be_read(unpacked: Path) -> None:
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert {
        *("README.md", "experience.json", "business.txt", "requirements.txt", "Containerfile", "compose.yaml"),
        *(".env.example", ".dockerignore", "script/server", "script/container", "systemd/vestibule.service"),
        *("nginx/vestibule.conf", "caddy/Caddyfile", "azure/new.json", "azure/new.bicep", f"wheel/{wheel.name()}"),
        *("helm/vestibule/Chart.yaml", "helm/vestibule/templates/web.yaml", "script/vestibule"),
    } <= names
    assert os.access(unpacked / "script" / "server", os.X_OK)
    told = json.loads((unpacked / "experience.json").read_text("utf-8"))
    shown = told["pictures"][told["waiting_room"]["media"]]
    assert hashlib.sha256((unpacked / shown["file"]).read_bytes()).hexdigest() in told["waiting_room"]["media"]
    assert yaml.safe_load((unpacked / "compose.yaml").read_text("utf-8"))["services"]
    for name in re.findall(
        r"`((?:[\w.]+/)?[\w]+\.(?:json|txt|yaml|service|conf|md))`", (unpacked / "README.md").read_text()
    ):
        assert name in names, name


def test_an_editor_finds_the_schema_beside_the_experience(unpacked: Path) -> None:
    told = json.loads((unpacked / "experience.json").read_text("utf-8"))
    assert next(iter(told)) == "$schema"
    jsonschema.validate(told, json.loads((unpacked / told["$schema"]).read_text("utf-8")))


def test_there_is_no_secret_and_nobody_in_it(unpacked: Path) -> None:
    unwanted = [settings.SECRET_KEY, "mara@example.org", "Ada Blum"]
    for path in unpacked.rglob("*"):
        if path.is_file() and path.suffix != ".whl":
            content = path.read_bytes()
            assert not [word for word in unwanted if word.encode() in content], path.name
            assert not re.search(rb"BEGIN [A-Z ]*PRIVATE KEY|:[A-Za-z0-9_-]{12,}@", content), path.name


def test_the_wheel_says_of_each_file_what_it_is_and_leaves_out_what_is_only_here(product: bytes) -> None:
    with ZipFile(BytesIO(product)) as archive:
        names = archive.namelist()
        info = next(name.partition("/")[0] for name in names if ".dist-info/" in name)
        rows = {row[0]: row[1:] for row in csv.reader(StringIO(archive.read(f"{info}/RECORD").decode()))}
        assert set(rows) == set(names)
        for name in names:
            if not name.endswith("/RECORD"):
                digest = base64.urlsafe_b64encode(hashlib.sha256(archive.read(name)).digest()).rstrip(b"=").decode()
                assert rows[name] == [f"sha256={digest}", str(archive.getinfo(name).file_size)], name
        assert "vestibule = vestibule.__main__:main" in archive.read(f"{info}/entry_points.txt").decode()
        assert "vestibule/web/static/manifest.json" in names
        assert any(name.endswith("/de/LC_MESSAGES/django.mo") for name in names)
        assert any(name.endswith("/parcel/files/requirements.txt") for name in names)
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".sqlite3", ".key"))]


def test_a_checkout_without_built_pages_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel, "PACKAGE", tmp_path)
    with pytest.raises(wheel.NotBuilt):
        wheel.build()


def test_an_old_python_and_a_torn_zip_are_told_so_at_once(unpacked: Path) -> None:
    next((unpacked / "wheel").iterdir()).unlink()
    words = [sys.executable, str(unpacked / "script" / "server")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
    assert done.returncode == 1
    assert "Unpack the whole zip again" in done.stderr
    assert not (unpacked / ".venv").exists()


@contextmanager
def started(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """`script/server` as somebody types it, with nothing of this checkout at hand."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("VESTIBULE_", "DJANGO_", "PYTHON"))}
    words = [str(getattr(sys, "_base_executable", sys.executable)), "script/server", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, cwd=folder, env=kept, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def page_when_ready(folder: Path, process: "subprocess.Popen[bytes]", address: str) -> str:
    until = time.monotonic() + INSTALLS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            log = (folder / "log").read_text("utf-8", errors="replace")
            pytest.fail(f"script/server ended with {process.returncode}:\n{log[-3000:]}")
        try:
            return httpx.get(address, timeout=5, follow_redirects=True).raise_for_status().text
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail((folder / "log").read_text("utf-8", errors="replace")[-3000:])


def installed_already(folder: Path) -> None:
    """Lay out what the first start installs: the wheel of the zip, and its packages as this checkout has them."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / ".venv")], check=True)
    there = next((folder / ".venv" / "lib").glob("python*")) / "site-packages"
    with ZipFile(next((folder / "wheel").iterdir())) as archive:
        archive.extractall(there)
    (there / "packages.pth").write_text(sysconfig.get_path("purelib"))
    server = runpy.run_path(str(folder / "script" / "server"))
    (folder / ".venv" / "stamp").write_text(server["stamp"](next((folder / "wheel").iterdir())))


def test_the_product_of_the_zip_starts_by_itself_and_serves_the_branded_pages(unpacked: Path) -> None:
    installed_already(unpacked)
    serves_the_branded_pages(unpacked)


def test_a_service_has_it_installed_and_nothing_made(unpacked: Path) -> None:
    installed_already(unpacked)
    words = [sys.executable, str(unpacked / "script" / "server"), "--only-install"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
    assert (done.returncode, done.stderr) == (0, "")
    assert not (unpacked / "data").exists()


@pytest.mark.slow
@pytest.mark.skipif(
    os.environ.get("INSTALLS_PACKAGES") != "1",
    reason="NOT CHECKED: the zip's first start installs its packages, which takes minutes: INSTALLS_PACKAGES=1 does it",
)
def test_where_there_is_only_python_the_first_start_installs_what_it_needs(unpacked: Path) -> None:
    serves_the_branded_pages(unpacked)


def serves_the_branded_pages(unpacked: Path) -> None:
    """Start it, read its pages as people do, stop it, and take the experience away again."""
    port = free_port()
    origin = f"http://localhost:{port}"
    with started(unpacked, port) as process:
        book = page_when_ready(unpacked, process, f"{origin}/book/lakeside")
        assert "Seen the same day" in book
        assert "First visit" in book
        for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', book):
            assert httpx.get(origin + address, timeout=60).status_code == 200, address
        visit = httpx.get(f"{origin}/visit", timeout=60)
        assert visit.status_code == 200
        assert "Join your visit" in visit.text
        assert "Lakeside Clinic" in visit.text
        assert httpx.get(f"{origin}/book/lakeside/first", timeout=60).status_code == 200
        shown = httpx.get(f"{origin}/experience.schema.json", timeout=60).json()
        assert "pictures" in shown["properties"]
    assert (unpacked / "data" / "secret.key").stat().st_mode & 0o077 == 0
    words = [sys.executable, str(unpacked / "script" / "vestibule"), "export", "lakeside"]
    again = subprocess.run(words, env={"PATH": os.environ["PATH"]}, capture_output=True, check=True).stdout
    told, first = json.loads(again), json.loads((unpacked / files.NAME).read_text("utf-8"))
    apart = ("pictures", "$schema")
    assert {name: part for name, part in told.items() if name not in apart} == {
        name: part for name, part in first.items() if name not in apart
    }
    assert set(told["pictures"]) == set(first["pictures"])
