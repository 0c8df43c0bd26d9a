"""What is said to whom about an appointment: rows of the outbox, written in the transaction of the change.

Each message has a key of its own, so that writing it twice is writing it once. Reminders carry the start in their
key: moved, the old ones are dropped and new ones written, and one that has left already stays said.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.booking import calendar_entries, links
from vestibule.booking.links import LinkIds
from vestibule.booking.models import Appointment, Location
from vestibule.booking.outside import linking, wanting
from vestibule.booking.own_calendar import telling
from vestibule.booking.readers import Reader, Readers
from vestibule.notifications import choices, limits, outbox, quiet, saying
from vestibule.notifications.choices import EMAIL, SMS, PlannedReminder
from vestibule.notifications.facts import AppointmentFacts, Audience, Kind
from vestibule.notifications.outbox import Message
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store import clock
from vestibule.store.clock import to_minute

URGENT_BEFORE = timedelta(minutes=30)
SOON = timedelta(minutes=30)
"""How long what is true of a moment is worth saying."""
WORTH_KNOWING_FOR = timedelta(days=3)
"""How long news of an appointment is worth sending at least, as after an outage; else until it is over."""
FOLLOWS_UP_FOR = timedelta(days=3)
"""How long after its time a follow-up is still worth sending, as after an outage."""

SAID_OUTSIDE = frozenset({Kind.CONFIRMATION, Kind.MOVED, Kind.CANCELLED, Kind.SERIES_BOOKED})
"""What a scheduler outside tells consumers itself, beside reminders, where the business leaves that to it."""


class Teller:
    """Writes what all sides are told about one appointment, as it is now."""

    def __init__(
        self,
        appointment: Appointment,
        team: list[Provider],
        ids: LinkIds,
        *,
        changed_by: str = "",
        previous: int | None = None,
    ) -> None:
        self._of = appointment
        self._team = team
        self._readers = Readers(appointment, team, ids)
        self._changed_by = changed_by
        self._previous = previous
        self._choices = choices.of(appointment.business)

    def booked(self) -> None:
        """Confirm, and plan the reminders."""
        self._show()
        told = self._now(Kind.CONFIRMATION, Kind.PROVIDER_BOOKED, Kind.HELPER_INVITED)
        outbox.enqueue_all([*told, *self._reminders()])

    def approved(self) -> None:
        """Confirm what was a request, in place of what was said about that and has not left yet."""
        outbox.drop(self._of.ref)
        telling.changed(self._of, self._team)
        self.booked()

    def requested(self) -> None:
        """Say that it is asked for and kept, and ask providers and office for an answer."""
        outbox.drop(self._of.ref)
        readers = (*self._readers.providers(), *self._readers.office())
        asked = [message for one in readers for message in self._say(Kind.PROVIDER_REQUESTED, one)]
        outbox.enqueue_all([*self._say(Kind.REQUESTED, self._readers.consumer()), *asked])

    def moved(self) -> None:
        """Tell the new time in place of whatever has not left yet, and move the reminders."""
        outbox.drop(self._of.ref)
        self._show()
        told = self._now(Kind.MOVED, Kind.PROVIDER_MOVED, Kind.HELPER_MOVED)
        outbox.enqueue_all([*told, *self._reminders()])

    def cancelled(self, *, to_consumer: Kind = Kind.CANCELLED, was_request: bool = False) -> None:
        """Take back what has not left yet, and say that nothing takes place.

        Of a request, which no helper has heard of, providers are told only when its consumer withdraws it.
        """
        outbox.drop(self._of.ref)
        calendar_entries.take_away(self._of)
        wanting.withdraw(self._of)
        if was_request:  # nobody outside has heard of it
            self._leaves_consumer = False
        readers = [self._readers.consumer()]
        if not was_request or self._changed_by == "consumer":
            readers += self._readers.providers()
        if not was_request:
            readers += self._readers.helpers()
        kinds = {Audience.CONSUMER: to_consumer, Audience.HELPER: Kind.HELPER_CANCELLED}
        outbox.enqueue_all(
            [
                message
                for one in readers
                for message in self._say(kinds.get(one.audience, Kind.PROVIDER_CANCELLED), one, was_request=was_request)
            ]
        )

    def dropped(self) -> None:
        """Take back what has not left yet, and say nothing: whoever cancelled it tells people themselves."""
        outbox.drop(self._of.ref)
        calendar_entries.take_away(self._of)
        wanting.withdraw(self._of)

    def corrected(self) -> None:
        """Show who comes as they are called and reached now, and plan the reminders for them."""
        self._show()
        telling.changed(self._of, self._team)
        self.planned()

    def missed(self) -> None:
        """Tell the consumer that they were missed, and where to choose another time; nobody is thanked for coming."""
        outbox.drop(self._of.ref, [Kind.FOLLOW_UP])
        outbox.enqueue_all(list(self._say(Kind.MISSED, self._readers.consumer())))

    def wrote(self, mark: str) -> None:
        """Tell the consumer that a message waits on the page of the appointment, by mail or else by text message.

        `mark` tells one message from the next. What it says is never in what is sent.
        """
        reader = self._readers.consumer()
        if (channel := next(self._ways(Kind.VISIT_NOTE, reader), "")) != "":
            facts = self._facts(reader, self._of.status, left=False)
            outbox.enqueue_all([self._message(Kind.VISIT_NOTE, channel, reader, mark, facts)])

    def unread(self, mark: str, *, by_staff: bool) -> list[Message]:
        """Return mails that say that messages wait to be read, to the providers (`by_staff`) or to the consumer.

        `mark` tells one stretch of unread messages from the next. What they say is never in what is sent.
        """
        readers = self._readers.providers() if by_staff else [self._readers.consumer()]
        return [
            self._message(Kind.MESSAGE_WAITS, EMAIL, one, mark, self._facts(one, self._of.status, left=False))
            for one in readers
            if self._mails(Kind.MESSAGE_WAITS, one)
        ]

    def left(self, former: list[Provider]) -> None:
        """Tell providers who no longer take part that their time is free."""
        readers = [self._readers.provider(one) for one in former]
        outbox.enqueue_all(
            [
                self._told(Kind.PROVIDER_CANCELLED, one, status="cancelled", left=True)
                for one in readers
                if self._mails(Kind.PROVIDER_CANCELLED, one)
            ]
        )

    def invited(self, helper: Mapping[str, str]) -> None:
        """Tell one helper of the appointment, by mail and text message, and plan the reminder."""
        for one in self._readers.helpers():
            if one.key == f"h{helper['seat']}":
                ways = self._ways(Kind.HELPER_INVITED, one)
                outbox.enqueue_all([*self._asked(Kind.HELPER_INVITED, one, ways), *self._reminders([one])])

    def called_in(self, colleague: Provider, visit: int) -> None:
        """Tell a provider at once that a colleague asks them into a visit that goes on; `visit` is their link."""
        reader = replace(self._readers.provider(colleague), visit=visit)
        ways = [channel for channel in (EMAIL, SMS) if _address(reader, channel)]
        outbox.enqueue_all(list(self._asked(Kind.CALLED_IN, reader, ways)))

    def uninvited(self, helper: Mapping[str, str]) -> None:
        """Tell one helper (its seat still there) that they need not come; whatever was to be said is dropped."""
        for one in self._readers.helpers():
            if one.key == f"h{helper['seat']}":
                outbox.drop_for(self._of.ref, one.key)
                outbox.enqueue_all(list(self._say(Kind.HELPER_CANCELLED, one, status="cancelled")))

    def series_for_consumer(self, each: Sequence[tuple[Appointment, LinkIds]]) -> None:
        """Confirm a series, of which this teller's appointment is the first, by one mail."""
        reader = self._readers.consumer()
        if self._mails(Kind.SERIES_BOOKED, reader):
            entries = [_entry(one, ids.manage, ids.visit) for one, ids in each]
            outbox.enqueue_all([self._told(Kind.SERIES_BOOKED, reader, series=entries)])

    def series_for_providers(self, each: Sequence[tuple[Appointment, LinkIds]]) -> None:
        """Tell each provider of a series, of which this teller's appointment is their first, by one mail."""
        made = []
        for reader in self._readers.providers():
            who = reader.provider.pk if reader.provider is not None else 0
            entries = [_entry(one, None, ids.providers.get(who)) for one, ids in each]
            if self._mails(Kind.PROVIDER_SERIES_BOOKED, reader):
                made.append(self._told(Kind.PROVIDER_SERIES_BOOKED, reader, series=entries))
        outbox.enqueue_all(made)

    def series_for_helpers(self, each: Sequence[tuple[Appointment, LinkIds]]) -> None:
        """Tell each helper of a series, of which this teller's appointment is the first, by one mail."""
        made = []
        for number, reader in enumerate(self._readers.helpers()):
            entries = [_entry(one, None, ids.helpers.get(_seat_of(one, number))) for one, ids in each]
            if self._mails(Kind.HELPER_INVITED, reader):
                made.append(self._told(Kind.HELPER_INVITED, reader, series=entries))
        outbox.enqueue_all(made)

    def reminders(self) -> None:
        """Plan the reminders alone, for an appointment that is confirmed otherwise."""
        self._show()
        outbox.enqueue_all(list(self._reminders()))

    def planned(self) -> None:
        """Plan the reminders anew, as after the business chose others.

        Those that have left stay said, and those that are due and wait for a gateway go on waiting, if still wanted.
        """
        wanted = list(self._each(self._choices.reminders(self._of.service.ref)))
        outbox.drop(self._of.ref, [Kind.REMINDER, Kind.FOLLOW_UP], but=wanted)
        outbox.enqueue_all(list(_to_come(wanted)))

    def late(self, minutes: int, mark: str) -> None:
        """Tell the consumer that their provider is `minutes` late; of no use once the time is over."""
        told = self._say(Kind.PROVIDER_LATE, self._readers.consumer(), mark, late_minutes=minutes)
        outbox.enqueue_all([replace(one, not_after=self._of.end, is_urgent=True) for one in told])

    def arrived(self) -> None:
        """Tell the providers that their consumer is there."""
        told = [message for one in self._readers.providers() for message in self._say(Kind.ARRIVED, one)]
        outbox.enqueue_all([replace(one, not_after=self._of.end, is_urgent=True) for one in told])

    def next_in_line(self, mark: str) -> list[Message]:
        """Return what tells the consumer that they are next; `mark` tells one wait from another."""
        told = self._say(Kind.NEXT, self._readers.consumer(), mark)
        return [replace(one, not_after=clock.now() + SOON, is_urgent=True) for one in told]

    def waited(self, minutes: int, mark: str) -> list[Message]:
        """Return what tells providers and office that the consumer has waited for `minutes`."""
        readers = (*self._readers.providers(), *self._readers.office())
        told = [one for reader in readers for one in self._say(Kind.WAITS_TOO_LONG, reader, mark, late_minutes=minutes)]
        return [replace(one, not_after=clock.now() + SOON, is_urgent=True) for one in told]

    def facts_for_consumer(self) -> AppointmentFacts:
        """Return what the consumer is told of the appointment as it stands."""
        return self._facts(self._readers.consumer(), self._of.status, left=False)

    def confirmation(self, mark: str) -> Message:
        """Return the confirmation for the consumer, to be sent (again) under a key that ends in `mark`."""
        return self._message(Kind.CONFIRMATION, EMAIL, self._readers.consumer(), mark, self.facts_for_consumer())

    def _show(self) -> None:
        calendar_entries.show(self._of, self._team)
        wanting.want(self._of)

    @cached_property
    def _leaves_consumer(self) -> bool:
        """Whether a scheduler outside tells the consumer what is booked, moved, cancelled and due."""
        return linking.tells_consumers(self._of)

    def _now(self, to_consumer: Kind, to_provider: Kind, to_helper: Kind) -> Iterator[Message]:
        kinds = {Audience.CONSUMER: to_consumer, Audience.PROVIDER: to_provider, Audience.HELPER: to_helper}
        for reader in (self._readers.consumer(), *self._readers.providers(), *self._readers.helpers()):
            yield from self._say(kinds[reader.audience], reader)

    def _say(self, kind: Kind, reader: Reader, mark: str = "", **more: Any) -> Iterator[Message]:
        """Yield `kind` over each channel that is switched on for it and reaches the reader; `more` are further facts.

        Without `mark` it is said once for each version of the appointment.
        """
        facts = self._facts(reader, more.pop("status", "") or self._of.status, left=more.pop("left", False))
        facts = replace(facts, **more) if more else facts
        for channel in self._ways(kind, reader):
            yield self._message(kind, channel, reader, mark or f"v{self._of.version}", facts)

    def _ways(self, kind: Kind, reader: Reader) -> Iterator[str]:
        """Yield the channels that are switched on for `kind` and reach the reader; mail first."""
        if reader.audience == Audience.CONSUMER and kind in SAID_OUTSIDE and self._leaves_consumer:
            return
        for channel in (EMAIL, SMS):
            is_on = self._choices.is_on(kind, reader.audience, channel, self._of.service.ref)
            if is_on and _address(reader, channel):
                yield channel

    def _mails(self, kind: Kind, reader: Reader) -> bool:
        return EMAIL in self._ways(kind, reader)

    def _asked(self, kind: Kind, reader: Reader, ways: Iterable[str]) -> Iterator[Message]:
        """Yield what asks `reader` to come, over each of `ways`; ahead of all else once it is time."""
        facts = self._facts(reader, self._of.status, left=False)
        for channel in ways:
            said = self._message(kind, channel, reader, f"v{self._of.version}", facts)
            yield replace(said, is_urgent=clock.now() >= self._of.start - URGENT_BEFORE)

    def _told(self, kind: Kind, reader: Reader, *, status: str = "", left: bool = False, **more: Any) -> Message:
        """Return a mail that leaves at once, said once for each version; `more` are further facts."""
        facts = self._facts(reader, status or self._of.status, left=left)
        return self._message(kind, EMAIL, reader, f"v{self._of.version}", replace(facts, **more) if more else facts)

    def _reminders(self, readers: Sequence[Reader] | None = None) -> Iterator[Message]:
        """Return the reminders of `readers` (everybody) that would not have left by now, whatever hours rest."""
        wanted = self._choices.reminders(self._of.service.ref)
        return _to_come(self._each([one for one in wanted if self._time_of(one) > clock.now()], readers))

    def _each(self, wanted: Sequence[PlannedReminder], readers: Sequence[Reader] | None = None) -> Iterator[Message]:
        everybody = readers or (self._readers.consumer(), *self._readers.providers(), *self._readers.helpers())
        if wanted and self._leaves_consumer:
            everybody = [one for one in everybody if one.audience != Audience.CONSUMER]
        for one in wanted:
            for reader in everybody:
                if reader.audience in one.audiences and _address(reader, one.channel):
                    yield self._reminder(one, reader, self._due(one, reader))

    def _time_of(self, one: PlannedReminder) -> datetime:
        at: datetime = self._of.start if one.ahead >= 0 else self._of.end
        return at - timedelta(minutes=one.ahead)

    def _due(self, one: PlannedReminder, reader: Reader) -> datetime:
        """Return when a reminder leaves: so long before the start or after the end, beside the reader's quiet hours."""
        due = self._time_of(one)
        if one.channel != SMS or reader.audience not in limits.RESTS_FOR:
            return due
        latest = self._of.start if one.ahead >= 0 else due + FOLLOWS_UP_FOR
        return quiet.instead(due, latest, reader.timezone, self._choices.rules)

    def _reminder(self, one: PlannedReminder, reader: Reader, due: datetime) -> Message:
        """Return one reminder, of no use from the start on; or one follow-up, of use for some days."""
        kind = Kind.REMINDER if one.ahead >= 0 else Kind.FOLLOW_UP
        asks = kind == Kind.FOLLOW_UP and reader.audience == Audience.CONSUMER and _is_survey_asked(self._of.business)
        facts = replace(self._facts(reader, self._of.status, left=False), words=one.words, has_survey=asks)
        mark = f"{self._of.start_minute}:{one.ref}"
        message = self._message(kind, one.channel, reader, mark, facts, due)
        return message if one.ahead >= 0 else replace(message, not_after=due + FOLLOWS_UP_FOR)

    def _message(
        self, kind: Kind, channel: str, reader: Reader, mark: str, facts: AppointmentFacts, due: datetime | None = None
    ) -> Message:
        of = self._of
        return Message(
            key=f"{of.ref}:{kind}:{reader.key}:{channel}:{mark}",
            business_id=of.business_id,
            subject_ref=of.ref,
            kind=kind,
            channel=channel,
            to=_address(reader, channel),
            to_name=reader.name,
            language=reader.language,
            timezone=reader.timezone,
            facts=facts,
            due_at=due,
            not_after=of.start if due is not None else max(of.end, clock.now() + WORTH_KNOWING_FOR),
            service_ref=of.service.ref,
        )

    def _facts(self, reader: Reader, status: str, *, left: bool) -> AppointmentFacts:
        of, business = self._of, self._of.business
        lead = reader.provider or self._team[0]
        kind, place = _place(of)
        start = self._previous if left and self._previous is not None else of.start_minute
        expires = of.request_expires_at
        return AppointmentFacts(
            appointment=of.ref,
            version=of.version,
            business_slug=business.slug,
            business_name=business.name,
            business_timezone=business.timezone,
            service=of.service.name,
            service_slug=of.service.slug,
            provider=lead.name if left else self._team[0].name,
            consumer=of.name,
            start_minute=start,
            end_minute=start + of.end_minute - of.start_minute,
            business_phone=business.phone,
            organiser_email=business.email,
            accent=business.tone,
            provider_title=self._team[0].title,
            provider_timezone=lead.timezone or business.timezone,
            consumer_email=of.email,
            consumer_phone=of.phone,
            consumer_timezone=of.timezone,
            location_kind=kind,
            location_text=place,
            status=str(status),
            changed_by=self._changed_by,
            reason=of.cancel_reason,
            previous_start_minute=None if left else self._previous,
            audience=reader.audience,
            manage_link=reader.manage,
            visit_link=reader.visit,
            deadline_minute=to_minute(expires) if expires is not None else None,
            helper=reader.name if reader.audience == Audience.HELPER else "",
        )


