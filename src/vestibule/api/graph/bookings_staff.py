"""A member of staff as Bookings tells it: somebody consumers book with. Reads rows, writes none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vestibule.api.graph import values
from vestibule.api.graph.bookings_kept import Clean, a_choice, a_week, a_zone
from vestibule.api.graph.values import Json
from vestibule.booking.setup import Hours
from vestibule.notifications import choices
from vestibule.notifications.choices import EMAIL
from vestibule.notifications.facts import Audience, Kind
from vestibule.people.errors import Invalid
from vestibule.people.models import Membership, Provider
from vestibule.people.permissions import Role

TYPE = "#microsoft.graph.bookingStaffMember"
STATUSES = ("active", "pendingAcceptance", "rejectedByStaff")
ROLES = ("guest", "administrator", "viewer", "externalGuest", "scheduler", "teamMember")
GUESTS = frozenset({"guest", "externalGuest"})
"""Who can be booked and signs in nowhere."""
ROLE_OF = {
    Role.OWNER: "administrator",
    Role.MANAGER: "administrator",
    Role.SCHEDULER: "scheduler",
    Role.VIEWER: "viewer",
    Role.PROVIDER: "teamMember",
}
OURS = {
    "administrator": Role.MANAGER,
    "scheduler": Role.SCHEDULER,
    "viewer": Role.VIEWER,
    "teamMember": Role.PROVIDER,
}
KEPT: Mapping[str, Clean] = {
    "role": a_choice(*ROLES),
    "timeZone": a_zone,
    "workingHours": a_week,
    "availabilityIsAffectedByPersonalCalendar": values.yes_or_no,
    "isEmailNotificationEnabled": values.yes_or_no,
}
"""What is told as it was written while it holds."""


@dataclass
class Changes:
    """What a program changes of somebody; None: as it is."""

    fields: dict[str, Any] = field(default_factory=dict)
    follows_business: bool | None = None
    hours: list[Hours] | None = None
    role: str | None = None


@dataclass(frozen=True)
class Around:
    """What has to be known beside providers: the business' hours, who has a calendar connected, when each changed."""

    business_hours: list[Hours]
    with_calendar: frozenset[int]
    made: Mapping[str, datetime]
    changed: Mapping[str, datetime]


def told(provider: Provider, around: Around) -> Json:
    """Return somebody as they are by themselves."""
    member = provider.membership if provider.membership is not None and provider.membership.is_active else None
    is_told = choices.of(provider.business).is_on(str(Kind.PROVIDER_BOOKED), str(Audience.PROVIDER), EMAIL)
    there: Json = {
        "@odata.type": TYPE,
        "id": provider.ref,
        "displayName": provider.name,
        "emailAddress": provider.email or None,
        "role": ROLE_OF[Role(member.role)] if member is not None else "guest",
        "membershipStatus": _status(member),
        "timeZone": provider.zone,
        "useBusinessHours": provider.uses_business_hours,
        "workingHours": values.written_week(hours_of(provider, around.business_hours)),
        "availabilityIsAffectedByPersonalCalendar": provider.pk in around.with_calendar,
        "isEmailNotificationEnabled": is_told and bool(provider.email),
    }
    if made := around.made.get(provider.ref):
        there["createdDateTime"] = values.written_moment(made)
    if changed := around.changed.get(provider.ref):
        there["lastUpdatedDateTime"] = values.written_moment(changed)
    return there


def as_kept(there: Json) -> Json:
    """Return somebody told with what was written: who was given a role that signs in, and does not yet, is awaited."""
    is_guest = there["role"] in GUESTS
    waits = not is_guest and there["membershipStatus"] == ""
    return there | {"membershipStatus": "pendingAcceptance" if waits else there["membershipStatus"] or "active"}


def hours_of(provider: Provider, business_hours: list[Hours]) -> list[Hours]:
    """Return the hours that somebody keeps: their own, or the business'."""
    if provider.uses_business_hours:
        return business_hours
    rows = [one for one in provider.weekly_hours.all() if one.schedule_id is None]
    return [Hours(one.weekday, one.start_minute, one.end_minute) for one in rows]


def read(body: Json, business_zone: str) -> Changes:
    """Return what a program changes of somebody. Raises Invalid naming the member."""
    wanted = Changes()
    for theirs, ours, most in (("displayName", "name", 120), ("emailAddress", "email", 254)):
        if theirs in body:
            wanted.fields[ours] = values.text(body[theirs], theirs, most)
    if "timeZone" in body:
        zone = values.zone(body["timeZone"], "timeZone") if body["timeZone"] else ""
        wanted.fields["timezone"] = "" if zone == business_zone else zone
    if body.get("useBusinessHours") is not None:
        wanted.follows_business = values.yes_or_no(body["useBusinessHours"], "useBusinessHours")
    if body.get("workingHours") is not None:
        wanted.hours = values.week(body["workingHours"], "workingHours")
    if body.get("role") is not None:
        wanted.role = values.choice(body["role"], ROLES, "role")
    return wanted


def require_whole(body: Json) -> None:
    """Raise Invalid for somebody new of whom it is not said who they are and what they may."""
    for name in ("displayName", "emailAddress", "role"):
        if not body.get(name):
            raise Invalid(f"A member of staff needs {name}.", field=name)


def _status(member: Membership | None) -> str:
    if member is None:
        return ""
    return "active" if member.user.has_usable_password() else "pendingAcceptance"
