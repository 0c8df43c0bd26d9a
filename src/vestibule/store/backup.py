"""The embedded database and the server secret, to one file and back. PostgreSQL has its own tools for this."""

import os
import sqlite3
import tarfile
import tempfile
from pathlib import Path

DATABASE = "vestibule.sqlite3"
KEPT = ("secret.key", "vestibule.toml", "demo.json")
_REST = ("-wal", "-shm", "-journal")


class BackupRefused(Exception):
    """Why nothing was written, and what to do; in one sentence for a terminal."""


def back_up(data: Path, file: Path) -> int:
    """Write database, secret and settings of folder `data` to `file` (mode 0600); return its size in bytes.

    The server may go on working meanwhile: the copy is of one instant. Raises BackupRefused when there is no database,
    or `file` exists.
    """
    if not (data / DATABASE).is_file():
        raise BackupRefused(f"There is no database in {data}, so nothing was saved. Name the data folder with --data.")
    if file.exists():
        raise BackupRefused(f"{file} exists, so nothing was written over it. Choose another name.")
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".vestibule-backup-") as folder:
        copy = Path(folder) / DATABASE
        _copy_database(data / DATABASE, copy)
        draft = Path(folder) / "backup.tar.gz"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w:gz") as archive:
                archive.add(copy, DATABASE)
                for name in KEPT:
                    if (data / name).is_file():
                        archive.add(data / name, name)
            out.flush()
            os.fsync(out.fileno())
        draft.rename(file)
    return file.stat().st_size


def restore(file: Path, data: Path, *, force: bool = False) -> list[str]:
    """Put a backup into folder `data` and return the names of what was put there.

    A folder that holds anything is refused unless `force`; then what is replaced is kept beside it as `….before`.
    Raises BackupRefused when `file` is no backup or its database is damaged; nothing is changed then.
    """
    members = _members(file)
    if data.is_dir() and any(data.iterdir()) and not force:
        raise BackupRefused(
            f"{data} is not empty, so nothing was restored. Name an empty folder with --data, or, with the server"
            " stopped, add --force to replace what is there."
        )
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in members.items():
        target = data / name
        if target.exists():
            target.replace(data / f"{name}.before")
        _write_private(target, content)
    for ending in _REST:
        (data / f"{DATABASE}{ending}").unlink(missing_ok=True)
    return list(members)


def _copy_database(source: Path, target: Path) -> None:
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as live, sqlite3.connect(target) as copy:
        live.backup(copy)
    live.close()
    copy.close()


def _members(file: Path) -> dict[str, bytes]:
    """Return the files of a backup by name; names that a backup does not have are left alone."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            found = {
                member.name: content.read()
                for member in archive
                if member.isfile()
                and member.name in (DATABASE, *KEPT)
                and (content := archive.extractfile(member)) is not None
            }
    except (OSError, tarfile.TarError, EOFError) as failure:
        raise BackupRefused(f"{file} cannot be read as a backup ({failure}), so nothing was changed.") from failure
    if DATABASE not in found:
        raise BackupRefused(f"{file} holds no database, so nothing was changed. Was it made by `vestibule backup`?")
    _require_sound(found[DATABASE], file)
    return found


def _require_sound(database: bytes, file: Path) -> None:
    with tempfile.NamedTemporaryFile(suffix=".sqlite3") as draft:
        draft.write(database)
        draft.flush()
        try:
            connection = sqlite3.connect(f"file:{draft.name}?mode=ro&immutable=1", uri=True)
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            connection.close()
        except sqlite3.DatabaseError as failure:
            verdict = str(failure)
    if verdict != "ok":
        raise BackupRefused(f"The database in {file} is damaged ({verdict}), so nothing was changed.")


def _write_private(target: Path, content: bytes) -> None:
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(target)
