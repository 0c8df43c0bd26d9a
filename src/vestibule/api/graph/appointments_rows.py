"""Finding the appointments a program asks for, and showing them a page at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet

from vestibule.api.graph.appointments_answers import names_of
from vestibule.api.graph.appointments_values import Told, shown, wire_id
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.values import Json
from vestibule.booking import beside, links, requests
from vestibule.booking.beside import APPOINTMENT, PERSON
from vestibule.booking.models import Appointment, Seat
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import Permission
from vestibule.store import clock

S = Appointment.Status
_READ = ("business", "service__business", "service__location", "consumer", "provider")


def live(asked: Asked) -> QuerySet[Any]:
    """Return our appointments a program may see. Cancelled ones are gone here: there is no member that would say so."""
    asked.actor.require(Permission.SEE_APPOINTMENTS)
    rows = Appointment.objects.visible_to(asked.actor).exclude(status=S.CANCELLED)
    return rows.exclude(status=S.REQUESTED, request_expires_at__lte=clock.now())


def leading(asked: Asked) -> QuerySet[Any]:
    """Return one of ours for each appointment there is here: of a session the one that was made first."""
    earlier = live(asked).filter(session=OuterRef("session"), pk__lt=OuterRef("pk"))
    return live(asked).filter(Q(session="") | ~Exists(earlier))


def members(asked: Asked) -> list[Appointment]:
    """Return ours that the appointment named in the address is made of. Raises Fault (404)."""
    id = asked.params["appointment"].strip().casefold()
    rows = live(asked).filter(Q(ref=id) | Q(session=id) if id else Q(pk=None))
    first: Appointment | None = rows.order_by("pk").first()
    if first is None:
        _end_if_late(asked, id)
        raise Fault(404, "ErrorItemNotFound", "There is no such appointment, or it is cancelled.")
    return of_session(asked, first)


def of_session(asked: Asked, first: Appointment) -> list[Appointment]:
    """Return `first` with all that take place together with it, as they are now. Raises Fault (404)."""
    wanted = Q(session=first.session) if first.session else Q(pk=first.pk)
    found = list(_whole(live(asked).filter(wanted)).order_by("pk"))
    if not found:
        raise Fault(404, "ErrorItemNotFound", "There is no such appointment any more: it was cancelled just now.")
    return found


def told(asked: Asked, found: Sequence[Appointment]) -> Json:
    """Write one appointment with all that is told of one that is read by its id."""
    return shown(_told(asked, [found])[0], is_whole=True)


def listed(asked: Asked, leaders: Sequence[Appointment]) -> list[Json]:
    """Write a page of appointments, each with all who take part."""
    sessions = [one.session for one in leaders if one.session]
    wanted = Q(pk__in=[one.pk for one in leaders]) | Q(session__in=sessions)
    groups: dict[str, list[Appointment]] = {wire_id(one): [] for one in leaders}
    for one in _whole(live(asked).filter(wanted)).order_by("pk"):
        groups[wire_id(one)].append(one)
    return [shown(one, is_whole=False) for one in _told(asked, [found for found in groups.values() if found])]


def _whole(rows: QuerySet[Any]) -> QuerySet[Any]:
    seats = Seat.objects.select_related("occupancy__provider")
    return rows.select_related(*_READ).prefetch_related(Prefetch("seats", seats))


def _told(asked: Asked, groups: Sequence[Sequence[Appointment]]) -> list[Told]:
    everybody = [one for group in groups for one in group]
    refs, business = [one.ref for one in everybody], asked.business.pk
    kept = beside.of_all(business, APPOINTMENT, [wire_id(group[0]) for group in groups])
    persons = beside.of_all(business, PERSON, refs)
    services = beside.of_all(business, "service", list({one.service.ref for one in everybody}))
    # A link is a permission: it is told to programs that may change the appointment, not to those that only read.
    visits = links.visits(everybody) if asked.actor.may(Permission.CHANGE_APPOINTMENTS) else {}
    changed, names = _changed(business, everybody), names_of(asked.business)
    return [
        Told(
            group,
            changed.get(wire_id(group[0]), group[0].created_at),
            kept.get(wire_id(group[0]), {}),
            persons,
            visits,
            names,
            services.get(group[0].service.ref, {}).get("defaultPriceType") or {},
        )
        for group in groups
    ]


def _changed(business_id: int, rows: Sequence[Appointment]) -> dict[str, datetime]:
    """Return when something about each appointment last was; that somebody left a group is a change of it too."""
    whose = {one.ref: wire_id(one) for one in rows}
    sessions = {one.session for one in rows if one.session}
    if sessions:
        left = Appointment.objects.filter(business_id=business_id, session__in=sessions)
        whose |= dict(left.values_list("ref", "session"))
    trail = AuditEntry.objects.filter(business_id=business_id, subject_kind="appointment", subject_ref__in=whose)
    found: dict[str, datetime] = {}
    for ref, at in trail.values_list("subject_ref").annotate(at=Max("at")).order_by():
        found[whose[ref]] = max(at, found.get(whose[ref], at))
    return found


def _end_if_late(asked: Asked, id: str) -> None:
    row = Appointment.objects.visible_to(asked.actor).filter(ref=id, status=S.REQUESTED).first()
    if row is not None:
        requests.expire(row)
