"""Conversations of Communication Services, beside the other parts of the stand-in (`azure`).

Each request is held to the official description; who asks is told by the token they were issued.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.integrations import acs_contract
from tests.integrations.azure import Answered, Azure
from tests.integrations.azure_rooms import MISSING, Rooms


@dataclass
class Chat:
    """What stands there: threads with who takes part, and what was written, by whom."""

    rooms: Rooms
    threads: dict[str, dict[str, str]] = field(default_factory=dict)
    topics: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    said: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)
    since: dict[str, str] = field(default_factory=dict)
    """From when on each may read, where that was said."""
    before: dict[str, int] = field(default_factory=dict)
    """How much had been said when each came."""
    wrong: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Answered | None:
        """Answer what is about conversations."""
        kind, *rest = unquote(urlsplit(path).path).strip("/").split("/")
        if kind != "chat":
            return None
        told = json.loads(body) if body else None
        named = {name.lower(): value for name, value in headers.items()}
        self.wrong += acs_contract.faults(method, path, named, told)
        known = self.rooms.tokens.get(named.get("authorization", "").removeprefix("Bearer "))
        if known is None:
            return 401, {"error": {"code": "Unauthorized", "message": "no token of somebody"}}
        who, scopes, _minutes = known
        if rest == ["threads"]:
            return self._create(who, scopes, told, named)
        thread, asked = rest[1], rest[2:]
        if thread not in self.threads:
            return MISSING
        if who not in self.threads[thread]:
            return 403, {"error": {"code": "Forbidden", "message": "not of this thread"}}
        return self._of(thread, asked, method, who, told)

    def _create(self, who: str, scopes: list[str], told: Any, headers: dict[str, str]) -> Answered:
        if "chat" not in scopes:
            return 403, {"error": {"code": "Forbidden", "message": "the token may not begin one"}}
        request = headers.get("repeatability-request-id", "")
        thread = self.requests.setdefault(request, f"19:thread{len(self.requests)}@thread.v2")
        if thread not in self.threads:
            self.threads[thread] = {who: ""} | _people(told.get("participants") or [])
            self.topics[thread] = told["topic"]
            self.said[thread] = []
        shape = acs_contract.example("chat/Threads_CreateChatThread.json", 201)
        made = shape["chatThread"] | {"id": thread, "topic": told["topic"]}
        return 201, {"chatThread": made, "invalidParticipants": []}

    def _of(self, thread: str, asked: list[str], method: str, who: str, told: Any) -> Answered:
        people = self.threads[thread]
        if not asked and method == "DELETE":
            del self.threads[thread]
            self.deleted.append(thread)
            return 204, {}
        if asked == ["messages"] and method == "POST":
            number = str(1_600_000_000_000 + len(self.said[thread]))
            self.said[thread].append({"id": number, "from": who, **told})
            return 201, {"id": number}
        if asked == ["messages"]:
            shape = acs_contract.example("chat/Messages_ListChatMessagesWithPageSize.json", 200)["value"][0]
            return 200, {"value": [shape | _shown(one) for one in reversed(self.said[thread])]}
        if asked[:1] == ["messages"]:
            return self._change(thread, asked[1], method, who, told)
        if asked == ["participants"]:
            shown = [{"communicationIdentifier": _identifier(one), "displayName": name} for one, name in people.items()]
            return 200, {"value": shown}
        if asked == ["participants", ":add"]:
            people.update(_people(told["participants"]))
            for one in told["participants"]:
                self.since |= {who: one.get("shareHistoryTime", "") for who in _people([one])}
                self.before |= {who: len(self.said[thread]) for who in _people([one])}
            return 201, {}
        if asked == ["participants", ":remove"]:
            people.pop(told.get("rawId") or told["communicationUser"]["id"], None)
            return 204, {}
        return MISSING

    def _change(self, thread: str, number: str, method: str, who: str, told: Any) -> Answered:
        """Only who said it may change it or take it back."""
        found = next((one for one in self.said[thread] if one["id"] == number), None)
        if found is None:
            return MISSING
        if found["from"] != who:
            return 403, {"error": {"code": "Forbidden", "message": "somebody else said it"}}
        if method == "DELETE":
            found["content"] = ""
        else:
            found["content"] = told["content"]
        return 204, {}


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": one["id"],
        "type": "text",
        "content": {"message": one["content"]},
        "metadata": one.get("metadata") or {},
        "senderCommunicationIdentifier": _identifier(one["from"]),
    }


def _people(given: list[dict[str, Any]]) -> dict[str, str]:
    found = {}
    for one in given:
        who = one["communicationIdentifier"]
        found[who.get("rawId") or who["communicationUser"]["id"]] = one.get("displayName", "")
    return found


def _identifier(raw: str) -> dict[str, Any]:
    return {"kind": "communicationUser", "rawId": raw, "communicationUser": {"id": raw}}


def with_chat(azure: Azure, rooms: Rooms) -> Chat:
    """Let the stand-in answer for conversations too, of those whom `rooms` knows."""
    made = Chat(rooms)
    azure.parts.append(made.answer)
    return made
