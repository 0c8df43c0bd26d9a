"""Browsers of staff: who may turn them on, when they are told, and what they are told."""

import json
import logging
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.conf import LazySettings, settings

from tests.factories import make_business, manager_of
from tests.meetings.scene import actor_of, make_staff, make_visit
from tests.notifications.told_browsers import comes, session_of, user_of
from vestibule.booking import desk_alerts
from vestibule.meetings import alerting, waiting
from vestibule.meetings.models import DeskAlerts
from vestibule.notifications import browsers, content, outbox
from vestibule.notifications.models import MessageEvent, OutboxMessage, PushSubscription
from vestibule.notifications.ports import DeliveryError, Gone, Push, PushAddress
from vestibule.notifications.testing import FakePush, fakes
from vestibule.notifications.worker import Worker, send_due
from vestibule.people import staff
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, Membership, User
from vestibule.people.permissions import Actor, ActorKind, Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db
State = OutboxMessage.State


@pytest.fixture(autouse=True)
def nobody_listens(settings: LazySettings) -> Iterator[None]:
    settings.MEETING_LISTENERS = []
    settings.PUSH_GATEWAY = "vestibule.notifications.testing.FakePush"
    browsers._opened.cache_clear()
    yield
    browsers._opened.cache_clear()


def address(name: str = "a") -> PushAddress:
    return PushAddress(f"https://push.example.net/{name}", "key", "secret")


def told_in(actor: Actor, name: str = "a", *, session_key: str = "") -> PushSubscription:
    """A browser in which `actor` turned notifications on."""
    key = session_key or session_of(user_of(actor))
    return desk_alerts.tell_browser(actor, address(name), session_key=key, device="Firefox on Linux")


def sent(push: FakePush) -> list[dict[str, str]]:
    """Send what is due and return what was shown."""
    before = len(push.taken)
    send_due(fakes(push=push))
    return [json.loads(one.body) for one in push.taken[before:]]


def left_for(push: FakePush) -> int:
    """For how many minutes the first notification is worth showing."""
    return round(push.taken[0].lasts.total_seconds() / 60)


def test_nobody_is_told_unless_they_asked() -> None:
    comes(make_visit())
    assert desk_alerts.tell_due() == 0


def test_a_browser_tells_at_once_of_who_came_and_again_when_it_takes_long() -> None:
    visit, push = make_visit(), FakePush()
    told_in(visit.host)
    comes(visit)
    assert (desk_alerts.tell_due(), desk_alerts.tell_due()) == (1, 0)
    first = sent(push)[0]
    assert first["title"] == "Somebody is waiting"
    clock.advance(5 * 60)
    assert (desk_alerts.tell_due(), desk_alerts.tell_due()) == (1, 0)
    second = sent(push)[0]
    assert second["title"] == "Somebody has waited for 5 minutes"
    assert second["tag"] == first["tag"] == push.taken[0].topic, "the later one replaces the earlier"
    assert push.taken[0].is_urgent
    assert left_for(push) == 10


def test_a_notification_names_nobody_unless_its_reader_chose_so() -> None:
    visit, push = make_visit(name="Ada Ng"), FakePush()
    told_in(visit.host)
    comes(visit)
    desk_alerts.tell_due()
    shown = sent(push)[0]
    assert "Ada" not in json.dumps(shown)
    assert "First visit" not in json.dumps(shown)
    assert visit.meeting.ref not in json.dumps(shown)
    alerting.change(visit.host, push_names=True)
    clock.advance(5 * 60)
    desk_alerts.tell_due()
    assert sent(push)[0]["title"] == "Ada Ng has waited for 5 minutes"


def test_a_notification_speaks_its_readers_language() -> None:
    visit, push = make_visit(), FakePush()
    User.objects.filter(pk=user_of(visit.host).pk).update(language="ar")
    told_in(visit.host)
    comes(visit)
    desk_alerts.tell_due()
    assert (sent(push)[0]["lang"], json.loads(push.taken[0].body)["dir"]) == ("ar", "rtl")


def test_staff_read_in_the_history_what_a_browser_was_told() -> None:
    visit = make_visit(name="Ada Ng")
    told_in(visit.host)
    comes(visit)
    desk_alerts.tell_due()
    title, body = content.preview(OutboxMessage.objects.get(channel="push"), {}, clock.now())
    assert title == "Somebody is waiting"
    assert visit.meeting.business.name in body


def test_the_longest_names_fit_and_are_cut() -> None:
    visit, push = make_visit(name="€" * 120), FakePush()
    told_in(visit.host)
    alerting.change(visit.host, push_names=True)
    comes(visit)
    desk_alerts.tell_due()
    sent(push)
    assert len(push.taken[0].body) < 1000


