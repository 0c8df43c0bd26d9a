"""An experience as a file: the same file for the same experience, read back without loss, refused with the place."""

import base64
import hashlib
import json
import zipfile
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.booking.factories import make_service
from tests.factories import make_business, make_provider, manager_of
from tests.pictures import picture
from vestibule.experience import document, drafts, files
from vestibule.experience.models import Draft
from vestibule.meetings import area_pictures, areas, visit_rules
from vestibule.meetings.models import AreaMedia
from vestibule.people.errors import Invalid, NotFound, NotPermitted, Refusal
from vestibule.people.models import Business
from vestibule.people.permissions import Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db


def fresh(business: Business) -> Business:
    return Business.objects.get(pk=business.pk)


def clinic(*, slug: str = "") -> Business:
    business = make_business(slug=slug)
    make_provider(business=business)
    make_service(business=business, slug="first", name="First «Ärzte» 🩺", window_days=365)
    area_pictures.show(manager_of(business), "", picture(kind="PNG"), "A blue square")
    return fresh(business)


def text_of(business: Business) -> str:
    return files.pack(manager_of(business), business).text


def zipped(parts: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def refusal(wanted: Any, *, content: bytes | None = None) -> Invalid:
    business = make_business()
    with pytest.raises(Invalid) as refused:
        files.load(manager_of(business), business, json.dumps(wanted).encode() if content is None else content)
    assert not Draft.objects.filter(business=business).exists()
    assert not AreaMedia.objects.filter(business=business).exists()
    return refused.value


def test_a_file_is_the_same_each_time_and_reads_line_by_line() -> None:
    business = clinic()
    first = text_of(business)
    assert text_of(business) == first
    assert first.endswith("}\n")
    assert '\n  "business": {\n    "name": "Lakeside Clinic",\n' in first
    assert "«Ärzte» 🩺" in first  # not as escapes
    visit_rules.change(manager_of(business), business, chat=False)
    changed = [one for one in zip(first.splitlines(), text_of(business).splitlines(), strict=True) if one[0] != one[1]]
    assert changed == [('    "chat": true,', '    "chat": false,')]


def test_taken_to_another_business_and_back_nothing_is_lost() -> None:
    business, other = clinic(), make_business(slug="other")
    text = text_of(business)
    files.load(manager_of(other), other, text.encode())
    drafts.publish(manager_of(other), other)
    assert text_of(fresh(other)) == text
    media = areas.find(other.pk, "").content_media
    assert media is not None
    assert (media.business_id, media.alternative, media.media_type) == (other.pk, "A blue square", "image/png")


def test_a_zip_is_taken_in_with_the_pictures_beside_the_document() -> None:
    business, other = clinic(), make_business(slug="other")
    packed = files.pack(manager_of(business), business, apart=True)
    assert "base64" not in packed.text
    parts = {f"clinic/{name}": content for name, content in packed.beside.items()}
    content = zipped({"clinic/experience.json": packed.text.encode(), "clinic/script/server": b"#!", **parts})
    files.load(manager_of(other), other, content)
    drafts.publish(manager_of(other), other)
    assert text_of(fresh(other)) == text_of(business)


def test_a_file_is_a_draft_until_it_is_published_and_what_it_leaves_out_stays() -> None:
    business = clinic()
    files.load(manager_of(business), business, b'{"format": 1, "call": {"chat": false}}')
    assert visit_rules.of(business).chat
    drafts.publish(manager_of(business), business)
    assert not visit_rules.of(business).chat
    assert areas.find(business.pk, "").content_media is not None


def test_the_picture_of_an_earlier_version_comes_back_with_it_and_others_go() -> None:
    business = clinic()
    owner = manager_of(business)
    drafts.begin(owner, business)
    drafts.publish(owner, business)
    shown = areas.find(business.pk, "").content_media
    area_pictures.take_down(owner, "")
    area_pictures.show(owner, "", picture(kind="GIF"))
    area_pictures.take_down(owner, "")
    assert list(AreaMedia.objects.filter(business=business)) == [shown]
    drafts.roll_back(owner, business, 1)
    assert areas.find(business.pk, "").content_media == shown


def test_what_was_kept_and_never_shown_goes_after_a_day() -> None:
    business = clinic()
    kept = area_pictures.taken_in(manager_of(business), picture(kind="GIF"))
    kept.save()
    assert area_pictures.purge() == 0
    clock.advance(2 * 24 * 3600)
    assert area_pictures.purge() == 1
    assert areas.find(business.pk, "").content_media is not None


@pytest.mark.parametrize(
    ("content", "place", "says"),
    [
        (b"", "file", "line 1"),
        (b'{\n  "format": 1,\n  oops\n}', "file", "line 3, column 3"),
        (b"\xff\xfe{}", "file", "UTF-8"),
        (b"[" * 100_000, "file", "JSON"),
        (b'{"format": NaN}', "file", "JSON"),
        (b"[]", "format", "no experience"),
        (b'{"format": 2}', "format", "another version"),
        (b'{"format": 1, "colours": {}}', "colours", "no such part"),
        (b'{"format": 1, "business": {"email": "nobody"}}', "business.email", ""),
        (b'{"format": 1, "call": {"colour": 1}}', "call.colour", "no such setting"),
        (b'{"format": 1, "services": [{"slug": "a", "name": ""}]}', "services.0.name", ""),
        (b'{"format": 1, "pictures": []}', "pictures", "object"),
        (b"PK\x03\x04 no zip", "file", "zip"),
        (zipped({"other.json": b"{}"}), "file", "zip"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_with_its_place_and_leaves_no_trace(
    content: bytes, place: str, says: str
) -> None:
    refused = refusal(None, content=content)
    assert refused.facts["field"] == place
    assert says in refused.sentence


def test_a_picture_has_to_be_what_its_name_says_and_to_be_there() -> None:
    name = "sha256:" + hashlib.sha256(b"x").hexdigest()
    shown = {"format": 1, "waiting_room": {"media": name}}
    entry = {"type": "image/png", "base64": base64.b64encode(b"x").decode()}
    assert refusal(shown).facts["field"] == "waiting_room.media"
    assert refusal(shown | {"pictures": {name: entry | {"base64": "eA"}}}).facts["field"].endswith(".base64")
    assert refusal(shown | {"pictures": {name: entry | {"base64": "eHg="}}}).facts["field"] == f"pictures.{name}"
    beside = {"type": "image/png", "file": "pictures/a.png"}
    assert refusal(shown | {"pictures": {name: beside}}).facts["field"].endswith(".file")
    assert refusal(shown | {"pictures": {name: entry}}).facts["field"] == "waiting_room.media"  # x is no picture
    refused = refusal({"format": 1, "waiting_room": {"media": "nobody-knows-it-1"}})
    assert refused.facts["field"] == "waiting_room.media"


def test_pictures_of_another_business_are_not_to_be_had_by_their_reference() -> None:
    business, other = clinic(), make_business(slug="other")
    stolen = {"format": 1, "waiting_room": {"media": document.read(business)["waiting_room"]["media"]}}
    with pytest.raises(Invalid):
        files.load(manager_of(other), other, json.dumps(stolen).encode())


def test_a_zip_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 100_000)
    bomb = zipped({"experience.json": b" " * 5_000_000})
    assert len(bomb) < 100_000
    assert refusal(None, content=bomb).facts["field"] == "file"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**9) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_at_any_place_is_taken_in_or_refused(data: st.DataObject) -> None:
    business = Business.objects.filter(slug="odd").first() or clinic(slug="odd")
    held = document.read(business)
    part = data.draw(st.sampled_from(sorted(document.SECTIONS)))
    told = held[part][0] if isinstance(held[part], list) else held[part]
    keys = list(told) or ["en"]
    key, value = data.draw(st.sampled_from(keys)), data.draw(ANYTHING)
    inside = {**told, key: value}
    wanted = {"format": 1, part: [inside] if isinstance(held[part], list) else inside}
    place = part
    try:
        files.load(manager_of(business), business, json.dumps(wanted).encode())
    except Refusal as refused:
        place = str(refused.facts.get("field", part)).partition(".")[0]
    assert place in (part, "file")


def test_only_who_sets_a_business_up_takes_a_file_in_and_nobody_one_of_others() -> None:
    business, other = clinic(), make_business(slug="other")
    viewer = manager_of(business, role=Role.VIEWER)
    assert files.pack(viewer, business).document["business"]["name"]
    with pytest.raises(NotPermitted):
        files.load(viewer, business, b'{"format": 1}')
    for do in (lambda: files.pack(manager_of(other), business), lambda: files.load(manager_of(other), business, b"{}")):
        with pytest.raises(NotFound):
            do()
