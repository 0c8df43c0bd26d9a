"""Keys for programs: made, shown once, revoked."""

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.people import api_keys
from vestibule.people.models import ApiKey
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, find, open_to, show

SCOPES = (
    ("appointments:read", gettext_lazy("See appointments")),
    ("appointments:write", gettext_lazy("Book, move and cancel appointments")),
    ("setup:read", gettext_lazy("See the set-up")),
    ("setup:write", gettext_lazy("Change the set-up")),
    ("business:manage", gettext_lazy("Change the business, its staff, and whether it takes bookings")),
    ("results:read", gettext_lazy("See survey results and reports")),
    ("activity:read", gettext_lazy("See who did what")),
)


class KeyForm(fields.Form):
    """What a key is for and what it opens."""

    name = fields.text(
        gettext_lazy("What it is for"), most=80, hint=gettext_lazy("Such as “Website” or “Practice software”.")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"), choices=words(SCOPES), widget=forms.CheckboxSelectMultiple
    )


@open_to(Permission.MANAGE_KEYS)
def listing(request: StaffRequest) -> HttpResponse:
    """List the keys; make one and show its token this once."""
    form = KeyForm(request.POST or None)
    token = ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = attempt(form, lambda: api_keys.create(request.actor, given["name"], given["scopes"]))
        if made is not None:
            token, form = made[1], KeyForm()
    keys = ApiKey.objects.visible_to(request.actor).order_by("revoked_at", "-pk")
    names = dict(SCOPES)
    rows = [(key, [names.get(scope, scope) for scope in key.scopes]) for key in keys]
    status = 422 if form.errors else 201 if token else 200
    return show(request, "keys.html", form=form, rows=rows, token=token, status=status)


@open_to(Permission.MANAGE_KEYS)
def revoke(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then end a key."""
    key = find(request, ApiKey.objects.all(), pk=pk)

    def revoked() -> str:
        api_keys.revoke(request.actor, key.pk)
        return _("The key “%(name)s” opens nothing any more.") % {"name": key.name}

    return confirm(
        request,
        revoked,
        title=_("Revoke the key “%(name)s”?") % {"name": key.name},
        text=_("Programs that use it are refused from this moment. It cannot be brought back; you can make a new one."),
        button=_("Revoke the key"),
        back=reverse("manage-keys"),
    )
