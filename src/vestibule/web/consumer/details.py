"""The third step of booking: who comes, and what the service asks. What was typed is never lost."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from vestibule.booking import holds, lifecycle, series
from vestibule.booking.models import Appointment
from vestibule.booking.wishes import Wish
from vestibule.people import rates
from vestibule.people.errors import Invalid, Refusal
from vestibule.people.permissions import PUBLIC
from vestibule.web import times
from vestibule.web.consumer import choosing, drafts, link_cookie
from vestibule.web.consumer.details_form import DetailsForm
from vestibule.web.consumer.drafts import Draft
from vestibule.web.consumer.questions_form import keep_files
from vestibule.web.consumer.repeats import EVERY
from vestibule.web.consumer.reserving import bookable, client_of, path_of
from vestibule.web.consumer.starts import free_near, instant
from vestibule.web.framed import happened


@require_http_methods(["GET", "POST"])
def details(request: HttpRequest, slug: str, service_slug: str) -> HttpResponse:
    """Ask who comes, then book; a time that was lost meanwhile can be changed without typing again."""
    service = bookable(slug, service_slug)
    try:
        draft = drafts.read(request, service)
    except Invalid:
        return redirect("book-time", slug=slug, service_slug=service_slug)
    if request.method == "GET":
        return _page(request, draft, DetailsForm(service))
    rates.limit("book.details", rates.client_key(request), 200, 600)
    data, refused = keep_files(request, service)
    if data.get("instead") or data.get("drop"):
        form = DetailsForm(service)
        form.keep_typed(data)
        return _changed(request, draft, DetailsForm(service, initial=form.initial))
    form = DetailsForm(service, data, refused=refused)
    if not form.is_valid():
        return _page(request, draft, form, status=422)
    return _answer(request, draft, form)


def _answer(request: HttpRequest, draft: Draft, form: DetailsForm) -> HttpResponse:
    try:
        booked = _book(request, draft, form)
    except Refusal as refusal:
        form.place(refusal)
        lost = instant(refusal.facts["start"]) if "start" in refusal.facts else draft.at_risk
        near = free_near(refusal, draft.service, lost, provider=draft.provider, length=draft.length)
        return _page(request, draft, form, status=409 if near else refusal.status, lost=lost, nearest=near)
    happened.booked(request, booked)
    answer = redirect("/appointment?booked=1")
    link_cookie.remember(answer, link_cookie.link_to(booked.ref))
    return answer


def _book(request: HttpRequest, draft: Draft, form: DetailsForm) -> Appointment:
    """Book what the draft says; a hold that has lapsed is no hindrance while the time is free."""
    wish = Wish(
        service=draft.service,
        start=draft.start,
        contact=form.contact(draft.zone, getattr(request, "LANGUAGE_CODE", "")),
        provider=draft.provider,
        length_minutes=draft.length,
        hold=draft.hold_ref,
        answers=form.answers(),
        consents=form.consents(),
        helpers=form.helpers(),
        language_need=form.cleaned_data.get("language_need", ""),
    )
    if draft.repeat is None or not draft.is_series:
        return lifecycle.book(PUBLIC, wish)
    unit, step = EVERY[draft.repeat.every]
    return series.book(PUBLIC, wish, unit=unit, step=step, starts=draft.starts)[0]


def _changed(request: HttpRequest, draft: Draft, form: DetailsForm) -> HttpResponse:
    """Show the form again with one time exchanged for another, which is kept from now on, or left out."""
    service, given = draft.service, request.POST
    start = draft.at_risk
    try:
        named = given.get("drop") or given.get("lost")
        out = instant(named) if named else start
        others = [one for one in draft.starts if one != out]
        if given.get("drop"):
            return _page(request, replace(draft, starts=tuple(others) or draft.starts), form)
        start = instant(given["instead"])
        kept = holds.hold(
            service,
            start,
            provider=draft.provider,
            length=draft.length,
            client=client_of(request),
            most=holds.MOST_PER_ADDRESS,
            instead_of=draft.hold_ref if start == draft.at_risk or not draft.is_series else "",
        )
    except Refusal as refusal:
        near = free_near(refusal, service, start, provider=draft.provider, length=draft.length)
        return _page(request, draft, form, status=refusal.status, refusal=refusal, nearest=near)
    return _page(request, replace(draft, starts=tuple(sorted({*others, start})), kept=kept), form)


def _page(request: HttpRequest, draft: Draft, form: DetailsForm, status: int = 200, **more: Any) -> HttpResponse:
    service = draft.service
    home = service.business.timezone
    context = {
        "business": service.business,
        "service": service,
        "home_url": f"/book/{service.business.slug}",
        "form": form,
        "draft": draft,
        "zone": draft.zone,
        "business_zone": home,
        "zones_differ": times.differ(draft.zone, home, *draft.starts),
        "back_url": _back(request, draft),
        "lost": draft.at_risk,
        **more,
    }
    return render(request, "consumer/details.html", context, status=status)


def _back(request: HttpRequest, draft: Draft) -> str:
    own = choosing.own_zone_of(request, draft.service.business.timezone)
    choice = choosing.Choice(draft.service, draft.zone, own, draft.provider, draft.length, draft.repeat)
    return (
        choosing.address(path_of(draft.service), choice, day=choosing.day_in(draft.start, draft.zone).isoformat())
        + "#times"
    )
