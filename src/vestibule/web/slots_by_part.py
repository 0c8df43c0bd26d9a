"""Free times of one day as pages show them: by part of the day, each with its label, zone and offset."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from vestibule.booking.availability import Slot
from vestibule.booking.day_parts import NAMES, DayPart, part_of
from vestibule.web import times

ICONS = {DayPart.MORNING: "morning", DayPart.AFTERNOON: "sun", DayPart.EVENING: "evening"}


@dataclass(frozen=True)
class Shown:
    """One free start: what is read ("09:00"), the offset of that zone then ("+01:00"), seats left where several.

    `there` is the same instant in the other zone, if one was given, with the weekday when it is another day there.
    `stand_in` is whom one meets in place of the chosen provider. `is_twice` says that clocks show this label twice on
    this day, so that the offset must be shown too.
    """

    start: datetime
    label: str
    offset: str
    seats_left: int | None = None
    there: str = ""
    stand_in: str = ""
    is_twice: bool = False


@dataclass(frozen=True)
class Part:
    """A part of the day and its free starts, earliest first."""

    label: str
    icon: str
    slots: list[Shown] = field(default_factory=list)


def by_part(
    slots: Iterable[Slot], zone: str, other_zone: str = "", stand_ins: Mapping[int, str] | None = None
) -> list[Part]:
    """Return morning, afternoon and evening in `zone`, also those without a free start.

    The slots are those of one local day. `other_zone` may be where the business is, if that is not `zone`;
    `stand_ins` are names, by id, of who takes the place of a chosen provider.
    """
    day = list(slots)
    labels = Counter(times.clock(slot.start, zone) for slot in day)
    parts = {part: Part(str(NAMES[part]), ICONS[part]) for part in DayPart}
    for slot in day:
        label = times.clock(slot.start, zone)
        one = Shown(
            start=slot.start,
            label=label,
            offset=times.offset(slot.start, zone),
            seats_left=slot.seats_left,
            there=_there(slot.start, zone, other_zone) if other_zone else "",
            stand_in=(stand_ins or {}).get(slot.providers[0], ""),
            is_twice=labels[label] > 1,
        )
        parts[part_of(slot.start, zone)].slots.append(one)
    return list(parts.values())


def _there(start: datetime, zone: str, other_zone: str) -> str:
    here, there = times.local(start, zone), times.local(start, other_zone)
    label = times.clock(start, other_zone)
    return label if here.date() == there.date() else f"{times.written(there, 'D')} {label}"
