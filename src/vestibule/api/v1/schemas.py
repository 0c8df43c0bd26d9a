"""What goes into API v1 and comes out of it, apart from the tables.

Inputs are strict: unknown members, wrong types, NUL and lone surrogates are refused, every number has bounds.
"""

import re
from datetime import UTC, datetime
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


class HelperIn(Given):
    """Somebody the consumer brings."""

    name: Line
    email: Line = ""
    kind: Word = Field(default="", description='Such as "interpreter"')


Answer = Annotated[
    StrictBool
    | Annotated[StrictInt, Field(ge=-(10**12), le=10**12)]
    | Annotated[StrictFloat, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
    | Paragraph
    | Annotated[list[Line], Field(max_length=50)]
    | None,
    Field(description="Text, number, true, a date as text, or several choices"),
]


class HoldIn(Given):
    """A start to keep for five minutes."""

    service: Slug
    start: Instant
    provider: Slug | None = None


class AppointmentIn(Given):
    """A booking. End and price are computed."""

    service: Slug
    start: Instant
    consumer: ConsumerIn
    provider: Slug | None = Field(
        default=None, description="Slug; left out: any who is free, least recently booked first"
    )
    length_minutes: Annotated[StrictInt, Field(ge=1, le=1440)] | None = None
    hold: Word | None = Field(default=None, description="Id of an own hold on this start")
    answers: Annotated[dict[Word, Answer], Field(max_length=50)] = Field(default_factory=dict)
    consents: Annotated[list[Line], Field(max_length=20)] = Field(default_factory=list)
    helpers: Annotated[list[HelperIn], Field(max_length=5)] = Field(default_factory=list)
    note: Paragraph = ""


class ChangeIn(Given):
    """What may be changed of an appointment without moving it."""

    running_late_minutes: Annotated[StrictInt, Field(ge=1, le=120)]


class CancelIn(Given):
    """Why an appointment is cancelled."""

    reason: Line = ""


class RescheduleIn(Given):
    """Where an appointment moves."""

    start: Instant
    provider: Slug | None = Field(default=None, description="Slug; left out: the same provider")


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
    type: Literal["text", "long_text", "choice", "many", "number", "date", "consent"]
    label: str
    required: bool
    help: str = ""
    choices: list[str] = []


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


class AppointmentOut(Schema):
    """An appointment. `manage_url` and `visit_url` are secrets of the consumer, shown when it is booked."""

    id: str
    business: str
    service: str = Field(description="Slug")
    provider: str = Field(description="Slug")
    start: str
    end: str
    status: Literal["booked", "arrived", "waiting", "in_visit", "completed", "no_show", "cancelled"]
    version: int = Field(description="Rises with each move and cancellation")
    price_minor: int | None
    currency: str
    timezone: str = Field(description="The consumer's zone")
    running_late_minutes: int | None
    cancel_reason: str
    consumer: dict[str, str]
    answers: dict[str, Any]
    history: list[StatusOut]
    created_at: str
    manage_url: str | None = None
    visit_url: str | None = None


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
    question: str
    score: int = Field(description="1 to 5 for stars, 0 or 1 for thumbs")
    comment: str
    appointment: str | None
    at: str


class SurveyAnswersOut(Schema):
    answers: list[SurveyAnswerOut]
    next: str | None
