"""The one form a consumer fills in: who they are, and what the service asks."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Service
from vestibule.people.errors import Refusal

PREFIX = "answers."


class DetailsForm(forms.Form):
    """Contact and intake questions. Shapes only: what an answer must be is decided by the verb that books."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Enter your name, so that we know whom we meet.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("We send the link for your visit and a reminder there."),
        error_messages={"required": gettext_lazy("Enter your e-mail address; the link for your visit goes there.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Mobile number"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("For a text message an hour before."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel", "inputmode": "tel"}),
    )

    def __init__(self, service: Service, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = service.questions
        for question in self.questions:
            self.fields[PREFIX + question["id"]] = _field(question)

    def answers(self) -> dict[str, Any]:
        """Return the answers by question id, as the booking verb takes them."""
        return {question["id"]: _plain(self.cleaned_data[PREFIX + question["id"]]) for question in self.questions}

    def place(self, refusal: Refusal) -> bool:
        """Show `refusal` at the field it speaks of, or above the form; return whether it named a field."""
        field = refusal.facts.get("field")
        self.add_error(field if field in self.fields else None, refusal.sentence)
        return field in self.fields


def _field(question: dict[str, Any]) -> forms.Field:
    kind = question["type"]
    given: dict[str, Any] = {
        "label": question["label"],
        "help_text": question.get("help", ""),
        "required": question["required"],
        "error_messages": {"required": _("Please answer this question.")},
    }
    choices = [(choice, choice) for choice in question.get("choices", [])]
    if kind == "long_text":
        return forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), **given)
    if kind == "choice":
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **given)
    if kind == "many":
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **given)
    if kind == "number":
        return forms.FloatField(widget=forms.TextInput(attrs={"inputmode": "decimal"}), **given)
    if kind == "date":
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **given)
    if kind == "consent":
        return forms.BooleanField(**given | {"error_messages": {"required": _("Please tick the box to go on.")}})
    return forms.CharField(max_length=200, **given)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
