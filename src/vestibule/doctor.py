"""The configuration doctor behind `vestibule check`: each finding says what is wrong and what to type.

Errors stop the product from doing what it promises; warnings are risks; notices say what is left out and why.
"""

import os
import stat
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import TextIO
from urllib.parse import SplitResult, urlsplit

from vestibule.store.configuration import PREFIX, SETTINGS, Configuration, load

ERROR, WARNING, NOTICE = "error", "warning", "notice"
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Finding:
    """One thing the doctor has to say, and what to do about it, mostly a command."""

    level: str
    what: str
    do: str = ""


def run(out: TextIO) -> int:
    """Print every setting with its origin, then the findings; return 1 if one of them is an error."""
    try:
        configuration = load()
    except (OSError, tomllib.TOMLDecodeError) as failure:
        _print(out, [Finding(ERROR, f"The settings cannot be read: {failure}.", "correct or remove that file")])
        return 1
    _print_settings(out, configuration)
    findings = [finding for look in LOOKS for finding in look(configuration)]
    findings += _look_at_the_database(configuration)
    _print(out, findings)
    return 1 if any(finding.level == ERROR for finding in findings) else 0


def _print_settings(out: TextIO, configuration: Configuration) -> None:
    for setting in SETTINGS:
        shown = configuration[setting.name]
        if setting.secret and shown:
            shown = "(set, not shown)"
        out.write(f"{PREFIX}{setting.name:<22} {shown or '-':<44} {configuration.origin(setting.name)}\n")


def _print(out: TextIO, findings: list[Finding]) -> None:
    out.write("\n")
    for level in (ERROR, WARNING, NOTICE):
        for finding in findings:
            if finding.level == level:
                out.write(f"{level + ':':<9}{finding.what}\n")
                if finding.do:
                    out.write(f"{'':<9}  do: {finding.do}\n")
    errors = sum(finding.level == ERROR for finding in findings)
    verdict = {0: "0 errors. Ready.", 1: "1 error. Mend it first."}.get(errors, f"{errors} errors. Mend them first.")
    out.write(f"\n{verdict}\n")


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _port = parts.port  # raises for one that is no number
        return parts if parts.hostname else None
    except ValueError:
        return None


def _data_folder(configuration: Configuration) -> Iterator[Finding]:
    folder = Path(configuration["DATA"])
    existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        yield Finding(ERROR, f"Nothing can be written in the data folder {folder}.", f"chown -R $(id -un) {existing}")
    key = folder / "secret.key"
    if key.is_file() and key.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Finding(WARNING, "Others on this machine can read the server secret.", f"chmod 600 {key}")


def warn_of_stray_names(err: TextIO) -> None:
    """Say of each name that is no setting that it does nothing, before a server starts without what it should do."""
    try:
        configuration = load()
    except (OSError, tomllib.TOMLDecodeError):
        return  # what starts next says it
    for finding in _names(configuration):
        err.write(f"{finding.level}: {finding.what} {finding.do[0].upper()}{finding.do[1:]}\n")


def _names(configuration: Configuration) -> Iterator[Finding]:
    known = [PREFIX + setting.name for setting in SETTINGS]
    for name in configuration.unknown:
        plain = name.partition(": ")[2] or name
        wanted = plain.upper() if plain.startswith(PREFIX) else PREFIX + plain.upper()
        names = [f"{one}_FILE" for one in known] if wanted.endswith("_FILE") else known
        near = get_close_matches(wanted, names, 1)
        hint = f"did you mean {near[0]}?" if near else "see docs/reference/settings.md"
        yield Finding(WARNING, f"{name} is no setting and does nothing.", hint)


