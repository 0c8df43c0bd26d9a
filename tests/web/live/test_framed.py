"""Sockets of framed pages: the cookies and the language of the ticket count, and nothing the browser sent."""

from http.cookies import SimpleCookie

from tests.factories import make_business
from tests.meetings.scene import make_visit
from tests.web.files.browsers import on_own_page
from tests.web.live.conftest import Stage
from tests.web.live.talk import staff_cookie, visit_cookie
from vestibule.experience.models import EmbedRules
from vestibule.people.models import CapabilityLink
from vestibule.web.consumer.link_cookie import COOKIES
from vestibule.web.framed.tickets import Ticket

SITE = "https://clinic.example"
OWN = COOKIES[CapabilityLink.Purpose.MANAGE][0]


def ticket(stage: Stage, *cookies: str, **more: str) -> str:
    """A frame's ticket that holds `cookies`, as browsers write them, and `more`."""
    held = {name: one.value for given in cookies for name, one in SimpleCookie(given).items()}
    business = stage.visit.meeting.business
    EmbedRules.objects.get_or_create(business=business, defaults={"origins": [SITE]})
    return Ticket(business.slug, "visit", SITE, cookies={**held, **more}).signed()


def test_a_frame_joins_the_visit_of_its_ticket_and_not_that_of_the_browser(stage: Stage) -> None:
    other = make_visit(business=make_business())
    talk = stage.open("visit", visit_cookie(other.consumer.ref))
    welcome = talk.hello(ticket=ticket(stage, visit_cookie(stage.visit.consumer.ref)))
    assert welcome["participant"]["id"] == stage.visit.consumer.ref


def test_a_frame_without_a_visit_is_nobody_whatever_the_browser_sends(stage: Stage) -> None:
    for cookie in (visit_cookie(stage.visit.consumer.ref), staff_cookie(stage.membership.user)):
        for door in ("visit", "talk", "desk"):
            talk = stage.open(door, cookie)
            assert talk.hello(ticket=ticket(stage), meeting=stage.visit.meeting.ref)["code"] == "not_authorised"


def test_a_frame_of_a_site_that_was_taken_off_the_list_opens_nothing_more(stage: Stage) -> None:
    own = on_own_page(stage.visit).cookies[OWN].value
    held = ticket(stage, visit_cookie(stage.visit.consumer.ref), **{OWN: own})
    EmbedRules.objects.update(origins=["https://another.example"])
    for door in ("visit", "talk", "/appointment/talk"):
        assert stage.open(door).hello(ticket=held)["code"] == "not_authorised"


def test_a_frame_on_our_own_pages_needs_no_list(stage: Stage) -> None:
    held = {name: one.value for name, one in SimpleCookie(visit_cookie(stage.visit.consumer.ref)).items()}
    here = Ticket(stage.visit.meeting.business.slug, "visit", stage.server.origin, cookies=held)
    assert stage.open("visit").hello(ticket=here.signed())["type"] == "welcome"


def test_a_changed_ticket_opens_nothing(stage: Stage) -> None:
    cookie = visit_cookie(stage.visit.consumer.ref)
    for door in ("visit", "talk"):
        assert stage.open(door, cookie).hello(ticket=ticket(stage, cookie)[:-1] + "~")["code"] == "not_authorised"


def test_the_conversation_of_ones_appointment_opens_at_its_own_door_alone(stage: Stage) -> None:
    own = on_own_page(stage.visit).cookies[OWN].value
    talk = stage.open("/appointment/talk")
    assert talk.hello(ticket=ticket(stage, **{OWN: own}))["type"] == "welcome"
    assert stage.open("talk").hello(ticket=ticket(stage, **{OWN: own}))["code"] == "not_authorised"


def test_refusals_are_in_the_language_of_the_frame(stage: Stage) -> None:
    talk = stage.open("visit", "language=fr")
    talk.hello(ticket=ticket(stage, visit_cookie(stage.visit.consumer.ref), language="de"))
    talk.send("chat_send", client_id="c1", text="Hallo?")
    assert "Sie" in talk.until("error")["sentence"]
