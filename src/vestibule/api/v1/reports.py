"""What a business reads about how it does, by API key: the same numbers as the pages of the office."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import BaseModel, Field

from vestibule.api.v1.callers import answer, key_with
from vestibule.api.v1.schemas import Slug
from vestibule.booking import message_reports, reports, utilisation
from vestibule.booking.message_reports import By as MessagesReportBy
from vestibule.booking.models import Service
from vestibule.booking.reports import Asked, Bucket
from vestibule.booking.utilisation import Use
from vestibule.booking.visit_reports import By as VisitBy
from vestibule.booking.visit_reports import Figures
from vestibule.experience import visit_reports
from vestibule.meetings.models import WaitingArea
from vestibule.people.errors import NotFound
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission

router = Router(tags=["Reports"])
First = Annotated[date, Query(alias="from", description="Local date of the business")]
Last = Annotated[date, Query(alias="to", description="Local date, included; at most 800 days")]
By = Annotated[Literal["day", "week", "month"], Query(description="What a line is about")]
Named = Annotated[Slug | None, Query()]
MessagesBy = Annotated[Literal["day", "channel", "kind", "gateway"], Query(description="What a line is about")]
VisitsBy = Annotated[
    Literal["day", "week", "month", "provider", "service", "area"], Query(description="What a line is about")
]


class CancelledOut(BaseModel):
    """Cancelled appointments, by who cancelled them."""

    consumer: int
    provider: int
    business: int


class BookingsLineOut(BaseModel):
    """Appointments that start from `from` to `to`, and bookings made then, whenever they start."""

    first: Annotated[date, Field(alias="from")]
    last: Annotated[date, Field(alias="to")]
    made: int
    appointments: Annotated[int, Field(description="Neither cancelled nor a request")]
    completed: int
    no_shows: int
    not_seen: Annotated[int, Field(description="Came, but left before being seen")]
    requests: int
    cancelled: CancelledOut


class BookingsOut(BaseModel):
    """Bookings by day, week or month."""

    timezone: str
    lines: list[BookingsLineOut]


class LeadOut(BaseModel):
    """How many were booked at least `least_minutes` ahead (null: after they began) and less than `under_minutes`."""

    least_minutes: int | None
    under_minutes: int | None
    appointments: int


class LeadTimesOut(BaseModel):
    """How far ahead appointments were booked."""

    median_minutes: int | None
    lines: list[LeadOut]


class UseOut(BaseModel):
    """Minutes booked of minutes offered; seats are null where a session takes one consumer."""

    slug: str
    name: str
    booked_minutes: int
    offered_minutes: int
    seats_taken: int | None
    seats_offered: int | None


class UtilisationOut(BaseModel):
    """How much of what is offered is booked."""

    booked_minutes: int
    offered_minutes: int
    providers: list[UseOut]
    services: list[UseOut]


class FiguresOut(BaseModel):
    """Many lengths of time: half are at most the median, nine in ten at most the ninth decile. Null without any."""

    count: int
    median_seconds: int | None
    ninth_decile_seconds: int | None
    longest_seconds: int | None


class TroubleOut(BaseModel):
    """Visits with technical trouble, by cause; one visit may have several."""

    connection: int
    relay: int
    media_server: int
    device: Annotated[int, Field(description="Camera or microphone")]


class VisitsLineOut(BaseModel):
    """The visits of a stretch of days, or of one provider, service or waiting area (null slug: of none)."""

    first: Annotated[date | None, Field(alias="from")]
    last: Annotated[date | None, Field(alias="to")]
    slug: str | None
    name: str | None
    visits: Annotated[int, Field(description="Whose time has begun; cancelled ones do not count")]
    walk_ins: int
    rooms: Annotated[int, Field(description="In rooms that programs made; each time people came counts")]
    seen: int
    no_shows: int
    not_seen: Annotated[int, Field(description="Came, but left before being seen")]
    wait: Annotated[FiguresOut, Field(description="From the queue until they were let in")]
    consumer_late: Annotated[FiguresOut, Field(description="Of those who came after the start")]
    staff_late: Annotated[FiguresOut, Field(description="From the start, or from coming if later, until let in")]
    length: Annotated[FiguresOut, Field(description="Both sides together")]
    beyond_plan: Annotated[FiguresOut, Field(description="Longer than planned; negative: shorter")]
    with_trouble: int
    trouble: TroubleOut
    answers: int
    satisfied: Annotated[int, Field(description="Four or five stars, or a thumb up")]


class VisitsOut(BaseModel):
    """How visits went."""

    timezone: str
    lines: list[VisitsLineOut]
    whole: VisitsLineOut


class AnswersOut(BaseModel):
    """Messages answered by text message, by what was said."""

    confirm: int
    cancel: int
    late: int


class MessagesLineOut(BaseModel):
    """Messages due on one day, or of one channel, kind or gateway; what is still due is not counted."""

    date: date | None
    name: Annotated[str | None, Field(description="Channel, kind or gateway; empty: no gateway took it")]
    sent: int
    delivered: Annotated[int, Field(description="Of those sent, as far as gateways report it")]
    undelivered: int
    failed: Annotated[int, Field(description="Given up")]
    held_back: Annotated[int, Field(description="Never tried: stopped, over a cap, or too late")]
    answers: AnswersOut


class ComingOut(BaseModel):
    """Settled appointments of those who had said that they come, and of the others."""

    confirmed: int
    confirmed_no_shows: int
    others: int
    other_no_shows: int


class MessagesOut(BaseModel):
    """What became of messages."""

    timezone: str
    lines: list[MessagesLineOut]
    whole: MessagesLineOut
    coming: ComingOut


@router.get("/bookings", response=BookingsOut, summary="Bookings, cancellations and no-shows")
def bookings(
    request: HttpRequest, since: First, until: Last, by: By = "day", provider: Named = None, service: Named = None
) -> HttpResponse:
    """By day, week or month of the business' zone."""
    actor, business = _caller(request)
    asked = _asked(business, since, until, Bucket(by), provider, service)
    lines = [
        {
            "from": line.first,
            "to": line.last,
            "made": line.made,
            "appointments": line.kept,
            "completed": line.completed,
            "no_shows": line.no_shows,
            "not_seen": line.not_seen,
            "requests": line.requested,
            "cancelled": line.cancelled,
        }
        for line in reports.counts(actor, business, asked)
    ]
    return _json({"timezone": business.timezone, "lines": lines})


