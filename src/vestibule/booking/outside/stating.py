"""How it stands between us and a scheduler outside, for staff: when it was read, what waits, what needs somebody.

Staff mark what they have seen, and let what failed be tried again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import access
from vestibule.booking.models import Appointment, OutsideAppointment, OutsideStray, SchedulerLink
from vestibule.booking.outside import linking, waking, wanting
from vestibule.people import audit
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

State = OutsideAppointment.State
TOLERANCE = timedelta(minutes=60)
"""For how long it may go unread before staff are told."""
MOST = 200
FAILED, CONFLICT, STRAY = "failed", "conflict", "stray"

CONFLICTS: Mapping[str, str | Promise] = {
    "time": gettext_lazy("Its time was changed here and there at once. The time there holds."),
    "service": gettext_lazy("Its service was changed there to one that is not known here. Here it stays as it was."),
    "name": gettext_lazy("Its name was changed on both sides at once. The one there holds."),
    "email": gettext_lazy("Its e-mail address was changed on both sides at once. The one there holds."),
    "phone": gettext_lazy("Its telephone number was changed on both sides at once. The one there holds."),
    "cancelled": gettext_lazy("One side cancelled it while the other changed it. It is cancelled."),
    "taken": gettext_lazy("It was moved there to a time somebody else has here. Here it is still at its old time."),
    "staff": gettext_lazy("It was given there to somebody who is not known here. Here it stays as it was."),
    "group": gettext_lazy("It was made one for a group there. Here it stays as it was."),
    "over": gettext_lazy("It was changed there after its visit had begun. Here it stays as it was."),
}
STRAYS: Mapping[str, str | Promise] = {
    "service": gettext_lazy("Its service is not known here. Import from Bookings, and it follows by itself."),
    "staff": gettext_lazy("Who takes it is not known here. Import from Bookings, and it follows by itself."),
    "group": gettext_lazy("It is for a group. Groups are kept in Bookings alone; the time counts as busy here."),
    "taken": gettext_lazy("Its time is somebody else's here: two people are expected at once. Move one of them."),
    "broken": gettext_lazy("It could not be read by us. The time counts as busy here; tell whoever runs the server."),
}
FAILURES: Mapping[str, str | Promise] = {
    "service": gettext_lazy("Its service has no counterpart in Bookings. Export to Bookings, then try again."),
    "staff": gettext_lazy("Its provider has no counterpart in Bookings. Export to Bookings, then try again."),
    "group": gettext_lazy("Groups are not brought to Bookings: this one stands here alone."),
    "broken": gettext_lazy("It could not be written down by us. Tell whoever runs the server."),
}


@dataclass(frozen=True)
class Notice:
    """One thing that somebody should look at: `kind` and `ref` name it for `seen` and `again`.

    `appointment` is ours, None for a stray. Minutes are UTC.
    """

    kind: str
    ref: str
    name: str
    service: str
    start: int
    end: int
    sentence: str
    at: datetime
    appointment: str | None = None


@dataclass(frozen=True)
class Standing:
    """How a link stands. `is_behind`: it was not read for longer than an hour; bookings go on all the same."""

    link: SchedulerLink
    is_on: bool
    is_behind: bool
    waiting: int
    notices: Sequence[Notice]

    @property
    def read_at(self) -> datetime | None:
        """When its appointments were last read whole."""
        return self.link.read_at

    @property
    def problem(self) -> str:
        """Why the last try did not work, "" if it did."""
        return self.link.problem if self.is_on else ""

    def of(self, kind: str) -> list[Notice]:
        """Return the notices of one kind."""
        return [one for one in self.notices if one.kind == kind]


def state(business: Business) -> Standing | None:
    """Return how the link of a business stands, with what needs somebody; None without a link."""
    link: SchedulerLink | None = SchedulerLink.objects.filter(business=business).first()
    if link is None:
        return None
    is_on = linking.active().filter(pk=link.pk).exists()
    waits = OutsideAppointment.objects.filter(link=link, state__in=[State.QUEUED, State.LEASED])
    notices = [*_of_rows(link), *_of_strays(link)] if is_on else []
    return Standing(link, is_on, is_on and is_behind(link), waits.count() if is_on else 0, notices)


def is_behind(link: SchedulerLink) -> bool:
    """Tell whether a link that is on was not read for longer than the tolerance, or never and it keeps failing."""
    if link.read_at is None:
        return link.failures >= 3
    return bool(clock.now() - link.read_at >= TOLERANCE)


def behind() -> list[SchedulerLink]:
    """Return the links that are behind, of every business."""
    return [one for one in linking.active().select_related("business") if is_behind(one)]


def is_linked(business: Business) -> bool:
    """Tell whether a business is kept in step with a scheduler outside. Costs nothing."""
    return linking.of(business) is not None


def count(business: Business) -> int:
    """Return how many notices wait for somebody, cheaply."""
    rows = OutsideAppointment.objects.filter(business=business)
    strays = OutsideStray.objects.filter(business=business, seen_at=None)
    return int(rows.filter(_needs_somebody()).count() + strays.count())


def held_back(business: Business) -> int:
    """Return how many appointments were missing there all at once, and are not cancelled here yet."""
    return int(linking.active().filter(business=business).values_list("held_back", flat=True).first() or 0)


def line(appointment: Appointment) -> str:
    """Return how one appointment stands outside, in a sentence; "" where it stands here alone by design."""
    if not is_linked(appointment.business):
        return ""
    row = OutsideAppointment.objects.filter(appointment=appointment).first()
    if row is None:
        return ""
    if row.state == State.FAILED:
        return _("Not brought there: %(why)s") % {"why": _failure(row)}
    if row.conflict:
        return _conflict(row)
    if row.state != State.DONE:
        return _("Being brought there")
    return _("In step") if row.external_id and row.is_wanted else _("Not there")


def seen(actor: Actor, business: Business, kind: str, ref: str) -> None:
    """Take a notice away, since somebody has seen it. Raises NotFound, NotPermitted."""
    _permit(actor, business)
    with writing():
        if kind == STRAY:
            found = OutsideStray.objects.filter(business=business, ref=ref).update(seen_at=clock.now())
        else:
            rows = OutsideAppointment.objects.filter(business=business, appointment__ref=ref)
            found = rows.exclude(conflict="").update(conflict="") if kind == CONFLICT else 0
        if not found:
            raise NotFound(_("This is no longer there: somebody else has dealt with it."))
        audit.record(actor, business.pk, "outside.seen", "outside", ref, kind=kind)


def again(actor: Actor, business: Business, ref: str) -> None:
    """Let an appointment that could not be brought there be tried again. Raises NotFound, NotPermitted."""
    _permit(actor, business)
    with writing():
        row = OutsideAppointment.objects.filter(business=business, appointment__ref=ref, state=State.FAILED).first()
        if row is None:
            raise NotFound(_("This is no longer there: somebody else has dealt with it."))
        OutsideAppointment.objects.filter(pk=row.pk).update(**wanting.anew())
        access.record(actor, row.appointment, "outside_again")
    waking.wake()


def let_go(actor: Actor, business: Business) -> None:
    """Let what is missing there be cancelled here, however much it is; its people are told as ever.

    Raises NotFound where nothing is held back any more, NotPermitted.
    """
    _permit(actor, business)
    with writing():
        held = held_back(business)
        if not held or not linking.active().filter(business=business).update(may_cancel=True, next_at=clock.now()):
            raise NotFound(_("This is no longer there: somebody else has dealt with it."))
        audit.record(actor, business.pk, "outside.let_go", "outside", business.ref, count=held)
    waking.wake()


def read_now(actor: Actor, business: Business) -> None:
    """Let the scheduler outside be read at once. Raises NotFound, NotPermitted."""
    _permit(actor, business)
    with writing():
        if not linking.active().filter(business=business).update(next_at=clock.now()):
            raise NotFound(_("No business in Bookings is chosen yet."))
    waking.wake()


def _permit(actor: Actor, business: Business) -> None:
    if actor.business_of(Permission.CHANGE_APPOINTMENTS) != business.pk:
        raise NotPermitted(_("This is not your business, so nothing was changed."))


def _needs_somebody() -> Q:
    is_ahead = Q(appointment__end_minute__gt=to_minute(clock.now()))
    return (Q(state=State.FAILED) & ~Q(problem="group") & is_ahead) | ~Q(conflict="")


def _of_rows(link: SchedulerLink) -> list[Notice]:
    rows = OutsideAppointment.objects.filter(_needs_somebody(), link=link).select_related("appointment__service")
    found = []
    for row in rows.order_by("appointment__start_minute")[:MOST]:
        of = row.appointment
        common = (of.ref, of.name, of.service.name, of.start_minute, of.end_minute)
        if row.state == State.FAILED:
            found.append(Notice(FAILED, *common, _failure(row), row.next_at, of.ref))
        if row.conflict:
            found.append(Notice(CONFLICT, *common, _conflict(row), row.conflict_at or row.next_at, of.ref))
    return found


def _of_strays(link: SchedulerLink) -> list[Notice]:
    return [
        Notice(
            STRAY,
            one.ref,
            str(one.content.get("name") or _("No name")),
            str(one.content.get("service_name") or ""),
            one.start_minute,
            one.end_minute,
            str(STRAYS.get(one.reason, one.reason)),
            one.since,
        )
        for one in OutsideStray.objects.filter(link=link, seen_at=None)[:MOST]
    ]


def _failure(row: OutsideAppointment) -> str:
    told = _("Bookings did not take this: %(why)s.") % {"why": row.problem.rstrip(".")}
    return str(FAILURES.get(row.problem, told))


def _conflict(row: OutsideAppointment) -> str:
    return " ".join(str(CONFLICTS[code]) for code in row.conflict.split(",") if code in CONFLICTS)
