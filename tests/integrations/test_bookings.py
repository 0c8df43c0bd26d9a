"""Microsoft Bookings through the adapter, over HTTP, against a stand-in that takes only described requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.integrations.microsoft import Fault
from tests.integrations.microsoft_bookings import CLINIC, Office, week
from tests.integrations.microsoft_bookings import Bookings as Cloud
from tests.integrations.microsoft_bookings import bookings as cloud_of
from vestibule.booking.ports import (
    SchedulerError,
    TheirAppointment,
    TheirBusiness,
    TheirCustomer,
    TheirFree,
    TheirHours,
    TheirPolicy,
    TheirQuestion,
    TheirReminder,
    TheirService,
    TheirSetup,
    TheirStaff,
)
from vestibule.integrations.microsoft365 import bookings as bookings_module
from vestibule.integrations.microsoft365 import tokens
from vestibule.integrations.microsoft365.bookings import Bookings

NINE = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""Monday, nine in the morning at the clinic."""
DAY = timedelta(days=1)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    with cloud_of() as running:
        yield running


@pytest.fixture
def office(cloud: Cloud) -> Office:
    return cloud.offices[CLINIC.lower()]


@contextmanager
def adapter(cloud: Cloud) -> Iterator[Bookings]:
    opened = Bookings.opened(cloud.cloud.access, (f"127.0.0.1:{cloud.cloud.port}",))
    try:
        yield opened
    finally:
        opened.close()


def wanted(service: str, *staff: str, **more: object) -> TheirAppointment:
    """Half an hour from nine on for Jordan, with our reference."""
    customer = TheirCustomer("Jordan Miller", "jordan@home.example", "+12065550199", zone="America/Chicago")
    usual = TheirAppointment(service, NINE, NINE + timedelta(minutes=30), key="a1", staff=staff, customers=(customer,))
    return replace(usual, **more)  # type: ignore[arg-type]  # any of its fields


# Reading a business.


def test_businesses_are_listed_by_id_and_name(cloud: Cloud) -> None:
    cloud.opens("second@clinic.example", "Second")
    with adapter(cloud) as scheduler:
        assert [(one.id, one.name) for one in scheduler.businesses()] == [
            (CLINIC, "Clinic"),
            ("second@clinic.example", "Second"),
        ]


def test_all_that_is_set_up_is_read_with_what_comes_by_id_alone(cloud: Cloud, office: Office) -> None:
    ada = office.has_staff("Ada Byron", useBusinessHours=False, workingHours=week("10:00", "12:00", 1))
    age = office.asks("How old are you?", "young", "old")
    reminder = {"offset": "P1D", "recipients": "allAttendees", "message": "Tomorrow."}
    policy = {
        "timeSlotInterval": "PT15M",
        "minimumLeadTime": "PT2H",
        "maximumAdvance": "P30D",
        "allowStaffSelection": False,
    }
    office.has_service(
        "Check-up",
        (ada,),
        defaultReminders=[reminder],
        preBuffer="PT5M",
        schedulingPolicy=policy,
        customQuestions=[{"questionId": age, "isRequired": True}],
    )
    with adapter(cloud) as scheduler:
        found = scheduler.setup(CLINIC.upper())
    assert (found.business.id, found.business.zone) == (CLINIC, "America/Los_Angeles")
    assert found.business.hours[0] == TheirHours(0, 480, 1020)
    (service,) = found.services
    assert (service.name, service.staff, service.questions, service.before) == ("Check-up", (ada,), ((age, True),), 5)
    assert service.policy == TheirPolicy(15, 120, 43_200, False)
    assert service.reminders == (TheirReminder(1440, frozenset({"customer", "staff"}), "Tomorrow."),)
    assert found.staff[0].hours == (TheirHours(0, 600, 720),)
    assert found.questions == (TheirQuestion(age, "How old are you?", ("young", "old")),)


