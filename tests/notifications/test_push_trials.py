"""A test notification: to one's own browsers alone, seldom, and with word of what came of it."""

import json
from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from tests.factories import make_business
from tests.meetings.scene import actor_of, make_staff
from tests.notifications.told_browsers import session_of, user_of
from tests.windows import at_a_new_window
from vestibule.booking import desk_alerts
from vestibule.notifications import browsers, push_trials
from vestibule.notifications.models import OutboxMessage, PushSubscription
from vestibule.notifications.ports import DeliveryError, Gone, PushAddress
from vestibule.notifications.push_trials import NotTold
from vestibule.notifications.testing import FakePush
from vestibule.people.errors import NotFound, TooMany
from vestibule.people.models import User
from vestibule.people.permissions import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def push(settings: LazySettings) -> Iterator[FakePush]:
    settings.PUSH_GATEWAY = "vestibule.notifications.testing.FakePush"
    browsers._opened.cache_clear()
    carrier = browsers.gateway()
    assert isinstance(carrier, FakePush)
    yield carrier
    browsers._opened.cache_clear()


@pytest.fixture
def ada() -> Actor:
    return actor_of(make_staff(make_business())[0])


def told_in(actor: Actor, name: str = "a") -> PushSubscription:
    """A browser in which `actor` turned notifications on."""
    address = PushAddress(f"https://push.example.net/{name}", "key", "secret")
    return desk_alerts.tell_browser(actor, address, session_key=session_of(user_of(actor)), device="Firefox on Linux")


def test_it_goes_to_the_browser_at_once_and_says_that_it_is_a_test(ada: Actor, push: FakePush) -> None:
    told_in(ada, "other")
    push_trials.send(ada, told_in(ada).ref)
    [one] = push.taken
    assert one.address.endpoint == "https://push.example.net/a"
    shown = json.loads(one.body)
    assert shown["title"] == "This is a test: notifications arrive here"
    assert (shown["body"], shown["url"], one.topic) == ("Lakeside Clinic", "/desk", shown["tag"])
    assert not OutboxMessage.objects.exists()
    assert PushSubscription.objects.exclude(last_taken_at=None).count() == 1


def test_it_speaks_its_readers_language(ada: Actor, push: FakePush) -> None:
    User.objects.filter(pk=ada.user_id or 0).update(language="ar")
    push_trials.send(ada, told_in(ada).ref)
    assert json.loads(push.taken[0].body)["dir"] == "rtl"


def test_nobody_rings_in_the_browser_of_somebody_else(ada: Actor, push: FakePush) -> None:
    mine = told_in(ada)
    colleague = actor_of(make_staff(make_business(name="Elsewhere"))[0])
    for stranger in (colleague, Actor(ada.kind, "a key", ada.business_id, permissions=ada.permissions)):
        with pytest.raises(NotFound):
            push_trials.send(stranger, mine.ref)
    assert push.taken == []


def test_what_came_of_it_is_said(ada: Actor, push: FakePush) -> None:
    browser = told_in(ada)
    push.refusal = DeliveryError("the push service push.example.net answered 503", permanent=False)
    with pytest.raises(NotTold, match="answered 503"):
        push_trials.send(ada, browser.ref)
    assert PushSubscription.objects.exists()


def test_a_browser_its_push_service_forgot_is_removed_and_that_is_said(ada: Actor, push: FakePush) -> None:
    browser = told_in(ada)
    push.refusal = Gone("unknown")
    with pytest.raises(NotTold, match="was removed"):
        push_trials.send(ada, browser.ref)
    assert not PushSubscription.objects.exists()


def test_where_nobody_is_signed_in_any_more_nothing_is_sent(ada: Actor, push: FakePush) -> None:
    browser, user = told_in(ada), user_of(ada)
    user.set_password("another password")
    user.save()
    with pytest.raises(NotTold, match="Nobody is signed in"):
        push_trials.send(ada, browser.ref)
    assert push.taken == []


def test_it_cannot_be_pressed_without_end(ada: Actor, push: FakePush) -> None:
    at_a_new_window(600)
    browser = told_in(ada)
    for _time in range(push_trials.TESTS):
        push_trials.send(ada, browser.ref)
    with pytest.raises(TooMany):
        push_trials.send(ada, browser.ref)
    assert len(push.taken) == push_trials.TESTS


def test_browsers_cannot_be_turned_on_without_end(ada: Actor) -> None:
    at_a_new_window(3600)
    for _time in range(browsers.TURNED_ON_AN_HOUR):
        browsers.remove(ada, told_in(ada).ref)
    with pytest.raises(TooMany):
        told_in(ada)
