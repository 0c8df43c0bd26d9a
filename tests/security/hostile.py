"""An experience in which every text is a payload, found by walking through the schema of what can be written.

A text that the schema learns of is filled by itself; a new list wants an entry in HARMLESS, which a test says.
"""

import copy
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.security.payloads import PAYLOADS, numbered
from vestibule.experience import document, drafts, schema
from vestibule.people.errors import Invalid, Refusal
from vestibule.people.models import Business
from vestibule.people.permissions import Actor

Say = Callable[[str, Mapping[str, Any]], str]
Named = Callable[[int, Mapping[str, Any], str], str]
SITE = "https://lakeside.example/"
NAMES = tuple(PAYLOADS)
NEVER_TAKEN = ("business.email", "business.phone", "business.timezone", "waiting_room.support_phone")
"""Texts of a shape that the schema does not tell: none of the payloads is one."""
NEVER_IN_ONE_LINE = frozenset({"header", "end of an event", "turned around"})
_MORE_OF_A_QUESTION: Mapping[str, dict[str, Any]] = {
    "text": {},
    "long_text": {},
    "choice": {"choices": ["One", "Two"]},
    "many": {"choices": ["Three", "Four"]},
    "number": {},
    "date": {},
    "file": {},
    "consent": {"text": "All of it", "version": "1"},
}
_ASKED = [
    {"id": "reason" if kind == "text" else f"q_{kind}", "type": kind, "label": f"Asked as {kind}", **more}
    for kind, more in _MORE_OF_A_QUESTION.items()
]
_CHOICES = [{"id": "a", "text": "One", "texts": {"de": "Eins"}}, {"id": "b", "text": "Two", "texts": {"de": "Zwei"}}]
_SURVEY = [
    {"kind": kind, "text": f"{kind}?", "texts": {"de": f"{kind}!"}, "asks_comment": kind != "text", **more}
    for kind, more in {
        "stars": {},
        "thumbs": {},
        "nps": {},
        "choice": {"choices": _CHOICES},
        "many": {"choices": _CHOICES},
        "text": {},
        "issues": {},
    }.items()
]
HARMLESS: Mapping[str, Any] = {
    "format": document.FORMAT,
    "business": {
        "name": "Lakeside Clinic",
        "industry": "health",
        "timezone": "UTC",
        "email": "hello@lakeside.example",
        "phone": "+41445550100",
        "privacy_url": "https://lakeside.example/privacy",
        "terms_url": "https://lakeside.example/terms",
    },
    "brand": {"colour": "#0b5fa5", "font": "figtree"},
    "services": [
        {"slug": "first-visit", "name": "First visit", "questions": _ASKED, "has_waitlist": True, "price_minor": 8000}
        | {"currency": "EUR", "lengths": [60], "asks_language_need": True},
        {"slug": "on-request", "name": "On request", "needs_approval": True, "questions": []},
    ],
    "call": {"dial_in": "+41445550101", "helper_links": True, "takes_call_requests": True},
    "waiting_room": {"support_phone": "+41445550102", "takes_walk_ins": True, "shows_expected_wait": True},
    "reminders": {
        "list": [
            {"side": "before", "offset_minutes": 60, "audiences": ["consumer"], "channel": "email"},
            {"side": "before", "offset_minutes": 90, "audiences": ["consumer"], "channel": "sms"},
            {"side": "after", "offset_minutes": 30, "audiences": ["consumer"], "channel": "email"},
        ]
    },
    "texts": {"en": {}, "de": {}},
    "survey": {"consumer": _SURVEY, "provider": _SURVEY, "elsewhere_url": ""},
}
"""What is filled, beside its texts: one of each kind of question, so that each is drawn."""


@dataclass
class Told:
    """A document full of payloads: which place has which number and payload, and which were refused, with what."""

    document: dict[str, Any]
    places: dict[int, tuple[str, str]] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)

    @property
    def used(self) -> list[str]:
        """Which payloads were written."""
        return [name for _path, name in self.places.values() if name]

    @property
    def starts(self) -> dict[int, str]:
        """What stands before each number in the text that was written."""
        return {
            number: PAYLOADS[name].format(n="\0").partition("\0")[0]
            for number, (_path, name) in self.places.items()
            if name
        }


