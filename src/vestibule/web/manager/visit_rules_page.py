"""How visits are run: who carries the call, what consumers may do in it, what is kept and for how long."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.experience import capabilities
from vestibule.meetings import carrying, recordings, relays, visit_rules
from vestibule.meetings.models import VisitRules
from vestibule.people import ways
from vestibule.web.manager import fields
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, locked, open_to, show

MANAGE = (Permission.MANAGE_SETUP,)

BACKENDS: tuple[tuple[str, Any, Any], ...] = (
    (
        VisitRules.Backend.AUTO,
        gettext_lazy("Choose automatically"),
        gettext_lazy(
            "Between the browsers where that is enough; over the media server for five people and more, for weak "
            "lines and for recording, if one is set up."
        ),
    ),
    (
        VisitRules.Backend.P2P,
        gettext_lazy("Always between the browsers"),
        gettext_lazy("End-to-end encrypted: no server of yours can look in. At most four people, and no recording."),
    ),
    (
        VisitRules.Backend.LIVEKIT,
        gettext_lazy("Always over the media server"),
        gettext_lazy("Steadier for groups and on weak lines. Encrypted on the way, but the server could look in."),
    ),
)
HISTORIES: tuple[tuple[str, Any, Any], ...] = (
    (VisitRules.History.ALL, gettext_lazy("Everything written so far"), ""),
    (VisitRules.History.SINCE_JOINING, gettext_lazy("Only what is written after they came in"), ""),
)
CAPTIONS: tuple[tuple[str, Any, Any], ...] = (
    (
        VisitRules.Captions.OFF,
        gettext_lazy("Typed captions only"),
        gettext_lazy("Somebody in the visit types along; nothing is recognised by a machine."),
    ),
    (
        VisitRules.Captions.BROWSER,
        gettext_lazy("By each person's browser"),
        gettext_lazy(
            "Only for those who agree, in their own browser. Some browsers send the sound to their maker for this; "
            "people are told before they agree."
        ),
    ),
    (
        VisitRules.Captions.SERVER,
        gettext_lazy("By a speech engine of yours"),
        gettext_lazy("Sound goes to your own engine and nowhere else."),
    ),
)


CHECKS: tuple[tuple[str, Any, Any], ...] = (
    (
        VisitRules.DeviceCheck.OFFERED,
        gettext_lazy("Offered"),
        gettext_lazy("Whoever is in a hurry joins at once, without camera and microphone if need be."),
    ),
    (
        VisitRules.DeviceCheck.REQUIRED,
        gettext_lazy("Before everybody joins"),
        gettext_lazy("“Join” appears once camera or microphone were tried. What does not work never stops anybody."),
    ),
)


class NotedChoices(forms.RadioSelect):
    """Choices with a sentence below each; those in `missing` cannot be chosen and say why."""

    notes: dict[str, Any]
    missing: dict[str, Any]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.notes, self.missing = {}, {}

    def create_option(self, name: str, value: Any, label: Any, *rest: Any, **more: Any) -> dict[str, Any]:
        why, note = self.missing.get(str(value)), self.notes.get(str(value))
        shown = format_html("{}<small>{}</small>", label, why or note) if why or note else label
        option = super().create_option(name, value, shown, *rest, **more)
        if why and not option["selected"]:
            option["attrs"]["disabled"] = True
        return option

    def take_away(self, value: str, why: Any) -> None:
        """Offer `value` no more, and say `why` in its place."""
        self.missing = {**self.missing, value: why}


class NotedField(forms.ChoiceField):
    """One of several choices with notes; what is missing is refused also when it is sent anyway."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        assert isinstance(self.widget, NotedChoices)
        if value in self.widget.missing and value != str(self.initial):
            raise forms.ValidationError(self.widget.missing[value])


def noted(label: Any, choices: tuple[tuple[str, Any, Any], ...], *, hint: Any = "") -> NotedField:
    """One of several, all in sight, each with a sentence what it means."""
    widget = NotedChoices()
    widget.notes = {str(value): note for value, _label, note in choices if note}
    named = [(str(value), words) for value, words, _note in choices]
    return NotedField(label=label, choices=named, help_text=hint, widget=widget)


