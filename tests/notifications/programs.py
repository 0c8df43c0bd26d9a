"""A program with a key of a business, and what it sends in the tests of this folder."""

from vestibule.notifications.by_program_letter import Letter
from vestibule.notifications.ports import Named
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, ActorKind, Permission

JO, ANN, OURS = "+447700900123", "+447700900124", "+442079460018"
DESK = "desk@clinic.example"
PLAIN = Letter(sender=DESK, subject="Your results", to=(Named("jo@example.org", "Jo Smith"),), text="They are in.\n")


def program(business: Business) -> Actor:
    """A program with a key of `business`."""
    held = frozenset({Permission.SEE_APPOINTMENTS, Permission.CHANGE_APPOINTMENTS})
    return Actor(ActorKind.API_KEY, "primary access key", business.pk, permissions=held)
