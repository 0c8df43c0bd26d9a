"""What is sent: every message on or off by channel, and the reminders; for all services, or for one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Service
from vestibule.notifications import choices, reminders
from vestibule.notifications.choices import DEFAULTS, EMAIL, SMS, Choice, Choices
from vestibule.notifications.facts import Audience, Kind
from vestibule.notifications.models import Reminder
from vestibule.notifications.reminders import Wanted
from vestibule.web.manager import fields
from vestibule.web.manager.message_kinds import kind_words
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, find, locked, open_to, show
from vestibule.web.manager.sending_gaps import gaps

MANAGE = (Permission.MANAGE_SETUP,)
ON, OFF, AS_ALL = "on", "off", ""
CHANNELS = (EMAIL, SMS)

AUDIENCES: tuple[tuple[str, Any], ...] = (
    (Audience.CONSUMER, gettext_lazy("To the consumer")),
    (Audience.PROVIDER, gettext_lazy("To the provider")),
    (Audience.HELPER, gettext_lazy("To helpers")),
    (Audience.OFFICE, gettext_lazy("To the business’ own address")),
)
NOTES: dict[str, Any] = {
    Kind.REQUESTED: gettext_lazy("Where a booking has to be approved first"),
    Kind.PROVIDER_LATE: gettext_lazy("When staff say so on the page of the appointment"),
    Kind.NEXT: gettext_lazy("To who waits online and may have put the phone away"),
    Kind.ARRIVED: gettext_lazy("As soon as the consumer is in the waiting room"),
    Kind.WAITS_TOO_LONG: gettext_lazy("Beside what each member of staff chose for their own desk"),
    Kind.VISIT_NOTE: gettext_lazy("Only that there is one, never what it says"),
    Kind.MESSAGE_WAITS: gettext_lazy("Only that there is one, never what it says"),
}
SHORT: dict[str, Any] = {
    Kind.CONFIRMATION: gettext_lazy("Booked"),
    Kind.MOVED: gettext_lazy("Moved"),
    Kind.CANCELLED: gettext_lazy("Cancelled"),
    Kind.REQUESTED: gettext_lazy("Asked for, not booked yet"),
    Kind.SERIES_BOOKED: gettext_lazy("A series was booked"),
    Kind.PROVIDER_LATE: gettext_lazy("Your provider is late"),
    Kind.PROVIDER_BOOKED: gettext_lazy("Booked"),
    Kind.PROVIDER_MOVED: gettext_lazy("Moved"),
    Kind.PROVIDER_CANCELLED: gettext_lazy("Cancelled"),
    Kind.PROVIDER_REQUESTED: gettext_lazy("Asked for, to be answered"),
    Kind.PROVIDER_SERIES_BOOKED: gettext_lazy("A series was booked"),
    Kind.ARRIVED: gettext_lazy("The consumer has arrived"),
    Kind.WAITS_TOO_LONG: gettext_lazy("Somebody waits too long"),
    Kind.MESSAGE_WAITS: gettext_lazy("A message waits to be read"),
    Kind.HELPER_INVITED: gettext_lazy("Invited"),
    Kind.HELPER_MOVED: gettext_lazy("Moved"),
    Kind.HELPER_CANCELLED: gettext_lazy("Not needed any more"),
    Kind.MISSED: gettext_lazy("Missed, with the way to another time"),
    Kind.VISIT_NOTE: gettext_lazy("A message after the visit"),
    Kind.NEXT: gettext_lazy("You are next"),
}


@dataclass(frozen=True)
class Row:
    """One kind of message to one audience: its words, and a field for each channel it has words for."""

    title: Any
    note: Any
    by_mail: forms.BoundField | None
    by_text: forms.BoundField | None


class ReminderForm(fields.Form):
    """One more reminder."""

    amount = fields.number(gettext_lazy("How long"), least=1, most=reminders.LONGEST_BEFORE)
    unit = fields.one_of(gettext_lazy("Unit"), [(key, label) for key, label in fields.UNITS])
    side = fields.one_of(gettext_lazy("When"), fields.words(Reminder.Side.choices))
    channel = fields.one_of(
        gettext_lazy("Sent by"), [(EMAIL, gettext_lazy("E-mail")), (SMS, gettext_lazy("Text message"))]
    )
    audiences = forms.MultipleChoiceField(
        label=gettext_lazy("To"),
        choices=[
            (str(Audience.CONSUMER), gettext_lazy("Consumer")),
            (str(Audience.PROVIDER), gettext_lazy("Provider")),
            (str(Audience.HELPER), gettext_lazy("Helpers")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    words = fields.lines(
        gettext_lazy("Words of yours"),
        most=500,
        hint=gettext_lazy("Added to what is said, such as “Please have your insurance card at hand.”"),
        rows=2,
    )


@open_to(Permission.SEE_SETUP, change=MANAGE)
def of_business(request: StaffRequest) -> HttpResponse:
    """Show and change what goes out for all services."""
    return _page(request, None)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def of_service(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change what goes out for one service, where that differs."""
    return _page(request, _service(request, slug))


