"""Taking the experience away: as a file, as a zip that runs by itself, and back in as the draft."""

from typing import Any
from urllib.parse import quote

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.experience import drafts, files, parcel
from vestibule.people import audit, rates
from vestibule.people.errors import NotFound
from vestibule.store import file_kinds
from vestibule.store.transactions import writing
from vestibule.web.manager import fields
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, open_to, show

MOST_BYTES = 10 * 1024 * 1024
"""What the server takes in one request; `vestibule import` takes more."""
ZIPS_AN_HOUR = 20
AZURE = "https://portal.azure.com/#create/Microsoft.Template/uri/"
"""Opens the page of Azure that deploys the template at the address behind it."""


class FileForm(fields.Form):
    """A file that was exported, or written by hand."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=200,
        allow_empty_file=True,
        help_text=gettext_lazy(
            "experience.json, or a zip of it and its pictures. At most 10 MB: the zip that runs by itself is larger,"
            " and goes in by vestibule import on the server."
        ),
        widget=forms.FileInput(attrs={"accept": ".json,.zip,application/json,application/zip"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("file") and given["file"].size > MOST_BYTES:
            self.add_error("file", _("This file is larger than 10 MB. Take it in with `vestibule import`."))
        return given


@open_to(Permission.SEE_SETUP)
def page(request: StaffRequest) -> HttpResponse:
    """Show what can be taken away, and where it can be run."""
    return _page(request, FileForm())


@open_to(Permission.MANAGE_SETUP, only_post=True)
def take_in(request: StaffRequest) -> HttpResponse:
    """Begin the draft anew with a file; nothing holds until it is published."""
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        sent = form.cleaned_data["file"]
        assert isinstance(sent, UploadedFile)
        content = sent.read(MOST_BYTES + 1)
        draft = attempt(form, lambda: files.load(request.actor, request.business, content))
        if draft is not None:
            words = _("The file is the draft now. Look at what it changes, and publish it.")
            return done(request, words, "manage-experience-review")
    return _page(request, form)


@open_to(Permission.SEE_SETUP)
def as_file(request: StaffRequest) -> HttpResponse:
    """Give out the experience as it holds now."""
    _require_reading(request)
    packed = files.pack(request.actor, request.business)
    _note(request, "file")
    return _download(packed.text.encode(), f"{request.business.slug}-experience.json", "application/json")


@open_to(Permission.MANAGE_SETUP)
def as_zip(request: StaffRequest) -> HttpResponse:
    """Give out the zip: experience, product, and what runs both."""
    _require_reading(request)
    rates.limit("experience.zip", request.business.ref, ZIPS_AN_HOUR, 3600)
    content = parcel.pack(request.actor, request.business)
    _note(request, "zip")
    return _download(content, f"{request.business.slug}.zip", "application/zip")


def _page(request: StaffRequest, form: FileForm) -> HttpResponse:
    template = request.build_absolute_uri(reverse("azure-template", args=["new"]))
    context: dict[str, Any] = {
        "draft": drafts.of(request.actor, request.business),
        "may_edit": request.actor.may(Permission.MANAGE_SETUP),
        "azure": f"{AZURE}{quote(template, safe='')}" if request.is_secure() else "",
    }
    return show(request, "take_away.html", form=form, **context)


def _require_reading(request: StaffRequest) -> None:
    if request.method == "POST":
        raise NotFound(_("There is nothing to send here."))


def _note(request: StaffRequest, how: str) -> None:
    business = request.business
    with writing():
        audit.record(request.actor, business.pk, "experience.exported", "experience", business.ref, how=how)


def _download(content: bytes, name: str, media_type: str) -> HttpResponse:
    answer = HttpResponse(content)
    for header, value in file_kinds.download_headers(name, media_type, len(content)).items():
        answer[header] = value
    return answer
