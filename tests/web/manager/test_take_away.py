"""Taking the experience away in Manage: down as a file, up as the draft, and nothing of others."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import manager_of
from tests.web.manager.office import Office, make_office, url
from vestibule.experience import drafts
from vestibule.experience.models import Draft
from vestibule.experience.parcel import wheel
from vestibule.meetings import visit_rules
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import Actor, Role


def sent(content: bytes, name: str = "experience.json") -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, content)}


def test_the_file_downloads_whole_and_it_is_noted(office: Office) -> None:
    answer = office.as_(Role.VIEWER).get(url("take-away-file"))
    assert answer["Content-Disposition"].startswith('attachment; filename="lakeside-clinic-experience.json"')
    assert json.loads(answer.content)["business"]["name"] == "Lakeside Clinic"
    assert office.manager.post(url("take-away-file")).status_code == 404
    assert AuditEntry.objects.filter(action="experience.exported").count() == 1


def test_the_zip_downloads_for_who_sets_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel, "build", lambda: b"the product")
    answer = office.manager.get(url("take-away-zip"))
    assert answer["Content-Type"] == "application/zip"
    with ZipFile(BytesIO(answer.content)) as archive:
        assert archive.read("lakeside-clinic/business.txt") == b"lakeside-clinic\n"
    assert office.as_(Role.VIEWER).get(url("take-away-zip")).status_code == 403


def test_a_file_becomes_the_draft_shows_what_it_changes_and_is_published(office: Office) -> None:
    manager = office.manager
    answer = manager.post(url("take-away-import"), sent(b'{"format": 1, "call": {"chat": false}}'), follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain == [(url("experience-review"), 302)]
    assert visit_rules.of(office.business).chat
    assert b"There is a draft" in manager.get(url("take-away")).content
    manager.post(url("experience-review"), {"note": "From a file"})
    assert not visit_rules.of(office.business).chat
    assert not Draft.objects.exists()


def test_azure_is_offered_where_it_can_fetch_the_template(office: Office) -> None:
    assert b"portal.azure.com" not in office.manager.get(url("take-away")).content
    page = office.manager.get(url("take-away"), secure=True).content.decode()
    assert "https://portal.azure.com/#create/Microsoft.Template/uri/https%3A%2F%2Ftestserver%2Fdeploy%2Fazure" in page
    template = Client().get("/deploy/azure/new.json")
    assert template.json()["contentVersion"]
    assert template["Access-Control-Allow-Origin"] == "*"
    assert Client().get("/deploy/azure/other.json").status_code == 404


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "line 1"),
        (b'{"format": 1, "business": {"email": "nobody"}}', "business.email"),
        (b'{"format": 1, "<script>alert(1)</script>": 1}', "&lt;script&gt;"),
        (b" " * (10 * 1024 * 1024 + 1), "larger than 10 MB"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_in_words(office: Office, content: bytes, says: str) -> None:
    answer = office.manager.post(url("take-away-import"), sent(content))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert b"<script>alert" not in answer.content
    assert not Draft.objects.exists()


def test_nobody_reaches_another_business_this_way(office: Office) -> None:
    other = make_office(slug="harbour", name="Harbour Bank")
    other.manager.post(url("take-away-import"), sent(b'{"format": 1, "call": {"chat": false}}'))
    assert drafts.of(_manager(office), office.business) is None
    assert b"Harbour" not in office.manager.get(url("take-away-file")).content
    assert office.as_(Role.PROVIDER).post(url("take-away-import"), sent(b"{}")).status_code == 403
    assert office.manager.get(url("take-away-import")).status_code == 405


def _manager(office: Office) -> Actor:
    return manager_of(office.business)
