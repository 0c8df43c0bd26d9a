"""The pages of the preview beside those that consumers get: the same to the letter, but for what is theirs."""

import html
import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.web.manager.office import Office, make_office, url
from vestibule.booking import availability, holds, lifecycle, links
from vestibule.booking.models import Appointment
from vestibule.experience import preview, survey
from vestibule.experience.preview import Scene, State
from vestibule.meetings import calls, waiting
from vestibule.meetings.models import Meeting, Participant
from vestibule.notifications import content
from vestibule.notifications.models import OutboxMessage
from vestibule.people.actors import actor_of_membership
from vestibule.people.permissions import PUBLIC, SYSTEM, Role
from vestibule.store import clock
from vestibule.web import assets
from vestibule.web.manager.experience import preview_page, standing_in
from vestibule.web.manager.wording_trials import lit

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HERE = {"accept-language": "en"}

VOLATILE = (
    (r'name="csrfmiddlewaretoken" value="\w+"', "csrf"),
    (r'data-csrf="\w+"', "csrf"),
    (r'<base target="_blank">', ""),
    (r'<html data-theme="\w+" ', "<html "),
    (r'<script id="preview".*?</script>', ""),
    (r'<link rel="modulepreload"[^>]*>', ""),
    (r"v=[\w-]{22}", "v=token"),
    (r'hold=[\w-]+|value="[\w-]{27}"', "hold"),
    (r"data-opens-in=\"\d+\"|data-kept-seconds=\"\d+\"", ""),
    (r"appointment/[\w-]{16}|[\w-]{16}@", "ref"),
    (r'data-survey="\w{16}"', "ref"),
)


def plain(page: str) -> str:
    for script, stand_in in preview_page.STAND_INS.items():
        page = page.replace(assets.url(stand_in), assets.url(script))
    for pattern, to in VOLATILE:
        page = re.sub(pattern, to, page, flags=re.S)
    return page


@pytest.fixture
def office() -> Office:
    made = make_office()
    survey.put(SYSTEM, made.business, "consumer", [survey.Wanted("stars", "How was it?", asks_comment=True)])
    return made


@dataclass
class Sam:
    """Who books in earnest what the preview books and undoes, with the links they got."""

    appointment: Appointment
    addresses: links.Addresses
    browser: Client

    def sees(self, path: str) -> str:
        return plain(self.browser.get(path, follow=True, headers=HERE).content.decode())

    @property
    def meeting(self) -> Meeting:
        assert self.appointment.meeting is not None, "it is online"
        return self.appointment.meeting

    @property
    def seat(self) -> Participant:
        found: Participant = self.meeting.participants.get(kind=Participant.Kind.CONSUMER)
        return found

    def letter(self, channel: str) -> OutboxMessage:
        """The first message of a channel that is theirs."""
        mine = OutboxMessage.objects.filter(subject_ref=self.appointment.ref, channel=channel)
        found: OutboxMessage | None = mine.filter(facts__audience="consumer").order_by("due_at", "pk").first()
        assert found is not None, "it is sent"
        return found


def shown(office: Office, state: State) -> str:
    return str(office.manager.get(url("experience-preview", state)).content.decode())


def booked(office: Office) -> Sam:
    """Sam, after the booking that the preview makes."""
    slot = availability.next_free(office.visit, clock.now())
    assert slot is not None
    contact = lifecycle.Contact(preview.NAME, preview.EMAIL, preview.PHONE, "UTC", "en", sms_consent=True)
    made = lifecycle.book(PUBLIC, lifecycle.Wish(service=office.visit, start=slot.start, contact=contact))
    addresses = links.addresses(made)
    sam = Sam(made, addresses, Client(headers=HERE))
    sam.browser.get(addresses.manage)
    return sam


def sees(path: str) -> str:
    """What somebody sees who was never here."""
    return plain(Client().get(path, headers=HERE).content.decode())


def test_before_anything_is_booked(office: Office) -> None:
    assert plain(shown(office, State.BOOK)) == sees("/book/lakeside-clinic")
    assert plain(shown(office, State.SERVICE)) == sees("/book/lakeside-clinic/first-visit")
    assert plain(shown(office, State.ERROR)) == sees("/visit?v=" + "0" * 22)


