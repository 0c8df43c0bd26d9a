"""The smallest server of the visit protocol: one meeting in memory, for trying clients without the product.

It speaks `docs/reference/visit-protocol.md` as far as a call needs: sessions with numbers, acknowledgement and replay,
a waiting room, seats, relayed signals, chat. It can also misbehave on demand: drop every socket, or fall silent.
"""

import asyncio
import itertools
import json
import secrets
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.e2e.carriers import Carrier
from vestibule.web.static_files import policy_of

Json = dict[str, Any]
STATIC = Path(__file__).parents[2] / "src" / "vestibule" / "web" / "static"
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob: mediastream:; connect-src 'self' {origins}; base-uri 'none'; form-action 'self'"
)
RULES = {"captions": "browser", "chat": True, "files": False, "recording": False, "end_hint_minutes": 5}
NOW = "2026-03-02T09:00:00Z"


@dataclass
class Session:
    """What one participant was told, numbered, until they acknowledge it."""

    id: str
    socket: ServerConnection | None = None
    seq: int = 0
    kept: list[Json] = field(default_factory=list)


@dataclass
class Person:
    """One participant. `seat` is their place in the call, None outside."""

    id: str
    name: str
    role: str
    state: str = "arrived"
    session: Session | None = None
    seat: Json | None = None

    @property
    def staff(self) -> bool:
        return self.role == "provider"

    def facts(self) -> Json:
        return {"id": self.id, "name": self.name, "role": self.role}

    def rights(self) -> Json:
        """What they may do in the call."""
        if self.staff:
            return {"role_in_call": "presenter", "abilities": ["send_media", "share_screen", "moderate"]}
        return {"role_in_call": "collaborator", "abilities": ["send_media", "share_screen"]}


