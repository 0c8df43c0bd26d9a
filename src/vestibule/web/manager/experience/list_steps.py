"""Steps that are lists: the services, and the reminders."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from vestibule.notifications.models import Reminder
from vestibule.web import times
from vestibule.web.manager import fields
from vestibule.web.manager.experience.row_forms import RowForm, RowsForm
from vestibule.web.manager.sending_pages import ReminderForm
from vestibule.web.manager.sending_rules_page import QUIET, SendingRulesForm
from vestibule.web.manager.service_forms import DetailsForm


class ServiceRow(RowForm):
    """One service: the least that consumers choose by. The rest has pages of its own."""

    needed = "name"
    slug = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60)
    name = fields.text(pgettext_lazy("of a service", "Name"), most=120)
    description = DetailsForm.base_fields["description"]
    duration_minutes = fields.number(gettext_lazy("How long it takes"), least=1, most=24 * 60)
    visibility = DetailsForm.base_fields["visibility"]
    needs_approval = fields.tick(
        gettext_lazy("Staff approve each booking"), hint=gettext_lazy("Until then it is a request.")
    )
    has_waitlist = fields.tick(gettext_lazy("With a waitlist"), hint=gettext_lazy("For whoever finds nothing free."))

    @property
    def told(self) -> str:
        minutes = self.entry.get("duration_minutes")
        return f"{super().told} · {times.duration(minutes)}" if self.entry.get("name") and minutes else super().told

    def questions(self) -> list[forms.BoundField]:
        return [field for field in super().questions() if field.name != "slug"]


class ServicesStep(RowsForm):
    """What can be booked."""

    section = "services"
    row = ServiceRow
    add_words = gettext_lazy("Add a service")
    fresh = {"duration_minutes": 30, "visibility": "public"}

    def initial_of(self, part: Any) -> dict[str, Any]:
        return {}

    def entries(self) -> Sequence[Any]:
        return self.part or []

    def parts(self) -> dict[str, Any]:
        known = {one["slug"]: one for one in self.part or []}
        found: list[dict[str, Any]] = []
        for one in self.kept():
            given = {name: value for name, value in one.cleaned_data.items() if name != "gone"}
            given["slug"] = given["slug"] or _free(given["name"], {*known, *(each["slug"] for each in found)})
            found.append(known.get(given["slug"], {}) | given)
        return {"services": found}

    def places(self) -> dict[str, str]:
        return {}


def _free(name: str, taken: set[str]) -> str:
    base = slugify(name)[:50].strip("-") or "service"
    return next(one for one in (base, *(f"{base}-{turn}" for turn in range(2, len(taken) + 3))) if one not in taken)


class ReminderRow(RowForm):
    """One reminder."""

    needed = "amount"
    amount = ReminderForm.base_fields["amount"]
    unit = ReminderForm.base_fields["unit"]
    side = ReminderForm.base_fields["side"]
    channel = ReminderForm.base_fields["channel"]
    audiences = ReminderForm.base_fields["audiences"]
    words = ReminderForm.base_fields["words"]
    is_on = fields.tick(gettext_lazy("Sent"))

    def initial_of(self, entry: Any) -> dict[str, Any]:
        if "offset_minutes" not in entry:
            return dict(entry)
        amount, unit = fields.in_units(entry["offset_minutes"])
        return {**entry, "amount": amount, "unit": unit}

    @property
    def told(self) -> str:
        if "offset_minutes" not in self.entry:
            return super().told
        sides, channels = dict(Reminder.Side.choices), dict(ReminderForm.base_fields["channel"].choices)  # type: ignore[attr-defined]  # it has
        length = times.duration(self.entry["offset_minutes"])
        words = f"{length} {sides[self.entry['side']]} · {channels[self.entry['channel']]}"
        return words if self.entry.get("is_on", True) else f"{words} · {_('not sent')}"

    def entry_made(self) -> dict[str, Any]:
        """Return the reminder of a valid form."""
        given = self.cleaned_data
        kept = {name: given[name] for name in ("side", "channel", "audiences", "words", "is_on")}
        return kept | {"offset_minutes": given["amount"] * int(given["unit"])}


class RemindersStep(RowsForm):
    """When reminders leave, and how discreet messages are."""

    section = "reminders"
    row = ReminderRow
    most = 10
    add_words = gettext_lazy("Add a reminder")
    fresh = {"unit": "60", "side": "before", "channel": "email", "audiences": ["consumer"], "is_on": True}
    is_discreet = SendingRulesForm.base_fields["is_discreet"]
    asks_for_answer = SendingRulesForm.base_fields["asks_for_answer"]
    asks_for_consent = SendingRulesForm.base_fields["asks_for_consent"]
    quiet_from = SendingRulesForm.base_fields["quiet_from"]
    quiet_to = SendingRulesForm.base_fields["quiet_to"]
    mail_footer = SendingRulesForm.base_fields["mail_footer"]
    groups = (
        (gettext_lazy("What is said"), "", ("is_discreet", "asks_for_consent", "asks_for_answer", "mail_footer")),
        (gettext_lazy("Quiet hours of text messages"), QUIET, ("quiet_from", "quiet_to")),
    )

    def initial_of(self, part: Any) -> dict[str, Any]:
        times = {name: time(part[name] // 60 % 24, part[name] % 60) for name in ("quiet_from", "quiet_to")}
        return {**part, **times}

    def entries(self) -> Sequence[Any]:
        return list(self.part["list"])

    def parts(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        times = {name: given[name].hour * 60 + given[name].minute for name in ("quiet_from", "quiet_to")}
        rows = [one.entry_made() for one in self.kept() if isinstance(one, ReminderRow)]
        return {"reminders": {**self.part, **given, **times, "list": rows}}
