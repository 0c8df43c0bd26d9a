"""The business' own words on consumers' pages: one form for each language, the built-in words shown where none are."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.experience import texts
from vestibule.experience.texts import Place
from vestibule.people.models import Business
from vestibule.web.manager import fields
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, locked, open_to, show
from vestibule.web.manager.wording_pages import LANGUAGES, Tab, first_language

MANAGE = (Permission.MANAGE_SETUP,)


class OwnTextForm(fields.Form):
    """Every place of the pages, for one language."""

    def __init__(self, data: Any, *, business: Business, language: str) -> None:
        super().__init__(data, initial=texts.stored(business).get(language, {}))
        with translation.override(language):
            built_in = {key: place.built_in_for(business) for key, place in texts.PLACES.items()}
        for key, place in texts.PLACES.items():
            self.fields[key] = text_field(place, built_in[key], language)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def details(request: StaffRequest, language: str = "") -> HttpResponse:
    """Show and change the own words in one language; without one named, in the business' own."""
    language = language or first_language(request)
    if language not in LANGUAGES:
        raise Http404
    form = OwnTextForm(request.POST or None, business=request.business, language=language)
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if request.method == "POST" and request.POST.get("do") == "reset":
        texts.reset(request.actor, request.business, language)
        return done(request, _("The built-in words are back."), request.path)
    if request.method == "POST" and form.is_valid():
        named = {f"{language}.{key}": key for key in texts.PLACES}
        attempt(form, lambda: texts.put(request.actor, request.business, language, form.cleaned_data), **named)
        if not form.errors:
            return done(request, _("The words were saved. Your pages say them from now on."), request.path)
    own = texts.stored(request.business)
    return show(
        request,
        "own_texts.html",
        form=form,
        groups=[(title, [form[place.key] for place in places]) for title, places in texts.PAGES],
        languages=[_tab(tag, name, own, language) for tag, name in settings.LANGUAGES],
        has_own=language in own,
        may_edit=may,
    )


def _tab(tag: str, name: str, own: dict[str, Any], here: str) -> Tab:
    return Tab(reverse("manage-own-texts-in", args=[tag]), name, tag, tag in own, tag == here)


def text_field(place: Place, built_in: str, language: str) -> forms.CharField:
    """Return the field for own words at a place, with the built-in words of that language shown while it is empty."""
    direction = "rtl" if translation.get_language_info(language)["bidi"] else "ltr"
    attrs = {"placeholder": built_in, "lang": language, "dir": direction, "autocomplete": "off"}
    widget = forms.Textarea(attrs={**attrs, "rows": 2}) if place.most > 120 else forms.TextInput(attrs=attrs)
    return forms.CharField(label=place.title, max_length=place.most, required=False, widget=widget)
