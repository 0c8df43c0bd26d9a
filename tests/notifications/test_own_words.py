"""A business' own words: placeholders checked when saved, filled in once, never in place of the way to join."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from tests.factories import make_business, manager_of
from tests.notifications.letters import NINE, facts
from vestibule.notifications import choices, gsm, own_words, saying
from vestibule.notifications.choices import Words
from vestibule.notifications.models import MessageRules, Template
from vestibule.notifications.telling import Telling
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import Business

pytestmark = pytest.mark.django_db

MAIL = ("reminder", "consumer", "email")
TEXT = ("reminder", "consumer", "sms")
JOIN = "https://visits.example.org/visit?v=sesame"


@pytest.fixture
def clinic() -> Business:
    return make_business()


def told(**changes: Any) -> Telling:
    return Telling(
        facts=facts(**changes), zone="Europe/London", now=NINE, join=JOIN, book="https://visits.example.org/b"
    )


def put(clinic: Business, which: tuple[str, str, str], body: str, **more: str) -> None:
    words = Words(more.get("subject", ""), more.get("heading", ""), body)
    own_words.put(manager_of(clinic), clinic, which, more.get("language", "en"), words, more.get("service", ""))


def chosen(clinic: Business) -> choices.Choices:
    return choices.of(Business.objects.get(pk=clinic.pk))


def mail(clinic: Business, language: str = "en", service: str = "", **changes: Any) -> Any:
    with translation.override(language):
        return saying.letter("reminder", told(**changes), chosen(clinic), language, service)


def sms(clinic: Business, **changes: Any) -> str:
    return saying.text("reminder", told(**changes), chosen(clinic), "en")


def test_own_words_stand_in_the_mail_and_the_way_to_join_stays(clinic: Business) -> None:
    put(clinic, MAIL, "Dear {consumer},\n\nsee you at {time}.", subject="Soon: {service}", heading="{day}")
    letter = mail(clinic)
    assert (letter.subject, letter.heading) == ("Soon: First visit", "Monday 2 March")
    assert letter.opening == ("Dear Jo Smith,", "see you at 09:00.")
    assert letter.button is not None
    assert letter.button.url == JOIN


def test_without_own_subject_the_built_in_one_stays(clinic: Business) -> None:
    before = mail(clinic)
    put(clinic, MAIL, "See you.")
    assert (mail(clinic).subject, mail(clinic).heading) == (before.subject, before.heading)


def test_each_language_has_its_own_and_others_keep_the_built_in(clinic: Business) -> None:
    put(clinic, MAIL, "Bis gleich, {consumer}.", language="de")
    assert mail(clinic, "de").opening == ("Bis gleich, Jo Smith.",)
    assert "Jo Smith" in mail(clinic, "en").opening[0]
    assert "Bis gleich" not in mail(clinic, "en").opening[0]


def test_a_service_goes_before_the_business(clinic: Business) -> None:
    put(clinic, MAIL, "For all.")
    put(clinic, MAIL, "For therapy.", service="therapy")
    assert mail(clinic, service="therapy").opening == ("For therapy.",)
    assert mail(clinic, service="other").opening == ("For all.",)


def test_what_is_filled_in_is_never_looked_at_again(clinic: Business) -> None:
    put(clinic, MAIL, "Dear {consumer}", subject="For {consumer}")
    letter = mail(clinic, consumer="{link} {service}\r\nBcc: x")
    assert letter.opening == ("Dear {link} {service}\r\nBcc: x",)
    assert letter.subject == "For {link} {service} Bcc: x"


def test_a_text_message_gets_the_address_also_when_it_was_left_out(clinic: Business) -> None:
    put(clinic, TEXT, "See you at {time}")
    assert sms(clinic) == f"See you at 09:00 {JOIN}"
    put(clinic, TEXT, "{link} is your room at {time}")
    assert sms(clinic) == f"{JOIN} is your room at 09:00"


def test_a_long_text_message_is_cut_before_its_address(clinic: Business) -> None:
    put(clinic, TEXT, "x" * 500)
    said = sms(clinic)
    assert said.endswith(f".. {JOIN}")
    assert gsm.segments(said) == 2


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("Dear {consmer}", "{consmer} cannot be filled in"),
        ("Dear {}", "{} cannot be filled in"),
        ("Dear {consumer.email}", "cannot be filled in"),
        ("Dear {consumer", "curly bracket"),
        ("Dear consumer}", "curly bracket"),
        ("Dear \u202e{consumer}", "cannot be shown"),
        ("x" * 4001, "longer than 4000"),
    ],
)
def test_what_cannot_be_filled_in_is_refused_when_it_is_saved(clinic: Business, body: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        put(clinic, MAIL, body)
    assert refused.value.facts["field"] == "body"
    assert not Template.objects.exists()


def test_who_names_something_unknown_is_told_what_makes_sense_in_that_message(clinic: Business) -> None:
    with pytest.raises(Invalid) as refused:
        put(clinic, MAIL, "Dear {consmer}")
    told = refused.value.sentence
    assert all(f"{{{name}}}" in told for name in own_words.offered(*MAIL[:2]))
    assert "{late}" not in told


def test_an_address_in_a_subject_an_unknown_message_and_an_unknown_language_are_refused(clinic: Business) -> None:
    with pytest.raises(Invalid, match="no place here"):
        put(clinic, MAIL, "See you", subject="Join {link}")
    with pytest.raises(Invalid):
        put(clinic, ("sign_in", "consumer", "email"), "See you")
    with pytest.raises(Invalid):
        put(clinic, MAIL, "See you", language="tlh")
    with pytest.raises(NotPermitted):
        own_words.put(manager_of(make_business(name="Other")), clinic, MAIL, "en", Words("", "", "See you"))


def test_emptied_the_built_in_words_are_back(clinic: Business) -> None:
    built_in = mail(clinic)
    put(clinic, MAIL, "See you.", subject="Soon")
    put(clinic, MAIL, "")
    assert mail(clinic) == built_in
    with pytest.raises(Invalid, match="Write what the message says"):
        put(clinic, MAIL, "", subject="Soon")


def test_a_discreet_business_names_neither_itself_nor_the_service_outside(clinic: Business) -> None:
    put(clinic, MAIL, "Your {service} at {business}.", subject="{service} at {business}")
    put(clinic, TEXT, "{service} at {business}: {time}")
    MessageRules.objects.create(business=clinic, is_discreet=True)
    choices.changed(clinic.pk)
    letter = mail(clinic)
    for outside in (letter.subject, letter.preview, sms(clinic), saying.sender_name(facts(), chosen(clinic))):
        assert "First visit" not in outside
        assert "Lakeside" not in outside
    assert letter.opening == ("Your First visit at Lakeside Clinic.",)


def test_every_placeholder_has_a_value_for_every_reader() -> None:
    for audience in ("consumer", "provider", "helper", "office"):
        reader = replace(told(audience=audience, late_minutes=5, reason="ill"), desk="https://visits.example.org/desk")
        for name, placeholder in own_words.PLACEHOLDERS.items():
            assert isinstance(placeholder.value(reader), str), name


@pytest.mark.parametrize(
    ("text", "count"), [("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("ł" * 70, 1), ("ł" * 71, 2)]
)
def test_segments_are_counted_as_they_are_paid(text: str, count: int) -> None:
    assert gsm.segments(text) == count


def test_what_the_law_asks_for_stands_at_the_end_of_every_mail(clinic: Business) -> None:
    MessageRules.objects.create(business=clinic, mail_footer="Lake Street 1\nCompany register 12")
    choices.changed(clinic.pk)
    assert mail(clinic).footer[-2:] == ("Lake Street 1", "Company register 12")
    assert mail(clinic).as_text().endswith("Lake Street 1\nCompany register 12\n")


def test_what_is_added_to_a_reminder_stands_in_own_words_too(clinic: Business) -> None:
    put(clinic, MAIL, "See you.")
    put(clinic, TEXT, "See you at {time}")
    assert mail(clinic, words="Bring your card.").opening == ("See you.", "Bring your card.")
    assert sms(clinic, words="Bring your card.") == f"See you at 09:00 Bring your card. {JOIN}"
    put(clinic, MAIL, "{words}\n\nSee you.")
    assert mail(clinic, words="Bring your card.").opening == ("Bring your card.", "See you.")
    assert mail(clinic).opening == ("See you.",)


def test_a_text_that_runs_from_right_to_left_says_so_though_a_name_comes_first(clinic: Business) -> None:
    put(clinic, TEXT, "{business}: موعدكم {time}", language="ar")
    with translation.override("ar"):
        said = saying.text("reminder", told(), chosen(clinic), "ar")
    assert said.startswith("\u200fLakeside Clinic: موعدكم")


def test_a_text_about_what_is_off_gives_no_address_unless_asked(clinic: Business) -> None:
    put(clinic, TEXT, "It is off.")
    assert sms(clinic, status="cancelled") == "It is off."
    put(clinic, TEXT, "It is off. {link}")
    assert "http" in sms(clinic, status="cancelled")
