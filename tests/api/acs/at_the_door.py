"""The API asked in this process, without a server: for what the wire looks like, thing by thing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.api.acs.sdk import signature
from vestibule.api.acs import doors
from vestibule.api.plain import Answer, Call
from vestibule.people import communication
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, ActorKind, Permission

ENDPOINT = "https://acs.example.org"
HOST = "acs.example.org"


@dataclass(frozen=True)
class Told:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    kind: str
    body: Any


class Door:
    """A business as a resource with all services, asked by its primary key."""

    def __init__(self, business: Business) -> None:
        manager = Actor(ActorKind.STAFF, "Mara", business.pk, permissions=frozenset({Permission.MANAGE_KEYS}))
        row = communication.put(manager, is_on=True, services=communication.SERVICES)
        communication.forget()  # what is known of resources outlives a test that is undone
        self.business = business
        self.resource = row.resource
        self._key = (
            next(one for one in communication.answering().values() if one.business_id == business.pk)
            .key("primary")
            .clear
        )

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        scheme: str = "https",
        endpoint: str = ENDPOINT,
        **headers: str,
    ) -> Told:
        """Ask for `path`, with its query, signed for `endpoint`."""
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = signature(endpoint, self._key, method, path, content)
        return self.send(method, path, content, {**signed, **headers}, scheme=scheme)

    def send(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        scheme: str = "https",
    ) -> Told:
        """Ask with these headers as they are; underscores of their names stand for hyphens."""
        place, _mark, query = path.partition("?")
        named = {name.replace("_", "-").lower(): text for name, text in (headers or {}).items()}
        call = Call(
            method=method,
            path=place,
            raw_path=quote(place, safe="/:%"),
            query_string=query,
            headers={"host": HOST, "content-type": "application/json", **named},
            body=content,
            client="203.0.113.9",
            scheme=scheme,
        )
        return _told(doors.answer(call))


def _told(answer: Answer) -> Told:
    headers = {name.lower(): text for name, text in answer.headers.items()}
    return Told(answer.status, headers, answer.kind, json.loads(answer.body) if answer.body else None)
