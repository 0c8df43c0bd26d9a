"""One connected calendar: how it is doing, what it is for, its password, looking now, removing it; and feeds out."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Appointment
from vestibule.calendars import connections, feeds
from vestibule.calendars.connections import Use
from vestibule.calendars.models import Connection, LinkedCalendar
from vestibule.people.models import Business, Provider
from vestibule.web import calendar_state
from vestibule.web.manager import fields
from vestibule.web.manager.connections import (
    FORMS,
    LOOKS_AFTER,
    TOLERANCES,
    SettingsForm,
    looked_after,
)
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, find, open_to, show

NOWHERE = "0"


class UsesForm(SettingsForm):
    """What a connection and each calendar of it is for."""

    receives = fields.one_of(
        gettext_lazy("Show appointments in"),
        [],
        radio=True,
        hint=gettext_lazy("Each appointment is stored there, moved and taken out as it changes here."),
    )

    def __init__(self, *args: Any, calendars: Iterable[LinkedCalendar], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._calendars = list(calendars)
        self.fields["name"].required = True
        writable = [(str(one.pk), one.name) for one in self._calendars if one.can_write]
        if writable:
            nowhere = [(NOWHERE, _("Nowhere: only look when they are busy"))]
            self.set_choices("receives", nowhere + writable)
        else:
            del self.fields["receives"]
        if len(self._calendars) > 1 or writable:
            for one in self._calendars:
                words = _("Entries of “%(name)s” make busy") % {"name": one.name}
                self.fields[f"busy_{one.pk}"] = fields.tick(words)
        self.order_fields(["name", *(name for name in self.fields if name.startswith("busy_")), "all_day_counts"])

    def uses(self) -> dict[int, Use]:
        """Return what each calendar is for."""
        given = self.cleaned_data
        return {
            one.pk: Use(given.get(f"busy_{one.pk}", True), given.get("receives", NOWHERE) == str(one.pk))
            for one in self._calendars
        }


def found(request: StaffRequest, ref: str) -> Connection:
    """Return a connection the reader looks after; 404 for a stranger's, 403 for a colleague's."""
    rows = Connection.objects.select_related("provider__business")
    connection: Connection = find(request, rows, ref=ref)
    if not connections.may_connect(request.actor, connection.provider):
        request.actor.require(Permission.MANAGE_SETUP)
    return connection


@open_to(*LOOKS_AFTER)
def details(request: StaffRequest, ref: str) -> HttpResponse:
    """Show how a calendar is doing; change what it is for."""
    connection = found(request, ref)
    calendars = list(connection.calendars.all())
    form = UsesForm(request.POST or None, calendars=calendars, initial=_initial(connection, calendars))
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: connections.change(request.actor, connection, form.uses(), **form.settings()))
        if not form.errors:
            return done(request, _("“%(name)s” was saved.") % {"name": connection.name}, request.path)
    rows = calendar_state.differences(connection)
    named = Appointment.objects.visible_to(request.actor).filter(ref__in=[row.appointment for row in rows])
    by_ref = {one.ref: one for one in named.select_related("service")}
    return show(
        request,
        "connection.html",
        form=form,
        state=calendar_state.states([connection])[0],
        seen=calendar_state.seen(connection),
        told_why_not=calendar_state.told_why_not(connection),
        connection=connection,
        provider=connection.provider,
        differences=[(row, by_ref[row.appointment]) for row in rows if row.appointment in by_ref],
    )


@open_to(*LOOKS_AFTER)
def access(request: StaffRequest, ref: str) -> HttpResponse:
    """Give a calendar another address or password; what was stored is never shown."""
    connection = found(request, ref)
    form = FORMS[connection.kind](request.POST or None)
    for name in (*SettingsForm.base_fields, "only_times"):
        form.fields.pop(name, None)
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: connections.change_access(request.actor, connection, form.access()))
        if not form.errors:
            words = _("“%(name)s” is read with this from now on.") % {"name": connection.name}
            return done(request, words, reverse("manage-connection", args=[ref]))
    return show(request, "connection_access.html", form=form, connection=connection, provider=connection.provider)


@open_to(*LOOKS_AFTER, only_post=True)
def sync(request: StaffRequest, ref: str) -> HttpResponse:
    """Look at a calendar now."""
    connection = found(request, ref)
    connections.sync_now(request.actor, connection)
    words = _("“%(name)s” is being looked at. Load the page again in a moment.")
    return done(request, words % {"name": connection.name}, reverse("manage-connection", args=[ref]))


@open_to(*LOOKS_AFTER)
def remove(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask, then forget a calendar."""
    connection = found(request, ref)

    def removed() -> str:
        connections.remove(request.actor, connection)
        return _("“%(name)s” is not connected any more.") % {"name": connection.name}

    text = _("What stands in it no longer makes %(provider)s busy. Appointments already shown in it stay there.")
    return confirm(
        request,
        removed,
        title=_("Remove the calendar “%(name)s”?") % {"name": connection.name},
        text=text % {"provider": connection.provider.name},
        button=_("Remove the calendar"),
        back=reverse("manage-connection", args=[ref]),
        to=reverse("manage-provider-calendars", args=[connection.provider.slug]),
    )


@open_to(*LOOKS_AFTER, only_post=True)
def provider_feed(request: StaffRequest, slug: str) -> HttpResponse:
    """Make or stop the address of a provider's feed."""
    provider = looked_after(request, slug)
    return _feed(request, provider, reverse("manage-provider-calendars", args=[slug]))


@open_to(Permission.MANAGE_SETUP, only_post=True)
def business_feed(request: StaffRequest) -> HttpResponse:
    """Make or stop the address of the business' feed."""
    return _feed(request, request.business, reverse("manage-connections"))


def _feed(request: StaffRequest, owner: Business | Provider, back: str) -> HttpResponse:
    if request.POST.get("do") == "stop":
        feeds.stop(request.actor, owner)
        return done(request, _("The address shows nothing any more."), back)
    feeds.give(request.actor, owner, discreet=request.POST.get("shows") == feeds.DISCREET)
    return done(request, _("The address was made. An older one shows nothing any more."), back)


def _initial(connection: Connection, calendars: Iterable[LinkedCalendar]) -> dict[str, Any]:
    minutes = connection.tolerance_minutes
    offered = {value for value, _words in TOLERANCES}
    initial: dict[str, Any] = {
        "name": connection.name,
        "all_day_counts": connection.all_day_counts,
        "tolerance_minutes": str(minutes) if str(minutes) in offered else "never",
        "receives": NOWHERE,
    }
    for one in calendars:
        initial[f"busy_{one.pk}"] = one.counts_busy
        if one.receives:
            initial["receives"] = str(one.pk)
    return initial