def test_each_browser_of_a_person_is_told_once() -> None:
    visit, push = make_visit(), FakePush()
    told_in(visit.host, "a")
    told_in(visit.host, "b")
    told_in(visit.host, "a")
    comes(visit)
    desk_alerts.tell_due()
    sent(push)
    assert sorted(one.address.endpoint[-1] for one in push.taken) == ["a", "b"]


def test_what_is_no_longer_true_does_not_leave_any_more() -> None:
    visit, push = make_visit(), FakePush()
    told_in(visit.host)
    comes(visit)
    desk_alerts.tell_due()
    push.refusal = DeliveryError("the push service answered 503", permanent=False)
    assert sent(push) == []
    push.refusal = None
    waiting.admit(visit.host, visit.consumer.ref)
    clock.advance(30)
    desk_alerts.tell_due()
    assert sent(push) == []
    assert OutboxMessage.objects.get(channel="push").state == State.DROPPED


def test_nothing_stale_rings_when_the_push_service_was_away() -> None:
    visit, push = make_visit(), FakePush()
    told_in(visit.host)
    comes(visit)
    desk_alerts.tell_due()
    push.refusal = DeliveryError("the push service answered 503", permanent=False)
    sent(push)
    push.refusal = None
    clock.advance(11 * 60)
    assert sent(push) == []
    assert OutboxMessage.objects.get(channel="push").state == State.DROPPED


def test_what_passes_is_tried_again_with_less_time_left() -> None:
    visit, push = make_visit(), FakePush()
    told_in(visit.host)
    comes(visit)
    desk_alerts.tell_due()
    push.refusal = DeliveryError("the push service answered 429", permanent=False, wait=timedelta(seconds=60))
    with time_machine.travel(time.time(), tick=False):
        sent(push)
        push.refusal = None
        clock.advance(59)
        assert sent(push) == []
        clock.advance(1)
        sent(push)
    assert left_for(push) == 9


def test_a_browser_that_left_is_removed_and_nothing_counts_as_failed() -> None:
    visit, push = make_visit(), FakePush()
    told_in(visit.host)
    comes(visit)
    desk_alerts.tell_due()
    push.refusal = Gone("the push service does not know this browser any more")
    sent(push)
    assert not PushSubscription.objects.exists()
    row = OutboxMessage.objects.get(channel="push")
    assert row.state == State.DROPPED
    assert MessageEvent.objects.filter(message=row, what="refused").exists()


def test_only_a_browser_in_which_they_are_signed_in_is_told() -> None:
    visit, push = make_visit(), FakePush()
    key = session_of(user_of(visit.host))
    told_in(visit.host, session_key=key)
    import_module(settings.SESSION_ENGINE).SessionStore(key).delete()
    comes(visit)
    desk_alerts.tell_due()
    assert sent(push) == []
    row = OutboxMessage.objects.get(channel="push")
    assert (row.state, row.last_error) == (State.DROPPED, "nobody is signed in in that browser any more")
    again = session_of(user_of(visit.host))
    assert browsers.stay(visit.host, address(), session_key=again)
    clock.advance(5 * 60)
    desk_alerts.tell_due()
    assert len(sent(push)) == 1


def test_a_new_password_ends_what_older_sessions_were_told() -> None:
    visit, push = make_visit(), FakePush()
    told_in(visit.host)
    user = user_of(visit.host)
    user.set_password("quite another one")
    user.save()
    comes(visit)
    desk_alerts.tell_due()
    assert sent(push) == []


def test_signing_out_removes_the_browser_and_no_other() -> None:
    visit = make_visit()
    key = session_of(user_of(visit.host))
    told_in(visit.host, "a", session_key=key)
    told_in(visit.host, "b")
    assert browsers.signed_out(visit.host.user_id or 0, key) == 1
    assert AuditEntry.objects.filter(action="browser.removed").count() == 1
    assert len(browsers.of(visit.host)) == 1


def test_who_is_staff_no_more_is_told_nothing_and_rows_on_the_way_stay() -> None:
    visit, push = make_visit(), FakePush()
    told_in(visit.host)
    comes(visit)
    desk_alerts.tell_due()
    owner = manager_of(visit.meeting.business)
    staff.deactivate(owner, Membership.objects.get(user_id=visit.host.user_id or 0).pk)
    assert sent(push) == []
    assert desk_alerts.tell_due() == 0
    colleague = actor_of(make_staff(visit.meeting.business, name="Dr Other")[0])
    kept = told_in(colleague, "b")
    assert browsers.purge() == 1
    assert browsers.of(colleague) == [kept]


def test_a_browser_tells_whoever_turned_it_on_last() -> None:
    business = make_business()
    one, other = (actor_of(make_staff(business, name=name)[0]) for name in ("Dr A", "Dr B"))
    told_in(one)
    told_in(other)
    assert (browsers.of(one), len(browsers.of(other))) == ([], 1)
    assert not browsers.stay(one, address(), session_key=session_of(user_of(one)))


