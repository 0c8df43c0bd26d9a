"""E-mail by Azure Communication Services."""

import base64
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations.acs import access as reaching
from vestibule.integrations.acs.access import Resource
from vestibule.integrations.entra import NotSignedIn
from vestibule.integrations.outward import MAILBOX
from vestibule.notifications.ports import Around, DeliveryError, Mail, MailFile, Named, require_alone
from vestibule.people.characters import one_line
from vestibule.people.ports import Field, NotConnected
from vestibule.store.configuration import Configuration

API_VERSION = "2025-09-01"


class AcsMail:
    """Hands mail to one resource. Azure sends it later; whether it arrived is told by reports."""

    label = gettext_noop("Azure Communication Services")
    purpose = gettext_noop("A resource in Azure with a mail domain connected to it.")
    sender = Field(
        "sender",
        gettext_noop("Sender address"),
        gettext_noop("A MailFrom address of a domain connected to the resource."),
        kind="email",
    )
    fields: ClassVar = (reaching.CONNECTION_OR_ACCOUNT,)

    def __init__(self, resource: Resource, *, sender: str, verify: str | bool = True) -> None:
        self._resource, self._from, self._verify = resource, sender, verify

    @classmethod
    def configured(cls, configuration: Configuration) -> Self | None:
        """Return the gateway that the settings describe, or None when there is none."""
        if not configuration["ACS_CONNECTION_STRING"] or not configuration["ACS_EMAIL_FROM"]:
            return None
        return cls(reaching.resource(configuration["ACS_CONNECTION_STRING"]), sender=configuration["ACS_EMAIL_FROM"])

    @classmethod
    def connected(cls, access: Mapping[str, str], sender: str, around: Around) -> Self:
        """Return a business' own resource. Raises NotConnected."""
        if not MAILBOX.fullmatch(sender.strip()):
            raise NotConnected(_("Enter one e-mail address, such as desk@example.org."), field="sender")
        return cls(reaching.connected(access, around), sender=sender.strip())

    @classmethod
    def account(cls, access: Mapping[str, str]) -> str:
        """Return the host of the resource."""
        return reaching.account(access)

    def check(self) -> bool:
        """Ask, signed, for an operation that does not exist. Raises NotConnected."""
        path = f"/emails/operations/{reaching.guid('nothing')}?api-version={API_VERSION}"
        reaching.check(self._resource, path, self._verify)
        return True

    def send(self, mail: Mail) -> str:
        """Hand over `mail` and return the id of the operation. Raises DeliveryError when it was not taken."""
        from azure.core.exceptions import AzureError, ResourceExistsError

        if not MAILBOX.fullmatch(mail.to):
            raise DeliveryError("the recipient's address cannot be written in a mail", permanent=True)
        require_alone(mail)
        operation = reaching.guid(mail.ref)
        try:
            # Not waited for: reports say what became of it, and the sender has others to send.
            self._client.begin_send(_message(mail, self._from), operation_id=operation, polling=False)
        except ResourceExistsError:
            return operation  # an earlier try was taken, though its answer was lost
        except (AzureError, NotSignedIn) as failure:
            raise reaching.error_of(failure) from None
        return operation

    @cached_property
    def _client(self) -> Any:
        from azure.communication.email import EmailClient

        options = self._resource.options(self._verify)
        return EmailClient(self._resource.endpoint, self._resource.credential(), **options)


def _message(mail: Mail, sender: str) -> dict[str, Any]:
    message: dict[str, Any] = {
        "senderAddress": sender,
        "content": {"subject": one_line(mail.subject), "plainText": mail.text, "html": mail.html},
        "recipients": {"to": [{"address": mail.to, "displayName": one_line(mail.to_name)}]},
        "headers": {"Auto-Submitted": "auto-generated", **dict(mail.headers)},
        "userEngagementTrackingDisabled": True,
    }
    if mail.reply_addresses:
        message["replyTo"] = [_person(one) for one in mail.reply_addresses]
    files = [_file(one) for one in mail.files]
    if mail.calendar:
        files.append(_file(MailFile("appointment.ics", "text/calendar", mail.calendar.encode())))
    if files:
        message["attachments"] = files
    return message


def _person(one: Named) -> dict[str, str]:
    return {"address": one.address, "displayName": one_line(one.name)} if one.name else {"address": one.address}


def _file(file: MailFile) -> dict[str, str]:
    told = {
        "name": file.name,
        "contentType": file.type,
        "contentInBase64": base64.b64encode(file.content).decode(),
    }
    return {**told, "contentId": file.cid} if file.cid else told
