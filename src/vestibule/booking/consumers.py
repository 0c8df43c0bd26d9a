"""Consumers as the business knows them apart from any appointment: added, corrected and removed by its programs."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import beside, contacts
from vestibule.booking.errors import ByRule
from vestibule.booking.models import Appointment
from vestibule.booking.wishes import Contact
from vestibule.people import audit
from vestibule.people.errors import NotFound
from vestibule.people.models import Business, Consumer
from vestibule.people.permissions import Actor, Permission
from vestibule.store.ids import new_ref
from vestibule.store.transactions import writing


class AddressTaken(ByRule):
    """Another consumer is known by that e-mail address."""

    code = "address_taken"
    status = 409
    words = gettext_lazy("Somebody else is known by this e-mail address, so nothing was changed. Use another one.")


class HasAppointments(ByRule):
    """A consumer cannot be forgotten while appointments say that they came, or will come."""

    code = "has_appointments"
    status = 409
    words = gettext_lazy("This person has appointments here, past or to come, so they were not removed.")


@dataclass(frozen=True)
class Known:
    """What is said of somebody; None leaves it as it is. `phone` is E.164, "" for none."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


def add(actor: Actor, business: Business, given: Known) -> Consumer:
    """Return the consumer with this e-mail address, made if new. Who has no address is somebody new each time.

    What is known of an earlier one stays; only a telephone number that was missing is added.
    Raises InvalidContact naming `name` or `email`.
    """
    if actor.business_of(Permission.CHANGE_APPOINTMENTS) != business.pk:
        raise NotFound(_("There is no such business here."))
    email = contacts.clean_email(given.email) if given.email else ""
    contact = Contact(contacts.clean_name(given.name or ""), email, given.phone or "")
    with writing():
        is_known = _known_by(business.pk, email)
        row = contacts.find_or_add(business, contact)
        if is_known and contact.phone and not row.phone:
            row.phone = contact.phone
            row.save(update_fields=["phone"])
        _record(actor, row, "known" if is_known else "added")
    return row


def change(actor: Actor, consumer: Consumer, given: Known) -> Consumer:
    """Put right what is known of somebody; appointments keep what was given with them.

    Raises InvalidContact naming `name` or `email`, AddressTaken.
    """
    with writing():
        row = _locked(actor, consumer)
        changed = {name: value for name, value in _said(row, given).items() if value != getattr(row, name)}
        if changed:
            for name, value in changed.items():
                setattr(row, name, value)
            row.save(update_fields=list(changed))
            _record(actor, row, "changed", fields=sorted(name for name in changed if name != "email_normal"))
    return row


def remove(actor: Actor, consumer: Consumer) -> None:
    """Forget somebody who never had an appointment here, and what is kept beside them. Raises HasAppointments."""
    with writing():
        row = _locked(actor, consumer)
        if Appointment.objects.filter(consumer=row).exists():
            raise HasAppointments
        _record(actor, row, "removed")
        beside.forget(row.business_id, beside.CUSTOMER, row.ref)
        row.delete()


def _said(row: Consumer, given: Known) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if given.name is not None:
        said["name"] = contacts.clean_name(given.name)
    if given.phone is not None:
        said["phone"] = given.phone
    if given.email is not None:
        said["email"] = contacts.clean_email(given.email) if given.email else ""
        if said["email"] != row.email:
            said["email_normal"] = _own_address(row, said["email"])
    return said


def _own_address(row: Consumer, email: str) -> str:
    if not email:
        return f"none:{new_ref()}"
    if _known_by(row.business_id, email, but=row.pk):
        raise AddressTaken
    return contacts.normal_email(email)


def _known_by(business_id: int, email: str, *, but: int = 0) -> bool:
    if not email:
        return False
    rows = Consumer.objects.filter(business_id=business_id, email_normal=contacts.normal_email(email))
    return bool(rows.exclude(pk=but).exists())


def _locked(actor: Actor, consumer: Consumer) -> Consumer:
    actor.require(Permission.CHANGE_APPOINTMENTS)
    row: Consumer | None = Consumer.objects.visible_to(actor).select_for_update().filter(pk=consumer.pk).first()
    if row is None:
        raise NotFound(_("There is no such person among those known here."))
    return row


def _record(actor: Actor, row: Consumer, action: str, **details: Any) -> None:
    audit.record(actor, row.business_id, f"consumer.{action}", "consumer", row.ref, **details)
