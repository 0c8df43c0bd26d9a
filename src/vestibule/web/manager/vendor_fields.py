"""What a gateway or an account at a vendor must be told, as a form asks for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from vestibule.people.ports import Field
from vestibule.web.manager import fields

LONGEST = 2000
LONGEST_TEXT = 12_000
MODES = {"url": "url", "email": "email", "phone": "tel", "number": "numeric"}


def control(field: Field, *, is_stored: bool = False) -> forms.Field:
    """Return how one thing is typed. A secret that is stored may be left empty.

    One of several of which one is needed does not say that it is optional: its hint says what else will do.
    """
    made = _control(field, is_stored=is_stored)
    made.is_one_of = bool(field.one_of)  # type: ignore[attr-defined]  # the template reads it
    return made


def _control(field: Field, *, is_stored: bool) -> forms.Field:
    label, hint = _(field.label), _(field.hint) if field.hint else ""
    if field.choices:
        choices: fields.Choices = [(value, _(words)) for value, words in field.choices]
        return fields.one_of(label, choices, required=field.required, hint=hint, radio=len(choices) < 4)
    if field.kind == "tick":
        return fields.tick(label, hint=hint)
    if field.secret:
        kept = _("What was stored is never shown. Leave empty to keep it.")
        hidden = forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"})
        lines = forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"})
        return forms.CharField(
            label=label,
            max_length=LONGEST_TEXT if field.kind == "lines" else LONGEST,
            required=field.required and not is_stored,
            help_text=kept if is_stored else hint,
            widget=lines if field.kind == "lines" else hidden,
        )
    attrs = {"inputmode": MODES[field.kind]} if field.kind in MODES else {}
    return fields.text(label, most=LONGEST, required=field.required, hint=hint, **attrs)


def initial(told: Sequence[Field], stored: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what a form begins with: what is stored but for secrets, else the defaults."""
    shown = [field for field in told if not field.secret]
    return {field.name: field.default if stored is None else stored.get(field.name, "") for field in shown}


def typed(told: Sequence[Field], given: Mapping[str, Any]) -> dict[str, str]:
    """Return what was typed, as adapters and verbs take it."""
    return {field.name: _text(given.get(field.name)) for field in told}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None else str(value).strip()