@open_to(*MANAGE, only_post=True)
def remove_reminder(request: StaffRequest, ref: str) -> HttpResponse:
    """Take one reminder away; `ref` is a row's, or the name of a built-in one."""
    service = _service(request, request.POST["service"]) if request.POST.get("service") else None
    current = dict(_current(request, service))
    if gone := current.pop(ref, None):
        # The last one stays as a row that is off: without any row those of the next level would hold again.
        left = list(current.values()) or [replace(gone, is_on=False)]
        reminders.put(request.actor, request.business, left, service.ref if service else "")
    return done(request, _("The reminder was removed. What is booked already follows within a minute."), _back(service))


@open_to(*MANAGE, only_post=True)
def leave_reminders(request: StaffRequest) -> HttpResponse:
    """Go back from own reminders to those of all services, or to the built-in ones."""
    service = _service(request, request.POST["service"]) if request.POST.get("service") else None
    reminders.leave_to_business(request.actor, request.business, service.ref if service else "")
    return done(request, _("The reminders were set back."), _back(service))


def _page(request: StaffRequest, service: Service | None) -> HttpResponse:
    chosen = choices.of(request.business)
    adds = request.method == "POST" and "amount" in request.POST
    form = _choices_form(request, chosen, service, has_data=request.method == "POST" and not adds)
    new = ReminderForm(request.POST if adds else None, initial=_suggestion())
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if adds and new.is_valid():
        attempt(new, lambda: _add(request, service, new.cleaned_data), **_reminder_fields(request, service))
        if not new.errors:
            words = _("The reminder was added. What is booked already follows within a minute.")
            return done(request, words, _back(service))
    if request.method == "POST" and not adds and form.is_valid():
        wanted = [(choice, _wish(form.cleaned_data[_name(choice)], choice, service)) for choice in DEFAULTS]
        choices.choose(request.actor, request.business, wanted, service.ref if service else "")
        return done(request, _("What is sent was saved. It holds from the next message on."), _back(service))
    context: dict[str, Any] = {
        "groups": _groups(form),
        "gaps": gaps(chosen, service.ref if service else ""),
        "planned": _shown(chosen, service),
        "has_own": bool(reminders.of(request.business, service.ref if service else "")),
        "new": new,
        "service": service,
        "tab": "messages",
    }
    template = "service_sending.html" if service else "sending.html"
    status = 422 if new.errors else None
    return show(request, template, status=status, form=form, more_forms=[new], may_edit=may, **context)


def _service(request: StaffRequest, slug: str) -> Service:
    service: Service = find(request, Service.objects.select_related("business"), slug=slug)
    return service


def _back(service: Service | None) -> str:
    return reverse("manage-service-sending", args=[service.slug]) if service else reverse("manage-sending")


def _name(choice: Choice) -> str:
    return "_".join(choice)


