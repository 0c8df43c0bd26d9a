"""What is remembered of resources and their keys, since who signed a request is found by trying them."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from tests.api.acs.talk import resource_of
from tests.factories import make_business, manager_of
from vestibule.people import communication
from vestibule.people.communication import Resource
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db


def test_a_key_renewed_while_the_keys_are_read_is_not_remembered_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    business = make_business()
    before = resource_of(business).key("primary")
    read = communication._read
    owner = manager_of(business, role=Role.OWNER)

    def read_too_early() -> Mapping[UUID, Resource]:
        found = read()
        monkeypatch.setattr(communication, "_read", read)
        communication.renew(owner, "primary")
        communication.forget()  # as it is once that is stored, which it never is within a test
        return found

    communication.forget()
    monkeypatch.setattr(communication, "_read", read_too_early)
    communication.answering()
    (now,) = [one for one in communication.answering().values() if one.business_id == business.pk]
    assert now.key("primary").number == before.number + 1
    communication.forget()
