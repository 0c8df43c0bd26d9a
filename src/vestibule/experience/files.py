"""An experience as a file: one JSON document that reads and compares well, its pictures in it or beside it.

A picture is named by what it holds (`sha256:…`), so that the same experience makes the same file on any server. Reading
a file back is `drafts.load`: nothing holds until it is published.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

import orjson
from django.utils.translation import gettext as _

from vestibule.booking.setup.values import permit
from vestibule.experience import document, drafts
from vestibule.experience.document import Document
from vestibule.experience.models import Draft
from vestibule.experience.schema import schema
from vestibule.experience.sections import Carried
from vestibule.experience.sections.wanted import under
from vestibule.people.errors import Invalid, Refusal
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store import file_kinds
from vestibule.store.transactions import writing

NAME = "experience.json"
FOLDER = "pictures/"
MOST_BYTES = 40 * 1024 * 1024
"""Of a file, and of all that is unpacked from one."""
MOST_PICTURES = 20
MOST_PARTS = 20_000
"""Of a zip: reading a list of some hundred thousand names takes seconds."""
_HASH = "sha256:"


@dataclass(frozen=True)
class Packed:
    """A document ready to be written, and what lies beside it: content by its name there."""

    document: Document
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The document by two spaces, keys in the order of the schema, with a line break at its end."""
        return json.dumps(self.document, indent=2, ensure_ascii=False) + "\n"


def pack(actor: Actor, business: Business, *, apart: bool = False) -> Packed:
    """Return the experience of a business as it holds now, its pictures in the document or `apart` from it.

    Raises NotPermitted, NotFound.
    """
    permit(actor, business.pk, Permission.SEE_SETUP)
    found = ordered(document.read(business), schema())
    shown, beside = dict[str, Any](), dict[str, bytes]()
    for name, section in document.SECTIONS.items():
        for key in section.pictures.keys if section.pictures else ():
            assert section.pictures is not None
            ref = found[name].get(key)
            carried = section.pictures.find(business, ref) if ref else None
            found[name][key] = _put(carried, shown, beside, apart) if carried else ""
    return Packed({**found, **({"pictures": dict(sorted(shown.items()))} if shown else {})}, beside)


def load(
    actor: Actor, business: Business, content: bytes, beside: Mapping[str, bytes] | None = None, *, template: str = ""
) -> Draft:
    """Begin the draft anew with a file: JSON, or a zip of `pack(apart=True)` or larger. `beside` holds its pictures.

    Raises Invalid whose sentence names the place in the document; nothing is kept then.
    """
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    if content.startswith(b"PK\x03\x04"):
        content, beside = _unzipped(content)
    wanted = _read(content)
    with writing(), _naming_the_place():
        pictures = _pictures(wanted.pop("pictures", {}), beside or {})
        for name, section in document.SECTIONS.items():
            if section.pictures is not None and isinstance(wanted.get(name), dict):
                part = wanted[name] = dict(wanted[name])
                for key in section.pictures.keys:
                    if isinstance(part.get(key), str) and part[key].startswith(_HASH):
                        carried = _named(pictures, part[key], f"{name}.{key}")
                        with under(name):
                            part[key] = section.pictures.keep(
                                actor, business, key, carried.content, carried.alternative
                            )
        return drafts.load(actor, business, wanted, template=template)


def ordered(value: Any, shape: Mapping[str, Any]) -> Any:
    """Return `value` with the keys of its objects in the order of a schema, others by the alphabet.

    Databases keep keys in orders of their own.
    """
    if isinstance(value, dict):
        known: Mapping[str, Any] = shape.get("properties", {})
        names = [name for name in known if name in value] + sorted(name for name in value if name not in known)
        others = shape.get("additionalProperties")
        other = others if isinstance(others, dict) else {}
        return {name: ordered(value[name], known.get(name, other)) for name in names}
    if isinstance(value, list):
        return [ordered(one, shape.get("items", {})) for one in value]
    return value


def _put(carried: Carried, shown: dict[str, Any], beside: dict[str, bytes], apart: bool) -> str:
    digest = hashlib.sha256(carried.content).hexdigest()
    entry: dict[str, Any] = {"type": carried.media_type, "alternative": carried.alternative}
    if apart:
        kind = file_kinds.kind_of(carried.content) or carried.media_type.rpartition("/")[2].partition("+")[0]
        entry["file"] = f"{FOLDER}{digest}.{kind}"
        beside[entry["file"]] = carried.content
    else:
        entry["base64"] = base64.b64encode(carried.content).decode()
    shown[_HASH + digest] = entry
    return _HASH + digest