def told(turn: int) -> Told:
    """Return the document of a turn: each place has another payload than in the turn before; turn -1 is harmless."""

    def said(number: int, shape: Mapping[str, Any], _path: str) -> str:
        if turn < 0:
            return ""
        first = number * 7 + turn * 3
        ring = [NAMES[(first + step) % len(NAMES)] for step in range(len(NAMES))]
        return next((name for name in ring if _fits(numbered(name, number), shape)), ring[0])

    return _made(said, max(turn, 0) * 1000, asks_elsewhere=turn == 1)


def taken() -> Told:
    """Return a document of payloads that are taken wherever they stand."""
    ring = [name for name in NAMES if name not in NEVER_IN_ONE_LINE]

    def said(number: int, shape: Mapping[str, Any], _path: str) -> str:
        turned = [ring[(number * 3 + step) % len(ring)] for step in range(len(ring))]
        return next(name for name in turned if _fits(numbered(name, number), shape))

    return without(_made(said, 0), (*NEVER_TAKEN, "call.dial_in"))


def everywhere(name: str, first: int = 0) -> Told:
    """Return the document with one payload at every place, numbered from `first`."""
    return _made(lambda _number, _shape, _path: name, first)


def crowded() -> Told:
    """Return a document whose lists are so long that each of their texts stands there with every payload."""
    kept = [name for name in NAMES if name not in NEVER_IN_ONE_LINE]
    met = Counter[str]()

    def in_turn(place: str) -> str:
        met[place] += 1
        return kept[(met[place] - 1) % len(kept)]

    return _made(lambda _number, _shape, path: in_turn(general(path)), 0, held=_crowd())


def _crowd() -> dict[str, Any]:
    consents = [{"id": f"c{number}", "type": "consent", "label": "I agree"} for number in range(20)]
    asked = [{"id": f"q{number}", "type": "choice", "label": "Why", "choices": ["So"]} for number in range(20)]
    questions = [consents, consents, asked, asked, *([],) * 36]
    services = [{"slug": f"s{number}", "name": "Visit", "questions": one} for number, one in enumerate(questions)]
    choices = [{"id": f"a{number}", "text": "So", "texts": {"de": "So"}} for number in range(20)]
    survey = [{"kind": "stars", "text": "How?", "texts": {"de": "Wie?"}} for _number in range(20)]
    many = [{"kind": "many", "text": "What?", "texts": {"de": "Was?"}, "choices": choices} for _number in range(2)]
    return {
        "format": document.FORMAT,
        "services": services,
        "reminders": {"list": HARMLESS["reminders"]["list"]},
        "survey": {"consumer": [*many, *survey[:18]], "provider": [*survey[:18], *many]},
    }


def _fits(text: str, shape: Mapping[str, Any]) -> bool:
    """Tell whether a payload is no longer than its place takes, and whole in an address."""
    room = shape.get("maxLength", len(text))
    return len(text.split()) == 1 and len(text) < room - len(SITE) if _is_address(shape) else len(text) <= room


def _made(named: Named, first: int, *, held: Mapping[str, Any] | None = None, asks_elsewhere: bool = False) -> Told:
    """Return the document; where it asks elsewhere, own questions are not asked, so that not every one does."""
    made = Told({})
    count = iter(range(first, 10_000))
    shape = copy.deepcopy(schema.schema())
    if not asks_elsewhere:
        del shape["properties"]["survey"]["properties"]["elsewhere_url"]

    def say(path: str, shape: Mapping[str, Any]) -> str:
        number = next(count)
        name = named(number, shape, path)
        made.places[number] = (path, name)
        return numbered(name, number) if name else f"Words-zq{number:04d}x"

    made.document = _filled(shape, copy.deepcopy(dict(held or HARMLESS)), say, "")
    return made


