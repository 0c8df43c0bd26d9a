"""The waiting list as somebody sees who waits: join it, take or pass on what is offered, leave it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vestibule.booking import waitlist
from vestibule.booking.models import Appointment, Service, WaitlistEntry
from vestibule.people import actors, rates
from vestibule.people.errors import NotFound, Refusal
from vestibule.people.links import Purpose
from vestibule.people.permissions import PUBLIC, Actor
from vestibule.store import clock
from vestibule.web import times
from vestibule.web.consumer import choosing, link_cookie
from vestibule.web.consumer.holding import exchange, holding
from vestibule.web.consumer.questions_form import QuestionsForm
from vestibule.web.consumer.reserving import bookable, path_of
from vestibule.web.consumer.waiting_form import WaitlistForm, part_names, usual_days
from vestibule.web.framed import happened

S = WaitlistEntry.Status


@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, slug: str, service_slug: str) -> HttpResponse:
    """Ask between which days a time would suit, and whom to tell; then put them on the list."""
    service = bookable(slug, service_slug)
    if not service.has_waitlist:
        raise Http404
    choice = choosing.read(request, service)
    providers = choosing.providers_of(service)
    if request.method == "GET":
        start = usual_days(choice.zone) | {"provider": choice.provider.slug if choice.provider else ""}
        return _join_page(request, choice, WaitlistForm(service, providers, initial=start))
    rates.limit_others("waitlist.join", rates.client_key(request), waitlist.JOINS_PER_HOUR, 3600)
    form = WaitlistForm(service, providers, request.POST)
    if form.is_valid():
        try:
            return _joined(request, choice, form)
        except Refusal as refusal:
            form.place(refusal)
    return _join_page(request, choice, form, status=422)


def _joined(request: HttpRequest, choice: choosing.Choice, form: WaitlistForm) -> HttpResponse:
    """Put them on the list. Who asks for what somebody of that address asked before is not handed that entry: anybody
    can type an address. They read the same, and whose address it is has the link.
    """
    began = clock.now()
    entry = waitlist.join(
        PUBLIC,
        choice.service,
        form.contact(choice.zone, getattr(request, "LANGUAGE_CODE", "")),
        provider=choosing.provider_named(choice.service, form.cleaned_data.get("provider", "")),
        length=choice.length,
        **form.when(),
    )
    held = link_cookie.current(request, Purpose.WAITLIST)
    if entry.created_at < began and (held is None or held.subject != entry.ref):
        entry.email, entry.status, entry.offered_start = form.cleaned_data["email"], S.WAITING, None
        return _page(request, entry, just_joined=True)
    answer = redirect("/waitlist?joined=1")
    link_cookie.remember(answer, link_cookie.link_to(entry.ref, Purpose.WAITLIST))
    return answer


def _mine(request: HttpRequest) -> tuple[Actor, WaitlistEntry] | HttpResponse:
    """Return who asks and their entry, or the page that says there is none."""
    link = link_cookie.current(request, Purpose.WAITLIST)
    if link is None:
        return render(request, "consumer/wrong_link.html", status=404)
    actor = actors.actor_of_link(link)
    try:
        return actor, waitlist.entry_of(actor)
    except NotFound:
        return render(request, "consumer/wrong_link.html", status=404)


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Exchange the link for a cookie and a clean address; then show how things stand."""
    if "v" in request.GET:
        return exchange(request, request.GET["v"], Purpose.WAITLIST, to="waitlist")
    found = _mine(request)
    if isinstance(found, HttpResponse):
        return found
    return _page(request, found[1], just_joined="joined" in request.GET)


