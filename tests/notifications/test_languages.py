"""Every message in every language that is shipped."""

import html
import re
from datetime import timedelta
from functools import lru_cache
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from tests.notifications.letters import NINE, facts
from vestibule.notifications import gsm, when, wording
from vestibule.notifications.facts import Audience, Kind
from vestibule.notifications.letters import Letter
from vestibule.notifications.telling import Telling
from vestibule.store import clock

LANGUAGES = [code for code, _name in settings.LANGUAGES]
FOREIGN = [code for code in LANGUAGES if code != "en"]
BASE = "https://visits.example.org"
TOKEN = "v=Jx0c6hUo3mZQ2pM1yq8sAw"
START = clock.to_minute(NINE)
NAMES = {
    "business_name": "Nexoli",
    "service": "Xuqova",
    "provider": "Zyrkon",
    "consumer": "Qevil",
    "helper": "Wuxat",
    "reason": "Vexud",
    "location_text": "Kyrzo 9",
}
"""Names that no language has a word like."""


def told(audience: str, **changes: Any) -> Telling:
    """An appointment with all there is to tell about, in two zones."""
    both = {
        **NAMES,
        "audience": audience,
        "previous_start_minute": START - 60,
        "deadline_minute": START + 90,
        "series": [["a", START, START + 30, 1, 2], ["b", START + 10_080, START + 10_110, 3, 4]],
        "changed_by": "business",
        "period": "Pyvox",
    }
    about = facts(**(both | changes))
    return Telling(
        about,
        "Europe/London",
        NINE - timedelta(days=3),
        book=f"{BASE}/book/lakeside-clinic",
        desk=f"{BASE}/desk",
        manager=f"{BASE}/manage",
        join="" if about.audience == Audience.OFFICE else f"{BASE}/visit?{TOKEN}",
        check="" if about.audience == Audience.OFFICE else f"{BASE}/test-call?{TOKEN}",
        manage=f"{BASE}/appointment?{TOKEN}" if about.audience == Audience.CONSUMER else "",
        waitlist=f"{BASE}/waitlist?{TOKEN}" if about.waitlist_link else "",
        manage_each={1: f"{BASE}/appointment?{TOKEN}1", 3: f"{BASE}/appointment?{TOKEN}3"},
    )


CASES: list[tuple[str, dict[str, Any]]] = [
    *((audience, {}) for audience in Audience),
    *((audience, {"status": "cancelled", "series": []}) for audience in Audience),
    *((audience, {"location_kind": "phone", "series": []}) for audience in Audience),
    (Audience.CONSUMER, {"location_kind": "place", "changed_by": "consumer", "waitlist_link": 5}),
    (Audience.PROVIDER, {"changed_by": "provider", "consumer_timezone": "America/New_York"}),
]


@lru_cache
def letters(language: str) -> dict[tuple[str, int], Letter]:
    with translation.override(language):
        return {
            (str(kind), case): wording.letter(kind, told(audience, **changes))
            for kind in wording.LETTERS
            for case, (audience, changes) in enumerate(CASES)
        }


def words_of(letter: Letter) -> set[str]:
    """The sentences and labels of a letter, without names, numbers and addresses."""
    parts = [letter.subject, letter.preview, letter.heading, *letter.opening, *letter.closing, *letter.footer]
    parts += [part for fact in letter.facts for part in fact]
    parts += [part for link in [letter.button, *letter.links] if link for part in (link.label, link.hint)]
    return {_bare(part) for part in parts} - {""}


def _bare(text: str) -> str:
    text = re.sub("|".join([*NAMES.values(), r"https?://\S+", r"\S+@\S+", "Pyvox", "Lakeside Clinic"]), "", text)
    return " ".join(re.sub(r"[^\w%]+|\d", " ", text).split())


SAME_EVERYWHERE = {"Online", "Zoom", "E mail"}


@pytest.mark.parametrize("language", FOREIGN)
def test_no_sentence_of_a_mail_stays_english(language: str) -> None:
    english = {words for letter in letters("en").values() for words in words_of(letter)}
    said = {words for letter in letters(language).values() for words in words_of(letter)}
    assert {one for one in said & english if len(one) > 3} - SAME_EVERYWHERE == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_in_a_mail_is_filled(language: str) -> None:
    for (kind, case), letter in letters(language).items():
        for form in (letter.subject, letter.as_text()):
            assert not re.search(r"%\(|%s|\{\w*\}", form), (kind, case, form)