def _public_url(configuration: Configuration) -> Iterator[Finding]:
    address = configuration["PUBLIC_URL"]
    serves_others = any(configuration[name] for name in ("EMAIL_URL", "SMS_URL", "DATABASE_URL"))
    if not address:
        what = "The address people reach this server at is not set, so links in messages lead to this machine alone."
        level = ERROR if serves_others and not configuration.flag("DEMO") else NOTICE
        yield Finding(level, what, "export VESTIBULE_PUBLIC_URL=https://visits.example.org")
        return
    parts = _parts(address)
    if parts is None or parts.scheme not in {"http", "https"} or parts.path.strip("/") or parts.query:
        what = f"VESTIBULE_PUBLIC_URL is {address!r}; it must be https://, a host and nothing after it."
        yield Finding(ERROR, what, "export VESTIBULE_PUBLIC_URL=https://visits.example.org")
        return
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        what = (
            "Browsers give camera, microphone, passkeys and notifications to HTTPS pages only,"
            " and the public address is http://."
        )
        yield Finding(ERROR, what, f"export VESTIBULE_PUBLIC_URL=https://{parts.netloc}")
    if configuration.flag("DEBUG") and parts.hostname not in LOCAL:
        yield Finding(ERROR, "Errors would be shown to everybody, with what is inside.", "unset VESTIBULE_DEBUG")


def _gateways(configuration: Configuration) -> Iterator[Finding]:
    yield from _address(configuration, "EMAIL_URL", ("smtp", "smtps"), "smtp://user:password@mail.example.org:587")
    yield from _address(configuration, "SMS_URL", ("https", "http"), "https://sms.example.org/messages")
    yield from _texts(configuration)
    yield from _azure(configuration)
    others = {"EMAIL_URL": "ACS_EMAIL_FROM", "SMS_URL": "ACS_SMS_FROM"}
    for name, kept in (("EMAIL_URL", "Mail is"), ("SMS_URL", "Text messages are")):
        if not configuration[name] and not configuration[others[name]]:
            example = {"EMAIL_URL": "smtp://mail.example.org:587", "SMS_URL": "https://sms.example.org/messages"}[name]
            what = f"{kept} kept here and not sent, but for businesses with a gateway of their own: none is set."
            yield Finding(NOTICE, what, f"export {PREFIX}{name}={example}")
    if configuration["EMAIL_URL"] and configuration["EMAIL_FROM"].endswith("@vestibule.example"):
        what = f"Mail is sent from {configuration['EMAIL_FROM']}, an address nobody has; many will refuse it."
        yield Finding(WARNING, what, "export VESTIBULE_EMAIL_FROM=appointments@example.org")


def _texts(configuration: Configuration) -> Iterator[Finding]:
    if not configuration["SMS_PER_DAY"].strip().isdecimal():
        what = "VESTIBULE_SMS_PER_DAY is not a whole number; 20000 text messages a day are the most."
        yield Finding(ERROR, what, "export VESTIBULE_SMS_PER_DAY=20000")


def _azure(configuration: Configuration) -> Iterator[Finding]:
    senders = [name for name in ("ACS_EMAIL_FROM", "ACS_SMS_FROM") if configuration[name]]
    text = configuration["ACS_CONNECTION_STRING"].lower()
    if text and not ("endpoint=https://" in text and "accesskey=" in text):
        what = "VESTIBULE_ACS_CONNECTION_STRING is none: it holds an endpoint and an access key."
        yield Finding(ERROR, what, "export VESTIBULE_ACS_CONNECTION_STRING='endpoint=https://…;accesskey=…'")
    if senders and not text:
        what = f"VESTIBULE_{senders[0]} is set, but not the resource that sends."
        yield Finding(ERROR, what, "export VESTIBULE_ACS_CONNECTION_STRING='endpoint=https://…;accesskey=…'")
    for name, host in (("GATEWAY_HOSTS", "mail.intranet.example"), ("PUSH_HOSTS", "push.intranet.example")):
        for entry in configuration.items(name):
            if entry.endswith("/0"):
                what = f"{PREFIX}{name} holds {entry}: staff can make this server speak to anything it reaches."
                yield Finding(WARNING, what, f"export {PREFIX}{name}={host}")


def _address(configuration: Configuration, name: str, schemes: tuple[str, ...], example: str) -> Iterator[Finding]:
    address = configuration[name]
    parts = _parts(address) if address else None
    if address and (parts is None or parts.scheme not in schemes):
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        yield Finding(
            ERROR, f"{PREFIX}{name} must begin with {wanted} and name a host.", f"export {PREFIX}{name}={example}"
        )


