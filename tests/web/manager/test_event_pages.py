"""The pages on which an office says which programs are told of events, and sees whether it arrives."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tests.subscriptions.told import ADDRESS, happens, subscribed
from tests.web.manager.office import Office, make_office
from vestibule.people.permissions import Role
from vestibule.subscriptions import shapes
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.models import Subscription
from vestibule.subscriptions.shapes import shape
from vestibule.subscriptions.testing import FakePoster, unreachable
from vestibule.subscriptions.worker import Worker
from vestibule.web.manager import event_pages
from vestibule.web.manager.activity import SAYINGS

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def poster(monkeypatch: pytest.MonkeyPatch) -> FakePoster:
    fake = FakePoster()
    monkeypatch.setattr(shapes, "poster", lambda: fake)
    return fake


def page(client: Client, where: str = "manage-events", /, *args: Any, **typed: Any) -> str:
    """What a page shows; with something typed, what follows."""
    at = reverse(where, args=args)
    answer = client.post(at, typed, follow=True) if typed else client.get(at)
    assert answer.status_code in (200, 422)
    return answer.content.decode()


def wish(**typed: Any) -> dict[str, Any]:
    groups = ["threads", "texts", "mails", "calls", "recordings"]
    return {"name": "practice", "address": ADDRESS, "shape": "event_grid", "groups": groups, **typed}


def test_a_program_that_agrees_is_told_from_the_page_on(poster: FakePoster, office: Office) -> None:
    assert "Nobody is told yet" in page(office.manager)
    shown = page(office.manager, "manage-event-new", **wish())
    assert "“practice” is told from now on." in shown
    assert "Nothing has happened yet" in shown
    happens(office.business)
    Worker(poster).drain()
    row = Subscription.objects.get()
    shown = page(office.manager, "manage-event", row.guid)
    assert "A message was written" in shown
    assert "Taken" in shown
    assert "practice" in page(office.manager)


def test_one_that_does_not_agree_is_asked_again(poster: FakePoster, office: Office) -> None:
    poster.agrees = False
    shown = page(office.manager, "manage-event-new", **wish())
    assert "It has not said that it wants to be told" in shown
    assert "Ends, unless it confirms" in shown
    assert "unless it confirms" in page(office.manager)
    poster.agrees = True
    row = Subscription.objects.get()
    assert "“practice” is told from now on." in page(office.manager, "manage-event-ask", row.guid, ask="1")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"address": "http://example.com/"}, "begin with https://"),
        ({"name": "two words"}, "3 to 64 signs"),
        ({"groups": []}, "Something is missing here"),
        ({"shape": "graph"}, "This is not on the list"),
    ],
)
def test_what_is_wrong_is_said_where_it_was_typed(
    poster: FakePoster, office: Office, typed: dict[str, Any], said: str
) -> None:
    assert said in page(office.manager, "manage-event-new", **wish(**typed))
    assert not Subscription.objects.exists()


def test_an_address_that_fails_is_seen_with_the_reason_and_tried_again(poster: FakePoster, office: Office) -> None:
    row = subscribed(office.business)
    poster.answers["/events"] = unreachable
    happens(office.business)
    Worker(poster).drain()
    shown = page(office.manager, "manage-event", row.guid)
    assert "Nothing has arrived there since" in shown
    assert "It did not answer in time." in shown
    assert "1 event waits" in page(office.manager)
    del poster.answers["/events"]
    assert "It is tried again now." in page(office.manager, "manage-event-again", row.guid, again="1")
    Worker(poster).drain()
    assert "Nothing has arrived there since" not in page(office.manager, "manage-event", row.guid)


def test_ending_is_asked_for_first(poster: FakePoster, office: Office) -> None:
    row = subscribed(office.business)
    assert "What waits for it is thrown away" in page(office.manager, "manage-event-end", row.guid)
    assert "is told nothing any more" in page(office.manager, "manage-event-end", row.guid, end="1")
    assert "Nobody is told yet" in page(office.manager)


def test_the_secret_of_an_address_is_on_no_page(poster: FakePoster, office: Office) -> None:
    row = subscribed(office.business)
    pages = [page(office.manager), page(office.manager, "manage-event", row.guid)]
    pages.append(page(office.manager, "manage-activity"))
    assert not [shown for shown in pages if "hidden-from-all" in shown]
    assert "let a program be told of events" in pages[-1]


def test_others_find_nothing_and_who_manages_no_keys_is_not_let_in(poster: FakePoster, office: Office) -> None:
    foreign = subscribed()
    for name in ("manage-event", "manage-event-end", "manage-event-again", "manage-event-ask"):
        assert office.manager.post(reverse(name, args=[foreign.guid])).status_code == 404
    assert office.manager.get(reverse("manage-event", args=[uuid4()])).status_code == 404
    assert office.as_(Role.SCHEDULER).get(reverse("manage-events")).status_code == 403


def test_what_can_be_chosen_is_all_there_is() -> None:
    offered = [one for _key, _label, types in event_pages.GROUPS for one in types]
    assert sorted(offered) == sorted(shape("event_grid").names())
    assert set(event_pages.HAPPENED) == set(Kind)


def test_each_step_has_its_words_in_the_trail() -> None:
    steps = ("made", "renewed", "tried_again", "ended", "expired", "lapsed")
    assert all(f"subscription.{step}" in SAYINGS for step in steps)
