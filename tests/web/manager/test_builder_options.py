"""Every option of a visit: asked in a step of the builder, kept in its draft, and then what holds; or said why not."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.pictures import picture
from tests.web.manager.answering import answered, wanted
from tests.web.manager.office import Office, url
from vestibule.booking.models import Service, ServiceProvider
from vestibule.experience import document
from vestibule.experience.models import Draft
from vestibule.meetings import areas
from vestibule.meetings.models import AreaMedia
from vestibule.notifications.models import Gateway
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Role
from vestibule.web.manager import setup_map
from vestibule.web.manager.experience import steps

pytestmark = pytest.mark.django_db

OPTIONS: list[tuple[str, str, Any, Any]] = [
    ("call", "chat", None, False),
    ("call", "files", None, False),
    ("call", "consumers_share", None, False),
    ("call", "staff_share", None, False),
    ("call", "captions", "browser", "browser"),
    ("call", "blur", None, False),
    ("call", "device_check", "required", "required"),
    ("call", "helper_links", None, False),
    ("call", "takes_call_requests", None, False),
    ("call", "dial_in", "+442079460018", "+442079460018"),
    ("call", "end_hint_minutes", "7", 7),
    ("waiting", "content_title", "While you wait", "While you wait"),
    ("waiting", "content_text", "Have a seat.", "Have a seat."),
    ("waiting", "support_phone", "+442079460019", "+442079460019"),
    ("waiting", "shows_expected_wait", None, False),
    ("waiting", "shows_position", None, False),
    ("waiting", "identity_fields", ["name", "birth_date"], ["name", "birth_date"]),
    ("waiting", "takes_walk_ins", "on", True),
    ("business", "privacy_url", "https://clinic.example/privacy", "https://clinic.example/privacy"),
    ("business", "terms_url", "https://clinic.example/terms", "https://clinic.example/terms"),
    ("business", "languages", ["en", "de"], ["en", "de"]),
]
ASKED_AS = {"files": "takes_files"}


@pytest.mark.parametrize(("slug", "name", "given", "held"), OPTIONS, ids=[f"{one[0]}-{one[1]}" for one in OPTIONS])
def test_an_option_is_chosen_in_its_step_and_holds_once_published(
    office: Office, slug: str, name: str, given: Any, held: Any
) -> None:
    section = steps.named(slug).section
    before = document.read(office.business)[section][name]
    assert before != held, "the test changes something"
    assert answered(office.manager, slug, **{ASKED_AS.get(name, name): given}).status_code == 302
    assert wanted(office)[section][name] == held
    assert document.read(office.business)[section][name] == before
    office.manager.post(url("experience-review"), {"note": ""})
    assert document.read(Business.objects.get(pk=office.business.pk))[section][name] == held


def test_an_option_that_cannot_work_here_can_still_be_left(office: Office) -> None:
    answered(office.manager, "call")
    draft = Draft.objects.get(business=office.business)
    draft.document["call"]["recording"] = True  # as a file of another server may say
    draft.save()
    page = office.manager.get(url("experience-step", "call")).content.decode()
    assert not re.search(r'name="recording"[^>]*disabled', page)
    answered(office.manager, "call", recording=None)
    assert wanted(office)["call"]["recording"] is False


# --- the waiting room ------------------------------------------------------------------------------------------------


def sent(content: bytes, name: str) -> dict[str, Any]:
    return {"picture-file": SimpleUploadedFile(name, content), "picture-alternative": "Our garden"}


def test_a_picture_of_the_waiting_room_is_in_the_draft_and_shown_once_published(office: Office) -> None:
    manager = office.manager
    put = url("experience-picture", "waiting", "picture")
    page = manager.post(put, sent(picture(), "garden.jpg"), follow=True).content.decode()
    ref = wanted(office)["waiting_room"]["media"]
    assert f'<img src="/waiting-media/{ref}"' in page
    assert 'value="Our garden"' in page
    assert not AreaMedia.objects.get(ref=ref).shown_in_areas.exists()
    manager.post(url("experience-review"), {"note": ""})
    shown = areas.find(office.business.pk, "").content_media
    assert shown is not None
    assert shown.ref == ref
    manager.post(put, {"remove": "1"})
    assert wanted(office)["waiting_room"]["media"] == ""


def test_what_is_no_picture_is_refused_beside_its_question(office: Office) -> None:
    answer = office.manager.post(url("experience-picture", "waiting", "picture"), sent(b"GIF89a", "broken.gif"))
    assert answer.status_code == 422
    assert "This picture is damaged" in answer.content.decode()
    assert office.manager.post(url("experience-picture", "brand", "picture")).status_code == 404


def test_hours_without_an_appointment_are_typed_with_room_for_more(office: Office) -> None:
    step = url("experience-step", "waiting")
    monday = {"d0_0_from": "09:00", "d0_0_to": "12:00"}
    assert answered(office.manager, "waiting", **monday, add="0").status_code == 200
    assert not Draft.objects.exists(), "what asks for more room keeps nothing"
    copied = answered(office.manager, "waiting", **monday, copy="weekdays").content.decode()
    assert re.search(r'name="d4_0_to" value="12:00', copied)
    answered(office.manager, "waiting", **monday, d0_1_from="22:00", d0_1_to="02:00")
    assert wanted(office)["waiting_room"]["hours"] == [
        {"day": 0, "start": 540, "end": 720},
        {"day": 0, "start": 1320, "end": 1440},
        {"day": 1, "start": 0, "end": 120},
    ]
    half = answered(office.manager, "waiting", d2_0_from="09:00")
    assert half.status_code == 422
    assert "Give both times of this window" in half.content.decode()
    assert 'value="22:00' in office.manager.get(step).content.decode()


# --- the survey, the look, reminders ---------------------------------------------------------------------------------


def test_providers_are_asked_in_the_same_step(office: Office) -> None:
    first = {"s0-text": "How did it go?", "s0-kind": "thumbs"}
    answered(office.manager, "survey", **{"s0-text": "How was it?", "s0-kind": "stars"})
    answered(office.manager, "survey", at={"audience": "provider"}, **first)
    asked = wanted(office)["survey"]
    assert [one["text"] for one in asked["consumer"]] == ["How was it?"]
    assert [one["text"] for one in asked["provider"]] == ["How did it go?"]
    page = office.manager.get(url("experience-step", "survey", audience="provider")).content.decode()
    assert "How did it go?" in page
    assert "Address of a form elsewhere" not in page
    stays = answered(office.manager, "survey", at={"audience": "provider"}, do="stay")
    assert stays["Location"].endswith("?audience=provider")


def test_the_look_says_what_can_be_read_before_it_is_kept(office: Office) -> None:
    step = url("experience-step", "brand")
    assert "this colour was made for these pages" in office.manager.get(step).content.decode()
    look = {"accent": "own", "colour": "#ffe14d", "font": "system", "corners": "soft", "density": "cosy"}
    drawn = office.manager.post(f"{step}?draw=1", {**look, "scheme": "auto"}).content.decode()
    assert "people need 4.5 to 1 to read" in drawn
    assert "<html" not in drawn
    assert not Draft.objects.exists()


def test_reminders_say_which_channel_reaches_nobody(office: Office) -> None:
    step = url("experience-step", "reminders")
    words = "Text messages are kept here and reach nobody"
    assert words in office.manager.get(step).content.decode()
    Gateway.objects.create(business=office.business, channel="sms", kind="http", name="Ours", position=0)
    assert words not in office.manager.get(step).content.decode()


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
def test_what_is_no_part_of_the_draft_is_linked_for_those_who_may_open_it(office: Office, role: Role) -> None:
    reader = office.as_(role)
    known = {page.name for _title, pages in setup_map.PAGES for page in pages}
    for one in steps.STEPS:
        assert set(one.beside) <= known
        page = reader.get(one.href).content.decode()
        for name in one.beside:
            address = url(name.removeprefix("manage-"))
            assert (f'<a href="{address}">' in page) == (reader.get(address).status_code == 200)


def test_who_is_added_before_the_first_services_are_published_leads_back_there(office: Office) -> None:
    Service.objects.filter(business=office.business).update(is_active=False)
    answered(office.manager, "services", **{"s0-name": "Travel advice", "s0-duration_minutes": "20"})
    answer = office.manager.post(url("provider-new"), {"name": "Dr Bo Lund"}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == url("experience-review")
    assert "Dr Bo Lund was added, and offers what you publish." in page
    office.manager.post(url("experience-review"), {"note": ""})
    offers = ServiceProvider.objects.filter(service__business=office.business, service__slug="travel-advice")
    assert offers.filter(provider__name="Dr Bo Lund").exists()


def test_nobody_to_meet_is_said_where_it_is_published(office: Office) -> None:
    answered(office.manager, "business", tagline="Seen the same day")
    assert "Nobody meets consumers yet" not in office.manager.get(url("experience-review")).content.decode()
    Provider.objects.filter(business=office.business).update(is_active=False)
    page = office.manager.get(url("experience-review")).content.decode()
    assert "Nobody meets consumers yet" in page
    assert f'href="{url("provider-new")}"' in page
    office.manager.post(url("experience-review"), {"note": ""})
    listed = office.manager.get(url("experience-versions")).content.decode()
    assert "Nobody meets consumers yet" in listed
    assert f'href="/book/{office.business.slug}"' in listed
