"""What goes into and comes out of set-up by API. A member that is left out of a PATCH stays as it is."""

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StrictBool, StrictInt

from vestibule.api.v1.schemas import Given, Instant, Line, Paragraph, Slug, Word

Minutes = Annotated[StrictInt, Field(ge=0, le=1_600_000, description="Minutes")]
Count = Annotated[StrictInt, Field(ge=0, le=1_000_000)]
Day = Annotated[date, Field(description="A local date, such as 2026-12-24")]
Minute = Annotated[StrictInt, Field(ge=0, le=1440, description="Local minutes since midnight")]
Name = Annotated[Line, Field(max_length=120)]


class LimitsIn(Given):
    """The most that is taken in a period; what is left out is without limit."""

    max_per: dict[Literal["day", "week", "month", "year"], Count] = {}
    max_minutes_per: dict[Literal["day", "week", "month", "year"], Minutes] = {}
    timezone: Word = Field(default="", description="Zone of the periods; empty: the provider's")
    scope: Literal["staff", "service"] = Field(default="staff", description="Each provider apart, or all together")


class RuleFields(Given):
    """Booking rules, by the names they have everywhere."""

    interval_minutes: Minutes | None = None
    alignment: Literal["window", "clock", "free"] | None = None
    align_step_minutes: Minutes | None = None
    alignment_timezone: Word | None = None
    buffer_before_minutes: Minutes | None = None
    buffer_after_minutes: Minutes | None = None
    notice_minutes: Minutes | None = None
    change_notice_minutes: Minutes | None = None
    window_type: Literal["none", "rolling_days", "rolling_available_days", "range", "rolling_minutes"] | None = None
    window_days: Count | None = None
    window_business_days: StrictBool | None = None
    window_minutes: Minutes | None = None
    window_from: Day | None = None
    window_to: Day | None = None
    limits: LimitsIn | None = None
    max_open_per_consumer: Count | None = None
    needs_approval: StrictBool | None = None
    approval_minutes: Minutes | None = None
    no_show_after_minutes: Minutes | None = None
    consumer_chooses_provider: StrictBool | None = None
    prefers_known_provider: StrictBool | None = None


class BusinessRulesIn(RuleFields):
    """The rules services follow; `interval_minutes` null is a start after each length."""

    buffer_rule: Literal["sum", "max", "new_only"] | None = None
    max_open_of_all_services: Count | None = Field(default=None, description="Per consumer; null: any number")


class OfferIn(Given):
    """That a provider offers a service."""

    provider: Slug
    role: Literal["one_of", "fixed"] = "one_of"
    group: Annotated[Line, Field(max_length=40)] = ""
    schedule: Word | None = Field(default=None, description="Id of one of their schedules; null: the usual hours")
    weight: Annotated[StrictInt, Field(ge=1, le=16)] = 1


class NeedIn(Given):
    """That a service needs units of a resource; of those that share a group any one will do."""

    resource: Slug
    quantity: Annotated[StrictInt, Field(ge=1, le=100)] = 1
    group: Annotated[Line, Field(max_length=40)] = ""


Window = tuple[Annotated[StrictInt, Field(ge=0, le=6)], Minute, Minute]


class RangeIn(Given):
    """Dates, both included, on which a service can be booked otherwise."""

    since: Day = Field(alias="from")
    until: Day = Field(alias="to")
    kind: Literal["free", "closed", "hours"]
    weekly: list[Window] = []


class AvailabilityIn(Given):
    """When a service can be booked at all, on top of its staff's hours, in the business' zone."""

    general: Literal["free", "closed", "hours"] = "free"
    weekly: list[Window] = Field(default=[], description="[weekday (0 Monday), start, end] in local minutes")
    ranges: list[RangeIn] = Field(default=[], max_length=50, description="The last that holds counts")


class ServiceRulesIn(RuleFields):
    """A service's own; setting a rule leaves the group it is taken over with, `follows` takes groups over."""

    follows: list[Word] | None = Field(default=None, max_length=20)
    duration_minutes: Minutes | None = None
    lengths: list[Minutes] | None = Field(default=None, max_length=8)
    seats: Count | None = None
    assignment: Literal["any", "all", "mixed", "some"] | None = None
    team_size: Count | None = None
    most_occurrences: Count | None = None
    has_waitlist: StrictBool | None = None
    asks_language_need: StrictBool | None = None
    visibility: Literal["public", "hidden"] | None = None
    availability: AvailabilityIn | None = None
    offers: list[OfferIn] | None = Field(default=None, max_length=1000)
    needs: list[NeedIn] | None = Field(default=None, max_length=20)


class ProviderRulesIn(Given):
    """What counts for a provider in place of each service's rules; null: as the service says."""

    buffer_before_minutes: Minutes | None = None
    buffer_after_minutes: Minutes | None = None
    notice_minutes: Minutes | None = None
    limits: LimitsIn | None = None


class WeekIn(Given):
    """Weekly hours; they replace what was there."""

    weekly: list[Window] = Field(max_length=100)


class DateHoursIn(Given):
    """Hours of one date in place of the weekly ones; none: closed."""

    windows: list[tuple[Minute, Minute]] = Field(max_length=12)
    note: Annotated[Line, Field(max_length=120)] = ""


class ScheduleIn(Given):
    """A schedule by its name."""

    name: Annotated[Line, Field(max_length=80)]


class StretchIn(Given):
    """From an instant to an instant."""

    start: Instant
    end: Instant
    reason: Annotated[Line, Field(max_length=120)] = ""


class TimeOffIn(StretchIn):
    """Time off; whoever asks for the provider then is shown `redirect_to`."""

    redirect_to: Slug | None = None


class TripIn(Given):
    """Dates, both included, on which a provider keeps their hours in another zone; `last` null: for good."""

    first: Day
    last: Day | None = None
    timezone: Word


class HolidaysIn(Given):
    """Whose public holidays are kept, and on which of them the business is open."""

    country: Annotated[Word, Field(max_length=2)] | None = Field(default=None, description="ISO 3166; empty: none")
    region: Annotated[Word, Field(max_length=10)] | None = None
    open: list[Day] | None = Field(default=None, max_length=100)


class ResourceIn(Given):
    """A room, a device, a licence."""

    name: Name
    slug: Slug | None = None
    kind: Literal["room", "device", "licence", "other"] = "room"
    quantity: Annotated[StrictInt, Field(ge=1, le=100)] = 1
    note: Paragraph = ""


class ResourceChangeIn(Given):
    """What changes of a resource; what is booked keeps its unit until it is over."""

    name: Name | None = None
    kind: Literal["room", "device", "licence", "other"] | None = None
    quantity: Annotated[StrictInt, Field(ge=1, le=100)] | None = None
    note: Paragraph | None = None
    is_active: StrictBool | None = None


class RulesOut(Schema):
    """Rules as they are stored, by the names they take."""

    rules: dict[str, Any]


class HoursOut(Schema):
    """Weekly hours and the dates that differ, in `timezone`."""

    timezone: str
    weekly: list[list[int]]
    dates: list[dict[str, Any]]


class ListOut(Schema):
    """Everything of a kind, in order."""

    items: list[dict[str, Any]]


class ItemOut(Schema):
    """One thing, by its id."""

    id: str
