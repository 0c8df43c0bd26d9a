"""The account of a business at Azure Communication Services: one resource, looked at for whatever is missing."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations import entra
from vestibule.integrations.acs import access as reaching
from vestibule.integrations.acs.access import CONNECTION, Refused, Resource
from vestibule.integrations.acs.asking import Asking
from vestibule.integrations.acs.identities import Identities, named
from vestibule.people.ports import Field, Finding, NotConnected

SECONDS = 35.0
NUMBERS = "/phoneNumbers?top=50&api-version=2022-12-01"
WITHOUT_KEY = gettext_noop("Sign in by Microsoft Entra, without a key")
FIELDS = (
    replace(
        CONNECTION,
        hint=gettext_noop(
            "In the Azure portal: your resource, then Keys. It begins with endpoint=https://. Or sign in without a key"
            " below."
        ),
        required=False,
        one_of="way",
    ),
    Field(
        "endpoint",
        gettext_noop("Endpoint"),
        gettext_noop("In the overview of your resource, such as https://name.communication.azure.com."),
        required=False,
        one_of="way",
        kind="url",
        part=WITHOUT_KEY,
    ),
    replace(entra.TENANT, required=False, one_of="way", part=WITHOUT_KEY),
    replace(entra.APPLICATION, required=False, one_of="way", part=WITHOUT_KEY),
    replace(entra.SECRET, part=WITHOUT_KEY),
    replace(entra.CERTIFICATE, part=WITHOUT_KEY),
    Field(
        "keeps_chat",
        gettext_noop("Copy what is written in visits into a conversation in Azure"),
        gettext_noop(
            "For people who follow visits with programs of Azure. It is kept and deleted as what is written here is;"
            " what they write there comes here."
        ),
        required=False,
        kind="tick",
        part=gettext_noop("Conversations"),
    ),
    entra.CLOUD,
    entra.AUTHORITY,
)


class CommunicationServices:
    """Looks at one resource, by trying what is harmless: what it makes, it takes away again."""

    label = gettext_noop("Azure Communication Services")
    purpose = gettext_noop("For rooms that visits are held in, for calls by Microsoft’s kit, e-mail and text messages.")
    fields: ClassVar = FIELDS
    heading = gettext_noop("Your resource")
    steps: ClassVar = (
        gettext_noop("In the Azure portal choose Create a resource, Communication Services. Any name will do."),
        gettext_noop("Open the resource, then Keys, and copy the first connection string."),
    )
    enough = gettext_noop("What calls and rooms need is there.")
    removal = gettext_noop(
        "Its access is deleted for good. Rooms that stand in Azure are not taken away any more, calls by Microsoft’s"
        " kit end, and messages that are sent with it wait: choose other ways first."
    )

    def __init__(self, resource: Resource, verify: str | bool = True) -> None:
        self._resource, self._verify = resource, verify

    @classmethod
    def connected(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return the account an access describes. Raises NotConnected."""
        if not any(access.get(name) for name in (CONNECTION.name, "endpoint")):
            words = _("Paste a connection string, or open the part below it and sign in by Microsoft Entra.")
            raise NotConnected(words, field=CONNECTION.name)
        return cls(reaching.of_account(access, allowed))

    @classmethod
    def shown(cls, access: Mapping[str, str]) -> str:
        """Return the host of the resource, and the application that uses it."""
        host = reaching.account(access) or access.get("endpoint", "").partition("//")[2].strip("/")
        return " · ".join(one for one in (host, access.get("client_id", "")) if one)

    def look(self) -> list[Finding]:
        """Sign in, and try what is needed of it. Raises NotConnected."""
        asking = Asking(self._resource, seconds=SECONDS, verify=self._verify)
        try:
            found, person = self._identity(asking)
            found += [self._rooms(asking), self._chat(asking, person), self._number()]
            if person:
                with suppress(Refused):
                    Identities(asking).delete(person)
            return found + _unseen()
        finally:
            asking.close()

    def _identity(self, asking: Asking) -> tuple[list[Finding], str]:
        """Return what making somebody came to, and who was made, "" where nobody could be."""
        try:
            made = Identities(asking).make()
        except Refused as refused:
            if refused.status in (0, 401, 403, 404) or refused.status >= 500:
                raise self._unusable(refused) from None
            words = _("Nobody can be given an identity, so nobody can join a call: %(why)s.") % {"why": str(refused)}
            return [Finding("identity", "missing", words)], ""
        signed = _("Azure accepts the key.") if self._resource.application is None else _("The application may use it.")
        words = _("People can be given an identity to join calls with. The one made to try was taken away.")
        return [Finding("sign_in", "ok", signed), Finding("identity", "ok", words)], made

    def _unusable(self, refused: Refused) -> NotConnected:
        if refused.sign_in is not None:
            return refused.sign_in.as_wrong()
        if refused.status in (401, 403):
            return reaching.not_let_in(self._resource)
        words = _("%(host)s cannot be used: %(why)s. Is it the address of a Communication Services resource?")
        facts = {"host": self._resource.host, "why": str(refused)}
        return NotConnected(words % facts, field=reaching.field_of(self._resource))

    def _rooms(self, asking: Asking) -> Finding:
        try:
            asking.ask(lambda: next(asking.rooms.list_rooms().by_page(), None))
        except Refused as refused:
            words = _("Rooms cannot be used, so no visit can be held in one: %(why)s.") % {"why": str(refused)}
            return Finding("rooms", "warning", words, _remedy())
        return Finding("rooms", "ok", _("Visits can be held in rooms."))

    def _chat(self, asking: Asking, person: str) -> Finding:
        if not person:
            return Finding("chat", "unknown", _("Conversations were not tried, for nobody could be made to begin one."))
        try:
            token = asking.ask(
                lambda: asking.identities.get_token(named(person), ["chat"], token_expires_in=timedelta(minutes=60))
            )
            client = asking.chat(token.token)
            try:
                made = asking.ask(lambda: client.create_chat_thread(topic="Vestibule"))
                asking.ask(lambda: client.delete_chat_thread(made.chat_thread.id))
            finally:
                client.close()
        except Refused as refused:
            words = _("Conversations cannot be begun there: %(why)s.") % {"why": str(refused)}
            return Finding("chat", "warning", words, _("Visits work without: what is written in them is kept here."))
        return Finding("chat", "ok", _("Conversations can be begun there. The one made to try was deleted."))

    def _number(self) -> Finding:
        try:
            status, told = reaching.asked(self._resource, NUMBERS, self._verify)
        except NotConnected:
            status, told = 0, {}
        where = _("In the Azure portal: the resource, then Phone numbers.")
        numbers: Any = told.get("phoneNumbers")
        if status != 200 or not isinstance(numbers, list):
            return Finding(
                "number", "unknown", _("Whether you have a number for texts cannot be seen from here."), where
            )
        texts = [str(one.get("phoneNumber", "")) for one in numbers if isinstance(one, dict) and _sends(one)]
        if not texts:
            words = _("No number of this resource sends texts. Names and short codes are not seen from here.")
            return Finding("number", "warning", words, where)
        words = _("Texts can be sent from %(numbers)s.") % {"numbers": ", ".join(texts[:5])}
        return Finding("number", "ok", words)


def _sends(number: Mapping[str, Any]) -> bool:
    able = number.get("capabilities")
    return isinstance(able, dict) and str(able.get("sms", "none")).lower() in ("outbound", "inbound+outbound")


def _remedy() -> str:
    return _("Azure asks for the role Contributor, or Communication and Email Service Owner, on the resource.")


def _unseen() -> list[Finding]:
    """Return what nothing shows from outside."""
    return [
        Finding(
            "email",
            "unknown",
            _("Whether a mail domain is verified and connected cannot be seen from here."),
            _(
                "In the Azure portal: the resource, Email, Domains: one must be connected, and its domain, SPF and DKIM"
                " verified. A test message from How messages are sent shows it."
            ),
        ),
        Finding(
            "events",
            "unknown",
            _("Whether Azure tells us of calls, conversations and messages cannot be seen from here."),
            _("In the Azure portal: the resource, Events, Event Subscription, Web Hook, with the address below."),
        ),
    ]
