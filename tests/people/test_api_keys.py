"""An API key is shown once, stored hashed, holds what its scopes say, and ends at once when revoked."""

import pytest

from tests.factories import make_business, manager_of
from vestibule.people import api_keys
from vestibule.people.actors import actor_of_api_key
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import ApiKey, AuditEntry, Business
from vestibule.people.permissions import Permission, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def business() -> Business:
    return make_business()


def test_a_key_holds_what_its_scopes_say(business: Business) -> None:
    _key, token = api_keys.create(manager_of(business), "sync", ["appointments:read", "results:read"])
    actor = actor_of_api_key(token)
    assert actor is not None
    assert actor.permissions == {Permission.SEE_APPOINTMENTS, Permission.SEE_SETUP, Permission.SEE_RESULTS}
    assert (actor.business_id, actor.label) == (business.pk, "key sync")


def test_the_database_holds_no_token(business: Business) -> None:
    key, token = api_keys.create(manager_of(business), "sync", ["setup:read"])
    row = ApiKey.objects.values().get(pk=key.pk)
    assert token.startswith("vst_")
    assert len(token) > 40
    assert token not in " ".join(map(str, row.values()))


def test_a_revoked_key_opens_nothing(business: Business) -> None:
    key, token = api_keys.create(manager_of(business), "sync", ["setup:read"])
    api_keys.revoke(manager_of(business), key.pk)
    assert actor_of_api_key(token) is None
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["api_key.revoked", "api_key.created"]


@pytest.mark.parametrize("bearer", ["", "vst_", "vst_" + "x" * 43, "x" * 5000, "vst_\0", "' OR 1=1 --"])
def test_a_guessed_key_opens_nothing(bearer: str) -> None:
    assert actor_of_api_key(bearer) is None


@pytest.mark.parametrize(
    ("name", "scopes"), [("x", []), ("x", ["everything"]), ("", ["setup:read"]), ("x" * 81, ["setup:read"])]
)
def test_a_key_needs_a_name_and_known_scopes(business: Business, name: str, scopes: list[str]) -> None:
    with pytest.raises(Invalid):
        api_keys.create(manager_of(business), name, scopes)


@pytest.mark.parametrize("role", [Role.SCHEDULER, Role.PROVIDER, Role.VIEWER])
def test_only_owners_and_managers_make_keys(business: Business, role: Role) -> None:
    with pytest.raises(NotPermitted):
        api_keys.create(manager_of(business, role=role), "sync", ["setup:read"])


def test_a_key_of_a_scope_that_is_gone_holds_nothing_from_it() -> None:
    assert api_keys.permissions_of(["no:longer"]) == frozenset()
