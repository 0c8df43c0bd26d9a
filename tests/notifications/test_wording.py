"""What people read."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from tests.notifications.letters import NINE, facts
from vestibule.notifications import gsm, letters, wording
from vestibule.notifications.facts import Audience, Kind
from vestibule.notifications.letters import ACCENTS, Letter, plain
from vestibule.notifications.telling import Telling
from vestibule.store import clock

JOIN = "https://visits.example.org/visit?v=Jx0c6hUo3mZQ2pM1yq8sAw"
MANAGE = "https://visits.example.org/appointment?v=0a2sQp1yq8sAwJx0c6hUo3"
DESK = "https://visits.example.org/desk"
REQUEST = "https://visits.example.org/manage/appointments/abcdefgh23456789"
WAITLIST = "https://visits.example.org/waitlist?v=sAwJx0c6hUo30a2sQp1yq8"


def told(zone: str = "Europe/London", now: Any = NINE - timedelta(days=3), **changes: Any) -> Telling:
    about = facts(**changes)
    links = {"book": "https://visits.example.org/book/lakeside-clinic", "desk": DESK, "manager": REQUEST}
    links |= {} if about.audience in (Audience.PROVIDER, Audience.OFFICE) else {"join": JOIN, "manage": MANAGE}
    links |= {"waitlist": WAITLIST} if about.waitlist_link else {}
    return Telling(about, zone, now, **links)  # type: ignore[arg-type]  # none of them is a link for each


def mail(kind: str = Kind.CONFIRMATION, **changes: Any) -> Letter:
    with translation.override("en"):
        return wording.letter(kind, told(**changes))


def said(letter: Letter) -> str:
    """What the HTML shows, as one line of text."""
    body = re.sub(r"<(style|title).*?</\1>|<!--.*?-->", " ", letter.as_html(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_a_confirmation_says_who_what_when_where_and_how_to_change() -> None:
    letter = mail()
    assert letter.subject == "Booked: Monday 2 March, 09:00 (London time)"
    text = letter.as_text()
    for fact in (
        "When: Monday 2 March 2026, 09:00 – 09:30 (London time)",
        "That is: Monday 2 March, 10:00 (Zurich time)",
        "What: First visit",
        "With: Dr Ada Blum",
        JOIN,
        MANAGE,
        "Questions? Call Lakeside Clinic: +41 44 555 01 00.",
    ):
        assert fact in text


def test_one_zone_is_enough_when_the_clocks_agree() -> None:
    assert "That is" not in mail(zone="Europe/Berlin").as_text()


@pytest.mark.parametrize("kind", list(wording.LETTERS))
@pytest.mark.parametrize("audience", list(Audience))
def test_plain_text_and_html_say_the_same(kind: Kind, audience: Audience) -> None:
    letter = mail(kind, audience=audience, reason="Fire <drill> & co", previous_start_minute=1_000_000)
    shown = said(letter)
    for line in letter.as_text().splitlines():
        words = line.removeprefix("-- ").strip()
        label, colon, value = words.partition(": ")
        pieces = [label, value] if colon and (label, value) in letter.facts else [words.removesuffix(":")]
        for piece in pieces:
            assert piece in shown or piece in html.unescape(letter.as_html()), piece


@pytest.mark.parametrize("kind", list(wording.LETTERS))
def test_a_mail_has_one_button(kind: Kind) -> None:
    link = 1 if kind in (Kind.WAITLIST_JOINED, Kind.WAITLIST_OFFER) else None
    assert mail(kind, waitlist_link=link).as_html().count('class="button"') == 1


def test_a_request_says_that_nothing_is_booked_yet_and_until_when_it_is_answered() -> None:
    text = mail(Kind.REQUESTED, status="requested", deadline_minute=clock.to_minute(NINE) - 600).as_text()
    assert "it is not booked yet: Lakeside Clinic has to agree to it." in text
    assert "by Sunday 1 March, 23:00 (London time) at the latest" in text
    assert JOIN not in text


def test_staff_answer_a_request_where_it_is_shown() -> None:
    text = mail(Kind.PROVIDER_REQUESTED, audience=Audience.OFFICE, status="requested").as_text()
    assert REQUEST in text
    assert "Provider: Dr Ada Blum" in text


def test_who_missed_an_appointment_is_led_to_other_times_of_the_same_service() -> None:
    button = mail(Kind.MISSED, status="no_show", service_slug="first-visit").button
    assert button is not None
    assert button.url == "https://visits.example.org/book/lakeside-clinic/first-visit"


def test_a_helper_reads_whom_to_help_and_gets_no_way_to_change_anything() -> None:
    text = mail(Kind.HELPER_INVITED, audience=Audience.HELPER, helper="Ines").as_text()
    assert "Hello Ines, Jo Smith would like you to be there." in text
    assert JOIN in text
    assert MANAGE not in text


def test_an_offer_says_until_when_it_stands() -> None:
    about = {"waitlist_link": 1, "deadline_minute": clock.to_minute(NINE) - 60}
    letter = mail(Kind.WAITLIST_OFFER, **about)
    assert letter.preview == "It is kept for you until Monday 2 March, 08:00 (London time)."
    assert letter.button is not None
    assert letter.button.url == WAITLIST
    assert text_message(Kind.WAITLIST_OFFER, **about) == (
        "Lakeside Clinic: a time became free with Dr Ada Blum: Mon 2 Mar, 09:00 (London time)."
        f" Take it before 08:00. Answer: {WAITLIST}"
    )


def test_a_reminder_says_tomorrow_by_the_readers_calendar() -> None:
    assert mail(Kind.REMINDER, now=NINE - timedelta(hours=10)).heading == "Your appointment is tomorrow at 09:00"
    assert mail(Kind.REMINDER, now=NINE - timedelta(hours=1)).heading == "Your appointment is today at 09:00"
    late = mail(Kind.REMINDER, zone="Asia/Tokyo", now=NINE - timedelta(hours=10))
    assert late.heading == "Your appointment is today at 18:00"


@pytest.mark.parametrize(
    ("by", "words"), [("consumer", "cancelled as you asked"), ("business", "Lakeside Clinic had to cancel")]
)
def test_a_cancellation_says_by_whom_and_why(by: str, words: str) -> None:
    text = mail(Kind.CANCELLED, status="cancelled", changed_by=by, reason="Dr Blum is ill").as_text()
    assert words in text
    assert "Reason: Dr Blum is ill" in text
    assert "/book/lakeside-clinic" in text
    assert JOIN not in text


def test_a_move_says_where_the_appointment_was() -> None:
    before = facts().start_minute - 24 * 60
    assert "Before: Sunday 1 March, 09:00 (London time)" in mail(Kind.MOVED, previous_start_minute=before).as_text()


def test_a_provider_reads_about_the_consumer_in_the_own_zone() -> None:
    letter = mail(Kind.PROVIDER_MOVED, audience=Audience.PROVIDER, zone="Europe/Zurich", changed_by="consumer")
    text = letter.as_text()
    assert letter.subject == "Moved to Monday 2 March, 10:00 (Zurich time)"
    assert "moved by Jo Smith" in text
    assert "With: Jo Smith" in text
    assert DESK in text
    assert MANAGE not in text


def test_a_visit_in_person_names_the_place_and_no_camera() -> None:
    text = mail(location_kind="place", location_text="Seestrasse 12, 8002 Zürich").as_text()
    assert "Where: Seestrasse 12, 8002 Zürich" in text
    assert "camera" not in text
    assert JOIN not in text


def test_a_visit_by_telephone_says_who_calls() -> None:
    assert "Where: By telephone: we call +44 7700 900123" in mail(location_kind="phone").as_text()


MARKUP = '<script>alert(1)</script><a href="https://evil.example">"click"</a>'


def test_names_are_inert_in_html() -> None:
    letter = mail(
        Kind.MOVED, consumer=MARKUP, provider=MARKUP, service=MARKUP, business_name=MARKUP, reason=MARKUP, accent=MARKUP
    )
    shown = letter.as_html()
    assert "<script" not in shown
    assert '<a href="https://evil' not in shown
    assert "alert(1)" in said(letter)


def test_styles_stand_in_the_elements_and_what_depends_on_the_screen_in_the_head() -> None:
    shown = mail(accent="plum").as_html()
    button = shown.split("Join your appointment</a>")[0].rpartition("<table")[2]
    assert "background-color: #723776" in button
    assert "padding: 14px 28px" in button
    assert shown.count("<style") == 1
    assert "prefers-color-scheme: dark" in shown.split("</head>")[0]
    assert "<!--[if mso]>" in shown


def test_an_own_colour_is_that_of_band_and_button_and_is_read_on() -> None:
    shown = mail(accent="#ffff00").as_html()
    band = shown.split(">Lakeside Clinic</td>")[0].rpartition("<td")[2]
    assert "background-color: #ffff00" in band
    assert "color: #14201c" in band
    button = shown.split("Join your appointment</a>")[0].rpartition("<table")[2]
    assert "background-color: #6f6f00" in button
    assert "#ffff00 !important" in shown.split("</head>")[0], "in the dark it is bright"


@pytest.mark.parametrize("tone", ["", "#fff", "#FFFF00", "red;}", "#ffff00;}", "nothing"])
def test_what_is_no_colour_is_none(tone: str) -> None:
    assert letters.accent_of(tone) == ACCENTS["lake"]


def test_a_telephone_number_is_not_broken_over_two_lines() -> None:
    assert "+41&nbsp;44&nbsp;555&nbsp;01&nbsp;00" in mail(business_phone="+41 44 555 01 00").as_html()


def test_every_accent_of_the_pages_has_its_colours_here() -> None:
    from vestibule.web.accents import BANDS

    assert {name: accent.band for name, accent in ACCENTS.items()} == BANDS


def text_message(kind: str = Kind.REMINDER, **changes: Any) -> str:
    with translation.override("en"):
        return wording.text_message(kind, told(**changes))


def test_a_text_message_says_who_when_and_how_to_join() -> None:
    assert text_message() == (
        f"Lakeside Clinic: reminder of your appointment with Dr Ada Blum: Mon 2 Mar, 09:00 (London time). Join: {JOIN}"
    )


@pytest.mark.parametrize("kind", list(wording.TEXTS))
@pytest.mark.parametrize(
    "name", ["Jo", "Ó " * 60, "谷崎潤一郎", "€" * 120, "Ђорђе", "Żółć", "A" * 120, "محمد", "[]{}~" * 24]
)
@pytest.mark.parametrize("status", ["booked", "cancelled"])
def test_a_text_message_fits_into_two_segments_whatever_the_names(kind: str, name: str, status: str) -> None:
    made = text_message(kind, provider=name, consumer=name, business_name=name, business_phone=name[:32], status=status)
    assert gsm.length(made) <= 306
    assert gsm.fold(made) == made
    assert (JOIN in made) == (status == "booked")


def test_accents_that_texts_cannot_carry_are_dropped_and_the_others_kept() -> None:
    assert gsm.fold("Żółć, Ørsted, Müller, Ñ – “ok”") == 'Zolc, Ørsted, Müller, Ñ - "ok"'
    assert gsm.fold("谷崎") == ""


def test_a_plain_mail_turns_its_address_into_a_button() -> None:
    letter = plain("Sign in", "Hello,\n\nopen this:\n\nhttps://visits.example.org/x?y=1&z=2\n\nBye", sender="Vestibule")
    assert letter.button is not None
    assert letter.button.url == "https://visits.example.org/x?y=1&z=2"
    assert (letter.opening, letter.closing) == (("Hello,", "open this:"), ("Bye",))


@pytest.mark.parametrize("code", ["123456", "AB12-CD34", "ABC-DEF", "KQXWTZ"])
def test_a_plain_mail_shows_its_code_large(code: str) -> None:
    letter = plain("Your code", f"Hello Jo,\n\nYour code:\n\n  {code}\n\nBye", sender="Vestibule")
    assert letter.code == code
    assert (letter.opening, letter.closing) == (("Hello Jo,", "Your code:"), ("Bye",))
    assert letter.as_text().index("Your code:") < letter.as_text().index(code) < letter.as_text().index("Bye")


def test_a_text_message_says_how_to_answer_only_where_an_answer_is_heard() -> None:
    told = Telling(facts=facts(), zone="Europe/London", now=NINE, join="https://visits.example.org/visit?v=sesame")
    assert "Reply C" not in wording.text_message("reminder", told)
    heard = wording.text_message("reminder", replace(told, takes_answers=True))
    assert "Reply C: I come. X: cancel. L: late." in heard
    assert gsm.segments(heard) <= 2
    to_provider = replace(told, takes_answers=True, facts=facts(audience="provider"))
    assert "Reply C" not in wording.text_message("reminder", to_provider)


def test_once_it_is_over_no_text_message_asks_to_join() -> None:
    book = "https://visits.example.org/book/lakeside-clinic"
    after = NINE + timedelta(hours=2)
    late = Telling(facts=facts(), zone="Europe/London", now=after, join=JOIN, manage=MANAGE, book=book)
    missed = replace(late, facts=facts(status="no_show", service_slug="first-visit"))
    assert f"Choose another time: {book}/first-visit" in wording.text_message("missed", missed)
    thanked = replace(late, facts=facts(has_survey=True))
    assert f"Say how it was: {MANAGE}#survey" in wording.text_message("follow_up", thanked)
    for kind, one in (("missed", missed), ("follow_up", thanked), ("follow_up", late)):
        assert JOIN not in wording.text_message(kind, one)
