"""Text messages by JSON over HTTP: the plainest gateway there is, and easily put before any other."""

from collections.abc import Mapping
from typing import ClassVar, Self

import httpx
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations.guarded import PORTS, PrivateHosts
from vestibule.integrations.outward import Answer, Unanswered, Web, refused
from vestibule.notifications.ports import Around, Sms
from vestibule.people.ports import Field, NotConnected
from vestibule.store.configuration import Configuration

SECONDS = 10.0
WHO = "the SMS gateway"


class HttpSms:
    """Posts `{"id", "to", "text"}`; any 2xx means taken. `id` is also the `Idempotency-Key`, the same on retries.

    With a sender, `from` is posted too.
    """

    label = gettext_noop("Any gateway that takes JSON")
    purpose = gettext_noop("A web address of yours or of your provider that takes one small JSON POST for each text.")
    sender = Field(
        "sender",
        gettext_noop("Sender"),
        gettext_noop("Number or name, handed over as “from”. Leave empty if the gateway knows it."),
        required=False,
    )
    fields: ClassVar = (
        Field(
            "url", gettext_noop("Address"), gettext_noop("It begins with https, such as https://…/send."), kind="url"
        ),
        Field(
            "key",
            gettext_noop("Key"),
            gettext_noop("Sent as bearer token. It is stored encrypted and never shown."),
            secret=True,
            required=False,
        ),
    )

    def __init__(self, url: str, *, key: str = "", sender: str = "", web: Web | None = None) -> None:
        """Raises ValueError when `url` is no http or https address."""
        if not _is_web_address(url):
            raise ValueError("the SMS gateway must be given as https://host/path")
        self._url, self._from = url, sender
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._web = web or Web(None, seconds=SECONDS)

    @classmethod
    def configured(cls, configuration: Configuration) -> Self | None:
        """Return the gateway that the settings describe, or None when there is none."""
        if not configuration["SMS_URL"]:
            return None
        return cls(configuration["SMS_URL"], key=configuration["SMS_KEY"])

    @classmethod
    def connected(cls, access: Mapping[str, str], sender: str, around: Around) -> Self:
        """Return a business' own gateway. Raises NotConnected."""
        url, reach = access.get("url", "").strip(), PrivateHosts(around.allowed)
        if not _is_web_address(url):
            raise NotConnected(_("Enter a web address, such as https://sms.example.org/send."), field="url")
        parts = httpx.URL(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if parts.scheme != "https" and not reach.names(parts.host, port):
            words = _("The address must begin with https, or numbers and texts could be read on the way.")
            raise NotConnected(words, field="url")
        if parts.userinfo or not (port in PORTS or reach.names(parts.host, port)):
            words = _("The address must be without a user name, and on the usual port of https (443).")
            raise NotConnected(words, field="url")
        if not access.get("key", "").isascii():
            raise NotConnected(_("The key holds a sign that no key has. Copy it again."), field="key")
        return cls(url, key=access.get("key", "").strip(), sender=sender.strip(), web=Web(reach, seconds=SECONDS))

    @classmethod
    def account(cls, access: Mapping[str, str]) -> str:
        """Return the host."""
        return httpx.URL(access.get("url", "")).host

    def check(self) -> bool:
        """Only a text message shows whether it works."""
        return False

    def send(self, sms: Sms) -> str:
        """Hand over `sms` and return the gateway's id for it, or ours. Raises DeliveryError when it was not taken."""
        told = {"id": sms.ref, "to": sms.to, "text": sms.body}
        if self._from:
            told["from"] = self._from
        try:
            headers = {**self._headers, "Idempotency-Key": sms.ref}
            answer = self._web.ask("POST", self._url, json=told, headers=headers)
        except Unanswered as silence:
            raise silence.as_error(WHO) from None
        if answer.is_success:
            return _id_of(answer) or sms.ref
        raise refused(WHO, answer)


def _is_web_address(url: str) -> bool:
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.host)


def _id_of(answer: Answer) -> str:
    """Return the `id` of a JSON answer; a gateway need not give one."""
    return str(answer.json().get("id") or "")[:200]