def _choices_form(request: StaffRequest, chosen: Choices, service: Service | None, *, has_data: bool) -> fields.Form:
    form = fields.Form(request.POST if has_data else None)
    own = choices.own_of(request.business, service.ref) if service else {}
    for choice in DEFAULTS:
        is_on = chosen.is_on(*choice)
        if service is None:
            field: forms.Field = forms.BooleanField(required=False, initial=is_on)
        else:
            usual = _("As usual: on") if is_on else _("As usual: off")
            states = [(AS_ALL, usual), (ON, _("On")), (OFF, _("Off"))]
            initial = {None: AS_ALL, True: ON, False: OFF}[own.get(choice)]
            field = forms.ChoiceField(choices=states, required=False, initial=initial)
        field.label = label = _label(choice)
        field.widget.attrs["aria-label"] = label
        form.fields[_name(choice)] = field
    return form


def _label(choice: Choice) -> str:
    kind, audience, channel = choice
    by = _("by e-mail") if channel == EMAIL else _("by text message")
    words = {"what": SHORT.get(kind) or kind_words(kind), "whom": dict(AUDIENCES)[Audience(audience)], "by": by}
    return _("%(what)s, %(by)s (%(whom)s)") % words


def _wish(given: Any, choice: Choice, service: Service | None) -> bool | None:
    """Return what to store: nothing where a business wants what is built in, or a service what holds for all."""
    if service is None:
        return None if given == DEFAULTS[choice] else bool(given)
    return {ON: True, OFF: False}.get(given)


def _groups(form: fields.Form) -> list[tuple[Any, list[Row]]]:
    groups = []
    for audience, title in AUDIENCES:
        kinds = dict.fromkeys(kind for kind, whom, _channel in DEFAULTS if whom == audience)
        rows = []
        for kind in kinds:
            each = [(kind, audience, channel) for channel in CHANNELS]
            by_mail, by_text = (form[_name(one)] if one in DEFAULTS else None for one in each)
            rows.append(Row(SHORT.get(kind) or kind_words(kind), NOTES.get(kind, ""), by_mail, by_text))
        groups.append((title, rows))
    return groups


def _current(request: StaffRequest, service: Service | None) -> list[tuple[str, Wanted]]:
    """Return the reminders that hold now, with what names each: those chosen for this level, or the next one's."""
    return [
        (
            one.ref,
            Wanted(
                Reminder.Side.BEFORE if one.ahead >= 0 else Reminder.Side.AFTER,
                abs(one.ahead),
                one.audiences,
                one.channel,
                one.words,
            ),
        )
        for one in choices.of(request.business).reminders(service.ref if service else "")
    ]


def _add(request: StaffRequest, service: Service | None, given: dict[str, Any]) -> Sequence[Reminder]:
    minutes = given["amount"] * int(given["unit"])
    new = Wanted(given["side"], minutes, tuple(given["audiences"]), given["channel"], given["words"])
    all_of_them = [*(wanted for _key, wanted in _current(request, service)), new]
    return reminders.put(request.actor, request.business, all_of_them, service.ref if service else "")


def _reminder_fields(request: StaffRequest, service: Service | None) -> dict[str, str]:
    """Return which field of the form a refusal of the new, last reminder belongs to."""
    last = len(_current(request, service))
    named = {"offset": "amount", "side": "side", "channel": "channel", "audiences": "audiences", "words": "words"}
    return {f"reminders.{last}.{theirs}": own for theirs, own in named.items()}


def _suggestion() -> dict[str, Any]:
    return {"amount": 2, "unit": "60", "side": "before", "channel": SMS, "audiences": [str(Audience.CONSUMER)]}


def _shown(chosen: Choices, service: Service | None) -> list[dict[str, Any]]:
    """Return the reminders as the page says them, the earliest first."""
    planned = sorted(chosen.reminders(service.ref if service else ""), key=lambda one: -one.ahead)
    named = dict(ReminderForm.base_fields["audiences"].choices)  # type: ignore[attr-defined]  # a field with choices
    return [
        {
            "ref": one.ref,
            "minutes": abs(one.ahead),
            "is_before": one.ahead >= 0,
            "channel": one.channel,
            "to": ", ".join(str(named[audience]) for audience in one.audiences),
            "words": one.words,
        }
        for one in planned
    ]
