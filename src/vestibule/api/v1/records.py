"""What a business reads about itself by API key: appointments, customers, survey answers."""

from typing import Annotated, Any

import orjson
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from vestibule.api.v1 import paging, shown
from vestibule.api.v1.callers import answer, key_with
from vestibule.api.v1.schemas import (
    AppointmentsOut,
    CustomersOut,
    Instant,
    Slug,
    SurveyAnswersOut,
    instant,
)
from vestibule.booking.models import Appointment, Service
from vestibule.experience import survey
from vestibule.experience.survey import rows as survey_rows
from vestibule.people.models import Business, Consumer, Provider
from vestibule.people.permissions import Actor, Permission

router = Router(tags=["Records"])
Cursor = Annotated[str, Query(max_length=80, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=paging.MOST, description="Most rows of a page")]


@router.get("/appointments", response=AppointmentsOut, summary="Appointments, by start")
def appointments(
    request: HttpRequest,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
    status: Annotated[Appointment.Status | None, Query()] = None,
    provider: Annotated[Slug | None, Query()] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Appointments with `from` <= start < `to`."""
    actor = key_with(request, Permission.SEE_APPOINTMENTS)
    rows = Appointment.objects.visible_to(actor).select_related("business", "service", "provider", "series")
    if since is not None:
        rows = rows.filter(start_minute__gte=-(-int(since.timestamp()) // 60))
    if until is not None:
        rows = rows.filter(start_minute__lt=-(-int(until.timestamp()) // 60))
    if status is not None:
        rows = rows.filter(status=status)
    if provider is not None:
        rows = rows.filter(provider__in=Provider.objects.visible_to(actor).filter(slug=provider))
    found, after = paging.page(rows.prefetch_related("status_changes"), "start_minute", cursor, limit)
    return _json({"appointments": [shown.appointment(row, for_staff=True) for row in found], "next": after})


@router.get("/customers", response=CustomersOut, summary="Consumers who booked")
def customers(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> HttpResponse:
    """In the order in which they first booked."""
    actor = key_with(request, Permission.SEE_APPOINTMENTS)
    found, after = paging.page(Consumer.objects.visible_to(actor), "id", cursor, limit)
    told = [
        {
            "id": row.ref,
            "name": row.name,
            "email": row.email,
            "phone": row.phone,
            "timezone": row.timezone,
            "created_at": instant(row.created_at),
        }
        for row in found
    ]
    return _json({"customers": told, "next": after})


@router.get("/survey-answers", response=SurveyAnswersOut, summary="Survey answers")
def survey_answers(
    request: HttpRequest,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
    audience: Annotated[survey.Audience | None, Query()] = None,
    service: Annotated[Slug | None, Query()] = None,
    provider: Annotated[Slug | None, Query()] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> HttpResponse:
    """In the order in which they were first given; those with `from` <= `at` < `to`."""
    actor = key_with(request, Permission.SEE_RESULTS)
    services, providers = Service.objects.visible_to(actor), Provider.objects.visible_to(actor)
    chosen = survey.Chosen(
        since=since,
        until=until,
        audience=audience,
        service=_key_of(services, service),
        provider=_key_of(providers, provider),
    )
    found, after = paging.page(survey.answers(actor, _business_of(actor), chosen), "id", cursor, limit)
    return _json({"answers": [survey_rows.told(row) for row in found], "next": after})


def _key_of(rows: QuerySet[Any], slug: str | None) -> int | None:
    """Return the key of the row with that short name; 0, which none has, if there is none."""
    if slug is None:
        return None
    found: int | None = rows.filter(slug=slug).values_list("pk", flat=True).first()
    return found or 0


def _business_of(actor: Actor) -> Business:
    assert actor.business_id is not None  # a key is of one business
    return Business.objects.get(pk=actor.business_id)


def _json(told: Any) -> HttpResponse:
    return answer(200, orjson.dumps(told))
