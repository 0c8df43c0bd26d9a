"""The desk's page in a browser, with everything a server would say made up here: no server, no database."""

import json
import mimetypes
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Browser, Page, Route, ViewportSize, WebSocketRoute

from tests.chromium import PATIENCE
from tests.web.live.talk import ROOT, check
from vestibule.people.permissions import SYSTEM
from vestibule.web.components import SampleBusiness
from vestibule.web.provider.waiting_list import Door

Json = dict[str, Any]
ORIGIN = "http://desk.test"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ADA = {"slug": "dr-ada-blum", "name": "Dr Ada Blum"}
BO = {"slug": "dr-bo-lund", "name": "Dr Bo Lund"}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
# A page gives its line up after so long without an answer, and takes what it is told on the next one for the truth. The
# house answers in the thread of the test, which a busy machine holds up for longer: only the house ends a line.
SILENCE_MS = int(re.findall(r"SILENCE_MS = (\d+);", (ROOT / "frontend/call/socket.ts").read_text("utf-8"))[0])
NEVER_DOUBTS_ITS_LINE = f"""(() => {{
    const after = window.setTimeout;
    window.setTimeout = (what, ms, ...more) => after(what, ms === {SILENCE_MS} ? 2 ** 30 : ms, ...more);
}})();"""
# Waits are told from what the server said the time was, and what has passed since by this clock (`call/clock.ts`).
STANDS_STILL = "performance.now = () => 0;"