class VisitRulesForm(fields.Form):
    """Every option of a visit."""

    backend = noted(gettext_lazy("How calls are carried"), BACKENDS)
    hides_addresses = fields.tick(
        gettext_lazy("Hide network addresses"),
        hint=gettext_lazy(
            "Nobody in a call learns the other's address on the internet: everything goes through your relay. "
            "Calls take a little longer to begin, and the relay carries all the traffic."
        ),
    )
    device_check = noted(gettext_lazy("Check of camera and microphone"), CHECKS)
    blur = fields.tick(
        gettext_lazy("The background can be blurred"),
        hint=gettext_lazy("In each person's own browser; nothing is sent anywhere for it."),
    )
    consumers_share = fields.tick(
        gettext_lazy("Consumers may show their screen"), hint=gettext_lazy("Phones cannot show their screen.")
    )
    staff_share = fields.tick(gettext_lazy("Providers may show their screen"))
    helper_links = fields.tick(
        gettext_lazy("Links for people who help"),
        hint=gettext_lazy(
            "Consumers name an interpreter or relative when they book, and providers invite one to a visit."
        ),
    )
    chat = fields.tick(
        gettext_lazy("Written messages in visits"),
        hint=gettext_lazy("Without them, people can only speak. Messages in the waiting room stay."),
    )
    takes_files = fields.tick(
        gettext_lazy("Pictures and files in messages"),
        hint=gettext_lazy("Checked for what they are and, where a scanner runs, for viruses."),
    )
    history = noted(
        gettext_lazy("What somebody who comes in late can read"),
        HISTORIES,
        hint=gettext_lazy("Such as an interpreter invited during the visit."),
    )
    chat_days = fields.number(
        gettext_lazy("Keep messages and their files"),
        least=1,
        most=3650,
        hint=gettext_lazy(
            "Counted from when each was sent; then it is deleted for good. So are text messages that people write"
            " back, and what programs noted of appointments and calendars, counted from their end."
        ),
    )
    captions = noted(gettext_lazy("Where they come from"), CAPTIONS)
    recording = fields.tick(
        gettext_lazy("Visits may be recorded"),
        hint=gettext_lazy("Only when everybody in the visit agrees, and with a mark in every picture while it runs."),
    )
    recording_days = fields.number(
        gettext_lazy("Keep recordings"),
        least=1,
        most=visit_rules.BOUNDS["recording_days"].most,
        hint=gettext_lazy("Then they are deleted for good."),
    )
    end_hint_minutes = fields.number(
        gettext_lazy("Tell the provider that time is running out"),
        most=60,
        hint=gettext_lazy("Before the planned end, and whether somebody waits already. 0: not at all."),
    )
    takes_call_requests = fields.tick(
        gettext_lazy("Consumers may ask to be called by telephone"),
        hint=gettext_lazy("“Call me” stands on the waiting page; the desk shows who asked, with the number."),
    )
    dial_in = fields.text(
        gettext_lazy("Telephone number for visits"),
        most=40,
        required=False,
        hint=gettext_lazy("A number of your own that consumers may call instead. Shown before and in the visit."),
        inputmode="tel",
    )
    dial_in_code = fields.text(
        gettext_lazy("Code to enter there"),
        most=20,
        required=False,
        hint=gettext_lazy("If your telephone system asks for one."),
    )


RULES = {name: "files" if name == "takes_files" else name for name in VisitRulesForm.base_fields}
"""The rule that each question stands for; a form has `files` of its own."""
GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (gettext_lazy("The call"), ("backend", "hides_addresses", "end_hint_minutes")),
    (gettext_lazy("What people can do"), ("device_check", "blur", "consumers_share", "staff_share", "helper_links")),
    (gettext_lazy("Messages and files"), ("chat", "takes_files", "history", "chat_days")),
    (gettext_lazy("Captions"), ("captions",)),
    (gettext_lazy("Recording"), ("recording", "recording_days")),
    (gettext_lazy("By telephone"), ("takes_call_requests", "dial_in", "dial_in_code")),
)
UNITS = {
    "chat_days": gettext_lazy("days"),
    "recording_days": gettext_lazy("days"),
    "end_hint_minutes": gettext_lazy("minutes before"),
}


@open_to(Permission.SEE_SETUP, change=MANAGE)
def rules(request: StaffRequest) -> HttpResponse:
    """Show and change how visits are run."""
    current = visit_rules.of(request.business)
    form = _form(request.POST if request.method == "POST" else None, current, request.business.pk)
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if request.method == "POST" and form.is_valid():
        given = {RULES[name]: value for name, value in form.cleaned_data.items()}
        attempt(form, lambda: visit_rules.change(request.actor, request.business, **given), files="takes_files")
        if not form.errors:
            words = _("The rules of visits were saved. Visits that begin from now on follow them.")
            return done(request, words, "manage-visit-rules")
    groups = [(title, [(form[name], UNITS.get(name, "")) for name in names]) for title, names in GROUPS]
    return show(request, "visit_rules.html", form=form, groups=groups, may_edit=may, relays=relays.known())


def _form(data: QueryDict | None, current: VisitRules, business_id: int) -> VisitRulesForm:
    """Return the form; what is not set up cannot be chosen, unless it is chosen already."""
    form = VisitRulesForm(data, initial={name: getattr(current, rule) for name, rule in RULES.items()})
    mark_missing(form, current, business_id)
    return form


def mark_missing(form: forms.Form, current: VisitRules, business_id: int) -> None:
    """Grey out what this server cannot do, with the reason; what is chosen already (`current`) can be left.

    What the business has done elsewhere is greyed out too, and stays as it is.
    """
    for name, why in capabilities.options_elsewhere(ways.of(business_id)).items():
        if name in form.fields:
            form.fields[name].disabled = True
            form.fields[name].help_text = why
    for rule, why in _missing().items():
        name, _dot, value = rule.partition(".")
        if name not in form.fields or form.fields[name].disabled:
            continue
        field = form.fields[name]
        if isinstance(field.widget, NotedChoices):
            field.initial = getattr(current, name)
            field.widget.take_away(value, why)
        elif not getattr(current, name):
            field.disabled = True
            field.help_text = why


def _missing() -> dict[str, Any]:
    """Return what cannot be chosen on this server, and why: a rule, or `rule.value` for one of its choices."""
    why: dict[str, Any] = {
        f"captions.{VisitRules.Captions.SERVER}": _("Not set up: this server knows no speech engine."),
    }
    if not carrying.is_set_up(carrying.SFU):
        why[f"backend.{VisitRules.Backend.LIVEKIT}"] = carrying.no_media_server()
    if cannot_record := recordings.not_set_up():
        why["recording"] = cannot_record
    if not settings.CONFIGURATION.items("TURN_URLS"):
        why["hides_addresses"] = _("Not set up: no relay is connected. Whoever runs this server can add one.")
    return why
