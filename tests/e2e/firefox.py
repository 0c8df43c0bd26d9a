"""Firefox, driven over WebDriver BiDi: the few commands that a call's tests need, without another program between.

Its pretended camera changes colours and its microphone is a steady tone of 1 kHz, so people are told apart from the
other side of the call.
"""

import itertools
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

PROGRAM = next((path for path in map(shutil.which, ("firefox-esr", "firefox")) if path), None)
WHY_NOT = "Firefox is not installed (apt-get install firefox-esr)"
PITCH = 1000
PREFERENCES: dict[str, bool | int | str] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    # Without it a relay on 127.0.0.1 is passed over.
    "media.peerconnection.ice.loopback": True,
    # Names in place of local addresses cannot be resolved where there is no multicast.
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    # Nothing is fetched that the test did not ask for.
    "media.gmp-manager.updateEnabled": False,
    "media.gmp-provider.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
}
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
PATIENCE_S = 30.0


class Failed(Exception):
    """Firefox refused a command, or a page threw."""


class Firefox:
    """One running browser. Make one page per person."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)

    def ask(self, method: str, **params: Any) -> Any:
        """Send one command and return its result; events in between are dropped."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer: dict[str, Any] = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if answer.get("id") == number:
                break
        if answer["type"] == "error":
            raise Failed(f"{method}: {answer['error']}: {answer['message']}")
        return answer["result"]

    def page(self, address: str, before: str = "") -> "FirefoxPage":
        """Open `address` in a tab of its own, after running `before` in the new page."""
        tab = self.ask("browsingContext.create", type="tab")["context"]
        if before:
            function = f"() => {{ {before} }}"
            self.ask("script.addPreloadScript", functionDeclaration=function, contexts=[tab])
        self.ask("browsingContext.navigate", context=tab, url=address, wait="interactive")
        return FirefoxPage(self, tab)


class FirefoxPage:
    """A tab."""

    def __init__(self, browser: Firefox, tab: str) -> None:
        self._browser, self._tab = browser, tab

    def evaluate(self, function: str) -> Any:
        """Call a JavaScript function, which may be async, and return what it returns, as JSON knows it."""
        target = {"context": self._tab}
        expression = f"(async () => JSON.stringify((await ({function})()) ?? null))()"
        # As after a click: a page may play sound and ask for devices.
        wanted = {"expression": expression, "target": target, "awaitPromise": True, "userActivation": True}
        found = self._browser.ask("script.evaluate", **wanted)
        if found["type"] == "exception":
            raise Failed(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])

    def wait_for(self, function: str, within: float = PATIENCE_S) -> Any:
        """Ask until the answer is true, and return it."""
        end = time.monotonic() + within
        while not (found := self.evaluate(function)):
            if time.monotonic() > end:
                raise Failed(f"never true: {function}")
            time.sleep(0.1)
        return found

    def click(self, selector: str) -> None:
        """Press the first element of `selector` once it is there and enabled."""
        chosen = json.dumps(selector)
        ready = f"() => {{ const one = document.querySelector({chosen}); return Boolean(one) && !one.disabled; }}"
        self.wait_for(ready)
        self.evaluate(f"() => document.querySelector({chosen}).click()")

    def close(self) -> None:
        self._browser.ask("browsingContext.close", context=self._tab)


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """Run Firefox with a new profile in `folder`; skips the test where it is not installed."""
    if PROGRAM is None:
        pytest.skip(WHY_NOT)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (folder / "user.js").write_text("\n".join(lines))
    log = folder / "firefox.log"
    words = [PROGRAM, "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", "0"]
    with log.open("wb") as output:
        process = subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT)
    try:
        with connect(f"{_address(process, log)}/session", max_size=None) as socket:
            browser = Firefox(socket)
            browser.ask("session.new", capabilities={})
            yield browser
            with suppress(Failed):
                browser.ask("browser.close")
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        found = LISTENING.search(log.read_text("utf-8", errors="replace"))
        if found:
            return found.group(1)
        time.sleep(0.05)
    raise Failed(f"Firefox did not begin to listen: {log.read_text('utf-8', errors='replace')[-2000:]}")
