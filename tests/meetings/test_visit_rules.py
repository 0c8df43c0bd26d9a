"""How visits of a business are run: defaults, who may change them, and what follows at once."""

import pytest

from tests.factories import make_business, make_membership, make_user
from tests.meetings.scene import actor_of, add_helper, make_visit
from vestibule.meetings import visit_rules
from vestibule.meetings.models import Participant, VisitRules
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, Business
from vestibule.people.permissions import Actor, Role

pytestmark = pytest.mark.django_db


def manager_of(business: Business, role: Role = Role.MANAGER) -> Actor:
    return actor_of(make_membership(business=business, user=make_user(), role=role))


def test_a_business_that_never_chose_has_the_defaults_and_no_row() -> None:
    business = make_business()
    assert visit_rules.of(business).end_hint_minutes == 5
    assert not VisitRules.objects.exists()


def test_a_change_keeps_the_rest_and_is_audited_once() -> None:
    business = make_business()
    manager = manager_of(business)
    visit_rules.change(manager, business, chat=False)
    rules = visit_rules.change(manager, business, end_hint_minutes=10)
    visit_rules.change(manager, business, end_hint_minutes=10)
    assert (rules.chat, rules.end_hint_minutes) == (False, 10)
    assert AuditEntry.objects.filter(action="visit_rules.changed").count() == 2


def test_whether_consumers_share_holds_at_once_for_visits_booked_already() -> None:
    visit = make_visit()
    business = visit.meeting.business
    helper = add_helper(visit)
    visit_rules.change(manager_of(business), business, consumers_share=False)
    assert visit.seat(visit.consumer).role == Participant.Role.ATTENDEE
    visit_rules.change(manager_of(business), business, consumers_share=True)
    assert visit.seat(visit.consumer).role == Participant.Role.COLLABORATOR
    assert visit.seat(visit.provider).role == Participant.Role.PRESENTER
    assert visit.seat(helper).role == Participant.Role.ATTENDEE


@pytest.mark.parametrize(
    ("field", "value"), [("backend", "carrier pigeon"), ("end_hint_minutes", 61), ("chat_days", 0), ("colour", "red")]
)
def test_what_cannot_be_is_refused_by_name(field: str, value: object) -> None:
    business = make_business()
    with pytest.raises(Invalid) as refused:
        visit_rules.change(manager_of(business), business, **{field: value})
    assert refused.value.facts["field"] == field
    assert not VisitRules.objects.exists()


def test_only_managers_of_that_business_change_them() -> None:
    business = make_business()
    with pytest.raises(NotPermitted):
        visit_rules.change(manager_of(business, Role.SCHEDULER), business, chat=False)
    with pytest.raises(NotFound):
        visit_rules.change(manager_of(make_business()), business, chat=False)
