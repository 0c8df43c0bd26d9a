"""What somebody asks for when booking: frozen values that the verbs check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vestibule.booking.models import Service
from vestibule.people.models import Provider


@dataclass(frozen=True)
class Contact:
    """Who books, as typed: nothing here is checked yet.

    `timezone` is an IANA zone ("" for the business'); `language` a language tag ("" for the business'). `sms_consent`
    says whether text messages may go to `phone`; None: as usual, which is no where the business asks first. What was
    said or ticked beside the number is `sms_wording`, kept with the consent; "" where nobody was shown any. Without
    `takes_mails` nothing about the appointment is mailed to them.
    """

    name: str
    email: str
    phone: str = ""
    timezone: str = ""
    language: str = ""
    sms_consent: bool | None = None
    sms_wording: str = ""
    takes_mails: bool = True


@dataclass(frozen=True)
class Helper:
    """Somebody who is brought: `kind` is "helper", "interpreter", or free text; `role` is that in the call.

    Only staff give another `role` than "attendee".
    """

    name: str
    email: str = ""
    kind: str = ""
    phone: str = ""
    role: str = "attendee"


@dataclass(frozen=True)
class Wish:
    """One booking as asked for. End and price are not here: the verbs compute them.

    `start` is aware. `provider` None: any who is free, least recently booked first. `length_minutes`, if given, is one
    of `availability.lengths_of`. `hold` is the reference of an own hold on that start. `answers` go by question id
    (text, a list for "many", a bool for consent, the reference of a kept document for "file"). `consents` are the ids
    of consent questions, or `id@version` to say which text was read. `language_need` is what an interpreter or the
    provider should speak. `via` is where it came from: page, desk, manage, api, demo, waitlist.
    """

    service: Service
    start: datetime
    contact: Contact
    provider: Provider | None = None
    length_minutes: int | None = None
    hold: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    consents: tuple[str, ...] = ()
    helpers: tuple[Helper, ...] = ()
    language_need: str = ""
    note: str = ""
    via: str = "page"
