"""Waiting areas: who may set them up, when they take people, and where a meeting's people wait."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings

from tests.factories import make_business, make_provider, manager_of
from tests.meetings.scene import actor_of, default_area, make_staff, make_visit
from tests.pictures import picture
from tests.windows import at_a_new_window
from vestibule.meetings import area_pictures, areas, waiting
from vestibule.meetings.areas import opening
from vestibule.meetings.errors import WrongState
from vestibule.meetings.models import AreaMedia, WaitingArea
from vestibule.people import rates
from vestibule.people.errors import Invalid, NotFound, NotPermitted, TooMany
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_listens(settings: LazySettings) -> None:
    settings.MEETING_LISTENERS = []


def test_a_business_has_an_area_for_everybody_that_is_stored_when_it_is_first_changed() -> None:
    business = make_business()
    (everybody,) = areas.areas_of(business)
    assert (everybody.is_default, everybody.takes_walk_ins, WaitingArea.objects.count()) == (True, False, 0)
    changed = areas.change(manager_of(business), everybody.slug, takes_walk_ins=True, amber_minutes=3)
    assert (changed.pk, default_area(business).takes_walk_ins) == (WaitingArea.objects.get().pk, True)


def test_people_wait_where_their_provider_belongs_else_with_everybody() -> None:
    business = make_business()
    membership, provider = make_staff(business)
    visit = make_visit(business=business, staff=(membership, provider))
    assert areas.area_of(visit.meeting).is_default
    group = areas.create(manager_of(business), "Physiotherapy", providers=[provider.slug])
    assert areas.area_of(visit.meeting) == group
    areas.change(manager_of(business), group.slug, providers=[])
    assert areas.area_of(visit.meeting).is_default


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.SCHEDULER, Role.VIEWER])
def test_only_who_sets_the_business_up_changes_areas(role: Role) -> None:
    business = make_business()
    with pytest.raises(NotPermitted):
        areas.create(manager_of(business, role=role), "Physiotherapy")
    with pytest.raises(NotPermitted):
        areas.change(manager_of(business, role=role), "everybody", name="Mine")


def test_another_business_has_no_such_area() -> None:
    area = areas.create(manager_of(make_business()), "Physiotherapy")
    stranger = manager_of(make_business())
    for refused in (
        lambda: areas.change(stranger, area.slug, name="Theirs"),
        lambda: areas.close(stranger, area.slug),
        lambda: areas.retire(stranger, area.slug),
        lambda: areas.visible(stranger, area.slug),
    ):
        with pytest.raises(NotFound):
            refused()


def test_an_area_takes_no_provider_of_another_business() -> None:
    stranger = make_provider(business=make_business(), name="Dr Elsewhere")
    with pytest.raises(Invalid) as refused:
        areas.create(manager_of(make_business()), "Physiotherapy", providers=[stranger.slug])
    assert refused.value.facts["field"] == "providers"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 121),
        ("amber_minutes", -1),
        ("red_minutes", 1),
        ("walk_in_minutes", 4),
        ("takes_walk_ins", "yes"),
        ("identity_fields", ["shoe_size"]),
        ("support_phone", "call <b>us</b>"),
        ("hours", [{"day": 7, "start": 0, "end": 60}]),
        ("hours", [{"day": 1, "start": 60, "end": 60}]),
        ("hours", "always"),
        ("closed_at", None),
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_named(field: str, value: object) -> None:
    business = make_business()
    with pytest.raises(Invalid) as refused:
        areas.change(manager_of(business), "everybody", **{field: value})
    assert refused.value.facts["field"] == field
    assert not WaitingArea.objects.exists()


@pytest.mark.parametrize(
    ("at", "is_open", "opens_at"),
    [
        ("2030-03-04T08:59", False, "2030-03-04T09:00"),
        ("2030-03-04T09:00", True, None),
        ("2030-03-04T11:59", True, None),
        ("2030-03-04T12:00", False, "2030-03-06T09:00"),
        ("2030-03-10T12:00", False, "2030-03-11T08:00"),
    ],
)
def test_walk_ins_come_within_the_hours_of_the_business_own_clock(at: str, is_open: bool, opens_at: str | None) -> None:
    """Berlin is an hour ahead, New York changes its clocks on the 10th of March 2030."""
    area = WaitingArea(takes_walk_ins=True, hours=[{"day": day, "start": 600, "end": 780} for day in (0, 2)])
    zone = "America/New_York" if at.startswith("2030-03-10") else "Europe/Berlin"
    if zone == "America/New_York":
        area.hours = [{"day": 0, "start": 240, "end": 300}]
    found = opening(area, zone, datetime.fromisoformat(f"{at}:00+00:00"))
    assert found.is_open is is_open
    assert opens_at is None or found.opens_at == datetime.fromisoformat(f"{opens_at}:00+00:00")


def test_hours_that_touch_become_one_and_midnight_is_the_end_of_a_day() -> None:
    business = make_business()
    given = [{"day": 0, "start": 720, "end": 1440}, {"day": 0, "start": 600, "end": 720}]
    area = areas.change(manager_of(business), "everybody", hours=given, takes_walk_ins=True)
    assert area.hours == [{"day": 0, "start": 600, "end": 1440}]
    assert opening(area, "UTC", datetime(2030, 3, 4, 23, 59, tzinfo=UTC)).is_open
    assert not opening(area, "UTC", datetime(2030, 3, 5, 0, 0, tzinfo=UTC)).is_open


def test_a_closed_queue_takes_nobody_until_its_time_is_over() -> None:
    business = make_business()
    manager = manager_of(business)
    areas.change(manager, "everybody", takes_walk_ins=True)
    area = areas.close(manager, "everybody", minutes=30, words="Back at noon")
    now = clock.now()
    found = opening(area, "UTC", now)
    assert (found.is_open, found.why, found.opens_at) == (False, "closed", area.closed_until)
    assert opening(area, "UTC", now + timedelta(minutes=31)).is_open
    assert opening(areas.reopen(manager, "everybody"), "UTC", now).is_open
    assert [row.action for row in AuditEntry.objects.filter(subject_kind="area").order_by("id")] == [
        "area.changed",
        "area.closed",
        "area.opened",
    ]


def test_a_provider_closes_the_own_area_and_no_other() -> None:
    business = make_business()
    membership, provider = make_staff(business)
    own = areas.create(manager_of(business), "Physiotherapy", providers=[provider.slug])
    assert areas.close(actor_of(membership), own.slug).closed_at is not None
    with pytest.raises(NotPermitted):
        areas.close(actor_of(membership), "everybody")
    with pytest.raises(NotPermitted):
        areas.close(manager_of(business, role=Role.VIEWER), own.slug)


def test_an_area_somebody_waits_in_stays() -> None:
    business = make_business()
    visit = make_visit(business=business)
    area = areas.create(manager_of(business), "Physiotherapy")
    visit.meeting.area = area
    visit.meeting.save()
    waiting.enter_waiting(visit.consumer.ref)
    with pytest.raises(WrongState):
        areas.retire(manager_of(business), area.slug)
    waiting.leave_waiting(visit.consumer.ref)
    areas.retire(manager_of(business), area.slug)
    visit.meeting.refresh_from_db()
    assert areas.area_of(visit.meeting).is_default
    with pytest.raises(WrongState):
        areas.retire(manager_of(business), "everybody")


def test_two_areas_of_one_name_have_two_addresses() -> None:
    manager = manager_of(make_business())
    slugs = {areas.create(manager, "Everybody").slug for _ in range(2)}
    assert (len(slugs), "everybody" in slugs) == (2, False)


def test_a_picture_is_drawn_anew_and_the_one_before_goes() -> None:
    manager = manager_of(make_business())
    first = area_pictures.show(manager, "everybody", picture(), "A blue square")
    media = first.content_media
    assert media is not None
    assert (media.media_type, media.alternative, b"taken at home" in bytes(media.content)) == (
        "image/jpeg",
        "A blue square",
        False,
    )
    area_pictures.show(manager, "everybody", picture(kind="PNG"))
    assert AreaMedia.objects.count() == 1
    assert area_pictures.find(media.ref) is None
    area_pictures.take_down(manager, "everybody")
    assert not AreaMedia.objects.exists()


@pytest.mark.parametrize(
    "content", [b"", b"<svg onload=alert(1)>", b"<html>", b"\xff\xd8\xff broken", b"MZ" + bytes(99)]
)
def test_what_is_no_picture_is_not_shown(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        area_pictures.show(manager_of(make_business()), "everybody", content)
    assert refused.value.facts["field"] == "media"
    assert not AreaMedia.objects.exists()


def test_new_pictures_are_counted_by_the_hour_for_each_business(monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_new_window(3600)
    monkeypatch.setattr(area_pictures, "EACH", 1)
    monkeypatch.setattr(rates, "_counts", {})
    manager, stranger = manager_of(make_business()), manager_of(make_business())
    area_pictures.show(manager, "everybody", picture(kind="PNG"))
    with pytest.raises(TooMany):
        area_pictures.show(manager, "everybody", picture())
    area_pictures.show(stranger, "everybody", picture())
