"""What a business lets be said: by default, for all services, for one."""

import pytest

from tests.factories import make_business
from vestibule.notifications import choices
from vestibule.notifications.models import Reminder
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import AuditEntry, Business
from vestibule.people.permissions import Actor, Role, staff_actor

pytestmark = pytest.mark.django_db

CONFIRM_BY_TEXT = ("confirmation", "consumer", "sms")


@pytest.fixture
def clinic() -> Business:
    return make_business()


def manager_of(business: Business, role: Role = Role.MANAGER) -> Actor:
    return staff_actor(user_id=1, label="May", business_id=business.pk, role=role, provider_id=None)


def now(business: Business) -> choices.Choices:
    return choices.of(Business.objects.get(pk=business.pk))


def test_untouched_mails_confirm_and_text_messages_do_not(clinic: Business) -> None:
    assert now(clinic).is_on("confirmation", "consumer", "email")
    assert not now(clinic).is_on(*CONFIRM_BY_TEXT)
    assert [(one.ahead, one.channel) for one in now(clinic).reminders()] == [(24 * 60, "email"), (60, "sms")]


def test_what_is_chosen_holds_from_the_next_question_on_and_is_in_the_trail(clinic: Business) -> None:
    assert choices.choose(manager_of(clinic), clinic, [(CONFIRM_BY_TEXT, True)]) == 1
    assert now(clinic).is_on(*CONFIRM_BY_TEXT)
    assert choices.choose(manager_of(clinic), clinic, [(CONFIRM_BY_TEXT, True)]) == 0
    (entry,) = AuditEntry.objects.filter(action="messages.chosen")
    assert entry.details == {"choices": {"confirmation.consumer.sms": True}}


def test_a_service_goes_before_the_business_and_back_again(clinic: Business) -> None:
    choices.choose(manager_of(clinic), clinic, [(CONFIRM_BY_TEXT, True)])
    choices.choose(manager_of(clinic), clinic, [(CONFIRM_BY_TEXT, False)], "therapy")
    assert not now(clinic).is_on(*CONFIRM_BY_TEXT, "therapy")
    assert now(clinic).is_on(*CONFIRM_BY_TEXT, "massage")
    choices.choose(manager_of(clinic), clinic, [(CONFIRM_BY_TEXT, None)], "therapy")
    assert now(clinic).is_on(*CONFIRM_BY_TEXT, "therapy")


def test_a_business_does_not_choose_for_another(clinic: Business) -> None:
    other = make_business(name="Other")
    with pytest.raises(NotPermitted):
        choices.choose(manager_of(other), clinic, [(CONFIRM_BY_TEXT, True)])
    with pytest.raises(NotPermitted):
        choices.choose(manager_of(clinic, Role.PROVIDER), clinic, [(CONFIRM_BY_TEXT, True)])
    assert not now(clinic).is_on(*CONFIRM_BY_TEXT)


def test_what_must_go_out_cannot_be_chosen(clinic: Business) -> None:
    with pytest.raises(Invalid):
        choices.choose(manager_of(clinic), clinic, [(("sign_in", "consumer", "email"), False)])


def test_reminders_switched_off_for_one_service_leave_it_without_any(clinic: Business) -> None:
    Reminder.objects.create(business=clinic, offset_minutes=120, audiences=["consumer"], channel="email")
    Reminder.objects.create(
        business=clinic, service_ref="quick", offset_minutes=60, audiences=[], channel="sms", is_on=False
    )
    Reminder.objects.create(business=clinic, side="after", offset_minutes=30, audiences=["consumer"], channel="email")
    choices.changed(clinic.pk)
    assert [one.ahead for one in now(clinic).reminders()] == [-30, 120]
    assert now(clinic).reminders("quick") == ()
