"""The page of somebody whom a program invited to a room: their name, when it opens, and coming again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.meetings.program import Program, make_program
from vestibule.meetings import room_people, rooms, waiting
from vestibule.meetings.models import Meeting, Participant
from vestibule.meetings.rooms import Wanted
from vestibule.people import links, rates
from vestibule.store import clock
from vestibule.store.transactions import writing

pytestmark = pytest.mark.django_db
Come = Callable[..., Any]


@pytest.fixture
def program() -> Program:
    rates.forget_all()
    return make_program()


@pytest.fixture
def come(client: Client, program: Program) -> Come:
    """Somebody opens the link of a fresh room's only participant, and what they see."""

    def opened(wanted: Wanted | None = None, name: str = "Ada Ng") -> Any:
        key = program.somebody()
        room = rooms.make(program.actor, wanted or Wanted(), {key: "attendee"})
        with writing():
            link = room_people.visit_link(program.actor, room, key, name)
        return client.get(f"/visit?v={links.token(link)}", follow=True)

    return opened


def text_of(answer: Any) -> str:
    return str(answer.content, "utf-8")


def only_seat() -> Participant:
    found: Participant = Participant.objects.select_related("meeting").get()
    return found


def test_the_link_opens_the_waiting_room_without_a_time_that_nobody_set(come: Come) -> None:
    page = text_of(come())
    assert "Ready for your visit?" in page
    assert 'data-name="Ada Ng"' in page
    assert "Video visit</p>" in page


def test_whoever_has_no_name_says_one_first(client: Client, come: Come) -> None:
    assert "What is your name?" in text_of(come(name=""))
    assert client.post("/visit/name", {"name": " "}).status_code == 422
    assert client.post("/visit/name", {"name": "see https://evil.example"}).status_code == 422
    assert only_seat().name == ""
    assert client.post("/visit/name", {"name": "Ada Ng"})["Location"] == "/visit"
    assert only_seat().name == "Ada Ng"
    assert client.post("/visit/name", {"name": "Dr Somebody Else"})["Location"] == "/visit"
    assert only_seat().name == "Ada Ng"


def test_a_name_like_that_of_staff_is_marked(client: Client, come: Come, program: Program) -> None:
    come(name="")
    client.post("/visit/name", {"name": str(program.business.name)})
    assert only_seat().name.endswith("(guest)")


def test_before_it_opens_the_page_says_when(come: Come) -> None:
    page = come(Wanted(opens_at=clock.now() + timedelta(hours=3)))
    assert "You are early" in text_of(page)


def test_a_link_of_a_room_that_has_closed_opens_nothing_any_more(client: Client, come: Come) -> None:
    come(Wanted(closes_at=clock.now() + timedelta(hours=1)))
    clock.advance(2 * 3600)
    page = text_of(client.get("/visit"))
    assert "This visit is over" in page
    assert "It was open until" in page


def test_after_a_visit_only_the_link_itself_leads_to_another_one(client: Client, come: Come, program: Program) -> None:
    come()
    seat = only_seat()
    waiting.enter_waiting(seat.ref)
    waiting.admit(program.staff, seat.ref)
    waiting.end_for_all(program.staff, seat.meeting.ref)
    assert client.get("/visit")["Location"] == "/visit/ended"
    assert Meeting.objects.get().state == "ended"
    with writing():
        link = room_people.visit_link(program.actor, only_seat().meeting, seat.identity_key)
    assert "Ready for your visit?" in text_of(client.get(f"/visit?v={links.token(link)}", follow=True))
    assert (Meeting.objects.get().state, only_seat().state) == ("planned", "invited")


def test_somebody_taken_out_by_the_program_is_told_so(client: Client, come: Come, program: Program) -> None:
    come()
    seat = only_seat()
    program.invite(seat.meeting, {seat.identity_key: None})
    assert client.get("/visit").status_code in (200, 403, 404)
    assert "device-check" not in text_of(client.get("/visit", follow=True))