@router.get("/lead-times", response=LeadTimesOut, summary="How far ahead appointments are booked")
def lead_times(
    request: HttpRequest, since: First, until: Last, provider: Named = None, service: Named = None
) -> HttpResponse:
    """Of the appointments that start in the stretch; cancelled ones and requests do not count."""
    actor, business = _caller(request)
    found = reports.lead_times(actor, business, _asked(business, since, until, Bucket.DAY, provider, service))
    lines = [{"least_minutes": one.least, "under_minutes": one.under, "appointments": one.count} for one in found.bins]
    return _json({"median_minutes": found.median, "lines": lines})


@router.get("/utilisation", response=UtilisationOut, summary="Booked of offered time")
def use(request: HttpRequest, since: First, until: Last, provider: Named = None, service: Named = None) -> HttpResponse:
    """By provider and service; hours are those set now, without days off, holidays and time off."""
    actor, business = _caller(request)
    asked = _asked(business, since, until, Bucket.DAY, provider, service)
    found = utilisation.utilisation(actor, business, asked)
    return _json(
        {
            "booked_minutes": found.booked,
            "offered_minutes": found.offered,
            "providers": [_use(one) for one in found.providers],
            "services": [_use(one) for one in found.services],
        }
    )


@router.get("/visits", response=VisitsOut, summary="How visits went")
def visits(
    request: HttpRequest,
    since: First,
    until: Last,
    by: VisitsBy = "day",
    provider: Named = None,
    service: Named = None,
    area: Named = None,
) -> HttpResponse:
    """Waits, lateness, lengths, who left or did not come, technical trouble and satisfaction; walk-ins included."""
    actor, business = _caller(request)
    asked = replace(
        _asked(business, since, until, Bucket.DAY, provider, service),
        area=_pk(WaitingArea.objects.filter(business=business), area),
    )
    found = visit_reports.report(actor, business, asked, VisitBy(by))
    return _json(
        {
            "timezone": business.timezone,
            "lines": [_visits(one) for one in found.rows],
            "whole": _visits(found.whole),
        }
    )


