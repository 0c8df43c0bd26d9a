"""The pages' side of notifications: who may turn a browser on, where its worker comes from, what signing out ends."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.factories import make_business
from tests.meetings.scene import make_staff, make_visit
from tests.web.provider.pages import signed_in, text_of
from vestibule.meetings import waiting
from vestibule.notifications import browsers
from vestibule.notifications.models import PushSubscription
from vestibule.notifications.ports import DeliveryError
from vestibule.notifications.testing import FakePush
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GIVEN = {"endpoint": "https://push.example.net/a", "keys": {"p256dh": "key", "auth": "secret"}, "expirationTime": None}


@pytest.fixture(autouse=True)
def fake(settings: LazySettings) -> Iterator[None]:
    settings.PUSH_GATEWAY = "vestibule.notifications.testing.FakePush"
    browsers._opened.cache_clear()
    yield
    browsers._opened.cache_clear()


def post(client: Client, path: str = "/desk/push", given: Any = GIVEN) -> Any:
    return client.post(path, json.dumps(given), content_type="application/json", headers={"user-agent": FIREFOX})


def test_a_browser_is_off_until_its_reader_turns_it_on_and_removed_by_a_press(client: Client) -> None:
    signed_in(client, make_business(), Role.MANAGER)
    page = text_of(client.get("/desk/alerts"))
    assert 'data-key="fake"' in page
    assert "data-browser" not in page
    assert not PushSubscription.objects.exists()
    made = post(client)
    assert (made.status_code, made.json()["device"]) == (201, "Firefox on Linux")
    page = text_of(client.get("/desk/alerts"))
    assert "Firefox on Linux" in page
    assert "push.example.net" not in page
    answer = client.post(f"/desk/push/{made.json()['ref']}/remove", follow=True)
    assert "That browser is not told any more." in text_of(answer)
    assert not PushSubscription.objects.exists()


def test_a_test_is_sent_by_a_press_and_the_page_says_what_came_of_it(client: Client) -> None:
    signed_in(client, make_business(), Role.MANAGER)
    ref = post(client).json()["ref"]
    page = text_of(client.get("/desk/alerts"))
    assert f'form="test-{ref}"' in page
    assert f'action="/desk/push/{ref}/test"' in page
    assert client.get(f"/desk/push/{ref}/test").status_code == 405
    said = text_of(client.post(f"/desk/push/{ref}/test", follow=True))
    assert "The push service took the test for “Firefox on Linux”" in said
    carrier = browsers.gateway()
    assert isinstance(carrier, FakePush)
    carrier.refusal = DeliveryError("the push service push.example.net did not answer in time", permanent=False)
    said = text_of(client.post(f"/desk/push/{ref}/test", follow=True))
    assert "The test did not leave: the push service push.example.net did not answer in time." in said
    assert len(carrier.taken) == 1


def test_another_persons_browser_does_not_exist(client: Client) -> None:
    business = make_business()
    signed_in(client, business, Role.MANAGER)
    ref = post(client).json()["ref"]
    for other in (business, make_business()):
        stranger = signed_in(Client(), other, Role.OWNER)
        for deed in ("remove", "test"):
            assert stranger.post(f"/desk/push/{ref}/{deed}").status_code == 404
        assert ref not in text_of(stranger.get("/desk/alerts"))
        assert post(stranger, "/desk/push/here").json() == {"ref": None}
    assert PushSubscription.objects.count() == 1
    assert post(client, "/desk/push/here").json() == {"ref": ref}


def test_neither_consumers_nor_who_meets_nobody_turn_a_browser_on(client: Client) -> None:
    assert post(client).status_code == 302
    assert client.get("/desk/push/waits").status_code == 302
    signed_in(client, make_business(), Role.VIEWER)
    assert post(client).status_code == 403
    assert client.get("/desk/push/waits").status_code == 403
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "given",
    [None, [], "x", {}, {"endpoint": 1, "keys": {}}, {**GIVEN, "keys": None}, {**GIVEN, "endpoint": "http://a.b/c"}],
)
def test_what_no_browser_gives_is_refused_with_a_sentence(client: Client, given: Any) -> None:
    signed_in(client, make_business(), Role.MANAGER)
    answer = post(client, given=given)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "no address" in answer.json()["sentence"]
    assert post(client, "/desk/push/here", {"endpoint": "\ud800"}).status_code == 422


def test_signing_out_ends_it_in_this_browser_only(client: Client) -> None:
    business = make_business()
    membership, _provider = make_staff(business)
    other = Client()
    client.force_login(membership.user)
    other.force_login(membership.user)
    post(client)
    post(other, given={**GIVEN, "endpoint": "https://push.example.net/b"})
    client.post("/signout")
    assert PushSubscription.objects.count() == 1
    assert post(other, "/desk/push/here", {**GIVEN, "endpoint": "https://push.example.net/b"}).json()["ref"]


def test_the_worker_has_an_address_that_stays_and_may_only_ask_this_server(client: Client) -> None:
    answer = client.get("/desk-push.js")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert answer["Cache-Control"] == "no-cache"
    assert "Service-Worker-Allowed" not in answer
    script = text_of(answer)
    assert '"fetch"' not in script, "it answers for no page"
    assert "caches" not in script


def test_a_home_screen_is_told_to_open_the_desk(client: Client) -> None:
    facts = client.get("/desk-app.webmanifest").json()
    assert (facts["start_url"], facts["display"]) == ("/desk", "standalone")


def test_the_waits_that_go_on_carry_no_names(client: Client) -> None:
    visit = make_visit(name="Ada Ng")
    waiting.arrive(visit.consumer.ref)
    waiting.enter_waiting(visit.consumer.ref)
    signed_in(client, visit.meeting.business, Role.MANAGER)
    tags = client.get("/desk/push/waits").json()["tags"]
    assert len(tags) == 1
    assert visit.consumer.ref not in tags[0]
    waiting.admit(visit.host, visit.consumer.ref)
    assert client.get("/desk/push/waits").json() == {"tags": []}


def test_choices_for_browsers_are_kept(client: Client) -> None:
    signed_in(client, make_business(), Role.MANAGER)
    post(client)
    page = text_of(client.get("/desk/alerts"))
    assert 'name="push_arrived"' in page
    client.post("/desk/alerts", {"push_late": "on", "push_names": "on", "after_minutes": "7"})
    initial = client.get("/desk/alerts").context["form"].initial
    assert (initial["push_arrived"], initial["push_late"], initial["push_names"]) == (False, True, True)


def test_an_installation_without_push_shows_nothing_of_it(client: Client, settings: LazySettings) -> None:
    settings.PUSH_GATEWAY = ""
    signed_in(client, make_business(), Role.MANAGER)
    page = text_of(client.get("/desk/alerts"))
    assert "alerts-browser" not in page
    assert "push_arrived" not in page
    assert post(client).status_code == 422
