"""What an adapter of a calendar remembers from one look to the next: an object of JSON, stored with the calendar."""

import hashlib
import json
from typing import Any

from vestibule.calendars.ports import Reading


def read(token: str) -> dict[str, Any]:
    """Return what `token` holds; nothing for a new calendar, or for a token that somebody else wrote."""
    try:
        found = json.loads(token) if token else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def circumstances(reading: Reading) -> dict[str, Any]:
    """Return what decides about the outcome beside the calendar's own text: the first UTC day, and how it is read.

    Entries of a token; where they are not what they were, everything has to be read anew.
    """
    said = f"{reading.zone} {sorted(reading.addresses)} {reading.all_day_counts} {reading.host}"
    return {"day": reading.first // 1440, "as": hashlib.sha256(said.encode()).hexdigest()[:16]}


def is_current(known: dict[str, Any], now: dict[str, Any]) -> bool:
    """Tell whether what a token holds was found in the circumstances of `now`."""
    return all(known.get(name) == value for name, value in now.items())


def short(ref: str) -> str:
    """Return a short name for a long one, to be remembered by the thousand; two of a calendar hardly share one."""
    return hashlib.blake2b(ref.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
