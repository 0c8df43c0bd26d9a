"""The front page, and the page of one business: what can be booked here."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from vestibule.booking import availability
from vestibule.booking.models import Location, Service
from vestibule.booking.outside import pages as outside_pages
from vestibule.meetings import visit_links
from vestibule.people.models import Business
from vestibule.web.consumer import outside_page, visiting, walking_in
from vestibule.web.consumer.only_business import only_business

FEW = 8  # services that are found without a search


def business_named(slug: str) -> Business:
    """Return the business with this slug. Raises Http404."""
    business = Business.objects.filter(slug=slug).first()
    if business is None:
        raise Http404
    return business


def home(request: HttpRequest) -> HttpResponse:
    """Show the demonstration's welcome, or the only business; with several, nothing is told of them.

    A join link that leads here is read as on `/visit`.
    """
    if visit_links.names_a_meeting(request.META["QUERY_STRING"]):
        return visiting.opened(request)
    if settings.DEMO:
        return render(request, "consumer/welcome.html", {"demo": _demonstration()})
    business = only_business()
    if business is not None:
        return redirect("book", slug=business.slug)
    return render(request, "consumer/no_business.html", {"is_empty": not Business.objects.exists()})


def business_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the services of a business that anybody may book: all of them, or those that `q` names.

    Where people book on the page of Bookings, show the way to that.
    """
    business = business_named(slug)
    instead = outside_pages.instead_of_ours(business)
    if instead is not None:
        return outside_page.shown(request, business, *instead)
    offered = list(
        Service.objects.filter(
            business=business,
            is_active=True,
            visibility=Service.Visibility.PUBLIC,
            offers__provider__is_active=True,
        )
        .select_related("location")
        .distinct()
    )
    wanted = request.GET.get("q", "").strip()[:60]
    context = {
        "business": business,
        "has_services": bool(offered),
        "groups": _grouped([one for one in offered if wanted.casefold() in _words_of(one)]),
        "can_search": len(offered) > FEW,
        "wanted": wanted,
        "walk_in_url": walking_in.address_of(business),
    }
    return render(request, "consumer/offered.html", context)


def _grouped(services: list[Service]) -> list[dict[str, Any]]:
    """Return services under what they are, an online visit or in person, where there are many and they differ."""
    kinds = list(dict.fromkeys(_kind_of(one) for one in services))
    if len(services) <= FEW or len(kinds) < 2:
        return [{"name": "", "lines": [_line(one) for one in services]}] if services else []
    return [{"name": kind, "lines": [_line(one) for one in services if _kind_of(one) == kind]} for kind in kinds]


def _line(service: Service) -> dict[str, Any]:
    return {"service": service, "words": _words_of(service), "lengths": sorted(availability.lengths_of(service))}


def _kind_of(service: Service) -> str:
    kind = service.location.kind if service.location else Location.Kind.ONLINE
    return str(Location.Kind(kind).label)


def _words_of(service: Service) -> str:
    return f"{service.name} {service.description}".casefold()


def _demonstration() -> dict[str, Any] | None:
    """Return what the demonstration wrote down for its visitors, or None if the file is gone."""
    path = Path(settings.DATA) / "demo.json"
    if not path.is_file():
        return None
    facts: dict[str, Any] = json.loads(path.read_text("utf-8"))
    for business in facts["businesses"]:
        slug = business["slug"]
        business["accounts"] = [account for account in facts["accounts"] if account["business"] == slug]
        zone = Business.objects.get(slug=slug).timezone
        business["appointments"] = [
            {"url": visit["consumer_url"], "at": datetime.fromisoformat(visit["start"]), "zone": zone}
            for visit in facts["appointments"]
            if visit["business"] == slug
        ]
    return facts
