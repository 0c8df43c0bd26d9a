"""How visits of a business are run: one row of rules, with defaults for who never chose."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from vestibule.meetings import area_values
from vestibule.meetings.access import OVER
from vestibule.meetings.models import Participant, VisitRules
from vestibule.people import audit
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

FIELDS = tuple(field.name for field in VisitRules._meta.concrete_fields if field.name not in ("id", "business"))
Kind, Role = Participant.Kind, Participant.Role


@dataclass(frozen=True)
class Bounds:
    """The least and the most a number among the rules may be."""

    least: int
    most: int


BOUNDS = {
    "chat_days": Bounds(1, 3650),
    "recording_days": Bounds(1, 365),
    "end_hint_minutes": Bounds(0, 60),
}
CHOICES = {"captions": VisitRules.Captions.values, "device_check": VisitRules.DeviceCheck.values}


def of(business: Business | int) -> VisitRules:
    """Return the rules of a business: its row, or one with the defaults that is not stored."""
    business_id = business if isinstance(business, int) else business.pk
    found: VisitRules | None = VisitRules.objects.filter(business_id=business_id).first()
    return found if found is not None else VisitRules(business_id=business_id)


def change(actor: Actor, business: Business | int, **fields: Any) -> VisitRules:
    """Store `fields` (names of `FIELDS`), leave the others as they are, and return the rules.

    Whether consumers may show their screen holds at once, also in visits booked already. Raises NotPermitted, NotFound
    for another business, or Invalid naming the first field that cannot be.
    """
    business_id = business if isinstance(business, int) else business.pk
    if actor.business_of(Permission.MANAGE_SETUP) != business_id:
        raise NotFound(_("There is no such business here."))
    with writing():
        rules: VisitRules
        rules, _made = VisitRules.objects.select_for_update().get_or_create(business_id=business_id)
        changed = {name: value for name, value in fields.items() if value != _current(rules, name)}
        for name, value in changed.items():
            setattr(rules, name, value)
        _check(rules)
        if changed.get("dial_in"):
            area_values.require_dialled(rules.dial_in, "dial_in")
        if not changed:
            return rules
        rules.save(update_fields=list(changed))
        if "consumers_share" in changed:
            _give_role(business_id, consumer_role(rules))
        audit.record(actor, business_id, "visit_rules.changed", "business", str(business_id), fields=sorted(changed))
        return rules


def role_of_consumers(business_id: int) -> str:
    """Return what `consumer_role` says of the rules of a business. Each booking asks: by one plain statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT consumers_share FROM meetings_visitrules WHERE business_id = %s", [business_id])
        row = cursor.fetchone()
    return consumer_role(VisitRules(consumers_share=bool(row[0])) if row is not None else VisitRules())


def consumer_role(rules: VisitRules) -> str:
    """Return the role in a call of whoever booked: sharing a screen is what a collaborator has over an attendee."""
    return Role.COLLABORATOR.value if rules.consumers_share else Role.ATTENDEE.value


def _current(rules: VisitRules, name: str) -> Any:
    if name not in FIELDS:
        raise Invalid(_("There is no such rule for visits, so nothing was changed."), field=name)
    return getattr(rules, name)


def _check(rules: VisitRules) -> None:
    for field, options in CHOICES.items():
        if getattr(rules, field) not in options:
            words = _("Choose one of: %(options)s.")
            raise Invalid(words % {"options": ", ".join(options)}, field=field)
    try:
        rules.clean_fields(exclude=["business"])
    except ValidationError as wrong:
        field, found = next(iter(wrong.message_dict.items()))
        raise Invalid(found[0], field=field) from wrong
    for field, bounds in BOUNDS.items():
        if not bounds.least <= getattr(rules, field) <= bounds.most:
            words = _("Give a number from %(least)s to %(most)s; nothing was changed.")
            raise Invalid(words % {"least": bounds.least, "most": bounds.most}, field=field)


def _give_role(business_id: int, role: str) -> None:
    """Let consumers of visits to come, and of those going on, have `role`; whoever was given another keeps it."""
    theirs = Participant.objects.filter(meeting__business_id=business_id, kind=Kind.CONSUMER)
    theirs = theirs.exclude(meeting__state__in=OVER).filter(role__in=(Role.COLLABORATOR, Role.ATTENDEE))
    theirs.update(role=role)
