"""Pictures of the draft: drawn anew and kept at once, shown to nobody before the draft is published."""

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from vestibule.experience import drafts
from vestibule.web.manager.experience import pages, steps
from vestibule.web.manager.experience.step_pictures import KINDS, Kind
from vestibule.web.manager.pages import StaffRequest, attempt, done, open_to


@open_to(*pages.MANAGE, only_post=True)
def picture(request: StaffRequest, slug: str, name: str) -> HttpResponse:
    """Put a picture into the draft, or take it out."""
    kind = KINDS.get(name)
    if kind is None or kind.step != slug:
        raise Http404
    here = steps.named(slug)
    draft = drafts.begin(request.actor, request.business)
    if "remove" in request.POST:
        _put(request, kind, "")
        return redirect(here.href)
    form = kind.form(request.POST, request.FILES)
    sent = form.cleaned_data["file"] if form.is_valid() else None
    if isinstance(sent, UploadedFile):
        words = form.cleaned_data.get("alternative", "")
        attempt(form, lambda: _taken_in(request, kind, sent, words), **kind.places)
    elif not form.errors:
        form.add_error("file", _("Choose a file first."))
    if not form.errors:
        return done(request, _("The picture is in the draft. Consumers see it once you publish."), here.href)
    step_form = pages.blank_form(request, here, draft)
    context = pages.beside_form(request, here, draft, step_form, {name: form})
    context |= {"form": step_form, "more_forms": [form], "may_edit": True}
    return pages.shown(request, pages.template_of(here), here, draft, status=422, **context)


def _taken_in(request: StaffRequest, kind: Kind, sent: "UploadedFile[bytes]", words: str) -> None:
    _put(request, kind, kind.keep(request.actor, request.business, sent.read(kind.most_bytes + 1), words))


def _put(request: StaffRequest, kind: Kind, ref: str) -> None:
    section = steps.named(kind.step).section
    draft = drafts.begin(request.actor, request.business)
    drafts.change(request.actor, request.business, {section: {**draft.document[section], kind.key: ref}})
