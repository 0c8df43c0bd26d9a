"""Logo and icon of the draft: drawn anew and kept at once, shown to nobody before the draft is published."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from vestibule.experience import drafts
from vestibule.people import brand
from vestibule.web.manager.brand_page import FaviconForm, LogoForm
from vestibule.web.manager.experience import pages, steps
from vestibule.web.manager.pages import StaffRequest, attempt, done, open_to

FORMS: dict[str, Any] = {"logo": LogoForm, "favicon": FaviconForm}


@open_to(*pages.MANAGE, only_post=True)
def picture(request: StaffRequest, kind: str) -> HttpResponse:
    """Put a picture into the draft, or take it out."""
    if kind not in FORMS:
        raise Http404
    here = steps.named("brand")
    draft = drafts.begin(request.actor, request.business)
    if "remove" in request.POST:
        drafts.change(request.actor, request.business, {"brand": {**draft.document["brand"], kind: ""}})
        return redirect(here.href)
    form = FORMS[kind](request.POST, request.FILES)
    sent = form.cleaned_data["file"] if form.is_valid() else None
    if isinstance(sent, UploadedFile):
        attempt(form, lambda: _put(request, kind, sent, form.cleaned_data.get("alternative", "")), **{kind: "file"})
    elif not form.errors:
        form.add_error("file", _("Choose a file first."))
    if not form.errors:
        return done(request, _("The picture is in the draft. Consumers see it once you publish."), here.href)
    step_form = pages.blank_form(request, here, draft)
    context = pages.brand_context(request, draft, (kind, form))
    context |= {"form": step_form, "more_forms": [form], "may_edit": True}
    return pages.shown(request, "brand.html", here, draft, status=422, **context)


def _put(request: StaffRequest, kind: str, sent: "UploadedFile[Any]", alternative: str) -> None:
    kept = brand.keep(request.actor, request.business, kind, sent.read(brand.MOST_BYTES + 1), alternative)
    draft = drafts.begin(request.actor, request.business)
    drafts.change(request.actor, request.business, {"brand": {**draft.document["brand"], kind: kept.ref}})
