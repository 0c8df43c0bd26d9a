"""Writes the table of what official clients can do here: each operation, by which of them a test shows it, or why not.

An operation is supported when a door answers it, and shown by a client when a test says so with
`@pytest.mark.shows("Rooms_Create", by="python")`. Run as `script/compatibility`.
"""

import ast
import inspect
import json
import os
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("VESTIBULE_SHARED") or ROOT.parent / "shared")
PAGE = ROOT / "docs" / "reference" / "compatibility.md"
PLANE = SHARED / "contracts" / "acs" / "specification" / "communication" / "data-plane"
GRAPH = SHARED / "contracts" / "graph" / "graph-subset.openapi.yaml"
PLACES = [str(ROOT / "tests" / "api"), str(ROOT / "tests" / "e2e")]
METHODS = ("get", "post", "put", "patch", "delete")
CLIENTS = {
    "python": "Python",
    "python-aio": "Python (asynchronous)",
    "javascript": "JavaScript (Node)",
    "browser": "JavaScript (browser)",
    "java": "Java",
    "msgraph": "msgraph-sdk (Python)",
    "rest": "plain HTTP",
}
WITHOUT_ENTRA = "it takes users of Teams and Microsoft Entra, which are not here"
NOT_HERE = {"TeamsExtensionOperations": WITHOUT_ENTRA}
"""Why families of operations are not answered, by how their names begin; the longest that fits counts."""
GRAPH_NOT_HERE = {
    "": "it is not about appointments as they are kept here",
    "Get.Count.": "lists say how many there are, by `$count=true`",
    "users.UpdateCalendar": "of the one calendar of a person nothing is to be changed",
    "users.events.": "events here hold no files and do not repeat",
    "users.user.events.event.": "nobody is invited by an event here, and nothing repeats or reminds",
    "users.onlineMeetings.": "who came is in the reports of visits, also of API v1",
    "users.GetOnlineMeetingsAttendeeReport": "who came is in the reports of visits, also of API v1",
    "users.UpdateOnlineMeetingsAttendeeReport": "who came is in the reports of visits, also of API v1",
    "users.item.onlineMeetings.item.attendeeReport": "who came is in the reports of visits, also of API v1",
    "users.item.onlineMeetings.item.recordings": "staff watch recordings on the page of the visit",
    "users.item.onlineMeetings.item.transcripts": "what is said is not written down",
}
NOBODY = """### Signed-in users

Nothing below `/me` is answered: applications call this API, and nobody is signed in. Name the person: `/users/{id}`.
"""
BEGIN = """# What is compatible

Made by `script/compatibility` from the tests and the published descriptions; do not edit it by hand. *Shown by* names
the official clients, unmodified, by which a test in `tests/api` does the operation against a running server. Everything
that is answered is also held to the description, and asked with made-up requests. The tests with Java run where
`JAVA_SDKS=1` asks for them.
"""


@dataclass(frozen=True)
class Row:
    """One operation of a description, and what is known of it here. `refused` says why it is never done."""

    method: str
    path: str
    name: str
    is_answered: bool
    clients: tuple[str, ...]
    refused: str = ""


def page(shown: Mapping[str, set[str]]) -> str:
    """Return the whole page; `shown` is by which clients the tests show each operation."""
    parts = [BEGIN, "## Azure Communication Services\n"]
    for service, rows in _services(shown):
        parts.append(f"### {service}\n\n{_table(rows)}\n")
    parts.append("## Microsoft Graph\n")
    for title, rows in _families(list(_graph(shown))):
        parts.append(f"### {title}\n\n{_table(rows)}\n")
    return "\n".join([*parts, NOBODY])


def marks() -> Mapping[str, set[str]]:
    """Return by which clients the tests show each operation, as pytest finds them."""
    found: dict[str, set[str]] = {}

    class Collector:
        def pytest_collection_finish(self, session: pytest.Session) -> None:
            for item in session.items:
                for mark in item.iter_markers("shows"):
                    found.setdefault(mark.args[0], set()).add(mark.kwargs["by"])

    with redirect_stdout(StringIO()):
        status = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *PLACES], plugins=[Collector()])
    if status != pytest.ExitCode.OK:
        raise SystemExit("the tests cannot be collected, so nobody knows what they show")
    return found


def answered() -> Mapping[str, Mapping[str, str]]:
    """Return by dialect which operations a door answers, by their names, with why those are refused that always are."""
    from vestibule.api.acs import routes as acs
    from vestibule.api.graph import routes as graph

    return {
        "acs": {one.facts["operation"]: _refusal(one) for one in acs.operations()},
        "graph": {one.facts["operation"]: _refusal(one) for one in graph.operations()},
    }


def _refusal(operation: Any) -> str:
    if "refused" in operation.facts:
        return str(operation.facts["refused"])
    tree = ast.parse(textwrap.dedent(inspect.getsource(operation.do)))
    if any(isinstance(node, ast.Return) for node in ast.walk(tree)):
        return ""
    return (inspect.getdoc(operation.do) or "").partition("\n")[0].rstrip(".")


def _services(shown: Mapping[str, set[str]]) -> Iterator[tuple[str, list[Row]]]:
    here = answered()["acs"]
    for path in sorted(PLANE.glob("*/stable/*/*.json")):
        description = json.loads(path.read_text("utf-8"))
        rows = list(_rows(description["paths"], here, shown, NOT_HERE)) if description.get("paths") else []
        if rows:
            yield path.relative_to(PLANE).parts[0], rows


def _graph(shown: Mapping[str, set[str]]) -> Iterator[Row]:
    description = yaml.safe_load(GRAPH.read_text("utf-8"))
    yield from _rows(description["paths"], answered()["graph"], shown, GRAPH_NOT_HERE)


def _rows(
    paths: Mapping[str, Any], here: Mapping[str, str], shown: Mapping[str, set[str]], reasons: Mapping[str, str]
) -> Iterator[Row]:
    for path, item in paths.items():
        for method, operation in item.items():
            if method not in METHODS:
                continue
            name = operation["operationId"]
            begins = [one for one in reasons if name.startswith(one)]
            why = here.get(name, reasons[max(begins, key=len)] if begins else "")
            yield Row(method.upper(), path, name, name in here, tuple(sorted(shown.get(name, ()))), why)


def _families(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    titles = {
        "Bookings": "/solutions/",
        "People’s calendars and meetings": "/users/",
        "Subscriptions": "/subscriptions",
    }
    for title, begins in titles.items():
        if found := [row for row in rows if row.path.startswith(begins)]:
            yield title, found


def _table(rows: Iterable[Row]) -> str:
    lines = ["| operation | here | shown by |", "|---|---|---|"]
    for row in rows:
        here = "yes" if row.is_answered and not row.refused else f"no: {row.refused[:1].lower()}{row.refused[1:]}"
        clients = ", ".join(CLIENTS[one] for one in CLIENTS if one in row.clients)
        lines.append(f"| `{row.method} {row.path}` | {here} | {clients} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page; with `--json` only tell what it would say, and what that is made of."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")
    django.setup()
    shown = marks()
    if sys.argv[1:] == ["--json"]:
        here = answered()
        print(
            json.dumps({"page": page(shown), "here": here, "shown": {name: sorted(by) for name, by in shown.items()}})
        )
        return 0
    PAGE.write_text(page(shown), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
