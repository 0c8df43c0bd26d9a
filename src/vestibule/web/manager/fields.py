"""Form fields as people fill them in: short texts, minutes, dates, times, zones."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    Words = str | StrPromise
else:
    Words = Any
Choices = list[tuple[str, Words]]

LONGEST_MINUTES = 366 * 24 * 60


MENDS = {
    "required": _("Something is missing here. Fill it in."),
    "invalid_choice": _("This is not on the list. Choose one that is."),
    "min_value": _("This is too small. Enter %(limit_value)s or more."),
    "max_value": _("This is too big. Enter %(limit_value)s or less."),
    "max_length": _("This is longer than %(limit_value)s characters. Shorten it."),
    "null_characters_not_allowed": _("This text holds characters that cannot be shown. Type it again."),
}
READS = {
    forms.IntegerField: _("Enter a whole number, such as 30."),
    forms.DecimalField: _("Enter a number, such as 12.50."),
    forms.DateField: _("Enter a date, such as 2026-12-24."),
    forms.TimeField: _("Enter a time, such as 09:30."),
}


class Form(forms.Form):
    """A form that says what to do about a mistake, and whose labels end without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def full_clean(self) -> None:
        for field in self.fields.values():
            field.error_messages = {**field.error_messages, **MENDS, **_of_kind(field)}
        super().full_clean()

    def set_choices(self, name: str, choices: Iterable[tuple[str, Words]]) -> None:
        """Let the list `name` show choices that are known only now, such as the business' own providers."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)


def _of_kind(field: forms.Field) -> dict[str, Any]:
    return next(({"invalid": words} for kind, words in READS.items() if isinstance(field, kind)), {})


def text(label: Words, *, most: int, required: bool = True, hint: Words = "", **attrs: Words) -> forms.CharField:
    """A line of text."""
    widget = forms.TextInput(attrs={"autocomplete": "off", **attrs})
    return forms.CharField(label=label, max_length=most, required=required, help_text=hint, widget=widget)


def lines(label: Words, *, most: int, required: bool = False, hint: Words = "", rows: int = 3) -> forms.CharField:
    """Several lines of text."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, required=required, help_text=hint, widget=widget)


def number(
    label: Words, *, most: int = LONGEST_MINUTES, least: int = 0, required: bool = True, hint: Words = ""
) -> forms.IntegerField:
    """A whole number."""
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, required=required, help_text=hint, widget=widget
    )


def day(label: Words, *, required: bool = True, hint: Words = "") -> forms.DateField:
    """A date of this century."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(
        label=label,
        required=required,
        help_text=hint,
        widget=widget,
        input_formats=["%Y-%m-%d"],
        validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 12, 31))],
    )


def clock(label: Words, *, required: bool = True, name: Words = "") -> forms.TimeField:
    """A time of day. `name` is what those hear who do not see the label."""
    attrs = {"type": "time", "step": "300"} | ({"aria-label": name} if name else {})
    widget = forms.TimeInput(format="%H:%M", attrs=attrs)
    return forms.TimeField(label=label, required=required, widget=widget, input_formats=["%H:%M", "%H:%M:%S"])


def tick(label: Words, *, hint: Words = "") -> forms.BooleanField:
    """A box to tick."""
    return forms.BooleanField(label=label, required=False, help_text=hint)


def one_of(
    label: Words, choices: Choices, *, required: bool = True, hint: Words = "", radio: bool = False
) -> forms.ChoiceField:
    """One of several, from a list to unfold or, if few, all in sight."""
    widget = forms.RadioSelect if radio else forms.Select
    return forms.ChoiceField(label=label, choices=choices, required=required, help_text=hint, widget=widget)


SELECTED = SafeString(" selected")


class LongSelect(forms.Select):
    """A list of hundreds: written at once, where a template for each option takes a tenth of a second."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, SELECTED if str(key) == chosen else "", label) for key, label in self.choices),
        )
        built = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return format_html("<select{}>{}</select>", flatatt(built), options)


def long_list(label: Words, choices: Choices, *, required: bool = True, hint: Words = "") -> forms.ChoiceField:
    """One of hundreds, from a list to unfold."""
    return forms.ChoiceField(label=label, choices=choices, required=required, help_text=hint, widget=LongSelect)


@lru_cache(maxsize=1)
def zones() -> Choices:
    """Every zone a place has, by name, and UTC."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in sorted(places))]


def zone(label: Words, *, required: bool = True, hint: Words = "", empty: Words = "") -> forms.ChoiceField:
    """A time zone; `empty` names what leaving it empty means."""
    first = [] if required else [("", empty)]
    return long_list(label, [*first, *zones()], required=required, hint=hint)


UNITS = (("1", _("minutes")), ("60", _("hours")), ("1440", _("days")))


def in_units(minutes: int) -> tuple[int, str]:
    """Return a length as people say it: 2880 minutes are 2 of unit "1440"."""
    for unit in (1440, 60):
        if minutes and minutes % unit == 0:
            return minutes // unit, str(unit)
    return minutes, "1" if minutes else "60"


def words(choices: Iterable[tuple[Any, Any]]) -> Choices:
    """Return choices as a form takes them; their words are translated when they are shown."""
    return [(str(value), label) for value, label in choices]
