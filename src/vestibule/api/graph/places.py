"""Addresses, telephone numbers and places as programs write them: kept as written, and never wrong in an answer."""

import math
from typing import Any

from vestibule.api.graph import values
from vestibule.api.graph.values import Json
from vestibule.people.errors import Invalid

PHONES = (
    *("home", "business", "mobile", "other", "assistant", "homeFax", "businessFax", "otherFax", "pager"),
    "radio",
)
MOST = 20
_ADDRESS = ("type", "postOfficeBox", "street", "city", "state", "countryOrRegion", "postalCode")
_PLACES = (
    *("default", "conferenceRoom", "homeAddress", "businessAddress", "geoCoordinates", "streetAddress", "hotel"),
    *("restaurant", "localBusiness", "postalAddress"),
)
_REGISTERS = ("unknown", "locationStore", "directory", "private", "bing")
_COORDINATES = ("altitude", "latitude", "longitude", "accuracy", "altitudeAccuracy")


def addresses(given: Any, field: str) -> list[Json]:
    """Return postal addresses, twenty at most."""
    return [_texts(one, _ADDRESS, f"{field}/{at}") for at, one in enumerate(_few(given, field))]


def phones(given: Any, field: str) -> list[Json]:
    """Return telephone numbers with their types, twenty at most; they are kept as they were written."""
    found = []
    for at, one in enumerate(_few(given, field)):
        told: Json = _texts(one, ("number", "region", "language"), f"{field}/{at}")
        found.append(told | _choices(one, {"type": PHONES}, f"{field}/{at}"))
    return found


def place(given: Any, field: str) -> Json | None:
    """Return a location; None for none."""
    if given is None:
        return None
    there = values.an_object(given, field)
    told: Json = _texts(there, ("displayName", "locationEmailAddress", "locationUri", "uniqueId"), field)
    told |= _choices(there, {"locationType": _PLACES, "uniqueIdType": _REGISTERS}, field)
    if "address" in there:
        own = there["address"]
        told["address"] = None if own is None else _texts(own, _ADDRESS, f"{field}/address")
    if "coordinates" in there:
        told["coordinates"] = _coordinates(there["coordinates"], f"{field}/coordinates")
    return told


def _texts(given: Any, names: tuple[str, ...], field: str) -> Json:
    there = values.an_object(given, field)
    return {
        name: None if there[name] is None else values.text(there[name], f"{field}/{name}", 300)
        for name in names
        if name in there
    }


def _choices(given: Json, options: dict[str, tuple[str, ...]], field: str) -> Json:
    return {
        name: None if given[name] is None else values.choice(given[name], known, f"{field}/{name}")
        for name, known in options.items()
        if name in given
    }


def _coordinates(given: Any, field: str) -> Json | None:
    if given is None:
        return None
    there = values.an_object(given, field)
    told = {name: there[name] for name in _COORDINATES if name in there}
    for name, value in told.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if value is not None and not is_number:
            raise Invalid("A number is taken here.", field=f"{field}/{name}")
    return told


def _few(given: Any, field: str) -> list[Json]:
    found = values.objects(given, field)
    if len(found) > MOST:
        raise Invalid(f"At most {MOST} of these are kept.", field=field)
    return found
