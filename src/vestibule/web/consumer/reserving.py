"""Booking in three steps: choose a time, keep it while typing, give the details."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vestibule.booking import holds, lifecycle
from vestibule.booking.errors import HoldExpired, SlotTaken
from vestibule.booking.models import Appointment, Hold, Service
from vestibule.booking.wishes import Contact, Wish
from vestibule.people import rates
from vestibule.people.errors import Invalid, Refusal
from vestibule.people.models import CapabilityLink, Provider
from vestibule.people.permissions import PUBLIC
from vestibule.store import clock
from vestibule.web.consumer import choosing, link_cookie, repeats
from vestibule.web.consumer.details_form import DetailsForm
from vestibule.web.consumer.front import business_named


def _service(slug: str, service_slug: str) -> Service:
    business = business_named(slug)
    service: Service | None = (
        Service.objects.select_related("business", "location")
        .filter(business=business, slug=service_slug, is_active=True, visibility=Service.Visibility.PUBLIC)
        .first()
    )
    if service is None:
        raise Http404
    return service


@require_GET
def choose_time(request: HttpRequest, slug: str, service_slug: str) -> HttpResponse:
    """Show when this service is free, the next free time first."""
    service = _service(slug, service_slug)
    choice = choosing.read(request, service)
    return render(request, "consumer/choose_time.html", _choosing(request, service, choice))


@require_POST
def keep_time(request: HttpRequest, slug: str, service_slug: str) -> HttpResponse:
    """Keep the chosen time for five minutes and go on to the details; if it is gone, offer what is near."""
    service = _service(slug, service_slug)
    rates.limit("book.hold", rates.client_key(request), 300, 600)
    choice = choosing.read(request, service)
    provider = _provider(service, request.POST.get("provider", ""))
    try:
        start = instant(request.POST.get("start", ""))
        kept = holds.hold(service, start, provider=provider, client=_client(request), most=holds.MOST_PER_ADDRESS)
    except Refusal as refusal:
        context = _choosing(request, service, choice) | {"refusal": refusal, "nearest": nearest(refusal)}
        return render(request, "consumer/choose_time.html", context, status=refusal.status)
    answer = redirect("book-details", slug=slug, service_slug=service_slug)
    answer["Location"] += "?" + _query(kept, provider, choice)
    return answer


@require_http_methods(["GET", "POST"])
def details(request: HttpRequest, slug: str, service_slug: str) -> HttpResponse:
    """Ask who comes, then book; what was typed is never lost."""
    service = _service(slug, service_slug)
    given = request.POST if request.method == "POST" else request.GET
    zone = choosing.zone_of(request, service.business.timezone)
    kept = Hold.objects.filter(ref=given.get("hold", "").replace("\0", ""), service=service).first()
    provider = _provider(service, given.get("provider", ""))
    try:
        start = clock.from_minute(kept.start_minute) if kept else instant(given.get("start", ""))
    except Invalid:
        return redirect("book-time", slug=slug, service_slug=service_slug)
    start = instant(given["instead"]) if given.get("instead") else start
    form = DetailsForm(service, request.POST if request.method == "POST" and not given.get("instead") else None)
    if given.get("instead"):
        form = DetailsForm(service, initial=request.POST.dict())
    context = _details(service, form, start, provider, zone, kept)
    if form.is_bound and form.is_valid():
        rates.limit("book.details", rates.client_key(request), 200, 600)
        try:
            return _book(request, service, form, start, provider, zone, kept)
        except (SlotTaken, HoldExpired) as refusal:
            form.place(refusal)
            context |= {"nearest": nearest(refusal), "kept": None}
            return render(request, "consumer/details.html", context, status=409)
        except Refusal as refusal:
            form.place(refusal)
    return render(request, "consumer/details.html", context, status=422 if form.errors else 200)


def _book(
    request: HttpRequest,
    service: Service,
    form: DetailsForm,
    start: datetime,
    provider: Provider | None,
    zone: str,
    kept: Hold | None,
) -> HttpResponse:
    given = form.cleaned_data
    wish = Wish(
        service=service,
        start=start,
        contact=Contact(
            name=given["name"],
            email=given["email"],
            phone=given["phone"],
            timezone=zone,
            language=getattr(request, "LANGUAGE_CODE", ""),
        ),
        provider=provider,
        hold=kept.ref if kept and clock.to_minute(start) == kept.start_minute else "",
        answers=form.answers(),
    )
    booked = lifecycle.book(PUBLIC, wish)
    answer = redirect("appointment")
    answer["Location"] += "?booked=1"
    link_cookie.remember(answer, _manage_link(booked), secure=settings.SESSION_COOKIE_SECURE)
    return answer


def _manage_link(appointment: Appointment) -> CapabilityLink:
    link: CapabilityLink = CapabilityLink.objects.filter(
        subject=appointment.ref, purpose=CapabilityLink.Purpose.MANAGE, revoked_at__isnull=True
    ).latest("pk")
    return link


def _choosing(request: HttpRequest, service: Service, choice: choosing.Choice) -> dict[str, Any]:
    path = f"/book/{service.business.slug}/{service.slug}"
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


def _details(
    service: Service, form: DetailsForm, start: datetime, provider: Provider | None, zone: str, kept: Hold | None
) -> dict[str, Any]:
    end = clock.from_minute(clock.to_minute(start) + service.duration_minutes)
    is_kept = kept is not None and kept.expires_at > clock.now() and kept.start_minute == clock.to_minute(start)
    return {
        "business": service.business,
        "service": service,
        "home_url": f"/book/{service.business.slug}",
        "form": form,
        "start": start,
        "end": end,
        "provider": provider,
        "zone": zone,
        "business_zone": service.business.timezone,
        "zones_differ": zone != service.business.timezone,
        "kept": kept if is_kept else None,
        "kept_seconds": max(0, int((kept.expires_at - clock.now()).total_seconds())) if kept else 0,
        "back_url": f"/book/{service.business.slug}/{service.slug}",
    }


def _provider(service: Service, slug: str) -> Provider | None:
    return next((one for one in choosing.providers_of(service) if one.slug == slug), None) if slug else None


def _client(request: HttpRequest) -> str:
    """Return who keeps times: who is signed in, else the address. A session that only a cookie claims counts as none,
    or everybody could be as many clients as they have cookies.
    """
    return f"user:{request.user.pk}" if request.user.is_authenticated else rates.client_key(request)


def _query(kept: Hold, provider: Provider | None, choice: choosing.Choice) -> str:
    parts = {"hold": kept.ref, "provider": provider.slug if provider else "", "timezone": choice.zone}
    return urlencode({name: value for name, value in parts.items() if value})


def instant(text: str) -> datetime:
    """Return the instant of this age that `text` names (RFC 3339 with its zone). Raises Invalid."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None or not 2000 <= at.year <= 2200:
            raise ValueError
        return at.astimezone(UTC)
    except ValueError as error:
        raise Invalid(_("No time was chosen. Choose one of the times shown."), field="start") from error


def nearest(refusal: Refusal) -> list[datetime]:
    return [instant(text) for text in refusal.facts.get("nearest", [])]
