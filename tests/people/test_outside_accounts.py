"""What a business has at a vendor: tested, encrypted, kept for whom it was typed, and seen by nobody else."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import pytest

from tests.factories import make_business, manager_of
from vestibule.people import outside_accounts
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, OutsideAccount
from vestibule.people.outside_accounts import AccountRefused
from vestibule.people.permissions import Role
from vestibule.people.ports import Field, Finding, NotConnected

ACCESS = {"tenant": "clinic", "secret": "open sesame"}


class Shop:
    """A vendor that says what it is told to say."""

    label = purpose = heading = enough = removal = "Shop"
    steps = ()
    fields = (
        Field("tenant", "Tenant"),
        Field("secret", "Secret", secret=True),
        Field("key", "Key", secret=True, required=False),
    )
    problem: ClassVar[str] = ""
    seen: ClassVar[list[dict[str, str]]] = []

    def __init__(self, access: Mapping[str, str]) -> None:
        self.access = dict(access)

    @classmethod
    def connected(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        return cls(access)

    @classmethod
    def shown(cls, access: Mapping[str, str]) -> str:
        return access["tenant"]

    def look(self) -> list[Finding]:
        type(self).seen.append(self.access)
        if self.problem:
            raise NotConnected(self.problem, field="secret")
        return [Finding("sign_in", "ok", "In.")]


@pytest.fixture(autouse=True)
def shop(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Shop]:
    settings.OUTSIDE_ACCOUNTS = {"shop": f"{__name__}.Shop"}
    monkeypatch.setattr(Shop, "problem", "")
    monkeypatch.setattr(Shop, "seen", [])
    return Shop


@pytest.mark.django_db
def test_an_account_is_looked_at_and_stored_so_that_nobody_can_read_it() -> None:
    business = make_business()
    made = outside_accounts.link(manager_of(business), business, "shop", ACCESS)
    assert (made.shown, made.findings[0]["code"], made.problem) == ("clinic", "sign_in", "")
    assert "open sesame" not in made.access
    assert outside_accounts.access_for(business.pk, "shop") == {**ACCESS, "key": ""}
    entry = AuditEntry.objects.get(action="account.linked")
    assert "open sesame" not in f"{entry.summary}{entry.details}"


@pytest.mark.django_db
def test_what_does_not_work_is_not_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    business = make_business()
    monkeypatch.setattr(Shop, "problem", "No such secret.")
    with pytest.raises(AccountRefused) as refused:
        outside_accounts.link(manager_of(business), business, "shop", ACCESS)
    assert (str(refused.value), refused.value.facts["field"]) == ("No such secret.", "secret")
    assert not OutsideAccount.objects.exists()


@pytest.mark.django_db
def test_a_secret_left_empty_stays_but_only_with_its_account() -> None:
    business = make_business()
    manager = manager_of(business)
    outside_accounts.link(manager, business, "shop", ACCESS)
    outside_accounts.link(manager, business, "shop", {"tenant": "clinic", "secret": ""})
    assert Shop.seen[-1]["secret"] == "open sesame"
    with pytest.raises(Invalid) as refused:
        outside_accounts.link(manager, business, "shop", {"tenant": "thief", "secret": ""})
    assert refused.value.facts["field"] == "secret"
    assert len(Shop.seen) == 2, "the stored secret was shown to nobody"


@pytest.mark.django_db
def test_another_way_of_signing_in_replaces_the_stored_one() -> None:
    business = make_business()
    manager = manager_of(business)
    outside_accounts.link(manager, business, "shop", ACCESS)
    outside_accounts.link(manager, business, "shop", {"tenant": "clinic", "secret": "", "key": "new"})
    kept = outside_accounts.access_for(business.pk, "shop")
    assert (kept["secret"], kept["key"]) == ("", "new")


@pytest.mark.django_db
def test_a_later_look_keeps_the_account_and_says_that_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    business = make_business()
    manager = manager_of(business)
    made = outside_accounts.link(manager, business, "shop", ACCESS)
    monkeypatch.setattr(Shop, "problem", "The secret has expired.")
    assert outside_accounts.look(manager, made).problem == "The secret has expired."
    assert outside_accounts.access_for(business.pk, "shop")["secret"] == "open sesame"
    monkeypatch.setattr(Shop, "problem", "")
    assert outside_accounts.look(manager, made).problem == ""


@pytest.mark.django_db
def test_what_was_found_is_kept_with_the_access_it_was_found_with(monkeypatch: pytest.MonkeyPatch) -> None:
    business = make_business()
    manager = manager_of(business)
    made = outside_accounts.link(manager, business, "shop", ACCESS)

    def replaced(_shop: Shop) -> list[Finding]:
        OutsideAccount.objects.update(access="of another process")
        raise NotConnected("The old secret has expired.")

    monkeypatch.setattr(Shop, "look", replaced)
    assert outside_accounts.look(manager, made).problem == ""


@pytest.mark.django_db
def test_an_account_removed_while_it_is_looked_at_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    business = make_business()
    manager = manager_of(business)
    made = outside_accounts.link(manager, business, "shop", ACCESS)

    def removed(_shop: Shop) -> list[Finding]:
        outside_accounts.unlink(manager, OutsideAccount.objects.get())
        return []

    monkeypatch.setattr(Shop, "look", removed)
    with pytest.raises(NotFound):
        outside_accounts.look(manager, made)


@pytest.mark.django_db
def test_only_who_sets_the_business_up_may_and_only_their_own() -> None:
    business, other = make_business(), make_business()
    made = outside_accounts.link(manager_of(business), business, "shop", ACCESS)
    with pytest.raises(NotPermitted):
        outside_accounts.look(manager_of(business, role=Role.PROVIDER), made)
    for act in (
        lambda: outside_accounts.link(manager_of(other), business, "shop", ACCESS),
        lambda: outside_accounts.look(manager_of(other), made),
        lambda: outside_accounts.unlink(manager_of(other), made),
    ):
        with pytest.raises(NotFound):
            act()
    assert len(Shop.seen) == 1


@pytest.mark.django_db
def test_an_account_that_was_removed_or_cannot_be_read_is_said_to_be_missing(settings: Any) -> None:
    business = make_business()
    made = outside_accounts.link(manager_of(business), business, "shop", ACCESS)
    settings.SECRET_KEY = "another one"
    with pytest.raises(NotConnected, match="secret was changed"):
        outside_accounts.access_of(made)
    outside_accounts.unlink(manager_of(business), made)
    with pytest.raises(NotConnected):
        outside_accounts.access_for(business.pk, "shop")


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["x" * 12_001, "a\x00b", "a\u202eb"])
def test_what_cannot_be_right_is_shown_to_nobody(value: str) -> None:
    business = make_business()
    with pytest.raises(Invalid):
        outside_accounts.test(manager_of(business), business, "shop", {**ACCESS, "secret": value})
    assert Shop.seen == []
