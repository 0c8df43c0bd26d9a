"""What all tests of subscriptions use."""

import pytest

from vestibule.subscriptions import shapes
from vestibule.subscriptions.testing import FakePoster


@pytest.fixture
def poster(monkeypatch: pytest.MonkeyPatch) -> FakePoster:
    """Everything is handed to a fake, which agrees and takes all."""
    fake = FakePoster()
    monkeypatch.setattr(shapes, "poster", lambda: fake)
    return fake
