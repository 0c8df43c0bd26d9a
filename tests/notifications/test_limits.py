"""What may leave: nobody who said stop, no number that costs money, no more than the caps, not at night."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings

from tests.factories import make_business
from tests.notifications.letters import facts, queue
from vestibule.notifications import choices, limits
from vestibule.notifications.facts import Kind
from vestibule.notifications.models import Address, Gateway, MessageEvent, MessageRules, OutboxMessage, SentCount
from vestibule.notifications.testing import FakeMail, FakeSms, fakes
from vestibule.notifications.worker import send_due
from vestibule.people.models import Business
from vestibule.store import clock
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
NIGHT = datetime(2026, 3, 2, 23, tzinfo=UTC)
RESTS = {"quiet_from": 21 * 60, "quiet_to": 8 * 60}


@pytest.fixture
def clinic() -> Business:
    clock.set_to(DAY)
    return make_business()


def rules(business: Business, **values: object) -> None:
    MessageRules.objects.update_or_create(business=business, defaults=values)
    choices.changed(business.pk)


def text(business: Business, to: str = "+447700900123", **more: object) -> OutboxMessage:
    more.setdefault("about", facts(start_minute=clock.to_minute(clock.now() + timedelta(hours=12))))
    return queue(channel="sms", to=to, business_id=business.pk, **more)  # type: ignore[arg-type]  # passed on as given


def sent() -> FakeSms:
    gateway = FakeSms()
    send_due(fakes(FakeMail(), gateway))
    return gateway


def state(message: OutboxMessage) -> tuple[str, str]:
    message.refresh_from_db()
    return message.state, message.last_error


def test_who_said_stop_gets_no_more_however_the_number_is_written(clinic: Business) -> None:
    Address.objects.create(business=clinic, channel="sms", value="+447700900123", stopped_at=DAY)
    message = text(clinic, to="+44 7700 900123")
    assert sent().taken == []
    assert state(message) == ("dropped", "its owner wants no more messages")
    assert [one.what for one in MessageEvent.objects.filter(message=message)] == ["held_back"]


def test_stop_holds_for_the_business_it_was_said_to(clinic: Business) -> None:
    Address.objects.create(business=make_business(), channel="sms", value="+447700900123", stopped_at=DAY)
    text(clinic)
    assert len(sent().taken) == 1


def test_the_answer_to_stop_itself_leaves(clinic: Business) -> None:
    Address.objects.create(business=clinic, channel="sms", value="+447700900123", stopped_at=DAY)
    text(clinic, kind=Kind.SMS_ANSWER, about=facts(words="You get no more text messages."))
    assert [one.body for one in sent().taken] == ["Lakeside Clinic: You get no more text messages."]


@pytest.mark.parametrize("why", ["bounced_at", "complained_at"])
def test_a_mailbox_that_came_back_or_complained_is_left_alone(clinic: Business, why: str) -> None:
    Address.objects.create(business=clinic, channel="email", value="jo@example.org", **{why: DAY})
    message = queue(business_id=clinic.pk, to="Jo@Example.org")
    mail = FakeMail()
    send_due(fakes(mail, FakeSms()))
    assert mail.taken == []
    assert state(message)[0] == "dropped"


def test_a_number_gets_so_many_a_day_and_the_next_day_again(clinic: Business) -> None:
    rules(clinic, sms_per_recipient=2)
    messages = [text(clinic) for _number in range(3)]
    assert len(sent().taken) == 2
    assert sorted(state(one)[0] for one in messages) == ["done", "done", "dropped"]
    clock.set_to(DAY + timedelta(days=1))
    text(clinic)
    assert len(sent().taken) == 1


def test_a_country_and_the_business_have_their_caps(clinic: Business) -> None:
    rules(clinic, sms_per_prefix=2, sms_per_day=3)
    for number in range(4):
        text(clinic, to=f"+4479460000{number}0")
    assert len(sent().taken) == 2
    for number in range(4):
        text(clinic, to=f"+41795550{number}00")
    assert len(sent().taken) == 1
    assert SentCount.objects.get(scope="business").used == 3


def test_other_countries_and_premium_numbers_are_refused(clinic: Business) -> None:
    rules(clinic, country_prefixes=["+44"])
    swiss, premium = text(clinic, to="+41795550100"), text(clinic, to="+449012345678")
    text(clinic)
    assert len(sent().taken) == 1
    assert state(swiss)[1] == "text messages are not sent to this country"
    assert state(premium)[1] == "text messages are not sent to premium-rate numbers"


def test_however_many_businesses_the_installation_carries_no_more_than_its_operator_lets(
    clinic: Business, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CONFIGURATION = load({"VESTIBULE_SMS_PER_DAY": "3"})
    limits._tell_operator.cache_clear()
    businesses = [clinic, make_business(), make_business()]
    for business in businesses:
        rules(business, sms_per_day=1_000_000, sms_per_prefix=1_000_000)
        business.refresh_from_db()
    messages = [text(one, to=f"+4479460000{number}0") for number, one in enumerate([*businesses, *businesses])]
    assert len(sent().taken) == 3
    held = [state(one)[1] for one in messages if state(one)[0] == "dropped"]
    assert held == ["the day’s text messages of this installation are used up"] * 3
    assert caplog.text.count("VESTIBULE_SMS_PER_DAY is reached") == 1


def test_a_business_that_pays_for_its_texts_takes_none_of_the_installations(
    clinic: Business, settings: LazySettings
) -> None:
    settings.CONFIGURATION = load({"VESTIBULE_SMS_PER_DAY": "1"})
    own = make_business()
    Gateway.objects.create(business=own, channel="sms", kind="twilio", name="Own", sender="+15005550006", access="")
    choices.changed(own.pk)
    own.refresh_from_db()
    for number in range(3):
        text(own, to=f"+4479460000{number}0")
    assert len(sent().taken) == 3
    text(clinic)
    assert len(sent().taken) == 1
    text(clinic)
    assert sent().taken == []


def test_a_message_tried_again_counts_once(clinic: Business) -> None:
    rules(clinic, sms_per_recipient=1)
    message = text(clinic)
    OutboxMessage.objects.filter(pk=message.pk).update(attempts=1)
    SentCount.objects.create(business=clinic, channel="sms", day=DAY.date(), scope="to", who="+447700900123", used=1)
    assert len(sent().taken) == 1


def test_at_night_a_reminder_waits_for_the_morning_and_is_not_worn_out(clinic: Business) -> None:
    clock.set_to(NIGHT)
    rules(clinic, **RESTS)
    message = text(clinic)
    assert sent().taken == []
    assert state(message) == ("queued", "")
    assert message.next_at == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert message.attempts == 0
    clock.set_to(datetime(2026, 3, 3, 8, tzinfo=UTC))
    assert len(sent().taken) == 1


def test_at_night_what_would_be_too_late_in_the_morning_is_not_sent(clinic: Business) -> None:
    clock.set_to(NIGHT)
    rules(clinic, **RESTS)
    message = text(clinic, not_after=NIGHT + timedelta(hours=2))
    assert sent().taken == []
    assert state(message) == ("dropped", "the quiet hours end after it would be of use")


def test_without_quiet_hours_every_hour_is_good(clinic: Business) -> None:
    clock.set_to(NIGHT)
    text(clinic)
    assert len(sent().taken) == 1


def test_staff_and_what_is_about_this_moment_know_no_night(clinic: Business) -> None:
    clock.set_to(NIGHT)
    rules(clinic, **RESTS)
    text(clinic, about=facts(audience="provider"))
    text(clinic, kind=Kind.NEXT)
    assert len(sent().taken) == 2


def test_old_counts_are_forgotten(clinic: Business) -> None:
    text(clinic)
    sent()
    assert limits.purge(DAY.date() + timedelta(days=40)) == 0
    assert limits.purge(DAY.date() + timedelta(days=41)) == 3


def test_the_islands_that_share_a_prefix_with_america_are_countries_of_their_own(clinic: Business) -> None:
    rules(clinic, country_prefixes=["+1"])
    numbers = ["+12025550123", "+14165550123", "+18765551234", "+18095551234"]
    for number in numbers:
        text(clinic, to=number)
    for prefixes, most in ((["+1"], 2), (["+1", "+1876"], 3)):
        rules(clinic, country_prefixes=prefixes)
        leaving, _staying = limits.sort(list(OutboxMessage.objects.order_by("pk")), clock.now())
        assert [one.to for one in leaving] == numbers[:most]