def test_reminders_of_services_there_was_no_time_to_read_are_unknown_and_not_none(
    cloud: Cloud, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.has_service("Check-up", defaultReminders=[{"offset": "P1D", "recipients": "customer", "message": ""}])
    monkeypatch.setattr(bookings_module, "READ_WHOLE_SECONDS", -1.0)
    with adapter(cloud) as scheduler:
        (service,) = scheduler.setup(CLINIC).services
        assert (service.is_whole, service.reminders) == (False, ())
        found = TheirSetup(TheirBusiness(CLINIC, "Clinic"), (replace(service, minutes=60),))
        scheduler.put_setup(found, scheduler.setup(CLINIC))
    there = office.find("services", service.id)
    assert there is not None
    assert (there["defaultDuration"], len(there["defaultReminders"])) == ("PT1H", 1)


def test_lists_in_pages_are_read_to_their_end(cloud: Cloud, office: Office) -> None:
    cloud.page_size = 3
    staff = {office.has_staff(f"Person {number}") for number in range(10)}
    with adapter(cloud) as scheduler:
        assert {one.id for one in scheduler.setup(CLINIC).staff} == staff


def test_staff_are_free_in_their_hours_around_what_is_booked(cloud: Cloud, office: Office) -> None:
    ada = office.has_staff("Ada")
    service = office.has_service("Check-up", (ada,))
    office.books(service, ada, "2026-03-02T17:00")
    hour = timedelta(hours=1)
    with adapter(cloud) as scheduler:
        found = scheduler.free(CLINIC, [ada.upper()], NINE - 3 * hour, NINE + 2 * hour)
    assert found == [
        TheirFree(ada, NINE - hour, NINE, "free"),
        TheirFree(ada, NINE, NINE + hour / 2, "busy"),
        TheirFree(ada, NINE + hour / 2, NINE + 2 * hour, "free"),
    ]


def test_a_long_stretch_and_many_staff_are_asked_for_in_parts(cloud: Cloud, office: Office) -> None:
    staff = [office.has_staff(f"Person {number}") for number in range(50)]
    with adapter(cloud) as scheduler:
        found = scheduler.free(CLINIC, staff, NINE, NINE + 61 * DAY)
    assert sum("getStaffAvailability" in one for one in cloud.cloud.asked) == 4
    assert {one.staff for one in found} == set(staff)


# Appointments.


def test_what_is_booked_is_read_back_with_our_reference(cloud: Cloud, office: Office) -> None:
    ada = office.has_staff("Ada")
    service = office.has_service("Check-up", (ada,))
    theirs = office.books(service, ada, "2026-03-02T18:00", name="Robin Roe")
    with adapter(cloud) as scheduler:
        made = scheduler.create(CLINIC, wanted(service, ada))
        found = {one.id: one for one in scheduler.appointments(CLINIC, NINE - DAY, NINE + DAY)}
    assert set(found) == {made.id, theirs}
    assert (found[made.id].key, found[made.id].start, found[made.id].staff) == ("a1", NINE, (ada,))
    assert found[made.id].customers[0].email == "jordan@home.example"
    assert found[made.id].join_url.startswith("https://teams.microsoft.com/")
    assert (found[theirs].key, found[theirs].customers[0].name) == ("", "Robin Roe")
    assert found[theirs].changed is not None


def test_bookings_writes_to_customers_only_if_it_is_asked_to(cloud: Cloud, office: Office) -> None:
    service = office.has_service("Check-up", (office.has_staff("Ada"),))
    with adapter(cloud) as scheduler:
        scheduler.create(CLINIC, wanted(service))
        assert office.written == []
        scheduler.create(CLINIC, wanted(service, key="a2", tells_customer=True))
    assert office.written == [("confirmed", "jordan@home.example")]


def test_a_booking_whose_answer_was_lost_is_found_again(cloud: Cloud, office: Office) -> None:
    service = office.has_service("Check-up", (office.has_staff("Ada"),))
    cloud.cloud.faults = [Fault(cuts=True, on="POST /v1.0/solutions")]
    with adapter(cloud) as scheduler:
        with pytest.raises(SchedulerError) as lost:
            scheduler.create(CLINIC, wanted(service))
        assert (lost.value.maybe_done, lost.value.permanent) == (True, False)
        again = scheduler.create(
            CLINIC, wanted(service, start=NINE + timedelta(hours=2), end=NINE + timedelta(hours=3))
        )
    assert [one["id"] for one in office.appointments()] == [again.id]
    assert again.start == NINE + timedelta(hours=2)


def test_answers_go_with_the_questions_they_answer(cloud: Cloud, office: Office) -> None:
    age, why = office.asks("How old?", "young", "old"), office.asks("Why?")
    service = office.has_service("Check-up", (office.has_staff("Ada"),))
    customer = TheirCustomer("Jordan", "j@home.example", answers={age.upper(): "old", why: "A cough", "gone": "?"})
    with adapter(cloud) as scheduler:
        made = scheduler.create(CLINIC, wanted(service, customers=(customer,)))
    assert made.customers[0].answers == {age: "old", why: "A cough"}
    told = office.appointments()[0]["customers"][0]["customQuestionAnswers"]
    assert [(one["question"], one["selectedOptions"]) for one in told] == [("How old?", ["old"]), ("Why?", [])]


def test_people_of_a_group_stand_in_the_list_of_customers_first_and_once(cloud: Cloud, office: Office) -> None:
    service = office.has_service("Class", (office.has_staff("Ada"),), maximumAttendeesCount=5)
    people = tuple(TheirCustomer(f"Person {number}", f"p{number}@home.example") for number in range(3))
    with adapter(cloud) as scheduler:
        made = scheduler.create(CLINIC, wanted(service, seats=5, customers=people[:2]))
        changed = scheduler.change(CLINIC, replace(made, customers=(*people[:2], people[2])))
    assert [one.name for one in changed.customers] == ["Person 0", "Person 1", "Person 2"]
    assert len(office.folders["customers"]) == 3


def test_an_appointment_is_moved_and_what_others_wrote_in_it_stays(cloud: Cloud, office: Office) -> None:
    ada, bo = office.has_staff("Ada"), office.has_staff("Bo")
    service = office.has_service("Check-up", (ada, bo))
    with adapter(cloud) as scheduler:
        made = scheduler.create(CLINIC, wanted(service, ada, notes="Ours"))
        words = f"{office.appointments()[0]['additionalInformation']}\nBring a towel"
        office.edits("appointments", made.id, additionalInformation=words, serviceNotes="Theirs")
        moved = replace(
            wanted(service, bo, id=made.id.lower()), start=NINE + DAY, end=NINE + DAY + timedelta(minutes=45)
        )
        changed = scheduler.change(CLINIC, moved)
    assert (changed.start, changed.staff, changed.key, changed.notes) == (NINE + DAY, (bo,), "a1", "Theirs")
    assert "Bring a towel" in office.appointments()[0]["additionalInformation"]


def test_a_cancellation_is_told_only_where_it_is_to_be(cloud: Cloud, office: Office) -> None:
    ada = office.has_staff("Ada")
    service = office.has_service("Check-up", (ada,))
    quiet, told = office.books(service, ada, "2026-03-02T17:00"), office.books(service, ada, "2026-03-02T18:00")
    with adapter(cloud) as scheduler:
        scheduler.cancel(CLINIC, quiet, "", tells=False)
        assert office.written == []
        scheduler.cancel(CLINIC, told, "We are closed.", tells=True)
        assert office.written == [("cancelled", "jordan@home.example")]
        scheduler.cancel(CLINIC, told, "We are closed.", tells=True)
        scheduler.cancel(CLINIC, quiet, "", tells=False)
    assert office.appointments() == []


def test_what_does_not_exist_is_missing(cloud: Cloud, office: Office) -> None:
    with adapter(cloud) as scheduler:
        for asked in (
            lambda: scheduler.appointment(CLINIC, "AAMkgone="),
            lambda: scheduler.change(CLINIC, wanted("s", id="AAMkgone=")),
            lambda: scheduler.setup("nobody@clinic.example"),
        ):
            with pytest.raises(SchedulerError) as missing:
                asked()
            assert (missing.value.is_missing, missing.value.permanent, missing.value.code) == (True, True, "missing")


# Setting up.


def test_what_is_new_is_made_with_its_links_and_what_is_the_same_is_left_alone(cloud: Cloud, office: Office) -> None:
    there = office.has_staff("Ada")
    office.has_service("Old", (there,))
    with adapter(cloud) as scheduler:
        known = scheduler.setup(CLINIC)
        new = TheirService("?s", "New", minutes=45, staff=(there, "?bo"), questions=(("?q", True),), price=20.0)
        bo, question = TheirStaff("?bo", "Bo", "bo@clinic.example"), TheirQuestion("?q", "Why?")
        more = replace(known, staff=(*known.staff, bo), questions=(question,), services=(*known.services, new))
        put = scheduler.put_setup(more, known)
        asked = [one for one in cloud.cloud.asked if not one.startswith("GET") and "token" not in one]
        assert [one.rsplit("/", 1)[1] for one in asked] == ["customQuestions", "staffMembers", "services"]
        assert put.services[1].staff == (there, put.staff[1].id)
        assert put.services[1].questions == ((put.questions[0].id, True),)
        again = scheduler.setup(CLINIC)
        assert {one.name for one in again.services} == {"Old", "New"}
        changes = replace(put, services=(put.services[0], replace(put.services[1], minutes=60)))
        cloud.cloud.asked.clear()
        scheduler.put_setup(changes, again)
    assert [one.partition(" ")[0] for one in cloud.cloud.asked] == ["PATCH"]
    made = office.find("services", put.services[1].id)
    assert made is not None
    assert (made["defaultDuration"], made["isAnonymousJoinEnabled"]) == ("PT1H", True)


def test_hours_and_telephone_of_the_business_are_brought_there(cloud: Cloud, office: Office) -> None:
    ours = TheirBusiness(CLINIC, "Clinic", phone="+12065550111", hours=(TheirHours(5, 600, 720),))
    with adapter(cloud) as scheduler:
        scheduler.put_setup(TheirSetup(ours), None)
        found = scheduler.setup(CLINIC).business
    assert (found.phone, found.hours, found.email) == ("+12065550111", ours.hours, "desk@clinic.example")


def test_a_page_is_published_and_taken_back(cloud: Cloud) -> None:
    with adapter(cloud) as scheduler:
        published = scheduler.publish(CLINIC, True)
        assert published.is_published
        assert published.page_url.startswith("https://outlook.office365.com/owa/calendar/")
        assert scheduler.publish(CLINIC, False).page_url == ""


# Trouble.


@pytest.mark.parametrize(
    ("fault", "code", "permanent"),
    [
        (Fault(400, "ErrorInvalidRequest"), "refused", True),
        (Fault(403, "ErrorAccessDenied"), "not_permitted", True),
        (Fault(429, "TooManyRequests", headers=(("Retry-After", "600"),)), "throttled", False),
        (Fault(500, "generalException"), "away", False),
        (Fault(503, "serviceUnavailable", headers=(("Retry-After", "600"),)), "away", False),
        (Fault(200, body=b'{"value": 7}'), "", False),
    ],
)
def test_each_trouble_is_told_by_a_word_for_programs(cloud: Cloud, fault: Fault, code: str, permanent: bool) -> None:
    cloud.cloud.faults = [fault]
    with adapter(cloud) as scheduler:
        if not code:
            assert scheduler.businesses() == [], "what cannot be read is nothing"
            return
        with pytest.raises(SchedulerError) as told:
            scheduler.businesses()
    assert (told.value.code, told.value.permanent, told.value.maybe_done) == (code, permanent, False)
    assert told.value.wait == (600 if fault.headers else 0)
    assert CLINIC not in str(told.value)


def test_free_times_that_were_not_answered_were_not_changed(cloud: Cloud, office: Office) -> None:
    cloud.cloud.faults = [Fault(500, "generalException", on="getStaffAvailability")]
    ada = office.has_staff("Ada")
    with adapter(cloud) as scheduler, pytest.raises(SchedulerError) as told:
        scheduler.free(CLINIC, [ada], NINE, NINE + DAY)
    assert not told.value.maybe_done


def test_a_tenant_without_bookings_and_a_missing_permission_are_not_permitted(cloud: Cloud) -> None:
    cloud.is_on = False
    with adapter(cloud) as scheduler, pytest.raises(SchedulerError) as off:
        scheduler.businesses()
    cloud.is_on, cloud.cloud.roles = True, ()
    with adapter(cloud) as scheduler, pytest.raises(SchedulerError) as bare:
        scheduler.publish(CLINIC, True)
    assert off.value.code == bare.value.code == "not_permitted"


def test_a_refused_sign_in_and_an_unusable_account_have_words_of_their_own(cloud: Cloud) -> None:
    cloud.cloud.sign_in_fault = (401, "AADSTS7000222")
    with adapter(cloud) as scheduler, pytest.raises(SchedulerError) as refused:
        scheduler.businesses()
    assert (refused.value.code, refused.value.permanent) == ("sign_in", True)
    with pytest.raises(SchedulerError) as unusable:
        Bookings.opened({}, ())
    assert unusable.value.code == "account"


def test_a_page_that_leads_elsewhere_or_in_circles_ends_the_reading(cloud: Cloud) -> None:
    for link in ("https://elsewhere.example/v1.0/x", f"{cloud.cloud.origin}/v1.0/solutions/bookingBusinesses"):
        cloud.cloud.faults = [Fault(200, body=b'{"value": [], "@odata.nextLink": "%s"}' % link.encode())]
        with adapter(cloud) as scheduler, pytest.raises(SchedulerError):
            scheduler.businesses()
