"""How the reader wants to be told that somebody waits; for this person alone, on every computer."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.meetings import alerting
from vestibule.notifications import browsers
from vestibule.web.account.guards import StaffRequest, staff_page
from vestibule.web.manager import fields
from vestibule.web.manager.pages import attempt, done
from vestibule.web.provider.hosts import require_host


class AlertsForm(fields.Form):
    """Each way of being told."""

    sound = fields.tick(
        gettext_lazy("Ring"),
        hint=gettext_lazy("A short tone while the desk is open. Each computer can be muted there."),
    )
    title = fields.tick(
        gettext_lazy("Count in the tab's title"), hint=gettext_lazy("Such as “3 waiting”, to see it from another tab.")
    )
    desktop = fields.tick(
        gettext_lazy("Desktop notification"),
        hint=gettext_lazy("While the desk is open in another window or tab. It never shows names."),
    )
    email = fields.tick(gettext_lazy("E-mail"), hint=gettext_lazy("To the address you sign in with."))
    sms = fields.tick(gettext_lazy("Text message"))
    push_arrived = fields.tick(
        gettext_lazy("As soon as somebody comes"), hint=gettext_lazy("Also when the desk is closed.")
    )
    push_late = fields.tick(
        gettext_lazy("When somebody has waited too long"), hint=gettext_lazy("After the minutes entered above.")
    )
    push_names = fields.tick(
        gettext_lazy("With the name of who waits"),
        hint=gettext_lazy("Others may read it on a locked screen. Without, it says “Somebody is waiting”."),
    )
    phone = fields.text(
        gettext_lazy("Number for text messages"),
        most=32,
        required=False,
        autocomplete="tel",
        inputmode="tel",
        type="tel",
    )
    after_minutes = fields.number(
        gettext_lazy("Too long is a wait of"),
        least=1,
        most=120,
        hint=gettext_lazy("E-mails and text messages go out then, once for each person who waits."),
    )
    only_mine = fields.tick(
        gettext_lazy("Only for people who wait for me"),
        hint=gettext_lazy("Walk-ins of your group count as yours until a colleague takes them."),
    )


AT_THE_DESK = ("sound", "title", "desktop")
AWAY = ("email", "sms", "phone", "after_minutes")
IN_BROWSERS = ("push_arrived", "push_late", "push_names")
WHOSE = ("only_mine",)


@staff_page()
def alerts(request: StaffRequest) -> HttpResponse:
    """Show and change the reader's own alerts."""
    require_host(request)
    current = alerting.of_actor(request.actor)
    initial = {name: getattr(current, name) for name in AlertsForm.base_fields}
    form = AlertsForm(request.POST if request.method == "POST" else None, initial=initial)
    carrier = browsers.gateway()
    is_provider = request.actor.provider_id is not None
    if not is_provider:
        del form.fields["only_mine"]
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: alerting.change(request.actor, **form.cleaned_data))
        if not form.errors:
            return done(request, _("Your alerts were saved."), "desk-alerts")
    groups = [
        (_("While the desk is open"), [form[name] for name in AT_THE_DESK]),
        (_("When you are somewhere else"), [form[name] for name in AWAY]),
        *([(_("Notifications of your browsers"), [form[name] for name in IN_BROWSERS])] if carrier else []),
        *([(_("For whom"), [form[name] for name in WHOSE])] if is_provider else []),
    ]
    context = {
        "business": request.business,
        "actor": request.actor,
        "form": form,
        "groups": groups,
        "browsers": browsers.of(request.actor),
        "push_key": carrier.public_key if carrier is not None else "",
        "zone": request.business.timezone,
    }
    return render(request, "provider/alerts.html", context, status=422 if form.errors else 200)
