"""What goes into and comes out of waiting areas by API. A member that is left out of a PATCH stays as it is."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StrictBool, StrictInt

from vestibule.api.v1.schemas import Given, Line, Paragraph, Slug, Word

IdentityField = Literal["name", "birth_date", "phone", "postcode", "reference"]
Minutes = Annotated[StrictInt, Field(ge=0, le=240)]
Minute = Annotated[StrictInt, Field(ge=0, le=1440, description="Local minutes since midnight")]


class OpenIn(Given):
    """When walk-ins may come, in the business' zone."""

    day: Annotated[StrictInt, Field(ge=0, le=6, description="Monday is 0")]
    start: Minute
    end: Minute


class AreaIn(Given):
    """What may be changed of a waiting area."""

    name: Line | None = None
    position: Annotated[StrictInt, Field(ge=0, le=10_000)] | None = None
    providers: list[Slug] | None = Field(default=None, description="Who meets people here")
    takes_walk_ins: StrictBool | None = None
    walk_in_minutes: Minutes | None = None
    hours: list[OpenIn] | None = Field(default=None, description="None: always")
    amber_minutes: Minutes | None = None
    red_minutes: Minutes | None = None
    identity_fields: list[IdentityField] | None = Field(default=None, description="What is confirmed before admission")
    content_title: Line | None = None
    content_text: Paragraph | None = None
    support_phone: Word | None = None
    shows_position: StrictBool | None = None
    shows_expected_wait: StrictBool | None = None


class NewAreaIn(AreaIn):
    """A waiting area for a group of providers."""

    name: Line


class ClosingIn(Given):
    """For how long a queue is closed (left out: until it is opened), and what is said meanwhile."""

    minutes: Annotated[StrictInt, Field(ge=1, le=10_080)] | None = None
    text: Line = ""


class AreaOut(Schema):
    """One waiting area. `is_open`: takes walk-ins at this moment."""

    slug: str
    name: str
    is_default: bool
    is_open: bool
    takes_walk_ins: bool
    walk_in_minutes: int
    hours: list[dict[str, int]]
    closed_at: str | None
    closed_until: str | None
    closed_words: str
    amber_minutes: int
    red_minutes: int
    identity_fields: list[str]
    providers: list[str]
    content_title: str
    content_text: str
    support_phone: str
    shows_position: bool
    shows_expected_wait: bool


class AreasOut(Schema):
    """The waiting areas of a business, in the order of the desk."""

    areas: list[AreaOut]


class WaiterOut(Schema):
    """Somebody who waits. `host` null: for whoever of the area is free first. On hold nobody knows for how long."""

    name: str
    role: Literal["consumer", "helper"]
    kind: Literal["scheduled", "walk_in", "room"]
    appointment: str | None
    meeting: str
    start: str
    since: str
    area: str
    host: str | None
    reason: str
    on_hold: bool
    ahead: int | None
    expected_minutes: int | None


class WaitingOut(Schema):
    """Everybody who waits online at this moment, longest first."""

    waiting: list[WaiterOut]
