"""Booking as a program asks for it: one consumer, or a group; with whom; the end within what the service allows."""

from collections.abc import Sequence
from dataclasses import replace

from vestibule.api.graph import past_rules
from vestibule.api.graph.appointments_reading import Person, Said, minutes_between, read
from vestibule.api.graph.appointments_values import wire_id
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.values import Json
from vestibule.booking import announcements, beside, lifecycle, sessions
from vestibule.booking.beside import APPOINTMENT, PERSON
from vestibule.booking.errors import ProviderNotOffered
from vestibule.booking.models import Appointment, Service
from vestibule.booking.outside import asking
from vestibule.booking.wishes import Contact, Wish
from vestibule.people.errors import Invalid
from vestibule.people.models import Provider
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

VIA = "graph"


def book(asked: Asked) -> Appointment:
    """Book what the body asks for, and return the appointment that is first of it. Raises Invalid, and refusals."""
    said = read(asked.business, asked.body())
    if said.service is None:
        raise Invalid("Say which service is booked.", field="serviceId")
    if said.start is None:
        raise Invalid("Say when the appointment starts.", field="startDateTime")
    past = past_rules.wanted(asked)
    team = list(said.staff or ())
    wishes = _wishes(said, said.service, provider_of(said.service, team, is_past_rules=past))
    first = wishes[0]
    if not past:  # nothing outside is asked once the writing has begun
        start = to_minute(first.start)
        length = first.length_minutes or first.service.duration_minutes
        asking.before(asked.actor, first.service, first.provider, start, start + length)
    with writing():
        made = sessions.book(asked.actor, wishes, past_rules=past, team=team)
        require_team(made[0], team)
        keep(asked, made, said)
        return made[0]


def provider_of(service: Service, team: Sequence[Provider], *, is_past_rules: bool) -> Provider | None:
    """Return whom to ask for in particular, of those a program names.

    Raises Invalid for several where one of them takes the appointment.
    """
    if len(team) == 1 or not team or is_past_rules:
        return team[0] if team else None
    if service.assignment == Service.Assignment.ANY:
        words = "One of the staff takes an appointment of this service. Name one, or nobody to have whoever is free."
        raise Invalid(words, field="staffMemberIds")
    return None


def require_team(made: Appointment, team: Sequence[Provider]) -> None:
    """Raise ProviderNotOffered unless everybody in `team` takes part in what was just booked."""
    if len(team) > 1 and not {one.pk for one in team} <= {one.pk for one in announcements.team_of(made)}:
        raise ProviderNotOffered


def wish_of(person: Person, service: Service, said: Said) -> Wish:
    """Return what is booked for one of the customers. Raises Invalid without a start."""
    if said.start is None:
        raise Invalid("Say when the appointment starts.", field="startDateTime")
    known = person.consumer
    contact = Contact(
        name=person.name or (known.name if known else ""),
        email=person.email or (known.email if known else ""),
        phone=(known.phone if known else "") if person.phone is None else person.phone,
        timezone=person.zone or (known.timezone if known else ""),
        language=known.language if known else "",
        sms_consent=said.takes_texts,
        takes_mails=said.takes_mails is not False,
    )
    length = minutes_between(said.start, said.end) if said.end is not None else None
    return Wish(
        service=service,
        start=said.start,
        contact=contact,
        length_minutes=None if length == service.duration_minutes else length,
        answers=person.answers,
        note=person.notes or "",
        via=VIA,
    )


def keep(asked: Asked, made: Sequence[Appointment], said: Said) -> None:
    """Keep what was said beside the appointments just made. Inside the writing block."""
    business = asked.business.pk
    if said.label:
        for one in made:
            lifecycle.set_label(asked.actor, one, said.label)
    kept = {name: value for name, value in said.kept.items() if value}
    beside.keep(business, APPOINTMENT, wire_id(made[0]), kept)
    for row, person in zip(made, said.customers or (), strict=True):
        beside.keep(business, PERSON, row.ref, as_written(person, row))


def as_written(person: Person, row: Appointment) -> Json:
    """Return what is kept of one who takes part: a telephone number as it was written, with what it came to."""
    kept: Json = dict(person.kept)
    if person.phone and row.phone and person.phone != row.phone:
        kept["phone"] = [person.phone, row.phone]
    return kept


def _wishes(said: Said, service: Service, provider: Provider | None) -> list[Wish]:
    people = list(said.customers or ())
    if not people:
        words = "An appointment here is for somebody: name a customer with an e-mail address."
        if service.seats > 1:
            words = "A group needs one customer at least who is known here. Make them known first, and name their ids."
        raise Invalid(words, field="customers")
    if service.seats == 1 and len(people) > 1:
        raise Invalid("This service is for one customer at a time.", field="customers")
    if len(people) > service.seats:
        raise Invalid("These are more customers than this service has seats.", field="customers")
    wishes = [wish_of(one, service, said) for one in people]
    return [replace(wishes[0], provider=provider), *wishes[1:]]
