"""Access tokens of programs: they end with the secret they were got by."""

from datetime import timedelta

import pytest

from tests.factories import make_business, manager_of
from vestibule.people import applications
from vestibule.people.applications import SECRET_LIVES, NotAuthenticated
from vestibule.people.permissions import Role
from vestibule.store import clock


@pytest.mark.django_db
def test_a_token_ends_with_the_secret_it_was_got_by() -> None:
    owner = manager_of(make_business(), role=Role.OWNER)
    tenant = applications.switch(owner, is_on=True)
    row, secret = applications.register(owner, "Calendar sync", ["Calendars.Read"])
    token = applications.grant(str(tenant.tenant), str(row.client_id), secret).token
    assert applications.program(token).permissions == {"Calendars.Read"}
    try:
        clock.set_to(clock.now() + SECRET_LIVES + timedelta(minutes=1))
        with pytest.raises(NotAuthenticated):
            applications.program(token)
    finally:
        clock.reset()
