"""The builder: steps that keep a draft, published as a version, with a way back."""

import re

import pytest

from tests.web.manager.answering import answered, answers_of, mara, wanted
from tests.web.manager.office import Office, make_office, url
from vestibule.booking.models import Service
from vestibule.experience import document, drafts
from vestibule.experience.models import Draft, Version
from vestibule.experience.preview import State
from vestibule.meetings import areas, visit_rules
from vestibule.people.models import Business
from vestibule.people.permissions import Role
from vestibule.web.manager.experience import change_words, steps

pytestmark = pytest.mark.django_db

SLUGS = [one.slug for one in steps.STEPS if one.section]
ASKING = [one.slug for one in steps.STEPS if one.make]


@pytest.mark.parametrize("slug", ASKING)
def test_a_step_that_changes_nothing_leaves_the_draft_as_it_was(office: Office, slug: str) -> None:
    before = document.read(office.business)
    answer = answered(office.manager, slug)
    assert answer.status_code == 302, answer.context["form"].errors
    assert answer["Location"] == steps.after(steps.named(slug)).href
    assert wanted(office) == before
    assert document.read(office.business) == before


def test_steps_are_left_and_come_back_to(office: Office) -> None:
    answered(office.manager, "business", tagline="Seen the same day")
    begin = office.manager.get(url("experience")).content.decode()
    assert "Go on with: Services" in begin
    assert "Seen the same day" in office.manager.get(url("experience-step", "business")).content.decode()
    assert Business.objects.get(pk=office.business.pk).tagline == ""


def test_publishing_makes_everything_hold_and_keeps_a_version(office: Office) -> None:
    manager = office.manager
    answered(manager, "business", tagline="Seen the same day", languages=["en", "de"])
    answered(manager, "services", **{"s1-name": "Travel advice", "s1-duration_minutes": "20"})
    answered(manager, "call", chat=None, device_check="required")
    answered(manager, "waiting", content_title="While you wait")
    answered(manager, "survey", **{"s0-text": "Would you come again?", "s0-kind": "thumbs"})
    review = manager.get(url("experience-review")).content.decode()
    for words in ("Seen the same day", "Travel advice", "While you wait", "Would you come again?", "Written messages"):
        assert words in review
    answer = manager.post(url("experience-review"), {"note": "Opening"}, follow=True)
    assert "Version 1 is published" in answer.content.decode()
    business = Business.objects.get(pk=office.business.pk)
    assert (business.tagline, business.languages) == ("Seen the same day", ["en", "de"])
    assert Service.objects.get(business=business, slug="travel-advice").duration_minutes == 20
    assert not visit_rules.of(business).chat
    assert areas.find(business.pk, "").content_title == "While you wait"
    assert Version.objects.get(business=business, number=1).note == "Opening"
    assert not Draft.objects.exists()


def test_a_version_is_compared_with_what_holds_and_gone_back_to(office: Office) -> None:
    manager = office.manager
    for tagline in ("First words", "Second words"):
        answered(manager, "business", tagline=tagline)
        manager.post(url("experience-review"), {"note": ""})
    listed = manager.get(url("experience-versions")).content.decode()
    assert listed.index("Version 2") < listed.index("Version 1")
    page = manager.get(url("experience-version", 1)).content.decode()
    assert re.search(r"<del>.*Second words</del>.*<ins>.*First words</ins>", page, re.S)
    assert "This is what holds now" in manager.get(url("experience-version", 2)).content.decode()
    manager.post(url("experience-version", 1))
    assert Business.objects.get(pk=office.business.pk).tagline == "First words"
    assert Version.objects.count() == 4, "and how it was before the first"


def test_what_was_changed_elsewhere_meanwhile_is_said_before_publishing(office: Office) -> None:
    answered(office.manager, "business", tagline="Mine")
    Business.objects.filter(pk=office.business.pk).update(tagline="Theirs", phone="+442079460018")
    review = office.manager.get(url("experience-review")).content.decode()
    assert "Changed elsewhere meanwhile" in review
    assert "Theirs" in review
    office.manager.post(url("experience-review"), {"note": ""})
    business = Business.objects.get(pk=office.business.pk)
    assert (business.tagline, business.phone) == ("Mine", "+442079460018")


def test_two_people_who_edit_at_once_notice_each_other(office: Office) -> None:
    drafts.begin(mara(office), office.business)
    page = office.manager.get(url("experience-step", "business"))
    given = answers_of(page) | {"edits": str(page.context["draft"].edits), "tagline": "Mine"}
    drafts.change(mara(office), office.business, {"business": {"tagline": "Theirs"}})
    answer = office.manager.post(url("experience-step", "business"), given)
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()
    assert wanted(office)["business"]["tagline"] == "Theirs"


@pytest.mark.parametrize(
    ("slug", "given", "field"),
    [
        ("business", {"email": "nobody"}, "email"),
        ("brand", {"accent": "own", "colour": "red"}, "colour"),
        ("waiting", {"support_phone": "call me"}, "support_phone"),
        ("call", {"end_hint_minutes": "999"}, "end_hint_minutes"),
    ],
)
def test_what_cannot_be_is_said_at_its_question(office: Office, slug: str, given: dict[str, str], field: str) -> None:
    answer = answered(office.manager, slug, **given)
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not Draft.objects.filter(edits__gt=0).exists()


