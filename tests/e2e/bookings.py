"""Visits booked in the browser, by the practice's clock."""

from tests.e2e.letters import link_in, text_of
from tests.e2e.people import Consumer
from tests.e2e.practice import SERVICE
from tests.e2e.surroundings import Practice


def booked(practice: Practice, consumer: Consumer, hour: int, minute: int = 0, *, days: int = 0) -> str:
    """Book a first visit by the practice's clock, and return the link that came by mail."""
    consumer.books_at(practice.slug, SERVICE, practice.at(hour, minute, days=days))
    return link_in(text_of(practice.around.letter(consumer.email, "booked")), "visit")
