"""What Twilio posts: what became of a text message, and text messages that came in."""

import base64
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from vestibule.notifications.ports import Callback, IncomingSms, NotGenuine, Report, Told, Unreadable
from vestibule.notifications.signature import has_key

STATUSES = {
    "queued": "accepted",
    "accepted": "accepted",
    "scheduled": "accepted",
    "sending": "accepted",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
NO_SUCH_NUMBER = frozenset({"30005", "30006", "21211", "21614"})
"""Unknown number, landline, no number, no mobile number."""
STOPPED = "21610"
NOTHING_TO_SAY = b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


def sign(url: str, form: Mapping[str, str], token: str) -> str:
    """Return Twilio's signature of a posted form: HMAC-SHA1 of the address and the sorted form, in base64."""
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()


class TwilioCallbacks:
    """Reads posted forms. Signed with the account's token; where an API key is used, which signs nothing, keyed."""

    def needs_key(self, access: Mapping[str, str]) -> bool:
        """Tell whether an API key is used."""
        return bool(access.get("key"))

    def read(self, callback: Callback, *, key: str, access: Mapping[str, str]) -> Told:
        """Return what a callback says. Raises NotGenuine, Unreadable."""
        form = _form(callback.body)
        if access.get("key"):
            if not has_key(callback.url, key):
                raise NotGenuine
        elif not _is_signed(callback, form, access.get("secret", "")):
            raise NotGenuine
        sid = form.get("MessageSid") or form.get("SmsSid") or ""
        if not sid:
            raise Unreadable("MessageSid is missing.")
        status = form.get("MessageStatus") or form.get("SmsStatus", "")
        if "Body" in form and status in ("", "received"):
            text = IncomingSms(sid, form.get("From", ""), form.get("To", ""), form["Body"])
            return Told(texts=(text,), answer=NOTHING_TO_SAY, answer_type="text/xml")
        if status not in STATUSES:
            raise Unreadable("MessageStatus is not one that is known.")
        return Told(reports=(_report(sid, status, form.get("ErrorCode", "")),))


def _is_signed(callback: Callback, form: Mapping[str, str], token: str) -> bool:
    given = callback.headers.get("x-twilio-signature", "")
    return bool(token) and hmac.compare_digest(sign(callback.url, form, token).encode(), given.encode())


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
    except (UnicodeDecodeError, ValueError):
        raise Unreadable("Post a form in UTF-8.") from None
    form = dict(pairs)
    if len(form) != len(pairs) or any("\0" in value for value in form.values()):
        raise Unreadable("Name each field once.")
    return form


def _report(sid: str, status: str, code: str) -> Report:
    fault = "stopped" if code == STOPPED else "bounced" if code in NO_SUCH_NUMBER else ""
    words = f"Twilio says {status}, error {code[:10]}" if code else f"Twilio says {status}"
    return Report(STATUSES[status], gateway_id=sid, words=words, address_fault=fault)
