"""A visit, its conversation and its survey inside another site: opened by a link that never stands in an address."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from tests.booking.factories import INES, at, book, make_service
from tests.experience.survey.people import ask, stars
from tests.factories import make_business, manager_of
from tests.web.framed.frame import Frame, allow
from vestibule.booking import lifecycle, links
from vestibule.booking.models import Appointment
from vestibule.experience.models import SurveyAnswer
from vestibule.meetings.models import Participant
from vestibule.people.models import CapabilityLink
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment() -> Appointment:
    clock.set_to(at("08:00") - timedelta(days=3))
    made = book(make_service(), at("10:00"))
    allow(made.business)
    return made


def link_of(appointment: Appointment) -> str:
    address = links.addresses(appointment).visit
    return f"http://testserver{address[address.index('/visit') :]}"


def opened(appointment: Appointment, kind: str = "visit", **asked: str) -> Frame:
    """A frame in which the link of an appointment's visit was opened."""
    frame = Frame(appointment.business, kind, None, **asked)
    assert "data-framed-link" in frame.text
    frame.send(f"/embed/{appointment.business.slug}/{kind}", {"link": link_of(appointment)})
    return frame


def let_in(appointment: Appointment) -> None:
    """The consumer was let in."""
    Participant.objects.filter(meeting=appointment.meeting, kind="consumer").update(admitted_at=clock.now())


def test_the_link_opens_the_visit_and_stands_nowhere_in_the_page(appointment: Appointment) -> None:
    frame = opened(appointment)
    assert "You are early" in frame.text
    assert (frame.meta("page"), frame.meta("address")) == ("visit", "/visit")
    assert link_of(appointment).partition("v=")[2] not in frame.text
    clock.set_to(at("09:40"))
    frame.open("/visit")
    assert "Ready to see" in frame.text


def test_a_link_of_another_business_opens_as_little_as_one_that_never_was(appointment: Appointment) -> None:
    other = book(make_service(business=make_business()), at("10:00"))
    pages = []
    for link in (link_of(other), f"http://testserver/visit?v={'0' * 22}"):
        for path in (f"/embed/{appointment.business.slug}/visit", "/visit"):
            frame = Frame(appointment.business, "visit")
            assert frame.send(path, {"link": link}).status_code == 404
            pages.append(re.sub(r"<(meta|input)[^>]*>", "", frame.text))
    assert len(set(pages)) == 1
    assert "does not work" in pages[0]


def test_a_link_that_opens_once_is_used_up_by_the_press_and_not_by_another_businesss_frame(settings: Any) -> None:
    settings.PUBLIC_URL = "http://testserver"
    made = book(make_service(), at("10:00"))
    allow(made.business)
    stranger = make_business()
    allow(stranger)
    address = lifecycle.add_helper(manager_of(made.business), made, INES)
    Frame(stranger, "visit").send("/visit", {"link": address})
    assert CapabilityLink.objects.filter(opens_once=True).get().used_at is None
    frame = Frame(made.business, "visit")
    frame.send(f"/embed/{made.business.slug}/visit", {"link": address})
    assert "Go on in this browser" not in frame.text  # the message of the page around was the press
    assert frame.meta("page") == "visit"
    frame.send(f"/embed/{made.business.slug}/visit", {"link": address})
    assert frame.answer.status_code == 200
    again = Frame(made.business, "visit")
    assert again.send(f"/embed/{made.business.slug}/visit", {"link": address}).status_code == 410


def test_the_check_before_the_visit_is_kept_with_its_seat(appointment: Appointment) -> None:
    frame = opened(appointment)
    clock.set_to(at("09:40"))
    assert frame.fetch("/test-call/result", {"cam": "ok", "mic": "ok"}).status_code == 204
    seat = Participant.objects.get(meeting=appointment.meeting, kind="consumer")
    assert seat.devices["cam"] == "ok"
    assert frame.fetch("/test-call/line").status_code == 200
    assert json.loads(frame.fetch("/test-call/relay", {}).content) == {"servers": []}


def test_the_survey_is_shown_and_answered_with_and_without_script(appointment: Appointment) -> None:
    asked = ask(appointment.business, stars())
    clock.set_to(at("10:05"))
    let_in(appointment)
    frame = opened(appointment, "survey")
    assert (frame.meta("page"), frame.meta("address")) == ("survey", "/visit/ended")
    assert asked[0].text in frame.text
    form = {"asked": asked[0].ref, f"score-{asked[0].ref}": "4"}
    assert frame.fetch("/visit/ended", form, Accept="application/json").json()["kept"] is True
    frame.send("/visit/ended", form | {f"score-{asked[0].ref}": "5"})
    assert frame.event == {"type": "answered", "detail": {}}
    assert SurveyAnswer.objects.get().score == 5


def test_the_conversation_opens_for_who_holds_the_link(appointment: Appointment) -> None:
    clock.set_to(at("10:05"))
    frame = opened(appointment)
    let_in(appointment)
    Participant.objects.filter(meeting=appointment.meeting, kind="consumer").update(state="admitted")
    assert frame.open("/visit/messages").status_code == 200
    assert Frame(appointment.business).open("/visit/messages").status_code != 200


def test_a_frame_speaks_the_language_it_was_begun_in_until_another_is_chosen(appointment: Appointment) -> None:
    frame = opened(appointment, language="de")
    assert '<html lang="de"' in frame.text
    frame.open("/visit?language=fr")
    assert '<html lang="fr"' in frame.text
    assert frame.meta("address") == "/visit"
    frame.open("/visit")
    assert '<html lang="fr"' in frame.text
    assert 'class="languages' in frame.text


def test_the_page_is_in_the_colours_that_were_asked_for(appointment: Appointment) -> None:
    assert 'data-theme="dark"' in opened(appointment, theme="dark").text
    assert 'data-theme="' not in opened(appointment, theme="auto").text.partition("<body")[0]
    assert 'data-theme="' not in opened(appointment, theme='"><script>').text.partition("<body")[0]


def test_times_are_in_the_zone_of_the_browser(appointment: Appointment) -> None:
    path = f"/book/{appointment.business.slug}/{appointment.service.slug}"
    here = Frame(appointment.business, timezone="Asia/Tokyo", service=appointment.service.slug)
    assert "Tokyo time" in here.text
    assert (
        "Tokyo" not in Frame(appointment.business, timezone="Nowhere/Land").take(here.client.get(path)).content.decode()
    )


def test_header_and_footer_stand_in_the_page_around(appointment: Appointment) -> None:
    frame = Frame(appointment.business)
    assert 'class="masthead"' not in frame.text
    assert "Made with Vestibule" not in frame.text
    assert frame.text.count("<h1") == 1
    assert "<main" in frame.text
    plain = frame.client.get(f"/book/{appointment.business.slug}").content.decode()
    assert 'class="masthead"' in plain
    assert "vestibule-ticket" not in plain
