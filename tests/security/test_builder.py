"""The builder, attacked from inside: documents and zips made to break it, doors of other roles and businesses."""

import json
import socket
import time
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import manager_of
from tests.web.manager.office import Office, make_office, url
from vestibule.experience import document, drafts
from vestibule.experience.models import Draft, Version
from vestibule.experience.survey import elsewhere
from vestibule.meetings.models import Participant
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db
DEEP = "[" * 900 + "]" * 900
ONE_SERVICE = '{"format":1,"services":[{"slug":"a","name":"x",%s}]}'


@pytest.fixture
def office() -> Office:
    return make_office()


def sent(office: Office, content: bytes) -> Any:
    """Take a file in on the page, and return the answer."""
    return office.manager.post(url("take-away-import"), {"file": SimpleUploadedFile("experience.json", content)})


def in_order(given: Mapping[str, Any]) -> bytes:
    return json.dumps({"format": document.FORMAT, **given}).encode()


# --- documents --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        r'{"format":1,"\ud800":1}',
        r'{"format":1,"brand":{"\udfff":"x"}}',
        r'{"format":1,"pictures":{"\ud800":{"type":"image/png"}}}',
        r'{"format":1,"texts":{"en":{"\ud800":"x"}}}',
        r'{"format":1,"texts":{"\ud800":{}}}',
        r'{"format":1,"business":{"name":"\ud800"}}',
        r'{"format":1,"survey":{"consumer":[{"kind":"\ud800","text":"x"}]}}',
        '{"format":1,"texts":{"en":{"book_heading":"a\\u0000b"}}}',
        f'{{"format":1,"brand":{{"font":{DEEP}}}}}',
        f'{{"format":1,"texts":{DEEP}}}',
        f'{{"format":1,"waiting_room":{{"hours":{DEEP}}}}}',
        f'{{"format":1,"pictures":{DEEP}}}',
        ONE_SERVICE % f'"questions":{DEEP}',
        ONE_SERVICE % f'"duration_minutes":{"9" * 4000}',
        ONE_SERVICE % '"price_minor":1e999',
        ONE_SERVICE % '"rules":{"window_days":-1}',
        '{"format":1,"business":{"timezone":"../../../etc/passwd"}}',
        '{"format":1,"survey":{"consumer":[{"kind":"stars","text":"x","ref":"of-another"}]}}',
    ],
)
def test_a_document_made_to_break_the_server_is_refused_in_a_sentence(office: Office, text: str) -> None:
    answer = sent(office, text.encode())
    assert answer.status_code == 422
    assert b"Traceback" not in answer.content
    assert not Draft.objects.exists()


def test_half_a_character_typed_into_the_preview_is_no_fault(office: Office) -> None:
    answer = office.manager.post(url("experience-preview", "book"), {"parts": r'{"\ud800":{}}'})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "part",
    [
        {"reminders": {"list": [{"side": "before", "offset_minutes": 60, "audiences": [], "channel": "sms"}] * 80_000}},
        {"embed": {"origins": [f"https://site-{number}.example" for number in range(200_000)]}},
        {"services": [{"slug": f"s{number}"} for number in range(200_000)]},
        {"waiting_room": {"hours": [{"day": 0, "start": 1, "end": 2}] * 200_000}},
        {
            "survey": {
                "consumer": [{"kind": "stars", "text": "x", "texts": dict.fromkeys(map(str, range(200_000)), "")}]
            }
        },
        {"texts": {"en": dict.fromkeys(map(str, range(300_000)), "x")}},
        {"business": {"email": "a@" + "a." * 4_000_000}},
        {"business": {"privacy_url": "https://" + "a." * 4_000_000}},
        {"brand": {"colour": "#" + "a" * 8_000_000}},
    ],
    ids=lambda part: next(iter(part)),
)
def test_what_is_far_too_long_is_refused_before_it_is_looked_through(office: Office, part: dict[str, Any]) -> None:
    content = in_order(part)
    assert sent(office, b"{").status_code == 422  # what is loaded with the first request does not count
    began = time.process_time()
    assert sent(office, content).status_code == 422
    assert time.process_time() - began < 4.0


