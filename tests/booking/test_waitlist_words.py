"""What who waits is told: the dates waited for, as their language writes them."""

from datetime import date

import pytest

from vestibule.booking import waitlist_words
from vestibule.booking.models import WaitlistEntry

MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)


@pytest.mark.parametrize(
    ("language", "first", "last", "parts", "words"),
    [
        ("en", MONDAY, MONDAY, [], "Monday 2 March 2026"),
        ("en-GB", MONDAY, FRIDAY, ["morning"], "Monday 2 March 2026 to Friday 6 March 2026 (morning)"),
        ("es", MONDAY, MONDAY, [], "lunes 2 de marzo de 2026"),
        ("sv", MONDAY, MONDAY, [], "Monday 2 March 2026"),
    ],
)
def test_dates_and_parts_of_the_day_are_said_in_the_language_of_who_waits(
    language: str, first: date, last: date, parts: list[str], words: str
) -> None:
    entry = WaitlistEntry(first=first, last=last, language=language, day_parts=parts)
    assert waitlist_words.period(entry) == words
