"""What a business has at vendors: set up, looked at for what is missing, removed."""

from typing import Any

from django.forms import BoundField
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from vestibule.meetings import outside
from vestibule.people import outside_accounts
from vestibule.people.errors import NotFound
from vestibule.people.models import OutsideAccount
from vestibule.people.ports import Finding, NotConnected, Vendor
from vestibule.web.manager import fields
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, open_to, show
from vestibule.web.manager.vendor_fields import control, initial, typed

LOOKS = {"ok": "check-circle", "missing": "problem", "warning": "warning", "unknown": "help"}
ORDER = ("missing", "warning", "unknown", "ok")


class AccountForm(fields.Form):
    """What a vendor must be told of an account."""

    def __init__(self, *args: Any, vendor: type[Vendor], is_stored: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told = vendor.fields
        for field in vendor.fields:
            self.fields[field.name] = control(field, is_stored=is_stored)

    def main(self) -> list[BoundField]:
        """Return the questions for everybody."""
        return [self[field.name] for field in self._told if not field.part]

    def parts(self) -> list[tuple[str, list[BoundField], bool]]:
        """Return each part for few people: its heading, its questions, and whether it is to stand open."""
        found: dict[str, list[BoundField]] = {}
        for field in self._told:
            if field.part:
                found.setdefault(field.part, []).append(self[field.name])
        return [
            (_(part), asked, any(one.errors or one.value() not in ("", None, False) for one in asked))
            for part, asked in found.items()
        ]

    def access(self) -> dict[str, str]:
        """Return what was told, as the verbs take it."""
        return typed(self._told, self.cleaned_data)


@open_to(Permission.MANAGE_SETUP)
def account(request: StaffRequest, kind: str) -> HttpResponse:
    """Show what works with an account and what is missing; set it up, or give it another access."""
    vendor, stored = _vendor(kind), outside_accounts.of(request.business, kind)
    form = AccountForm(
        request.POST or None, vendor=vendor, is_stored=stored is not None, initial=_begins(vendor, kind, stored)
    )
    seen: list[Finding] | None = None
    if request.method == "POST" and form.is_valid():
        if "test" in request.POST:
            seen = attempt(form, lambda: outside_accounts.test(request.actor, request.business, kind, form.access()))
        else:
            made = attempt(form, lambda: outside_accounts.link(request.actor, request.business, kind, form.access()))
            if made is not None:
                outside.mended(request.business.pk, kind)
                words = _("%(vendor)s is set up. See below what works with it.") % {"vendor": _(vendor.label)}
                return done(request, words, reverse("manage-account", args=[kind]))
    findings = seen if seen is not None else [Finding(**one) for one in stored.findings] if stored is not None else []
    return show(
        request,
        "account.html",
        form=form,
        kind=kind,
        label=_(vendor.label),
        purpose=_(vendor.purpose),
        heading=_(vendor.heading),
        steps=[_(one) for one in vendor.steps],
        enough=_(vendor.enough),
        callback=outside_accounts.callback(stored) if stored is not None else "",
        may_sign_in=stored is not None and hasattr(vendor, "sign_in_address"),
        account=stored,
        is_trial=seen is not None,
        findings=[(LOOKS[one.state], one) for one in sorted(findings, key=lambda one: ORDER.index(one.state))],
        missing=sum(one.state == "missing" for one in findings),
    )


@open_to(Permission.MANAGE_SETUP, only_post=True)
def look(request: StaffRequest, kind: str) -> HttpResponse:
    """Look at a stored account now."""
    seen = outside_accounts.look(request.actor, _stored(request, kind))
    if not seen.problem:
        outside.mended(request.business.pk, kind)
    words = _("It was looked at. See below what was found.") if not seen.problem else _("It cannot be used at present.")
    return done(request, words, reverse("manage-account", args=[kind]))


@open_to(Permission.MANAGE_SETUP)
def remove(request: StaffRequest, kind: str) -> HttpResponse:
    """Say what follows, then forget an account."""
    stored, label = _stored(request, kind), _(_vendor(kind).label)

    def removed() -> str:
        outside_accounts.unlink(request.actor, stored)
        return _("%(vendor)s and its access were removed.") % {"vendor": label}

    return confirm(
        request,
        removed,
        title=_("Remove %(vendor)s?") % {"vendor": label},
        text=_(_vendor(kind).removal),
        button=_("Remove it"),
        back=reverse("manage-account", args=[kind]),
        to=reverse("manage-account", args=[kind]),
    )


def _vendor(kind: str) -> type[Vendor]:
    try:
        return outside_accounts.vendor(kind)
    except NotFound:
        raise Http404 from None


def _stored(request: StaffRequest, kind: str) -> OutsideAccount:
    found = outside_accounts.of(request.business, kind)
    if found is None:
        raise Http404
    return found


def _begins(vendor: type[Vendor], kind: str, stored: OutsideAccount | None) -> dict[str, Any]:
    if stored is None:
        return initial(vendor.fields)
    try:
        return initial(vendor.fields, outside_accounts.without_secrets(kind, outside_accounts.access_of(stored)))
    except NotConnected:
        return initial(vendor.fields)
