"""The office of a running demonstration, by plain HTTP: signed in as a manager, as a browser without script is."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.servers import RunningServer

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Office:
    """A signed-in browser: opens pages and posts their forms."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, path: str) -> str:
        """Open a page."""
        return self._client.get(path).raise_for_status().text

    def post(self, path: str, **typed: str | list[str]) -> str:
        """Fill the form of a page in and send it; return the page that follows."""
        token = TOKEN.search(self._client.get(path).text)
        assert token is not None, path
        answer = self._client.post(path, data={"csrfmiddlewaretoken": token[1], **typed}, headers={"Referer": path})
        return answer.raise_for_status().text


@contextmanager
def office_of(server: RunningServer, slug: str) -> Iterator[Office]:
    """The office of one of the demonstration's businesses."""
    accounts = json.loads((server.data / "demo.json").read_text("utf-8"))["accounts"]
    manager = next(one for one in accounts if (one["business"], one["role"]) == (slug, "manager"))
    with httpx.Client(base_url=server.origin, follow_redirects=True, timeout=60) as client:
        office = Office(client)
        office.post("/signin", login=manager["email"], password=manager["password"])
        yield office
