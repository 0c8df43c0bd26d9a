"""The page of what is sent: switches and reminders, for all services and for one."""

from tests.web.manager.office import Office, url
from vestibule.notifications import choices
from vestibule.notifications.models import MessageChoice, Reminder
from vestibule.people.models import Business
from vestibule.people.permissions import Role

TWO_HOURS = {"amount": "2", "unit": "60", "side": "before", "channel": "sms", "audiences": ["consumer"]}


def chosen(office: Office) -> choices.Choices:
    return choices.of(Business.objects.get(pk=office.business.pk))


def switches(office: Office, path: str) -> dict[str, str]:
    """What the page would send back as it stands."""
    form = office.manager.get(path).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "on" if value is True else value for name, value in values.items() if value}


def test_saved_as_it_stands_nothing_is_chosen(office: Office) -> None:
    assert office.manager.post(url("sending"), switches(office, url("sending"))).status_code == 302
    assert not MessageChoice.objects.exists()


def test_a_message_is_switched_off_for_all_and_on_for_one_service(office: Office) -> None:
    data = switches(office, url("sending"))
    del data["moved_consumer_email"]
    office.manager.post(url("sending"), data)
    assert not chosen(office).is_on("moved", "consumer", "email", office.visit.ref)
    own = url("service-sending", office.visit.slug)
    assert "As usual: off" in office.manager.get(own).content.decode()
    office.manager.post(own, {"moved_consumer_email": "on"})
    assert chosen(office).is_on("moved", "consumer", "email", office.visit.ref)
    assert not chosen(office).is_on("moved", "consumer", "email")


def test_a_reminder_is_added_to_the_built_in_ones_and_removed_again(office: Office) -> None:
    assert office.manager.post(url("sending"), TWO_HOURS | {"words": "Bring your card."}).status_code == 302
    assert [one.ahead for one in chosen(office).reminders()] == [1440, 120, 60]
    page = office.manager.get(url("sending")).content.decode()
    assert "2 hours before it begins" in page
    assert "Bring your card." in page
    two_hours = Reminder.objects.get(offset_minutes=120)
    office.manager.post(url("reminder-remove", two_hours.ref))
    assert [one.ahead for one in chosen(office).reminders()] == [1440, 60]
    office.manager.post(url("reminders-leave"))
    assert not Reminder.objects.exists()


def test_a_built_in_reminder_can_be_removed(office: Office) -> None:
    office.manager.post(url("reminder-remove", "hour"))
    assert [one.ahead for one in chosen(office).reminders()] == [1440]


def test_all_reminders_can_be_removed_also_by_pressing_twice(office: Office) -> None:
    office.manager.post(url("reminder-remove", "hour"))
    last = Reminder.objects.get()
    for _press in range(2):
        office.manager.post(url("reminder-remove", last.ref))
    assert chosen(office).reminders() == ()
    page = office.manager.get(url("sending")).content.decode()
    assert "No reminders" in page
    assert "Back to the built-in ones" in page
    office.manager.post(url("sending"), TWO_HOURS)
    assert [one.ahead for one in chosen(office).reminders()] == [120]


def test_a_service_gets_reminders_of_its_own(office: Office) -> None:
    own = url("service-sending", office.visit.slug)
    office.manager.post(own, TWO_HOURS)
    assert [one.ahead for one in chosen(office).reminders(office.visit.ref)] == [1440, 120, 60]
    assert [one.ahead for one in chosen(office).reminders()] == [1440, 60]
    assert "This service has its own." in office.manager.get(own).content.decode()


def test_a_reminder_that_makes_no_sense_is_refused_at_its_field(office: Office) -> None:
    page = office.manager.post(url("sending"), TWO_HOURS | {"side": "after", "amount": "31", "unit": "1440"})
    assert page.status_code == 422
    assert page.context["new"].errors["amount"] == ["Enter between 5 minutes and 30 days."]
    twice = office.manager.post(url("sending"), TWO_HOURS | {"amount": "1", "unit": "60"})
    assert "go out at the same time" in twice.content.decode()
    assert not Reminder.objects.exists()


