"""Asking one resource through its SDKs, for a limited time in all, with errors as adapters of meetings raise them."""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from vestibule.integrations.acs import access as reaching
from vestibule.integrations.acs.access import Refused, Resource
from vestibule.integrations.acs.signing import Credential
from vestibule.integrations.entra import NotSignedIn

Found = TypeVar("Found")


class Asking:
    """Clients of the SDKs for one resource, made when first needed. Nothing is asked `seconds` after `begin`."""

    def __init__(self, resource: Resource, *, seconds: float, verify: str | bool = True) -> None:
        self.resource = resource
        self._seconds, self._verify = seconds, verify
        self._credential = resource.credential()
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self.begin()

    def begin(self) -> None:
        """Count the time anew: something else is asked for."""
        self._until = time.monotonic() + self._seconds

    @property
    def identities(self) -> Any:
        """The client for identities and their tokens."""
        from azure.communication.identity import CommunicationIdentityClient

        return self._client("identities", CommunicationIdentityClient)

    @property
    def rooms(self) -> Any:
        """The client for rooms."""
        from azure.communication.rooms import RoomsClient

        return self._client("rooms", RoomsClient)

    def chat(self, token: str) -> Any:
        """Return a client for conversations, as whom `token` was issued for. Not kept: whoever asks closes it."""
        from azure.communication.chat import ChatClient, CommunicationTokenCredential

        credential = CommunicationTokenCredential(token)
        return ChatClient(self.resource.endpoint, credential, **self.resource.options(self._verify))

    def thread(self, token: str, thread: str) -> Any:
        """Return a client for one conversation. Not kept; made here, as the one of `chat` would try again by itself."""
        from azure.communication.chat import ChatThreadClient, CommunicationTokenCredential

        credential = CommunicationTokenCredential(token)
        return ChatThreadClient(self.resource.endpoint, credential, thread, **self.resource.options(self._verify))

    def ask(self, do: Callable[[], Found]) -> Found:
        """Do what asks Azure and return what it returns. Raises Refused."""
        from azure.core.exceptions import AzureError

        if time.monotonic() >= self._until:
            raise Refused(f"{reaching.WHO} took too long, and the rest is tried again", permanent=False)
        try:
            return do()
        except (AzureError, NotSignedIn) as failure:
            refused = reaching.place_error(failure)
            if refused.status == 401 and isinstance(self._credential, Credential):
                self._credential.forget()
            raise refused from None

    def ask_if_there(self, do: Callable[[], Found]) -> Found | None:
        """Do as `ask`, and return None where what it is about is not there. Raises Refused."""
        try:
            return self.ask(do)
        except Refused as refused:
            if refused.is_missing:
                return None
            raise

    def close(self) -> None:
        """Let connections go."""
        with self._lock:
            for client in self._clients.values():
                getattr(client, "_identity_service_client", client).close()
            self._clients.clear()

    def _client(self, name: str, kind: Callable[..., Any]) -> Any:
        with self._lock:
            if name not in self._clients:
                options = self.resource.options(self._verify)
                self._clients[name] = kind(self.resource.endpoint, self._credential, **options)
            return self._clients[name]
