"""Reads templates of Azure Resource Manager as its engine would: expressions, names, what depends on what."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z][A-Za-z0-9]*)|(?P<text>'(?:[^']|'')*')|(?P<sign>[(),.\[\]])|(?P<number>-?\d+))"
)
GROUP = "/subscriptions/0/resourceGroups/group"
TENANT = "00000000-0000-4000-8000-000000000000"
FOLDER = Path(__file__).parents[2] / "deploy" / "azure"
PAIRS = ("new", "existing")


class Asked(str):
    """What a resource will say of itself once it is made: a text that names whom, by which version, and what for."""

    def __getitem__(self, name: Any) -> Any:
        return Asked(f"{self}.{name}")


@dataclass
class Template:
    """One template with values for its parameters; `asked` collects the ids of resources whose state is asked for."""

    content: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, path: Path) -> "Template":
        content = json.loads(path.read_text("utf-8"))
        given = {"int": 3, "string": "given", "securestring": "s" * 40}
        values = {name: one.get("defaultValue", given[one["type"]]) for name, one in content["parameters"].items()}
        return cls(content, values)

    def id_of(self, resource: dict[str, Any]) -> str:
        name = self.value(resource["name"])
        if "scope" in resource:
            return f"{GROUP}/{_full(self.value(resource['scope']))}/providers/{resource['type']}/{name}"
        return resource_id(resource["type"], *name.split("/"))

    def value(self, given: Any) -> Any:
        """Return what a value of the template comes to. Raises ValueError for what the engine would not take."""
        if isinstance(given, dict):
            return {self.value(name): self.value(one) for name, one in given.items()}
        if isinstance(given, list):
            return [self.value(one) for one in given]
        if isinstance(given, str) and given.startswith("[") and given.endswith("]") and not given.startswith("[["):
            tokens = list(_tokens(given[1:-1]))
            found = self._expression(tokens)
            if tokens:
                raise ValueError(f"{given}: something is left over: {tokens}")
            return found
        return given

    def _expression(self, tokens: list[str]) -> Any:
        first = tokens.pop(0)
        if first.startswith("'"):
            return first[1:-1].replace("''", "'")
        if re.fullmatch(r"-?\d+", first):
            return int(first)
        if tokens.pop(0) != "(":
            raise ValueError(f"{first} is not called")
        words = []
        while tokens[0] != ")":
            words.append(self._expression(tokens))
            if tokens[0] == ",":
                tokens.pop(0)
        tokens.pop(0)
        found = self._call(first, words)
        while tokens and tokens[0] == ".":
            tokens.pop(0)
            found = found[tokens.pop(0)]
        return found

    def _call(self, name: str, words: list[Any]) -> Any:
        if name in ("parameters", "variables"):
            self.used.add(f"{name}.{words[0]}")
            kept = self.values if name == "parameters" else self.content["variables"]
            return self.value(kept[words[0]])
        if name in ("reference", "listKeys"):
            self.asked.add(words[0])
            if not re.fullmatch(r"\d{4}-\d\d-\d\d(-preview)?", words[1]):
                raise ValueError(f"{name} without a version")
            return Asked(f"{words[0]}@{words[1]}" + ("" if name == "reference" else f"/{name}"))
        return FUNCTIONS[name](*words)


def resource_id(kind: str, *names: str) -> str:
    provider, *types = kind.split("/")
    if len(types) != len(names):
        raise ValueError(f"{kind} needs {len(types)} names, not {names}")
    return f"{GROUP}/providers/{provider}/" + "/".join(f"{t}/{n}" for t, n in zip(types, names, strict=True))


def texts(given: Any) -> Iterator[str]:
    """Every text in a part of a template, names of values included."""
    if isinstance(given, dict):
        for name, one in given.items():
            yield name
            yield from texts(one)
    elif isinstance(given, list):
        for one in given:
            yield from texts(one)
    elif isinstance(given, str):
        yield given


def _full(scope: str) -> str:
    """`Microsoft.KeyVault/vaults/x` as it stands in an id."""
    return f"providers/{scope}"


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"cannot be read: {text[at:]}")
        yield found[0].strip()
        at = found.end()


def _format(words: str, *values: Any) -> str:
    return re.sub(r"\{(\d+)\}", lambda place: str(values[int(place[1])]), words)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "format": _format,
    "resourceId": resource_id,
    "extensionResourceId": lambda base, kind, name: f"{base}/providers/{kind}/{name}",
    "subscriptionResourceId": lambda kind, name: f"/subscriptions/0/providers/{kind}/{name}",
    "resourceGroup": lambda: {"id": GROUP, "location": "westeurope"},
    "subscription": lambda: {"tenantId": TENANT},
    "uniqueString": lambda *words: "abcdefghijklm",
    "guid": lambda *words: str(uuid5(NAMESPACE_URL, "-".join(words))),
    "take": lambda text, length: text[:length],
    "empty": lambda one: not one,
    "if": lambda yes, one, other: one if yes else other,
    "startsWith": lambda text, start: text.startswith(start),
    "json": json.loads,
    "uriComponent": lambda text: quote(text, safe=""),
    "createArray": lambda *words: list(words),
    "createObject": lambda *words: dict(zip(words[::2], words[1::2], strict=True)),
}
