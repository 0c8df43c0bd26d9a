"""The front of set-up: every page of it, what it holds now, and a search that finds any setting."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.booking import holidays
from vestibule.booking.models import Location, Resource, Service, WeeklyHours
from vestibule.experience import embeds, survey
from vestibule.meetings import areas
from vestibule.notifications.models import Gateway
from vestibule.people.models import ApiKey, Membership, Provider
from vestibule.web.manager import checklist, fields
from vestibule.web.manager.pages import Permission, StaffRequest, open_to, show
from vestibule.web.manager.setup_map import PAGES, SetupPage


@dataclass(frozen=True)
class Entry:
    """One page as the reader sees it."""

    href: str
    icon: str
    title: str
    text: str
    state: str = ""


class SearchForm(fields.Form):
    """Finds a setting by what people call it."""

    q = fields.text(gettext_lazy("Find a setting"), most=80, required=False, placeholder=gettext_lazy("Find a setting"))


@open_to(Permission.SEE_SETUP)
def index(request: StaffRequest) -> HttpResponse:
    """Show every page of set-up, or those that fit a search."""
    form = SearchForm(request.GET)
    query = form.cleaned_data["q"].strip().lower() if form.is_valid() else ""
    states = _states(request)
    groups = [(title, _entries(request, pages, query, states)) for title, pages in PAGES]
    steps = checklist.steps(request.business)
    context: dict[str, Any] = {
        "groups": [(title, entries) for title, entries in groups if entries],
        "q": query,
        "steps": steps,
        "is_set_up": all(step.is_done for step in steps),
    }
    return show(request, "setup.html", form=form, **context)


def _entries(request: StaffRequest, pages: Sequence[SetupPage], query: str, states: dict[str, str]) -> list[Entry]:
    return [
        Entry(reverse(page.name), page.icon, str(page.title), str(page.text), states.get(page.name, ""))
        for page in pages
        if request.actor.may(page.needs) and _fits(page, query)
    ]


def _fits(page: SetupPage, query: str) -> bool:
    told = f"{page.title} {page.text} {page.words}".lower()
    return all(word in told for word in query.split())


def _states(request: StaffRequest) -> dict[str, str]:
    business, actor = request.business, request.actor
    has_hours = WeeklyHours.objects.filter(business=business, provider=None).exists()
    services = Service.objects.visible_to(actor).filter(is_active=True).count()
    providers = Provider.objects.visible_to(actor).filter(is_active=True).count()
    staff = Membership.objects.visible_to(actor).filter(is_active=True).count()
    keys = ApiKey.objects.visible_to(actor).filter(revoked_at=None).count()
    places = Location.objects.visible_to(actor).count()
    things = Resource.objects.visible_to(actor).filter(is_active=True).count()
    sites = len(embeds.origins_of(business))
    rooms = len(areas.areas_of(business))
    gateways = Gateway.objects.visible_to(actor).filter(is_active=True)
    country = dict(holidays.countries()).get(business.holiday_country, "") if business.holiday_country else ""
    return {
        "manage-hours": "" if has_hours else _("Not set"),
        "manage-holidays": country or _("None kept"),
        "manage-resources": ngettext("%(n)s resource", "%(n)s resources", things) % {"n": things} if things else "",
        "manage-areas": ngettext("%(n)s waiting area", "%(n)s waiting areas", rooms) % {"n": rooms},
        "manage-locations": ngettext("%(n)s location", "%(n)s locations", places) % {"n": places},
        "manage-services": ngettext("%(n)s service", "%(n)s services", services) % {"n": services},
        "manage-providers": ngettext("%(n)s provider", "%(n)s providers", providers) % {"n": providers},
        "manage-staff": ngettext("%(n)s person", "%(n)s people", staff) % {"n": staff},
        "manage-keys": ngettext("%(n)s key", "%(n)s keys", keys) % {"n": keys},
        "manage-gateways": _("One fails") if gateways.exclude(failing_since=None).exists() else "",
        "manage-embed": ngettext("%(n)s site", "%(n)s sites", sites) % {"n": sites} if sites else "",
        "manage-survey": "" if survey.is_asked(business) else _("Nothing is asked"),
    }
