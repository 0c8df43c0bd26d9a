"""How a business sends: what is refused, what follows."""

from typing import Any

import pytest

from tests.factories import make_business, manager_of
from vestibule.notifications import choices, rules
from vestibule.notifications.models import MessageRules
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import AuditEntry, Business

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Business:
    return make_business()


def change(clinic: Business, **values: Any) -> MessageRules:
    return rules.change(manager_of(clinic), clinic, **values)


def test_what_is_changed_holds_from_the_next_question_on(clinic: Business) -> None:
    change(clinic, is_discreet=True, country_prefixes=["+44", "+1", "+44"], sms_per_recipient=3)
    now = choices.of(Business.objects.get(pk=clinic.pk)).rules
    assert (now.is_discreet, now.country_prefixes, now.sms_per_recipient) == (True, ["+1", "+44"], 3)
    (entry,) = AuditEntry.objects.filter(action="messages.rules_changed")
    assert entry.details == {"fields": ["country_prefixes", "is_discreet", "sms_per_recipient"]}


def test_nothing_changed_is_nothing_noted(clinic: Business) -> None:
    change(clinic, is_discreet=False)
    assert not AuditEntry.objects.exists()


def test_other_quiet_hours_plan_the_reminders_anew(clinic: Business) -> None:
    assert change(clinic, sms_per_day=5).replanned_to is None
    assert change(clinic, quiet_from=22 * 60).replanned_to == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quiet_from", 24 * 60),
        ("quiet_to", -1),
        ("sms_per_recipient", 0),
        ("sms_per_day", "5"),
        ("is_discreet", "yes"),
        ("country_prefixes", ["044"]),
        ("country_prefixes", ["+447"]),
        ("country_prefixes", ["876"]),
        ("country_prefixes", ["Swiss"]),
        ("country_prefixes", "+44"),
        ("country_prefixes", ["+0"]),
        ("mail_footer", "x" * 501),
        ("mail_footer", "\u202eevil"),
        ("colour", 1),
    ],
)
def test_what_makes_no_rule_is_refused_by_name(clinic: Business, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        change(clinic, **{field: value})
    assert refused.value.facts["field"] == field
    assert not MessageRules.objects.exists()


def test_a_business_does_not_rule_another(clinic: Business) -> None:
    with pytest.raises(NotPermitted):
        rules.change(manager_of(make_business(name="Other")), clinic, is_discreet=True)


@pytest.mark.parametrize("typed", ["+41", "41", "0041", "00 41", "(+41)", "\uff0b41"])
def test_a_countrys_prefix_is_taken_however_it_is_typed(clinic: Business, typed: str) -> None:
    assert change(clinic, country_prefixes=[typed, "001876", "1"]).country_prefixes == ["+1", "+41", "+1876"]
