"""E-mail from a mailbox of the business' Microsoft 365, by Graph's sendMail. Asked with the business' account.

Handed over as MIME, so that people get the mail that other gateways send them, invitation and plain text included:
https://learn.microsoft.com/graph/api/user-sendmail. Graph cannot tell a mail handed over twice from two mails.
"""

import base64
from collections.abc import Callable, Mapping
from typing import ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations import entra, mime
from vestibule.integrations.microsoft365.application import Application
from vestibule.integrations.microsoft365.errors import GraphError, SignInRefused
from vestibule.integrations.microsoft365.graph import ONE_REQUEST, Graph, of_user
from vestibule.integrations.outward import MAILBOX, Web
from vestibule.notifications.ports import Around, DeliveryError, Mail, require_alone
from vestibule.people.ports import Field, NotConnected
from vestibule.store.configuration import Configuration

PERMISSION = "Mail.Send"
SECONDS = 25.0
OF_THE_MAIL = frozenset({"ErrorInvalidRecipients", "ErrorMimeContentInvalid", "ErrorMimeContentInvalidBase64String"})
"""Codes that speak of this mail or of whom it is for, not of the mailbox it is sent from."""


class GraphMail:
    """Sends from one mailbox."""

    label = gettext_noop("Microsoft 365")
    purpose = gettext_noop("A mailbox of yours. Your account at Microsoft 365 must be set up, with Mail.Send allowed.")
    sender = Field(
        "sender",
        gettext_noop("Mailbox"),
        gettext_noop("What is sent stands among its sent items. A shared mailbox will do."),
        kind="email",
    )
    fields: ClassVar = ()

    def __init__(self, application: Application, web: Web, *, sender: str, host: str) -> None:
        self._application, self._web, self._from, self._host = application, web, sender, host

    @classmethod
    def configured(cls, configuration: Configuration) -> Self | None:
        """Return None: accounts are of businesses."""
        return None

    @classmethod
    def connected(cls, access: Mapping[str, str], sender: str, around: Around) -> Self:
        """Return a business' mailbox. Raises NotConnected."""
        if not MAILBOX.fullmatch(sender.strip()):
            raise NotConnected(_("Enter one e-mail address, such as desk@example.org."), field="sender")
        if not around.account:
            words = _("Set up your account first: Set-up, Microsoft 365. Then come back for the mailbox.")
            raise NotConnected(words, field="sender")
        application = Application.read(around.account, around.allowed)
        web = Web(entra.reach(around.allowed), seconds=ONE_REQUEST)
        return cls(application, web, sender=sender.strip(), host=around.host)

    @classmethod
    def account(cls, access: Mapping[str, str]) -> str:
        """Return nothing: the mailbox is the sender, and the account stands elsewhere."""
        return ""

    def check(self) -> bool:
        """Look whether sending is allowed; that the mailbox is there only a mail shows. Raises NotConnected."""
        try:
            granted = self._graph().granted()
        except GraphError as failure:
            raise NotConnected(_("Microsoft 365 cannot be used: %(why)s.") % {"why": str(failure)}) from None
        if PERMISSION not in granted:
            words = _("Your account may not send mail. See under Set-up, Microsoft 365, how to allow %(name)s.")
            raise NotConnected(words % {"name": PERMISSION})
        return False

    def send(self, mail: Mail) -> str:
        """Hand over `mail` and return its Message-ID. Raises DeliveryError when it was not taken."""
        return self.send_in_turn(mail, lambda: None)

    def send_in_turn(self, mail: Mail, turn: Callable[[], None]) -> str:
        """Do as `send` does, and wait for `turn` before the mail is handed over."""
        require_alone(mail)  # Graph writes to all whom the head of a mail names
        try:
            mime.address(mail.to).encode("ascii")
            made = mime.message(mail, sender=self._from, host=self._host).as_bytes()
        except ValueError as unwritable:
            raise DeliveryError("the recipient's address cannot be written in a mail", permanent=True) from unwritable
        try:
            self._graph().granted()  # a sign-in that fails leaves nothing in doubt
            turn()
            self._graph().post_text(f"{of_user(self._from)}/sendMail", base64.b64encode(made))
        except GraphError as failure:
            raise _refused(failure) from None
        return mime.message_id(mail, self._host)

    def _graph(self) -> Graph:
        return Graph(self._application, self._web, SECONDS)


def _refused(failure: GraphError) -> DeliveryError:
    words = str(failure) + (f", request {failure.request_id}" if failure.request_id else "")
    if failure.code in OF_THE_MAIL:
        return DeliveryError(words, permanent=True)
    if isinstance(failure, SignInRefused) or failure.status in (401, 403, 404):
        return DeliveryError(words, permanent=False, of_gateway=True)
    if failure.maybe_done:
        return DeliveryError(words, permanent=False, of_gateway=True, maybe_taken=True)
    if failure.is_passing:
        return DeliveryError(words, permanent=False, of_gateway=True, wait=failure.wait)
    return DeliveryError(words, permanent=True)
