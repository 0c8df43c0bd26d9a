"""Prepared texts: what staff send to who waits with one tap, and what goes out by itself."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from vestibule.meetings import areas, prepared
from vestibule.meetings.models import PreparedText
from vestibule.web.manager.area_forms import TextForm
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, find, open_to, show

MANAGE = (Permission.MANAGE_SETUP,)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def listing(request: StaffRequest) -> HttpResponse:
    """List the texts and add one."""
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        attempt(form, lambda: prepared.add(request.actor, **given))
        if not form.errors:
            return done(request, _("The text was added. It stands on the desk from now on."), "manage-texts")
    return show(request, "texts.html", form=form, rows=prepared.texts_of(request.business))


@open_to(*MANAGE)
def details(request: StaffRequest, ref: str) -> HttpResponse:
    """Show and change one text."""
    text = find(request, PreparedText.objects.select_related("area"), ref=ref)
    form = _form(request, text)
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: prepared.change(request.actor, ref, **form.cleaned_data))
        if not form.errors:
            return done(request, _("The text was saved."), "manage-texts")
    return show(request, "text.html", form=form, text=text)


@open_to(*MANAGE, only_post=True)
def remove(request: StaffRequest, ref: str) -> HttpResponse:
    """Take a text away."""
    prepared.remove(request.actor, ref)
    return done(request, _("The text was removed."), reverse("manage-texts"))


def _form(request: StaffRequest, text: PreparedText | None = None) -> TextForm:
    initial = (
        {"text": text.text, "area": text.area.slug if text.area else "", "after_minutes": text.after_minutes}
        if text is not None
        else {}
    )
    form = TextForm(request.POST if request.method == "POST" else None, initial=initial)
    named = [(area.slug, area.name) for area in areas.areas_of(request.business)]
    form.set_choices("area", [("", _("Every waiting area")), *named])
    return form
