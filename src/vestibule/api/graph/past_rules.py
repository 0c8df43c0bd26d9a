"""How an administrator says that a booking is made past the rules: `Prefer: vestibule.override`.

It takes Bookings.Manage.All, which stands for managing the business; each use is in the audit trail. Even so nobody is
booked twice at once.
"""

from dataclasses import replace

from vestibule.api.graph.asked import Asked
from vestibule.api.graph.bookings_names import MANAGES
from vestibule.api.graph.faults import Fault
from vestibule.api.plain import Answer

PREFERENCE = "vestibule.override"


def wanted(asked: Asked) -> bool:
    """Tell whether the rules are to be set aside. Raises Fault (403) for a program that may not."""
    if PREFERENCE not in [one.strip().casefold() for one in asked.call.headers.get("prefer", "").split(",")]:
        return False
    if not asked.permissions & MANAGES:
        words = "Booking past the rules takes the application permission Bookings.Manage.All. Nothing was changed."
        raise Fault(403, "accessDenied", words)
    return True


def applied(asked: Asked, answer: Answer) -> Answer:
    """Return an answer that says whether the rules were set aside."""
    if not wanted(asked):
        return answer
    return replace(answer, headers={**answer.headers, "Preference-Applied": PREFERENCE})
