"""People of the chat: by the official SDK against a running server, or by the door itself within a test.

Whatever is answered to either is held to the official description.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from azure.communication.chat import ChatClient, CommunicationTokenCredential, CommunicationUserIdentifier
from azure.communication.chat.aio import ChatClient as AsyncChatClient
from azure.communication.chat.aio import CommunicationTokenCredential as AsyncCredential
from azure.communication.identity import CommunicationIdentityClient

from tests.api.acs.sdk import Resource as Running
from tests.api.acs.sdk import signature
from tests.integrations.acs_contract import faults_of_answer
from vestibule.api.acs import doors
from vestibule.api.plain import Answer, Call
from vestibule.people import communication, identities
from vestibule.people.communication import Resource
from vestibule.people.models import Business
from vestibule.people.permissions import Role

VERSION = "2025-03-15"
SCOPES = ("chat",)


def validated(response: Any) -> None:
    """Hold what an SDK was answered to the description."""
    request, answer = response.http_request, response.http_response
    path = urlsplit(request.url).path
    if path.startswith("/chat/threads"):
        text = answer.text()
        assert faults_of_answer(request.method, path, answer.status_code, json.loads(text) if text else None) == []


@dataclass(frozen=True)
class Person:
    """An identity of a running resource with a token, and the official clients as it."""

    id: str
    token: str
    endpoint: str

    @property
    def identifier(self) -> CommunicationUserIdentifier:
        return CommunicationUserIdentifier(self.id)

    def client(self, **options: Any) -> Any:
        """The synchronous client; what it says of its own types cannot be checked."""
        return ChatClient(
            self.endpoint, CommunicationTokenCredential(self.token), raw_response_hook=validated, **options
        )

    def async_client(self) -> AsyncChatClient:
        return AsyncChatClient(self.endpoint, AsyncCredential(self.token), raw_response_hook=validated)


def person(resource: Running, *scopes: str) -> Person:
    """A new identity of `resource` with a token for `scopes` (chat)."""
    client = CommunicationIdentityClient.from_connection_string(resource.connection_string)
    made, token = client.create_user_and_token(list(scopes or SCOPES))
    return Person(made.properties["id"], token.token, resource.endpoint)


@dataclass(frozen=True)
class Shown:
    """An answer of the door, as its caller sees it."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        told: str = self.body["error"]["code"]
        return told


@dataclass(frozen=True)
class Inside:
    """An identity that asks the door within this process."""

    resource: Resource
    id: str
    key: str
    token: str

    def ask(self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Shown:
        """Ask, with the api-version where the address names none."""
        given = {"authorization": f"Bearer {self.token}", "host": "localhost:8443", **(headers or {})}
        return asked(method, path, body, given)

    def begin(self, topic: str = "Lunch", *others: "Inside", **more: Any) -> str:
        """Begin a thread with others and return its path."""
        wish = {"topic": topic, "participants": [one.as_participant() for one in others], **more}
        made = self.ask("POST", "/chat/threads", wish)
        assert made.status == 201, made
        return f"/chat/threads/{quote(made.body['chatThread']['id'])}"

    def say(self, thread: str, content: str, **more: Any) -> str:
        """Say something and return the message's id."""
        sent = self.ask("POST", f"{thread}/messages", {"content": content, **more})
        assert sent.status == 201, sent
        told: str = sent.body["id"]
        return told

    def read(self, thread: str, **query: object) -> list[str]:
        """The texts (or the types of notices) that they read, newest first."""
        found = self.ask("GET", f"{thread}/messages?{urlencode(query)}")
        assert found.status == 200, found
        return [one.get("content", {}).get("message", one["type"]) for one in found.body["value"]]

    def as_participant(self, **more: Any) -> dict[str, Any]:
        """How requests name them."""
        return {"communicationIdentifier": {"communicationUser": {"id": self.id}}, **more}


def signed(resource: Resource, method: str, path: str, body: Any) -> Shown:
    """Ask as the program that holds the primary key of `resource`."""
    content, address = json.dumps(body).encode(), f"{path}?api-version={VERSION}"
    headers = signature("https://localhost:8443", resource.key("primary").clear, method, address, content)
    given = {name.casefold(): text for name, text in headers.items()}
    return asked(method, path, body, {"host": "localhost:8443", **given})


def asked(method: str, path: str, body: Any, headers: Mapping[str, str]) -> Shown:
    """Ask the door and hold its answer to the description."""
    address, _mark, query = path.partition("?")
    if "api-version" not in query:
        query = f"{query}&api-version={VERSION}".lstrip("&")
    content = b"" if body is None else json.dumps(body).encode()
    call = Call(method, address, address, query, dict(headers), content, "127.0.0.1", "https")
    answer: Answer = doors.answer(call)
    is_json = answer.kind == "application/json"
    whole = answer.body or b"".join(answer.pieces or ())
    assert answer.pieces is None or len(whole) == answer.size
    told = json.loads(whole) if whole and is_json else whole or None
    if is_json and address.startswith("/chat/threads") and not {"images", "files"} & set(address.split("/")):
        assert faults_of_answer(method, address, answer.status, told) == []
    return Shown(answer.status, told, answer.headers)


def resource_of(business: Business) -> Resource:
    """Make a business a resource that answers chat, if it is none."""
    from tests.factories import manager_of

    communication.put(manager_of(business, role=Role.OWNER), is_on=True, services=communication.SERVICES)
    communication.forget()
    row = communication.of(business.pk)
    assert row is not None
    return communication.answering()[row.resource]


def inside(resource: Resource, *scopes: str) -> Inside:
    """A new identity of `resource` with a token for `scopes` (chat)."""
    made = identities.create(resource)
    key = identities.key_of_guid(made.guid)
    token = identities.issue(resource, resource.keys[0], made, scopes or SCOPES).text
    return Inside(resource, identities.mri(resource.resource, key), key, token)
