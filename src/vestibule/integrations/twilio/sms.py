"""Text messages by Twilio's Programmable Messaging, over its REST interface."""

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations.outward import Answer, Unanswered, Web
from vestibule.integrations.twilio.errors import WHO, error_of
from vestibule.notifications.ports import Around, Sms
from vestibule.people.ports import Field, NotConnected
from vestibule.store.configuration import Configuration

API = "https://api.twilio.com"
SERVICES = "https://messaging.twilio.com"
SECONDS = 10.0
ACCOUNT, KEY, SERVICE = re.compile(r"AC[0-9a-f]{32}"), re.compile(r"SK[0-9a-f]{32}"), re.compile(r"MG[0-9a-f]{32}")
NUMBER, SHORT_CODE, NAME = (
    re.compile(r"\+[1-9]\d{6,14}"),
    re.compile(r"\d{3,8}"),
    re.compile(r"(?=.*[A-Za-z])[\w \-+&]{1,11}", re.ASCII),
)


class TwilioSms:
    """Hands texts to one account. Twilio knows no key for repeats: what may have been taken could be sent twice."""

    label = gettext_noop("Twilio")
    purpose = gettext_noop("An account at Twilio, with a number or a messaging service that may send texts.")
    sender = Field(
        "sender",
        gettext_noop("Sender"),
        gettext_noop("A number as +441632960983, a messaging service (MG…), or a name of up to 11 letters."),
    )
    fields: ClassVar = (
        Field("account", gettext_noop("Account SID"), gettext_noop("On the first page of the console: AC…")),
        Field(
            "key",
            gettext_noop("API key SID"),
            gettext_noop("SK…, better than the account’s own token: it can be withdrawn alone. Empty: the token."),
            required=False,
        ),
        Field(
            "secret",
            gettext_noop("Auth token or secret of the key"),
            gettext_noop("It is stored encrypted and never shown."),
            secret=True,
        ),
    )

    def __init__(self, account: str, secret: str, *, key: str, sender: str, callback: str = "", web: Web) -> None:
        self._account, self._auth, self._has_key = account, (key or account, secret), bool(key)
        self._from, self._callback, self._web = sender, callback, web

    @classmethod
    def configured(cls, configuration: Configuration) -> Self | None:
        """Twilio is set up by each business."""
        return None

    @classmethod
    def connected(cls, access: Mapping[str, str], sender: str, around: Around) -> Self:
        """Return a business' own account. Raises NotConnected."""
        account, key, secret = (access.get(name, "").strip() for name in ("account", "key", "secret"))
        if not ACCOUNT.fullmatch(account):
            words = _("An account SID is AC and 32 signs of 0–9 and a–f. Copy it from Twilio’s console.")
            raise NotConnected(words, field="account")
        if key and not KEY.fullmatch(key):
            raise NotConnected(_("The SID of an API key is SK and 32 signs of 0–9 and a–f."), field="key")
        if not secret or not secret.isascii() or not secret.isprintable():
            raise NotConnected(_("Copy the token or secret again: this cannot be one."), field="secret")
        web = Web(None, seconds=SECONDS)
        return cls(account, secret, key=key, sender=_sender(sender), callback=around.callback, web=web)

    @classmethod
    def account(cls, access: Mapping[str, str]) -> str:
        """Return the account SID."""
        return access.get("account", "").strip()

    def check(self) -> bool:
        """Look the account and the sender up. Raises NotConnected."""
        if not self._has_key:
            status = self._asked(f"{API}/2010-04-01/Accounts/{self._account}.json", field="account").get("status")
            if status != "active":
                words = _("This account is %(status)s at Twilio, so it sends nothing. Mend that in Twilio’s console.")
                raise NotConnected(words % {"status": str(status)[:20]}, field="account")
        if SERVICE.fullmatch(self._from):
            self._asked(f"{SERVICES}/v1/Services/{self._from}", field="sender")
            return True
        own = f"{API}/2010-04-01/Accounts/{self._account}/IncomingPhoneNumbers.json?PageSize=1"
        is_number = NUMBER.fullmatch(self._from) is not None
        found = self._asked(f"{own}&PhoneNumber={quote(self._from)}" if is_number else own, field="account")
        if is_number:
            _require_number(found.get("incoming_phone_numbers"))
        return True

    def send_in_turn(self, sms: Sms, turn: Callable[[], None]) -> str:
        """Do as `send` does, in turn: Twilio takes no key, so what is handed over twice is sent twice."""
        turn()
        return self.send(sms)

    def send(self, sms: Sms) -> str:
        """Hand over `sms` and return its SID. Raises DeliveryError when it was not taken."""
        form = {"To": sms.to, "Body": sms.body}
        form["MessagingServiceSid" if SERVICE.fullmatch(self._from) else "From"] = self._from
        if self._callback:
            form["StatusCallback"] = self._callback
        url = f"{API}/2010-04-01/Accounts/{self._account}/Messages.json"
        try:
            answer = self._web.ask("POST", url, data=form, auth=self._auth)
        except Unanswered as silence:
            raise silence.as_error(WHO) from None
        if answer.is_success:
            return str(answer.json().get("sid") or sms.ref)[:200]
        raise error_of(answer)

    def _asked(self, url: str, *, field: str) -> dict[str, Any]:
        try:
            answer = self._web.ask("GET", url, auth=self._auth)
        except Unanswered as silence:
            words = _("Twilio could not be asked: it %(why)s. Try again in a minute.") % {"why": str(silence)}
            raise NotConnected(words) from None
        if answer.is_success:
            return answer.json()
        raise self._not_connected(answer, field)

    def _not_connected(self, answer: Answer, field: str) -> NotConnected:
        if answer.status == 401:
            secret = _("Twilio does not know this account with this token. Copy both again from its console.")
            keyed = _("Twilio does not know this API key with this secret in this account. Copy all three again.")
            return NotConnected(keyed if self._has_key else secret, field="secret")
        if answer.status == 403:
            return NotConnected(_("Twilio does not let this key look at its account. Use a standard key."), field="key")
        if answer.status == 404 and field == "sender":
            return NotConnected(_("This account has no such messaging service."), field="sender")
        words = _("Twilio answered %(status)d, so the account could not be checked. Try again in a minute.")
        return NotConnected(words % {"status": answer.status}, field=field if answer.status == 404 else "")


def _sender(typed: str) -> str:
    sender = typed.strip()
    bare = re.sub(r"[\s().\-/]", "", sender)
    if NUMBER.fullmatch(bare) or SHORT_CODE.fullmatch(bare):
        return bare
    if SERVICE.fullmatch(sender) or NAME.fullmatch(sender):
        return sender
    words = _("Enter a number with + and its country, a messaging service (MG…), or a name of up to 11 letters.")
    raise NotConnected(words, field="sender")


def _require_number(found: object) -> None:
    if not isinstance(found, list) or not found:
        words = _("This account has no such number. Enter one of its own, with + and the country.")
        raise NotConnected(words, field="sender")
    can = found[0].get("capabilities", {}) if isinstance(found[0], dict) else {}
    if isinstance(can, dict) and can.get("sms") is False:
        raise NotConnected(_("This number can only be telephoned. Choose one that sends texts."), field="sender")