def at(minutes: float) -> str:
    """An instant so many minutes from now, as the protocol writes it."""
    return (NOW + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def person(key: str, *, name: str = "", state: str = "waiting", since: float = -3, **more: Any) -> Json:
    """Somebody of a visit; waiting for three minutes, with everything in order."""
    waits = state in ("waiting", "on_hold")
    return {
        "id": f"par_{key}",
        "name": name or f"Person {key}",
        "role": "consumer",
        "state": state,
        "since": at(since),
        "waiting_since": at(since) if waits else None,
        "connection": "ok",
        "devices": {"mic": "ok", "cam": "ok", "network": "direct"},
        "unanswered": 0,
        "identity": None,
        "call_request": None,
        **more,
    }


def visit(key: str, *, start: float = 0, mine: bool = True, host: Json | None = ADA, **more: Any) -> Json:
    """A booked visit with one person of it; what is not a field of the entry describes the person."""
    names = ("kind", "area", "reason", "preparation", "status")
    of_entry: Json = {name: more.pop(name) for name in names if name in more}
    one = person(key, **more)
    waits = one["waiting_since"]
    walk_in = of_entry.get("kind") == "walk_in"
    return {
        "id": f"apt_{key}",
        "kind": "scheduled",
        "appointment": None if walk_in else f"apt_{key}",
        "meeting": f"mtg_{key}",
        "area": "everybody",
        "host": host,
        "reason": "",
        "held": one["state"] == "on_hold",
        "preparation": "done",
        "start": at(start),
        "end": at(start + 30),
        "status": "waiting" if waits else "booked",
        "consumer": one["name"],
        "mine": mine,
        "service": None if walk_in else {"slug": "first-visit", "name": "First visit"},
        "provider": None if walk_in else host,
        "meeting_state": "planned",
        "waiting_since": waits,
        "people": [one],
        "elsewhere": None,
        **of_entry,
    }


def area(slug: str, name: str, **more: Any) -> Json:
    """A waiting area, open, that asks for nothing."""
    return {
        "slug": slug,
        "name": name,
        "is_default": slug == "everybody",
        "is_open": True,
        "takes_walk_ins": slug != "everybody",
        "closed_at": None,
        "closed_until": None,
        "closed_words": "",
        "amber_minutes": 5,
        "red_minutes": 15,
        "identity_fields": [],
        "providers": [],
        **more,
    }


@dataclass
class House:
    """What the server of the scene knows, and what it heard."""

    entries: list[Json]
    areas: list[Json] = field(default_factory=lambda: [area("everybody", "Waiting room")])
    calls_out: bool = False
    prepared: list[Json] = field(default_factory=list)
    providers: list[Json] = field(
        default_factory=lambda: [
            {**ADA, "presence": "ready", "away_words": ""},
            {**BO, "presence": "in_visit", "away_words": ""},
        ]
    )
    alerts: Json = field(default_factory=lambda: {"sound": True, "title": True, "desktop": False, "only_mine": False})
    provider: str | None = None
    refuses: dict[str, Json] = field(default_factory=dict)
    heard: list[Json] = field(default_factory=list)
    _sockets: list[WebSocketRoute] = field(default_factory=list)
    _seq: int = 0
    _is_gone: bool = False

    def __post_init__(self) -> None:
        # Held to the schema before anybody waits: hundreds take long, and pings are not answered meanwhile.
        check({**self._day(), "seq": 1}, "deskServer")

    def says(self, **message: Any) -> None:
        """Send one message, as the schema wants it; of what it changes, a new line is told what is true then."""
        if message["type"] == "entry_gone":
            self.entries = [one for one in self.entries if one["id"] != message["id"]]
        self._seq += 1
        full = {**message, "seq": self._seq}
        check(full, "deskServer")
        self._sockets[-1].send(json.dumps(full))

    def changes(self, entry: Json) -> None:
        """An entry is new or changed."""
        known = {one["id"]: one for one in self.entries}
        self.entries = list({**known, entry["id"]: entry}.values())
        self.says(type="entry", entry=entry)

    def hangs_up(self) -> None:
        """The line breaks for good: a page that gets another after 300 ms says no longer that it lost one."""
        self._is_gone = True
        self._sockets[-1].close()

    def hears(self, page: Page, commands: list[Json]) -> None:
        """Wait until staff did this and nothing else on `page`."""
        self.hears_so_many(page, len(commands))
        assert self.commands() == commands

    def hears_so_many(self, page: Page, count: int) -> None:
        """Wait until staff did so many things on `page`."""
        end = time.monotonic() + PATIENCE / 1000
        while len(self.commands()) < count and time.monotonic() < end:
            page.wait_for_timeout(20)  # what the page sent is handed over meanwhile

    def commands(self) -> list[Json]:
        """What staff did, without its reference."""
        skipped = ("hello", "ping", "get_notices")
        kept = [one for one in self.heard if one["type"] not in skipped]
        return [{name: value for name, value in one.items() if name != "ref"} for one in kept]

    def answers(self, socket: WebSocketRoute) -> None:
        """Take up a new line."""
        if self._is_gone:
            socket.close()
            return
        self._sockets.append(socket)
        socket.on_message(lambda text: self._hears(json.loads(text)))

    def _hears(self, message: Json) -> None:
        check(message, "deskClient")
        self.heard.append(message)
        if message["type"] == "hello":
            self._seq = 0
            self._sockets[-1].send(json.dumps(self._welcome()))
            self._seq += 1
            self._sockets[-1].send(json.dumps({**self._day(), "seq": self._seq}))
        elif message["type"] == "ping":
            self._sockets[-1].send(json.dumps({"type": "pong", "t": at(0)}))
        elif message["type"] in self.refuses:
            self.says(type="error", ref=message["ref"], **self.refuses[message["type"]])
        elif "ref" in message:
            self.says(type="done", ref=message["ref"])

    def _day(self) -> Json:
        return {"type": "queue", "day": NOW.date().isoformat(), "entries": self.entries}

    def _welcome(self) -> Json:
        welcome = {
            "type": "welcome",
            "v": 1,
            "session": f"ses_{len(self._sockets)}",
            "resumed": False,
            "seq": 0,
            "server_time": at(0),
            "ping_seconds": 1,
            "grace_seconds": 60,
            "staff": {"id": "user:1", "name": "Mara Manager", "role": "manager"},
            "business": {"slug": "lakeside-clinic", "name": "Lakeside Clinic", "timezone": "Europe/London"},
            "day": NOW.date().isoformat(),
            "scope": "all",
            "calls_out": self.calls_out,
            "provider": self.provider,
            "areas": self.areas,
            "prepared": self.prepared,
            "providers": self.providers,
            "alerts": self.alerts,
        }
        check(welcome, "deskServer")
        return welcome


def desk_page(**more: Any) -> str:
    """The page as the server renders it, with nobody waiting yet."""
    request = RequestFactory().get("/desk")
    request.user = AnonymousUser()
    context = {
        "business": SampleBusiness("lake"),
        "actor": SYSTEM,
        "day": [],
        "door": Door([], [], 0, 0),
        "today": date(2026, 3, 2),
        "zone": "Europe/London",
        "is_provider": False,
        "hosts_any": True,
        "calendar_notices": [],
        **more,
    }
    return render_to_string("provider/desk.html", context, request=request)


def _serve(html: Callable[[], str]) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        built = settings.STATIC_FOLDER / path.removeprefix("/static/")
        if path == "/desk":
            route.fulfill(body=html(), content_type="text/html; charset=utf-8")
        elif path.startswith("/static/") and built.is_file():
            route.fulfill(path=built, content_type=mimetypes.guess_type(built.name)[0] or "text/plain")
        else:
            route.fulfill(body="<title>Elsewhere</title>", content_type="text/html")

    return answer


@contextmanager
def desk_of(
    browser: Browser,
    house: House,
    *,
    phone: bool = False,
    page: Callable[[], str] = desk_page,
    stands_still: bool = False,
    **how: Any,
) -> Iterator[Page]:
    """Somebody's desk, open and live; a mistake of the script fails the test.

    Where time `stands_still`, nobody's wait grows by a minute while a slow machine draws.
    """
    context = browser.new_context(viewport=PHONE if phone else DESKTOP, timezone_id="Europe/London", **how)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.route("**/*", _serve(page))
    opened.route_web_socket("**/ws/desk", house.answers)
    opened.add_init_script(NEVER_DOUBTS_ITS_LINE + (STANDS_STILL if stands_still else ""))
    opened.goto(f"{ORIGIN}/desk")
    opened.locator("#desk-queue[data-live]").wait_for()
    yield opened
    context.close()
    assert problems == []
