"""What a gateway of one's own posts: signed JSON (Standard Webhooks), a report or a text message that came in."""

import json
from collections.abc import Mapping
from typing import Any

from vestibule.notifications import signature
from vestibule.notifications.ports import STATUSES, Callback, IncomingSms, NotGenuine, Report, Told, Unreadable

FAULTS = ("", "bounced", "complained", "stopped")


class SignedCallbacks:
    """Reads `{"type": "report", "id", "status"}` and `{"type": "text", "id", "from", "to", "text"}`."""

    def needs_key(self, access: Mapping[str, str]) -> bool:
        """Return that it does not: the key signs, and addresses end up in logs."""
        return False

    def read(self, callback: Callback, *, key: str, access: Mapping[str, str]) -> Told:
        """Return what a callback says. Raises NotGenuine, Unreadable."""
        if not signature.is_genuine(key, callback.headers, callback.body):
            raise NotGenuine
        told = _object(callback.body)
        if told.get("type") == "text":
            text = IncomingSms(*(_text(told, name) for name in ("id", "from", "to", "text")))
            return Told(texts=(text,))
        if told.get("type", "report") != "report":
            raise Unreadable("type is report or text.")
        status, fault = _text(told, "status"), _text(told, "address", required=False)
        if status not in STATUSES or fault not in FAULTS:
            raise Unreadable(f"status is one of {', '.join(STATUSES)}; address is bounced, complained or stopped.")
        name = _text(told, "id")
        return Told(
            reports=(
                Report(
                    status, gateway_id=name, ref=name, words=_text(told, "error", required=False), address_fault=fault
                ),
            )
        )


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("Post a JSON object.") from None
    if not isinstance(told, dict):
        raise Unreadable("Post a JSON object.")
    return told


def _text(told: Mapping[str, Any], name: str, *, required: bool = True) -> str:
    value = told.get(name, "")
    if not isinstance(value, str) or "\0" in value or (required and not value):
        raise Unreadable(f"{name} is a text.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Unreadable(f"{name} holds half a sign.") from None
    return value