@require_POST
@holding(_mine)
def accept(request: HttpRequest, actor: Actor, entry: WaitlistEntry) -> HttpResponse:
    """Take the time that is offered, and go on to the appointment."""
    form = QuestionsForm(entry.service, request.POST, questions=_consents(entry))
    if not form.is_valid():
        return _page(request, entry, status=422, form=form)
    try:
        booked = waitlist.accept(actor, entry, consents=form.consents())
    except Refusal as refusal:
        entry.refresh_from_db()
        return _page(request, entry, status=refusal.status, form=form, refusal=refusal)
    tell, said = (happened.moved, "moved") if entry.appointment_id else (happened.booked, "booked")
    tell(request, booked)
    return _to_appointment(booked, said)


@require_POST
@holding(_mine)
def decline(request: HttpRequest, actor: Actor, entry: WaitlistEntry) -> HttpResponse:
    """Let the offered time pass and wait on."""
    try:
        waitlist.decline(actor, entry)
    except Refusal as refusal:
        entry.refresh_from_db()
        return _page(request, entry, status=refusal.status, refusal=refusal)
    return redirect("/waitlist?passed=1")


@require_POST
@holding(_mine)
def leave(request: HttpRequest, actor: Actor, entry: WaitlistEntry) -> HttpResponse:
    """Take them off the list."""
    waitlist.leave(actor, entry)
    return redirect("waitlist")


@require_GET
@holding(_mine)
def to_appointment(request: HttpRequest, _actor: Actor, entry: WaitlistEntry) -> HttpResponse:
    """Go on to the appointment that came of it, or that is to be earlier."""
    return _to_appointment(entry.appointment, "") if entry.appointment else redirect("waitlist")


def _to_appointment(appointment: Appointment, said: str) -> HttpResponse:
    answer = redirect(f"/appointment?{said}=1" if said else "/appointment")
    link_cookie.remember(answer, link_cookie.link_to(appointment.ref))
    return answer


def _consents(entry: WaitlistEntry) -> list[dict[str, Any]]:
    """Return what must be agreed to before a time is taken; who moves an appointment has agreed already."""
    if entry.appointment_id is not None:
        return []
    return [one for one in entry.service.questions if one["type"] == "consent" and one["required"]]


def _page(
    request: HttpRequest, entry: WaitlistEntry, *, status: int = 200, form: QuestionsForm | None = None, **more: Any
) -> HttpResponse:
    service, home = entry.service, entry.business.timezone
    start = clock.from_minute(entry.offered_start) if entry.offered_start is not None else None
    seconds = (entry.offer_expires_at - clock.now()).total_seconds() if entry.offer_expires_at else 0
    is_offered = entry.status == S.OFFERED and start is not None and seconds > 0
    context = {
        "business": entry.business,
        "service": service,
        "home_url": f"/book/{entry.business.slug}",
        "entry": entry,
        "zone": entry.timezone,
        "business_zone": home,
        "zones_differ": start is not None and times.differ(entry.timezone, home, start),
        "is_offered": is_offered,
        "is_waiting": entry.status == S.WAITING or (entry.status == S.OFFERED and not is_offered),
        "is_booked": entry.status == S.BOOKED,
        "start": start,
        "end": clock.from_minute(entry.offered_start + entry.length_minutes) if entry.offered_start else None,
        "offer_seconds": int(seconds),
        "part_names": part_names(entry),
        "form": form or QuestionsForm(service, questions=_consents(entry)),
        "again_url": f"{path_of(service)}/waitlist" if service.has_waitlist else path_of(service),
        "just_passed": "passed" in request.GET,
        **more,
    }
    return render(request, "consumer/waitlist.html", context, status=status)


def _join_page(request: HttpRequest, choice: choosing.Choice, form: WaitlistForm, *, status: int = 200) -> HttpResponse:
    service: Service = choice.service
    context = {
        "business": service.business,
        "service": service,
        "home_url": f"/book/{service.business.slug}",
        "form": form,
        "zone": choice.zone,
        "minutes": choice.minutes,
        "back_url": choosing.address(path_of(service), choice),
    }
    return render(request, "consumer/waitlist_join.html", context, status=status)