def test_browsers_of_others_are_neither_seen_nor_removed() -> None:
    business = make_business()
    mine, colleague = (actor_of(make_staff(business, name=name)[0]) for name in ("Dr A", "Dr B"))
    elsewhere = actor_of(make_staff(make_business(), name="Dr C")[0])
    kept = told_in(mine)
    for actor in (colleague, elsewhere, manager_of(business)):
        assert browsers.of(actor) == []
        with pytest.raises(NotFound):
            browsers.remove(actor, kept.ref)
        assert not browsers.stay(actor, address(), session_key="x")
    browsers.remove(mine, kept.ref)
    assert browsers.of(mine) == []


def test_only_staff_who_meet_people_are_told() -> None:
    business = make_business()
    viewer = actor_of(make_staff(business, role=Role.VIEWER)[0])
    consumer = Actor(ActorKind.CONSUMER, "consumer", business.pk)
    for actor in (viewer, consumer):
        with pytest.raises(NotPermitted):
            desk_alerts.tell_browser(actor, address(), session_key="x", device="")
    assert not PushSubscription.objects.exists()


def test_an_address_no_browser_gives_is_refused_and_a_person_has_ten() -> None:
    actor = actor_of(make_staff(make_business())[0])
    bad = PushAddress("http://push.example.net/a", "key", "secret")
    with pytest.raises(Invalid):
        desk_alerts.tell_browser(actor, bad, session_key="x", device="")
    for number in range(browsers.MOST):
        told_in(actor, str(number), session_key="x")
    with pytest.raises(Invalid, match="10 browsers"):
        told_in(actor, "more", session_key="x")
    told_in(actor, "3", session_key="x")


def test_turning_on_chooses_both_once_and_keeps_what_was_chosen() -> None:
    actor = actor_of(make_staff(make_business())[0])
    told_in(actor, "a")
    assert (alerting.of_actor(actor).push_arrived, alerting.of_actor(actor).push_late) == (True, True)
    alerting.change(actor, push_arrived=False)
    told_in(actor, "b")
    assert (alerting.of_actor(actor).push_arrived, DeskAlerts.objects.count()) == (False, 1)


def test_what_leads_to_a_browser_is_kept_encrypted_audited_without_it_and_never_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    visit, push = make_visit(name="Ada Ng"), FakePush()
    kept = told_in(visit.host, "hidden-way")
    comes(visit)
    desk_alerts.tell_due()
    push.refusal = DeliveryError("the push service answered 400", permanent=True)
    sent(push)
    assert "push.example.net" not in kept.access
    entries = AuditEntry.objects.filter(action__startswith="browser.")
    assert [entry.action for entry in entries] == ["browser.told"]
    seen = caplog.text + repr([(entry.summary, entry.details) for entry in entries])
    assert "hidden-way" not in seen
    assert "Ada Ng" not in caplog.text


def test_after_the_servers_secret_changed_nothing_is_sent_and_nothing_breaks() -> None:
    visit, push = make_visit(), FakePush()
    told_in(visit.host)
    PushSubscription.objects.update(access="of another secret")
    comes(visit)
    desk_alerts.tell_due()
    assert sent(push) == []
    assert OutboxMessage.objects.get(channel="push").state == State.DROPPED


def test_a_wait_that_began_long_ago_rings_in_no_new_browser() -> None:
    visit = comes(make_visit(), ago=60)
    told_in(visit.host)
    assert desk_alerts.tell_due() == 0


def test_waits_that_go_on_are_known_by_what_notifications_carry() -> None:
    visit, push = make_visit(), FakePush()
    told_in(visit.host)
    comes(visit)
    desk_alerts.tell_due()
    tag = sent(push)[0]["tag"]
    assert desk_alerts.tags_waiting(visit.host) == [tag]
    waiting.admit(visit.host, visit.consumer.ref)
    assert desk_alerts.tags_waiting(visit.host) == []
    assert outbox.drop(visit.meeting.ref) == 0


def test_a_push_service_that_hangs_holds_up_no_other() -> None:
    class HangingPush(FakePush):
        released = threading.Event()

        def send(self, push: Push) -> str:
            if push.address.site == "tarpit.example":
                self.released.wait(20)
            return super().send(push)

    visit, other, push = make_visit(), make_visit(), HangingPush()
    for number in range(browsers.MOST):
        endpoint = PushAddress(f"https://push{number}.tarpit.example/a", "key", "secret")
        desk_alerts.tell_browser(visit.host, endpoint, session_key=session_of(user_of(visit.host)), device="")
    told_in(other.host)
    comes(visit)
    assert desk_alerts.tell_due() == browsers.MOST
    clock.advance(1)
    comes(other)
    desk_alerts.tell_due()
    sender = Worker("push", fakes(push=push))
    try:
        sender.step()
        assert [one.address.site for one in push.taken] == ["example.net"]
    finally:
        push.released.set()
        sender._drain()
        sender.release()
