"""Identity: people a program knows, and their tokens."""

from typing import Any

from vestibule.api.acs.asked import KEY, Asked
from vestibule.api.acs.faults import Fault
from vestibule.api.plain import Answer, Operations, shown
from vestibule.meetings import room_people
from vestibule.people import identities
from vestibule.people.identities import LONGEST, Token
from vestibule.people.models import ProgramIdentity
from vestibule.store.transactions import writing

operations: Operations[Asked] = Operations()


@operations.on("POST", "/identities", by=KEY, service="identity", operation="IdentityOperations_Create")
def create(asked: Asked) -> Answer:
    """Make an identity, with a token where scopes are named."""
    given = asked.body()
    scopes, minutes = _scopes(given, "createTokenWithScopes"), _minutes(given)
    made = identities.create(asked.caller.of)
    told: dict[str, Any] = {
        "identity": {"id": identities.mri(asked.caller.resource, identities.key_of_guid(made.guid))}
    }
    if scopes:
        told["accessToken"] = _token(_issue(asked, made, scopes, minutes))
    return shown(201, told)


@operations.on("DELETE", "/identities/{id}", by=KEY, service="identity", operation="IdentityOperations_Delete")
def delete(asked: Asked) -> Answer:
    """Delete an identity: its tokens end, and it is in no room any more."""
    with writing():
        found = identities.delete(asked.caller.of, asked.params["id"])
        room_people.forget(asked.caller.actor, identities.key_of_guid(found.guid))
    return Answer(204)


@operations.on(
    "POST", "/identities/{id}/:issueAccessToken", by=KEY, service="identity",
    operation="IdentityOperations_IssueAccessToken",
)  # fmt: skip
def issue(asked: Asked) -> Answer:
    """Give an identity a token."""
    given = asked.body()
    found = identities.find(asked.caller.of, asked.params["id"])
    return shown(200, _token(_issue(asked, found, _scopes(given, "scopes"), _minutes(given))))


@operations.on(
    "POST", "/identities/{id}/:revokeAccessTokens", by=KEY, service="identity",
    operation="IdentityOperations_RevokeAccessTokens",
)  # fmt: skip
def revoke(asked: Asked) -> Answer:
    """End every token of an identity."""
    identities.revoke(asked.caller.of, asked.params["id"])
    return Answer(204)


@operations.on(
    "POST", "/teamsUser/:exchangeAccessToken", by=KEY, service="identity",
    operation="TeamsUserOperations_ExchangeTeamsUserAccessToken",
)  # fmt: skip
def exchange(asked: Asked) -> Answer:
    """Say that there is nobody of Teams here: a token of Entra's can be proved by nobody but Microsoft."""
    words = (
        "This server has no users of Teams, so their tokens cannot be exchanged. Make an identity of your own instead."
    )
    raise Fault(400, "NotSupported", words)


def _issue(asked: Asked, identity: ProgramIdentity, scopes: list[str], minutes: int) -> Token:
    assert asked.caller.key is not None, "these operations are asked for by key"
    return identities.issue(asked.caller.of, asked.caller.key, identity, scopes, minutes)


def _token(token: Token) -> dict[str, str]:
    return {"token": token.text, "expiresOn": token.expires_at.isoformat().replace("+00:00", "Z")}


def _scopes(given: dict[str, Any], name: str) -> list[str]:
    scopes = given.get(name) or []
    if not isinstance(scopes, list) or not all(isinstance(one, str) for one in scopes):
        raise Fault(400, "BadRequest", f"`{name}` is a list of scopes.", target=name)
    return scopes


def _minutes(given: dict[str, Any]) -> int:
    minutes = given.get("expiresInMinutes")
    if minutes is None:
        return LONGEST
    if not isinstance(minutes, int) or isinstance(minutes, bool):
        raise Fault(400, "BadRequest", "`expiresInMinutes` is a number of minutes.", target="expiresInMinutes")
    return minutes
