"""How an Azure Communication Services resource is reached: its connection string, its errors, a harmless question.

The SDKs take a second and 30 MB to import, so that happens only once a message is handed over.
"""

import base64
import binascii
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations.guarded import PrivateHosts
from vestibule.integrations.outward import causes, never_left, wait_of
from vestibule.notifications.ports import Around, DeliveryError
from vestibule.people.ports import Field, NotConnected

if TYPE_CHECKING:
    from azure.core.exceptions import AzureError, HttpResponseError

WHO = "Azure"
CONNECT_SECONDS, READ_SECONDS = 5.0, 12.0
CLOUDS = (".communication.azure.com", ".communication.azure.us", ".communication.azure.cn")
NAMESPACE = uuid.UUID("6f1f6f0e-6f0a-5c5e-9a53-8d0a2f6b7c11")
CONNECTION = Field(
    "connection_string",
    gettext_noop("Connection string"),
    gettext_noop("In the Azure portal: your resource, then Keys. It begins with endpoint=https://."),
    secret=True,
)


@dataclass(frozen=True)
class Resource:
    """One resource: the address it answers at and one of its keys."""

    endpoint: str
    key: str = field(repr=False)

    @property
    def host(self) -> str:
        return httpx.URL(self.endpoint).host

    def options(self, verify: str | bool = True) -> dict[str, Any]:
        """Return what every client of an SDK is made with: time limits, and one try, for the outbox tries again."""
        return {
            "connection_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "retry_total": 0,
            "permit_redirects": False,
            "connection_verify": verify,
        }


def resource(connection_string: str) -> Resource:
    """Read `endpoint=https://…;accesskey=…`, in any order. Raises ValueError for anything else."""
    parts = [part.partition("=") for part in connection_string.strip().split(";") if part.strip()]
    named = {name.strip().lower(): value.strip() for name, _equals, value in parts}
    try:
        endpoint = httpx.URL(named.get("endpoint", ""))
        key = base64.b64decode(named.get("accesskey", ""), validate=True)
        port = endpoint.port
    except (httpx.InvalidURL, binascii.Error, ValueError):
        raise ValueError("a connection string is endpoint=https://…;accesskey=…") from None
    if endpoint.scheme != "https" or not endpoint.host or endpoint.userinfo or endpoint.path.strip("/") or not key:
        raise ValueError("a connection string is endpoint=https://…;accesskey=…")
    authority = f"{endpoint.host}:{port}" if port else endpoint.host
    return Resource(f"https://{authority}", named["accesskey"])


def connected(access: Mapping[str, str], around: Around) -> Resource:
    """Return the resource a business named: one of Azure, or one the operator allowed. Raises NotConnected."""
    try:
        found = resource(access.get("connection_string", ""))
    except ValueError:
        words = _("This is no connection string. Copy the whole line: endpoint=https://…;accesskey=…")
        raise NotConnected(words, field=CONNECTION.name) from None
    is_azure = found.host.endswith(CLOUDS) and httpx.URL(found.endpoint).port is None
    if not is_azure and not PrivateHosts(around.allowed).names(found.host, httpx.URL(found.endpoint).port or 443):
        words = _("%(host)s is no address of Azure Communication Services. The operator must allow it first.")
        raise NotConnected(words % {"host": found.host}, field=CONNECTION.name)
    return found


def account(access: Mapping[str, str]) -> str:
    """Return the host of a resource."""
    try:
        return resource(access.get("connection_string", "")).host
    except ValueError:
        return ""


def guid(ref: str) -> str:
    """Return the GUID that stands for a message at Azure: the same on every try, so that a repeat is dropped."""
    return str(uuid.uuid5(NAMESPACE, ref))


def check(found: Resource, path: str, verify: str | bool = True) -> None:
    """Ask, signed, for what does not exist: the answer shows whether the key is right. Raises NotConnected."""
    from azure.communication.email import EmailClient
    from azure.core.credentials import AzureKeyCredential
    from azure.core.exceptions import AzureError
    from azure.core.rest import HttpRequest

    client = EmailClient(found.endpoint, AzureKeyCredential(found.key), **found.options(verify))
    try:
        status = client.send_request(HttpRequest("GET", path)).status_code
    except AzureError:
        words = _("%(host)s cannot be reached. Is the address in the connection string right?")
        raise NotConnected(words % {"host": found.host}, field=CONNECTION.name) from None
    finally:
        client.close()
    if status in (401, 403):
        raise NotConnected(
            _("Azure does not accept this key. Copy the connection string again."), field=CONNECTION.name
        )
    if status >= 500 or status == 429:
        words = _("Azure answered %(status)d, so the key could not be checked. Try again in a minute.")
        raise NotConnected(words % {"status": status})


def error_of(failure: "AzureError") -> DeliveryError:
    """Return what is raised for an error of an SDK. Its own text is left out: it may repeat an address."""
    from azure.core.exceptions import HttpResponseError

    if isinstance(failure, HttpResponseError) and failure.status_code is not None:
        return _refused(failure, failure.status_code)
    if never_left(failure):  # the SDK calls a lost answer a lost request, so that its causes are looked at
        last = type(causes(failure)[-1]).__name__
        return DeliveryError(f"{WHO} cannot be reached: {last}", permanent=False, of_gateway=True)
    words = f"{WHO} did not answer: {type(failure).__name__}"
    return DeliveryError(words, permanent=False, of_gateway=True, maybe_taken=True)


def of_status(status: int, code: str = "", headers: Mapping[str, str] | None = None) -> DeliveryError:
    """Return what is raised for a status that says no, with Azure's own code."""
    words = f"{WHO} answered {status}" + (f" ({code})" if code else "")
    if status in (401, 403, 404):
        return DeliveryError(words, permanent=False, of_gateway=True)
    if status in (408, 429, 503):
        return DeliveryError(words, permanent=False, of_gateway=True, wait=wait_of(headers or {}))
    if status >= 500:
        return DeliveryError(words, permanent=False, of_gateway=True, maybe_taken=True)
    is_ours = any(word in code.lower() for word in ("sender", "domain", "from", "apiversion", "phonenumber"))
    return DeliveryError(words, permanent=not is_ours, of_gateway=is_ours)


def _refused(failure: "HttpResponseError", status: int) -> DeliveryError:
    headers = dict(getattr(failure.response, "headers", None) or {})
    named = headers.get("x-ms-error-code") or str(getattr(failure.error, "code", "") or "")
    if not named and status == 400:
        named = "From" if _speaks_of_sender(failure) else ""
    return of_status(status, "".join(sign for sign in named if sign.isalnum())[:60], headers)


def _speaks_of_sender(failure: "HttpResponseError") -> bool:
    """Tell whether the problem details of a text message name its sender."""
    try:
        told = json.loads(failure.response.text()) if failure.response is not None else {}
    except (AttributeError, ValueError):
        return False
    errors = told.get("errors") if isinstance(told, dict) else None
    return isinstance(errors, dict) and any(str(name).lower() == "from" for name in errors)
