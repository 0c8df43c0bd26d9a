"""Text messages by Azure Communication Services."""

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations.acs import access as reaching
from vestibule.integrations.acs.access import WHO, Resource
from vestibule.integrations.entra import NotSignedIn
from vestibule.notifications.ports import Around, DeliveryError, Sms
from vestibule.people.ports import Field, NotConnected
from vestibule.store.configuration import Configuration

SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
REMEMBERED = 5_000


class AcsSms:
    """Hands texts to one resource, each with an id of its own, so that a repeat is dropped there."""

    label = gettext_noop("Azure Communication Services")
    purpose = gettext_noop("A resource in Azure with a number that may send texts.")
    sender = Field(
        "sender",
        gettext_noop("Sender"),
        gettext_noop("A number of the resource as +18005550100, a short code, or a name of up to 11 letters."),
    )
    fields: ClassVar = (reaching.CONNECTION_OR_ACCOUNT,)

    def __init__(self, resource: Resource, *, sender: str, verify: str | bool = True) -> None:
        self._resource, self._from, self._verify = resource, sender, verify
        self._lock = threading.Lock()
        self._first_sent: OrderedDict[str, str] = OrderedDict()

    @classmethod
    def configured(cls, configuration: Configuration) -> Self | None:
        """Return the gateway that the settings describe, or None when there is none."""
        if not configuration["ACS_CONNECTION_STRING"] or not configuration["ACS_SMS_FROM"]:
            return None
        return cls(reaching.resource(configuration["ACS_CONNECTION_STRING"]), sender=configuration["ACS_SMS_FROM"])

    @classmethod
    def connected(cls, access: Mapping[str, str], sender: str, around: Around) -> Self:
        """Return a business' own resource. Raises NotConnected."""
        bare = re.sub(r"[().\-/]|(?<=\d)\s(?=\d)", "", sender.strip()) if sender.strip()[:1] == "+" else sender.strip()
        if not SENDER.fullmatch(bare):
            words = _("Enter a number with + and its country, a short code, or a name of up to 11 letters.")
            raise NotConnected(words, field="sender")
        return cls(reaching.connected(access, around), sender=bare)

    @classmethod
    def account(cls, access: Mapping[str, str]) -> str:
        """Return the host of the resource."""
        return reaching.account(access)

    def check(self) -> bool:
        """Ask, signed, for a report that does not exist. Raises NotConnected."""
        path = f"/deliveryReports/{reaching.guid('nothing')}?api-version=2026-01-23"
        reaching.check(self._resource, path, self._verify)
        return True

    def send(self, sms: Sms) -> str:
        """Hand over `sms` and return Azure's id for it. Raises DeliveryError when it was not taken."""
        from azure.core.exceptions import AzureError

        try:
            answer = self._client.sms.send(self._request(sms))
        except (AzureError, NotSignedIn) as failure:
            raise reaching.error_of(failure) from None
        one = next(iter(answer.value or ()), None)
        if one is None:
            raise DeliveryError(f"{WHO} answered nothing", permanent=False, of_gateway=True, maybe_taken=True)
        if not one.successful:
            raise reaching.of_status(int(one.http_status_code or 500))
        return str(one.message_id or sms.ref)

    def _request(self, sms: Sms) -> Any:
        # The client's own `send` makes a new id each time, by which a retry would be a second message.
        from azure.communication.sms._generated import models

        return models.SendMessageRequest(
            from_property=self._from,
            sms_recipients=[
                models.SmsRecipient(
                    to=sms.to,
                    repeatability_request_id=reaching.guid(sms.ref),
                    repeatability_first_sent=self._first(sms.ref),
                )
            ],
            message=sms.body,
            sms_send_options=models.SmsSendOptions(enable_delivery_report=True, tag=sms.ref),
        )

    def _first(self, ref: str) -> str:
        """Return when a message was first handed over, as far as this process knows: it goes with its id."""
        from azure.communication.sms._shared.utils import get_current_utc_time

        with self._lock:
            first = self._first_sent.setdefault(ref, get_current_utc_time())
            while len(self._first_sent) > REMEMBERED:
                self._first_sent.popitem(last=False)
            return first

    @cached_property
    def _client(self) -> Any:
        from azure.communication.sms import SmsClient

        # The SDK types each option by itself; ours come as one mapping.
        made = SmsClient(self._resource.endpoint, self._resource.credential(), **self._resource.options(self._verify))
        return made._sms_service_client
