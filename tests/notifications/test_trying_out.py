"""Words tried out: shown and sent as a real message would be, about nobody, and stored nowhere."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from tests.factories import make_business, manager_of
from tests.notifications.letters import NINE
from vestibule.notifications import choices, content, examples, own_words, saying, trying_out
from vestibule.notifications.choices import Words
from vestibule.notifications.examples import Offer
from vestibule.notifications.letters import Letter
from vestibule.notifications.models import OutboxMessage, Template
from vestibule.notifications.trials import TOKENS
from vestibule.notifications.trying_out import Wording
from vestibule.people import rates
from vestibule.people.errors import Invalid, NotPermitted, TooMany
from vestibule.people.models import AuditEntry, Business
from vestibule.store import clock

pytestmark = pytest.mark.django_db

MAIL = ("reminder", "consumer", "email")
TEXT = ("reminder", "consumer", "sms")


@pytest.fixture
def clinic() -> Business:
    clock.set_to(NINE)
    rates.forget_all()
    return make_business()


def mail(clinic: Business, body: str = "", **more: Any) -> Any:
    words = Words("", "", body) if body else None
    return trying_out.mail(manager_of(clinic), clinic, Wording(more.pop("which", MAIL), "en", words, Offer(**more)))


def test_words_are_shown_as_they_would_be_sent_and_stored_nowhere(clinic: Business) -> None:
    made = mail(clinic, "Dear {consumer},\n\nsee you at {time}.", service="Therapy")
    assert "Dear Jo Example,\n\nsee you at 10:20." in made.text
    assert "Therapy" in made.html
    assert "/visit?v=example" in made.html
    assert not Template.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_an_example_lies_ahead_and_is_told_in_both_zones_where_they_differ(clinic: Business) -> None:
    Business.objects.filter(pk=clinic.pk).update(timezone="Europe/Zurich")
    clinic.refresh_from_db()
    here, abroad = mail(clinic), mail(clinic, is_abroad=True)
    assert "Tuesday 10 March 2026, 10:20" in here.text
    assert "London time" not in here.text
    assert "09:20 – 09:50 (London time)" in abroad.text
    assert "10:20 (Zurich time)" in abroad.text


@pytest.mark.parametrize("which", own_words.kinds(), ids=".".join)
def test_the_built_in_words_can_be_begun_with_and_say_what_is_built_in(
    clinic: Business, which: tuple[str, str, str]
) -> None:
    kind, audience, channel = which
    for language in ("en", "de", "ar"):
        begun = examples.built_in(clinic, which, language)
        checked = own_words.check(which, language, begun)
        assert checked is not None, which
        assert "http" not in begun.body, begun
        with translation.override(language):
            facts = examples.facts(clinic, kind, audience, Offer())
            told = content.telling(facts, examples.zone_of(facts), TOKENS, NINE)
            tried = saying.text if channel == "sms" else saying.letter
            mine, theirs = (tried(kind, told, choices.of(clinic), language, "", one) for one in (begun, None))
        if channel == "sms" and language == "ar":
            assert "{business}" in begun.body, "the built-in one may leave it out where there is no room"
        elif channel == "sms":
            assert _bare(mine) == _bare(theirs), begun
        elif kind != "cancelled":
            assert isinstance(mine, Letter)
            assert isinstance(theirs, Letter)
            assert replace(mine, preview="") == replace(theirs, preview="")


def _bare(text: Any) -> str:
    return str(text).replace("\u200f", "").replace("\u200e", "")


def test_what_could_not_be_saved_is_not_shown_either(clinic: Business) -> None:
    with pytest.raises(Invalid, match="cannot be filled in"):
        mail(clinic, "Dear {consmer}")


def test_markup_in_words_and_names_is_text(clinic: Business) -> None:
    Business.objects.filter(pk=clinic.pk).update(name="<b>Lake</b>")
    clinic.refresh_from_db()
    made = mail(clinic, "<script>alert(1)</script> {business} {service}", service="<img src=x>")
    assert "<script" not in made.html
    assert "<img" not in made.html
    assert "<b>" not in made.html
    assert "&lt;script&gt;" in made.html


def test_a_test_is_sent_by_the_outbox_marked_and_without_a_calendar_entry(clinic: Business) -> None:
    actor = manager_of(clinic)
    wording = Wording(("confirmation", "consumer", "email"), "en", Words("Soon", "", "See you."))
    assert trying_out.send(actor, clinic, wording, " desk@example.org ") == "desk@example.org"
    row = OutboxMessage.objects.get()
    made = content.mail(row, {}, clock.now())
    assert (row.kind, row.to, made.subject, made.calendar) == ("confirmation", "desk@example.org", "[Test] Soon", "")
    assert "This is a test" in made.text
    assert content.preview(row, {}, clock.now()) == ("[Test] Soon", made.text)
    assert AuditEntry.objects.filter(action="messages.tested").count() == 1
    assert not Template.objects.exists()


def test_a_text_goes_to_a_number_as_a_test_at_any_hour(clinic: Business) -> None:
    trying_out.send(manager_of(clinic), clinic, Wording(TEXT, "en", Words("", "", "See you")), "+44 7700 900123")
    row = OutboxMessage.objects.get()
    assert row.audience == ""
    assert content.sms(row, {}, clock.now()).body.startswith("[Test] See you http")


def test_tests_are_limited_and_need_an_address_and_the_right_to_set_up(clinic: Business) -> None:
    actor, wording = manager_of(clinic), Wording(MAIL, "en")
    for to in ("nobody", "a@example.org, b@example.org", "a@example.org\r\nBcc: b@example.org"):
        with pytest.raises(Invalid) as refused:
            trying_out.send(actor, clinic, wording, to)
        assert refused.value.facts["field"] == "to"
    other = manager_of(make_business(name="Other"))
    with pytest.raises(NotPermitted):
        trying_out.send(other, clinic, wording, "a@example.org")
    with pytest.raises(NotPermitted):
        trying_out.mail(other, clinic, wording)
    for _each in range(trying_out.TESTS_AN_HOUR):
        trying_out.send(actor, clinic, wording, "a@example.org")
    with pytest.raises(TooMany):
        trying_out.send(actor, clinic, wording, "a@example.org")
    assert OutboxMessage.objects.count() == trying_out.TESTS_AN_HOUR
