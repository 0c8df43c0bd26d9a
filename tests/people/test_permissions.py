"""The table of roles and permissions, written out: a change here is a change of promise."""

from pathlib import Path

import pytest

from tests.factories import make_business, manager_of
from vestibule.people.errors import NotPermitted
from vestibule.people.permissions import GRANTS, PUBLIC, SYSTEM, Permission, Role

MATRIX = """
                        owner manager scheduler provider viewer
manage_business         yes   -       -         -        -
manage_staff            yes   yes     -         -        -
manage_keys             yes   yes     -         -        -
manage_setup            yes   yes     -         -        -
manage_own_hours        yes   yes     yes       yes      -
see_setup               yes   yes     yes       yes      yes
see_appointments        yes   yes     yes       -        yes
see_own_appointments    yes   yes     yes       yes      -
change_appointments     yes   yes     yes       -        -
change_own_appointments yes   yes     yes       yes      -
host_any                yes   yes     -         -        -
host_own                yes   yes     yes       yes      -
see_results             yes   yes     yes       -        yes
see_activity            yes   yes     -         -        -
"""


def table() -> dict[tuple[str, str], bool]:
    heads, *rows = (line.split() for line in MATRIX.strip().splitlines())
    return {(role, row[0]): word == "yes" for row in rows for role, word in zip(heads, row[1:], strict=True)}


def test_the_table_names_every_role_and_every_permission() -> None:
    assert set(table()) == {(role.value, permission.value) for role in Role for permission in Permission}


def test_the_documentation_shows_the_same_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "permissions.md").read_text("utf-8")
    rows = [line.split("|")[1:7] for line in page.splitlines() if line.startswith("| `")]
    roles = [role.value for role in (Role.OWNER, Role.MANAGER, Role.SCHEDULER, Role.PROVIDER, Role.VIEWER)]
    shown = {
        (role, row[0].split("`")[1]): cell.strip() == "✓"
        for row in rows
        for role, cell in zip(roles, row[1:], strict=True)
    }
    assert shown == table()


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_the_table_says_and_nothing_else(role: Role) -> None:
    assert {p.value for p in GRANTS[role]} == {p for (r, p), may in table().items() if r == role.value and may}


@pytest.mark.parametrize("permission", list(Permission))
def test_the_public_may_do_nothing_and_the_system_everything(permission: Permission) -> None:
    assert not PUBLIC.may(permission)
    assert SYSTEM.may(permission)


@pytest.mark.django_db
def test_what_a_role_may_not_do_is_refused_with_the_way_on() -> None:
    viewer = manager_of(make_business(), role=Role.VIEWER)
    with pytest.raises(NotPermitted, match="Ask an owner or manager"):
        viewer.require(Permission.MANAGE_STAFF)


def test_who_stands_for_no_business_cannot_act_in_one() -> None:
    with pytest.raises(NotPermitted):
        SYSTEM.business_of(Permission.MANAGE_SETUP)
