"""Identities of Communication Services, which browsers join calls as, and the tokens that let them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from vestibule.integrations.acs import access as reaching
from vestibule.integrations.acs.asking import Asking
from vestibule.meetings.ports import CallToken

LASTS = timedelta(minutes=60)
"""The shortest Azure gives."""
JOINS, WRITES = "voip.join", "chat.join.limited"
SECONDS = 25.0


class Identities:
    """Makes identities in one resource; a token lets its holder join calls and start none."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    @classmethod
    def opened(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return it for what a business has at Azure. Raises NotConnected."""
        return cls(Asking(reaching.of_account(access, allowed), seconds=SECONDS))

    def issue(self, known: str, *, with_chat: bool = False) -> CallToken:
        """Return a fresh token of the identity `known`, or of a new one where that is "" or gone."""
        self._asking.begin()
        scopes = [JOINS, WRITES] if with_chat else [JOINS]
        ask, client = self._asking.ask, self._asking.identities
        if known:
            given = self._asking.ask_if_there(
                lambda: client.get_token(named(known), scopes, token_expires_in=LASTS),
            )
            if given is not None:
                return CallToken(known, _instant(given.expires_on), given.token)
        made, given = ask(lambda: client.create_user_and_token(scopes, token_expires_in=LASTS))
        return CallToken(str(made.raw_id), _instant(given.expires_on), given.token)

    def revoke(self, identity: str) -> None:
        """Let no token issued so far count any more; Azure may take a quarter of an hour for it."""
        self._asking.begin()
        client = self._asking.identities
        self._asking.ask_if_there(lambda: client.revoke_tokens(named(identity)))

    def make(self) -> str:
        """Return a new identity without a token."""
        return str(self._asking.ask(self._asking.identities.create_user).raw_id)

    def delete(self, identity: str) -> None:
        """Take an identity away, with its tokens."""
        client = self._asking.identities
        self._asking.ask_if_there(lambda: client.delete_user(named(identity)))

    def close(self) -> None:
        """Let connections go."""
        self._asking.close()


def named(identity: str) -> Any:
    """Return an identity as the SDKs take it."""
    from azure.communication.identity import CommunicationUserIdentifier

    return CommunicationUserIdentifier(identity, raw_id=identity)


def _instant(given: object) -> datetime:
    """Return when a token ends: the SDK hands on the text of it."""
    found = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    return found.astimezone(UTC)