def test_a_zip_that_is_nothing_but_a_list_of_names_is_not_read(office: Office) -> None:
    entry = b"PK\x01\x02" + bytes(42)
    end = b"PK\x05\x06" + bytes(4) + (40_000).to_bytes(2, "little") * 2
    end += (len(entry) * 200_000).to_bytes(4, "little") + (4).to_bytes(4, "little") + bytes(2)
    assert sent(office, b"{").status_code == 422
    began = time.process_time()
    assert sent(office, b"PK\x03\x04" + entry * 200_000 + end).status_code == 422
    assert time.process_time() - began < 1.0


def zipped(*parts: tuple[str, bytes], link: str = "") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
        if link:
            entry = zipfile.ZipInfo("pictures/a.png")
            entry.create_system, entry.external_attr = 3, 0o120777 << 16
            archive.writestr(entry, link)
    return out.getvalue()


def test_nothing_of_a_zip_is_written_to_the_disk_and_a_link_in_it_leads_nowhere(
    office: Office, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "sha256:" + "0" * 64
    told = in_order({"brand": {"logo": name}, "pictures": {name: {"type": "image/png", "file": "pictures/a.png"}}})
    climbing = [("../../escaped.txt", b"x"), ("/tmp/escaped.txt", b"x"), ("pictures/../../escaped.png", b"x")]
    answer = sent(office, zipped(("experience.json", told), *climbing, link="/etc/passwd"))
    assert answer.status_code == 422
    assert b"root:" not in answer.content
    assert list(tmp_path.iterdir()) == []


def test_bombs_are_not_unpacked(office: Office) -> None:
    began = time.process_time()
    bomb = zipped(("experience.json", b"{" + b" " * 60_000_000))
    packed = time.process_time() - began
    assert len(bomb) < 100_000
    began = time.process_time()
    assert sent(office, bomb).status_code == 422
    assert time.process_time() - began < max(2.0, packed)


def test_a_business_with_as_many_services_as_there_may_be_can_still_keep_its_step(office: Office) -> None:
    each = {"duration_minutes": "30", "visibility": "public", "needs_approval": "on", "has_waitlist": "on"}
    given = {"rows": "100", "do": "stay"}
    for number in range(100):
        row = {"slug": f"visit-{number}", "name": f"Visit {number}", "description": "As usual", **each}
        given |= {f"s{number}-{name}": value for name, value in row.items()}
    drafts.change(
        manager_of(office.business),
        office.business,
        {"services": [{"slug": f"visit-{number}", "name": f"Visit {number}"} for number in range(100)]},
    )
    assert office.manager.post(url("experience-step", "services"), given).status_code == 302


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_drafts_and_versions_of_another_business_are_not_to_be_had(office: Office) -> None:
    theirs = make_office(slug="harbour-bank", name="Harbour Bank")
    theirs.manager.post(url("experience"))
    drafts_before = list(Draft.objects.values_list("pk", "document", "edits"))
    Version.objects.create(business=theirs.business, number=1, document={"business": {"tagline": "Secret"}})
    mine = office.manager
    assert mine.get(url("experience-version", 1)).status_code == 404
    assert mine.post(url("experience-version", 1)).status_code == 404
    assert mine.post(url("experience-review"), {"note": ""}).status_code in (404, 422)
    assert mine.post(url("experience-discard")).status_code == 302
    assert list(Draft.objects.values_list("pk", "document", "edits")) == drafts_before
    assert "Secret" not in mine.get(url("experience-versions")).content.decode()


WRITES: tuple[tuple[str, dict[str, str]], ...] = (
    ("experience", {}),
    ("experience-review", {"note": ""}),
    ("experience-discard", {}),
    ("take-away-import", {}),
    ("survey-new", {"text": "x"}),
    ("survey-elsewhere", {"url": "https://evil.example"}),
    ("survey-elsewhere", {"renew": "1"}),
    ("survey-stop", {}),
    ("own-texts", {"book_heading": "x"}),
    ("brand", {"colour": "#000000"}),
    ("brand-logo", {"remove": "1"}),
)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SCHEDULER, Role.PROVIDER])
def test_who_does_not_set_the_business_up_changes_nothing_of_how_it_looks(office: Office, role: Role) -> None:
    held = document.read(office.business)
    client = office.as_(role)
    for name, given in WRITES:
        assert client.post(url(name), given).status_code == 403, name
    for state in ("book", "mail"):
        parts = json.dumps({"business": {"name": "Mine"}})
        assert client.post(url("experience-preview", state), {"parts": parts}).status_code == 403
    for step in ("business", "services", "brand", "texts", "survey", "reminders", "call", "waiting"):
        assert client.post(url("experience-step", step), {}).status_code == 403, step
    assert document.read(office.business) == held
    assert not Draft.objects.exists()


