"""Where settings come from: the environment, a secret file it names, or `vestibule.toml` in the data folder.

The first place that has a value wins, in that order; each value remembers its place, for `vestibule check`.
"""

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PREFIX = "VESTIBULE_"


@dataclass(frozen=True)
class Setting:
    """One setting: its name without prefix, what it is for, its default, and whether it must never be shown."""

    name: str
    purpose: str
    default: str = ""
    secret: bool = False


SETTINGS = (
    Setting("DATA", "folder that holds the database, the server secret and vestibule.toml", "vestibule-data"),
    Setting("DATABASE_URL", "postgresql://user:password@host/name; empty: SQLite in the data folder", secret=True),
    Setting("REDIS_URL", "redis://host:port; needed when web runs in several processes", secret=True),
    Setting("PUBLIC_URL", "address people reach this server at; goes into every message"),
    Setting("ACS_URL", "https address at whose root programs find our API in the shape of Communication Services"),
    Setting("EMAIL_URL", "smtp://user:password@host:port, smtps:// for TLS; empty: mail is kept", secret=True),
    Setting("EMAIL_FROM", "sender address of every mail", "appointments@vestibule.example"),
    Setting("SMS_URL", "address of a gateway that takes text messages as JSON POST; empty: kept"),
    Setting("SMS_PER_DAY", "most text messages a day of businesses without a gateway of their own, together", "20000"),
    Setting("SMS_KEY", "key the SMS gateway wants as bearer token", secret=True),
    Setting("TURN_URLS", "turn: and turns: addresses, separated by commas"),
    Setting("TURN_SECRET", "secret shared with the TURN server", secret=True),
    Setting("LIVEKIT_URL", "address of a LiveKit server"),
    Setting("LIVEKIT_KEY", "API key of the LiveKit server"),
    Setting("LIVEKIT_SECRET", "API secret of the LiveKit server", secret=True),
    Setting("RECORDINGS", "folder that recordings of calls lie in; LiveKit Egress writes them there"),
    Setting("LIVEKIT_RECORDS_TO", "the same folder as Egress sees it; empty: the same path"),
    Setting("GRAPH_BASE_URL", "base address of Microsoft Graph", "https://graph.microsoft.com/v1.0"),
    Setting("ENTRA_AUTHORITY", "sign-in authority of Microsoft Entra", "https://login.microsoftonline.com"),
    Setting("ACS_CONNECTION_STRING", "connection string of Azure Communication Services", secret=True),
    Setting("ACS_EMAIL_FROM", "sender of e-mail by Azure Communication Services; empty: it carries none"),
    Setting("ACS_SMS_FROM", "number or name that sends texts by Azure Communication Services; empty: it carries none"),
    Setting("TRUSTED_PROXIES", "addresses or networks whose forwarded headers are believed, separated by commas"),
    Setting("CALENDAR_MINUTES", "how often each outside calendar is looked at, in minutes", "5"),
    Setting("SCHEDULER_MINUTES", "how often each linked scheduler, as Bookings, is read, in minutes", "3"),
    Setting("CALENDAR_PRIVATE_HOSTS", "hosts or networks of the own network calendars may be read from, by commas"),
    Setting("GATEWAY_HOSTS", "hosts or networks of the own network businesses' gateways and accounts may use"),
    Setting("PUSH_HOSTS", "hosts or networks of the own network that browsers may name as push service, by commas"),
    Setting("CLAMAV", "socket (/run/clamav/clamd.ctl) or host:port of a ClamAV daemon that looks into files"),
    Setting("UNSCANNED_FILES", "without a scanner: deliver, marked as not scanned, or hold: take no files", "deliver"),
    Setting(
        "PROGRAMS_MAKE_BUSINESSES", "1: programs may make further businesses for the owners of theirs, by Graph's API"
    ),
    Setting("SECRET_KEY", "server secret; empty: made at the first start, kept in the data folder", secret=True),
    Setting("DEMO", "1: demonstration mode, set by `vestibule serve --demo`"),
    Setting("TEST_CLOCK", "1: the product's clock can be moved, set by `vestibule serve --test-clock`"),
    Setting("DEBUG", "1: show errors in the browser; never on a server others reach"),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True)
class Value:
    """A setting's value and where it came from."""

    text: str
    origin: str


class Configuration:
    """All settings as read once at start."""

    def __init__(self, values: Mapping[str, Value], unknown: tuple[str, ...] = ()) -> None:
        self._values = dict(values)
        self.unknown = unknown

    def __getitem__(self, name: str) -> str:
        """Return the text of setting `name`; empty when unset. Raises KeyError for a name that is no setting."""
        return self._values[name].text

    def origin(self, name: str) -> str:
        """Return where setting `name` came from, in words."""
        return self._values[name].origin

    def flag(self, name: str) -> bool:
        """Tell whether setting `name` is switched on."""
        return self[name].strip().lower() in {"1", "true", "yes", "on"}

    def items(self, name: str) -> list[str]:
        """Return the comma-separated parts of setting `name`, without blanks."""
        return [part.strip() for part in self[name].split(",") if part.strip()]


def load(environment: Mapping[str, str] | None = None) -> Configuration:
    """Read every setting. A file that a `…_FILE` names but cannot be read raises OSError, naming it."""
    environment = os.environ if environment is None else environment
    data = environment.get(PREFIX + "DATA") or _BY_NAME["DATA"].default
    file = Path(data) / "vestibule.toml"
    from_file = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    values = {setting.name: _read(setting, environment, from_file) for setting in SETTINGS}
    return Configuration(values, _unknown(environment, from_file))


def _read(setting: Setting, environment: Mapping[str, str], from_file: Mapping[str, object]) -> Value:
    name = PREFIX + setting.name
    if environment.get(name):
        return Value(environment[name], f"environment {name}")
    if environment.get(name + "_FILE"):
        path = environment[name + "_FILE"]
        return Value(Path(path).read_text("utf-8").strip(), f"file named by {name}_FILE")
    if setting.name.lower() in from_file:
        return Value(str(from_file[setting.name.lower()]), "vestibule.toml")
    return Value(setting.default, "default")


def _unknown(environment: Mapping[str, str], from_file: Mapping[str, object]) -> tuple[str, ...]:
    known = {PREFIX + name for name in _BY_NAME} | {PREFIX + name + "_FILE" for name in _BY_NAME}
    strays = [name for name in environment if name.startswith(PREFIX) and name not in known]
    strays += [f"vestibule.toml: {key}" for key in from_file if key.upper() not in _BY_NAME]
    return tuple(sorted(name for name in strays if name != PREFIX + "SHARED"))


def server_secret(configuration: Configuration) -> str:
    """Return the server's secret, making and keeping one (mode 0600) in the data folder if none is set."""
    if configuration["SECRET_KEY"]:
        return configuration["SECRET_KEY"]
    folder = Path(configuration["DATA"])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "secret.key"
    if not path.exists():
        draft = folder / f"secret.key.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its secret counts
        finally:
            draft.unlink()
    return path.read_text("utf-8").strip()