class Relay:
    """Serves on `host` in a thread of its own. A ticket is `name:role`."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.host = host
        self.people: dict[str, Person] = {}
        self.messages: list[Json] = []
        self.silent = False
        self.ice: list[Json] = []
        self.carrier = Carrier("p2p")
        self.signals: list[Json] = []
        self._order = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: Server = self._run(self._serve())
        self.port: int = next(iter(self._server.sockets)).getsockname()[1]

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    def address(self, name: str, role: str = "consumer") -> str:
        """The page of one person."""
        return f"{self.origin}/visit?who={name}&role={role}"

    def begin(self, carrier: Carrier) -> None:
        """Forget everybody: another visit, carried by `carrier`."""
        self.carrier = carrier
        self.silent = False
        self.ice = []
        for kept in (self.people, self.messages, self.signals):
            kept.clear()

    def drop_sockets(self) -> None:
        """Cut every socket without a goodbye, as a network that changes does."""

        async def drop() -> None:
            for person in self.people.values():
                if person.session and person.session.socket:
                    person.session.socket.transport.abort()

        self._run(drop())

    def remove(self, name: str) -> None:
        """Staff take somebody out of the visit."""
        self._run(self._on_remove(self.people[name], {"participant": self.people[name].id}))

    def close(self) -> None:
        self.silent = False

        def hang_up() -> None:
            # A browser whose network was taken away never answers a goodbye.
            for connection in list(self._server.connections):
                connection.transport.abort()
            self._server.close()

        self._loop.call_soon_threadsafe(hang_up)
        self._run(self._server.wait_closed())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _serve(self) -> Server:
        return await serve(self._speak, self.host, 0, process_request=self._page)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        waiting: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return waiting.result(20)

    # --- pages -------------------------------------------------------------------------------------------------------

    def _page(self, _connection: ServerConnection, request: Request) -> Response | None:
        path, _, query = request.path.partition("?")
        if path.startswith("/ws/"):
            return None
        if path == "/visit":
            given = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
            policy = POLICY.format(origins=self.carrier.origins)
            return _answer(visit_page(given).encode(), "text/html; charset=utf-8", policy)
        file = STATIC / Path(path).name
        if path.startswith("/static/") and file.is_file():
            kind = KINDS.get(file.suffix, "application/octet-stream")
            return _answer(file.read_bytes(), kind, policy_of(file.name) or "default-src 'none'")
        return Response(HTTPStatus.NOT_FOUND, "Not found", Headers(), b"")

    # --- the protocol ------------------------------------------------------------------------------------------------

    async def _speak(self, socket: ServerConnection) -> None:
        person: Person | None = None
        try:
            person = await self._greet(socket, json.loads(await socket.recv()))
            async for text in socket:
                if not self.silent and person.session and person.session.socket is socket:
                    await self._hear(person, json.loads(text))
        except ConnectionClosed:
            pass
        if person and person.session and person.session.socket is socket:
            person.session.socket = None

    async def _greet(self, socket: ServerConnection, hello: Json) -> Person:
        while self.silent:
            await asyncio.sleep(0.05)
        name, role = hello["ticket"].split(":")
        person = self.people.get(name)
        if person is None:
            person = self.people[name] = Person(f"par_{name}", name, role)
            person.state = "admitted" if person.staff else "arrived"
        session = person.session
        resumed = session is not None and session.id == hello.get("resume")
        if session is None or not resumed:
            person.seat = None
            person.state = "admitted" if person.state == "in_call" else person.state
            session = person.session = Session(f"ses_{secrets.token_hex(4)}")
        await socket.send(json.dumps(self._welcome(person, session, resumed=resumed)))
        # What is told meanwhile comes after what is replayed: a page takes a later number for the end of the earlier.
        last = hello.get("last", 0)
        while later := [kept for kept in session.kept if kept["seq"] > last]:
            for frame in later:
                await socket.send(json.dumps(frame))
            last = later[-1]["seq"]
        session.socket = socket
        if not resumed:
            await self._introduce(person)
        return person

    def _welcome(self, person: Person, session: Session, *, resumed: bool) -> Json:
        facts = {**person.facts(), **person.rights(), "staff": person.staff, "state": person.state, "since": NOW}
        provider = {"name": "Dr Bo Lund", "presence": "here"}
        meeting: Json = {"id": "mtg_1", "state": "open", "title": "First visit", "business": "Lakeside Clinic"}
        meeting |= {"starts_at": NOW, "ends_at": NOW, "backend": "p2p", "max_in_call": 4, "may_move_to": []}
        meeting |= {"opens_at": NOW, "closes_at": NOW, "locked": False, "rules": {**RULES, "hides_addresses": False}}
        meeting["provider"] = provider
        welcome = {"type": "welcome", "v": 1, "session": session.id, "resumed": resumed, "seq": session.seq}
        return {**welcome, "server_time": NOW, "participant": facts, "meeting": meeting}

    async def _introduce(self, person: Person) -> None:
        if person.state != "arrived":
            await self._tell(person, {"type": "state", "state": person.state, "since": NOW})
        if person.state in {"admitted", "in_call"}:
            await self._tell(person, self._history())
        await self._show_waiting()

    def _history(self) -> Json:
        rights: Json = {"marks": {}, "programs": [], "write": True, "files": None}
        return {"type": "chat_history", "items": self.messages, "more": False, "read": 0, **rights}

    async def _hear(self, person: Person, message: Json) -> None:
        kind = message["type"]
        if kind == "ping":
            await self._pong(person, message["last"])
            return
        handler: Callable[[Person, Json], Coroutine[Any, Any, None]] | None = getattr(self, f"_on_{kind}", None)
        if handler:
            await handler(person, message)
        if message.get("ref"):
            await self._tell(person, {"type": "done", "ref": message["ref"]})

    async def _pong(self, person: Person, last: int) -> None:
        session = person.session
        if session and session.socket:
            session.kept = [frame for frame in session.kept if frame["seq"] > last]
            await session.socket.send(json.dumps({"type": "pong", "t": NOW}))

    async def _tell(self, person: Person, frame: Json) -> None:
        session = person.session
        if session is None:
            return
        session.seq += 1
        numbered = {**frame, "seq": session.seq}
        session.kept.append(numbered)
        if session.socket:
            try:
                await session.socket.send(json.dumps(numbered))
            except ConnectionClosed:
                session.socket = None

    async def _to_all(self, frame: Json) -> None:
        for person in [*self.people.values()]:  # somebody may come while another is told
            if person.state in {"admitted", "in_call"}:
                await self._tell(person, frame)

    async def _enter(self, person: Person, state: str) -> None:
        person.state = state
        await self._tell(person, {"type": "state", "state": state, "since": NOW})
        await self._show_waiting()

    async def _show_waiting(self) -> None:
        rows = [
            {**one.facts(), "state": one.state, "since": NOW, "devices": {}, "connection": "ok"}
            for one in self.people.values()
            if not one.staff
        ]
        for one in [*self.people.values()]:
            if one.staff:
                await self._tell(one, {"type": "waiting", "people": rows})

    async def _show_roster(self) -> None:
        seated = [
            {**one.facts(), **one.seat, **one.rights(), "hand": None, "connection": "ok"}
            for one in self.people.values()
            if one.seat
        ]
        await self._to_all({"type": "roster", "people": seated})

    async def _on_enter_waiting(self, person: Person, _message: Json) -> None:
        await self._enter(person, "waiting")
        provider = {"name": "Dr Bo Lund", "presence": "here"}
        queue = {"position": 1, "ahead": 0, "since": NOW, "expected_minutes": 3, "provider": provider}
        await self._tell(person, {"type": "queue", **queue})

    async def _on_admit(self, _person: Person, message: Json) -> None:
        guest = next(one for one in self.people.values() if one.id == message["participant"])
        await self._enter(guest, "admitted")
        await self._on_get_ice(guest, message)
        await self._tell(guest, self._history())

    async def _on_get_ice(self, person: Person, _message: Json) -> None:
        servers = self.ice or self.carrier.ice()
        await self._tell(person, {"type": "ice", "servers": servers, "expires_at": NOW})

    async def _on_join_call(self, person: Person, message: Json) -> None:
        join, order = secrets.token_hex(4), next(self._order)
        person.seat = {"join": join, "order": order, "media": message["media"]}
        person.state = "in_call"
        backend = self.carrier.backend(person.facts())
        await self._tell(person, {"type": "joined", "join": join, "order": order, "backend": backend})
        await self._on_get_ice(person, message)
        await self._show_roster()

    async def _on_leave_call(self, person: Person, _message: Json) -> None:
        person.seat = None
        await self._enter(person, "admitted" if person.staff else "left")
        await self._show_roster()

    async def _on_media(self, person: Person, message: Json) -> None:
        if person.seat:
            person.seat["media"] = {key: message[key] for key in ("mic", "cam", "screen")}
            await self._show_roster()

    async def _on_signal(self, person: Person, message: Json) -> None:
        self.signals.append(message)
        other = next((one for one in self.people.values() if one.id == message["to"]), None)
        if person.seat and other and other.seat and other.seat["join"] == message.get("to_join"):
            relayed = {"from": person.id, "join": person.seat["join"]}
            await self._tell(other, {"type": "signal", **relayed, "epoch": message["epoch"], "data": message["data"]})

    async def _on_get_backend(self, person: Person, _message: Json) -> None:
        await self._tell(person, {"type": "backend", "backend": self.carrier.backend(person.facts()), "why": ""})

    async def _on_carried(self, person: Person, message: Json) -> None:
        if person.seat:
            person.seat["epoch"] = message["epoch"]
            await self._show_roster()

    async def _on_caption(self, person: Person, message: Json) -> None:
        words = {key: message[key] for key in ("line", "text", "final", "spoken")}
        await self._to_all({"type": "caption", "from": person.id, **words})

    async def _on_remove(self, _person: Person, message: Json) -> None:
        guest = next(one for one in self.people.values() if one.id == message["participant"])
        guest.seat, guest.state = None, "removed"
        self.carrier.remove(guest.id)
        bye = {"type": "bye", "code": "removed", "sentence": "You were taken out of the visit.", "retry": False}
        if guest.session and guest.session.socket:
            await guest.session.socket.send(json.dumps(bye))
        await self._show_roster()

    async def _on_end_for_all(self, _person: Person, _message: Json) -> None:
        for person in [*self.people.values()]:
            if person.session and person.session.socket:
                bye = {"type": "bye", "code": "ended", "sentence": "The visit is over.", "retry": False}
                await person.session.socket.send(json.dumps(bye))

    async def _on_chat_send(self, person: Person, message: Json) -> None:
        if any(known["client_id"] == message["client_id"] for known in self.messages):
            return
        number = len(self.messages) + 1
        stored = {"id": f"msg_{number}", "number": number, "from": person.facts(), "text": message["text"], "at": NOW}
        self.messages.append({**stored, "client_id": message["client_id"]})
        await self._to_all({"type": "chat", **self.messages[-1]})


def _answer(body: bytes, kind: str, policy: str = "default-src 'none'") -> Response:
    headers = Headers({"Content-Type": kind, "Content-Length": str(len(body)), "Content-Security-Policy": policy})
    return Response(HTTPStatus.OK, "OK", headers, body)


def visit_page(given: dict[str, str]) -> str:
    """The visit page with nothing but what `frontend/README.md` says a template must provide."""
    manifest = json.loads((STATIC / "manifest.json").read_text())
    name, role = given.get("who", "Ada"), given.get("role", "consumer")
    staff = "data-staff" if role == "provider" else ""
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>First visit · Lakeside Clinic</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><meta name="vestibule-ticket" content="{name}:{role}">
<link rel="stylesheet" href="/static/{manifest["first.css"]}">
<link rel="stylesheet" href="/static/{manifest["visit.css"]}">
<link rel="stylesheet" href="/static/{manifest["call.css"]}">
<script type="module" src="/static/{manifest["visit.js"]}"></script></head><body>
<main id="main" class="wrap"><div id="visit" data-icons="/static/{manifest["icons.svg"]}" data-door="/ws/visit"
  data-provider="Dr Bo Lund" data-name="{name}" {staff}>
<section id="visit-precheck"><h1>Ready to see Dr Bo Lund?</h1>
<device-check><p>Loading</p></device-check></section></div></main>
<script type="application/json" id="words">{{}}</script></body></html>"""
