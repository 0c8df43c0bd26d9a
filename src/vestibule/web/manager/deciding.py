"""Where the setting is that decides whether a start is offered."""

import copy
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vestibule.booking.availability import Verdict
from vestibule.booking.models import Service
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.web import times

Words = str | Promise

HIDDEN = _("This service is for staff only: consumers do not see it, whatever its times.")
RULES = _("Rules of the service")
# rule: (page, whether it is about a provider, what it is called)
PAGES: dict[str, tuple[str, bool, Words]] = {
    "provider": ("manage-service-offers", False, _("Who offers it")),
    "notice": ("manage-service-rules", False, RULES),
    "window": ("manage-service-rules", False, RULES),
    "grid": ("manage-service-rules", False, RULES),
    "buffer": ("manage-service-rules", False, RULES),
    "limit": ("manage-service-rules", False, RULES),
    "seats": ("manage-service", False, _("The service")),
    "hours": ("manage-provider-hours", True, _("Working hours")),
    "closed": ("manage-provider-days", True, _("Days off")),
}


@dataclass(frozen=True)
class Setting:
    """A link to what decides, named."""

    href: str
    words: Words


def as_public(service: Service) -> Service:
    """Return a copy of a service that consumers could see, so that its other rules can be asked about."""
    shown = copy.copy(service)
    shown.visibility, shown.is_active = Service.Visibility.PUBLIC, True
    return shown


def of_service(actor: Actor, service: Service) -> Setting | None:
    """Return where a service is set up, for who may see that."""
    if not actor.may(Permission.SEE_SETUP):
        return None
    return Setting(reverse("manage-service", args=[service.slug]), _("The service"))


def setting_of(
    actor: Actor, verdict: Verdict, service: Service, provider: Provider | None, start: datetime
) -> Setting | None:
    """Return what decides a verdict: a page of set-up, or the calendar of that day; None if the reader sees neither."""
    if verdict.rule in ("busy", "hold"):
        zone = service.business.timezone
        query = {"date": f"{times.local(start, zone):%Y-%m-%d}", "view": "day"}
        query |= {"provider": provider.slug} if provider else {}
        return Setting(f"{reverse('manage-calendar')}?{urlencode(query)}", _("Calendar of that day"))
    if not actor.may(Permission.SEE_SETUP):
        return None
    if verdict.rule == "resource":
        return _resources()
    whose = provider
    if verdict.provider is not None and (provider is None or provider.pk != verdict.provider):
        whose = Provider.objects.visible_to(actor).filter(pk=verdict.provider).first()
    page, of_provider, words = PAGES.get("closed" if verdict.code == "closed" else verdict.rule, ("", False, ""))
    if of_provider and whose is None:
        return Setting(reverse("manage-hours" if verdict.code != "closed" else "manage-days"), words)
    if not page:
        return None
    return Setting(reverse(page, args=[whose.slug if of_provider and whose else service.slug]), words)


def _resources() -> Setting | None:
    try:
        return Setting(reverse("manage-resources"), _("Rooms and devices"))
    except NoReverseMatch:
        return None
