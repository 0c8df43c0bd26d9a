"""The forms of a service: what it is, when it can be booked, one question it asks."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from vestibule.booking.models import Location, Service
from vestibule.booking.setup import service_values
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.money import in_minor, price_of

COLOURS = (
    ("", gettext_lazy("The colour of the business")),
    *((name, gettext_lazy(name.capitalize())) for name in service_values.COLOURS),
)


class DetailsForm(fields.Form):
    """What a service is and who sees it."""

    name = fields.text(pgettext_lazy("of a service", "Name"), most=120)
    description = fields.lines(
        gettext_lazy("Description"), most=600, hint=gettext_lazy("One or two sentences that help to choose.")
    )
    location = fields.one_of(gettext_lazy("Where it takes place"), [], required=False)
    visibility = fields.one_of(
        gettext_lazy("Who can book it"),
        [
            ("public", gettext_lazy("Everybody, on the booking page")),
            ("hidden", gettext_lazy("Staff only, on behalf of consumers")),
        ],
        radio=True,
    )
    price = forms.DecimalField(
        label=gettext_lazy("Price"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        decimal_places=3,
        help_text=gettext_lazy("Leave it empty if there is nothing to say about it."),
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        required=False,
        max_length=3,
        validators=[RegexValidator(r"^[A-Za-z]{3}\Z", gettext_lazy("Three letters, such as EUR."))],
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "EUR"}),
    )
    colour = fields.one_of(
        gettext_lazy("Colour in the calendar"), [*COLOURS], required=False, hint=gettext_lazy("Only staff see it.")
    )
    position = fields.number(
        gettext_lazy("Place in the list"), most=9999, hint=gettext_lazy("Smaller numbers come first.")
    )

    def __init__(self, *args: Any, locations: Sequence[Location], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(location.ref, location.name) for location in locations]
        self.set_choices("location", [("", _("Not said")), *places])
        self._locations = {location.ref: location for location in locations}

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("price") is not None and not given.get("currency") and "currency" not in self.errors:
            self.add_error("currency", _("Say in which currency the price is."))
        return given

    def values(self) -> dict[str, Any]:
        """Return the fields of the service that a valid form sets."""
        given = self.cleaned_data
        currency = given["currency"].upper()
        return {
            "name": given["name"],
            "description": given["description"],
            "location": self._locations.get(given["location"]),
            "visibility": given["visibility"],
            "position": given["position"],
            "colour": given["colour"],
            "price_minor": None if given["price"] is None else in_minor(given["price"], currency),
            "currency": currency if given["price"] is not None else "",
        }

    @staticmethod
    def initial_of(service: Service) -> dict[str, Any]:
        """Return what the form shows for a stored service."""
        return {
            "name": service.name,
            "description": service.description,
            "location": service.location.ref if service.location else "",
            "visibility": service.visibility,
            "position": service.position,
            "colour": service.colour,
            "price": price_of(service),
            "currency": service.currency,
        }


class NewServiceForm(fields.Form):
    """The least a service needs; the rest has defaults that the next page shows."""

    name = fields.text(pgettext_lazy("of a service", "Name"), most=120)
    description = fields.lines(
        gettext_lazy("Description"), most=600, hint=gettext_lazy("One or two sentences that help to choose.")
    )
    duration_minutes = fields.number(gettext_lazy("How long it takes, in minutes"), least=1, most=24 * 60)
    everybody = fields.tick(
        gettext_lazy("Every provider offers it"), hint=gettext_lazy("You can choose them one by one afterwards.")
    )


QUESTION_KINDS = (
    ("text", gettext_lazy("A short answer")),
    ("long_text", gettext_lazy("A longer answer")),
    ("choice", gettext_lazy("One of several")),
    ("many", gettext_lazy("Any of several")),
    ("number", gettext_lazy("A number")),
    ("date", gettext_lazy("A date")),
    ("file", gettext_lazy("A file to send")),
    ("consent", gettext_lazy("Consent: a text, and a box to tick")),
)


CONFIRMS = (
    ("", gettext_lazy("Nothing")),
    ("birth_date", gettext_lazy("The date of birth")),
    ("postcode", gettext_lazy("The postcode")),
    ("reference", gettext_lazy("A reference, such as a customer number")),
    ("name", gettext_lazy("The name")),
    ("phone", gettext_lazy("The telephone number")),
)


class QuestionForm(fields.Form):
    """One question asked when booking."""

    label = fields.text(gettext_lazy("Question"), most=200)
    type = fields.one_of(gettext_lazy("How it is answered"), words(QUESTION_KINDS))
    choices = fields.lines(
        gettext_lazy("Answers to choose from"),
        most=4000,
        hint=gettext_lazy("One a line; only for “one of several” and “any of several”."),
        rows=5,
    )
    text = fields.lines(
        gettext_lazy("What is agreed to"),
        most=4000,
        hint=gettext_lazy("Shown above the box. When you change it, its version goes up; what was agreed to is kept."),
        rows=8,
    )
    help = fields.text(gettext_lazy("Hint"), most=300, required=False, hint=gettext_lazy("Shown below the question."))
    required = fields.tick(gettext_lazy("An answer is required"))
    confirms = fields.one_of(
        gettext_lazy("What the answer confirms"),
        words(CONFIRMS),
        required=False,
        hint=gettext_lazy("Compared with what people give in the waiting area, where it asks who they are."),
    )

    def question(self, name: str, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return the question of a valid form, called `name`; `stored` is what it was."""
        given = self.cleaned_data
        choices = [line.strip() for line in given["choices"].splitlines() if line.strip()]
        made = {name: given[name] for name in ("type", "label", "help", "required")}
        made |= {"id": name, "choices": choices if given["type"] in ("choice", "many") else []}
        if given["type"] in ("text", "date") and given["confirms"]:
            made["confirms"] = given["confirms"]
        if given["type"] == "consent":
            text = given["text"].replace("\r\n", "\n")
            made |= {"text": text, "version": _version(stored, text or given["label"])}
        return made

    @staticmethod
    def initial_of(question: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the form shows for a stored question."""
        kept = {name: question.get(name) for name in ("label", "type", "help", "required", "confirms")}
        return kept | {"choices": "\n".join(question.get("choices", [])), "text": question.get("text", "")}


def _version(stored: Mapping[str, Any], text: str) -> str:
    """Return the version of a consent's text: one more than before if the text is another."""
    if stored.get("type") != "consent":
        return "1"
    before = str(stored.get("version") or "1")
    if (stored.get("text") or stored.get("label")) == text:
        return before
    return str(int(before) + 1) if before.isascii() and before.isdigit() else f"{before[:17]}.2"


def new_name(label: str, taken: Sequence[str]) -> str:
    """Return a free id for a question, made from its words."""
    base = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:30].strip("_")
    if not base or not base[0].isalpha():
        base = "question"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name
