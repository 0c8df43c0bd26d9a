"""A real network of one browser's own, which can be taken away and come back with another address."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.chromium import executable

HERE = "10.77.5.1"
"""The address of this machine as that network sees it."""
WHY_NOT = "network namespaces cannot be made here (needs root and iproute2)"


def _ip(*words: str, check: bool = True) -> bool:
    done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True, timeout=10)
    if check and done.returncode:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.returncode == 0


class Network:
    """One cable between this machine and a namespace."""

    def __init__(self, name: str) -> None:
        self.name, self.cable = name, f"{name}0"
        self._hosts = iter(range(2, 200))
        _ip("netns", "add", name)
        _ip("link", "add", f"{name}1", "type", "veth", "peer", "name", self.cable, "netns", name)
        _ip("addr", "add", f"{HERE}/24", "dev", f"{name}1")
        _ip("link", "set", f"{name}1", "up")
        self._inside("link", "set", "lo", "up")
        self.come_back()

    def take_away(self) -> None:
        """Nothing gets through, and the address is gone."""
        self._inside("link", "set", self.cable, "down")
        self._inside("addr", "flush", "dev", self.cable)

    def come_back(self) -> None:
        """With an address that was never used before."""
        self._inside("addr", "add", f"10.77.5.{next(self._hosts)}/24", "dev", self.cable)
        self._inside("link", "set", self.cable, "up")
        self._inside("route", "add", "default", "via", HERE)

    def program(self, folder: Path) -> str:
        """A program that starts the browser inside."""
        path = folder / "browser"
        path.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} {executable()} "$@"\n')
        path.chmod(0o755)
        return str(path)

    def close(self) -> None:
        _ip("netns", "del", self.name, check=False)
        _ip("link", "del", f"{self.name}1", check=False)

    def _inside(self, *words: str) -> None:
        _ip("-n", self.name, *words)


@contextmanager
def network() -> Iterator[Network]:
    """A network of its own; skips the test where the machine does not allow one."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip(WHY_NOT)
    try:
        made = Network(f"vst{os.getpid() % 100000}")
    except OSError as error:
        pytest.skip(f"{WHY_NOT}: {error}")
    try:
        yield made
    finally:
        made.close()
