"""What the zip holds: the experience, the product, and files to run both by hand, as a service or in containers.

There is no secret in it: whoever starts it first makes them, in their own data folder.
"""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from vestibule.experience import files, schema
from vestibule.experience.parcel import wheel
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.store import clock

FILES = Path(__file__).parent / "files"
NAMES = {"env.example": ".env.example", "dockerignore": ".dockerignore"}
"""What cannot be called in the package as it is in the zip."""
SCHEMA = "experience.schema.json"


def pack(actor: Actor, business: Business) -> bytes:
    """Return the zip of a business' experience as it holds now, all in one folder named by its slug.

    Takes about two seconds and 15 MB. Raises NotPermitted, NotFound, NotBuilt.
    """
    packed = files.pack(actor, business, apart=True)
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for name, content in _static().items():
            _put(archive, f"{business.slug}/{name}", content)
        _put(archive, f"{business.slug}/business.txt", f"{business.slug}\n".encode())
        _put(archive, f"{business.slug}/{files.NAME}", _naming_its_schema(packed))
        _put(archive, f"{business.slug}/{SCHEMA}", schema.written().encode())
        for name, content in packed.beside.items():
            _put(archive, f"{business.slug}/{name}", content)
        _put(archive, f"{business.slug}/wheel/{wheel.name()}", wheel.build())
    return out.getvalue()


def _naming_its_schema(packed: files.Packed) -> bytes:
    """Return the document with where its schema lies beside it, so that editors check it as somebody types."""
    return replace(packed, document={"$schema": f"./{SCHEMA}", **packed.document}).text.encode()


def _static() -> dict[str, bytes]:
    """Return the files that are the same for everybody, by their names in the zip."""
    found = [path for path in sorted(FILES.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    names = [path.relative_to(FILES).as_posix() for path in found]
    return {NAMES.get(name, name): path.read_bytes() for name, path in zip(names, found, strict=True)}


def _put(archive: ZipFile, name: str, content: bytes) -> None:
    now = clock.now()
    entry = ZipInfo(name, (now.year, now.month, now.day, now.hour, now.minute, now.second))
    entry.external_attr = (0o100755 if "/script/" in name else 0o100644) << 16
    entry.create_system = 3  # else nobody reads the rights
    archive.writestr(entry, content, ZIP_STORED if name.endswith(".whl") else ZIP_DEFLATED)
