"""What `vestibule export` and `vestibule import` do: an experience to a file, and back. Each returns an exit code."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from vestibule.demo.commands import plainly
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Role, staff_actor
from vestibule.store import migrating


@plainly
def export_experience(business: str, out: str, *, as_zip: bool) -> int:
    """Write the experience as it holds now, as JSON or as a zip that runs by itself; to standard output without `out`.

    A file that is there is written over.
    """
    migrating.bring_up_to_date()
    from vestibule.experience import files, parcel

    if not business:
        raise Invalid("Name the business: vestibule export BUSINESS")
    found = _business(business)
    if as_zip and not out:
        out = f"{found.slug}.zip"
    content = parcel.pack(_actor(found), found) if as_zip else files.pack(_actor(found), found).text.encode()
    return _written(content, out, f"the experience of {found.name}")


@plainly
def export_schema(out: str) -> int:
    """Write the JSON Schema of experiences."""
    from vestibule.experience import schema

    return _written(schema.written().encode(), out)


@plainly
def import_experience(business: str, file: str, *, publish: bool, create: bool) -> int:
    """Take a file in as the draft; with `publish` it holds at once.

    With `create` the business is made first, with a provider, and what is in the file published; one that is there
    already is left alone. Several may start so at once: one makes it, and the others find it.
    """
    migrating.bring_up_to_date()
    from vestibule.experience import drafts, files
    from vestibule.store.locks import one_at_a_time
    from vestibule.store.transactions import writing

    try:
        content = Path(file).read_bytes()
    except OSError as failure:
        raise Invalid(f"{file} cannot be read: {failure.strerror}.") from failure
    with writing():
        one_at_a_time([f"import {business}"])
        if create and Business.objects.filter(slug=business).exists():
            sys.stdout.write(f"{business} is here already and was left as it is.\n")
            return 0
        found = _made(business, content) if create else _business(business)
        files.load(_actor(found), found, content, _beside(Path(file)))
        if publish or create:
            version = drafts.publish(_actor(found), found, note=f"From {Path(file).name}"[: drafts.LONGEST_NOTE])
    if publish or create:
        sys.stdout.write(f"Published version {version.number} of {found.slug}: {_address(found)}\n")
    else:
        sys.stdout.write(f"The draft of {found.slug} now holds {file}. Look at it, and publish it, in Manage.\n")
    return 0


def begin_as(business: Business, wanted: dict[str, Any], template: str) -> None:
    """Let an industry template hold in a new business, as its first version."""
    from vestibule.experience import drafts

    drafts.load(_actor(business), business, wanted, template=template)
    drafts.publish(_actor(business), business, note=f"Template {template}")


def _written(content: bytes, out: str, what: str = "the schema") -> int:
    if not out or out == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return 0
    try:
        Path(out).write_bytes(content)
    except OSError as failure:
        raise Invalid(f"{out} cannot be written: {failure.strerror}.") from failure
    sys.stdout.write(f"Saved {what} to {out} ({len(content) / 1024:.0f} KB).\n")
    return 0


def _made(slug: str, content: bytes) -> Business:
    """Make a business for a file, with one provider, since nobody can book what nobody offers."""
    from vestibule.booking import setup
    from vestibule.people.permissions import SYSTEM

    told = _facts(content)
    made = setup.create_business(SYSTEM, slug=slug, name=told["name"] or slug, timezone=told["timezone"] or "UTC")
    setup.add_provider(SYSTEM, made, name=made.name)
    return made


def _facts(content: bytes) -> dict[str, str]:
    """Return name and zone that a file gives plainly; whatever is wrong is said when it is read."""
    try:
        told = json.loads(content).get("business", {})
        return {key: told[key] if isinstance(told.get(key), str) else "" for key in ("name", "timezone")}
    except (ValueError, AttributeError, RecursionError):
        return {"name": "", "timezone": ""}


def _beside(file: Path) -> dict[str, bytes]:
    """Return the pictures in the folder beside a file, by the names that it gives them."""
    from vestibule.experience import files

    folder = file.parent / files.FOLDER
    found = sorted(folder.iterdir())[: files.MOST_PICTURES] if folder.is_dir() else []
    return {f"{files.FOLDER}{one.name}": one.read_bytes() for one in found if one.is_file()}


def _business(slug: str) -> Business:
    found: Business | None = Business.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Business.objects.values_list("slug", flat=True)) or "none yet"
        raise NotFound(f"There is no business {slug!r} (there is: {known}). Make it: vestibule create-business")
    return found


def _actor(business: Business) -> Actor:
    """Return who works at the server itself, with an owner's rights in one business."""
    return staff_actor(user_id=0, label="vestibule command", business_id=business.pk, role=Role.OWNER, provider_id=None)


def _address(business: Business) -> str:
    origin = os.environ.get("VESTIBULE_PUBLIC_URL") or "http://localhost:8000"
    return f"{origin.rstrip('/')}/book/{business.slug}"