def texts_of(shape: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield every place of a schema at which somebody may write, as `general` names it."""
    if _is_text(shape) or _is_address(shape):
        yield path
    for name, one in shape.get("properties", {}).items():
        yield from texts_of(one, f"{path}.{name}".lstrip("."))
    for one in (shape.get("items"), shape.get("additionalProperties")):
        if isinstance(one, dict):
            yield from texts_of(one, f"{path}.*")


def without(told: Told, places: Iterable[str]) -> Told:
    """Return a document with the harmless value at these places."""
    for path in places:
        _restore(told, path)
    return told


def general(path: str) -> str:
    """Return a place without which entry of a list, or which language, it is of."""
    parts = path.split(".")
    languages = {"en", "de"}
    return ".".join("*" if one.isdigit() or one in languages else one for one in parts)


def publish(actor: Actor, business: Business, wanted: Told) -> None:
    """Let the document hold, as a version."""
    load(actor, business, wanted)
    drafts.publish(actor, Business.objects.get(pk=business.pk))


def load(actor: Actor, business: Business, wanted: Told) -> None:
    """Take the document as the draft; what is refused gets the harmless value back, and is noted with the refusal."""
    for _turn in range(400):
        refusal = _refusal(actor, Business.objects.get(pk=business.pk), wanted.document)
        if refusal is None:
            return
        path = str(refusal.facts.get("field", ""))
        assert path not in wanted.refused, f"{path} is refused with a harmless value: {refusal.sentence}"
        wanted.refused[path] = refusal
        _restore(wanted, path)
    raise AssertionError("it is refused again and again")


def _refusal(actor: Actor, business: Business, wanted: Mapping[str, Any]) -> Refusal | None:
    try:
        drafts.load(actor, business, wanted)
    except Refusal as refused:
        if refused.status != Invalid.status:
            raise
        return refused
    return None


def _is_text(shape: Mapping[str, Any]) -> bool:
    """Tell whether somebody may write here what they like: neither a word of a list, nor of a fixed shape."""
    is_fixed = {"enum", "const", "pattern", "contentEncoding"} & set(shape)
    return shape.get("type") == "string" and not is_fixed


def _is_address(shape: Mapping[str, Any]) -> bool:
    """Tell whether this is where something leads: what stands behind its question mark is anybody's."""
    return str(shape.get("pattern", "")).startswith("^(https?://")


def _filled(shape: Mapping[str, Any], held: Any, say: Say, path: str) -> Any:
    if _is_text(shape):
        return say(path, shape)
    if _is_address(shape):
        return f"{held or SITE}?q={say(path, shape)}"
    if not _holds_text(shape):
        return held
    if shape["type"] == "array":
        return [_filled(shape["items"], one, say, f"{path}.{number}") for number, one in enumerate(held or [])]
    found = dict(held or {})
    for name, one in shape.get("properties", {}).items():
        is_list = one.get("type") == "array"
        is_wanted = name in found if not path else name in found or (_holds_text(one) and not is_list)
        if is_wanted:
            found[name] = _filled(one, found.get(name), say, f"{path}.{name}".lstrip("."))
    others = shape.get("additionalProperties")
    if isinstance(others, dict):
        found = {name: _filled(others, one, say, f"{path}.{name}") for name, one in (found or {"de": None}).items()}
    return found


def _holds_text(shape: Mapping[str, Any]) -> bool:
    return next(texts_of(shape), None) is not None


def _restore(wanted: Told, path: str) -> None:
    """Put the harmless value back at a place, or nothing where there is none."""
    held: Any = HARMLESS
    here: Any = wanted.document
    *way, last = path.split(".")
    for name in way:
        here = here[int(name)] if isinstance(here, list) else here[name]
        held = _inside(held, name)
    value = _inside(held, last)
    if isinstance(here, list):
        here[int(last)] = value
    elif value is None:
        here.pop(last, None)
    else:
        here[last] = copy.deepcopy(value)


def _inside(held: Any, name: str) -> Any:
    if isinstance(held, list):
        return held[int(name)] if name.isdigit() and int(name) < len(held) else None
    return held.get(name) if isinstance(held, Mapping) else None