def _is_survey_asked(business: Business) -> bool:
    return bool(settings.SURVEY_SOURCE) and bool(import_string(settings.SURVEY_SOURCE)(business))


def _entry(one: Appointment, manage: int | None, visit: int | None) -> list[Any]:
    """Return one appointment of a series as its mail holds it."""
    return [one.ref, one.start_minute, one.end_minute, manage, visit]


def _seat_of(one: Appointment, number: int) -> str:
    """Return the seat of helper `number` of one appointment of a series; "" where there is none."""
    return str(one.helpers[number].get("seat", "")) if number < len(one.helpers) else ""


def _to_come(messages: Iterable[Message]) -> Iterator[Message]:
    """Yield the messages whose time is still to come: what should have left is not made up for."""
    now = clock.now()
    return (one for one in messages if one.due_at is not None and one.due_at > now)


def teller(
    appointment: Appointment,
    ids: LinkIds | None = None,
    *,
    team: list[Provider] | None = None,
    by: Actor | None = None,
    previous: int | None = None,
) -> Teller:
    """Return a teller for `appointment`; `by` made the change, `previous` is the start before a move."""
    return Teller(
        appointment,
        team if team is not None else team_of(appointment),
        ids or links.of(appointment),
        changed_by=side_of(by) if by else "",
        previous=previous,
    )


