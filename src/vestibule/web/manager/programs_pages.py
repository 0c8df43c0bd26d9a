"""Programs written for Microsoft's services that work with this business: switched on, let in by keys, shut out."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.people import applications, communication
from vestibule.people.models import Application, CommunicationResource
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, find, open_to, show

SERVICES = (
    ("identity", gettext_lazy("Identities: people your program knows, and their tokens")),
    ("rooms", gettext_lazy("Rooms: online meetings, and your appointments as rooms")),
    ("chat", gettext_lazy("Chat: conversations, those of visits too")),
    ("sms", gettext_lazy("Text messages, by your gateway and within your limits")),
    ("email", gettext_lazy("E-mail, by your gateway and as your senders")),
)
SLOT_NAMES = {"primary": gettext_lazy("Primary key"), "secondary": gettext_lazy("Secondary key")}
PERMISSIONS = (
    ("Bookings.Read.All", gettext_lazy("See set-up, appointments and customers")),
    ("BookingsAppointment.ReadWrite.All", gettext_lazy("Book, move and cancel; change customers")),
    ("Bookings.ReadWrite.All", gettext_lazy("Change services, staff and rules as well")),
    (
        "Bookings.Manage.All",
        gettext_lazy("Everything in Bookings: publish, add staff, set rules aside where it says so"),
    ),
    ("Calendars.ReadBasic", gettext_lazy("See when providers are busy")),
    ("Calendars.Read", gettext_lazy("See providers’ calendars")),
    ("Calendars.ReadWrite", gettext_lazy("Change providers’ calendars")),
    ("OnlineMeetings.Read.All", gettext_lazy("See online meetings")),
    ("OnlineMeetings.ReadWrite.All", gettext_lazy("Make and change online meetings")),
    ("VirtualAppointment.Read.All", gettext_lazy("See the links to visits")),
    ("VirtualAppointmentNotification.Send", gettext_lazy("Send texts about visits")),
    ("Mail.Send", gettext_lazy("Send e-mail")),
)


class ResourceForm(fields.Form):
    """Whether programs may use the business as a resource of Communication Services, and for what."""

    is_on = fields.tick(gettext_lazy("Let programs in"))
    services = forms.MultipleChoiceField(
        label=gettext_lazy("What they may use"),
        choices=words(SERVICES),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    services.is_one_of = True  # type: ignore[attr-defined]  # one is needed while programs are let in


class ApplicationForm(fields.Form):
    """What an application is called and may do, in our words and by the names its maker knows."""

    name = fields.text(gettext_lazy("Its name"), most=80, hint=gettext_lazy("Such as “Practice software”."))
    permissions = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        choices=lambda: [
            (name, format_html("{}<small><code>{}<wbr>.{}</code></small>", said, *name.split(".", 1)))
            for name, said in PERMISSIONS
        ],
        widget=forms.CheckboxSelectMultiple,
    )


@open_to(Permission.MANAGE_KEYS)
def overview(request: StaffRequest) -> HttpResponse:
    """Say which programs can work with the business, and lead to each kind."""
    resource, tenant = communication.of(request.business.pk), applications.tenant_of(request.business.pk)
    return show(
        request,
        "programs.html",
        is_resource=resource is not None and resource.is_on,
        is_tenant=tenant is not None and tenant.is_on,
        applications=_applications(request).filter(revoked_at=None).count(),
    )


@open_to(Permission.MANAGE_KEYS)
def azure(request: StaffRequest) -> HttpResponse:
    """Switch the resource on or off, choose its services, and show its keys."""
    row = communication.of(request.business.pk)
    begins = {"is_on": row is not None and row.is_on, "services": row.services if row else communication.SERVICES}
    form = ResourceForm(request.POST or None, initial=begins)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = attempt(form, lambda: communication.put(request.actor, **given))
        if made is not None:
            said = (
                _("Programs find this business now.") if made.is_on else _("No program finds this business any more.")
            )
            return done(request, said, reverse("manage-programs-azure"))
    return _azure(request, form, row)


@open_to(Permission.MANAGE_KEYS, only_post=True)
def key(request: StaffRequest, slot: str) -> HttpResponse:
    """Show a key, as a connection string, this once."""
    row = communication.of(request.business.pk)
    if slot not in SLOT_NAMES or row is None:
        raise Http404
    string = communication.reveal(request.actor, slot, settings.PROGRAMS_URL or request.build_absolute_uri("/"))
    begins = {"is_on": row.is_on, "services": row.services}
    return _azure(request, ResourceForm(initial=begins), row, seen=slot, connection_string=string)


@open_to(Permission.MANAGE_KEYS)
def renew(request: StaffRequest, slot: str) -> HttpResponse:
    """Ask, then put a fresh key in the place of one."""
    if slot not in SLOT_NAMES or communication.of(request.business.pk) is None:
        raise Http404
    name = SLOT_NAMES[slot]

    def renewed() -> str:
        communication.renew(request.actor, slot)
        return _("%(key)s: there is a new one. What used the old one is refused.") % {"key": name}

    return confirm(
        request,
        renewed,
        title=_("%(key)s: make a new one?") % {"key": name},
        text=_(
            "Programs that sign with the old key, and everybody with a token made by it, are refused from this moment."
            " Let your programs use the other key first; tokens made by that one go on."
        ),
        button=_("Make a new key"),
        back=reverse("manage-programs-azure"),
    )


@open_to(Permission.MANAGE_KEYS)
def graph(request: StaffRequest) -> HttpResponse:
    """Switch the tenant on or off, list its applications, and register one: its secret is shown this once."""
    form = ApplicationForm(request.POST if "name" in request.POST else None)
    secret, made = "", None
    if "switch" in request.POST:
        tenant = applications.switch(request.actor, is_on=request.POST["switch"] == "on")
        said = _("Programs find this business now.") if tenant.is_on else _("No program finds this business any more.")
        return done(request, said, reverse("manage-programs-graph"))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        registered = attempt(form, lambda: applications.register(request.actor, given["name"], given["permissions"]))
        if registered is not None:
            (made, secret), form = registered, ApplicationForm()
    return show(
        request,
        "programs_graph.html",
        form=form,
        tenant=applications.tenant_of(request.business.pk),
        rows=_applications(request).order_by("revoked_at", "-pk"),
        made=made,
        secret=secret,
        authority=request.build_absolute_uri("/graph"),
        base_url=request.build_absolute_uri("/graph/v1.0"),
        status=422 if form.errors else 201 if secret else 200,
    )


@open_to(Permission.MANAGE_KEYS)
def application(request: StaffRequest, pk: int) -> HttpResponse:
    """Show an application with its secrets; posting adds one, shown this once, or ends one."""
    row = find(request, Application.objects.all(), pk=pk)
    form, secret = fields.Form(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        if "end" in request.POST:
            ends = request.POST["end"]
            applications.revoke_secret(request.actor, pk, int(ends) if ends.isdigit() and len(ends) < 18 else 0)
            said = _("The secret opens nothing any more.")
            return done(request, said, reverse("manage-programs-application", args=[pk]))
        secret = attempt(form, lambda: applications.add_secret(request.actor, pk)) or ""
    names = dict(PERMISSIONS)
    return show(
        request,
        "programs_application.html",
        form=form,
        row=row,
        secret=secret,
        secrets=row.secrets.filter(revoked_at=None).order_by("-pk"),
        permissions=[(one, names.get(one, "")) for one in row.permissions],
        status=422 if form.errors else 201 if secret else 200,
    )


@open_to(Permission.MANAGE_KEYS)
def end(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then end an application."""
    row = find(request, Application.objects.all(), pk=pk)

    def ended() -> str:
        applications.revoke(request.actor, pk)
        return _("“%(name)s” opens nothing any more.") % {"name": row.name}

    return confirm(
        request,
        ended,
        title=_("Shut “%(name)s” out?") % {"name": row.name},
        text=_(
            "Its secrets and tokens are refused from this moment. It cannot be brought back; you can register it anew."
        ),
        button=_("Shut it out"),
        back=reverse("manage-programs-application", args=[pk]),
        to=reverse("manage-programs-graph"),
    )


def _applications(request: StaffRequest) -> Any:
    return Application.objects.visible_to(request.actor)


def _azure(
    request: StaffRequest,
    form: ResourceForm,
    row: CommunicationResource | None,
    *,
    seen: str = "",
    connection_string: str = "",
) -> HttpResponse:
    keys = [
        (slot, name, getattr(row, f"{slot}_made_at"), getattr(row, f"{slot}_used_at"))
        for slot, name in SLOT_NAMES.items()
        if row is not None
    ]
    return show(
        request,
        "programs_azure.html",
        form=form,
        row=row,
        keys=keys,
        endpoint=settings.PROGRAMS_URL,
        seen=seen,
        connection_string=connection_string,
    )
