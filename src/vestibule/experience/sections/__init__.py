"""The parts of an experience: each reads what holds now, and writes what is wanted with the verbs the pages use too.

There is no second set of rules: whether a value can be is found out by writing it, in a block that is undone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vestibule.people.models import Business
from vestibule.people.permissions import Actor

Json = Any


@dataclass(frozen=True)
class Section:
    """One part of the document.

    `read` returns what holds, as JSON. `write` makes `wanted` hold where it differs from `was`; it raises Invalid with
    a field below the section's name ("brand.colour"), NotPermitted or NotFound. A key that is missing in `wanted` is
    left as it is; an unknown one is refused.
    """

    name: str
    read: Callable[[Business], Json]
    write: Callable[[Actor, Business, Json, Json], None]
