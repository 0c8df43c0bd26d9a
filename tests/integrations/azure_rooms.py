"""Identities and rooms of Communication Services, beside the other parts of the stand-in (`azure`).

Each request is held to the official descriptions, answers are made of the official examples. What the real service does
beyond both is not shown here.
"""

import base64
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.integrations import acs_contract
from tests.integrations.azure import Answered, Azure

RESOURCE = "2dee53b4-368b-45b4-ab52-8493fb117652"
MISSING: Answered = (404, {"error": {"code": "NotFound", "message": "There is none."}})
SCOPES = {"chat", "voip", "chat.join", "chat.join.limited", "voip.join"}


@dataclass
class Rooms:
    """What stands there: identities, tokens with whose they are and what they allow, rooms with who is invited."""

    identities: set[str] = field(default_factory=set)
    deleted: list[str] = field(default_factory=list)
    tokens: dict[str, tuple[str, list[str], int]] = field(default_factory=dict)
    revoked: list[str] = field(default_factory=list)
    rooms: dict[str, dict[str, Any]] = field(default_factory=dict)
    invited: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)
    """Rooms by the request that made them."""
    page: int = 2
    wrong: list[str] = field(default_factory=list)
    """In which ways requests were not as described."""

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Answered | None:
        """Answer what is about identities or rooms."""
        parts = urlsplit(path)
        kind, *rest = unquote(parts.path).strip("/").split("/")
        if kind not in ("identities", "rooms"):
            return None
        told = json.loads(body) if body else None
        named = {name.lower(): value for name, value in headers.items()}
        self.wrong += acs_contract.faults(method, path.replace("ApiVersion.V2025_03_13", "2025-03-13"), named, told)
        if kind == "identities":
            return self._identity(method, rest, told or {})
        return self._rooms(method, rest, told, named, parts.query)

    def _identity(self, method: str, rest: list[str], told: dict[str, Any]) -> Answered:
        if not rest:
            made = f"8:acs:{RESOURCE}_{uuid.uuid4()}"
            self.identities.add(made)
            found: dict[str, Any] = {"identity": {"id": made}}
            if "createTokenWithScopes" in told:
                found["accessToken"] = self._token(made, told["createTokenWithScopes"], told["expiresInMinutes"])
            return 201, acs_contract.example("identity/IdentityOperations_Create.json", 201) | found
        if rest[0] not in self.identities:
            return MISSING
        if method == "DELETE":
            self.identities.remove(rest[0])
            self.deleted.append(rest[0])
            return 204, {}
        if rest[1] == ":revokeAccessTokens":
            self.revoked.append(rest[0])
            return 204, {}
        return 200, self._token(rest[0], told["scopes"], told["expiresInMinutes"])

    def _token(self, identity: str, scopes: list[str], minutes: int) -> dict[str, Any]:
        ends = datetime.now(UTC) + timedelta(minutes=minutes)
        claims = {"skypeid": identity[2:], "scp": 1792, "exp": int(ends.timestamp()), "n": len(self.tokens)}
        middle = base64.b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        token = f"e30.{middle}.c2ln"
        self.tokens[token] = (identity, scopes, minutes)
        shape = acs_contract.example("identity/IdentityOperations_IssueAccessToken.json", 200)
        return dict(shape | {"token": token, "expiresOn": ends.isoformat()})

    def _rooms(self, method: str, rest: list[str], told: Any, headers: dict[str, str], query: str) -> Answered:
        if not rest:
            return self._create(told, headers) if method == "POST" else (200, {"value": list(self.rooms.values())})
        room = rest[0]
        if room not in self.rooms:
            return MISSING
        if len(rest) == 2:
            return self._participants(method, room, told, query)
        if method == "DELETE":
            del self.rooms[room], self.invited[room]
            return 204, {}
        if method == "PATCH":
            self.rooms[room] |= {name: value for name, value in told.items() if value is not None}
        return 200, self.rooms[room]

    def _create(self, told: dict[str, Any], headers: dict[str, str]) -> Answered:
        known = self.requests.get(headers["repeatability-request-id"])
        if known is not None:
            return 201, self.rooms.get(known) or acs_contract.example("rooms/Rooms_Create.json", 201) | {"id": known}
        room = f"9911781242862{len(self.requests):04}"
        given = {name: told[name] for name in ("validFrom", "validUntil", "pstnDialOutEnabled")}
        self.rooms[room] = acs_contract.example("rooms/Rooms_Create.json", 201) | given | {"id": room}
        self.invited[room] = {who: one["role"] for who, one in (told.get("participants") or {}).items()}
        self.requests[headers["repeatability-request-id"]] = room
        return 201, self.rooms[room]

    def _participants(self, method: str, room: str, told: Any, query: str) -> Answered:
        if method == "GET":
            first = int(query.partition("after=")[2] or 0)
            people = [{"rawId": who, "role": role} for who, role in self.invited[room].items()]
            page: dict[str, Any] = {"value": people[first : first + self.page]}
            if first + self.page < len(people):
                version = query.partition("&")[0]
                page["nextLink"] = f"/rooms/{room}/participants?{version}&after={first + self.page}"
            return 200, page
        for who, one in told["participants"].items():
            if one is None:
                self.invited[room].pop(who, None)
            elif who not in self.identities:
                return 400, {"error": {"code": "BadRequest", "message": "an invalid identity"}}
            else:
                self.invited[room][who] = one.get("role", "Attendee")
        return 200, {}


def with_rooms(azure: Azure) -> Rooms:
    """Let the stand-in answer for identities and rooms, and return what stands there."""
    made = Rooms()
    azure.persons = made.tokens.__contains__
    azure.parts.append(made.answer)
    return made
