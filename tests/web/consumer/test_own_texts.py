"""Own words on consumers' pages: each stands at its place in its language, costs nothing, and is never markup."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client

from tests.booking.factories import at, book, make_service
from tests.factories import make_business, manager_of
from tests.web.consumer.pages import holding, path_of, rfc3339, text_of, words_of
from vestibule.booking import links
from vestibule.booking.models import Appointment
from vestibule.experience import survey, texts
from vestibule.meetings.models import Meeting, Participant
from vestibule.people.models import Business
from vestibule.store import clock

pytestmark = pytest.mark.django_db
Pages = dict[str, Any]
BEFORE = at("08:00") - timedelta(days=3)
PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</h1><script>alert(1)</script>",
    "</p></div></main><form action=//evil.example>",
    "<style>@import url(//evil.example)</style>",
    "<link rel=stylesheet href=//evil.example>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<!--><script>alert(1)</script-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "{{ 7|add:7 }}{% csrf_token %}",
    "{% load static %}{% debug %}",
    "${alert(1)}`${alert(1)}`",
    "<template><slot onslotchange=alert(1)></template>",
    "<marquee onstart=alert(1)>x</marquee>",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "<button formaction=javascript:alert(1)>x</button>",
)
EVERYWHERE = ("book", "time", "details", "booked", "requested", "early", "ready", "ended", "missed", "away", "nothing")


@pytest.fixture
def business() -> Business:
    clock.set_to(BEFORE)
    return make_business(name="Lakeside")


@pytest.fixture
def pages(business: Business) -> Callable[[], Pages]:
    """Every page with words of a business' own, as it is now."""
    service = make_service(business=business)
    asked = make_service(business=business, providers=list(business.providers.all()), needs_approval=True)
    held = {"booked": book(service, at("10:00")), "requested": book(asked, at("12:00"))}
    survey.put(
        manager_of(business), business, "consumer", [survey.Wanted("thumbs", "Did it help?", asks_comment=False)]
    )

    def look() -> Pages:
        start = f"?start={rfc3339(at('14:00'))}"
        clock.set_to(BEFORE)
        found = {
            "book": Client().get(f"/book/{business.slug}"),
            "time": Client().get(path_of(service)),
            "details": Client().get(f"{path_of(service)}/details{start}"),
            "nothing": Client().get(f"/book/{business.slug}/nothing"),
            **{name: holding(Client(), one).get("/appointment?booked=1") for name, one in held.items()},
        }
        return found | visit_pages(held["booked"])

    return look


def visit_pages(appointment: Appointment) -> Pages:
    """The pages of a visit, from too early to over."""
    seats = Participant.objects.filter(meeting__appointment=appointment)
    guest = seats.filter(kind=Participant.Kind.CONSUMER)
    meeting = Meeting.objects.filter(appointment=appointment)
    client = Client()
    address = links.addresses(appointment).visit
    client.get(address[address.index("/visit") :])
    found = {"early": client.get("/visit")}
    clock.set_to(at("09:50"))
    found["ready"] = client.get("/visit")
    guest.update(state=Participant.State.DENIED)
    found["away"] = client.get("/visit")
    guest.update(state=Participant.State.INVITED)
    clock.set_to(at("23:00"))
    found["missed"] = client.get("/visit")
    seats.update(arrived_at=at("10:00"), admitted_at=at("10:00"), joined_at=at("10:00"), state=Participant.State.LEFT)
    meeting.update(state=Meeting.State.ENDED)
    client.post("/visit/ended", {"score": "1"})
    found["ended"] = client.get("/visit/ended")
    seats.update(arrived_at=None, admitted_at=None, joined_at=None, state=Participant.State.INVITED)
    meeting.update(state=Meeting.State.PLANNED)
    return found


def say(business: Business, language: str = "en", **words: str) -> None:
    texts.put(manager_of(business), business, language, words)