def _read(content: bytes) -> Document:
    if len(content) > MOST_BYTES:
        raise Invalid(_("This file is larger than 40 MB, so it was not read."), field="file")
    try:
        # neither recurses without end, nor takes NaN for a number, or half a character for a text
        found = orjson.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as wrong:
        raise Invalid(_("This file is no text in UTF-8, so it was not read."), field="file") from wrong
    except orjson.JSONDecodeError as wrong:
        words = _("This file is no JSON, so it was not read. It goes wrong in line %(line)s, column %(column)s.")
        raise Invalid(words % {"line": wrong.lineno, "column": wrong.colno}, field="file") from wrong
    if not isinstance(found, dict):
        raise Invalid(_("This is no experience of Vestibule, or one of another version."), field="format")
    found.pop("$schema", None)
    return found


def _pictures(given: Any, beside: Mapping[str, bytes]) -> dict[str, Carried]:
    if not isinstance(given, dict) or len(given) > MOST_PICTURES:
        words = _("The pictures have to be an object of at most %(most)s, each by its sha256.")
        raise Invalid(words % {"most": MOST_PICTURES}, field="pictures")
    return {name: _picture(name, one, beside) for name, one in given.items()}


def _picture(name: str, given: Any, beside: Mapping[str, bytes]) -> Carried:
    place = f"pictures.{name[:80]}"
    if not isinstance(given, dict) or not set(given) <= {"type", "alternative", "base64", "file"}:
        raise Invalid(_("This picture cannot be read. Export it again."), field=place)
    texts = [given.get(key, "") for key in ("type", "alternative", "base64", "file")]
    if not all(isinstance(one, str) for one in texts):
        raise Invalid(_("This picture cannot be read. Export it again."), field=place)
    media_type, alternative, inside, file = texts
    if file and file not in beside:
        raise Invalid(_("This picture does not lie beside the file. Keep them together."), field=f"{place}.file")
    try:
        content = beside[file] if file else base64.b64decode(inside, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise Invalid(_("This picture cannot be read. Export it again."), field=f"{place}.base64") from wrong
    if _HASH + hashlib.sha256(content).hexdigest() != name:
        raise Invalid(_("This picture is not what its name says. Export it again."), field=place)
    return Carried(media_type, alternative, content)


def _named(pictures: Mapping[str, Carried], name: str, place: str) -> Carried:
    if name not in pictures:
        raise Invalid(_("The picture that is named here is not in the file."), field=place)
    return pictures[name]


def _unzipped(content: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Return the document of a zip, and its pictures. Nothing else in it is unpacked."""
    refused = Invalid(_("This zip cannot be read, or holds no experience.json."), field="file")
    if len(content) > MOST_BYTES:
        raise Invalid(_("This file is larger than 40 MB, so it was not read."), field="file")
    if content.count(b"PK\x01\x02") > MOST_PARTS:
        raise refused
    try:
        with ZipFile(BytesIO(content)) as archive:
            listed = archive.infolist()
            wanted = _wanted([one.filename for one in listed])
            left = MOST_BYTES
            found: dict[str, bytes] = {}
            for one in listed:
                if one.filename in wanted:
                    with archive.open(one) as part:
                        found[wanted[one.filename]] = part.read(left + 1)
                    left -= len(found[wanted[one.filename]])
                    if left < 0:
                        raise refused
    except (BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError) as broken:
        raise refused from broken
    if NAME not in found:
        raise refused
    return found.pop(NAME), found


def _wanted(names: Sequence[str]) -> dict[str, str]:
    """Return which files of a zip are read, by their names in it: at its top, or in the one folder around all."""
    tops = [name.removesuffix(NAME) for name in names if name.endswith(NAME) and name.count("/") <= 1]
    top = min(tops, key=len, default="")
    wanted = {f"{top}{NAME}": NAME}
    pictures = [name for name in names if name.startswith(top + FOLDER) and name.count("/") == top.count("/") + 1]
    return wanted | {name: name.removeprefix(top) for name in pictures[:MOST_PICTURES]}


@contextmanager
def _naming_the_place() -> Iterator[None]:
    """Let the sentence of a refusal say where in the document it is about."""
    try:
        yield
    except Refusal as refused:
        place = str(refused.facts.get("field", ""))
        if refused.status != Invalid.status or not place:
            raise
        raise Invalid(f"{place}: {refused}", **refused.facts) from refused
