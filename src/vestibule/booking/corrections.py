"""Putting right whom an appointment is for, how they are reached and what was noted; its time is not touched."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from vestibule.booking import access, announcements, contacts, links, status, texts
from vestibule.booking.models import Appointment
from vestibule.booking.wishes import Contact
from vestibule.meetings.models import Participant
from vestibule.notifications import outbox
from vestibule.notifications.choices import EMAIL, SMS
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

S = Appointment.Status


@dataclass(frozen=True)
class Correction:
    """What is to be otherwise; None leaves it as it is. `timezone` is an IANA name, "" the business' own."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    timezone: str | None = None
    note: str | None = None
    takes_mails: bool | None = None
    takes_texts: bool | None = None


def correct(actor: Actor, appointment: Appointment, given: Correction) -> Appointment:
    """Change what `given` says of an appointment that is not over. Staff and programs only.

    With another e-mail address it is somebody else's: the links the former one holds open nothing any more, and the new
    one is sent the confirmation with links of their own. Another number gets text messages only where the business need
    not ask first, unless `given` says that it takes them. Nothing is written where nothing differs.
    Raises InvalidContact or Invalid naming the field, AlreadyCancelled, WrongStatus.
    """
    actor.require(Permission.CHANGE_APPOINTMENTS)
    with writing():
        current = access.locked(actor, appointment)
        status.require(current, S.CANCELLED)
        changed = _changes(current, given)
        if not changed:
            return current
        was_mailed = current.takes_mails
        for name, value in changed.items():
            setattr(current, name, value)
        current.version += 1
        if "email" in changed:
            current.consumer = contacts.find_or_add(current.business, _contact_of(current))
        current.save(update_fields=[*changed, "version", "consumer"])
        if "name" in changed and current.meeting_id is not None:
            seats = Participant.objects.filter(meeting_id=current.meeting_id, kind=Participant.Kind.CONSUMER)
            seats.update(name=current.name)
        _tell(actor, current, changed, was_mailed=was_mailed)
        access.record(actor, current, "contact_changed", fields=sorted(changed))
        return current


def _changes(current: Appointment, given: Correction) -> dict[str, Any]:
    said = {one.name: value for one in fields(given) if (value := getattr(given, one.name)) is not None}
    if "note" in said:
        said["note"] = contacts.clean_text(said["note"], "note", most=2000, lines=True)
    clean: dict[str, Callable[[str], str]] = {
        "name": contacts.clean_name,
        "email": contacts.clean_email,
        "phone": lambda given: contacts.clean_phone(given, current.business),
        "timezone": lambda given: contacts.clean_zone(given) if given else current.business.timezone,
    }
    said |= {name: check(said[name]) for name, check in clean.items() if name in said}
    changed = {name: value for name, value in said.items() if value != getattr(current, name)}
    if "phone" in changed and "takes_texts" not in said and current.takes_texts:
        # Whoever has the new number agreed to nothing yet, so it is as at a booking where nothing is said of texts.
        contact = Contact(current.name, current.email, changed["phone"], current.timezone, current.language)
        changed |= {} if texts.may_be_sent(current.business, contact) else {"takes_texts": False}
    return changed


def _contact_of(current: Appointment) -> Contact:
    return Contact(current.name, current.email, current.phone, current.timezone, current.language)


def _tell(actor: Actor, current: Appointment, changed: dict[str, Any], *, was_mailed: bool) -> None:
    """Take back what would go to where it no longer belongs, and tell whoever it belongs to now."""
    is_handed_over = "email" in changed
    if is_handed_over or (was_mailed and not current.takes_mails):
        outbox.drop_for(current.ref, f"consumer:{EMAIL}")
    if is_handed_over or "phone" in changed or changed.get("takes_texts") is False:
        outbox.drop_for(current.ref, f"consumer:{SMS}")
    ids = links.hand_over(current) if is_handed_over else links.of(current)
    if current.status not in Appointment.ACTIVE:
        return
    says = announcements.teller(current, ids, by=actor)
    says.corrected()
    if is_handed_over and current.takes_mails and current.email:
        outbox.enqueue_all([says.confirmation(f"v{current.version}")])
