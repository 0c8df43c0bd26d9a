"""Changing an appointment as a program asks: only what differs is changed, and all of it or nothing."""

from collections.abc import Sequence
from datetime import datetime

from vestibule.api.graph import past_rules
from vestibule.api.graph.appointments_booking import as_written, provider_of, require_team, wish_of
from vestibule.api.graph.appointments_reading import Person, Said, minutes_between, read
from vestibule.api.graph.appointments_values import wire_id
from vestibule.api.graph.asked import Asked
from vestibule.booking import access, announcements, beside, contacts, corrections, lifecycle, sessions
from vestibule.booking.beside import APPOINTMENT, PERSON
from vestibule.booking.corrections import Correction
from vestibule.booking.models import Appointment
from vestibule.booking.outside import asking
from vestibule.people.errors import Invalid
from vestibule.people.models import Provider
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

Members = list[Appointment]


def change(asked: Asked, members: Members) -> None:
    """Change an appointment (all who take part in it) to what the body says. Raises Invalid, and refusals of verbs."""
    first = members[0]
    said = read(asked.business, asked.body(), service=first.service)
    if said.service is not None and said.service.pk != first.service_id:
        words = "An appointment stays of the service it was booked as. Cancel it, and book one of the other."
        raise Invalid(words, field="serviceId")
    past = past_rules.wanted(asked)
    time = _time(first, said)
    if time is not None and not past:  # nothing outside is asked once the writing has begun
        start, length, team = time
        end = to_minute(start) + (length or first.end_minute - first.start_minute)
        asking.before(asked.actor, first.service, (team or [first.provider])[0], to_minute(start), end)
    with writing():
        if time is not None:
            members = _move(asked, members, time, is_past_rules=past)
        members = _people(asked, members, said)
        _switches(asked, members, said)
        if said.label is not None and said.label != first.label:
            for one in members:
                lifecycle.set_label(asked.actor, one, said.label)
        if said.kept:
            beside.keep(asked.business.pk, APPOINTMENT, wire_id(members[0]), said.kept)
            access.record(asked.actor, members[0], "noted", members=sorted(said.kept))


def _time(first: Appointment, said: Said) -> tuple[datetime, int | None, Sequence[Provider]] | None:
    """Return where an appointment is to be moved: start, length where it is another, staff where they are others."""
    start = said.start or first.start
    now = first.end_minute - first.start_minute
    length = now
    if said.end is not None and (said.start is not None or said.end != first.end):
        length = minutes_between(start, said.end)
    team: Sequence[Provider] = ()
    if said.staff and {one.pk for one in said.staff} != {one.pk for one in announcements.team_of(first)}:
        team = said.staff
    if start == first.start and length == now and not team:
        return None
    return start, (None if length == now else length), team


def _move(
    asked: Asked, members: Members, to: tuple[datetime, int | None, Sequence[Provider]], *, is_past_rules: bool
) -> Members:
    start, length, team = to
    wanted = provider_of(members[0].service, team, is_past_rules=is_past_rules)
    named = list(team) if is_past_rules else [wanted] if wanted is not None else []
    moved = sessions.move(asked.actor, members, start, team=named, length=length, past_rules=is_past_rules)
    require_team(moved[0], team)
    return moved


def _people(asked: Asked, members: Members, said: Said) -> Members:
    """Let those take part whom `customers` names; who is not named any more is cancelled, and told."""
    if said.customers is None:
        return members
    if not said.customers:
        words = "An appointment here is for somebody. Cancel it if nobody comes."
        raise Invalid(words, field="customers")
    service = members[0].service
    if service.seats == 1:
        if len(said.customers) > 1:
            raise Invalid("This service is for one customer at a time.", field="customers")
        return [_correct(asked, members[0], said.customers[0])]
    left, kept = list(members), []
    for person in said.customers:
        row = next((one for one in left if _is_of(person, one)), None)
        if row is None:
            continue
        left.remove(row)
        kept.append(_correct(asked, row, person))
    fresh = [one for one in said.customers if not any(_is_of(one, row) for row in members)]
    for row in left:
        lifecycle.cancel(asked.actor, row)
    return kept + [_join(asked, members[0], one, said) for one in fresh]


def _join(asked: Asked, first: Appointment, person: Person, said: Said) -> Appointment:
    at = Said(start=first.start, takes_mails=said.takes_mails, takes_texts=said.takes_texts)
    made = sessions.join(asked.actor, first, wish_of(person, first.service, at))
    beside.keep(asked.business.pk, PERSON, made.ref, as_written(person, made))
    return made


def _is_of(person: Person, row: Appointment) -> bool:
    if person.consumer is not None:
        return person.consumer.pk == row.consumer_id
    return person.email is not None and contacts.normal_email(person.email) == contacts.normal_email(row.email)


def _correct(asked: Asked, row: Appointment, person: Person) -> Appointment:
    """Put right what is said of one who takes part; naming another known customer gives the appointment to them."""
    known = person.consumer if person.consumer is not None and person.consumer.pk != row.consumer_id else None
    phone = person.phone
    if phone is None and known is not None:
        phone = known.phone
    if phone is not None and phone in beside.of(row.business_id, PERSON, row.ref).get("phone", ()):
        phone = None  # as it was written before
    given = Correction(
        name=person.name or (known.name if known else None),
        email=person.email or (known.email if known else None),
        phone=phone,
        timezone=person.zone,
        note=person.notes,
    )
    row = corrections.correct(asked.actor, row, given) if given != Correction() else row
    answers = {name: value for name, value in person.answers.items() if _differs(row, name, value)}
    row = lifecycle.answer(asked.actor, row, answers) if answers else row
    beside.keep(asked.business.pk, PERSON, row.ref, as_written(person, row))
    return row


def _differs(row: Appointment, name: str, value: object) -> bool:
    before = row.answers.get(name)
    return value != before and not (before is None and not value) and str(value) != str(before)


def _switches(asked: Asked, members: Members, said: Said) -> None:
    if said.takes_mails is None and said.takes_texts is None:
        return
    for one in members:
        corrections.correct(asked.actor, one, Correction(takes_mails=said.takes_mails, takes_texts=said.takes_texts))
