"""Helpers and interpreters: people a consumer brings, with a seat in the meeting and a link of their own."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from vestibule.booking import access, announcements, contacts, links, quota, status
from vestibule.booking.errors import WrongStatus
from vestibule.booking.models import Appointment
from vestibule.booking.wishes import Helper
from vestibule.meetings import planning, visit_rules
from vestibule.meetings.models import Participant
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.permissions import Actor
from vestibule.store.transactions import writing

S = Appointment.Status
R = Participant.Role
MOST = 5


@dataclass(frozen=True)
class Invited:
    """A helper's own address, shown this once, and when it expires (aware UTC). "" where there is nothing to join."""

    url: str
    expires_at: datetime
    seat: str = ""


def add_helper(actor: Actor, appointment: Appointment, helper: Helper) -> str:
    """Invite somebody into the visit of an appointment and return the address they join by: it is shown this once.

    With an e-mail address they are told, now and when the appointment changes. "" when it is not held online, or not
    approved yet. Raises Invalid or InvalidContact naming `name`, `email`, `kind` or `helpers` (five at most),
    WrongStatus, AlreadyCancelled.
    """
    return invite(actor, appointment, helper).url


def invite(actor: Actor, appointment: Appointment, helper: Helper) -> Invited:
    """As `add_helper`, with the instant the link expires. Raises NotPermitted for a role only staff may give."""
    require_links(appointment.business_id)
    new = contacts.clean_helper(helper, business=appointment.business)
    role = role_for(actor, helper.role)
    with writing():
        current = _coming(actor, appointment)
        if len(current.helpers) >= MOST:
            raise Invalid(_("An appointment takes at most five helpers. Leave some out."), field="helpers")
        address = ""
        if current.meeting is not None:
            seat = planning.invite(current.meeting, planning.Seat("helper", role, new["name"]))
            new["seat"] = seat.ref
            _link, address = links.invite(current, seat)
        current.helpers = [*current.helpers, new]
        current.save(update_fields=["helpers"])
        if not access.is_staff(actor):
            quota.count_written_to(new["email"], new.get("phone", ""))
        if address:
            announcements.teller(current, by=actor).invited(new)
        access.record(actor, current, "helper_added", kind=new["kind"])
        return Invited(address, links.expiry(current), new.get("seat", ""))


def require_links(business_id: int) -> None:
    """Raise Invalid (field `helpers`) where the business gives nobody who helps a link of their own."""
    if not visit_rules.of(business_id).helper_links:
        words = _("Here nobody joins by a link of their own, so nobody was invited. Ask whoever runs this business.")
        raise Invalid(words, field="helpers")


def role_for(actor: Actor, wanted: str) -> str:
    """Return the role in the call `actor` may give somebody they bring. Raises Invalid, NotPermitted."""
    if wanted not in (R.ATTENDEE, R.COLLABORATOR, R.PRESENTER):
        raise Invalid(
            _("Choose what they may do in the call: listen and talk, show things too, or everything."), field="role"
        )
    if wanted != R.ATTENDEE and not access.is_staff(actor):
        raise NotPermitted(_("Only staff can let somebody do more in the call than see, hear and talk."))
    return wanted


def remove_helper(actor: Actor, appointment: Appointment, index: int) -> Appointment:
    """Take helper number `index` of `appointment.helpers` out: the link opens nothing any more. Raises NotFound."""
    with writing():
        current = _coming(actor, appointment)
        if not 0 <= index < len(current.helpers):
            raise NotFound(_("There is no such helper any more. Load the page again."))
        leaving = current.helpers[index]
        if leaving.get("seat"):
            announcements.teller(current, by=actor).uninvited(leaving)
            links.uninvite(leaving["seat"])
            seat = Participant.objects.select_related("meeting").filter(ref=leaving["seat"]).first()
            if seat is not None:
                planning.uninvite(seat)
        current.helpers = [one for number, one in enumerate(current.helpers) if number != index]
        current.save(update_fields=["helpers"])
        access.record(actor, current, "helper_removed", kind=leaving.get("kind", ""))
        return current


def _coming(actor: Actor, appointment: Appointment) -> Appointment:
    """Return the locked appointment if it has not ended."""
    current = access.locked(actor, appointment)
    if current.status in status.OVER:
        raise WrongStatus(str(current.status))
    if current.status != S.IN_VISIT:
        status.require(current, S.CANCELLED)
    return current
