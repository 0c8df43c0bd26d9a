"""Waiting areas in the office: groups, walk-ins with their link, hours, what people see, closing, prepared texts."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.web.manager.office import Office, url
from vestibule.meetings import areas, prepared
from vestibule.meetings.models import WaitingArea
from vestibule.people.permissions import Role

DETAILS = {
    "name": "Walk-in clinic",
    "takes_walk_ins": "on",
    "walk_in_minutes": "10",
    "amber_minutes": "3",
    "red_minutes": "8",
    "shows_position": "on",
    "identity_fields": ["name", "birth_date"],
    "providers": ["dr-ada-blum"],
}


@pytest.fixture
def group(office: Office) -> str:
    """The slug of a group that was just added."""
    answer = office.manager.post(url("areas"), {"name": "Walk-in clinic"})
    return str(answer["Location"].rsplit("/", 1)[1])


def area_of(office: Office, slug: str) -> WaitingArea:
    return areas.find(office.business.pk, slug)


def text_of(answer: Any) -> str:
    return str(answer.content, "utf-8")


def picture() -> SimpleUploadedFile:
    made = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(made, "PNG")
    return SimpleUploadedFile("lake.png", made.getvalue(), "image/png")


def test_everybody_waits_in_one_area_until_there_are_groups(office: Office) -> None:
    page = text_of(office.manager.get(url("areas")))
    assert "Everybody who is in no group" in page
    assert office.manager.get(url("area", "everybody")).status_code == 200


def test_a_group_has_its_people_colours_and_what_it_asks(office: Office, group: str) -> None:
    answer = office.manager.post(url("area", group), DETAILS, follow=True)
    area = area_of(office, group)
    assert "Walk-in clinic was saved" in text_of(answer)
    assert (area.walk_in_minutes, area.amber_minutes, area.red_minutes) == (10, 3, 8)
    assert (area.takes_walk_ins, area.shows_position, area.shows_expected_wait) == (True, True, False)
    assert area.identity_fields == ["name", "birth_date"]
    assert [one.slug for one in area.providers.all()] == ["dr-ada-blum"]


def test_the_public_link_is_shown_once_walk_ins_are_taken_and_opens(office: Office, group: str) -> None:
    assert "walk-in-link" not in text_of(office.manager.get(url("area", group)))
    office.manager.post(url("area", group), DETAILS)
    page = office.manager.get(url("area", group))
    link = f"http://testserver/walk-in/lakeside-clinic/{group}"
    assert f'value="{link}"' in text_of(page)
    assert office.manager.get(link).status_code == 200


def test_red_before_amber_lands_on_its_question(office: Office, group: str) -> None:
    answer = office.manager.post(url("area", group), DETAILS | {"amber_minutes": "9"})
    assert list(answer.context["form"].errors) == ["red_minutes"]


def test_hours_of_a_night_are_kept_as_two_parts_and_shown_again(office: Office, group: str) -> None:
    data = {"d0_0_from": "09:00", "d0_0_to": "12:00", "d4_0_from": "22:00", "d4_0_to": "02:00"}
    assert office.manager.post(url("area-hours", group), data).status_code == 302
    kept = [(part["day"], part["start"], part["end"]) for part in area_of(office, group).hours]
    assert kept == [(0, 540, 720), (4, 1320, 1440), (5, 0, 120)]
    assert 'value="22:00"' in text_of(office.manager.get(url("area-hours", group)))


def test_what_people_see_is_previewed_before_it_is_stored(office: Office) -> None:
    typed = {"content_title": "While you wait", "content_text": "Breathe.", "support_phone": "+41445550100"}
    drawn = office.manager.post(f"{url('area-content', 'everybody')}?draw=1", typed)
    assert "While you wait" in text_of(drawn)
    assert "<html" not in text_of(drawn)
    assert area_of(office, "everybody").content_title == ""
    office.manager.post(url("area-content", "everybody"), typed)
    assert area_of(office, "everybody").content_text == "Breathe."


def test_a_picture_is_shown_in_the_preview_and_taken_down_again(office: Office) -> None:
    address = url("area-picture", "everybody")
    given = {"picture-file": picture(), "picture-alternative": "The lake in the morning"}
    page = office.manager.post(address, given, follow=True)
    shown = area_of(office, "everybody").content_media
    assert shown is not None
    assert f'src="/waiting-media/{shown.ref}" alt="The lake in the morning"' in text_of(page)
    seen = office.manager.get(f"/waiting-media/{shown.ref}")
    assert (seen["Content-Type"][:6], seen["X-Content-Type-Options"]) == ("image/", "nosniff")
    office.manager.post(address, {"remove": "1"})
    assert area_of(office, "everybody").content_media is None
    assert office.manager.get(f"/waiting-media/{shown.ref}").status_code == 404


def test_a_page_named_as_a_picture_is_refused_on_its_question(office: Office) -> None:
    page = SimpleUploadedFile("lake.png", b"<html><script>alert(1)</script>", "image/png")
    answer = office.manager.post(url("area-picture", "everybody"), {"picture-file": page})
    assert answer.status_code == 422
    assert list(answer.context["picture"].errors) == ["file"]


def test_the_queue_is_closed_for_a_while_with_words_and_opened_again(office: Office, group: str) -> None:
    office.manager.post(url("area", group), DETAILS)
    page = office.manager.post(url("area-close", group), {"minutes": "30", "text": "Back soon"}, follow=True)
    area = area_of(office, group)
    assert area.closed_until is not None
    assert "Back soon" in text_of(page)
    office.manager.post(url("area-close", group), {"open": "1"})
    assert area_of(office, group).closed_at is None


def test_a_group_can_be_taken_away_the_area_for_everybody_cannot(office: Office, group: str) -> None:
    assert "Take this group away" not in text_of(office.manager.get(url("area", "everybody")))
    assert office.manager.post(url("area-retire", group)).status_code == 302
    assert office.manager.get(url("area", group)).status_code == 404
    refused = office.manager.post(url("area-retire", "everybody"))
    assert "stays" in text_of(refused)


def test_prepared_texts_are_added_changed_and_removed(office: Office, group: str) -> None:
    office.manager.post(url("texts"), {"text": "Ten minutes late.", "area": group, "after_minutes": "10"})
    office.manager.post(url("texts"), {"text": "Have your card ready.", "area": "", "after_minutes": ""})
    first, second = prepared.texts_of(office.business)
    assert first.area is not None
    assert (first.area.slug, first.after_minutes, second.area, second.after_minutes) == (group, 10, None, None)
    office.manager.post(url("text", first.ref), {"text": "Five.", "area": "", "after_minutes": ""})
    office.manager.post(url("text-remove", second.ref))
    (left,) = prepared.texts_of(office.business)
    assert (left.text, left.area, left.after_minutes) == ("Five.", None, None)


def test_whoever_may_only_look_changes_nothing(office: Office, group: str) -> None:
    viewer = office.as_(Role.VIEWER)
    pages = ("area", "area-hours", "area-content")
    for name in pages:
        assert viewer.get(url(name, group)).status_code == 200
        assert viewer.post(url(name, group), DETAILS).status_code == 403
    for name in ("area-close", "area-picture", "area-retire"):
        assert viewer.post(url(name, group)).status_code == 403
    assert viewer.post(url("texts"), {"text": "No"}).status_code == 403
    assert area_of(office, group).takes_walk_ins is False
