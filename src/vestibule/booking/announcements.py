"""What is said to whom about an appointment: rows of the outbox, written in the transaction of the change.

Each message has a key of its own, so that writing it twice is writing it once. Reminders carry the start in their
key: moved, the old ones are dropped and new ones written, and one that has left already stays said.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings

from vestibule.booking import links
from vestibule.booking.links import LinkIds
from vestibule.booking.models import Appointment, Location
from vestibule.notifications import invitation, outbox
from vestibule.notifications.facts import AppointmentFacts, Audience, Kind
from vestibule.notifications.outbox import Message
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store import clock

EMAIL, SMS = "email", "sms"
REMINDERS = (
    (Kind.REMINDER_24H, EMAIL, timedelta(hours=24)),
    (Kind.REMINDER_1H, SMS, timedelta(hours=1)),
)


class Teller:
    """Writes what both sides are told about one appointment, as it is now."""

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
        self._ids = ids
        self._changed_by = changed_by
        self._previous = previous

    def booked(self) -> None:
        """Confirm, and plan the reminders."""
        outbox.enqueue_all([*self._now(Kind.CONFIRMATION, Kind.PROVIDER_BOOKED), *self._reminders()])

    def moved(self) -> None:
        """Tell the new time in place of whatever has not left yet, and move the reminders."""
        outbox.drop(self._of.ref)
        outbox.enqueue_all([*self._now(Kind.MOVED, Kind.PROVIDER_MOVED), *self._reminders()])

    def cancelled(self) -> None:
        """Take back what has not left yet, and say that nothing takes place."""
        outbox.drop(self._of.ref)
        outbox.enqueue_all(list(self._now(Kind.CANCELLED, Kind.PROVIDER_CANCELLED)))

    def left(self, former: list[Provider]) -> None:
        """Tell providers who no longer take part that their time is free."""
        outbox.enqueue_all(
            [
                self._message(
                    Kind.PROVIDER_CANCELLED, EMAIL, provider, f"v{self._of.version}", status="cancelled", left=True
                )
                for provider in former
                if provider.email
            ]
        )

    def facts_for_consumer(self) -> AppointmentFacts:
        """Return what the consumer is told of the appointment as it stands."""
        return self._facts(None, self._of.status, left=False)

    def _now(self, to_consumer: Kind, to_provider: Kind) -> Iterator[Message]:
        mark = f"v{self._of.version}"
        if self._of.email:
            yield self._message(to_consumer, EMAIL, None, mark)
        for provider in self._team:
            if provider.email:
                yield self._message(to_provider, EMAIL, provider, mark)

    def _reminders(self) -> Iterator[Message]:
        now = clock.now()
        for kind, channel, ahead in REMINDERS:
            due = self._of.start - ahead
            if due <= now:
                continue
            for reader in (None, *self._team):
                if _address(self._of if reader is None else reader, channel):
                    yield self._message(kind, channel, reader, str(self._of.start_minute), due=due)

    def _message(
        self,
        kind: Kind,
        channel: str,
        provider: Provider | None,
        mark: str,
        *,
        due: datetime | None = None,
        status: str = "",
        left: bool = False,
    ) -> Message:
        of = self._of
        reader = "consumer" if provider is None else f"p{provider.pk}"
        return Message(
            key=f"{of.ref}:{kind}:{reader}:{channel}:{mark}",
            business_id=of.business_id,
            subject_ref=of.ref,
            kind=kind,
            channel=channel,
            to=_address(of if provider is None else provider, channel),
            to_name=of.name if provider is None else provider.name,
            language=of.language if provider is None else of.business.language,
            timezone=of.timezone if provider is None else provider.timezone or of.business.timezone,
            facts=self._facts(provider, status or of.status, left=left),
            due_at=due,
            not_after=of.start if due is not None else None,
        )

    def _facts(self, reader: Provider | None, status: str, *, left: bool) -> AppointmentFacts:
        of, business = self._of, self._of.business
        lead = reader or self._team[0]
        kind, place = _place(of)
        start = self._previous if left and self._previous is not None else of.start_minute
        return AppointmentFacts(
            appointment=of.ref,
            version=of.version,
            business_slug=business.slug,
            business_name=business.name,
            business_timezone=business.timezone,
            service=of.service.name,
            provider=lead.name if left else self._team[0].name,
            consumer=of.name,
            start_minute=start,
            end_minute=start + of.end_minute - of.start_minute,
            business_phone=business.phone,
            organiser_email=business.email,
            accent=business.accent,
            provider_title=self._team[0].title,
            provider_timezone=lead.timezone or business.timezone,
            consumer_email=of.email,
            consumer_phone=of.phone,
            consumer_timezone=of.timezone,
            location_kind=kind,
            location_text=place,
            status=status,
            changed_by=self._changed_by,
            reason=of.cancel_reason,
            previous_start_minute=None if left else self._previous,
            audience=Audience.CONSUMER if reader is None else Audience.PROVIDER,
            manage_link=self._ids.manage if reader is None else None,
            visit_link=self._ids.visit if reader is None else self._ids.providers.get(reader.pk),
        )


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
    addresses = links.addresses(appointment)
    return invitation.invitation(
        teller(appointment).facts_for_consumer(),
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


def _address(somebody: Appointment | Provider, channel: str) -> str:
    return somebody.email if channel == EMAIL else somebody.phone
