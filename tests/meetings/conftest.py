"""What the tests of meetings share."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.meetings.outside_scene import Clinic, a_clinic


@pytest.fixture
def clinic(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    """A business whose visits are held in Teams, and Teams."""
    with a_clinic(settings, monkeypatch) as opened:
        yield opened
