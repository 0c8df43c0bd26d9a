"""The database itself refuses to use a provider, or a unit of a resource, twice at once, whatever code asks it to."""

import pytest
from django.db import IntegrityError, connection

from tests.booking.factories import make_occupancy, make_resource
from tests.factories import make_provider
from vestibule.booking import guards
from vestibule.booking.models import Occupancy, ResourceUse
from vestibule.people.models import Provider
from vestibule.store.guards import is_overlap
from vestibule.store.transactions import writing

pytestmark = pytest.mark.usefixtures("each_database")
NINE = 29_700_000


def refused(provider: Provider, start: int, end: int) -> bool:
    try:
        with writing():
            make_occupancy(provider=provider, start=start, end=end)
    except IntegrityError as error:
        return is_overlap(error)
    return False


def unit_refused(unit: int, start: int, end: int, **values: object) -> bool:
    occupancy = make_occupancy(start=start, end=end)
    try:
        with writing():
            ResourceUse.objects.create(occupancy=occupancy, unit_id=unit, start_minute=start, end_minute=end, **values)
    except IntegrityError as error:
        return is_overlap(error)
    return False


@pytest.mark.parametrize(("start", "end"), [(0, 30), (-10, 10), (29, 59), (10, 20), (-10, 40)])
def test_overlapping_time_of_one_provider_is_refused(start: int, end: int) -> None:
    provider = make_occupancy(start=NINE, end=NINE + 30).provider
    assert refused(provider, NINE + start, NINE + end)


@pytest.mark.parametrize(("start", "end"), [(30, 60), (-30, 0)])
def test_time_may_begin_the_minute_another_ends(start: int, end: int) -> None:
    provider = make_occupancy(start=NINE, end=NINE + 30).provider
    assert not refused(provider, NINE + start, NINE + end)


def test_two_providers_may_be_busy_at_once() -> None:
    make_occupancy(start=NINE, end=NINE + 30)
    assert not refused(make_provider(), NINE, NINE + 30)


def test_a_unit_is_used_once_at_a_time_whoever_uses_it() -> None:
    one, two = make_resource(quantity=2).units.values_list("pk", flat=True)
    assert not unit_refused(one, NINE, NINE + 30)
    assert unit_refused(one, NINE + 29, NINE + 59)
    assert not unit_refused(one, NINE + 30, NINE + 60)
    assert not unit_refused(one, NINE, NINE + 30, is_active=False)
    assert not unit_refused(two, NINE, NINE + 30)
    with pytest.raises(IntegrityError) as refusal, writing():
        ResourceUse.objects.filter(unit_id=one, start_minute=NINE + 30).update(start_minute=NINE + 20)
    assert is_overlap(refusal.value)


def test_moving_onto_used_time_is_refused() -> None:
    first = make_occupancy(start=NINE, end=NINE + 30)
    second = make_occupancy(provider=first.provider, start=NINE + 30, end=NINE + 60)
    with pytest.raises(IntegrityError) as refusal, writing():
        Occupancy.objects.filter(pk=second.pk).update(start_minute=NINE + 29)
    assert is_overlap(refusal.value)


def test_time_given_up_is_free_and_cannot_be_taken_back_from_another() -> None:
    first = make_occupancy(start=NINE, end=NINE + 30)
    Occupancy.objects.filter(pk=first.pk).update(is_active=False)
    assert not refused(first.provider, NINE, NINE + 30)
    with pytest.raises(IntegrityError), writing():
        Occupancy.objects.filter(pk=first.pk).update(is_active=True)


def test_time_without_length_is_refused_for_another_reason() -> None:
    with pytest.raises(IntegrityError) as refusal, writing():
        make_occupancy(start=NINE, end=NINE)
    assert not is_overlap(refusal.value)


@pytest.mark.parametrize("lost", guards.GUARDS, ids=lambda guard: guard.whose)
def test_a_lost_guard_is_noticed_and_put_back(lost: guards.Guard) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {lost.table} DROP CONSTRAINT {lost.name}")
        else:
            cursor.execute(f"DROP TRIGGER {next(iter(lost.triggers))}")
    assert not guards.is_in_place(connection)
    with pytest.raises(RuntimeError, match="vestibule migrate"):
        guards.require()
    guards.install(connection)
    guards.install(connection)
    guards.require()


def test_guards_are_taken_away_all_together() -> None:
    guards.remove(connection)
    assert not guards.is_in_place(connection)
    guards.install(connection)
    assert guards.is_in_place(connection)
