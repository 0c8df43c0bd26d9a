"""Tenants are walls: who asks from one business sees nothing of another, whatever the role."""

from typing import Any

import pytest
from django.apps import apps
from django.db import models

from tests.factories import make_business, make_membership, make_provider, manager_of
from vestibule.people import api_keys
from vestibule.people.actors import actor_of_api_key
from vestibule.people.errors import NotFound
from vestibule.people.models import Membership, Provider, Tenanted
from vestibule.people.permissions import PUBLIC, SYSTEM, Role

pytestmark = pytest.mark.django_db


def tenanted() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if isinstance(model._default_manager.all(), Tenanted)]


def test_every_table_of_a_business_is_behind_the_wall() -> None:
    open_ones = {
        model.__name__
        for model in apps.get_models()
        if model._meta.app_label in {"people", "chat", "calendars", "meetings", "booking", "experience"}
        and any(field.name == "business" for field in model._meta.fields)
        and not hasattr(model._default_manager.all(), "visible_to")
    }
    # A hold is named by an unguessable reference and belongs to whoever made it; it is never listed.
    assert open_ones <= {"Hold"}


@pytest.mark.parametrize("model", tenanted(), ids=lambda model: model.__name__)
def test_the_public_sees_no_row_and_no_query_is_made(model: type[models.Model]) -> None:
    rows: Any = model._default_manager.all()
    assert rows.visible_to(PUBLIC).query.is_empty()


@pytest.mark.parametrize("role", list(Role))
def test_no_role_sees_another_business(role: Role) -> None:
    mine, theirs = make_provider(business=make_business()), make_provider(business=make_business())
    seen = Provider.objects.visible_to(manager_of(mine.business, role=role))
    assert list(seen) == [mine]
    assert theirs not in seen


def test_the_system_sees_all() -> None:
    make_provider()
    make_provider()
    assert Provider.objects.visible_to(SYSTEM).count() == 2


def test_a_key_sees_its_own_business_only() -> None:
    mine, theirs = make_business(), make_business()
    make_membership(business=theirs)
    _key, token = api_keys.create(manager_of(mine), "sync", ["setup:read"])
    actor = actor_of_api_key(token)
    assert actor is not None
    assert Membership.objects.visible_to(actor).count() == 0


def test_the_key_of_another_business_cannot_be_revoked() -> None:
    key, token = api_keys.create(manager_of(make_business()), "sync", ["setup:read"])
    with pytest.raises(NotFound):
        api_keys.revoke(manager_of(make_business()), key.pk)
    assert actor_of_api_key(token) is not None