def _calls(configuration: Configuration) -> Iterator[Finding]:
    relays = configuration.items("TURN_URLS")
    if not relays:
        what = "No TURN relay is set: calls between some networks (company walls, some phones) will not connect."
        yield Finding(NOTICE, what, "export VESTIBULE_TURN_URLS=turn:turn.example.org:3478 VESTIBULE_TURN_SECRET=…")
    if any(not relay.startswith(("turn:", "turns:")) for relay in relays):
        what = "VESTIBULE_TURN_URLS holds an address that begins with neither turn: nor turns:."
        yield Finding(ERROR, what, "export VESTIBULE_TURN_URLS=turn:turn.example.org:3478")
    if relays and not configuration["TURN_SECRET"]:
        what = "A TURN relay is set, but not the secret shared with it."
        yield Finding(ERROR, what, "export VESTIBULE_TURN_SECRET=… (static-auth-secret of coturn)")
    yield from _relays(configuration)
    yield from _media_server(configuration)


def _media_server(configuration: Configuration) -> Iterator[Finding]:
    """Ask the media server, if there is one, and look at the folder of recordings."""
    import asyncio

    from vestibule.integrations.livekit.backend import LiveKit

    address, folder = configuration["LIVEKIT_URL"], configuration["RECORDINGS"]
    if folder and not Path(folder).is_dir():
        what = f"The folder for recordings, {folder}, is not there."
        yield Finding(ERROR, what, f"mkdir -p {folder}")
    if not address:
        return
    if not (configuration["LIVEKIT_KEY"] and configuration["LIVEKIT_SECRET"]):
        what = "LiveKit has an address, but not both key and secret."
        yield Finding(ERROR, what, "export VESTIBULE_LIVEKIT_KEY=… VESTIBULE_LIVEKIT_SECRET=…")
        return
    if address.startswith(("ws://", "http://")) and configuration["PUBLIC_URL"].startswith("https://"):
        what = "Pages come by HTTPS and may not speak to a media server without TLS."
        yield Finding(ERROR, what, "export VESTIBULE_LIVEKIT_URL=wss://media.example.org")
    try:
        health = asyncio.run(LiveKit.configured(configuration).probe())
    except ValueError as wrong:
        yield Finding(ERROR, f"{wrong}.", "export VESTIBULE_LIVEKIT_URL=wss://media.example.org")
        return
    if not health.ok:
        yield Finding(WARNING, f"{health.words}.", 'see docs/how-to/run-an-sfu.md, "When it does not work"')


def _relays(configuration: Configuration) -> Iterator[Finding]:
    """Ask each TURN relay for a real allocation, as browsers will."""
    import asyncio
    from datetime import UTC, datetime

    from vestibule.integrations.turn.allocation import AllocationProbe
    from vestibule.meetings import turn

    urls = tuple(configuration.items("TURN_URLS"))
    servers, _expires_at = turn.ice_servers(urls, configuration["TURN_SECRET"], "check", datetime.now(UTC))
    for answer in asyncio.run(AllocationProbe().ask(servers[0])) if servers else []:
        if not answer.ok:
            what = f"The TURN relay {answer.url} relays nothing: {answer.words}."
            yield Finding(WARNING, what, 'see docs/how-to/run-a-turn-relay.md, "When it does not relay"')


def _files(configuration: Configuration) -> Iterator[Finding]:
    from vestibule.chat.ports import ScannerError
    from vestibule.integrations.clamav.daemon import ClamAv

    if configuration["UNSCANNED_FILES"].strip().lower() not in ("deliver", "hold"):
        what = "VESTIBULE_UNSCANNED_FILES is neither deliver nor hold, and counts as deliver."
        yield Finding(ERROR, what, "export VESTIBULE_UNSCANNED_FILES=hold")
    try:
        scanner = ClamAv.configured(configuration)
        if scanner is not None:
            scanner.version()
    except ValueError as wrong:
        yield Finding(ERROR, f"{wrong}.", "export VESTIBULE_CLAMAV=/run/clamav/clamd.ctl")
        return
    except ScannerError as silent:
        what = f"The virus scanner does not answer, so files are not delivered: {silent}."
        yield Finding(ERROR, what, "systemctl start clamav-daemon")
    if scanner is None:
        what = "No virus scanner is set: files in conversations are delivered marked as not scanned."
        yield Finding(NOTICE, what, "export VESTIBULE_CLAMAV=/run/clamav/clamd.ctl")


