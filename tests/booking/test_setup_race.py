"""What managers set up at the same moment: somebody is refused by a field, never by a fault. On both databases."""

from collections import Counter
from functools import partial

import pytest

from tests.booking.crowds import at_once, told
from tests.booking.factories import make_service
from tests.factories import make_business, manager_of
from vestibule.booking import setup
from vestibule.booking.models import Service
from vestibule.people.errors import Invalid

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("each_database")]


def test_a_short_name_is_given_once() -> None:
    business = make_business()
    actor = manager_of(business)
    outcomes = at_once([partial(setup.add_service, actor, business, name="Visit", slug="visit-here")] * 8)
    assert told(outcomes) == Counter({"done": 1, "invalid": 7})
    assert {one.facts["field"] for one in outcomes if isinstance(one, Invalid)} == {"slug"}
    assert Service.objects.count() == 1


def test_rules_of_the_business_reach_every_service_in_the_order_they_were_set() -> None:
    business = make_business()
    services = [make_service(business=business, follows=["notice"]) for _turn in range(3)]
    actor = manager_of(business)
    changes = [partial(setup.change_booking_rules, actor, business, notice_minutes=10 * n) for n in range(1, 7)]
    assert told(at_once(changes)) == Counter({"done": 6})
    business.refresh_from_db()
    for service in services:
        service.refresh_from_db()
    assert {service.notice_minutes for service in services} == {business.booking_rules["notice_minutes"]}
