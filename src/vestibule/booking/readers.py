"""Who is told of an appointment: its consumer, its providers, whom the consumer brings, and the office."""

from dataclasses import dataclass

from vestibule.booking.links import LinkIds
from vestibule.booking.models import Appointment
from vestibule.notifications.facts import Audience
from vestibule.people.models import Provider


@dataclass(frozen=True)
class Reader:
    """Who is told: `key` tells readers of one appointment apart, the links are the reader's own."""

    key: str
    audience: Audience
    name: str
    email: str
    phone: str
    language: str
    timezone: str
    manage: int | None = None
    visit: int | None = None
    provider: Provider | None = None


@dataclass(frozen=True)
class Readers:
    """Those of one appointment as it is now; `ids` are the links each of them is given."""

    appointment: Appointment
    team: list[Provider]
    ids: LinkIds

    def consumer(self) -> Reader:
        """Return whose appointment it is."""
        of, ids = self.appointment, self.ids
        number = of.phone if of.takes_texts else ""
        address = of.email if of.takes_mails else ""
        return Reader(
            *("consumer", Audience.CONSUMER, of.name, address, number, of.language, of.timezone),
            manage=ids.manage,
            visit=ids.visit,
        )

    def providers(self) -> list[Reader]:
        """Return everybody who takes part, the appointment's own provider first."""
        return [self.provider(one) for one in self.team]

    def provider(self, one: Provider) -> Reader:
        """Return one who takes part, or is called in."""
        business = self.appointment.business
        return Reader(
            *(f"p{one.pk}", Audience.PROVIDER, one.name, one.email, one.phone),
            business.language,
            one.timezone or business.timezone,
            visit=self.ids.providers.get(one.pk),
            provider=one,
        )

    def helpers(self) -> list[Reader]:
        """Return whom the consumer brings, those with a seat."""
        of, ids = self.appointment, self.ids
        return [
            Reader(
                *(f"h{one['seat']}", Audience.HELPER, one["name"], one.get("email", ""), one.get("phone", "")),
                *(of.language, of.timezone),
                visit=ids.helpers.get(one["seat"]),
            )
            for one in of.helpers
            if one.get("seat")
        ]

    def office(self) -> list[Reader]:
        """Return the business' own address, unless it is a provider's who is told anyway."""
        business = self.appointment.business
        if not business.email or business.email in {one.email for one in self.team}:
            return []
        kind = Audience.OFFICE
        return [Reader("office", kind, business.name, business.email, "", business.language, business.timezone)]
