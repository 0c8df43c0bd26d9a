"""Booking on behalf of a consumer: service, then time, then who it is for."""

import re
from datetime import datetime
from datetime import time as datetime_time
from typing import Any
from urllib.parse import quote

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.booking import availability, lifecycle, series, waitlist
from vestibule.booking.models import Appointment, Service, WaitlistEntry
from vestibule.booking.wishes import Contact, Wish
from vestibule.people.errors import Invalid, NotFound, NotPermitted, Refusal
from vestibule.people.models import Consumer, Provider
from vestibule.web import times
from vestibule.web.consumer.details_form import DetailsForm
from vestibule.web.consumer.questions_form import FileAnswer
from vestibule.web.consumer.starts import instant, nearest
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import (
    CHANGES_APPOINTMENTS,
    Permission,
    StaffRequest,
    done,
    find,
    open_to,
    show,
)
from vestibule.web.manager.picker import Choice, WhoForm, choose, providers_for
from vestibule.web.texts_asked import TextsAsked

KEPT = ("consumer", "waitlist")
HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
MOST_REPEATS = 52
REPEATS = (
    ("", gettext_lazy("Only once")),
    ("week:1", gettext_lazy("Every week")),
    ("week:2", gettext_lazy("Every two weeks")),
    ("month:1", gettext_lazy("Every month")),
)
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
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    timezone = fields.zone(
        gettext_lazy("Their time zone"), required=False, empty=gettext_lazy("The same as the business")
    )
    note = fields.lines(gettext_lazy("Note for staff"), most=2000, hint=gettext_lazy("The consumer does not see it."))
    repeat = fields.one_of(gettext_lazy("Repeat it"), words(REPEATS), required=False)
    count = fields.number(
        gettext_lazy("How many in all"), least=2, most=MOST_REPEATS, required=False, hint=gettext_lazy("2 to 52.")
    )

    def __init__(self, service: Service, data: QueryDict | None = None, *, initial: dict[str, Any]) -> None:
        super().__init__(service, data, initial=initial)
        self.label_suffix = ""
        self.fields["email"].help_text = _("The confirmation, the links and reminders go there.")
        self.questions = [one for one in self.questions if one["type"] != "file"]
        for name in [name for name, field in self.fields.items() if isinstance(field.widget, FileAnswer)]:
            del self.fields[name]
        if service.seats > 1:
            del self.fields["repeat"], self.fields["count"]

    def texts_asked(self, service: Service) -> TextsAsked:
        """Return the same as beside the consumer's own form, said to who types for them."""
        asked = super().texts_asked(service)
        if asked.question:
            return TextsAsked(
                question=_("They agree to text messages about this appointment, and know that STOP ends them")
            )
        notice = _("Text messages about the appointment go to this number: tell them. The answer STOP ends them.")
        return TextsAsked(notice=notice) if asked.notice else asked

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("repeat") and not given.get("count"):
            self.add_error("count", _("Say how many there are to be, 2 to 52."))
        return given

    def series(self) -> tuple[str, int, int] | None:
        """Return unit, step and count of a valid form that asks for several appointments, else None."""
        repeat = self.cleaned_data.get("repeat", "")
        if not repeat:
            return None
        unit, step = repeat.split(":")
        return unit, int(step), self.cleaned_data["count"]

    def person(self) -> Contact:
        """Return whom a valid form is about."""
        return self.contact(self.cleaned_data["timezone"], "")


class SearchForm(fields.Form):
    """Finds somebody who was here before."""

    who = fields.text(gettext_lazy("Name, e-mail address or telephone"), most=120, required=False)


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
        "query": _kept(request, "provider", "day", "time", *KEPT),
    }
    return show(request, "book_service.html", steps=STEPS, **context)


@open_to(*CHANGES_APPOINTMENTS)
def time(request: StaffRequest, slug: str) -> HttpResponse:
    """Second: with whom, how long, and when? Whoever comes from a free hour of the calendar goes on at once."""
    chosen = _service(request, slug)
    providers = providers_for(request, chosen)
    own_only = not request.actor.may(Permission.CHANGE_APPOINTMENTS)
    form = WhoForm(request.GET, providers=providers, must_choose=own_only, lengths=availability.lengths_of(chosen))
    slug_wanted = form.cleaned_data["provider"] if form.is_valid() else ""
    provider = next((one for one in providers if one.slug == slug_wanted), None)
    if own_only:
        provider = providers[0] if providers else None
    length = form.minutes()
    choice = choose(chosen, request.business.timezone, form, provider, length=length) if providers else None
    onward = f"{reverse('manage-book-contact', args=[slug])}?{_contact_query(request, provider, length)}"
    hour, start = _hour(request, choice)
    if start is not None:
        return redirect(f"{onward}start={quote(times.iso(start))}")
    context: dict[str, Any] = {
        "service": chosen,
        "provider": provider,
        "choice": choice,
        "steps": STEPS,
        "contact": onward,
        "hour": hour,
        "kept": [(name, request.GET[name]) for name in KEPT if request.GET.get(name)],
        "keep": _kept(request, *KEPT),
    }
    return show(request, "book_time.html", form=form, **context)


