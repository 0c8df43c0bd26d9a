"""A running server with the demonstration, and the official client of Graph as it comes, pointed at it.

Nothing of the client is replaced: it is given the address and a way to say its token, as its documentation has it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers import RunningServer, running_server

msgraph = pytest.importorskip("msgraph", reason="NOT RUN: the official client of Graph (msgraph-sdk) is not installed")

from kiota_abstractions.authentication import AuthenticationProvider  # noqa: E402  (once it is known to be installed)
from kiota_abstractions.request_information import RequestInformation  # noqa: E402  (once it is known to be installed)
from msgraph.graph_request_adapter import GraphRequestAdapter  # noqa: E402  (once it is known to be installed)
from msgraph.graph_service_client import GraphServiceClient  # noqa: E402  (once it is known to be installed)


class Token(AuthenticationProvider):
    """Says one access token with every request."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def authenticate_request(
        self, request: RequestInformation, additional_authentication_context: dict[str, Any] | None = None
    ) -> None:
        request.headers.try_add("Authorization", f"Bearer {self._token}")


@dataclass(frozen=True)
class Graph:
    """The server, where its Graph-shaped API is, and a token of its first business."""

    server: RunningServer
    base_url: str
    token: str
    slug: str

    def client(self) -> Any:
        """Return the official client. Make one for each event loop: it keeps connections of its own.

        It is not typed here: by its types every answer, and every member of one, may be nothing.
        """
        adapter = GraphRequestAdapter(Token(self.token))
        adapter.base_url = self.base_url
        return GraphServiceClient(request_adapter=adapter)

    def free(self, service: str, day: str) -> list[dict[str, Any]]:
        """Return free starts of a service (by slug) on a date, as API v1 tells them."""
        path = f"{self.server.origin}/api/v1/businesses/{self.slug}/slots"
        there = httpx.get(path, params={"service": service, "from": day, "to": day}, timeout=60)
        found: list[dict[str, Any]] = there.raise_for_status().json()["slots"]
        return found


@contextmanager
def running_graph(folder: Path) -> Iterator[Graph]:
    """Serve the demonstration until the end of the block."""
    with running_server(folder) as server:
        facts = json.loads((folder / "demo.json").read_text("utf-8"))
        yield Graph(server, facts["graph"]["base_url"], facts["graph"]["token"], facts["businesses"][0]["slug"])
