"""What the tests of the office share."""

import pytest

from tests.web.manager.office import Office, make_office


@pytest.fixture
def office(db: None) -> Office:
    """A clinic on a Monday morning."""
    return make_office()