def _hour(request: StaffRequest, choice: Choice | None) -> tuple[str, datetime | None]:
    """Return the hour that was pressed in the calendar, and the first free start within it, if there is one."""
    asked = request.GET.get("time", "")
    if choice is None or not HOUR.fullmatch(asked):
        return "", None
    first = datetime_time.fromisoformat(asked)
    for part in choice.parts:
        for slot in part.slots:
            here = times.local(slot.start, request.business.timezone)
            if here.date() == choice.day and 0 <= (here.hour - first.hour) * 60 + here.minute - first.minute < 60:
                return asked, slot.start
    return asked, None


@open_to(*CHANGES_APPOINTMENTS)
def contact(request: StaffRequest, slug: str) -> HttpResponse:
    """Third: for whom? Then book. When the time was taken meanwhile, offer those near it and keep what was typed."""
    chosen = _service(request, slug)
    provider = _provider(request, chosen)
    form = ContactForm(chosen, request.POST if request.method == "POST" else None, initial=_known(request))
    length = _length(request)
    try:
        start = instant(request.POST.get("start") or request.GET.get("start", ""))
    except Invalid as wrong:
        return show(request, "book_again.html", status=422, problem=wrong.sentence, service=chosen)
    context: dict[str, Any] = {"service": chosen, "provider": provider, "start": start, "steps": STEPS}
    context |= {"length": length, "minutes": length or chosen.duration_minutes}
    if request.method == "POST" and form.is_valid():
        wish = Wish(
            service=chosen,
            start=start,
            contact=form.person(),
            provider=provider,
            length_minutes=length,
            answers=form.answers(),
            consents=form.consents(),
            helpers=form.helpers(),
            language_need=form.cleaned_data.get("language_need", ""),
            note=form.cleaned_data["note"],
            via="manage",
        )
        try:
            return _book(request, form, wish, context)
        except (NotPermitted, NotFound):
            raise
        except Refusal as refused:
            form.place(refused)
            context |= {"status": refused.status, "nearest": nearest(refused)}
    search = SearchForm(request.GET)
    return show(request, "book_contact.html", form=form, search=search, found=_found(request, search), **context)


def _book(request: StaffRequest, form: ContactForm, wish: Wish, context: dict[str, Any]) -> HttpResponse:
    """Book what the form says: one, or several of which each date was looked at first."""
    repeats = form.series()
    if repeats is None:
        return _booked(request, lifecycle.book(request.actor, wish))
    unit, step, count = repeats
    chosen = [instant(text) for text in request.POST.getlist("starts") if text]
    if not chosen:
        planned = series.plan(request.actor, wish, unit=unit, step=step, count=count)
        context |= {"occurrences": planned, "all_free": all(one.is_free for one in planned)}
        return show(request, "book_contact.html", form=form, search=SearchForm(), status=200, **context)
    booked = series.book(request.actor, wish, unit=unit, step=step, starts=chosen)
    return _booked(request, booked[0], len(booked))


def _booked(request: StaffRequest, booked: Appointment, many: int = 1) -> HttpResponse:
    """Say what was booked; who was waiting for it waits no longer."""
    entry = _entry(request)
    if entry is not None:
        waitlist.leave(request.actor, entry)
    when = times.span(booked.start, booked.end, request.business.timezone)
    words = ngettext(
        "Booked: %(name)s, %(when)s. A confirmation goes to %(email)s.",
        "%(n)s appointments booked: %(name)s, the first %(when)s. A confirmation goes to %(email)s.",
        many,
    )
    told = words % {"n": many, "name": booked.name, "when": when, "email": booked.email}
    return done(request, told, reverse("manage-appointment", args=[booked.ref]))


def _entry(request: StaffRequest) -> WaitlistEntry | None:
    """Return the waitlist entry that the address names, if the reader may see it."""
    ref = request.GET.get("waitlist", "")
    if not ref or "\x00" in ref or not request.actor.may(Permission.CHANGE_APPOINTMENTS):
        return None
    rows: Any = WaitlistEntry.objects.visible_to(request.actor).select_related("service", "business")
    found: WaitlistEntry | None = rows.filter(ref=ref[:16]).first()
    return found


def _length(request: StaffRequest) -> int | None:
    text = request.POST.get("length") or request.GET.get("length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


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


def _contact_query(request: StaffRequest, provider: Provider | None, length: int | None) -> str:
    query = QueryDict(mutable=True)
    if provider:
        query["provider"] = provider.slug
    if length:
        query["length"] = str(length)
    for name in KEPT:
        if request.GET.get(name):
            query[name] = request.GET[name]
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
    entry = _entry(request)
    if entry is not None:
        zone = "" if entry.timezone == request.business.timezone else entry.timezone
        return {"name": entry.name, "email": entry.email, "phone": entry.phone, "timezone": zone}
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
    found_by = Q(name__icontains=words) | Q(email__icontains=words)
    digits = "".join(one for one in words if one.isdigit())
    if len(digits) >= 4:
        found_by |= Q(phone__contains=digits.lstrip("0"))
    rows = Consumer.objects.visible_to(request.actor).filter(found_by)
    query = request.GET.copy()
    query.pop("who", None)
    found = []
    for consumer in rows.order_by("name", "pk")[:MOST_FOUND]:
        query["consumer"] = consumer.ref
        found.append((consumer, query.urlencode()))
    return found
