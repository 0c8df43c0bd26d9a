"""Providers: the list, who they are, what they offer, how they sign in."""

from dataclasses import replace
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.booking import setup
from vestibule.booking.models import Appointment, Service, ServiceProvider, WeeklyHours
from vestibule.experience import drafts
from vestibule.people import staff
from vestibule.people.models import Provider
from vestibule.people.permissions import Role
from vestibule.store import clock
from vestibule.web.manager import fields, panels
from vestibule.web.manager.pages import (
    Permission,
    StaffRequest,
    attempt,
    confirm,
    done,
    find,
    locked,
    open_to,
    paged,
    query_without,
    show,
)
from vestibule.web.manager.staff_pages import role_choices
from vestibule.web.manager.what_if import Change

MANAGE = (Permission.MANAGE_SETUP,)


class ProviderForm(fields.Form):
    """Who a provider is."""

    name = fields.text(gettext_lazy("Name"), most=120, hint=gettext_lazy("As consumers see it, title included."))
    title = fields.text(
        gettext_lazy("What they do"), most=120, required=False, hint=gettext_lazy("Such as “Family medicine”.")
    )
    email = fields.text(
        gettext_lazy("E-mail address"),
        most=254,
        required=False,
        hint=gettext_lazy("Where word of their appointments goes. Consumers never see it."),
        inputmode="email",
    )
    phone = fields.text(gettext_lazy("Telephone"), most=40, required=False, inputmode="tel")
    timezone = fields.zone(
        gettext_lazy("Time zone of their working hours"),
        required=False,
        empty=gettext_lazy("That of the business"),
    )


class PlaceForm(ProviderForm):
    """A provider who exists already also has a place in the list."""

    position = fields.number(
        gettext_lazy("Place in the list"), most=9999, hint=gettext_lazy("Smaller numbers come first.")
    )


class SignInForm(fields.Form):
    """Lets a provider sign in."""

    email = fields.text(gettext_lazy("E-mail address"), most=254, inputmode="email")
    role = fields.one_of(gettext_lazy("Role"), [], radio=True)

    def __init__(self, *args: Any, roles: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_choices("role", roles)


class FilterForm(fields.Form):
    """Which providers to list."""

    q = fields.text(gettext_lazy("Name"), most=120, required=False)


def one(request: StaffRequest, slug: str) -> Provider:
    """Return the reader's provider of that name, or 404."""
    rows = Provider.objects.select_related("business", "membership__user")
    provider: Provider = find(request, rows, slug=slug)
    return provider


@open_to(Permission.SEE_SETUP)
def listing(request: StaffRequest) -> HttpResponse:
    """List the providers, those who left last."""
    form = FilterForm(request.GET)
    rows = (
        Provider.objects.visible_to(request.actor)
        .select_related("membership__user")
        .annotate(
            offered=Count("offers", filter=Q(offers__service__is_active=True)),
            has_own_hours=Exists(WeeklyHours.objects.filter(provider=OuterRef("pk"), schedule=None)),
        )
        .order_by("-is_active", "position", "name", "pk")
    )
    if form.is_valid() and form.cleaned_data["q"]:
        rows = rows.filter(name__icontains=form.cleaned_data["q"])
    has_business_hours = WeeklyHours.objects.filter(business=request.business, provider=None).exists()
    context: dict[str, Any] = {"page": paged(request, rows), "query": query_without(request, "page")}
    return show(request, "providers.html", form=form, has_business_hours=has_business_hours, **context)


@open_to(*MANAGE)
def add(request: StaffRequest) -> HttpResponse:
    """Add somebody who meets consumers."""
    form = ProviderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: setup.add_provider(request.actor, request.business, **form.cleaned_data))
        if made is not None and _comes_before_services(request):
            words = _("%(name)s was added, and offers what you publish.")
            return done(request, words % {"name": made.name}, "manage-experience-review")
        if made is not None:
            words = _("%(name)s was added. Choose what they offer, so that they can be booked.")
            return done(request, words % {"name": made.name}, reverse("manage-provider-offers", args=[made.slug]))
    return show(request, "provider_new.html", form=form)


def _comes_before_services(request: StaffRequest) -> bool:
    """Tell whether all there is to offer stands in the draft: whoever is there when it is published offers that."""
    draft = drafts.of(request.actor, request.business)
    is_empty = not Service.objects.filter(business=request.business, is_active=True).exists()
    return is_empty and draft is not None and bool(draft.document.get("services"))


