"""The preview of the builder: the real pages as the draft would make them, and nothing left behind."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client

from tests.factories import make_business, manager_of
from tests.web.manager.office import Office, make_office, url
from vestibule.booking.models import Service
from vestibule.experience import drafts, preview
from vestibule.experience.preview import State
from vestibule.meetings import areas
from vestibule.notifications import choices
from vestibule.people import rates
from vestibule.people.actors import actor_of_membership
from vestibule.people.errors import NotFound
from vestibule.people.permissions import Role
from vestibule.store import clock
from vestibule.web.manager.experience import preview_page

pytestmark = pytest.mark.django_db

SIGNS = {
    State.BOOK: "First visit",
    State.SERVICE: "When would suit you?",
    State.DETAILS: "Who is coming?",
    State.CONFIRMED: "Sam Example",
    State.MAIL: "Sam Example",
    State.SMS: "Lakeside Clinic",
    State.EARLY: "You are early",
    State.CHECK: "Ready to see",
    State.WAITING: "Ready to see",
    State.CALL: "Ready to see",
    State.ENDED: "Dr Ada Blum ended the visit",
    State.SURVEY: "How was it?",
    State.CANCELLED: "This appointment was cancelled",
    State.ERROR: "This link does not work",
}


def shown(client: Client, state: str, **query: str) -> Any:
    return client.get(url("experience-preview", state, **query))


def typed(client: Client, state: str, parts: dict[str, Any]) -> Any:
    return client.post(url("experience-preview", state), {"parts": json.dumps(parts)})


def of_draft(office: Office) -> dict[str, Any]:
    actor = actor_of_membership(office.staff[Role.MANAGER])
    return dict(drafts.begin(actor, office.business).document)


@pytest.fixture
def surveyed(office: Office) -> Office:
    actor = actor_of_membership(office.staff[Role.MANAGER])
    survey = {**of_draft(office)["survey"], "consumer": [{"kind": "stars", "text": "How was it?"}]}
    drafts.change(actor, office.business, {"survey": survey})
    return office


def stored() -> dict[str, list[Any]]:
    """Every row of every table but sessions, which signing in writes."""
    tables = [model for model in apps.get_models() if model._meta.app_label != "sessions"]
    return {model._meta.label: list(model._default_manager.order_by("pk").values_list()) for model in tables}


def files() -> set[str]:
    return {str(path) for path in Path(settings.DATA).rglob("*") if "sqlite" not in path.name}


def test_every_point_of_the_way_is_shown_and_nothing_is_left_behind(surveyed: Office) -> None:
    manager = surveyed.manager
    before, kept, counted = stored(), files(), {k: v for k, v in rates._counts.items() if k != "preview"}
    area, now = areas.map_of(surveyed.business.pk).default, clock.now()
    for state in State:
        answer = shown(manager, state)
        assert SIGNS[state] in answer.content.decode(), state
        assert answer.status_code == 200, state
        assert not answer.cookies, state
    assert stored() == before
    assert files() == kept
    own = {"preview"}  # how often somebody looks is counted, nothing of those who are looked at
    assert {scope: counts for scope, counts in rates._counts.items() if scope not in own} == counted
    assert areas.map_of(surveyed.business.pk).default.pk == area.pk
    assert abs(clock.now() - now) < timedelta(minutes=1)


def test_only_pages_of_this_site_may_frame_it_and_nothing_in_it_leads_anywhere(office: Office) -> None:
    answer = shown(office.manager, State.BOOK)
    policy = answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in policy
    assert "form-action 'none'" in policy
    assert "sandbox allow-scripts allow-same-origin" in policy
    assert '<base target="_blank">' in answer.content.decode()
    assert "frame-ancestors 'none'" in office.manager.get("/book/lakeside-clinic")["Content-Security-Policy"]
    assert "allow-scripts" not in shown(office.manager, State.MAIL)["Content-Security-Policy"]


def test_the_draft_is_shown_and_what_is_typed_over_it(office: Office) -> None:
    actor = actor_of_membership(office.staff[Role.MANAGER])
    drafts.change(actor, office.business, {"business": {"tagline": "Seen the same day"}})
    assert "Seen the same day" in shown(office.manager, State.BOOK).content.decode()
    assert "Seen the same day" not in office.manager.get("/book/lakeside-clinic").content.decode()
    answer = typed(office.manager, State.BOOK, {"business": {"tagline": "Typed just now"}})
    assert "Typed just now" in answer.content.decode()
    assert "Seen the same day" in shown(office.manager, State.BOOK).content.decode()


def test_what_cannot_be_is_said_in_place_of_the_page(office: Office) -> None:
    answer = typed(office.manager, State.BOOK, {"business": {"email": "nobody"}})
    assert answer.status_code == 422
    assert "data-half-typed" in answer.content.decode()
    assert typed(office.manager, State.BOOK, {"nothing": {}}).status_code == 422
    assert office.manager.post(url("experience-preview", "book"), {"parts": "["}).status_code == 422
    assert shown(office.manager, "nowhere").status_code == 404


def test_who_may_only_look_sees_the_draft_and_tries_nothing(office: Office) -> None:
    assert shown(office.as_(Role.VIEWER), State.BOOK).status_code == 200
    assert typed(office.as_(Role.VIEWER), State.BOOK, {"business": {"tagline": "x"}}).status_code == 403
    assert shown(Client(), State.BOOK).status_code == 302


def test_nobody_sees_the_draft_of_another_business(office: Office) -> None:
    other = make_office(slug="harbour-bank", name="Harbour Bank")
    drafts.change(actor_of_membership(other.staff[Role.MANAGER]), other.business, {"business": {"tagline": "Secret"}})
    assert "Secret" not in shown(office.manager, State.BOOK).content.decode()
    actor = actor_of_membership(office.staff[Role.MANAGER])
    with pytest.raises(NotFound), preview.staged(actor, other.business, State.BOOK):
        pytest.fail("another business' draft was shown")


def test_an_empty_business_is_shown_with_somebody_who_stands_in(office: Office) -> None:
    office.visit.offers.all().delete()
    assert "Dr Robin Example" in shown(office.manager, State.CONFIRMED).content.decode()
    empty = make_business(name="New Practice")
    with preview.staged(manager_of(empty), empty, State.CALL) as scene:
        assert scene.seat is not None
        assert scene.seat.state == "in_call"
    assert not empty.services.exists()


def test_it_speaks_the_language_and_the_scheme_that_are_asked_for(office: Office) -> None:
    page = shown(office.manager, State.BOOK, **{"in": "de", "theme": "dark"}).content.decode()
    assert '<html data-theme="dark"' in page
    assert 'lang="de"' in page
    assert "buchen" in page


PAYLOADS = (
    "</script><script>alert(1)</script><svg/onload=alert(1)>",
    '"><img src=x onerror=alert(1)></style><script>alert(1)</script>',
)


def test_markup_in_every_text_of_the_draft_stays_text(office: Office) -> None:
    document = of_draft(office)
    for payload in PAYLOADS:
        said = {
            "business": {"name": payload, "tagline": payload},
            "services": [{**document["services"][0], "name": payload, "description": payload}],
            "waiting_room": {"content_title": payload, "content_text": payload},
            "reminders": {**document["reminders"], "mail_footer": payload},
            "texts": {"en": {"book_heading": payload, "booked_text": payload, "waiting_heading": payload}},
            "survey": {**document["survey"], "consumer": [{"kind": "stars", "text": payload}]},
        }
        for state in (State.BOOK, State.CONFIRMED, State.MAIL, State.SMS, State.WAITING, State.SURVEY):
            page = typed(office.manager, state, said).content.decode()
            bare = re.sub(r'<script id="preview"[^>]*>(.*?)</script>', "", page, flags=re.S)
            assert "alert(1)</script>" not in bare, (payload, state)
            assert not re.search(r"<(img|svg)[^>]*on(error|load)=", page), (payload, state)
            assert "<script>" not in page, (payload, state)


def test_the_visit_is_told_by_what_stands_in_the_page(office: Office) -> None:
    said = re.search(r'<script id="preview"[^>]*>(.*?)</script>', shown(office.manager, State.WAITING).content.decode())
    assert said is not None
    told = json.loads(said[1])
    assert told["welcome"]["participant"]["state"] == "waiting"
    assert {message["type"] for message in told["messages"]} >= {"area", "queue"}
    call = re.search(r'<script id="preview"[^>]*>(.*?)</script>', shown(office.manager, State.CALL).content.decode())
    assert call is not None
    people = next(one for one in json.loads(call[1])["joining"] if one["type"] == "roster")["people"]
    assert {one["name"] for one in people} == {"Sam Example", "Dr Ada Blum"}


def reminded(office: Office, *reminders: dict[str, Any]) -> str:
    """The page of the text message, with these reminders typed and none else."""
    chosen = {**of_draft(office)["reminders"], "list": [{"audiences": ["consumer"], **one} for one in reminders]}
    return str(typed(office.manager, State.SMS, {"reminders": chosen}).content.decode())


def test_where_no_text_message_is_sent_it_is_said_why_and_where_one_is_chosen(office: Office) -> None:
    page = reminded(office, {"side": "before", "offset_minutes": 60, "channel": "email"})
    assert "No text message is sent" in page
    assert f'data-mend="{url("experience-step", "reminders")}"' in page
    assert "bubble" not in page
    Service.objects.filter(pk=office.visit.pk).update(window_days=7)
    far = reminded(office, {"side": "before", "offset_minutes": 30 * 24 * 60, "channel": "sms"})
    assert "No text message is sent in time" in far


def test_where_no_mail_is_sent_it_is_said(office: Office) -> None:
    actor = actor_of_membership(office.staff[Role.MANAGER])
    choices.choose(actor, office.business, [(("confirmation", "consumer", "email"), False)])
    reminders = {**of_draft(office)["reminders"], "list": []}
    page = typed(office.manager, State.MAIL, {"reminders": reminders}).content.decode()
    assert "No e-mail is sent" in page
    assert f'data-mend="{url("sending")}"' in page


def test_a_text_message_is_shown_as_on_the_day_it_leaves(office: Office) -> None:
    page = reminded(office, {"side": "before", "offset_minutes": 3 * 24 * 60, "channel": "sms"})
    assert "reminder of your appointment" in page


def test_drawing_without_end_is_stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_page, "PREVIEWS", 2)
    monkeypatch.setattr(rates, "_counts", {})
    client = office.manager
    assert [client.get(url("experience-preview", "book")).status_code for _ in range(3)] == [200, 200, 429]
    assert office.as_(Role.OWNER).get(url("experience-preview", "book")).status_code == 200, "each person has a share"
