"""A business in Bookings and ours: imported, imported again, exported; over HTTP, against the stand-in."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from tests.booking.factories import make_resource, make_service
from tests.factories import make_business, make_provider, manager_of
from tests.integrations.microsoft import Fault
from tests.integrations.microsoft_bookings import CLINIC, Bookings, Office, bookings, week
from vestibule.booking import setup
from vestibule.booking.models import OutsideName, SchedulerLink, Service
from vestibule.booking.outside import adopting, exporting, links
from vestibule.booking.outside.plans import Line, Plan, State
from vestibule.booking.outside.standing import Names
from vestibule.integrations.microsoft365 import bookings as bookings_module
from vestibule.integrations.microsoft365 import tokens
from vestibule.notifications import reminders
from vestibule.people import outside_accounts
from vestibule.people.errors import Invalid, NotFound, NotPermitted, Refusal
from vestibule.people.models import AuditEntry, Business, BusinessWays, Membership, OutsideAccount, Provider
from vestibule.people.permissions import Actor, Role
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db


@pytest.fixture
def cloud(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bookings]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_GATEWAY_HOSTS": "127.0.0.1"})
    with bookings() as running:
        yield running


@pytest.fixture
def there(cloud: Bookings) -> Office:
    return cloud.offices[CLINIC.lower()]


@pytest.fixture
def business(cloud: Bookings) -> Business:
    made = make_business()
    outside_accounts.link(manager_of(made), made, "microsoft365", cloud.cloud.access)
    return made


@pytest.fixture
def actor(business: Business) -> Actor:
    return manager_of(business)


@pytest.fixture
def linked(business: Business, actor: Actor) -> SchedulerLink:
    return links.link(actor, business, CLINIC.upper())


def line(plan: Plan, name: str) -> Line:
    return next(one for one in plan.lines if one.name == name)


def states(plan: Plan) -> dict[str, str]:
    return {one.name: str(one.state) for one in plan.lines}


def asked(cloud: Bookings, method: str) -> list[str]:
    return [one for one in cloud.cloud.asked if one.startswith(method) and "token" not in one]


# Choosing.


def test_a_business_is_chosen_from_those_there_are(cloud: Bookings, business: Business, actor: Actor) -> None:
    cloud.opens("second@clinic.example", "Annex")
    assert [one.name for one in links.businesses(actor, business)] == ["Annex", "Clinic"]
    made = links.link(actor, business, CLINIC.upper())
    assert (made.external_id, made.name, made.is_on) == (CLINIC, "Clinic", False)
    links.unlink(actor, business)
    with pytest.raises(NotFound):
        links.link(actor, business, "nobody@clinic.example")
    with pytest.raises(links.OutsideRefused, match="Set it up first"):
        links.link(manager_of(other := make_business()), other, CLINIC)


def test_another_one_is_chosen_only_after_letting_go(cloud: Bookings, linked: SchedulerLink, actor: Actor) -> None:
    cloud.opens("second@clinic.example", "Annex")
    with pytest.raises(Refusal, match="Disconnect it first"):
        links.link(actor, linked.business, "second@clinic.example")
    links.unlink(actor, linked.business)
    assert links.link(actor, linked.business, "second@clinic.example").name == "Annex"
    assert list(AuditEntry.objects.filter(subject_kind="scheduler").values_list("action", flat=True)) == [
        "scheduler.linked",
        "scheduler.unlinked",
        "scheduler.linked",
    ]


def test_what_keeps_the_appointments_is_not_let_go(linked: SchedulerLink, actor: Actor) -> None:
    BusinessWays.objects.create(business=linked.business, scheduler="bookings")
    with pytest.raises(Refusal, match="Bookings keeps your appointments"):
        links.unlink(actor, linked.business)


def test_only_who_sets_the_business_up_may_do_any_of_it(linked: SchedulerLink) -> None:
    business = linked.business
    provider, stranger = manager_of(business, role=Role.PROVIDER), manager_of(make_business())
    for verb in (links.businesses, links.unlink, adopting.look, adopting.adopt, exporting.look, exporting.export):
        with pytest.raises(NotPermitted):
            verb(provider, business)
        with pytest.raises(NotFound):
            verb(stranger, business)


@pytest.mark.parametrize(
    ("fault", "trouble", "words"),
    [
        (Fault(403, "ErrorAccessDenied"), "not_permitted", "a permission is missing"),
        (Fault(500, "generalException"), "away", "does not answer"),
        (Fault(429, "x", headers=(("Retry-After", "600"),)), "throttled", "slow down"),
        (Fault(404, "ErrorItemNotFound"), "missing", "not in Bookings any more"),
        (Fault(400, "ErrorInvalidRequest"), "refused", "ErrorInvalidRequest"),
    ],
)
def test_trouble_is_told_in_words_and_kept(
    cloud: Bookings, linked: SchedulerLink, actor: Actor, fault: Fault, trouble: str, words: str
) -> None:
    cloud.cloud.faults = [fault]
    with pytest.raises(links.OutsideRefused, match=words) as refused:
        adopting.look(actor, linked.business)
    assert refused.value.facts["trouble"] == trouble
    linked.refresh_from_db()
    assert words in linked.problem
    adopting.look(actor, linked.business)
    linked.refresh_from_db()
    assert (linked.problem, linked.setup_read_at is not None) == ("", True)


def test_an_account_that_is_gone_is_said_so(linked: SchedulerLink, actor: Actor) -> None:
    OutsideAccount.objects.all().delete()
    with pytest.raises(links.OutsideRefused, match="Set it up first"):
        adopting.look(actor, linked.business)


# Importing.


def furnished(there: Office) -> dict[str, str]:
    """A business with two people, two services and a question."""
    ada = there.has_staff("Ada Byron", useBusinessHours=False, workingHours=week("10:00", "14:00", 2))
    bo = there.has_staff("Bo Berg", timeZone="W. Europe Standard Time")
    age = there.asks("How old are you?", "young", "old")
    policy = {
        "timeSlotInterval": "PT15M",
        "minimumLeadTime": "PT2H",
        "maximumAdvance": "P30D",
        "allowStaffSelection": False,
        "generalAvailability": {"availabilityType": "customWeeklyHours", "businessHours": week("09:00", "12:00", 1)},
        "customAvailabilities": [
            {"availabilityType": "notBookable", "startDate": "2026-12-24", "endDate": "2026-12-31", "businessHours": []}
        ],
    }
    check = there.has_service(
        "Check-up",
        (ada, bo),
        description="Once a year.",
        defaultDuration="PT45M",
        preBuffer="PT5M",
        postBuffer="PT10M",
        defaultPrice=80.5,
        defaultPriceType="fixedPrice",
        schedulingPolicy=policy,
        customQuestions=[{"questionId": age, "isRequired": True}],
        defaultReminders=[
            {"offset": "P1D", "recipients": "allAttendees", "message": "Tomorrow."},
            {"offset": "-PT2H", "recipients": "customer", "message": "How was it?"},
        ],
    )
    group = there.has_service("Class", (bo,), maximumAttendeesCount=8, isHiddenFromCustomers=True)
    return {"ada": ada, "bo": bo, "age": age, "check": check, "group": group}


def test_a_look_says_what_would_be_done_and_does_nothing(there: Office, linked: SchedulerLink, actor: Actor) -> None:
    furnished(there)
    plan = adopting.look(actor, linked.business)
    assert not plan.is_done
    assert states(plan) == {
        "Clinic": "changed",
        "Ada Byron": "new",
        "Bo Berg": "new",
        "Check-up": "new",
        "Class": "new",
    }
    assert (Service.objects.count(), Provider.objects.count(), OutsideName.objects.count()) == (0, 0, 0)


def test_what_is_imported_is_bookable_by_the_same_rules(there: Office, linked: SchedulerLink, actor: Actor) -> None:
    ids = furnished(there)
    plan = adopting.adopt(actor, linked.business)
    assert plan.is_done
    assert plan.of(State.FAILED) == []
    business = Business.objects.get(pk=linked.business_id)
    assert (business.timezone, business.phone, business.email) == (
        "America/Los_Angeles",
        "+12065550100",
        "desk@clinic.example",
    )
    check = Service.objects.get(name="Check-up")
    assert (check.duration_minutes, check.buffer_before_minutes, check.buffer_after_minutes) == (45, 5, 10)
    assert (check.interval_minutes, check.notice_minutes, check.window_type, check.window_days) == (
        15,
        120,
        "rolling_days",
        30,
    )
    assert (check.price_minor, check.currency, check.consumer_chooses_provider) == (8050, "USD", False)
    assert check.availability == {
        "general": "hours",
        "weekly": [[0, 540, 720]],
        "ranges": [{"from": "2026-12-24", "to": "2026-12-31", "kind": "closed", "weekly": []}],
    }
    (question,) = check.questions
    assert (question["label"], question["type"], question["choices"], question["required"]) == (
        "How old are you?",
        "choice",
        ["young", "old"],
        True,
    )
    assert {one.provider.name for one in check.offers.all()} == {"Ada Byron", "Bo Berg"}
    told = [(one.side, one.offset_minutes, one.audiences, one.words) for one in reminders.of(business, check.ref)]
    assert ("before", 1440, ["consumer", "provider"], "Tomorrow.") in told
    assert ("after", 75, ["consumer"], "How was it?") in told
    group = Service.objects.get(name="Class")
    assert (group.seats, group.visibility) == (8, "hidden")
    assert OutsideName.objects.get(kind="service", ours=check.ref).external_id == ids["check"]
    assert OutsideName.objects.get(kind="question", ours=question["id"]).external_id == ids["age"]


def test_staff_become_providers_with_hours_and_mailbox_and_nobody_gets_an_account(
    there: Office, linked: SchedulerLink, actor: Actor
) -> None:
    furnished(there)
    adopting.adopt(actor, linked.business)
    ada, bo = Provider.objects.get(name="Ada Byron"), Provider.objects.get(name="Bo Berg")
    hours = [(one.weekday, one.start_minute, one.end_minute) for one in ada.weekly_hours.all()]
    assert (ada.email, ada.uses_business_hours, hours) == ("ada@clinic.example", False, [(0, 600, 840), (1, 600, 840)])
    assert (ada.timezone, bo.timezone, bo.uses_business_hours) == ("", "Europe/Berlin", True)
    assert Membership.objects.count() == 0


def test_a_second_import_changes_what_changed_there_alone(
    cloud: Bookings, there: Office, linked: SchedulerLink, actor: Actor
) -> None:
    ids = furnished(there)
    adopting.adopt(actor, linked.business)
    assert adopting.adopt(actor, linked.business).is_quiet
    check = Service.objects.get(name="Check-up")
    setup.change_service(actor, check, description="Ours, better.", interval_minutes=20)
    there.edits("services", ids["check"], postBuffer="PT20M")
    plan = adopting.look(actor, linked.business)
    assert line(plan, "Check-up").changes == ("buffer_after_minutes",)
    adopting.adopt(actor, linked.business)
    check.refresh_from_db()
    assert (check.buffer_after_minutes, check.description, check.interval_minutes) == (20, "Ours, better.", 20)
    assert check.offers.count() == 2


def test_reminders_that_were_not_read_this_time_stay_as_they_are(
    there: Office, linked: SchedulerLink, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnished(there)
    adopting.adopt(actor, linked.business)
    check = Service.objects.get(name="Check-up")
    before = len(reminders.of(linked.business, check.ref))
    monkeypatch.setattr(bookings_module, "READ_WHOLE_SECONDS", -1.0)
    plan = adopting.adopt(actor, linked.business)
    assert "reminders were not read" in " ".join(line(plan, "Check-up").notes)
    assert len(reminders.of(linked.business, check.ref)) == before == 2
    monkeypatch.setattr(bookings_module, "READ_WHOLE_SECONDS", 20.0)
    assert adopting.look(actor, linked.business).is_quiet


def test_what_was_removed_there_is_listed_and_can_be_switched_off(
    there: Office, linked: SchedulerLink, actor: Actor
) -> None:
    ids = furnished(there)
    adopting.adopt(actor, linked.business)
    there.removes("services", ids["group"])
    there.removes("staffMembers", ids["bo"])
    there.edits("services", ids["check"], staffMemberIds=[ids["ada"]])
    plan = adopting.adopt(actor, linked.business)
    gone = {one.name: one for one in plan.of(State.GONE)}
    assert set(gone) == {"Class", "Bo Berg"}
    assert Service.objects.get(name="Class").is_active
    assert [one.provider.name for one in Service.objects.get(name="Check-up").offers.all()] == ["Ada Byron"]
    for one in gone.values():
        adopting.switch_off(actor, linked.business, one.kind, one.ref)
    assert not Service.objects.get(name="Class").is_active
    assert not Provider.objects.get(name="Bo Berg").is_active
    assert adopting.look(actor, linked.business).of(State.GONE) == []
    with pytest.raises(NotFound):
        adopting.switch_off(actor, linked.business, "service", make_service().ref)


def test_what_has_the_same_name_or_mailbox_is_taken_to_be_the_same(
    there: Office, linked: SchedulerLink, actor: Actor
) -> None:
    furnished(there)
    ada = make_provider(business=linked.business, name="Countess Lovelace")
    setup.change_provider(actor, ada, email="ADA@clinic.example")
    check = make_service(business=linked.business, providers=[ada], name="check-up")
    ours = {"id": "why", "type": "text", "label": "Why?", "required": False}
    setup.change_service(actor, check, questions=[ours])
    plan = adopting.adopt(actor, linked.business)
    assert (line(plan, "Check-up").ref, line(plan, "Ada Byron").ref) == (check.ref, ada.ref)
    check.refresh_from_db()
    assert [one["label"] for one in check.questions] == ["How old are you?", "Why?"]
    assert "further questions" in line(plan, "Check-up").notes[0]
    assert Provider.objects.count() == 2


def test_what_cannot_be_taken_over_as_it_is_says_so(there: Office, linked: SchedulerLink, actor: Actor) -> None:
    there.told |= {"phone": "call us", "bookingPageSettings": {"businessTimeZone": "Customized Time Zone"}}
    many = there.asks("Which?", *(f"answer {number}" for number in range(40)))
    there.has_staff("Eve\u202e Roe", "no mailbox")
    there.has_service(
        "Long " * 40,
        (),
        defaultDuration="P2D",
        isLocationOnline=False,
        smsNotificationsEnabled=True,
        customQuestions=[{"questionId": many, "isRequired": False}, {"questionId": "gone", "isRequired": True}],
    )
    plan = adopting.adopt(actor, linked.business)
    assert plan.of(State.FAILED) == []
    notes = {one.kind: " ".join(one.notes) for one in plan.lines}
    assert "time zone is not known" in notes["business"]
    assert "call us" in notes["business"]
    assert "no mailbox" in notes["provider"]
    for words in ("too long", "longer than a day", "choose the address", "text messages", "more than 30 answers"):
        assert words in notes["service"]
    service = Service.objects.get()
    assert (len(service.name), service.duration_minutes, service.questions[0]["type"]) == (119, 1440, "text")
    assert adopting.adopt(actor, linked.business).is_quiet


def test_an_import_cut_short_is_simply_done_again(
    cloud: Bookings, there: Office, linked: SchedulerLink, actor: Actor
) -> None:
    furnished(there)
    cloud.cloud.faults = [Fault(500, "generalException", on="/services/")]
    with pytest.raises(links.OutsideRefused):
        adopting.adopt(actor, linked.business)
    assert Service.objects.count() == 0
    assert adopting.adopt(actor, linked.business).counts()["new"] == 4


def test_more_than_can_be_handled_is_refused_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch, there: Office, linked: SchedulerLink, actor: Actor
) -> None:
    monkeypatch.setattr(adopting, "MOST", 1)
    furnished(there)
    with pytest.raises(Invalid, match="more than 1"):
        adopting.adopt(actor, linked.business)
    assert Provider.objects.count() == 0


# Exporting.


def ours(business: Business, actor: Actor) -> Service:
    """A service of ours that says much Bookings cannot."""
    ada = make_provider(business=business, name="Ada Byron")
    setup.change_provider(actor, ada, email="ada@clinic.example")
    nobody = make_provider(business=business, name="Nobody")
    service = make_service(business=business, providers=[ada, nobody], name="Check-up", lengths=[60], has_waitlist=True)
    make_resource(needed_by=[service], business=business)
    questions: list[dict[str, Any]] = [
        {"id": "born", "type": "date", "label": "When born?", "required": True},
        {"id": "age", "type": "choice", "label": "How old?", "choices": ["young", "old"]},
        {"id": "scan", "type": "file", "label": "A scan"},
    ]
    return setup.change_service(actor, service, questions=questions, price_minor=8050, currency="USD")


def test_a_look_at_an_export_names_what_bookings_cannot_say(
    cloud: Bookings, linked: SchedulerLink, actor: Actor
) -> None:
    ours(linked.business, actor)
    plan = exporting.look(actor, linked.business)
    assert asked(cloud, "POST") == asked(cloud, "PATCH") == []
    notes = " ".join(line(plan, "Check-up").notes)
    for words in ("Several lengths", "waiting list", "Rooms and devices", "files and consents", "is a text there"):
        assert words in notes
    assert line(plan, "Nobody").state is State.FAILED
    assert "time zone" in " ".join(plan.lines[0].notes)


def test_what_is_exported_is_there_and_the_next_import_and_export_change_nothing(
    cloud: Bookings, there: Office, linked: SchedulerLink, actor: Actor
) -> None:
    ours(linked.business, actor)
    exporting.export(actor, linked.business)
    (made,) = there.folders["services"].values()
    (person,) = there.folders["staffMembers"].values()
    asks = {one["displayName"]: one for one in there.folders["customQuestions"].values()}
    assert (made["displayName"], made["defaultPrice"], made["staffMemberIds"]) == ("Check-up", 80.5, [person["id"]])
    assert set(asks) == {"When born?", "How old?"}
    assert [one["isRequired"] for one in made["customQuestions"]] == [True, False]
    cloud.cloud.asked.clear()
    exporting.export(actor, linked.business)
    assert asked(cloud, "POST") == asked(cloud, "PATCH") == []
    setup.change_business(actor, linked.business, timezone="America/Los_Angeles")
    again = adopting.adopt(actor, linked.business)
    assert {one.name for one in again.of(State.NEW, State.GONE)} == set()
    service = Service.objects.get()
    assert [one["id"] for one in service.questions] == ["born", "age", "scan"]
    assert service.questions[0]["type"] == "date"


def test_an_export_right_after_an_import_changes_nothing(
    cloud: Bookings, there: Office, linked: SchedulerLink, actor: Actor
) -> None:
    ids = furnished(there)
    there.edits("services", ids["group"], isLocationOnline=False, smsNotificationsEnabled=True)
    adopting.adopt(actor, linked.business)
    plan = exporting.export(actor, Business.objects.get(pk=linked.business_id))
    assert [(one.name, one.changes) for one in plan.of(State.NEW, State.CHANGED)] == [("Clinic", ("phone",))]
    assert [one for one in asked(cloud, "PATCH") if "/services" in one or "/staff" in one] == []
    assert adopting.adopt(actor, Business.objects.get(pk=linked.business_id)).is_quiet


def test_one_id_that_asks_two_things_is_two_questions_there(there: Office, linked: SchedulerLink, actor: Actor) -> None:
    first, second = make_service(business=linked.business), make_service(business=linked.business)
    for service, label in ((first, "Why?"), (second, "Since when?")):
        setup.change_service(
            actor, service, questions=[{"id": "more", "type": "text", "label": label, "required": False}]
        )
    exporting.export(actor, linked.business)
    names = Names.of(linked.pk)
    asked_as = {one: names.question(one.ref, "more") for one in (first, second)}
    assert [there.folders["customQuestions"][id]["displayName"] for id in asked_as.values()] == ["Why?", "Since when?"]
    adopting.adopt(actor, linked.business)
    second.refresh_from_db()
    assert [one["id"] for one in second.questions] == ["more"]


def test_an_export_cut_short_makes_nothing_twice(
    cloud: Bookings, there: Office, linked: SchedulerLink, actor: Actor
) -> None:
    ours(linked.business, actor)
    cloud.cloud.faults = [Fault(cuts=True, on="POST /v1.0/solutions/bookingBusinesses/Clinic@clinic.example/services")]
    with pytest.raises(links.OutsideRefused):
        exporting.export(actor, linked.business)
    exporting.export(actor, linked.business)
    assert {name: len(rows) for name, rows in there.folders.items()} == {
        "services": 1,
        "staffMembers": 1,
        "customQuestions": 2,
        "customers": 0,
        "appointments": 0,
    }


def test_reminders_go_there_only_where_bookings_is_to_write(there: Office, linked: SchedulerLink, actor: Actor) -> None:
    ours(linked.business, actor)
    exporting.export(actor, linked.business)
    (made,) = there.folders["services"].values()
    assert made["defaultReminders"] == []
    BusinessWays.objects.create(business=linked.business, scheduler="bookings", reminders="bookings")
    exporting.export(actor, linked.business)
    (made,) = there.folders["services"].values()
    assert [(one["offset"], one["recipients"]) for one in made["defaultReminders"]] == [("P1D", "allAttendees")]


def test_a_page_is_published_and_its_address_kept(linked: SchedulerLink, actor: Actor) -> None:
    published = links.publish(actor, linked.business, is_published=True)
    assert published.page_url.startswith("https://outlook.office365.com/")
    assert links.publish(actor, linked.business, is_published=False).page_url == ""
