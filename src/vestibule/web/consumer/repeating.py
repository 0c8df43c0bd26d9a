"""An appointment that repeats: every occurrence is listed, free or not, before anything is booked."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from vestibule.booking import series
from vestibule.booking.series import Occurrence
from vestibule.booking.wishes import Contact, Wish
from vestibule.people import rates
from vestibule.people.errors import Invalid, Refusal
from vestibule.people.permissions import PUBLIC
from vestibule.web.consumer import choosing, drafts
from vestibule.web.consumer.drafts import Draft
from vestibule.web.consumer.repeats import EVERY
from vestibule.web.consumer.reserving import bookable, path_of


@require_GET
def occurrences(request: HttpRequest, slug: str, service_slug: str) -> HttpResponse:
    """List every occurrence: the free ones ticked, for the others why not and what is free near it."""
    service = bookable(slug, service_slug)
    rates.limit_others("book.series", rates.client_key(request), 120, 600)
    try:
        draft = drafts.read(request, service)
        if draft.repeat is None:
            return redirect(f"{path_of(service)}/details?{draft.query_once()}")
        planned = _planned(draft)
    except Invalid:
        return redirect("book-time", slug=slug, service_slug=service_slug)
    except Refusal as refusal:
        return render(request, "consumer/repeat.html", {**_context(request, draft), "refusal": refusal}, status=422)
    context = {
        **_context(request, draft),
        "occurrences": planned,
        "free_count": sum(one.is_free for one in planned),
        "all_free": all(one.is_free for one in planned),
        "details_path": f"{path_of(service)}/details",
    }
    return render(request, "consumer/repeat.html", context)


def _planned(draft: Draft) -> list[Occurrence]:
    assert draft.repeat is not None
    unit, step = EVERY[draft.repeat.every]
    wish = Wish(
        service=draft.service,
        start=draft.start,
        contact=Contact("", "", timezone=draft.zone),
        provider=draft.provider,
        length_minutes=draft.length,
        hold=draft.hold_ref,
    )
    return series.plan(PUBLIC, wish, unit=unit, step=step, count=draft.repeat.times)


def _context(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    service = draft.service
    own = choosing.own_zone_of(request, service.business.timezone)
    choice = choosing.Choice(service, draft.zone, own, draft.provider, draft.length, draft.repeat)
    return {
        "business": service.business,
        "service": service,
        "home_url": f"/book/{service.business.slug}",
        "draft": draft,
        "zone": draft.zone,
        "back_url": choosing.address(path_of(service), choice, day=choosing.day_in(draft.start, draft.zone).isoformat())
        + "#times",
    }
