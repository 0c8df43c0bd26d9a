"""Making, confirming, renewing and ending what somebody is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.factories import make_business, manager_of
from tests.subscriptions.told import ADDRESS, happens, subscribed
from vestibule.people import applications
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import Role
from vestibule.store import clock
from vestibule.store.transactions import writing
from vestibule.subscriptions import lifetimes, verbs
from vestibule.subscriptions.models import Delivery, Subscription
from vestibule.subscriptions.ports import Unknown
from vestibule.subscriptions.testing import FakePoster, unreachable
from vestibule.subscriptions.verbs import NotAgreed, Wish

pytestmark = pytest.mark.django_db
State = Subscription.State


@pytest.mark.parametrize("shape", ["event_grid", "cloud_events"])
def test_an_address_that_agrees_is_told_from_then_on(poster: FakePoster, shape: str) -> None:
    row = subscribed(shape=shape)
    assert (row.state, row.problem) == (State.ACTIVE, "")
    assert happens(row.business) == 1


def test_an_address_that_answers_without_the_code_is_told_nothing(poster: FakePoster) -> None:
    poster.agrees = False
    row = subscribed()
    assert row.state == State.PENDING
    assert happens(row.business) == 0


def test_a_subscription_can_be_confirmed_by_hand_within_ten_minutes(poster: FakePoster) -> None:
    poster.agrees = False
    row = subscribed()
    clock.advance(9 * 60)
    assert verbs.confirm(row.guid, row.validation_code).state == State.ACTIVE
    assert happens(row.business) == 1


@pytest.mark.parametrize(("code", "seconds"), [("", 0), ("another", 0), (None, 601)])
def test_with_a_wrong_code_or_after_ten_minutes_nothing_is_confirmed(
    poster: FakePoster, code: str | None, seconds: int
) -> None:
    poster.agrees = False
    row = subscribed()
    clock.advance(seconds)
    with pytest.raises(NotFound):
        verbs.confirm(row.guid, row.validation_code if code is None else code)
    row.refresh_from_db()
    assert row.state == State.PENDING


def test_asked_again_it_has_another_ten_minutes_and_another_code(poster: FakePoster) -> None:
    poster.agrees = False
    row = subscribed()
    old = row.validation_code
    clock.advance(3600)
    poster.agrees = True
    again = verbs.ask_again(manager_of(row.business), row.guid)
    assert (again.state, again.validation_code == old) == (State.ACTIVE, False)


def test_one_that_is_never_confirmed_ends_after_ten_minutes_and_frees_its_place_and_its_name(
    poster: FakePoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "MOST", 1)
    poster.agrees = False
    silent = subscribed()
    clock.advance(9 * 60)
    assert lifetimes.end_due() == 0
    verbs.ask_again(manager_of(silent.business), silent.guid)
    clock.advance(9 * 60)
    assert lifetimes.end_due() == 0, "each time it is asked it has ten minutes"
    with pytest.raises(Invalid, match="as many as there may be"):
        subscribed(silent.business)
    clock.advance(60)
    assert lifetimes.end_due() == 1
    entry = AuditEntry.objects.get(action="subscription.lapsed")
    assert (entry.actor_kind, entry.subject_ref) == ("system", str(silent.guid))
    with pytest.raises(NotFound):
        verbs.confirm(silent.guid, silent.validation_code)
    again = subscribed(silent.business)
    assert (again.name, again.pk == silent.pk) == (silent.name, False)


def test_one_that_was_left_behind_while_its_address_was_asked_ends_too(poster: FakePoster) -> None:
    row = subscribed()
    Subscription.objects.filter(pk=row.pk).update(state=Subscription.State.PENDING, validate_by=None)
    assert lifetimes.end_due() == 0
    clock.advance(10 * 60)
    assert lifetimes.end_due() == 1


def test_asked_for_at_once_what_is_not_confirmed_is_not_kept(poster: FakePoster) -> None:
    business = make_business()
    poster.agrees = False
    with pytest.raises(NotAgreed):
        verbs.add(manager_of(business), business, Wish("graph", "app", ADDRESS, owner="app:1"), at_once=True)
    assert not Subscription.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="subscription").exists()


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"address": "http://example.com/events"}, "address"),
        ({"name": "two words"}, "name"),
        ({"name": "ab"}, "name"),
        ({"name": "a\r\nHost: x"}, "name"),
        ({"life_address": "http://example.com/"}, "life_address"),
    ],
)
def test_what_cannot_be_told_or_named_is_refused(poster: FakePoster, wish: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        subscribed(**wish)
    assert refused.value.facts["field"] == field
    assert poster.asked == []


def test_an_unknown_type_of_event_is_refused_by_name(poster: FakePoster) -> None:
    with pytest.raises(Unknown) as refused:
        subscribed(wants=("ChatMessageReceived", "Nonsense"))
    assert refused.value.facts["names"] == ["Nonsense"]


def test_a_name_is_used_once_in_a_business_until_its_subscription_ends(poster: FakePoster) -> None:
    first = subscribed()
    with pytest.raises(Invalid):
        subscribed(first.business, name="RECEIVER")
    verbs.end(manager_of(first.business), first.guid)
    assert subscribed(first.business).state == State.ACTIVE


def test_a_business_has_no_more_than_so_many(poster: FakePoster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "MOST", 2)
    business = make_business()
    for number in range(2):
        subscribed(business, name=f"number-{number}")
    with pytest.raises(Invalid):
        subscribed(business, name="number-3")


def test_only_who_manages_keys_may_subscribe(poster: FakePoster) -> None:
    business = make_business()
    viewer = manager_of(business, role=Role.VIEWER)
    with pytest.raises(NotPermitted):
        verbs.add(viewer, business, Wish("event_grid", "receiver", ADDRESS))
    with pytest.raises(NotPermitted):
        verbs.visible(viewer)


def test_a_foreign_subscription_is_as_if_there_were_none(poster: FakePoster) -> None:
    row, stranger = subscribed(), manager_of(make_business())
    assert verbs.visible(stranger) == []
    for act in (
        lambda: verbs.get(stranger, row.guid),
        lambda: verbs.end(stranger, row.guid),
        lambda: verbs.renew(stranger, row.guid, None),
        lambda: verbs.try_again(stranger, row.guid),
        lambda: verbs.ask_again(stranger, row.guid),
        lambda: verbs.add(stranger, row.business, Wish("event_grid", "receiver", ADDRESS)),
        lambda: verbs.confirm(uuid4(), ""),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_program_sees_its_own_alone_and_the_office_all(poster: FakePoster) -> None:
    business = make_business()
    program = manager_of(business, role=Role.VIEWER)
    mine = verbs.add(program, business, Wish("graph", "My app", ADDRESS, owner="app:1"), at_once=True)
    other = verbs.add(program, business, Wish("graph", "Other", ADDRESS, owner="app:2"), at_once=True)
    assert verbs.visible(program, "app:1") == [mine]
    with pytest.raises(NotFound):
        verbs.get(program, other.guid, "app:1")
    assert verbs.visible(manager_of(business)) == [mine, other]


def test_a_program_that_is_shut_out_is_told_nothing_any_more(poster: FakePoster) -> None:
    business = make_business()
    office = manager_of(business)
    applications.switch(office, is_on=True)
    program, secret = applications.register(office, "My app", ["Calendars.Read"])
    tenant = str(applications.switch(office, is_on=True).tenant)
    caller = applications.program(applications.grant(tenant, str(program.client_id), secret).token).actor
    wish = Wish("graph", "My app", ADDRESS, owner=lifetimes.owner_of(caller))
    row = verbs.add(caller, business, wish, at_once=True)
    assert lifetimes.end_due() == 0
    applications.revoke(office, program.pk)
    assert lifetimes.end_due() == 1
    row.refresh_from_db()
    assert row.state == State.ENDED


def test_what_is_not_renewed_ends_by_itself_and_is_told_nothing_any_more(poster: FakePoster) -> None:
    row = subscribed(expires_at=clock.now() + timedelta(hours=1))
    clock.advance(30 * 60)
    verbs.renew(manager_of(row.business), row.guid, clock.now() + timedelta(hours=1))
    clock.advance(45 * 60)
    assert happens(row.business) == 1
    assert lifetimes.end_due() == 0
    clock.advance(30 * 60)
    assert happens(row.business) == 0
    assert lifetimes.end_due() == 1
    row.refresh_from_db()
    assert (row.state, row.deliveries.count()) == (State.ENDED, 0)


def test_what_is_renewed_as_it_would_end_goes_on(poster: FakePoster, monkeypatch: pytest.MonkeyPatch) -> None:
    late, renewed = (subscribed(name=name, expires_at=clock.now() + timedelta(hours=1)) for name in ("late", "renewed"))
    clock.advance(3600)

    @contextmanager
    def after_a_renewal() -> Iterator[None]:
        """What was found is locked only after its program had it last longer."""
        verbs.renew(manager_of(renewed.business), renewed.guid, clock.now() + timedelta(hours=1))
        with writing():
            yield

    monkeypatch.setattr(lifetimes, "writing", after_a_renewal)
    assert lifetimes.end_due() == 1
    late.refresh_from_db()
    renewed.refresh_from_db()
    assert (late.state, renewed.state) == (State.ENDED, State.ACTIVE)


def test_ending_takes_back_what_waits(poster: FakePoster) -> None:
    row = subscribed()
    happens(row.business)
    verbs.end(manager_of(row.business), row.guid)
    assert not Delivery.objects.exists()
    assert happens(row.business) == 0
    with pytest.raises(NotFound):
        verbs.get(manager_of(row.business), row.guid)


def test_what_is_stored_noted_and_shown_holds_nothing_secret(poster: FakePoster) -> None:
    row = subscribed(client_state="also-hidden")
    shown = [str(value) for name, value in vars(row).items() if name not in ("_state", "validation_code")]
    shown += [f"{entry.summary} {entry.details}" for entry in AuditEntry.objects.all()]
    assert not [text for text in shown if "hidden" in text]
    assert "hidden" not in repr(poster.asked) + repr(Wish("event_grid", "receiver", ADDRESS))
    assert row.shown == "https://example.com"


def test_every_step_is_in_the_audit_trail(poster: FakePoster) -> None:
    row = subscribed()
    actor = manager_of(row.business)
    verbs.renew(actor, row.guid, None)
    verbs.try_again(actor, row.guid)
    verbs.end(actor, row.guid)
    found = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert found == [f"subscription.{word}" for word in ("made", "renewed", "tried_again", "ended")]


def test_an_address_that_cannot_be_reached_leaves_word_why(poster: FakePoster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakePoster, "ask", lambda self, request, *, seconds: unreachable(request))
    row = subscribed()
    assert (row.state, row.problem) == (State.PENDING, "did not answer in time")


def test_what_was_told_is_forgotten_after_a_week_and_an_ended_subscription_after_a_month(poster: FakePoster) -> None:
    row = subscribed()
    happens(row.business)
    Delivery.objects.update(state=Delivery.State.DONE, finished_at=clock.now())
    verbs.end(manager_of(row.business), row.guid)
    assert lifetimes.purge() == 0
    clock.advance(8 * 86_400)
    assert lifetimes.purge() == 1
    clock.advance(23 * 86_400)
    assert lifetimes.purge() == 1
    assert not Subscription.objects.exists()


def test_all_that_was_told_long_ago_is_forgotten_in_one_round_however_much_it_is(
    poster: FakePoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifetimes, "AT_ONCE", 2)
    row = subscribed()
    for _each in range(5):
        happens(row.business)
    Delivery.objects.update(state=Delivery.State.DONE, finished_at=clock.now())
    clock.advance(8 * 86_400)
    assert lifetimes.purge() == 5
    assert not Delivery.objects.exists()
