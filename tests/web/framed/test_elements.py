"""The script with the elements: for pages of any site, small, and asked for again only when it changed."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from vestibule.web import assets


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "embed-0A1B2C3D.js"
    path.write_bytes(b"export {};")
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(b"export {};"))
    monkeypatch.setattr(assets, "path", lambda _name: path)
    return path


def script(**headers: str) -> Any:
    return Client().get("/embed.js", headers=headers)


@pytest.mark.django_db
def test_any_site_may_load_it_and_keeps_it_for_five_minutes(built: Path) -> None:
    answer = script()
    assert (answer.status_code, answer.content) == (200, b"export {};")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert not answer.cookies


@pytest.mark.django_db
def test_it_travels_compressed_and_only_when_it_changed(built: Path) -> None:
    small = Client().get("/embed.js", headers={"Accept-Encoding": "gzip, br"})
    assert (small["Content-Encoding"], gzip.decompress(small.content)) == ("gzip", b"export {};")
    assert "Accept-Encoding" in small["Vary"]
    again = Client().get("/embed.js", headers={"Accept-Encoding": "gzip, br", "If-None-Match": small["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().get("/embed.js", headers={"If-None-Match": small["ETag"]}).status_code == 200


@pytest.mark.django_db
def test_where_it_was_not_built_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "path", lambda _name: None)
    answer = script()
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (404, "*")
    assert b"not built" in answer.content
