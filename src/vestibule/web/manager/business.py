"""The business itself: name, zone, how to reach it."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import setup
from vestibule.booking.models import Service
from vestibule.people.models import Business, Provider
from vestibule.web.manager import fields, panels
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, locked, open_to, show
from vestibule.web.manager.what_if import Change, with_fields

WEEK_STARTS = (("mon", gettext_lazy("Monday")), ("sat", gettext_lazy("Saturday")), ("sun", gettext_lazy("Sunday")))


class BusinessForm(fields.Form):
    """What consumers see of a business, and what its times are told in."""

    name = fields.text(gettext_lazy("Name"), most=120, hint=gettext_lazy("As it stands above every page and mail."))
    tagline = fields.text(
        gettext_lazy("One line about it"), most=200, required=False, hint=gettext_lazy("Shown below the name.")
    )
    email = fields.text(gettext_lazy("E-mail address"), most=254, required=False, inputmode="email")
    phone = fields.text(
        gettext_lazy("Telephone"),
        most=40,
        required=False,
        hint=gettext_lazy("With its country, such as +44 20 7946 0018. The way on where a page cannot help."),
        inputmode="tel",
    )
    privacy_url = fields.text(gettext_lazy("Address of your privacy notice"), most=200, required=False, inputmode="url")
    terms_url = fields.text(
        gettext_lazy("Address of your terms"),
        most=200,
        required=False,
        hint=gettext_lazy("Both are linked at the end of every page."),
        inputmode="url",
    )
    timezone = fields.zone(
        gettext_lazy("Time zone"), hint=gettext_lazy("Opening hours and calendars are in this zone.")
    )
    language = fields.one_of(gettext_lazy("Language of pages and messages"), [])
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages offered"),
        choices=settings.LANGUAGES,
        required=False,
        help_text=gettext_lazy("What readers can switch to. None chosen: every language there is."),
        widget=forms.CheckboxSelectMultiple,
    )
    is_published = fields.tick(
        gettext_lazy("Consumers book by themselves"),
        hint=gettext_lazy("Otherwise your booking page says that nothing can be booked there; your staff still book."),
    )
    week_start = fields.one_of(gettext_lazy("Weeks begin on"), words(WEEK_STARTS))
    buffer_rule = fields.one_of(
        gettext_lazy("Time between two appointments"),
        words(Business.BufferRule.choices),
        hint=gettext_lazy("How the pause after one and the pause before the next add up."),
    )

    def __init__(self, *args: Any, business: Business, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(words(settings.LANGUAGES))
        self.set_choices("language", list(({business.language: business.language} | known).items()))


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP,))
def details(request: StaffRequest) -> HttpResponse:
    """Show and change the business."""
    business = request.business
    initial = {name: getattr(business, name) for name in BusinessForm.base_fields}
    form = BusinessForm(request.POST or None, initial=initial, business=business)
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if panels.is_saving(request) and form.is_valid():
        attempt(form, lambda: setup.change_business(request.actor, business, **form.cleaned_data))
        if not form.errors:
            return done(request, _("The business was saved. Consumers see it from now on."), "manage-business")
    given = form.cleaned_data if form.is_bound and form.is_valid() else None
    panel = panels.beside(request, (lambda service: _change(service, given)) if given else None)
    if panels.is_drawing(request):
        return panels.drawn(request, panel, form)
    return show(request, "business.html", form=form, panel=panel, may_edit=may)


def _change(service: Service, given: Mapping[str, Any]) -> Change:
    """Return what another zone, first day of the week or rule of buffers makes of a service."""
    wanted = copy.copy(service.business)
    for name in ("timezone", "week_start", "buffer_rule"):
        setattr(wanted, name, given[name])
    without_own = set(Provider.objects.filter(business=wanted, timezone="").values_list("pk", flat=True))
    return Change(
        service=with_fields(service, {"business": wanted}),
        hours=lambda who, _key, now: replace(now, timezone=wanted.timezone) if who in without_own else now,
    )
