"""Booking on behalf of a consumer: service, then time, then who it is for."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import lifecycle
from vestibule.booking.models import Appointment, Service
from vestibule.booking.wishes import Contact, Wish
from vestibule.people.errors import Invalid, NotFound, NotPermitted, Refusal
from vestibule.people.models import Consumer, Provider
from vestibule.web import times
from vestibule.web.consumer.details_form import DetailsForm
from vestibule.web.consumer.reserving import instant
from vestibule.web.manager import fields
from vestibule.web.manager.pages import (
    CHANGES_APPOINTMENTS,
    Permission,
    StaffRequest,
    done,
    find,
    open_to,
    show,
)
from vestibule.web.manager.picker import WhoForm, choose, providers_for

STEPS = (gettext_lazy("Service"), gettext_lazy("Time"), gettext_lazy("Consumer"))
MOST_FOUND = 8


class ContactForm(DetailsForm):
    """Whom the appointment is for, and what the service asks, filled in by the office."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("The confirmation, the links and reminders go there."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Mobile number"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("For a text message an hour before."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    timezone = fields.zone(
        gettext_lazy("Their time zone"), required=False, empty=gettext_lazy("The same as the business")
    )
    note = fields.lines(gettext_lazy("Note for staff"), most=2000, hint=gettext_lazy("The consumer does not see it."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def contact(self) -> Contact:
        """Return the contact of a valid form."""
        given = self.cleaned_data
        return Contact(given["name"], given["email"], given["phone"], given["timezone"])


class SearchForm(fields.Form):
    """Finds somebody who was here before."""

    who = fields.text(gettext_lazy("Name or e-mail address"), most=120, required=False)


@open_to(*CHANGES_APPOINTMENTS)
def service(request: StaffRequest) -> HttpResponse:
    """First: what is it for?"""
    rows = Service.objects.visible_to(request.actor).filter(is_active=True)
    if not request.actor.may(Permission.CHANGE_APPOINTMENTS):
        rows = rows.filter(offers__provider_id=request.actor.provider_id)
    wanted = request.GET.get("provider", "")
    if wanted and "\0" not in wanted and Provider.objects.visible_to(request.actor).filter(slug=wanted[:60]).exists():
        rows = rows.filter(offers__provider__slug=wanted)
    offered = Count("offers", filter=Q(offers__provider__is_active=True))
    rows = rows.annotate(offered=offered).select_related("location")
    context: dict[str, Any] = {
        "services": rows.order_by("position", "name", "pk"),
        "query": _kept(request, "provider", "day", "consumer"),
    }
    return show(request, "book_service.html", steps=STEPS, **context)


@open_to(*CHANGES_APPOINTMENTS)
def time(request: StaffRequest, slug: str) -> HttpResponse:
    """Second: with whom, and when?"""
    chosen = _service(request, slug)
    providers = providers_for(request, chosen)
    own_only = not request.actor.may(Permission.CHANGE_APPOINTMENTS)
    form = WhoForm(request.GET, providers=providers, must_choose=own_only)
    slug_wanted = form.cleaned_data["provider"] if form.is_valid() else ""
    provider = next((one for one in providers if one.slug == slug_wanted), None)
    if own_only:
        provider = providers[0] if providers else None
    choice = choose(chosen, request.business.timezone, form, provider) if providers else None
    context: dict[str, Any] = {
        "service": chosen,
        "provider": provider,
        "choice": choice,
        "steps": STEPS,
        "contact": f"{reverse('manage-book-contact', args=[slug])}?{_contact_query(request, provider)}",
    }
    return show(request, "book_time.html", form=form, **context)


@open_to(*CHANGES_APPOINTMENTS)
def contact(request: StaffRequest, slug: str) -> HttpResponse:
    """Third: for whom? Then book. When the time was taken meanwhile, offer those near it and keep what was typed."""
    chosen = _service(request, slug)
    provider = _provider(request, chosen)
    form = ContactForm(chosen, request.POST if request.method == "POST" else None, initial=_known(request))
    try:
        start = instant(request.POST.get("start") or request.GET.get("start", ""))
    except Invalid as wrong:
        return show(request, "book_again.html", status=422, problem=wrong.sentence, service=chosen)
    context: dict[str, Any] = {"service": chosen, "provider": provider, "start": start, "steps": STEPS}
    if request.method == "POST" and form.is_valid():
        outcome = _book(request, form, chosen, start, provider)
        if isinstance(outcome, Appointment):
            return _booked(request, outcome)
        context |= {"status": outcome.status, "nearest": getattr(outcome, "nearest", [])}
    search = SearchForm(request.GET)
    return show(request, "book_contact.html", form=form, search=search, found=_found(request, search), **context)


def _book(
    request: StaffRequest, form: ContactForm, chosen: Service, start: datetime, provider: Provider | None
) -> Appointment | Refusal:
    """Book what the form says, or put the refusal where it belongs."""
    wish = Wish(
        service=chosen,
        start=start,
        contact=form.contact(),
        provider=provider,
        answers=form.answers(),
        note=form.cleaned_data["note"],
        via="manage",
    )
    try:
        return lifecycle.book(request.actor, wish)
    except (NotPermitted, NotFound):
        raise
    except Refusal as refused:
        form.place(refused)
        return refused


def _booked(request: StaffRequest, booked: Appointment) -> HttpResponse:
    when = times.span(booked.start, booked.end, request.business.timezone)
    words = _("Booked: %(name)s, %(when)s. A confirmation goes to %(email)s.")
    told = words % {"name": booked.name, "when": when, "email": booked.email}
    return done(request, told, reverse("manage-appointment", args=[booked.ref]))


def _service(request: StaffRequest, slug: str) -> Service:
    rows = Service.objects.select_related("business", "location").filter(is_active=True)
    chosen: Service = find(request, rows, slug=slug)
    return chosen


def _provider(request: StaffRequest, chosen: Service) -> Provider | None:
    slug = request.POST.get("provider", request.GET.get("provider", ""))
    if not slug:
        return None
    provider = next((one for one in providers_for(request, chosen) if one.slug == slug), None)
    if provider is None:
        raise NotFound(_("This person does not offer that appointment. Go back and choose another."))
    return provider


def _contact_query(request: StaffRequest, provider: Provider | None) -> str:
    query = QueryDict(mutable=True)
    if provider:
        query["provider"] = provider.slug
    if request.GET.get("consumer"):
        query["consumer"] = request.GET["consumer"]
    text = query.urlencode()
    return f"{text}&" if text else ""


def _kept(request: StaffRequest, *names: str) -> str:
    query = QueryDict(mutable=True)
    for name in names:
        if request.GET.get(name):
            query[name] = request.GET[name]
    return query.urlencode()


def _known(request: StaffRequest) -> dict[str, Any]:
    """Return what is known of the consumer that the address names, to start from."""
    ref = request.GET.get("consumer", "")
    if not ref or "\x00" in ref or not request.actor.may(Permission.SEE_APPOINTMENTS):
        return {}
    consumer = Consumer.objects.visible_to(request.actor).filter(ref=ref[:16]).first()
    if consumer is None:
        return {}
    zone = "" if consumer.timezone == request.business.timezone else consumer.timezone
    return {"name": consumer.name, "email": consumer.email, "phone": consumer.phone, "timezone": zone}


def _found(request: StaffRequest, search: SearchForm) -> list[tuple[Consumer, str]]:
    if not search.is_valid() or not search.cleaned_data["who"] or not request.actor.may(Permission.SEE_APPOINTMENTS):
        return []
    words = search.cleaned_data["who"]
    rows = Consumer.objects.visible_to(request.actor).filter(Q(name__icontains=words) | Q(email__icontains=words))
    query = request.GET.copy()
    query.pop("who", None)
    found = []
    for consumer in rows.order_by("name", "pk")[:MOST_FOUND]:
        query["consumer"] = consumer.ref
        found.append((consumer, query.urlencode()))
    return found
