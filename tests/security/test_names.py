"""The name somebody gives at the door is read by staff who decide by it."""

import pytest

from tests.meetings.scene import make_visit
from vestibule.meetings import waiting
from vestibule.people.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Cleo \u202enaitsirhC", "Cleo naitsirhC"),
        ("Cleo\u2066 Ng\x1b[31m", "Cleo Ng[31m"),
        ("  Cleo\n\tNg ", "Cleo Ng"),
        ("Cle\u200co N\u200dg\u200d", "Cleo Ng"),
        ("علی‌رضا", "علی‌رضا"),
    ],
    ids=["turned", "isolated and coloured", "spread out", "joined where nothing joins", "joined as its language joins"],
)
def test_a_name_shows_as_it_is_written(given: str, shown: str) -> None:
    seat = waiting.set_name(make_visit().consumer.ref, given)
    assert seat.name == shown


def test_a_name_that_shows_nothing_is_no_name() -> None:
    with pytest.raises(Invalid):
        waiting.set_name(make_visit().consumer.ref, "\u202e\u2066 \x00")