@open_to(Permission.SEE_SETUP, change=MANAGE)
def details(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change who a provider is."""
    provider = one(request, slug)
    initial = {name: getattr(provider, name) for name in PlaceForm.base_fields}
    form = PlaceForm(request.POST or None, initial=initial)
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if panels.is_saving(request) and form.is_valid():
        attempt(form, lambda: setup.change_provider(request.actor, provider, **form.cleaned_data))
        if not form.errors:
            return done(request, _("%(name)s was saved.") % form.cleaned_data, request.path)
    change = None
    if form.is_bound and form.is_valid():
        zone = form.cleaned_data["timezone"] or request.business.timezone
        change = Change(hours=lambda who, _key, now: replace(now, timezone=zone) if who == provider.pk else now)
    panel = panels.beside(request, (lambda service: change) if change else None, provider=provider)
    if panels.is_drawing(request):
        return panels.drawn(request, panel, form)
    context: dict[str, Any] = {"form": form, "provider": provider, "panel": panel, "may_edit": may}
    return show(request, "provider.html", tab="details", **context)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def offers(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change which services a provider offers."""
    provider = one(request, slug)
    services = list(
        request.business.services.filter(is_active=True).prefetch_related("offers__provider", "offers__schedule")
    )
    form = fields.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        form.is_valid()
        attempt(form, lambda: _save_offers(request, provider, services))
        if not form.errors:
            return done(request, _("Saved what %(name)s offers.") % {"name": provider.name}, request.path)
    mine = set(ServiceProvider.objects.filter(provider=provider).values_list("service_id", flat=True))
    rows = [(service, service.pk in mine) for service in services]
    return show(request, "provider_offers.html", form=form, provider=provider, rows=rows, tab="offers")


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_STAFF,))
def sign_in(request: StaffRequest, slug: str) -> HttpResponse:
    """Show how a provider signs in, or invite them to."""
    provider = one(request, slug)
    may = request.actor.may(Permission.MANAGE_STAFF)
    data = request.POST if request.method == "POST" and provider.membership is None else None
    initial = {"email": provider.email, "role": Role.PROVIDER.value}
    form = SignInForm(data, initial=initial, roles=role_choices(request.actor))
    locked(form, may)
    if data is not None and form.is_valid():
        given = form.cleaned_data
        role = Role(given["role"])
        attempt(
            form,
            lambda: staff.invite(request.actor, given["email"], provider.name, role, as_provider=provider),
            provider="email",
            name="email",
        )
        if not form.errors:
            words = _("An invitation is on its way to %(email)s.")
            return done(request, words % {"email": given["email"]}, request.path)
    return show(request, "provider_sign_in.html", form=form, provider=provider, tab="sign-in")


@open_to(*MANAGE)
def deactivate(request: StaffRequest, slug: str) -> HttpResponse:
    """Ask, then let nobody book a provider any more."""
    provider = one(request, slug)
    now = clock.to_minute(clock.now())
    coming = Appointment.objects.filter(provider=provider, status__in=Appointment.OPEN, start_minute__gte=now).count()
    stay = ngettext(
        "%(n)s appointment already booked stays with them: move or cancel it.",
        "%(n)s appointments already booked stay with them: move or cancel them.",
        coming,
    )

    def left() -> str:
        setup.change_provider(request.actor, provider, is_active=False)
        return _("Nobody can book %(name)s any more.") % {"name": provider.name}

    return confirm(
        request,
        left,
        title=_("Let nobody book %(name)s any more?") % {"name": provider.name},
        text=stay % {"n": coming} if coming else _("They have no appointments ahead. You can undo this later."),
        button=_("Take them off"),
        back=reverse("manage-provider", args=[provider.slug]),
        to="manage-providers",
    )


@open_to(*MANAGE, only_post=True)
def reactivate(request: StaffRequest, slug: str) -> HttpResponse:
    """Let a provider be booked again."""
    provider = one(request, slug)
    setup.change_provider(request.actor, provider, is_active=True)
    return done(request, _("%(name)s can be booked again.") % {"name": provider.name}, "manage-providers")


def _save_offers(request: StaffRequest, provider: Provider, services: list[Any]) -> None:
    chosen = set(request.POST.getlist("service"))
    for service in services:
        kept = [
            setup.Offer(offer.provider, offer.role, offer.group, offer.schedule, offer.weight)
            for offer in service.offers.all()
        ]
        others = [offer for offer in kept if offer.provider.pk != provider.pk]
        has = len(others) < len(kept)
        if (service.ref in chosen) and not has:
            setup.change_service(request.actor, service, offers=[*kept, setup.Offer(provider)])
        elif service.ref not in chosen and has:
            setup.change_service(request.actor, service, offers=others)
