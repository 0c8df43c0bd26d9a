"""What counts for one provider in place of the services' rules."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from vestibule.booking import setup
from vestibule.booking.models import ProviderRules
from vestibule.booking.setup import values
from vestibule.booking.setup.house_rules import PROVIDER_CHECKS
from vestibule.people.errors import Refusal
from vestibule.people.models import Provider
from vestibule.web.manager import panels, what_if
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, locked, open_to, show
from vestibule.web.manager.provider_pages import MANAGE, one
from vestibule.web.manager.rule_forms import ProviderRulesForm
from vestibule.web.manager.what_if import NOTHING, Change

NAMES = {"notice_minutes": "notice", "limits": "max_day"}


@open_to(Permission.SEE_SETUP, change=MANAGE)
def rules(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change the rules of one person, beside what that makes of a service they offer."""
    provider = one(request, slug)
    stored = ProviderRules.objects.filter(provider=provider).first() or ProviderRules(provider=provider)
    data = request.POST if request.method == "POST" else None
    form = ProviderRulesForm(data, initial=ProviderRulesForm.initial_of(stored))
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if panels.is_saving(request) and form.is_valid():
        attempt(form, lambda: setup.change_provider_rules(request.actor, provider, **form.values()), **NAMES)
        if not form.errors:
            words = _("The rules of %(name)s were saved. Appointments already booked stay as they are.")
            return done(request, words % {"name": provider.name}, request.path)
    typed = form.values() if form.is_bound and form.is_valid() else None
    change = _change(provider, typed) if typed is not None else None
    panel = panels.beside(request, (lambda service: change) if change else None, provider=provider)
    if panels.is_drawing(request):
        return panels.drawn(request, panel, form)
    context: dict[str, Any] = {"form": form, "provider": provider, "panel": panel, "may_edit": may}
    return show(request, "provider_rules.html", tab="rules", **context)


def _change(provider: Provider, typed: dict[str, Any]) -> Change:
    try:
        rules = ProviderRules(provider=provider, **values.checked(typed, PROVIDER_CHECKS))
    except Refusal:
        return NOTHING
    return Change(own_rules={provider.pk: what_if.own_rules(rules)})
