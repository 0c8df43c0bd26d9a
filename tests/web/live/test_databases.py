"""The whole way into a call over real sockets, on both databases."""

from typing import Any

import pytest

from tests.meetings.scene import make_appointment, make_visit
from tests.web.live.talk import MEDIA, Server, Talk, staff_cookie, visit_cookie
from vestibule.booking.models import Appointment
from vestibule.people.models import User


@pytest.mark.usefixtures("each_database")
def test_from_the_link_to_the_call_and_the_end(settings: Any) -> None:
    settings.MEETING_LISTENERS = ["vestibule.booking.attendance.on_meeting_event"]
    visit = make_visit()
    appointment = make_appointment(visit)
    user = User.objects.get(pk=visit.host.user_id or 0)

    def status() -> str:
        return str(Appointment.objects.get(pk=appointment.pk).status)

    with Server() as server, Talk(server, "desk", staff_cookie(user)) as desk:
        desk.hello()
        desk.until("queue")
        with Talk(server, "visit", visit_cookie(visit.consumer.ref)) as consumer:
            consumer.hello()
            assert consumer.ask("enter_waiting")["type"] == "done"
            assert status() == "waiting"
            assert desk.ask("admit", participant=visit.consumer.ref)["type"] == "done"
            assert consumer.ask("join_call", media=MEDIA)["type"] == "done"
            assert status() == "in_visit"
            assert consumer.ask("chat_send", client_id="c1", text="Grüezi 👋")["type"] == "done"
            entry = desk.until("entry")["entry"]
            while entry["status"] != "in_visit":
                entry = desk.until("entry")["entry"]
            with Talk(server, "visit", staff_cookie(user)) as host:
                host.hello(meeting=visit.meeting.ref)
                assert host.ask("join_call", media=MEDIA)["type"] == "done"
            assert desk.ask("end_for_all", meeting=visit.meeting.ref)["type"] == "done"
            assert consumer.ending()[0]["code"] == "ended"
    assert status() == "completed"
