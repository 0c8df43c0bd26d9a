"""Services of an experience carry the rules they have of their own, and follow their business in all others."""

from copy import deepcopy
from typing import Any

import pytest

from tests.factories import make_business, make_provider, manager_of
from vestibule.booking.models import Service
from vestibule.booking.setup import rule_groups
from vestibule.experience import document, drafts
from vestibule.people.errors import Refusal
from vestibule.people.models import Business

pytestmark = pytest.mark.django_db
FIRST = {"slug": "first", "name": "First visit", "rules": {"notice_minutes": 120, "buffer_after_minutes": 10}}


@pytest.fixture
def business() -> Business:
    business = make_business()
    make_provider(business=business)
    publish(business, [FIRST])
    return business


def publish(business: Business, services: list[dict[str, Any]]) -> None:
    owner = manager_of(business)
    drafts.change(owner, business, {"services": services})
    drafts.publish(owner, business)


def rules(business: Business) -> dict[str, Any]:
    (found,) = document.read(Business.objects.get(pk=business.pk))["services"]
    return dict(found["rules"])


def test_a_new_service_has_its_own_rules_and_follows_the_business_in_all_others(business: Business) -> None:
    service = Service.objects.get(business=business)
    assert (service.notice_minutes, service.buffer_after_minutes) == (120, 10)
    assert set(service.follows) == set(rule_groups.GROUPS) - {"notice", "buffers"}
    assert rules(business) == {"notice_minutes": 120, "buffer_before_minutes": 0, "buffer_after_minutes": 10}


def test_a_rule_that_is_taken_out_is_the_business_again(business: Business) -> None:
    services = deepcopy(drafts.begin(manager_of(business), business).document["services"])
    del services[0]["rules"]["notice_minutes"]
    publish(business, services)
    assert "notice_minutes" not in rules(business)
    assert "notice" in Service.objects.get(business=business).follows
    assert Service.objects.get(business=business).notice_minutes == Service().notice_minutes


def test_what_is_said_of_no_rule_leaves_them_as_they_are(business: Business) -> None:
    before = rules(business)
    publish(business, [{"slug": "first", "name": "First talk"}])
    assert rules(business) == before


@pytest.mark.parametrize(("name", "value"), [("seats", 3), ("notice_minutes", -1), ("window_days", "many")])
def test_a_rule_that_cannot_be_is_refused(business: Business, name: str, value: Any) -> None:
    with pytest.raises(Refusal) as refused:
        drafts.change(manager_of(business), business, {"services": [{**FIRST, "rules": {name: value}}]})
    assert str(refused.value.facts["field"]).startswith("services.0.")
    assert str(refused.value.facts["field"]).endswith(name)
