"""Reads a Bicep file as its compiler would: what its resources come to, for comparing it with the ARM template.

The grammar is that of `tree-sitter-bicep`; of the language what our files use is understood, and nothing more.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

from tests.deploy.arm import FUNCTIONS, Asked, resource_id

_ESCAPED = {"\\'": "'", "\\\\": "\\", "\\n": "\n", "\\$": "$"}


@dataclass
class Resource:
    """A declared resource; `before` are the symbols it names, which the compiler makes it wait for."""

    source: "Source"
    symbol: str
    kind: str
    version: str
    exists: bool
    body: Node
    before: set[str] = field(default_factory=set)

    def part(self, name: str) -> Any:
        return self.source.value(self.source.pairs(self.body)[name])

    @property
    def names(self) -> list[str]:
        pairs = self.source.pairs(self.body)
        own = str(self.part("name"))
        return [*self.source.resources[_text(pairs["parent"])].names, own] if "parent" in pairs else [own]

    @property
    def id(self) -> str:
        pairs = self.source.pairs(self.body)
        if "scope" in pairs:
            return f"{self.source.resources[_text(pairs['scope'])].id}/providers/{self.kind}/{self.names[-1]}"
        return resource_id(self.kind, *self.names)

    def member(self, name: str) -> Any:
        if name == "properties":
            return Asked(f"{self.id}@{self.version}")
        return {"id": self.id, "name": self.names[-1]}[name]

    def content(self) -> dict[str, Any]:
        """What is asked of Azure, the names of what it waits for apart."""
        self.before.clear()
        self.source.reading.append(self)
        pairs = self.source.pairs(self.body)
        for name in {"parent", "scope"} & set(pairs):
            self.source.value(pairs[name])
        for symbol in self.source.value(pairs["dependsOn"]) if "dependsOn" in pairs else []:
            self.before.add(symbol.symbol)
        rest = {name: self.source.value(node) for name, node in pairs.items() if name not in _ABOUT}
        self.source.reading.pop()
        return {"type": self.kind, "apiVersion": self.version, "name": "/".join(self.names), **rest}


_ABOUT = {"name", "parent", "scope", "dependsOn"}


class Source:
    """One file, with values for its parameters that have no default."""

    def __init__(self, path: Path, given: dict[str, Any]) -> None:
        tree = Parser(Language(tree_sitter_bicep.language())).parse(path.read_bytes())
        if tree.root_node.has_error:
            raise ValueError(f"{path.name} is no Bicep: {_first_error(tree.root_node)}")
        self.given = given
        self.parameters: dict[str, dict[str, Any]] = {}
        self.variables: dict[str, Node] = {}
        self.resources: dict[str, Resource] = {}
        self.outputs: dict[str, tuple[str, Node]] = {}
        self.reading: list[Resource] = []
        self.used: set[str] = set()
        self._defaults: dict[str, Node] = {}
        decorators: list[Node] = []
        for node in tree.root_node.named_children:
            if node.type == "decorators":
                decorators = node.named_children
            elif node.type != "comment":
                self._declare(node, decorators)
                decorators = []

    def _declare(self, node: Node, decorators: list[Node]) -> None:
        children = node.named_children
        name = _text(children[0])
        if node.type == "parameter_declaration":
            self.parameters[name] = {"type": _text(children[1]), **dict(self._decorator(one) for one in decorators)}
            if len(children) > 2:
                self._defaults[name] = children[2]
        elif node.type == "variable_declaration":
            self.variables[name] = children[1]
        elif node.type == "output_declaration":
            self.outputs[name] = (_text(children[1]), children[2])
        elif node.type == "resource_declaration":
            kind, _at, version = str(self.value(children[1])).partition("@")
            exists = any(one.type == "existing" for one in node.children)
            self.resources[name] = Resource(self, name, kind, version, exists, children[2])
        else:
            raise ValueError(f"{node.type} is not understood here")

    def _decorator(self, node: Node) -> tuple[str, Any]:
        call = node.named_children[0]
        words = [self.value(one) for one in call.named_children[1].named_children]
        return _text(call.named_children[0]), words[0] if words else True

    def has_default(self, name: str) -> bool:
        return name in self._defaults

    def default(self, name: str) -> Any:
        return self.value(self._defaults[name])

    def pairs(self, node: Node) -> dict[str, Node]:
        """The values of an object by their names, as they stand there."""
        found = {}
        for one in node.named_children:
            if one.type == "object_property":
                name, value = one.named_children
                found[_text(name) if name.type == "identifier" else str(self.value(name))] = value
        return found

    def value(self, node: Node) -> Any:
        """Return what an expression comes to. Raises ValueError for what our files do not use."""
        read = getattr(self, f"_{node.type}", None)
        if read is None:
            raise ValueError(f"{node.type} is not understood here: {_text(node)}")
        return read(node)

    def _identifier(self, node: Node) -> Any:
        name = _text(node)
        self.used.add(name)
        if name in self.parameters:
            return self.default(name) if self.has_default(name) else self.given[name]
        if name in self.variables:
            return self.value(self.variables[name])
        if name not in self.resources:
            raise ValueError(f"{name} is not declared")
        if self.reading and not self.resources[name].exists:
            self.reading[-1].before.add(name)
        return self.resources[name]

    def _string(self, node: Node) -> str:
        parts = []
        for one in node.named_children:
            if one.type == "interpolation":
                parts.append(str(self.value(one.named_children[0])))
            else:
                parts.append(_ESCAPED[_text(one)] if one.type == "escape_sequence" else _text(one))
        return "".join(parts)

    def _number(self, node: Node) -> int:
        return int(_text(node))

    def _boolean(self, node: Node) -> bool:
        return _text(node) == "true"

    def _object(self, node: Node) -> dict[str, Any]:
        return {name: self.value(one) for name, one in self.pairs(node).items()}

    def _array(self, node: Node) -> list[Any]:
        return [self.value(one) for one in node.named_children if one.type != "comment"]

    def _ternary_expression(self, node: Node) -> Any:
        condition, yes, other = (self.value(one) for one in node.named_children)
        return yes if condition else other

    def _member_expression(self, node: Node) -> Any:
        whole, name = self.value(node.named_children[0]), _text(node.named_children[1])
        return whole.member(name) if isinstance(whole, Resource) else whole[name]

    def _call_expression(self, node: Node) -> Any:
        called, given = node.named_children
        words = [self.value(one) for one in given.named_children]
        if called.type == "member_expression":
            whole = self.value(called.named_children[0])
            return Asked(f"{whole.id}@{whole.version}/{_text(called.named_children[1])}")
        return FUNCTIONS[_text(called)](*words)


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _first_error(node: Node) -> str:
    if node.type == "ERROR" or node.is_missing:
        return f"line {node.start_point.row + 1}"
    return next((_first_error(one) for one in node.children if one.has_error), "?")