class Shape(HTMLParser):
    """The elements and attributes of a page, without what is written in them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, ...]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *(name for name, _value in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(("/", tag))


def shapes(pages: Pages) -> dict[str, list[tuple[str, ...]]]:
    return {name: Shape(text_of(page)).found for name, page in pages.items()}


def test_each_place_says_its_own_words(business: Business, pages: Callable[[], Pages]) -> None:
    say(business, **{key: f"Own {key.replace('_', ' ')}" for key in texts.PLACES})
    found = pages()
    assert set(found) == set(EVERYWHERE)
    read = {name: words_of(page) for name, page in found.items()}
    where = {
        "book": ("book_heading", "book_introduction", "book_note", "footer_line"),
        "time": ("time_heading", "time_introduction"),
        "details": ("details_heading", "details_introduction", "details_privacy"),
        "booked": ("booked_heading", "booked_text"),
        "requested": ("requested_text",),
        "early": ("early_text",),
        "ready": ("ready_heading", "ready_text", "waiting_heading", "waiting_text"),
        "ended": ("ended_heading", "ended_text", "survey_thanks"),
        "missed": ("missed_text", "help_text"),
        "away": ("turned_away_text", "help_text", "footer_line"),
        "nothing": ("help_text", "footer_line"),
    }
    for page, keys in where.items():
        for key in keys:
            shown = read[page] if not key.startswith("waiting") else text_of(found[page])
            assert f"Own {key.replace('_', ' ')}" in shown, f"{key} on {page}"
    assert {key for keys in where.values() for key in keys} == set(texts.PLACES)


def test_where_nothing_is_said_the_built_in_words_stay(business: Business, pages: Callable[[], Pages]) -> None:
    say(business, "de", **dict.fromkeys(texts.PLACES, "Eigene Worte"))
    found = pages()
    assert "What would you like to book?" in words_of(found["book"])
    assert not any("Eigene Worte" in text_of(page) for page in found.values())
    german = words_of(Client().get(f"/book/{business.slug}?language=de"))
    assert german.count("Eigene Worte") == 4


def test_line_breaks_are_kept(client: Client, business: Business) -> None:
    say(business, book_introduction="One\r\ntwo")
    make_service(business=business)
    assert "One<br>two" in text_of(client.get(f"/book/{business.slug}"))


def test_no_payload_is_more_than_words_on_any_page(business: Business, pages: Callable[[], Pages]) -> None:
    say(business, **dict.fromkeys(texts.PLACES, "harmless"))
    plain = shapes(pages())
    for offset in range(0, len(PAYLOADS), 20):
        words = {
            key: PAYLOADS[(offset + number) % len(PAYLOADS)] for number, key in enumerate(texts.PLACES)
        }  # each page holds several; where they differ from one round to the next, all are seen
        say(business, **words)
        for name, shape in shapes(pages()).items():
            assert shape == plain[name], name


@pytest.mark.parametrize("payload", PAYLOADS)
def test_every_payload_is_inert_at_every_place(business: Business, payload: str) -> None:
    say(business, **dict.fromkeys(texts.PLACES, payload))
    context = Context({"business": Business.objects.get(pk=business.pk)})
    for key in texts.PLACES:
        source = f'{{% own_text "{key}" %}}built in{{% endown_text %}}{{% own_paragraph "{key}" %}}'
        page = Template(f"{source}{{% call_words 'first' %}}").render(context)
        assert Shape(page).found == [("p", "class"), ("/", "p"), ("script", "id", "type"), ("/", "script")], key
        assert "built in" not in page


def test_a_business_without_words_of_its_own_reads_nothing_for_them(
    client: Client, business: Business, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    fresh = Business.objects.get(pk=business.pk)
    texts.said(fresh, "book_heading", "en")
    with django_assert_num_queries(0):
        for key in texts.PLACES:
            assert texts.said(Business(pk=fresh.pk, experience_stamp=fresh.experience_stamp), key, "de") == ""


def test_a_page_that_is_not_there_is_of_the_business_of_its_address(client: Client, business: Business) -> None:
    answer = client.get(f"/book/{business.slug}/nothing")
    assert answer.status_code == 404
    assert "Lakeside" in text_of(answer)
    assert "Lakeside" not in text_of(client.get("/book/nobody/nothing"))
