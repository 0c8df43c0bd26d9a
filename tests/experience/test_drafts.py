"""The experience as a document: worked on apart, published as a version, laid over what others changed meanwhile."""

from copy import deepcopy
from typing import Any

import pytest

from tests.booking.factories import make_service
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking.models import Service
from vestibule.booking.setup import offerings
from vestibule.experience import document, drafts, industries
from vestibule.experience.errors import Overtaken
from vestibule.meetings import areas, visit_rules
from vestibule.people.errors import NotFound, NotPermitted, Refusal
from vestibule.people.models import AuditEntry, Business
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db


def fresh(business: Business) -> Business:
    return Business.objects.get(pk=business.pk)


def of_draft(business: Business, part: str) -> Any:
    draft = drafts.begin(manager_of(business), business)
    return deepcopy(draft.document[part])


def test_a_draft_changes_nothing_until_it_is_published() -> None:
    business = make_business()
    owner = manager_of(business)
    drafts.change(owner, business, {"business": {"tagline": "Seen the same day"}, "call": {"chat": False}})
    assert fresh(business).tagline == ""
    assert visit_rules.of(business).chat
    published = drafts.publish(owner, business, note="First")
    assert fresh(business).tagline == "Seen the same day"
    assert not visit_rules.of(business).chat
    assert (published.number, published.document["call"]["chat"]) == (1, False)
    assert drafts.of(owner, business) is None


@pytest.mark.parametrize(
    ("part", "value", "field"),
    [
        ("business", {"email": "nobody"}, "business.email"),
        ("business", {"slug": "other"}, "business.slug"),
        ("business", ["name"], "business"),
        ("call", {"end_hint_minutes": 999}, "call.end_hint_minutes"),
        ("waiting_room", {"support_phone": "call me"}, "waiting_room.support_phone"),
        ("reminders", {"list": [{"side": "before", "offset_minutes": 1}]}, "reminders.list.0.offset_minutes"),
        ("services", [{"slug": "a", "name": ""}], "services.0.name"),
        ("services", [{"slug": "a"}, {"slug": "a"}], "services.slug"),
        ("nothing", {}, "nothing"),
    ],
)
def test_what_cannot_be_is_refused_at_once_and_names_its_place(part: str, value: Any, field: str) -> None:
    business = make_business()
    with pytest.raises(Refusal) as refused:
        drafts.change(manager_of(business), business, {part: value})
    assert refused.value.facts["field"] == field
    assert drafts.begin(manager_of(business), business).edits == 0


def test_trying_a_change_out_leaves_no_trace() -> None:
    business = make_business()
    before, entries = document.read(business), AuditEntry.objects.count()
    stamp = fresh(business).experience_stamp
    drafts.change(manager_of(business), business, {"waiting_room": {"content_title": "Welcome"}})
    assert document.read(business) == before
    assert (AuditEntry.objects.count(), fresh(business).experience_stamp) == (entries, stamp)
    assert areas.map_of(business.pk).default.content_title == ""


def test_services_are_added_changed_put_in_order_and_taken_off() -> None:
    business = make_business()
    provider = make_provider(business=business)
    make_service(business=business, slug="old")
    kept = make_service(business=business, slug="kept")
    owner = manager_of(business)
    wanted = [one | {"name": "Kept on"} for one in of_draft(business, "services") if one["slug"] == "kept"]
    drafts.change(owner, business, {"services": [{"slug": "new", "name": "New", "duration_minutes": 45}, *wanted]})
    drafts.publish(owner, business)
    used = Service.objects.filter(business=business, is_active=True)
    assert [(one.slug, one.name) for one in used] == [("new", "New"), ("kept", "Kept on")]
    assert provider in [offer.provider for offer in used[0].offers.all()]
    assert not Service.objects.get(business=business, slug="old").is_active
    assert Service.objects.get(pk=kept.pk).name == "Kept on"


def test_what_others_changed_meanwhile_stays_and_what_both_changed_is_said() -> None:
    business = make_business()
    make_service(business=business, slug="first", name="First")
    owner = manager_of(business)
    services = of_draft(business, "services")
    services[0]["description"] = "Half an hour"
    drafts.change(owner, business, {"services": services, "call": {"chat": False}})
    visit_rules.change(owner, business, files=False)
    offerings.add_service(owner, business, name="Second", slug="second")
    offerings.change_service(owner, Service.objects.get(slug="first"), name="Premier", description="An hour")
    assert [one.path for one in drafts.overtaken(owner, business)] == ["services.first.description"]
    drafts.publish(owner, business)
    first = Service.objects.get(business=business, slug="first")
    assert (first.name, first.description) == ("Premier", "Half an hour")
    assert Service.objects.get(business=business, slug="second").is_active
    assert (visit_rules.of(business).files, visit_rules.of(business).chat) == (False, False)


def test_two_who_edit_at_once_notice_each_other() -> None:
    business = make_business()
    owner = manager_of(business)
    seen = drafts.begin(owner, business).edits
    drafts.change(owner, business, {"call": {"chat": False}}, edits=seen)
    with pytest.raises(Overtaken):
        drafts.change(owner, business, {"call": {"files": False}}, edits=seen)


def test_an_earlier_version_is_published_again_as_a_new_one() -> None:
    business = make_business()
    owner = manager_of(business)
    for tagline in ("First", "Second"):
        drafts.change(owner, business, {"business": {"tagline": tagline}})
        drafts.publish(owner, business)
    again = drafts.roll_back(owner, business, 1)
    assert (again.number, fresh(business).tagline) == (3, "First")
    assert [one.number for one in drafts.versions(owner, business)] == [3, 2, 1, 0]
    with pytest.raises(NotFound):
        drafts.roll_back(owner, business, 9)


def test_a_document_taken_away_and_brought_back_holds_the_same() -> None:
    business, other = make_business(), make_business(slug="other")
    make_service(business=business, slug="first", name="First", window_days=365)
    owner = manager_of(other)
    drafts.load(owner, other, document.read(business))
    drafts.publish(owner, other)
    assert document.read(fresh(other)) == document.read(business)


def test_only_who_sets_a_business_up_works_on_it() -> None:
    business, other = make_business(), make_business(slug="other")
    with pytest.raises(NotPermitted):
        drafts.begin(manager_of(business, role=Role.VIEWER), business)
    for do in (drafts.begin, drafts.publish, drafts.versions, drafts.discard, drafts.of):
        with pytest.raises(NotFound):
            do(manager_of(other), business)


def test_there_is_a_way_back_from_the_first_version_too() -> None:
    business = make_business()
    owner = manager_of(business)
    make_service(business=business, slug="first", name="First", window_days=60)
    before = document.read(business)
    drafts.load(owner, business, industries.document_for("therapy", "en"), template="therapy")
    drafts.publish(owner, business)
    assert document.read(fresh(business)) != before
    back = drafts.roll_back(owner, fresh(business), 0)
    assert (back.number, back.note) == (2, "Back to before the first version")
    assert document.read(fresh(business)) == before
