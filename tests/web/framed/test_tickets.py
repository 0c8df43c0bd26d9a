"""A ticket is read by whoever signed it, for twelve hours, and holds nothing that is not on the list."""

import secrets
import time
from datetime import timedelta
from unittest import mock

import pytest
from django.core import signing
from django.http import HttpResponse

from vestibule.web.framed import jar, tickets
from vestibule.web.framed.tickets import Expired, NoTicket, Ticket
from vestibule.web.live.authorise import VISIT_COOKIE

TICKET = Ticket("lakeside", "book", "https://clinic.example", "dark", {VISIT_COOKIE: "signed"})


def test_what_was_signed_is_read_again() -> None:
    assert tickets.read(TICKET.signed()) == TICKET


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "a:b:c",
        "x" * 5000,
        signing.dumps({"business": "lakeside"}, salt="vestibule.visit"),
        signing.dumps("lakeside", salt="vestibule.framed"),
        signing.dumps({"owner": True}, salt="vestibule.framed"),
    ],
)
def test_nothing_else_is_a_ticket(text: str) -> None:
    with pytest.raises(NoTicket):
        tickets.read(text)


def test_one_letter_changed_makes_it_none() -> None:
    text = TICKET.signed()
    for place in (0, len(text) // 2, len(text) - 1):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(NoTicket):
            tickets.read(changed)


def test_it_lasts_for_twelve_hours_and_then_still_says_what_it_was_for() -> None:
    text = TICKET.signed()
    later = time.time() + timedelta(hours=12, minutes=1).total_seconds()
    with mock.patch("time.time", return_value=later), pytest.raises(Expired) as late:
        tickets.read(text)
    assert late.value.ticket == TICKET


def setting(**cookies: str) -> HttpResponse:
    answer = HttpResponse()
    for name, value in cookies.items():
        answer.set_cookie(name, value)
    return answer


def test_only_cookies_of_consumers_pages_are_kept() -> None:
    answer = setting(
        sessionid="owner", csrftoken="x", vestibule_visit="v", language="de", vestibule_oncex="n", evil="e"
    )
    assert jar.after({}, answer) == {"vestibule_visit": "v", "language": "de"}


def test_a_cookie_that_is_taken_back_is_gone_and_a_long_one_not_kept() -> None:
    answer = setting(language="x" * (jar.LONGEST + 1))
    answer.delete_cookie("vestibule_visit")
    assert jar.after({"vestibule_visit": "v", "vestibule_zone": "Europe/London"}, answer) == {
        "vestibule_zone": "Europe/London"
    }


def noise(length: int) -> str:
    """What no compression makes shorter."""
    return secrets.token_urlsafe(length)[:length]


def test_of_links_that_open_once_the_newest_are_kept_so_that_no_ticket_outgrows_its_bound() -> None:
    named = ("vestibule_visit", "vestibule_appointment", "vestibule_waitlist")
    kept = jar.after({}, setting(messages=noise(jar.LONGEST_NOTICES), **{name: noise(120) for name in named}))
    for number in range(50):
        kept = jar.after(kept, setting(**{f"vestibule_once_{number}": noise(120)}))
    once = [name for name in kept if name.startswith("vestibule_once_")]
    assert once == [f"vestibule_once_{number}" for number in range(50 - jar.MOST_ONCE, 50)]
    assert tickets.read(Ticket("lakeside", "book", "https://clinic.example", cookies=kept).signed()).cookies == kept


def test_a_cookie_of_some_pages_is_sent_to_no_other() -> None:
    held = {"vestibule_appointment": "a", "vestibule_waitlist": "w", "vestibule_visit": "v"}
    assert jar.sent_to("/appointment/move", held) == {"vestibule_appointment": "a", "vestibule_visit": "v"}
    assert jar.sent_to("/waitlist", held) == {"vestibule_waitlist": "w", "vestibule_visit": "v"}
    assert jar.sent_to("/appointments", held) == {"vestibule_visit": "v"}
