"""How an Azure Communication Services resource is reached: its connection string, its errors, a harmless question.

The SDKs take a second and 30 MB to import, so that happens only once a message is handed over.
"""

import base64
import binascii
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations.acs.signing import Application, Credential
from vestibule.integrations.entra import NotSignedIn
from vestibule.integrations.guarded import PrivateHosts
from vestibule.integrations.outward import causes, never_left, wait_of
from vestibule.meetings.ports import PlaceError
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
CONNECTION_OR_ACCOUNT = replace(
    CONNECTION,
    hint=gettext_noop(
        "In the Azure portal: your resource, then Keys. Empty: the resource of your account, under Set-up, is used."
    ),
    required=False,
)


@dataclass(frozen=True)
class Resource:
    """One resource: the address it answers at, and one of its keys or an application that may use it."""

    endpoint: str
    key: str = field(default="", repr=False)
    application: Application | None = None

    @property
    def host(self) -> str:
        return httpx.URL(self.endpoint).host

    def credential(self) -> Any:
        """Return what the clients of SDKs sign in with."""
        from azure.core.credentials import AzureKeyCredential

        return AzureKeyCredential(self.key) if self.application is None else Credential(self.application)

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
    """Return the resource a business named for a gateway, else that of its account. Raises NotConnected."""
    if not access.get(CONNECTION.name) and around.account:
        return of_account(around.account, around.allowed)
    if not access.get(CONNECTION.name):
        words = _("Paste a connection string, or set up your account first: Set-up, Azure Communication Services.")
        raise NotConnected(words, field=CONNECTION.name)
    return of_account(access, around.allowed)


def of_account(access: Mapping[str, str], allowed: tuple[str, ...]) -> Resource:
    """Return the resource of an account: by connection string, else by an application. Raises NotConnected.

    It is one of Azure, or one the operator allowed.
    """
    try:
        if not access.get(CONNECTION.name):
            found = Resource(_endpoint(access), application=Application.read(access, allowed))
            return _permitted(found, allowed, "endpoint")
        return _permitted(resource(access[CONNECTION.name]), allowed, CONNECTION.name)
    except ValueError:
        words = _("This is no connection string. Copy the whole line: endpoint=https://…;accesskey=…")
        raise NotConnected(words, field=CONNECTION.name) from None


def _endpoint(access: Mapping[str, str]) -> str:
    try:
        return resource(f"endpoint={access.get('endpoint', '')};accesskey=AAAA").endpoint
    except ValueError:
        words = _("Enter the endpoint of your resource, such as https://name.communication.azure.com.")
        raise NotConnected(words, field="endpoint") from None


def _permitted(found: Resource, allowed: tuple[str, ...], field: str) -> Resource:
    is_azure = found.host.endswith(CLOUDS) and httpx.URL(found.endpoint).port is None
    if not is_azure and not PrivateHosts(allowed).names(found.host, httpx.URL(found.endpoint).port or 443):
        words = _("%(host)s is no address of Azure Communication Services. The operator must allow it first.")
        raise NotConnected(words % {"host": found.host}, field=field)
    return found


def account(access: Mapping[str, str]) -> str:
    """Return the host of a resource; "" where the account's is used."""
    try:
        return resource(access.get("connection_string", "")).host
    except ValueError:
        return ""


def guid(ref: str) -> str:
    """Return the GUID that stands for a message at Azure: the same on every try, so that a repeat is dropped."""
    return str(uuid.uuid5(NAMESPACE, ref))


def check(found: Resource, path: str, verify: str | bool = True) -> None:
    """Ask, signed, for what does not exist: the answer shows whether the key is right. Raises NotConnected."""
    status, _told = asked(found, path, verify)
    if status >= 500 or status == 429:
        words = _("Azure answered %(status)d, so the key could not be checked. Try again in a minute.")
        raise NotConnected(words % {"status": status})


def asked(found: Resource, path: str, verify: str | bool = True) -> tuple[int, dict[str, Any]]:
    """Ask for `path`, signed; return status and JSON object ({}: none). Raises NotConnected where we may not ask."""
    from azure.communication.email import EmailClient
    from azure.core.exceptions import AzureError
    from azure.core.rest import HttpRequest

    client = EmailClient(found.endpoint, found.credential(), **found.options(verify))
    try:
        answer = client.send_request(HttpRequest("GET", path))
        told = answer.json() if answer.status_code == 200 else {}
    except NotSignedIn as refused:
        raise refused.as_wrong() from None
    except (AzureError, ValueError):
        words = _("%(host)s cannot be reached. Is the address right?")
        raise NotConnected(words % {"host": found.host}, field=field_of(found)) from None
    finally:
        client.close()
    if answer.status_code in (401, 403):
        raise not_let_in(found)
    return answer.status_code, told if isinstance(told, dict) else {}


