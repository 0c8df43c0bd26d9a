"""Appointments of ours and of theirs as values that can be compared, and how ours is told to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from vestibule.booking.models import Appointment, Location, OutsideName
from vestibule.booking.outside.deciding import PARTS, Standing
from vestibule.booking.ports import TheirAppointment, TheirCustomer
from vestibule.people.models import Provider
from vestibule.store.clock import from_minute, to_minute

SERVICE, PROVIDER, QUESTION = "service", "provider", "question"


class NotNamed(Exception):
    """Something of an appointment has no counterpart outside: `reason` is service, staff or group."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Names:
    """What is called what, by kind: outside by ours, and ours by what is outside in small letters."""

    outside: Mapping[str, Mapping[str, str]]
    ours: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, link: int) -> Self:
        """Return the names of a link, in one query."""
        outside: dict[str, dict[str, str]] = {SERVICE: {}, PROVIDER: {}, QUESTION: {}}
        ours: dict[str, dict[str, str]] = {SERVICE: {}, PROVIDER: {}, QUESTION: {}}
        rows = OutsideName.objects.filter(link_id=link).values_list("kind", "ours", "external_id")
        for kind, own, external in rows:
            outside.setdefault(kind, {})[own] = external
            ours.setdefault(kind, {})[external.casefold()] = own
        return cls(outside, ours)

    def question(self, service: str, id: str) -> str:
        """Return what a question of a service is called outside, or "": one id may ask two things in two services."""
        known = self.outside[QUESTION]
        return known.get(f"{service}.{id}") or known.get(id, "")

    @property
    def staff(self) -> list[str]:
        """The ids outside of everybody who is known here."""
        return sorted(self.outside[PROVIDER].values())


def ours(appointment: Appointment, team: Sequence[Provider], names: Names) -> Standing | None:
    """Return how an appointment stands here; None for one that is cancelled. Raises NotNamed."""
    if appointment.status == Appointment.Status.CANCELLED:
        return None
    if appointment.service.seats > 1:
        raise NotNamed("group")
    service = names.outside[SERVICE].get(appointment.service.ref)
    if service is None:
        raise NotNamed("service")
    staff = [names.outside[PROVIDER].get(one.ref, "") for one in team]
    if not all(staff):
        raise NotNamed("staff")
    return Standing(
        appointment.start_minute,
        appointment.end_minute,
        service,
        tuple(staff),
        appointment.name,
        appointment.email,
        appointment.phone,
    )


def theirs(told: TheirAppointment) -> Standing:
    """Return how an appointment stands there. Times are whole minutes here: begun ones count."""
    start = to_minute(told.start)
    who = told.customers[0] if told.customers else TheirCustomer("")
    return Standing(
        start, max(to_minute(told.end), start + 1), told.service, tuple(told.staff), who.name, who.email, who.phone
    )


def to_tell(
    appointment: Appointment, wanted: Standing, names: Names, *, service_name: str, tells: bool
) -> TheirAppointment:
    """Return an appointment of ours as it is told to them, with our reference as its key."""
    told = {names.question(appointment.service.ref, id): _text(given) for id, given in appointment.answers.items()}
    answers = {id: written for id, written in told.items() if id and written}
    place = appointment.service.location
    return TheirAppointment(
        service=wanted.service,
        start=from_minute(wanted.start),
        end=from_minute(wanted.end),
        key=appointment.ref,
        staff=wanted.staff,
        customers=(
            TheirCustomer(
                wanted.name, wanted.email, wanted.phone, appointment.note, appointment.timezone, answers=answers
            ),
        ),
        is_online=place is None or place.kind == Location.Kind.ONLINE,
        tells_customer=tells,
        service_name=service_name,
    )


def with_parts(told: TheirAppointment, wanted: Standing, parts: frozenset[str]) -> TheirAppointment:
    """Return what stands there with some parts as they are wanted, and all else as it is."""
    if "time" in parts:
        told = replace(told, start=from_minute(wanted.start), end=from_minute(wanted.end), staff=wanted.staff)
    if "service" in parts:
        told = replace(told, service=wanted.service)
    contact = {name: getattr(wanted, name) for name in PARTS if name in parts and name in ("name", "email", "phone")}
    if contact:
        first, *others = told.customers or (TheirCustomer(""),)
        told = replace(told, customers=(replace(first, **contact), *others))
    return told


def _text(given: Any) -> str:
    if isinstance(given, bool):
        return "✓" if given else ""
    return ", ".join(map(str, given)) if isinstance(given, list) else str(given)
