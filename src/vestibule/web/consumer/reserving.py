"""The first two steps of booking: choose a time, and keep it while typing."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from vestibule.booking import availability, holds
from vestibule.booking.errors import NotPublished
from vestibule.booking.models import Hold, Service
from vestibule.people import rates
from vestibule.people.errors import Refusal
from vestibule.people.permissions import PUBLIC
from vestibule.store import clock
from vestibule.web.consumer import choosing, repeats
from vestibule.web.consumer.front import business_named, business_page
from vestibule.web.consumer.starts import free_near, instant


def bookable(slug: str, service_slug: str) -> Service:
    """Return the service of that name that anybody may book. Raises Http404; NotPublished where nobody may now."""
    business = business_named(slug)
    service: Service | None = (
        Service.objects.select_related("business", "location")
        .filter(business=business, slug=service_slug, is_active=True, visibility=Service.Visibility.PUBLIC)
        .first()
    )
    if service is None:
        raise Http404
    availability.require_published(PUBLIC, service)
    return service


def path_of(service: Service) -> str:
    """Return the address of the page on which times of `service` are chosen."""
    return f"/book/{service.business.slug}/{service.slug}"


@require_GET
def choose_time(request: HttpRequest, slug: str, service_slug: str) -> HttpResponse:
    """Show when this service is free, the next free time first; of a business that is closed, the page that says so."""
    try:
        service = bookable(slug, service_slug)
    except NotPublished:
        return business_page(request, slug)
    choice = choosing.read(request, service)
    return render(request, "consumer/choose_time.html", _choosing(service, choice))


@require_POST
def keep_time(request: HttpRequest, slug: str, service_slug: str) -> HttpResponse:
    """Keep the chosen time for five minutes and go on; if it is gone, offer what is near."""
    service = bookable(slug, service_slug)
    rates.limit("book.hold", rates.client_key(request), 300, 600)
    choice = choosing.read(request, service)
    provider = choosing.provider_named(service, request.POST.get("provider", ""))
    start = clock.now()
    try:
        start = instant(request.POST.get("start", ""))
        kept = holds.hold(
            service,
            start,
            provider=provider,
            length=choice.length,
            client=client_of(request),
            most=holds.MOST_PER_ADDRESS,
        )
    except Refusal as refusal:
        near = free_near(refusal, service, start, provider=provider, length=choice.length)
        context = _choosing(service, choice) | {"refusal": refusal, "nearest": near}
        return render(request, "consumer/choose_time.html", context, status=refusal.status)
    page = "repeat" if choice.repeat else "details"
    return redirect(f"{path_of(service)}/{page}?{_query(kept, provider.slug if provider else '', choice)}")


def client_of(request: HttpRequest) -> str:
    """Return who keeps times: who is signed in, else the address. A session that only a cookie claims counts as none,
    or everybody could be as many clients as they have cookies.
    """
    return f"user:{request.user.pk}" if request.user.is_authenticated else rates.client_key(request)


def _choosing(service: Service, choice: choosing.Choice) -> dict[str, Any]:
    path = path_of(service)
    return {
        "business": service.business,
        "service": service,
        "home_url": f"/book/{service.business.slug}",
        "page_path": path,
        "keep_url": choosing.address(f"{path}/hold", choice),
        "can_repeat": service.most_occurrences > 1,
        "repeat_choices": list(repeats.NAMES.items()),
        "waitlist_url": choosing.address(f"{path}/waitlist", choice) if service.has_waitlist else "",
        **choosing.context(choice, path),
    }


def _query(kept: Hold, provider: str, choice: choosing.Choice) -> str:
    parts = {
        "hold": kept.ref,
        "provider": provider,
        "length": str(choice.length or ""),
        **(choice.repeat.query() if choice.repeat else {}),
        "timezone": choice.zone,
    }
    return urlencode({name: value for name, value in parts.items() if value})