def not_let_in(found: Resource) -> NotConnected:
    """Return what a person is told whose key or application does not let us in."""
    if found.application is None:
        return NotConnected(
            _("Azure does not accept this key. Copy the connection string again."), field=CONNECTION.name
        )
    words = _(
        "The application may not use this resource. In the Azure portal: the resource, Access control (IAM), Add role"
        " assignment, Communication and Email Service Owner, for your application."
    )
    return NotConnected(words, field="client_id")


def field_of(found: Resource) -> str:
    """Return where the address of a resource is typed."""
    return CONNECTION.name if found.application is None else "endpoint"


def error_of(failure: "AzureError | NotSignedIn") -> DeliveryError:
    """Return what a gateway raises for an error of an SDK. Its own text is left out: it may repeat an address."""
    from azure.core.exceptions import HttpResponseError

    if isinstance(failure, NotSignedIn):
        return DeliveryError(f"{WHO}: {failure}", permanent=False, of_gateway=True, wait=failure.wait)
    if isinstance(failure, HttpResponseError) and failure.status_code is not None:
        return _refused(failure, failure.status_code)
    words = silence_of(failure)
    return DeliveryError(words, permanent=False, of_gateway=True, maybe_taken=not never_left(failure))


def place_error(failure: "AzureError | NotSignedIn") -> "Refused":
    """Return what adapters of meetings raise for an error of an SDK."""
    from azure.core.exceptions import HttpResponseError

    if isinstance(failure, NotSignedIn):
        wait = failure.wait.total_seconds() if failure.wait else 0
        return Refused(f"{WHO}: {failure}", permanent=failure.is_refused, status=401, wait=wait, sign_in=failure)
    if not isinstance(failure, HttpResponseError) or failure.status_code is None:
        return Refused(silence_of(failure), permanent=False)
    status, (code, headers) = failure.status_code, _told(failure)
    pause = wait_of(headers) or timedelta()
    is_passing = status in (408, 409, 412, 425, 429) or status >= 500
    words = f"{WHO} answered {status}" + (f" ({code})" if code else "")
    return Refused(words, permanent=not is_passing, status=status, wait=pause.total_seconds())


class Refused(PlaceError):
    """Azure did not do it; `status` 0 where no answer came, `sign_in` why Entra gave no token."""

    def __init__(
        self, text: str, *, permanent: bool, status: int = 0, wait: float = 0, sign_in: NotSignedIn | None = None
    ) -> None:
        super().__init__(text, permanent=permanent, wait=wait)
        self.status, self.sign_in = status, sign_in

    @property
    def is_missing(self) -> bool:
        """Tell whether what was asked for is not there."""
        return self.status in (404, 410)


def silence_of(failure: "AzureError") -> str:
    """Say that no answer came; the SDK calls a lost answer a lost request, so that its causes are looked at."""
    if never_left(failure):
        return f"{WHO} cannot be reached: {type(causes(failure)[-1]).__name__}"
    return f"{WHO} did not answer: {type(failure).__name__}"


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
    code, headers = _told(failure)
    if not code and status == 400:
        code = "From" if _speaks_of_sender(failure) else ""
    return of_status(status, code, headers)


def _told(failure: "HttpResponseError") -> tuple[str, dict[str, str]]:
    """Return Azure's own code of an error ("": none) and the headers it came with."""
    headers = dict(getattr(failure.response, "headers", None) or {})
    named = headers.get("x-ms-error-code") or str(getattr(failure.error, "code", "") or "")
    return "".join(sign for sign in named if sign.isalnum())[:60], headers


def _speaks_of_sender(failure: "HttpResponseError") -> bool:
    """Tell whether the problem details of a text message name its sender."""
    try:
        told = json.loads(failure.response.text()) if failure.response is not None else {}
    except (AttributeError, ValueError):
        return False
    errors = told.get("errors") if isinstance(told, dict) else None
    return isinstance(errors, dict) and any(str(name).lower() == "from" for name in errors)
