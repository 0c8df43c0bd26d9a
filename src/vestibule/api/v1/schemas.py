"""What goes into API v1 and comes out of it, apart from the tables.

Inputs are strict: unknown members, wrong types, NUL and lone surrogates are refused, every number has bounds.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
)

RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)([Zz]|[+-]\d\d:\d\d)")


def read_instant(given: Any) -> datetime:
    """Return an RFC 3339 instant of the years 2000 to 2200 in UTC. Raises ValueError for anything else."""
    found = RFC3339.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise ValueError("an instant is written as in RFC 3339, with its offset: 2026-03-02T09:00:00Z")
    day, time, offset = found.groups()
    instant = datetime.fromisoformat(f"{day}T{time[:15]}{'+00:00' if offset in 'Zz' else offset}")
    if not 2000 <= instant.year <= 2200:
        raise ValueError("instants are of the years 2000 to 2200")
    return instant.astimezone(UTC)


def _no_nul(given: Any) -> Any:
    if isinstance(given, str) and ("\0" in given or any("\ud800" <= character <= "\udfff" for character in given)):
        raise ValueError("text must not hold NUL or lone surrogates")
    return given


def instant(value: datetime) -> str:
    """Return an aware instant as RFC 3339 in UTC."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Instant = Annotated[
    datetime,
    BeforeValidator(read_instant),
    Field(description="RFC 3339 with offset, such as 2026-03-02T09:00:00Z"),
]


_Plain = Annotated[str, BeforeValidator(_no_nul)]
Slug = Annotated[_Plain, StringConstraints(strict=True, min_length=1, max_length=60)]
Word = Annotated[_Plain, StringConstraints(strict=True, max_length=64)]
Line = Annotated[_Plain, StringConstraints(strict=True, max_length=300)]
Address = Annotated[_Plain, StringConstraints(strict=True, min_length=1, max_length=16_384)]
Paragraph = Annotated[_Plain, StringConstraints(strict=True, max_length=2000)]


class Given(BaseModel):
    """A request body; members nobody asked for are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ConsumerIn(Given):
    """Who books."""

    name: Line
    email: Line
    phone: Word = Field(default="", description="E.164, or as dialled in the business' country")
    timezone: Word = Field(default="", description="IANA zone; empty: the business'")
    language: Word = Field(default="", description="Language tag; empty: the business'")
    sms_consent: bool | None = Field(
        default=None,
        description=(
            "Whether the person agreed to text messages to `phone`; true is kept as consent, with the time and the"
            " sentence the booking page shows. False: none are sent. Left out: as usual, and none where the business"
            " asks before it sends any. An earlier STOP from that number stays."
        ),
    )


class HelperIn(Given):
    """Somebody the consumer brings."""

    name: Line
    email: Line = ""
    kind: Word = Field(default="", description='Such as "interpreter"')


class ConsentIn(Given):
    """Agreement to a consent question, and to which version of its text."""

    id: Word
    version: Word = Field(default="", description="Empty: the one that counts now")


class RepeatIn(Given):
    """A series: the same time of day in the business' zone, `count` times, the first at `start`."""

    every: Literal["week", "fortnight", "month"] = Field(
        description="`month` keeps the weekday of the month, such as the second Tuesday; a fifth becomes the last"
    )
    count: Annotated[StrictInt, Field(ge=2, le=52)]
    policy: Literal["all", "free"] = Field(
        default="all", description="`all`: every date or none; `free`: those that are free"
    )


