"""What is to happen when an appointment was changed here, there, or on both sides since both last agreed. Pure values.

Each side is compared with itself as it was then, never with the other: a scheduler may write a name or a number in its
own way, and that is no change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

TIME, SERVICE, NAME, EMAIL, PHONE = PARTS = ("time", "service", "name", "email", "phone")
"""What is decided about as one: the time with its staff, since who takes it decides whether it is free."""
CANCELLED = "cancelled"


@dataclass(frozen=True)
class Standing:
    """An appointment as it stands on one side: UTC minutes, half-open; `service` and `staff` by their ids outside."""

    start: int
    end: int
    service: str
    staff: tuple[str, ...] = ()
    name: str = ""
    email: str = ""
    phone: str = ""

    def part(self, name: str) -> Any:
        """Return one of `PARTS`, such that equal values mean the same."""
        match name:
            case "time":
                return self.start, self.end, tuple(sorted(one.casefold() for one in self.staff))
            case "service":
                return self.service.casefold()
            case "email":
                return self.email.strip().casefold()
            case "phone":
                return "".join(sign for sign in self.phone if sign.isdigit()).lstrip("0")
        return " ".join(self.name.split())

    def stored(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {one.name: getattr(self, one.name) for one in fields(self)} | {"staff": list(self.staff)}

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> "Standing | None":
        """Return what `stored` made; None for nothing."""
        return cls(**{**stored, "staff": tuple(stored["staff"])}) if stored else None


@dataclass(frozen=True)
class Agreed:
    """How an appointment stood on each side when both last agreed; None: cancelled, or not there yet."""

    here: Standing | None
    there: Standing | None

    def stored(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {name: one.stored() if one else None for name, one in (("here", self.here), ("there", self.there))}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Agreed":
        """Return what `stored` made; both None where nothing was agreed on."""
        return cls(Standing.read(stored.get("here")), Standing.read(stored.get("there")))


@dataclass(frozen=True)
class Verdict:
    """What is to be done: parts that follow there what is here, and here what is there, or the end on one side.

    `lost` are parts that both sides changed differently; ours was given up for theirs. `CANCELLED` in it: one side
    cancelled what the other changed.
    """

    there: frozenset[str] = frozenset()
    here: frozenset[str] = frozenset()
    ends_there: bool = False
    ends_here: bool = False
    lost: frozenset[str] = frozenset()

    @property
    def is_settled(self) -> bool:
        """Whether both sides agree."""
        return not (self.there or self.here or self.ends_there or self.ends_here)


SETTLED = Verdict()


def decide(agreed: Agreed, ours: Standing | None, theirs: Standing | None) -> Verdict:
    """Return what is to be done, for an appointment that stood on both sides once.

    What one side alone changed is brought to the other. Cancelled beats changed, theirs beats ours.
    """
    ours_changed, theirs_changed = _changed(agreed.here, ours), _changed(agreed.there, theirs)
    if ours is None or theirs is None:
        if ours is None and theirs is None:
            return SETTLED
        others = theirs_changed if ours is None else ours_changed
        lost = frozenset({CANCELLED}) if others else frozenset[str]()
        return Verdict(ends_there=ours is None, ends_here=theirs is None, lost=lost)
    both = {one for one in ours_changed & theirs_changed if ours.part(one) != theirs.part(one)}
    return Verdict(
        there=ours_changed - theirs_changed,
        here=(theirs_changed - ours_changed) | frozenset(both),
        lost=frozenset(both),
    )


def _changed(before: Standing | None, now: Standing | None) -> frozenset[str]:
    """Return the parts that one side changed; nothing where it stands no more, or was not known to stand."""
    if before is None or now is None:
        return frozenset()
    return frozenset(one for one in PARTS if before.part(one) != now.part(one))
