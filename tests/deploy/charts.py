"""A small renderer of Helm charts: of the language of Go's templates what our chart uses, and nothing more.

Helm itself is asked too where it is built (`script/build-with-go helm`); what this is for are machines without it, and
which values the templates use.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_TAG = re.compile(r"\{\{(-?)\s*(.*?)\s*(-?)\}\}", re.DOTALL)
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|:=|[()|,]|[^\s()|,]+')
Block = list["str | Node"]


@dataclass
class Node:
    """One `{{ … }}`: what it says, and the blocks it holds."""

    words: list[str]
    inside: Block = field(default_factory=list)
    otherwise: Block = field(default_factory=list)


class Chart:
    """A chart and the values it is rendered with."""

    def __init__(self, folder: Path, values: dict[str, Any], *, release: str = "clinic") -> None:
        self.folder = folder
        self.facts = yaml.safe_load((folder / "Chart.yaml").read_text("utf-8"))
        merged = _merged(yaml.safe_load((folder / "values.yaml").read_text("utf-8")), values)
        chart = {name[0].upper() + name[1:]: value for name, value in self.facts.items()}
        release_facts = {"Name": release, "Namespace": "default", "Service": "Helm"}
        self.root = {"Values": merged, "Chart": chart, "Release": release_facts}
        self.parts: dict[str, Block] = {}
        self.used: set[str] = set()
        self._render(_parsed((folder / "templates" / "_helpers.tpl").read_text("utf-8")), self.root, {})

    def render(self, name: str) -> str:
        """Return one template as text."""
        return self._render(_parsed((self.folder / "templates" / name).read_text("utf-8")), self.root, {"$": self.root})

    def objects(self) -> list[dict[str, Any]]:
        """Return every object of the chart."""
        names = sorted(path.name for path in (self.folder / "templates").glob("*.yaml"))
        return [one for name in names for one in yaml.safe_load_all(self.render(name)) if one]

    def _render(self, block: Block, dot: Any, names: dict[str, Any]) -> str:
        return "".join(one if isinstance(one, str) else self._node(one, dot, names) for one in block)

    def _node(self, node: Node, dot: Any, names: dict[str, Any]) -> str:
        kind, rest = node.words[0], node.words[1:]
        if kind == "define":
            self.parts[json.loads(rest[0])] = node.inside
            return ""
        if kind == "range":
            return self._range(node, rest, dot, names)
        if kind in ("if", "with"):
            found = self._value(rest, dot, names)
            if not found:
                return self._render(node.otherwise, dot, names)
            return self._render(node.inside, found if kind == "with" else dot, names)
        found = self._value(node.words, dot, names)
        return _text(found)

    def _range(self, node: Node, rest: list[str], dot: Any, names: dict[str, Any]) -> str:
        key, value = rest[0].rstrip(","), next(one for one in rest[1:] if one.startswith("$"))
        over = self._value(rest[rest.index(":=") + 1 :], dot, names)
        rows = (self._render(node.inside, one, {**names, key: name, value: one}) for name, one in sorted(over.items()))
        return "".join(rows)

    def _value(self, words: list[str], dot: Any, names: dict[str, Any]) -> Any:
        left = [word for word in words if word != ","]
        found = self._pipeline(left, dot, names)
        if left:
            raise ValueError(f"something is left over: {left} of {words}")
        return found

    def _pipeline(self, left: list[str], dot: Any, names: dict[str, Any]) -> Any:
        found = self._command(left, dot, names, [])
        while left and left[0] == "|":
            left.pop(0)
            found = self._command(left, dot, names, [found])
        return found

    def _command(self, left: list[str], dot: Any, names: dict[str, Any], last: list[Any]) -> Any:
        if left[0] in ("(", ".") or left[0][0] in '."$' or left[0].lstrip("-").isdigit():
            return self._operand(left, dot, names)
        name, given = left.pop(0), list[Any]()
        while left and left[0] not in ("|", ")"):
            given.append(self._operand(left, dot, names))
        return self._call(name, given + last, names)

    def _operand(self, left: list[str], dot: Any, names: dict[str, Any]) -> Any:
        word = left.pop(0)
        if word == "(":
            found = self._pipeline(left, dot, names)
            left.pop(0)
            return found
        if word.startswith('"'):
            return json.loads(word)
        if word.lstrip("-").isdigit():
            return int(word)
        base, *path = word.split(".")
        found = dot if base == "" else names[base]
        for step in path:
            if step:
                found = found[step]
        if word.startswith((".Values.", "$.Values.")):
            self.used.add(word.partition("Values.")[2])
        return found

    def _call(self, name: str, given: list[Any], names: dict[str, Any]) -> Any:
        if name == "include":
            return self._render(self.parts[given[0]], given[1], {"$": given[1]})
        return _FUNCTIONS[name](*given)


def _parsed(text: str) -> Block:
    pieces: list[tuple[str, list[str]]] = [("", [])]
    at, trims = 0, False
    for tag in _TAG.finditer(text):
        before = text[at : tag.start()]
        before = before.lstrip() if trims else before
        pieces.append((before.rstrip() if tag[1] else before, _WORD.findall(tag[2])))
        at, trims = tag.end(), bool(tag[3])
    pieces.append((text[at:].lstrip() if trims else text[at:], []))
    return _nested(pieces, 0)[0]


def _nested(pieces: list[tuple[str, list[str]]], at: int) -> tuple[Block, int]:
    block: Block = []
    while at < len(pieces):
        text, words = pieces[at]
        block.append(text)
        at += 1
        if not words or words[0].startswith("/*"):
            continue
        if words[0] in ("end", "else"):
            return block, at - 1
        node = Node(words)
        if words[0] in ("define", "if", "with", "range"):
            node.inside, at = _nested(pieces, at)
            if pieces[at][1][0] == "else":
                node.otherwise, at = _nested(pieces, at + 1)
            at += 1
        block.append(node)
    return block, at


def _merged(base: Any, over: Any) -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{name: _merged(base.get(name), value) for name, value in over.items()}}
    return over


def _text(found: Any) -> str:
    if isinstance(found, bool):
        return "true" if found else "false"
    return "" if found is None else str(found)


def _indented(width: int, text: str) -> str:
    return "\n" + "\n".join(" " * width + line if line else line for line in text.split("\n"))


_FUNCTIONS: dict[str, Any] = {
    "quote": lambda one: json.dumps(_text(one), ensure_ascii=False),
    "nindent": _indented,
    "toYaml": lambda one: yaml.safe_dump(one, sort_keys=True, default_flow_style=False).rstrip("\n"),
    "toJson": lambda one: json.dumps(one, separators=(",", ":")),
    "default": lambda usual, one: one or usual,
    "printf": lambda words, *given: words % given,
    "trunc": lambda length, one: one[:length],
    "trimSuffix": lambda end, one: one.removesuffix(end),
    "not": lambda one: not one,
    "or": lambda *given: next((one for one in given if one), given[-1]),
    "list": lambda *given: list(given),
    "dict": lambda *given: dict(zip(given[::2], given[1::2], strict=True)),
    "ternary": lambda one, other, yes: one if yes else other,
}
