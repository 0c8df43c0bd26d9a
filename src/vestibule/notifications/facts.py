"""What a message needs to know about an appointment, as plain values that a row of the outbox can hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Self


class Kind(StrEnum):
    """What a message is about; the wording is chosen by it."""

    CONFIRMATION = "confirmation"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REMINDER = "reminder"
    FOLLOW_UP = "follow_up"
    PROVIDER_LATE = "provider_late"
    NEXT = "next"
    PROVIDER_BOOKED = "provider_booked"
    PROVIDER_MOVED = "provider_moved"
    PROVIDER_CANCELLED = "provider_cancelled"
    REQUESTED = "requested"
    PROVIDER_REQUESTED = "provider_requested"
    DECLINED = "declined"
    REQUEST_EXPIRED = "request_expired"
    MISSED = "missed"
    SERIES_BOOKED = "series_booked"
    PROVIDER_SERIES_BOOKED = "provider_series_booked"
    HELPER_INVITED = "helper_invited"
    HELPER_MOVED = "helper_moved"
    HELPER_CANCELLED = "helper_cancelled"
    CALLED_IN = "called_in"
    VISIT_NOTE = "visit_note"
    MESSAGE_WAITS = "message_waits"
    WAITLIST_JOINED = "waitlist_joined"
    WAITLIST_OFFER = "waitlist_offer"
    WAITLIST_ENDED = "waitlist_ended"
    ARRIVED = "arrived"
    WAITS_TOO_LONG = "waits_too_long"
    SOMEBODY_WAITS = "somebody_waits"
    GATEWAY_FAILS = "gateway_fails"
    SMS_ANSWER = "sms_answer"
    SIGN_IN = "sign_in"
    PROGRAM = "program"


INVITES = frozenset(
    {
        *(Kind.CONFIRMATION, Kind.MOVED, Kind.CANCELLED),
        *(Kind.PROVIDER_BOOKED, Kind.PROVIDER_MOVED, Kind.PROVIDER_CANCELLED),
        *(Kind.HELPER_INVITED, Kind.HELPER_MOVED, Kind.HELPER_CANCELLED),
        *(Kind.SERIES_BOOKED, Kind.PROVIDER_SERIES_BOOKED),
    }
)
"""What a calendar entry goes with: what takes place, or no longer does. A request has no place in a calendar yet."""


class Audience(StrEnum):
    """Who reads the message."""

    CONSUMER = "consumer"
    PROVIDER = "provider"
    HELPER = "helper"
    OFFICE = "office"


@dataclass(frozen=True)
class AppointmentFacts:
    """One appointment as a message tells it. Minutes are UTC minutes; zones are IANA names.

    `version` is the SEQUENCE of the invitation. `location_kind` is `online`, `place` or `phone`, `location_text` the
    address, or the number to be called. `reason` and `changed_by` (`consumer`, `provider`, `business`; empty: not
    said) tell about a move or a cancellation, `previous_start_minute` where a moved appointment was.
    `manage_link`, `visit_link` and `waitlist_link` are ids of capability links of the reader, never tokens: the
    address is made when the message is sent. A provider without a visit link is sent to the desk.

    `deadline_minute` is until when a request is answered, or an offer stands. `helper` is the reader's name where a
    helper reads. `was_request` says that what was cancelled had never been approved. `series` are the appointments of
    a series as `[ref, start minute, end minute, id of the manage link, id of the visit link]`, by start. Of a
    waitlist, `start_minute` is the time offered, and `period` the dates waited for in words. `late_minutes` is how
    late the provider is, `words` what the office adds to a reminder, `has_survey` whether a follow-up asks how it was.
    """

    appointment: str
    version: int
    business_slug: str
    business_name: str
    business_timezone: str
    service: str
    provider: str
    consumer: str
    start_minute: int
    end_minute: int
    business_phone: str = ""
    organiser_email: str = ""
    accent: str = "lake"
    provider_title: str = ""
    provider_timezone: str = ""
    consumer_email: str = ""
    consumer_phone: str = ""
    consumer_timezone: str = ""
    location_kind: str = "online"
    location_text: str = ""
    status: str = "booked"
    changed_by: str = ""
    reason: str = ""
    previous_start_minute: int | None = None
    audience: str = Audience.CONSUMER
    manage_link: int | None = None
    visit_link: int | None = None
    waitlist_link: int | None = None
    service_slug: str = ""
    deadline_minute: int | None = None
    helper: str = ""
    was_request: bool = False
    series: list[list[Any]] = field(default_factory=list)
    period: str = ""
    late_minutes: int | None = None
    words: str = ""
    has_survey: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the facts as a row holds them."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read facts from a row; names that this version does not know are passed over.

        Raises TypeError when a fact without default is absent.
        """
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})
