"""What can be done in a visit."""

from typing import Any

from vestibule.experience.sections import Section
from vestibule.experience.sections.wanted import changed, under
from vestibule.meetings import visit_rules
from vestibule.people.models import Business
from vestibule.people.permissions import Actor

KEYS = (
    "chat",
    "files",
    "consumers_share",
    "staff_share",
    "recording",
    "captions",
    "blur",
    "device_check",
    "helper_links",
    "takes_call_requests",
    "dial_in",
    "end_hint_minutes",
)


def read(business: Business) -> dict[str, Any]:
    """Return the rules of visits that consumers notice."""
    rules = visit_rules.of(business)
    return {key: getattr(rules, key) for key in KEYS}


def write(actor: Actor, business: Business, wanted: Any, was: Any) -> None:
    """Change what differs."""
    with under(SECTION.name):
        changes = changed(wanted, was, KEYS)
        if changes:
            visit_rules.change(actor, business, **changes)


SECTION = Section("call", read, write)
