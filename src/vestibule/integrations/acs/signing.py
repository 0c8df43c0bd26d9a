"""An application of Entra that may use a Communication Services resource, as the SDKs sign in with it."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from vestibule.integrations import entra
from vestibule.integrations.entra import Proof, Token
from vestibule.integrations.guarded import PrivateHosts
from vestibule.integrations.outward import Web

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken

SECONDS = 10.0
SCOPE = "https://communication.azure.com//.default"
kept = entra.Tokens()
"""The tokens of this process."""


@dataclass(frozen=True)
class Application:
    """One registered application, which a role on the resource lets use it."""

    tenant: str
    client_id: str
    authority: str
    proof: Proof
    allowed: tuple[str, ...] = ()
    scope: ClassVar[str] = SCOPE

    @classmethod
    def read(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return the application that an access describes. Raises NotConnected."""
        return cls(
            tenant=entra.part(access.get("tenant", ""), "tenant"),
            client_id=entra.part(access.get("client_id", ""), "client_id"),
            authority=entra.authority(access, PrivateHosts(allowed)),
            proof=Proof.read(access),
            allowed=allowed,
        )

    @property
    def token_url(self) -> str:
        """Where a token is asked for."""
        return f"{self.authority}/{self.tenant}/oauth2/v2.0/token"


class Credential:
    """Gives the SDKs tokens. Used by several threads."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._given: Token | None = None

    def get_token(self, *scopes: str, **options: Any) -> "AccessToken":
        """Return a token for the resource, whatever scope is named. Raises NotSignedIn."""
        from azure.core.credentials import AccessToken

        web = Web(entra.reach(self._application.allowed), seconds=SECONDS)
        try:
            token = kept.of(self._application, web)
        finally:
            web.close()
        with self._lock:
            self._given = token
        # Ours are given up early already; the SDKs do so once more.
        lasts = token.until - time.monotonic() + entra.EARLY_SECONDS
        return AccessToken(token.value, int(time.time() + lasts))

    def forget(self) -> None:
        """Ask anew next time: the last one was not taken."""
        with self._lock:
            if self._given is not None:
                kept.forget(self._application, self._given)