Answer = Annotated[
    StrictBool
    | Annotated[StrictInt, Field(ge=-(10**12), le=10**12)]
    | Annotated[StrictFloat, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
    | Paragraph
    | Annotated[list[Line], Field(max_length=50)]
    | None,
    Field(description="Text, number, true, a date as text, or several choices"),
]


Length = Annotated[StrictInt, Field(ge=1, le=1440, description="One of the service's lengths")]


class HoldIn(Given):
    """A start to keep for five minutes."""

    service: Slug
    start: Instant
    provider: Slug | None = None
    length_minutes: Length | None = None


class AppointmentIn(Given):
    """A booking. End and price are computed."""

    service: Slug
    start: Instant
    consumer: ConsumerIn
    provider: Slug | None = Field(
        default=None, description="Slug; left out: any who is free, least recently booked first"
    )
    length_minutes: Length | None = None
    hold: Word | None = Field(default=None, description="Id of an own hold on this start")
    answers: Annotated[dict[Word, Answer], Field(max_length=50)] = Field(default_factory=dict)
    consents: Annotated[list[Line | ConsentIn], Field(max_length=20)] = Field(
        default_factory=list, description="Ids of consent questions, or ids with the version that was read"
    )
    helpers: Annotated[list[HelperIn], Field(max_length=5)] = Field(default_factory=list)
    language_need: Word = Field(default="", description="Which language is to be spoken or interpreted")
    note: Paragraph = ""
    repeat: RepeatIn | None = None


class ChangeIn(Given):
    """What may be changed of an appointment without moving it; at least one of it."""

    running_late_minutes: Annotated[StrictInt, Field(ge=1, le=120)] | None = None
    answers: Annotated[dict[Word, Answer], Field(max_length=50)] | None = Field(
        default=None, description="Answers to the service's questions; those not named stay"
    )
    label: Annotated[_Plain, StringConstraints(strict=True, max_length=40)] | None = Field(
        default=None, description="For staff; by key"
    )


class CancelIn(Given):
    """Why an appointment is cancelled, and whether all later ones of its series are as well."""

    reason: Line = ""
    rest: StrictBool = False


class DeclineIn(Given):
    """Why a request is turned down."""

    reason: Line = ""


class LinkIn(Given):
    """Somebody who is to join the visit beside the consumer."""

    role: Literal["helper", "interpreter"]
    name: Line
    email: Line = Field(default="", description="Where they are told, now and of every change; empty: nowhere")


class WaitIn(Given):
    """Who waits for a time that becomes free, and for which."""

    service: Slug
    first: date = Field(description="First date that suits, in the consumer's zone")
    last: date = Field(description="Last date that suits; the wait ends with it")
    day_parts: Annotated[list[Literal["morning", "afternoon", "evening"]], Field(max_length=3)] = Field(
        default_factory=list, description="Empty: any"
    )
    provider: Slug | None = None
    length_minutes: Length | None = None
    consumer: ConsumerIn | None = Field(default=None, description="Left out with `appointment`")
    appointment: Word | None = Field(
        default=None, description="Id of an appointment of the caller's, which moves to the earlier time"
    )


class AcceptIn(Given):
    """What the service asks, answered with taking an offer; answers may follow later, required consents may not."""

    answers: Annotated[dict[Word, Answer], Field(max_length=50)] = Field(default_factory=dict)
    consents: Annotated[list[Line | ConsentIn], Field(max_length=20)] = Field(default_factory=list)


class RescheduleIn(Given):
    """Where an appointment moves."""

    start: Instant
    provider: Slug | None = Field(default=None, description="Slug; left out: the same provider")
    length_minutes: Length | None = Field(default=None, description="Left out: as long as it is; by key")
    hold: Word | None = Field(default=None, description="Id of an own hold on this start")


class BusinessOut(Schema):
    """A business as anybody may see it."""

    slug: str
    name: str
    tagline: str
    timezone: str = Field(description="IANA zone")
    language: str
    phone: str = Field(description="Where consumers may call; empty: nowhere")
    privacy_url: str


class QuestionOut(Schema):
    """A question asked when booking."""

    id: str
    type: Literal["text", "long_text", "choice", "many", "number", "date", "file", "consent"]
    label: str
    required: bool
    help: str = ""
    choices: list[str] = []
    text: str = Field(default="", description="Of a consent: what is agreed to")
    version: str = Field(default="", description="Of a consent: which text it is")


class ServiceOut(Schema):
    """What can be booked."""

    slug: str
    name: str
    description: str
    duration_minutes: int
    price_minor: int | None = Field(description="In the smallest unit of `currency`; null: no price is shown")
    currency: str
    location: Literal["online", "place", "phone"]
    seats: int
    chooses_provider: bool
    providers: list[str] = Field(description="Slugs of who offers it")
    lengths: list[int] = Field(description="Minutes that may be chosen, the usual first")
    needs_approval: bool = Field(description="Booking makes a request that staff answer")
    has_waitlist: bool
    most_occurrences: int = Field(description="Dates of a series at most; 1: it does not recur")
    asks_language_need: bool
    questions: list[QuestionOut]


class ServicesOut(Schema):
    services: list[ServiceOut]


class ProviderOut(Schema):
    """Somebody who meets consumers."""

    slug: str
    name: str
    title: str


class ProvidersOut(Schema):
    providers: list[ProviderOut]


class SlotOut(Schema):
    """A free start."""

    start: str = Field(description="RFC 3339 UTC")
    end: str = Field(description="RFC 3339 UTC")
    label: str = Field(description="The time of day in `timezone`", examples=["09:00"])
    offset: str = Field(description="Offset of `timezone` then", examples=["+01:00"])
    providers: list[str] = Field(description="Slugs of who is free then")
    seats_left: int | None = Field(default=None, description="Of group services: how many may still join")


class SlotsOut(Schema):
    slots: list[SlotOut]
    timezone: str
    next: str | None = Field(description="Where nothing is free: the first free start at or after `to`; else null")


class VerdictOut(Schema):
    """What one rule says of a start."""

    rule: str
    allows: bool
    code: str = Field(description="The refusal code, empty where the rule allows it")
    sentence: str
    detail: str


class ExplainOut(Schema):
    start: str
    offered: bool
    verdicts: list[VerdictOut]


class HoldOut(Schema):
    id: str = Field(description="A secret: whoever has it books the start")
    start: str
    end: str
    expires_at: str


class StatusOut(Schema):
    """Who took the appointment to which status, when."""

    status: str
    at: str
    by: str = Field(description="consumer, staff, api_key, public or system")


class ConsentOut(Schema):
    """What the consumer agreed to, when."""

    id: str
    version: str
    text: str
    at: str


class HelperOut(Schema):
    name: str
    kind: str


class OccurrenceOut(Schema):
    """One date of a series: booked, with its secrets, or refused, with the reason and free starts near it."""

    start: str
    booked: bool
    id: str | None = None
    status: str | None = None
    manage_url: str | None = None
    visit_url: str | None = None
    code: str | None = None
    detail: str | None = None
    nearest: list[str] = []


class LinkOut(Schema):
    """The way into the visit for a helper or interpreter: a secret, shown this once. Null: there is none yet."""

    url: str | None
    expires_at: str
    role: str
    name: str


class WaitOut(Schema):
    """A place on the waitlist. While a time is offered, it is held until `offer_expires_at`."""

    id: str
    status: Literal["waiting", "offered", "booked", "gone"]
    service: str
    provider: str | None
    length_minutes: int
    first: str
    last: str
    day_parts: list[str]
    offered_start: str | None
    offer_expires_at: str | None
    appointment: str | None = Field(description="The one that moves, or that was booked")
    created_at: str


class WaitsOut(Schema):
    entries: list[WaitOut]
    next: str | None


class AppointmentOut(Schema):
    """An appointment. `manage_url` and `visit_url` are secrets of the consumer, shown when it is booked."""

    id: str
    business: str
    service: str = Field(description="Slug")
    provider: str = Field(description="Slug")
    start: str
    end: str
    status: Literal[
        "requested", "booked", "arrived", "waiting", "in_visit", "completed", "no_show", "not_seen", "cancelled"
    ]
    version: int = Field(description="Rises with each move and cancellation")
    price_minor: int | None
    currency: str
    timezone: str = Field(description="The consumer's zone")
    running_late_minutes: int | None
    cancel_reason: str
    consumer: dict[str, str]
    answers: dict[str, Any]
    consents: list[ConsentOut]
    language_need: str
    helpers: list[HelperOut]
    series: str | None = Field(description="Id of its series; null: it stands alone")
    request_expires_at: str | None = Field(description="Until when a request is answered; else null")
    label: str | None = Field(default=None, description="Staff's own; by key only")
    history: list[StatusOut]
    created_at: str
    manage_url: str | None = None
    visit_url: str | None = None
    occurrences: list[OccurrenceOut] | None = Field(default=None, description="Every date, where a series was booked")


class AppointmentsOut(Schema):
    appointments: list[AppointmentOut]
    next: str | None = Field(description="Cursor of the next page; null on the last")


class CustomerOut(Schema):
    id: str
    name: str
    email: str
    phone: str
    timezone: str
    created_at: str


class CustomersOut(Schema):
    customers: list[CustomerOut]
    next: str | None


class SurveyAnswerOut(Schema):
    at: str
    audience: str = Field(description="consumer (those they bring, too) or provider")
    question_id: str
    question: str = Field(description="As it was asked, in the language of the business")
    kind: str = Field(description="stars, thumbs, nps, choice, many, text or issues")
    score: int | None = Field(description="1 to 5 for stars, 0 or 1 for thumbs, 0 to 10 for nps; else null")
    chosen: list[str] = Field(description="Ids of answers chosen, or of what did not work, such as audio.Echo")
    comment: str = Field(description="What was written; the answer itself for text")
    service: str | None
    provider: str | None
    appointment: str | None
    visit: str


class SurveyAnswersOut(Schema):
    answers: list[SurveyAnswerOut]
    next: str | None
