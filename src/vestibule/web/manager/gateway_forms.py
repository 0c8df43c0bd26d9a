"""The form of a gateway, made from what its kind must be told."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.ports import Adapter
from vestibule.web.manager import fields
from vestibule.web.manager.vendor_fields import control, typed


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
        return typed(self._told, self.cleaned_data)

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
