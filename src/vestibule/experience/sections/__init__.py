"""The parts of an experience: each reads what holds now, and writes what is wanted with the verbs the pages use too.

There is no second set of rules: whether a value can be is found out by writing it, in a block that is undone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from vestibule.people.models import Business
from vestibule.people.permissions import Actor

Json = Any


class Carried(NamedTuple):
    """A picture or film on its way to another server."""

    media_type: str
    alternative: str
    content: bytes


@dataclass(frozen=True)
class Pictures:
    """The pictures of a part. `keys` of it hold a reference to one, or "".

    `find` returns the picture of a business with that reference, or None. `keep` takes bytes from outside for one of
    the keys, with words for who does not see them, and returns the reference to what it kept; what is here already is
    not kept twice. It raises Invalid naming the key.
    """

    keys: tuple[str, ...]
    find: Callable[[Business, str], Carried | None]
    keep: Callable[[Actor, Business, str, bytes, str], str]


@dataclass(frozen=True)
class Section:
    """One part of the document.

    `read` returns what holds, as JSON. `write` makes `wanted` hold where it differs from `was`; it raises Invalid with
    a field below the section's name ("brand.colour"), NotPermitted or NotFound. A key that is missing in `wanted` is
    left as it is; an unknown one is refused. `schema` describes it all as JSON Schema (`sections.described` has the
    pieces); without one the schema of the whole cannot be made, and says so.
    """

    name: str
    read: Callable[[Business], Json]
    write: Callable[[Actor, Business, Json, Json], None]
    schema: Json = None
    pictures: Pictures | None = None
