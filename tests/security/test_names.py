"""The name somebody gives at the door is read by staff who decide by it."""

import pytest

from tests.meetings.scene import make_visit
from vestibule.booking.contacts import clean_name
from vestibule.booking.errors import InvalidContact
from vestibule.meetings import names, waiting
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


@pytest.mark.parametrize(
    "name",
    [
        "You won evil.com",
        "Claim evil.icu",
        "evil.ru",
        "Pay at bit.ly/x1",
        "https://evil.example",
        "www.evil.example",
        "evil．com",
        "Evil。com now",
    ],
)
def test_a_name_carries_no_address_into_messages_to_others(name: str) -> None:
    with pytest.raises(InvalidContact):
        clean_name(name)
    with pytest.raises(Invalid):
        names.of_guest(name, make_visit().meeting.business_id)


@pytest.mark.parametrize("name", ["Dr.Ly", "J.R.R. Tolkien", "Anna-M.Meier", "Prof.Dr.Net", "S. Com", "Nguyễn T.To"])
def test_names_with_full_stops_are_names(name: str) -> None:
    assert clean_name(name) == name
