"""A program at the door of the Graph-shaped API: what it asks and what it is answered must fit Graph's description."""

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson

from tests.factories import manager_of
from tests.integrations import graph_contract
from vestibule.api.graph import doors
from vestibule.api.plain import Answer, Call
from vestibule.people import applications
from vestibule.people.models import Business
from vestibule.people.permissions import Role

Json = dict[str, Any]
ORIGIN = "http://localhost:8000"
CALENDARS = ("Calendars.ReadWrite", "OnlineMeetings.ReadWrite.All", "VirtualAppointment.Read.All")


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        """Graph's word for what was wrong."""
        return str(self.json["error"]["code"])

    @property
    def value(self) -> list[Json]:
        found: list[Json] = self.json["value"]
        return found


@dataclass
class Program:
    """An application of a business with some permissions. With `checks` answers must be as they are described."""

    business: Business
    token: str = ""
    checks: bool = True
    faults: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Any = None, **more: str) -> Reply:
        """Send one request to `path` below `/graph/v1.0`, or to a whole address; `more` are headers."""
        address = urlsplit(path)
        below = address.path if address.scheme else f"/graph/v1.0{address.path}"
        headers = {"host": "localhost:8000", "authorization": f"Bearer {self.token}"}
        headers |= {name.lower().replace("_", "-"): value for name, value in more.items()}
        sent = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        if not isinstance(body, bytes) and sent:
            headers["content-type"] = "application/json"
        call = Call(method, below, below, address.query, headers, sent, "127.0.0.1")
        answer = doors.answer(call)
        if self.checks:
            described(method, below, answer)
        return Reply(answer.status, dict(answer.headers), answer.body)

    def get(self, path: str, **query: str) -> Reply:
        """Read `path` with `query`."""
        return self.ask("GET", f"{path}?{urlencode(query, quote_via=quote)}" if query else path)

    def post(self, path: str, body: Any) -> Reply:
        return self.ask("POST", path, body)


def program_of(business: Business, *permissions: str) -> Program:
    """A program that signed in with its secret, allowed what `permissions` name."""
    owner = manager_of(business, role=Role.OWNER)
    tenant = applications.switch(owner, is_on=True)
    row, secret = applications.register(owner, f"Program {secrets.token_hex(4)}", permissions or CALENDARS)
    return Program(business, applications.grant(str(tenant.tenant), str(row.client_id), secret).token)


def described(method: str, path: str, answer: Answer) -> None:
    """Fail unless an answer is one that the description of Graph, or its documentation, has for this operation."""
    graph_contract.require_description()
    found = graph_contract.answered_faults(method, path.removeprefix("/graph/v1.0"), answer.status, answer.body)
    assert not found, f"{method} {path} answered {answer.status}: {found}"