def _database_address(configuration: Configuration) -> Iterator[Finding]:
    yield from _address(
        configuration, "DATABASE_URL", ("postgresql", "postgres"), "postgresql://user:password@host/name"
    )


def _processes(configuration: Configuration) -> Iterator[Finding]:
    yield from _database_address(configuration)
    yield from _address(configuration, "REDIS_URL", ("redis", "rediss"), "redis://127.0.0.1:6379")
    for entry in configuration.items("TRUSTED_PROXIES"):
        try:
            ip_network(entry, strict=False)
        except ValueError:
            what = f"VESTIBULE_TRUSTED_PROXIES holds {entry!r}, which is neither an address nor a network."
            yield Finding(ERROR, what, "export VESTIBULE_TRUSTED_PROXIES=10.0.0.0/8")
    if configuration["DATABASE_URL"] and not configuration["REDIS_URL"]:
        what = "Without Redis only one web process may run: sockets of two would not hear each other."
        yield Finding(NOTICE, what, "export VESTIBULE_REDIS_URL=redis://127.0.0.1:6379")
    if 0 < len(configuration["SECRET_KEY"]) < 32:
        what = "VESTIBULE_SECRET_KEY is shorter than 32 characters; links and sessions hang on it."
        yield Finding(ERROR, what, "export VESTIBULE_SECRET_KEY=$(openssl rand -base64 48)")


def _pages(configuration: Configuration) -> Iterator[Finding]:
    if not (Path(__file__).parent / "web" / "static" / "manifest.json").is_file():
        yield Finding(ERROR, "The pages' scripts and styles are not built.", "script/bootstrap")


def _addons(configuration: Configuration) -> Iterator[Finding]:
    """Say how the add-on stands, where there is one: who has none need not be told of it."""
    from vestibule.integrations.acs_calling import commands
    from vestibule.store.addons import acs_calling

    data = Path(configuration["DATA"])
    if not acs_calling.folder(data).exists():
        return
    what, do = commands.state(data)
    yield Finding(WARNING if do else NOTICE, what, do)


def _calendars(configuration: Configuration) -> Iterator[Finding]:
    try:
        is_fine = 0.01 <= float(configuration["CALENDAR_MINUTES"]) <= 24 * 60
    except ValueError:
        is_fine = False
    if not is_fine:
        what = "VESTIBULE_CALENDAR_MINUTES is not a number of minutes up to 1440; five are used."
        yield Finding(ERROR, what, "export VESTIBULE_CALENDAR_MINUTES=5")
    try:
        is_fine = 0.05 <= float(configuration["SCHEDULER_MINUTES"]) <= 24 * 60
    except ValueError:
        is_fine = False
    if not is_fine:
        what = "VESTIBULE_SCHEDULER_MINUTES is not a number of minutes up to 1440; three are used."
        yield Finding(ERROR, what, "export VESTIBULE_SCHEDULER_MINUTES=3")
    for entry in configuration.items("CALENDAR_PRIVATE_HOSTS"):
        if entry in ("0.0.0.0/0", "::/0", "*"):
            what = (
                f"VESTIBULE_CALENDAR_PRIVATE_HOSTS holds {entry}: staff can make this server read anything it reaches."
            )
            yield Finding(WARNING, what, "export VESTIBULE_CALENDAR_PRIVATE_HOSTS=calendar.intranet.example")


