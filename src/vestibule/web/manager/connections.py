"""Calendars of the providers: who has which, how they are doing, and how to connect one more."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.calendars import connections, feeds
from vestibule.calendars.models import Connection
from vestibule.calendars.ports import Access
from vestibule.people import outside_accounts
from vestibule.people.models import Provider
from vestibule.web import calendar_state
from vestibule.web.manager import fields
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, open_to, show
from vestibule.web.manager.provider_pages import one

Kind = Connection.Kind
MICROSOFT = connections.BY_ACCOUNT[Kind.OUTLOOK]
LOOKS_AFTER = (Permission.MANAGE_SETUP, Permission.MANAGE_OWN_HOURS)
TOLERANCES = (
    ("15", gettext_lazy("After 15 minutes")),
    ("30", gettext_lazy("After 30 minutes")),
    ("60", gettext_lazy("After 1 hour")),
    ("240", gettext_lazy("After 4 hours")),
    ("1440", gettext_lazy("After 1 day")),
    ("never", gettext_lazy("Never: go by what is known")),
)


class SettingsForm(fields.Form):
    """How a calendar is understood."""

    name = fields.text(gettext_lazy("What to call it"), most=120, required=False)
    all_day_counts = fields.tick(
        gettext_lazy("All-day entries make busy"),
        hint=gettext_lazy(
            "Turn this off if the calendar holds birthdays or reminders. Entries marked free never count."
        ),
    )
    tolerance_minutes = fields.one_of(
        gettext_lazy("If it cannot be reached, close the provider’s time"),
        fields.words(TOLERANCES),
        hint=gettext_lazy("Closed time cannot be booked, so nobody is booked twice. It opens by itself."),
    )

    field_order: tuple[str, ...] = ("url", "username", "password", "name", "all_day_counts", "tolerance_minutes")

    def settings(self) -> dict[str, Any]:
        """Return what the form says, as the verbs take it."""
        given = self.cleaned_data
        minutes = given["tolerance_minutes"]
        return {
            "name": given["name"],
            "all_day_counts": given["all_day_counts"],
            "tolerance_minutes": None if minutes == "never" else int(minutes),
        }


class AddressForm(SettingsForm):
    """A calendar by its address."""

    url = fields.text(
        gettext_lazy("Address of the calendar"),
        most=2000,
        hint=gettext_lazy(
            "Copy it from “publish” or “secret address” in your calendar’s settings. It begins with https or webcal."
        ),
        inputmode="url",
    )

    def access(self) -> Access:
        """Return how to get in."""
        return Access(self.cleaned_data["url"])


class AccountForm(SettingsForm):
    """A CalDAV account."""

    url = fields.text(
        gettext_lazy("Address of the server"),
        most=2000,
        hint=gettext_lazy("Such as https://caldav.icloud.com or https://cloud.example.org."),
        inputmode="url",
    )
    username = fields.text(gettext_lazy("User name"), most=200)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=500,
        strip=False,
        help_text=gettext_lazy("Best a password made for apps. It is stored encrypted and never shown."),
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
    )

    def access(self) -> Access:
        """Return how to get in."""
        given = self.cleaned_data
        return Access(given["url"], given["username"], given["password"])


class MailboxForm(SettingsForm):
    """A calendar in Outlook, by whose it is."""

    url = forms.EmailField(
        label=gettext_lazy("Mailbox"),
        max_length=254,
        help_text=gettext_lazy("Of the person whose calendar it is, in your Microsoft 365."),
        error_messages={"invalid": gettext_lazy("Enter one e-mail address, such as ada@example.org.")},
    )
    only_times = fields.tick(
        gettext_lazy("Ask only when they are free or busy"),
        hint=gettext_lazy(
            "For people whose calendar may not be read. The coming 62 days are seen, and appointments cannot be shown"
            " in it."
        ),
    )
    field_order = ("url", "only_times", *SettingsForm.field_order)

    def access(self) -> Access:
        """Return how to get in: the rest is the business' own account."""
        return Access(self.cleaned_data["url"], only_times=self.cleaned_data.get("only_times", False))


