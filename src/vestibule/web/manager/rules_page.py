"""The booking rules of the business, which its services follow."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.booking import setup
from vestibule.booking.models import Service
from vestibule.booking.setup import house_rules, rule_groups
from vestibule.people.errors import Refusal
from vestibule.web.manager import panels
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, locked, open_to, show
from vestibule.web.manager.rule_forms import NAMES, BusinessRulesForm
from vestibule.web.manager.what_if import NOTHING, Change, with_fields


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP,))
def rules(request: StaffRequest) -> HttpResponse:
    """Show and change the rules that services follow, beside what that makes of one of them."""
    business = request.business
    data = request.POST if request.method == "POST" else None
    form = BusinessRulesForm(data, initial=BusinessRulesForm.initial_of(business))
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if panels.is_saving(request) and form.is_valid():
        most = {house_rules.MOST: form.cleaned_data["max_open_in_all"]}
        names = NAMES | {house_rules.MOST: "max_open_in_all"}
        attempt(form, lambda: setup.change_booking_rules(request.actor, business, **form.values(), **most), **names)
        if not form.errors:
            words = _("The booking rules were saved, for every service that follows them. What is booked stays.")
            return done(request, words, "manage-rules")
    typed = form.values() if form.is_bound and form.is_valid() else {}
    panel = panels.beside(request, (lambda service: _change(service, typed)) if typed else None)
    if panels.is_drawing(request):
        return panels.drawn(request, panel, form)
    context: dict[str, Any] = {"form": form, "panel": panel, "may_edit": may, "followers": _followers(request)}
    return show(request, "rules.html", **context)


def _change(service: Service, typed: dict[str, Any]) -> Change:
    """Return what one service becomes of rules that are not saved; nothing where they do not fit."""
    business = service.business
    try:
        checked = house_rules.checked_rules(business, typed)
    except Refusal:
        return NOTHING
    told = with_fields(service, {})
    kept = business.booking_rules
    try:
        business.booking_rules = kept | rule_groups.stored(checked)
        rules = rule_groups.taken_over(business, service.follows, duration_minutes=service.duration_minutes)
    finally:
        business.booking_rules = kept
    return Change(service=with_fields(told, rules))


def _followers(request: StaffRequest) -> str:
    """Return in words how many services follow any of the rules."""
    followed = Service.objects.visible_to(request.actor).filter(is_active=True).values_list("follows", flat=True)
    count = sum(1 for groups in followed if groups)
    words = ngettext("%(n)s service follows them.", "%(n)s services follow them.", count)
    return words % {"n": count} if count else _("No service follows them yet.")