@router.get("/messages", response=MessagesOut, summary="What became of messages")
def messages(request: HttpRequest, since: First, until: Last, by: MessagesBy = "day") -> HttpResponse:
    """Sent, delivered, failed, held back and answered; and how many of those who said that they come did not."""
    actor, business = _caller(request)
    found = message_reports.report(actor, business, Asked(since, until), MessagesReportBy(by))
    return _json(
        {
            "timezone": business.timezone,
            "lines": [_message_line(one, named=by != "day") for one in found.lines],
            "whole": _message_line(found.whole, named=False),
            "coming": vars(found.coming),
        }
    )


def _message_line(line: message_reports.Line, *, named: bool) -> dict[str, Any]:
    return {
        "date": line.day,
        "name": line.label if named else None,
        "sent": line.sent,
        "delivered": line.delivered,
        "undelivered": line.undelivered,
        "failed": line.failed,
        "held_back": line.held_back,
        "answers": line.answers,
    }


def _visits(row: visit_reports.Row) -> dict[str, Any]:
    line = row.line
    return {
        "from": line.first,
        "to": line.last,
        "slug": line.slug or None,
        "name": line.label if line.first is None else None,
        "visits": line.visits,
        "walk_ins": line.walk_ins,
        "rooms": line.rooms,
        "seen": line.seen,
        "no_shows": line.no_shows,
        "not_seen": line.left,
        "wait": _figures(line.waits),
        "consumer_late": _figures(line.consumer_late),
        "staff_late": _figures(line.staff_late),
        "length": _figures(line.lengths),
        "beyond_plan": _figures(line.beyond),
        "with_trouble": line.failed,
        "trouble": line.failures,
        "answers": row.satisfaction.answers,
        "satisfied": row.satisfaction.happy,
    }


def _figures(of: Figures) -> dict[str, int | None]:
    return {
        "count": of.count,
        "median_seconds": of.median,
        "ninth_decile_seconds": of.most_of_them,
        "longest_seconds": of.longest,
    }


def _caller(request: HttpRequest) -> tuple[Actor, Business]:
    actor = key_with(request, Permission.SEE_RESULTS)
    return actor, Business.objects.get(pk=actor.business_of(Permission.SEE_RESULTS))


def _asked(
    business: Business, since: date, until: date, by: Bucket, provider: str | None, service: str | None
) -> Asked:
    """Raises NotFound for a provider or service the business does not have, Invalid for a wrong stretch."""
    who = _pk(Provider.objects.filter(business=business), provider)
    what = _pk(Service.objects.filter(business=business), service)
    return Asked(since, until, by, who, what)


def _pk(rows: Any, slug: str | None) -> int | None:
    if slug is None:
        return None
    found: int | None = rows.filter(slug=slug).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(_("There is nothing of that name here."))
    return found


def _use(one: Use) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "name": one.name,
        "booked_minutes": one.booked,
        "offered_minutes": one.offered,
        "seats_taken": one.seats_taken if one.seats_offered else None,
        "seats_offered": one.seats_offered or None,
    }


def _json(told: Any) -> HttpResponse:
    return answer(200, orjson.dumps(told))