FORMS: dict[str, type[AddressForm | AccountForm | MailboxForm]] = {
    Kind.ICS: AddressForm,
    Kind.CALDAV: AccountForm,
    Kind.OUTLOOK: MailboxForm,
}


@open_to(Permission.MANAGE_SETUP)
def overview(request: StaffRequest) -> HttpResponse:
    """Show every provider's calendars, those in trouble first, and the feed of the business."""
    rows = connections.visible_to(request.actor).order_by("-failures", "provider__position", "provider__name", "pk")
    address, is_discreet = feeds.current(request.actor, request.business)
    without = Provider.objects.visible_to(request.actor).filter(is_active=True, connections=None)
    return show(
        request,
        "connections.html",
        states=calendar_state.states(rows),
        without=without,
        feed={"address": address, "is_discreet": is_discreet, "to": reverse("manage-feed")},
    )


@open_to(*LOOKS_AFTER)
def of_provider(request: StaffRequest, slug: str) -> HttpResponse:
    """Show the calendars of one provider, and the feed of their appointments."""
    provider = looked_after(request, slug)
    rows = connections.visible_to(request.actor).filter(provider=provider)
    address, is_discreet = feeds.current(request.actor, provider)
    return show(
        request,
        "provider_calendars.html",
        provider=provider,
        tab="calendars",
        states=calendar_state.states(rows),
        feed={"address": address, "is_discreet": is_discreet, "to": reverse("manage-provider-feed", args=[slug])},
    )


@open_to(*LOOKS_AFTER)
def add_address(request: StaffRequest, slug: str) -> HttpResponse:
    """Connect a calendar by its address."""
    return _add(request, looked_after(request, slug), Kind.ICS)


@open_to(*LOOKS_AFTER)
def add_account(request: StaffRequest, slug: str) -> HttpResponse:
    """Connect a CalDAV account."""
    return _add(request, looked_after(request, slug), Kind.CALDAV)


@open_to(*LOOKS_AFTER)
def add_outlook(request: StaffRequest, slug: str) -> HttpResponse:
    """Connect a calendar in Outlook, by the business' account at Microsoft 365."""
    provider = looked_after(request, slug)
    if outside_accounts.of(request.business, MICROSOFT) is None:
        may_set_up = request.actor.may(Permission.MANAGE_SETUP)
        return show(request, "connection_needs_account.html", provider=provider, kind=MICROSOFT, may_set_up=may_set_up)
    return _add(request, provider, Kind.OUTLOOK)


def looked_after(request: StaffRequest, slug: str) -> Provider:
    """Return a provider whose calendars the reader may connect; 404 for a stranger, 403 for a colleague."""
    provider = one(request, slug)
    if not connections.may_connect(request.actor, provider):
        request.actor.require(Permission.MANAGE_SETUP)
    return provider


def _add(request: StaffRequest, provider: Provider, kind: str) -> HttpResponse:
    begins = {"all_day_counts": True, "tolerance_minutes": "60"}
    begins |= {"url": provider.email} if kind == Kind.OUTLOOK else {}
    form = FORMS[kind](request.POST or None, initial=begins)
    found: list[str] = []
    if request.method == "POST" and form.is_valid():
        if "test" in request.POST:
            seen = attempt(form, lambda: connections.test(request.actor, provider, kind, form.access()))
            found = [calendar.name or provider.name for calendar in seen or []]
        else:
            access, settings = form.access(), form.settings()
            made = attempt(form, lambda: connections.connect(request.actor, provider, kind, access, **settings))
            if made is not None:
                words = _("“%(name)s” is connected and is being read.") % {"name": made.name}
                return done(request, words, reverse("manage-connection", args=[made.ref]))
    return show(request, "connection_new.html", form=form, provider=provider, kind=kind, found=found)
