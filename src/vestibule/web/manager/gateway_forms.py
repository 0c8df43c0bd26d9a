"""The form of a gateway, made from what its kind must be told."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.ports import Adapter
from vestibule.people.ports import Field
from vestibule.web.manager import fields

LONGEST = 2000
MODES = {"url": "url", "email": "email", "phone": "tel", "number": "numeric"}


class GatewayForm(fields.Form):
    """What a kind of gateway must be told, its sender, its name, and where a test message goes."""

    name = fields.text(
        gettext_lazy("What to call it"), most=80, required=False, hint=gettext_lazy("Seen by staff alone.")
    )

    def __init__(self, *args: Any, adapter: type[Adapter], channel: str, is_stored: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._told = adapter.fields
        for field in adapter.fields:
            self.fields[field.name] = control(field, is_stored=is_stored)
        self.fields["sender"] = control(adapter.sender)
        self.fields["to"] = receiver(channel)
        self.order_fields([*(field.name for field in adapter.fields), "sender", "name", "to"])

    def access(self) -> dict[str, str]:
        """Return what was told, as adapters and verbs take it."""
        given = self.cleaned_data
        return {field.name: _text(given.get(field.name)) for field in self._told}

    def also(self) -> dict[str, str]:
        """Return name and receiver of the test message, as the verbs take them."""
        return {"name": self.cleaned_data["name"], "to": self.cleaned_data["to"]}


class TestForm(fields.Form):
    """Where a test message goes."""

    def __init__(self, *args: Any, channel: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["to"] = receiver(channel)


def receiver(channel: str) -> forms.Field:
    """Where a test message goes: a number or an address, or nowhere."""
    if channel == OutboxMessage.Channel.SMS:
        label, hint = _("Send a test message to"), _("A telephone number of yours. Leave empty to only check access.")
        return fields.text(label, most=40, required=False, hint=hint, inputmode="tel")
    label, hint = _("Send a test mail to"), _("An address of yours. Leave empty to only check access.")
    return forms.EmailField(
        label=label,
        required=False,
        max_length=254,
        help_text=hint,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": _("Enter one e-mail address, such as desk@example.org.")},
    )


def control(field: Field, *, is_stored: bool = False) -> forms.Field:
    """Return how one thing is typed. A secret that is stored may be left empty."""
    label, hint = _(field.label), _(field.hint) if field.hint else ""
    if field.choices:
        choices: fields.Choices = [(value, _(words)) for value, words in field.choices]
        return fields.one_of(label, choices, required=field.required, hint=hint, radio=len(choices) < 4)
    if field.kind == "tick":
        return fields.tick(label, hint=hint)
    if field.secret:
        kept = _("What was stored is never shown. Leave empty to keep it.")
        return forms.CharField(
            label=label,
            max_length=LONGEST,
            required=field.required and not is_stored,
            help_text=kept if is_stored else hint,
            widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
        )
    attrs = {"inputmode": MODES[field.kind]} if field.kind in MODES else {}
    return fields.text(label, most=LONGEST, required=field.required, hint=hint, **attrs)


def initial(adapter: type[Adapter], stored: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what a form begins with: what is stored but for secrets, else the defaults."""
    shown = [field for field in adapter.fields if not field.secret]
    return {field.name: field.default if stored is None else stored.get(field.name, "") for field in shown}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None else str(value).strip()
