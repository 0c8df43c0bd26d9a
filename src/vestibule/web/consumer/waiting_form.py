"""What somebody says who waits for a time: between which days, at which part of the day, with whom."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.day_parts import NAMES, DayPart
from vestibule.booking.models import Service, WaitlistEntry
from vestibule.people.errors import Refusal
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web.consumer import choosing
from vestibule.web.consumer.details_form import ContactForm
from vestibule.web.texts_asked import texts_asked

USUAL_DAYS = 30


class DaysForm(forms.Form):
    """Between which days, and at which parts of the day. Shapes only: the verb decides."""

    first = forms.DateField(
        label=gettext_lazy("From"),
        error_messages={"required": gettext_lazy("Say from which day on a time would suit you.")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label=gettext_lazy("Until"),
        error_messages={"required": gettext_lazy("Say until which day a time would suit you.")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    day_parts = forms.MultipleChoiceField(
        label=gettext_lazy("Which part of the day suits you?"),
        help_text=gettext_lazy("Tick none if any will do."),
        choices=[(part.value, NAMES[part]) for part in DayPart],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def when(self) -> dict[str, Any]:
        """Return the days and parts of the day, as the verb takes them."""
        given = self.cleaned_data
        return {"first": given["first"], "last": given["last"], "day_parts": given["day_parts"]}

    def place(self, refusal: Refusal) -> None:
        """Show `refusal` at the field it speaks of, or above the form."""
        field = refusal.facts.get("field")
        self.add_error(field if field in self.fields else None, refusal.sentence)


class WaitlistForm(DaysForm, ContactForm):
    """The days, with whom, and who waits."""

    provider = forms.ChoiceField(label=gettext_lazy("With"), required=False)
    field_order = ("first", "last", "day_parts", "provider", "name", "email", "phone")

    def __init__(self, service: Service, providers: list[Provider], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(providers) > 1:
            known = [("", _("No preference: whoever is free")), *((one.slug, one.name) for one in providers)]
            self.fields["provider"].choices = known  # type: ignore[attr-defined]  # it is the ChoiceField above
        else:
            del self.fields["provider"]
        self.fields["email"].help_text = _("We write there when a time becomes free.")
        self.fields["email"].error_messages["required"] = _("Enter your e-mail address; we write there.")
        texts = texts_asked(service)
        if texts.notice or texts.question:
            self.fields["phone"].help_text = _("For a text message when a time becomes free.")
        self.ask_about_texts(texts)


def usual_days(zone: str) -> dict[str, str]:
    """Return the days that stand in the form at first: the coming thirty."""
    today = choosing.day_in(clock.now(), zone)
    return {"first": today.isoformat(), "last": (today + timedelta(days=USUAL_DAYS)).isoformat()}


def part_names(entry: WaitlistEntry) -> list[str]:
    """Return the parts of the day somebody waits for, as they are said; none for any."""
    return [str(NAMES[DayPart(part)]) for part in entry.day_parts]
