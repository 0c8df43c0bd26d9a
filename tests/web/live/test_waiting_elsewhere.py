"""The waiting area when its people are in different server processes, over a bus between two hubs."""

import asyncio

import pytest

from tests.factories import manager_of
from tests.meetings.scene import Visit, make_appointment, make_staff, make_visit
from tests.web.live.talk import PATIENCE, Server, Talk, staff_cookie, visit_cookie
from vestibule.meetings import areas
from vestibule.people.models import Membership, Provider
from vestibule.web.live.attendance import LISTENS_SECONDS
from vestibule.web.live.farewells import Farewell
from vestibule.web.live.hub import Hub

SOON = 2.0
"""Within so many seconds, in which nothing holds them up, people in another process learn of it, too."""
pytestmark = pytest.mark.alone


def staff_of(visit: Visit) -> tuple[Membership, Provider]:
    membership = Membership.objects.get(user_id=visit.host.user_id or 0)
    return membership, Provider.objects.get(membership=membership)


def waits(server: Server, visit: Visit) -> Talk:
    talk = Talk(server, "visit", visit_cookie(visit.consumer.ref))
    talk.hello()
    talk.send("enter_waiting")
    talk.until("queue")
    return talk


def test_people_in_different_processes_stand_in_one_queue(two_servers: tuple[Server, Server]) -> None:
    one, other = two_servers
    first = make_visit()
    membership, provider = staff_of(first)
    second = make_visit(business=first.meeting.business, staff=(membership, provider))
    for visit in (first, second):
        make_appointment(visit)
    with (
        Talk(one, "desk", staff_cookie(membership.user)) as here,
        Talk(other, "desk", staff_cookie(membership.user)) as there,
        waits(one, first) as ada,
        waits(other, second) as bea,
    ):
        here.hello()
        there.hello()
        while bea.seen[-1].get("position") != 2:
            bea.until("queue")
        there.until("queue")
        assert here.ask("hold", participant=first.consumer.ref)["type"] == "done"
        ada.until("state", state="on_hold", timeout=SOON)
        assert bea.until("queue", position=1, timeout=SOON)["ahead"] == 0
        there.until("entry", lambda told: told["entry"]["held"], timeout=SOON)
        assert here.ask("step_away", text="Lunch")["type"] == "done"
        bea.until("queue", lambda queue: queue["provider"].get("away_words") == "Lunch", timeout=SOON)
        there.until("providers", lambda told: told["providers"][0]["presence"] == "away", timeout=SOON)


def test_a_transfer_and_a_closed_queue_reach_the_other_process(two_servers: tuple[Server, Server]) -> None:
    one, other = two_servers
    visit = make_visit()
    make_appointment(visit)
    membership, _provider = staff_of(visit)
    colleague, target = make_staff(visit.meeting.business, name="Dr Other")
    areas.create(manager_of(visit.meeting.business), "Physiotherapy", providers=[target.slug])
    with (
        waits(one, visit) as ada,
        Talk(one, "desk", staff_cookie(membership.user)) as here,
        Talk(other, "desk", staff_cookie(colleague.user)) as there,
    ):
        here.hello()
        there.hello()
        assert there.until("queue")["entries"] == []
        assert here.ask("transfer", participant=visit.consumer.ref, provider=target.slug)["type"] == "done"
        assert ada.until("moved_to", timeout=SOON)["provider"]["name"] == "Dr Other"
        there.until("entry", lambda told: told["entry"]["mine"], timeout=SOON)
        assert there.ask("close_area", area="physiotherapy", minutes=10)["type"] == "done"
        here.until(
            "areas",
            lambda told: any(one["slug"] == "physiotherapy" and one["closed_at"] for one in told["areas"]),
            timeout=SOON,
        )


def test_a_desk_closed_in_one_process_says_nothing_while_one_is_open_in_another(
    two_servers: tuple[Server, Server],
) -> None:
    one, other = two_servers
    visit = make_visit()
    make_appointment(visit)
    membership, provider = staff_of(visit)
    with waits(one, visit) as ada, Talk(other, "desk", staff_cookie(membership.user)) as there:
        there.hello()
        if ada.seen[-1]["provider"]["presence"] != "ready":
            ada.until("queue", lambda queue: queue["provider"]["presence"] == "ready", timeout=SOON)
        with Talk(one, "desk", staff_cookie(membership.user)) as here:
            here.hello()
            here.until("queue")
            desk = hub_of(one).desks[visit.meeting.business_id]
            (session,) = desk.sessions.values()
            hub_of(one).loop.call_soon_threadsafe(desk.end, session, Farewell("taken_over"))
        assert not [one for one in ada.quiet(1) if one.get("provider", {}).get("presence") == "away"]
        assert Provider.objects.get(pk=provider.pk).presence == "ready"
        far = hub_of(other).desks[visit.meeting.business_id]
        (session,) = far.sessions.values()
        hub_of(other).loop.call_soon_threadsafe(far.end, session, Farewell("taken_over"))
        ada.until("queue", lambda queue: queue["provider"]["presence"] == "away", timeout=SOON)


def test_a_provider_whose_process_was_killed_is_away_once_nobody_says_otherwise(
    two_servers: tuple[Server, Server],
) -> None:
    one, _other = two_servers
    visit = make_visit()
    _membership, provider = staff_of(visit)
    Provider.objects.filter(pk=provider.pk).update(presence="ready")
    with waits(one, visit) as ada:
        assert ada.seen[-1]["provider"]["presence"] == "ready"
        attendance = hub_of(one).attendance
        attendance._listens[visit.meeting.business_id] -= LISTENS_SECONDS
        asyncio.run_coroutine_threadsafe(attendance.settle(), hub_of(one).loop).result(PATIENCE)
        ada.until("queue", lambda queue: queue["provider"]["presence"] == "away", timeout=SOON)


def hub_of(server: Server) -> Hub:
    assert server.live is not None
    return server.live.hub