def test_what_this_server_cannot_do_says_why_and_cannot_be_chosen(office: Office) -> None:
    page = office.manager.get(url("experience-step", "call")).content.decode()
    assert "this server knows no speech engine" in page
    assert re.search(r'<input type="checkbox" name="recording"[^>]*disabled', page)
    answered(office.manager, "call", recording="on")
    assert wanted(office)["call"]["recording"] is False


def test_services_and_reminders_are_added_and_taken_out(office: Office) -> None:
    manager = office.manager
    answered(manager, "services", **{"s0-gone": "on", "s1-name": "Travel advice", "s1-duration_minutes": "20"})
    assert [one["slug"] for one in wanted(office)["services"]] == ["travel-advice"]
    rows = len(wanted(office)["reminders"]["list"])
    more = {f"s{rows}-amount": "3", f"s{rows}-unit": "1440", f"s{rows}-audiences": ["consumer"]}
    answered(manager, "reminders", **more)
    lengths = [one["offset_minutes"] for one in wanted(office)["reminders"]["list"]]
    assert (len(lengths), 3 * 1440 in lengths) == (rows + 1, True)
    answered(manager, "reminders", **{f"s{lengths.index(3 * 1440)}-gone": "on"})
    assert 3 * 1440 not in [one["offset_minutes"] for one in wanted(office)["reminders"]["list"]]


def test_questions_are_asked_in_the_draft_alone_until_it_is_published(office: Office) -> None:
    manager = office.manager
    new = url("experience-question-new", "first-visit")
    manager.post(new, {"label": "What brings you?", "type": "text", "choices": "", "text": "", "help": ""})
    manager.post(new, {"label": "I agree", "type": "consent", "text": "To be treated.", "required": "on", "help": ""})
    asked = wanted(office)["services"][0]["questions"]
    assert [one["label"] for one in asked] == ["What brings you?", "I agree"]
    manager.post(url("experience-questions"), {"do": f"earlier first-visit {asked[1]['id']}"})
    assert wanted(office)["services"][0]["questions"][0]["type"] == "consent"
    manager.post(url("experience-questions"), {"do": f"remove first-visit {asked[0]['id']}"})
    assert len(wanted(office)["services"][0]["questions"]) == 1
    assert Service.objects.get(pk=office.visit.pk).questions == []
    shown = manager.get(url("experience-preview", State.DETAILS.value)).content.decode()
    assert "To be treated." in shown


def test_what_is_typed_in_a_step_is_shown_before_it_is_kept(office: Office) -> None:
    given = answers_of(office.manager.get(url("experience-step", "texts"))) | {"book_heading": "Choose your visit"}
    page = office.manager.post(url("experience-preview", "book"), given | {"in": "en"}).content.decode()
    assert "Choose your visit" in page
    assert not Draft.objects.exists()


def test_who_may_only_look_changes_nothing(office: Office) -> None:
    viewer = office.as_(Role.VIEWER)
    for slug in SLUGS:
        page = viewer.get(url("experience-step", slug))
        assert page.status_code == 200
        assert "Your role may look at this" in page.content.decode() or slug == steps.QUESTIONS
    for name in ("experience", "experience-review"):
        assert viewer.get(url(name)).status_code == 200
        assert viewer.post(url(name), {"note": ""}).status_code == 403
    assert viewer.post(url("experience-step", "business"), {"name": "x"}).status_code == 403
    assert viewer.post(url("experience-discard")).status_code == 403


def test_another_business_has_its_own_draft_and_versions(office: Office) -> None:
    other = make_office(slug="harbour-bank", name="Harbour Bank")
    answered(other.manager, "business", tagline="Theirs")
    other.manager.post(url("experience-review"), {"note": ""})
    answered(other.manager, "business", tagline="Theirs again")
    assert office.manager.get(url("experience-version", 1)).status_code == 404
    assert "Theirs" not in office.manager.get(url("experience-step", "business")).content.decode()
    assert office.manager.get(url("experience-question-new", "no-such-service")).status_code == 404


def test_a_draft_is_let_go_and_nothing_has_changed(office: Office) -> None:
    answered(office.manager, "business", tagline="Never mind")
    office.manager.post(url("experience-discard"))
    assert not Draft.objects.exists()
    assert Business.objects.get(pk=office.business.pk).tagline == ""


def test_hours_and_reminders_are_told_as_people_say_them() -> None:
    assert change_words.said([{"day": 0, "start": 480, "end": 720}]) == "Mon 08:00–12:00"
    assert change_words.said([{"side": "before", "offset_minutes": 1440, "channel": "email"}]) == "24 h before"


def test_a_template_is_looked_at_and_begun_with_beside_what_there_is(office: Office) -> None:
    chosen = {"step": "begin", "template": "therapy", "keep": "on"}
    page = office.manager.post(url("experience-preview", "book"), chosen | {"in": "en"}).content.decode()
    assert "Time to talk, in confidence" in page
    assert not Draft.objects.exists()
    office.manager.post(url("experience"), chosen)
    slugs = [one["slug"] for one in wanted(office)["services"]]
    assert (slugs[0], len(slugs) > 1) == ("first-visit", True)
    office.manager.post(url("experience"), {"template": "therapy"})
    assert len(wanted(office)["services"]) == len(slugs) - 1
    assert office.manager.post(url("experience"), {"template": "astrology"}).status_code == 404
