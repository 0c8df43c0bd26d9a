"""People a program knows: what of them is kept, and for how long."""

from datetime import timedelta

import pytest

from tests.meetings.program import make_program
from vestibule.people import identities
from vestibule.people.models import ProgramIdentity
from vestibule.store import clock


@pytest.mark.django_db
def test_a_deleted_identity_is_forgotten_after_a_month() -> None:
    program = make_program()
    kept, gone = identities.create(program.resource), identities.create(program.resource)
    identities.delete(program.resource, identities.mri(program.resource.resource, identities.key_of_guid(gone.guid)))
    assert identities.purge() == 0
    clock.advance(timedelta(days=31).total_seconds())
    assert identities.purge() == 1
    assert set(ProgramIdentity.objects.values_list("guid", flat=True)) == {kept.guid}
