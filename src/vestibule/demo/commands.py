"""What `vestibule create-business`, `create-manager`, `backup` and `restore` do. Each returns an exit code."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from django.conf import settings

from vestibule.people.errors import Refusal
from vestibule.store import migrating
from vestibule.store.backup import BackupRefused, back_up, restore

Done = Callable[..., int]


def plainly(command: Done) -> Done:
    """Say a refusal on stderr, as a sentence, and exit with 1."""

    @wraps(command)
    def run(*words: str, **options: bool) -> int:
        try:
            return command(*words, **options)
        except (Refusal, BackupRefused) as refused:
            sys.stderr.write(f"{refused}\n")
            return 1

    return run


@plainly
def create_business(slug: str, name: str, timezone: str, language: str = "en", template: str = "") -> int:
    """Make a business open Monday to Friday, 08 to 17; with an industry template also what can be booked there."""
    migrating.bring_up_to_date()
    from vestibule.booking import setup
    from vestibule.demo import carrying
    from vestibule.experience import industries
    from vestibule.people.permissions import SYSTEM
    from vestibule.store.transactions import writing

    wanted = industries.document_for(template, language) if template else None
    with writing():
        business = setup.create_business(SYSTEM, slug=slug, name=name, timezone=timezone, language=language)
        if wanted is not None:
            setup.add_provider(SYSTEM, business, name=business.name)  # nobody can book what nobody offers
            carrying.begin_as(business, wanted, template)
            sys.stdout.write(f"It begins as {template}, with one provider of its own name. Change both in Manage.\n")
    sys.stdout.write(
        f"{business.name} is made: {_origin()}/book/{business.slug}\n"
        f"Next, give it an owner: vestibule create-manager {business.slug} you@example.org\n"
    )
    return 0


@plainly
def list_templates() -> int:
    """Print the industries a business can begin as."""
    from vestibule.experience import industries

    for one in industries.listed("en"):
        sys.stdout.write(f"{one.name:16} {one.text}\n")
    return 0


@plainly
def create_manager(business: str, email: str, name: str) -> int:
    """Make an owner of a business and print a link to set a password."""
    migrating.bring_up_to_date()
    from vestibule.people import sign_in, staff
    from vestibule.people.models import Business
    from vestibule.people.permissions import SYSTEM, Role

    found = Business.objects.filter(slug=business).first()
    if found is None:
        known = ", ".join(Business.objects.values_list("slug", flat=True)) or "none yet"
        sys.stderr.write(f"There is no business {business!r} (there is: {known}). Make it: vestibule create-business\n")
        return 1
    user = staff.appoint(SYSTEM, found, email, name, Role.OWNER).user
    if user.has_usable_password():
        sys.stdout.write(f"{user.email} is now an owner of {found.name} and signs in at {_origin()}/signin\n")
        return 0
    sys.stdout.write(
        f"{user.email} is now an owner of {found.name}. This link sets a password; it works once, for three days:\n"
        f"{_origin()}{sign_in.password_path(user)}\n"
    )
    return 0


@plainly
def reset_sign_in(email: str) -> int:
    """Let somebody in again who lost everything: no second steps, signed out everywhere, a link to set a password."""
    migrating.bring_up_to_date()
    from vestibule.people import sign_in
    from vestibule.people.models import User
    from vestibule.store.transactions import writing

    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        sys.stderr.write(f"Nobody signs in with {email!r}, so nothing was changed.\n")
        return 1
    with writing():
        sign_in.forget_second_steps(user)
    sys.stdout.write(
        f"Second steps of {user.email} are removed, and every session is ended. This link sets a new password;"
        f" it works once, for three days:\n{_origin()}{sign_in.password_path(user)}\n"
    )
    return 0


@plainly
def make_backup(file: str) -> int:
    """Save the embedded database and the server secret to one file."""
    _require_embedded("pg_dump")
    size = back_up(settings.DATA, Path(file))
    sys.stdout.write(
        f"Saved {settings.DATA} to {file} ({size / 1024:.0f} KB).\n"
        "It holds the server secret and what consumers told you: keep it like a key, and not on this machine alone.\n"
    )
    if settings.CONFIGURATION["SECRET_KEY"]:
        sys.stdout.write("The server secret comes from VESTIBULE_SECRET_KEY and is not in the file: keep it as well.\n")
    return 0


@plainly
def take_backup(file: str, *, data: str, force: bool) -> int:
    """Put a backup into the data folder."""
    names = restore(Path(file), Path(data), force=force)
    sys.stdout.write(f"Restored {', '.join(names)} to {data}. Start the server: vestibule serve --data {data}\n")
    return 0


def _require_embedded(tool: str) -> None:
    if settings.CONFIGURATION["DATABASE_URL"]:
        raise BackupRefused(
            f"The database is PostgreSQL, which this command does not save. Use {tool},"
            f" and keep {settings.DATA / 'secret.key'} with it: links hang on that secret."
        )


def _origin() -> str:
    return settings.PUBLIC_URL or "http://localhost:8000"