@pytest.mark.parametrize("language", FOREIGN)
def test_names_and_times_of_a_subject_are_those_of_the_english_one(language: str) -> None:
    def told_by(letter: Letter) -> tuple[list[str], list[str]]:
        names = [name for name in NAMES.values() if name in letter.subject]
        return names, re.findall(r"\b\d\d\D\d\d\b", letter.subject)

    for key, letter in letters(language).items():
        names, times = told_by(letter)
        expected = told_by(letters("en")[key])
        assert (names, len(times)) == (expected[0], len(expected[1])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_zones_are_said_where_clocks_differ(language: str) -> None:
    with translation.override(language):
        here, there = (when.clock(START, zone) for zone in ("Europe/London", "Europe/Zurich"))
        for kind in (Kind.CONFIRMATION, Kind.MOVED, Kind.REMINDER, Kind.PROVIDER_BOOKED, Kind.HELPER_INVITED):
            audience = Audience.PROVIDER if kind == Kind.PROVIDER_BOOKED else Audience.CONSUMER
            more = {"consumer_timezone": "Europe/Zurich"} if audience == Audience.PROVIDER else {}
            text = wording.letter(kind, told(audience, series=[], **more)).as_text()
            assert here in text, kind
            assert there in text, kind
            assert when.place("Europe/Zurich") in text, kind


def test_a_mail_that_runs_from_right_to_left_says_so() -> None:
    with translation.override("ar"):
        page = letters("ar")[str(Kind.CONFIRMATION), 0].as_html()
    assert page.count('dir="rtl"') == 2  # of the document, and of the table where a mail program drops the document
    assert 'lang="ar"' in page
    assert re.search(r'<a class="link"[^>]* dir="ltr"', page)


def test_a_telephone_number_keeps_its_order_among_arabic_words() -> None:
    for letter in letters("ar").values():
        for text in html.unescape(letter.as_text()).split("\n"):
            assert not re.search(r"(?<!\u200e)\+4[14] \d", text), text


def test_a_day_is_said_in_the_way_of_the_language() -> None:
    def day(language: str) -> str:
        with translation.override(language):
            return when.moment(START, "Europe/London")

    assert day("de") == "Montag, 2. März, 09:00 Uhr (Zeit in London)"
    assert day("fr") == "lundi 2 mars, 09h00 (heure à Londres)"
    assert day("es") == "lunes 2 de marzo, 09:00 (hora de Londres)"
    assert day("pt") == "segunda-feira, 2 de março, 09:00 (hora de Londres)"
    assert day("it") == "lunedì 2 marzo, 09:00 (ora di Londra)"
    assert day("nl") == "maandag 2 maart, 09:00 uur (tijd in Londen)"
    assert day("pl") == "poniedziałek, 2 marca, 09:00 (czas: Londyn)"
    assert day("ar") == "الاثنين 2 مارس، 09:00 (بتوقيت لندن)"
    assert day("pt-br") == day("pt")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_message_fits_its_segments_and_keeps_time_and_link(language: str) -> None:
    with translation.override(language):
        clocks = when.clock(START, "Europe/London")
        for kind in wording.TEXTS:
            for audience, changes in CASES:
                body = wording.text_message(kind, told(audience, **changes))
                if language == "ar":
                    assert gsm.units(body) <= 3 * 67, (kind, body)
                    assert not body or body[0] in "\u200fh" or "\u0600" < body[0] < "\u0700", (kind, body)
                else:
                    assert gsm.fold(body) == body, (kind, body)
                    assert gsm.length(body) <= gsm.TWO_SEGMENTS, (kind, body)
                if kind in (Kind.CONFIRMATION, Kind.REMINDER, Kind.MOVED, Kind.CANCELLED):
                    assert clocks in body, (kind, body)


def test_a_usual_reminder_in_arabic_takes_three_segments_at_most_and_names_whom_one_meets() -> None:
    with translation.override("ar"):
        body = wording.text_message(Kind.REMINDER, told(Audience.CONSUMER, series=[]))
    assert "Zyrkon" in body
    assert body.endswith(f"{BASE}/visit?{TOKEN}")


@pytest.mark.parametrize(("language", "forms"), [("pl", 3), ("ar", 4), ("de", 2)])
def test_numbers_bend_their_words(language: str, forms: int) -> None:
    with translation.override(language):
        said = [translation.ngettext("%(n)s minute", "%(n)s minutes", n) % {"n": n} for n in (1, 2, 3, 5, 11, 100)]
    assert len({re.sub(r"\d+ ?", "", one) for one in said}) == forms
    if language == "pl":
        assert said == ["1 minuta", "2 minuty", "3 minuty", "5 minut", "11 minut", "100 minut"]