def _microsoft(configuration: Configuration) -> Iterator[Finding]:
    """Microsoft's worldwide cloud may be found elsewhere: a cloud of a nation, or something in its place."""
    yield from _address(configuration, "GRAPH_BASE_URL", ("https", "http"), "https://graph.microsoft.com/v1.0")
    yield from _address(configuration, "ENTRA_AUTHORITY", ("https", "http"), "https://login.microsoftonline.com")
    for name in ("GRAPH_BASE_URL", "ENTRA_AUTHORITY"):
        if configuration[name].startswith("http://"):
            what = f"{PREFIX}{name} is without TLS: tokens and secrets of every business are sent openly."
            yield Finding(WARNING, what, f"export {PREFIX}{name}=https://…")


LOOKS: tuple[Callable[[Configuration], Iterator[Finding]], ...] = (
    _data_folder,
    _names,
    _public_url,
    _gateways,
    _calls,
    _files,
    _calendars,
    _microsoft,
    _processes,
    _pages,
    _addons,
)


def _look_at_the_database(configuration: Configuration) -> list[Finding]:
    if not configuration["DATABASE_URL"] and not (Path(configuration["DATA"]) / "vestibule.sqlite3").is_file():
        return [_empty()]  # looking would make the folder and its secret
    if any(finding.level == ERROR for finding in _database_address(configuration)):
        return []  # that is said already
    import django
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")
    try:
        django.setup()
    except (OSError, ValueError, ImproperlyConfigured) as failure:
        return [Finding(ERROR, f"The database was not looked at: {failure}.", "mend what is said above first")]
    return _ask_the_database(configuration)


def _ask_the_database(configuration: Configuration) -> list[Finding]:
    from django.db import DatabaseError, connection

    try:
        tables = set(connection.introspection.table_names())
        return list(_tables(tables)) if tables else [_empty()]
    except DatabaseError as failure:
        reason = str(failure).strip().splitlines()[0] if str(failure).strip() else type(failure).__name__
        where = configuration.origin("DATABASE_URL")
        return [
            Finding(ERROR, f"The database does not answer: {reason} (address from: {where}).", "check that it runs")
        ]
    finally:
        connection.close()


def _empty() -> Finding:
    return Finding(NOTICE, "The database is empty.", "vestibule create-business SLUG --name NAME --timezone ZONE")


def _tables(tables: set[str]) -> Iterator[Finding]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from vestibule.booking import guards
    from vestibule.store import migrating

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        level = ERROR if connection.vendor == "postgresql" else NOTICE
        yield Finding(level, "The database is older than this version.", "vestibule migrate")
        return
    if missing := migrating.missing():
        yield Finding(
            ERROR, f"The database was made by another version, and has no {missing}.", "VESTIBULE_DATA=FOLDER"
        )
        return
    if guards.TABLE in tables and not guards.is_in_place(connection):
        yield Finding(ERROR, "The database does not guard against double booking.", "vestibule migrate")
    yield from _people()
    yield from _outages()
    yield from _schedulers()


def _schedulers() -> Iterator[Finding]:
    from vestibule.booking.outside import stating

    for link in stating.behind()[:5]:
        since = f"since {link.read_at:%Y-%m-%d %H:%M} UTC" if link.read_at else "yet"
        why = f": {link.problem}" if link.problem else ""
        what = f"Appointments of {link.business.slug} in {link.name or link.external_id} were not read {since}{why}."
        yield Finding(WARNING, what, "open /manage/in-step, and look at the account it names")


def _outages() -> Iterator[Finding]:
    from vestibule.notifications import outages

    for row in outages.failing().select_related("business").order_by("failing_since")[:5]:
        since = f"{row.failing_since:%Y-%m-%d %H:%M} UTC" if row.failing_since else ""
        what = f"The gateway {row.name!r} of {row.business.slug} takes no messages since {since}: {row.problem}."
        yield Finding(WARNING, what, "open /manage/setup/gateways and test it")


def _people() -> Iterator[Finding]:
    from vestibule.people.models import Business, Membership

    owned = Membership.objects.filter(role="owner", is_active=True).values("business_id")
    if not Business.objects.exists():
        yield _empty()
    for slug in Business.objects.exclude(pk__in=owned).values_list("slug", flat=True)[:5]:
        yield Finding(WARNING, f"{slug} has no owner who can sign in.", f"vestibule create-manager {slug} EMAIL")