def test_the_form_for_a_time_that_is_kept(office: Office) -> None:
    before = shown(office, State.DETAILS)
    slot = availability.next_free(office.visit, clock.now())
    assert slot is not None
    kept = holds.hold(office.visit, slot.start)
    assert plain(before) == sees(f"/book/lakeside-clinic/first-visit/details?hold={kept.ref}")


def test_from_the_confirmation_to_the_check(office: Office) -> None:
    confirmed, early, check = (shown(office, state) for state in (State.CONFIRMED, State.EARLY, State.CHECK))
    sam = booked(office)
    assert plain(confirmed) == sam.sees("/appointment?booked=1")
    clock.set_to(sam.meeting.opens_at - 20 * MINUTE)
    assert plain(early) == sam.sees(sam.addresses.visit)
    clock.set_to(sam.appointment.start - 4 * MINUTE)
    assert plain(check) == sam.sees(sam.addresses.visit)


def told(page: str) -> Any:
    """What the page of a preview has in place of a socket, without what is another's each time."""
    found = re.search(r'<script id="preview"[^>]*>(.*?)</script>', page)
    assert found is not None
    return json.loads(re.sub(r'"(\w{16}|\d{4}-\d\d-\d\dT[\d:.]+Z)"', '"theirs"', found[1]))


def meant(office: Office, sam: Sam, state: State) -> Any:
    said = standing_in.facts(Scene(office.business, office.visit, None, sam.appointment, sam.seat), state)
    return told(f'<script id="preview">{json.dumps(said)}</script>')


def test_from_the_waiting_room_through_the_call_to_its_end(office: Office) -> None:
    before = {state: shown(office, state) for state in (State.WAITING, State.CALL, State.ENDED, State.SURVEY)}
    sam, ada = booked(office), replace(actor_of_membership(office.staff[Role.PROVIDER]), label=office.ada.name)
    clock.set_to(sam.appointment.start - 4 * MINUTE)
    sam.sees(sam.addresses.visit)
    waiting.arrive(sam.seat.ref)
    waiting.report_devices(sam.seat.ref, {"mic": "ok", "cam": "ok"})
    waiting.enter_waiting(sam.seat.ref)
    assert plain(before[State.WAITING]) == sam.sees("/visit")
    assert told(before[State.WAITING]) == meant(office, sam, State.WAITING)
    own = waiting.seat_for_staff(ada, sam.meeting.ref)
    waiting.arrive(own.ref)
    waiting.admit(ada, sam.seat.ref)
    clock.set_to(sam.appointment.start)
    for seat in (own, sam.seat):
        calls.join_call(seat.ref)
    assert plain(before[State.CALL]) == sam.sees("/visit")
    assert told(before[State.CALL]) == meant(office, sam, State.CALL)
    clock.set_to(sam.appointment.end - 2 * MINUTE)
    waiting.end_for_all(ada, sam.meeting.ref)
    assert plain(before[State.ENDED]) == sam.sees("/visit/ended")
    assert plain(before[State.SURVEY]) == sam.sees("/visit/ended")
    assert "How was it?" in before[State.SURVEY]


def test_a_cancelled_appointment(office: Office) -> None:
    before, sam = shown(office, State.CANCELLED), booked(office)
    lifecycle.cancel(actor_of_membership(office.staff[Role.MANAGER]), sam.appointment)
    assert plain(before) == sam.sees(sam.addresses.visit)


def test_the_mail(office: Office) -> None:
    before, sam = shown(office, State.MAIL), booked(office)
    row = sam.letter("email")
    sent = content.mail(row, content.tokens_for([row], clock.now()), clock.now())
    assert plain(before) == plain(lit(sent.html, is_dark=False))


def test_the_text_message_as_on_the_day_it_leaves(office: Office) -> None:
    before, sam = shown(office, State.SMS), booked(office)
    row = sam.letter("sms")
    clock.set_to(max(row.due_at, clock.now()))
    sent = content.sms(row, content.tokens_for([row], clock.now()), clock.now())
    bubble = re.search(r'<p class="bubble" dir="auto">(.*?)</p>', before, flags=re.S)
    assert bubble is not None
    assert plain(html.unescape(bubble[1])) == plain(sent.body)
