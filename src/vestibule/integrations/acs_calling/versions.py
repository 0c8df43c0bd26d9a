"""What the add-on is made of: our adapter's source, and the pinned packages with the digests they must have."""

import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
SHIPPED, CHECKOUT = PACKAGE / "addon_source", PACKAGE.parents[1] / "frontend"
OWN = Path("addons") / "acs-calling"
SHARED = (Path("call") / "emitter.ts", Path("call") / "clock.ts", Path("call") / "session.ts")
"""What the adapter has in common with the call itself."""
KIT = "@azure/communication-calling"


@dataclass(frozen=True)
class Pinned:
    """One npm package: exactly this version, whose archive has this digest (`sha512-` and base64)."""

    name: str
    version: str
    licence: str
    integrity: str

    @property
    def spec(self) -> str:
        """Return how npm is asked for it."""
        return f"{self.name}@{self.version}"

    @property
    def archive(self) -> str:
        """Return the name npm gives its archive."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


@dataclass(frozen=True)
class Pins:
    """Everything that is fetched. `builders` are esbuild for each platform it is pinned for."""

    packages: tuple[Pinned, ...]
    builders: dict[str, Pinned]

    @property
    def kit(self) -> Pinned:
        """Return the package that is Microsoft's and not free."""
        return next(one for one in self.packages if one.name == KIT)


def source() -> Path:
    """Return the folder our adapter's source lies in: within the installed package, else in a checkout."""
    return SHIPPED if SHIPPED.is_dir() else CHECKOUT


def source_files(root: Path) -> Iterator[Path]:
    """Yield the files the adapter is built from, relative to `root`, in one order everywhere."""
    own = root / OWN
    names = (path for path in own.iterdir() if path.suffix in (".ts", ".js") and not path.name.endswith(".test.ts"))
    yield from sorted(path.relative_to(root) for path in names)
    yield from SHARED


def source_digest(root: Path | None = None) -> str:
    """Return a digest of our adapter and of all pins: what is built from another one is out of date."""
    place = source() if root is None else root
    total = hashlib.sha256((place / OWN / "versions.json").read_bytes())
    for name in source_files(place):
        total.update(f"\n{name.as_posix()}\n".encode() + (place / name).read_bytes())
    return total.hexdigest()[:16]


def pins(root: Path | None = None) -> Pins:
    """Return what is pinned."""
    place = source() if root is None else root
    said = json.loads((place / OWN / "versions.json").read_text(encoding="utf-8"))
    packages = tuple(Pinned(one["name"], one["version"], one["licence"], one["integrity"]) for one in said["packages"])
    builder = said["builder"]
    builders = {
        name: Pinned(f"@esbuild/{name}", builder["version"], builder["licence"], integrity)
        for name, integrity in builder["platforms"].items()
    }
    return Pins(packages, builders)


def this_platform() -> str:
    """Return this machine as esbuild's packages name it, such as `linux-x64`."""
    systems = {"linux": "linux", "darwin": "darwin", "windows": "win32"}
    machines = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
    system, machine = platform.system().lower(), platform.machine().lower()
    return f"{systems.get(system, system)}-{machines.get(machine, machine)}"