def calendar_file(appointment: Appointment) -> str:
    """Return the appointment as iCalendar text for its consumer, the same entry as in the mails."""
    from vestibule.notifications import invitation

    addresses = links.addresses(appointment)
    facts = teller(appointment).facts_for_consumer()
    return invitation.invitation(
        saying.for_calendar(facts, choices.of(appointment.business)),
        host=urlsplit(settings.PUBLIC_URL).hostname or "localhost",
        zone=appointment.timezone,
        to=appointment.email,
        to_name=appointment.name,
        organiser=settings.DEFAULT_FROM_EMAIL,
        link=addresses.visit or addresses.manage,
        now=clock.now(),
    )


def team_of(appointment: Appointment) -> list[Provider]:
    """Return the providers who take part, the appointment's own first."""
    others = Provider.objects.filter(occupancies__seats__appointment=appointment).exclude(pk=appointment.provider_id)
    return [appointment.provider, *others.distinct().order_by("pk")]


def side_of(actor: Actor) -> str:
    """Return which side made a change, in the words of the messages: consumer, provider or business."""
    if actor.kind in (ActorKind.CONSUMER, ActorKind.PUBLIC):
        return "consumer"
    return "provider" if actor.provider_id is not None else "business"


def _place(appointment: Appointment) -> tuple[str, str]:
    location = appointment.service.location
    if location is None or location.kind == Location.Kind.ONLINE:
        return "online", ""
    if location.kind == Location.Kind.PHONE:
        return "phone", appointment.phone
    return "place", location.address or location.name


def _address(somebody: Reader, channel: str) -> str:
    return somebody.email if channel == EMAIL else somebody.phone
