"""What can be done in a visit."""

from typing import Any

from vestibule.experience.sections import Section
from vestibule.experience.sections.described import entry, flag, number, one_of, text
from vestibule.experience.sections.wanted import changed, under
from vestibule.meetings import visit_rules
from vestibule.meetings.models import VisitRules
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


SCHEMA = entry(
    "What can be done in a visit.",
    {
        "chat": flag("People write to each other."),
        "files": flag("They send files."),
        "consumers_share": flag("Consumers show their screen."),
        "staff_share": flag("Providers show their screen."),
        "recording": flag("Visits can be recorded, if everybody agrees."),
        "captions": one_of("Where captions come from.", VisitRules.Captions.values),
        "blur": flag("A background can be blurred."),
        "device_check": one_of("Whether everybody checks camera and microphone first.", VisitRules.DeviceCheck.values),
        "helper_links": flag("Somebody can be brought along by a link."),
        "takes_call_requests": flag("Who cannot join asks to be called."),
        "dial_in": text("The number to join by telephone, or none.", 40),
        "end_hint_minutes": number(
            "Minutes before the end at which both are told; 0: never.",
            visit_rules.BOUNDS["end_hint_minutes"].least,
            visit_rules.BOUNDS["end_hint_minutes"].most,
        ),
    },
)
SECTION = Section("call", read, write, SCHEMA)
