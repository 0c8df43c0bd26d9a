"""How the pages of the business look: colour, letters, shape, logo and icon, beside real components in it."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.people import brand
from vestibule.people.models import BrandImage
from vestibule.web import look, theme
from vestibule.web.manager import fields, panels
from vestibule.web.manager.brand_form import BrandForm, initial_of, sample_of, wanted_by
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, locked, open_to, show

MANAGE = (Permission.MANAGE_SETUP,)
PAGE = "manage-brand"
ACCEPT = {"accept": ".png,.jpg,.jpeg,.webp,.gif"}


class LogoForm(fields.Form):
    """A logo, and what it shows for those who do not see it."""

    prefix = "logo"
    kind = "logo"

    file = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        help_text=gettext_lazy("PNG, JPEG, WebP or GIF up to 5 MB, best 500 pixels wide and without much air around."),
        widget=forms.FileInput(attrs=ACCEPT),
    )
    alternative = fields.text(
        gettext_lazy("What it shows, in words"),
        most=brand.LONGEST_ALTERNATIVE,
        required=False,
        hint=gettext_lazy("Read to who cannot see it. Empty: the name of the business."),
    )


class FaviconForm(fields.Form):
    """The icon of the tab."""

    prefix = "favicon"
    kind = "favicon"

    file = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        help_text=gettext_lazy("A square picture, at least 180 pixels wide."),
        widget=forms.FileInput(attrs=ACCEPT),
    )


@open_to(Permission.SEE_SETUP, change=MANAGE)
def details(request: StaffRequest) -> HttpResponse:
    """Show and change how pages look; `?draw=1` answers with the sample alone."""
    held = initial_of(brand.of(request.business))
    form = BrandForm(request.POST or None, initial=held)
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if panels.is_saving(request) and form.is_valid():
        attempt(form, lambda: brand.change(request.actor, request.business, **wanted_by(form.cleaned_data)))
        if not form.errors:
            return done(request, _("The look was saved. Pages and messages have it from now on."), PAGE)
    wanted = wanted_by(form.cleaned_data if form.is_bound and form.is_valid() else held)
    if panels.is_drawing(request):
        shown = {"sample": sample_of(wanted), "business": request.business}
        return render(request, "manager/parts/brand_sample.html", shown, status=422 if form.errors else 200)
    return _page(request, form, sample=sample_of(wanted), may_edit=may)


@open_to(*MANAGE, only_post=True)
def picture(request: StaffRequest, kind: str) -> HttpResponse:
    """Show another logo or icon, say otherwise what it shows, or show none."""
    if "remove" in request.POST:
        brand.take_down(request.actor, request.business, kind)
        return done(request, _("The picture is no longer shown."), PAGE)
    form: fields.Form = (LogoForm if kind == "logo" else FaviconForm)(request.POST, request.FILES)
    if form.is_valid():
        sent, words = form.cleaned_data["file"], form.cleaned_data.get("alternative", "")
        if isinstance(sent, UploadedFile):
            content = sent.read(brand.MOST_BYTES + 1)
            attempt(form, lambda: brand.put(request.actor, request.business, kind, content, words), **{kind: "file"})
        elif getattr(request.business, f"{kind}_id") is None:
            form.add_error("file", _("Choose a file first."))
        else:
            attempt(form, lambda: brand.describe(request.actor, request.business, kind, words))
        if not form.errors:
            return done(request, _("The picture is shown from now on."), PAGE)
    held = initial_of(brand.of(request.business))
    return _page(request, BrandForm(initial=held), sample=sample_of(wanted_by(held)), may_edit=True, wrong=form)


def _page(request: StaffRequest, form: BrandForm, **context: Any) -> HttpResponse:
    wrong: fields.Form | None = context.pop("wrong", None)
    logo, icon = (brand.picture(getattr(request.business, f"{name}_id")) for name in brand.PICTURES)
    kept = {"alternative": logo.alternative} if logo is not None else {}
    pictures = [
        _picture(wrong if isinstance(wrong, LogoForm) else LogoForm(initial=kept), "logo", logo),
        _picture(wrong if isinstance(wrong, FaviconForm) else FaviconForm(), "favicon", icon),
    ]
    return show(
        request,
        "brand.html",
        status=422 if wrong is not None or form.errors else 200,
        form=form,
        pictures=pictures,
        letters_sheet=f"/theme/letters.css?v={theme.stamp()}",
        **context,
    )


def _picture(form: fields.Form, kind: str, shown: BrandImage | None) -> dict[str, Any]:
    url = look.url_of(shown.ref) if shown is not None else ""
    return {"form": form, "kind": kind, "url": url, "shown": shown, "action": reverse(f"{PAGE}-{kind}")}