def test_a_stranger_gets_nothing_of_the_builder(office: Office) -> None:
    for name in ("experience", "experience-review", "experience-versions", "take-away-file", "take-away-zip", "links"):
        answer = Client().get(url(name))
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/signin"), name
    assert Client().get(url("experience-preview", "book")).status_code == 302


# --- what leads elsewhere ---------------------------------------------------------------------------------------------

INSIDE = (
    "http://169.254.169.254/latest/meta-data/",
    "https://127.0.0.1:8000/visit?v=AAAAAAAAAAAAAAAAAAAAAA",
    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0",
    "https://eur01.safelinks.protection.outlook.com/?url=http%3A%2F%2F169.254.169.254%2F",
    "file:///etc/passwd",
    "gopher://localhost:6379/_FLUSHALL",
    "javascript:alert(1)",
)


def test_whoever_has_a_link_read_makes_the_server_ask_nobody(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def ask(*where: Any, **_more: Any) -> None:
        asked.append(where)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    monkeypatch.setattr(socket.socket, "connect", ask)
    for link in INSIDE:
        told = Client().post("/api/v1/join-links/read", json.dumps({"link": link}), content_type="application/json")
        assert told.status_code == 200, link
        assert office.manager.post(url("links"), {"link": link}).status_code == 200
        assert Client().get("/visit", {"link": link}).status_code < 500
    assert asked == []


@pytest.mark.parametrize(
    "address",
    [
        "javascript:hit(1)",
        "JAVASCRIPT:hit(1)",
        "data:text/html,x",
        "http://forms.example",
        "//forms.example",
        "https:/x",
    ],
)
def test_a_form_elsewhere_is_an_encrypted_address_or_none(office: Office, address: str) -> None:
    answer = office.manager.post(url("survey-elsewhere"), {"url": address})
    assert answer.status_code == 422
    assert elsewhere.url_of(office.business) == ""


def test_what_is_signed_for_a_form_elsewhere_is_one_visit_of_one_business(office: Office) -> None:
    theirs = make_office(slug="harbour-bank", name="Harbour Bank")
    signed = []
    for one in (office, theirs):
        elsewhere.put(manager_of(one.business), one.business, "https://forms.example/?from=here")
        for booked in one.appointments:
            seat = Participant.objects.get(meeting=booked.meeting, kind="consumer")
            assert elsewhere.address_for(seat) == "", "nobody was let in"
            seat.admitted_at = booked.start
            signed.append(parse_qs(urlsplit(elsewhere.address_for(seat)).query))
    assert all(one.keys() == {"from", "visit", "signature"} for one in signed), "nothing about the person"
    assert len({one["signature"][0] for one in signed}) == len({one["visit"][0] for one in signed}) == 4
