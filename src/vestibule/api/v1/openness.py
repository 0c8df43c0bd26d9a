"""What anybody may read: a business, its services and providers, free starts and why a start is not one."""

from typing import Annotated, Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router

from vestibule.api.v1 import free, shown
from vestibule.api.v1.callers import answer, business_named, caller
from vestibule.api.v1.schemas import (
    BusinessOut,
    ExplainOut,
    Instant,
    ProvidersOut,
    ServicesOut,
    SlotsOut,
    Slug,
    instant,
)
from vestibule.booking import availability, catalogue
from vestibule.booking.models import Service
from vestibule.people.errors import NotFound
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Permission

router = Router(tags=["Public"])
OPEN_DETAILS = frozenset({"notice", "window", "grid"})  # of the service; the others tell of people's days
Asked = Annotated[str, Query(max_length=64)]


@router.get("/{business}", response=BusinessOut, summary="A business")
def business(request: HttpRequest, business: Slug) -> HttpResponse:
    """Name, zone and how to reach it."""
    row = business_named(business)
    names = ("slug", "name", "tagline", "timezone", "language", "phone", "privacy_url")
    return _json({name: getattr(row, name) for name in names})


@router.get("/{business}/services", response=ServicesOut, summary="What can be booked")
def services(request: HttpRequest, business: Slug) -> HttpResponse:
    """The services on the booking page, in its order."""
    rows = Service.objects.filter(
        business=business_named(business), is_active=True, visibility=Service.Visibility.PUBLIC
    )
    found = rows.select_related("location").prefetch_related("offers__provider")
    return _json({"services": [shown.service(row) for row in found]})


@router.get("/{business}/providers", response=ProvidersOut, summary="Who meets consumers")
def providers(request: HttpRequest, business: Slug) -> HttpResponse:
    """The providers, in the order of the booking page."""
    rows = Provider.objects.filter(business=business_named(business), is_active=True)
    return _json({"providers": list(rows.values("slug", "name", "title"))})


@router.get("/{business}/slots", response=SlotsOut, summary="Free starts")
def slots(
    request: HttpRequest,
    business: Slug,
    service: Annotated[Slug, Query()],
    since: Annotated[str, Query(alias="from", max_length=40, description="Instant, or local date in `timezone`")],
    until: Annotated[str, Query(alias="to", max_length=40, description="As `from`; not included; at most 62 days on")],
    provider: Annotated[Slug | None, Query()] = None,
    timezone: Asked = "",
    length_minutes: Annotated[str, Query(max_length=8, description="One of the service's lengths")] = "",
) -> HttpResponse:
    """Free starts with `from` <= start < `to`, earliest first."""
    asked = free.Query(business, service, since, until, provider or "", timezone, length_minutes)
    return answer(200, free.month(asked))


@router.get("/{business}/slots/explain", response=ExplainOut, summary="Why a start is not offered")
def explain(
    request: HttpRequest,
    business: Slug,
    service: Annotated[Slug, Query()],
    start: Annotated[Instant, Query()],
    provider: Annotated[Slug | None, Query()] = None,
    length_minutes: Annotated[int | None, Query(description="One of the service's lengths")] = None,
) -> HttpResponse:
    """Each rule's verdict on one start, for one provider or for whoever comes closest to being free.

    Sentences and details about people's days, such as from when to when somebody is busy, take a key that may see
    appointments; everybody else reads which rules allow the start.
    """
    found = business_named(business)
    actor = caller(request)
    tells = actor.business_id == found.pk and actor.may(Permission.SEE_APPOINTMENTS)
    verdicts = availability.explain(
        catalogue.service_named(business, service),
        start,
        provider=provider_named(found, provider) if provider else None,
        length=length_minutes,
    )
    told = [
        {
            "rule": one.rule,
            "allows": one.allows,
            "code": one.code,
            "sentence": one.sentence if tells else one.plain,
            "detail": one.detail if tells or one.rule in OPEN_DETAILS else "",
        }
        for one in verdicts
    ]
    offered = all(one.allows for one in verdicts)
    return _json({"start": instant(start), "offered": offered, "verdicts": told})


def provider_named(business: Business, slug: str) -> Provider:
    """Return the provider with that slug. Raises NotFound."""
    row: Provider | None = Provider.objects.filter(business=business, slug=slug, is_active=True).first()
    if row is None:
        raise NotFound(_("There is no provider of that name here."))
    return row


def _json(told: Any) -> HttpResponse:
    return answer(200, orjson.dumps(told))