def test_who_may_only_look_sees_it_and_changes_nothing(office: Office) -> None:
    viewer = office.as_(Role.VIEWER)
    assert viewer.get(url("sending")).status_code == 200
    assert viewer.post(url("sending"), TWO_HOURS).status_code == 403
    assert viewer.post(url("reminder-remove", "hour")).status_code == 403
    assert not Reminder.objects.exists()


def test_how_it_is_sent_is_shown_and_changed(office: Office) -> None:
    form = office.manager.get(url("sending-rules")).context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in data.items() if value not in (None, False)}
    data |= {"quiet_from": "22:00", "quiet_to": "07:30", "is_discreet": "on", "country_prefixes": "+41, +44"}
    assert office.manager.post(url("sending-rules"), data).status_code == 302
    rules = chosen(office).rules
    assert (rules.quiet_from, rules.quiet_to, rules.is_discreet) == (1320, 450, True)
    assert rules.country_prefixes == ["+41", "+44"]
    page = office.manager.post(url("sending-rules"), data | {"country_prefixes": "Switzerland"})
    assert page.status_code == 422
    assert "country_prefixes" in page.context["form"].errors


def titles(office: Office, path: str) -> list[str]:
    return [gap.title for gap in office.manager.get(path).context["gaps"]]


def without(office: Office, *names: str) -> None:
    """Switch messages off for all, as the page would send it."""
    data = switches(office, url("sending"))
    office.manager.post(url("sending"), {name: value for name, value in data.items() if name not in names})


def test_as_it_comes_nothing_is_warned_of(office: Office) -> None:
    assert titles(office, url("sending")) == []


def test_what_consumers_go_without_is_said_plainly(office: Office) -> None:
    without(office, "confirmation_consumer_email")
    assert titles(office, url("sending")) == ["Nobody gets a confirmation"]
    office.manager.post(url("reminder-remove", "hour"))
    office.manager.post(url("reminder-remove", Reminder.objects.get().ref))
    assert titles(office, url("sending")) == ["Consumers get no link to their appointment"]
    page = " ".join(office.manager.get(url("sending")).content.decode().split())
    assert "has no link to join, move or cancel the appointment" in page
    without(office, "moved_consumer_email", "cancelled_consumer_email")
    assert titles(office, url("sending"))[1:] == ["Nobody is told of a new time", "Nobody is told of a cancellation"]


def test_offers_that_reach_nobody_are_warned_of(office: Office) -> None:
    without(office, "waitlist_offer_consumer_email")
    assert titles(office, url("sending")) == []
    without(office, "waitlist_offer_consumer_sms")
    assert titles(office, url("sending")) == ["Nobody on the waitlist is told of an offer"]


def test_a_reminder_to_staff_or_afterwards_reminds_no_consumer(office: Office) -> None:
    office.manager.post(url("sending"), TWO_HOURS | {"audiences": ["provider"]})
    office.manager.post(url("sending"), TWO_HOURS | {"side": "after"})
    for one in Reminder.objects.filter(side="before"):
        if "consumer" in one.audiences:
            office.manager.post(url("reminder-remove", one.ref))
    assert titles(office, url("sending")) == ["Nobody is reminded"]


def test_of_a_service_that_says_what_others_do_not_nothing_is_warned_of(office: Office) -> None:
    without(office, "confirmation_consumer_email")
    own = url("service-sending", office.visit.slug)
    assert titles(office, own) == ["Nobody gets a confirmation"]
    office.manager.post(own, {"confirmation_consumer_sms": "on"})
    assert titles(office, own) == ["Bookings are confirmed by text message alone"]
    office.manager.post(own, {"confirmation_consumer_email": "on"})
    assert titles(office, own) == []
