"""Microsoft 365 as its contract describes it: sign-in, and a mailbox with a calendar, in a thread.

A stand-in, for nobody can run the real one: each request is held to the published description, and what it is known to
say to a wrong one it says. What the real service does beyond that is not shown here.
"""

import base64
import email
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate

from tests.integrations import graph_contract
from tests.integrations.outside import wait_until_left

TENANT, CLIENT, SECRET = "0f0e0d0c-0b0a-4908-8706-050403020100", "11111111-2222-4333-8444-555555555555", "not~a~secret"
MAILBOX = "ada@clinic.example"
ALL = (
    "Calendars.ReadWrite",
    "OnlineMeetings.ReadWrite.All",
    "Bookings.ReadWrite.All",
    "BookingsAppointment.ReadWrite.All",
    "Bookings.Manage.All",
    "Mail.Send",
)
Json = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One answer that is not what was asked for. `cuts`: the connection ends after the work was done, unanswered;
    `silent`: nothing is done and nothing is said.

    `on` is part of the request it is meant for, such as `POST /v1.0/solutions`; "": whichever comes next.
    """

    status: int = 0
    code: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    cuts: bool = False
    silent: bool = False
    delay: float = 0.0
    body: bytes | None = None
    on: str = ""


class Part(Protocol):
    """A further part of the cloud, in a file of its own beside this one."""

    def answer(self, method: str, path: str, query: dict[str, str], told: Json) -> tuple[int, Json | None] | None:
        """Return status and body for a path below `/v1.0`, or None where it is not this part's."""
        ...


@dataclass
class Microsoft:
    """One tenant with one application. `faults` are given out one after the other, to requests of Graph."""

    port: int = 0
    roles: tuple[str, ...] = ALL
    certificate: Certificate | None = None
    sign_in_fault: tuple[int, str] | None = None
    lasts: int = 3600
    page_size: int = 100
    events: dict[str, Json] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    policy: bool = True
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    mails: list[Message] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    person: Any = None
    """Who signs in at the authority's pages (`microsoft_person.Person`)."""
    scopes: tuple[str, ...] = ()
    """What else than Graph tokens are given for."""
    signed_in: int = 0
    at_once: int = 0
    most_at_once: int = 0
    lock: Any = field(default_factory=threading.RLock)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def access(self) -> dict[str, str]:
        """What an office manager would type."""
        return {
            "tenant": TENANT,
            "client_id": CLIENT,
            "secret": SECRET,
            "cloud": "other",
            "authority": self.origin,
            "graph": self.origin,
        }

    # What people do in Outlook.

    def has(self, start: str, end: str, /, **more: Any) -> str:
        """Put an event into the calendar, from `2026-03-02T09:00` to the same, and return its id."""
        ref = f"AAMk{secrets.token_hex(6)}="
        self.events[ref] = {
            "id": ref,
            "subject": "Dentist",
            "start": {"dateTime": f"{start}:00.0000000", "timeZone": "UTC"},
            "end": {"dateTime": f"{end}:00.0000000", "timeZone": "UTC"},
            "isAllDay": False,
            "showAs": "busy",
            "type": "singleInstance",
            "isCancelled": False,
            **more,
        }
        self._touch(ref)
        return ref

    def has_series(self, *days: str, hours: tuple[str, str], **more: Any) -> list[str]:
        """Put a series into the calendar, and return the ids of its occurrences, of which little is told."""
        master = self.has(f"{days[0]}T{hours[0]}", f"{days[0]}T{hours[1]}", type="seriesMaster", **more)
        refs = [self.has(f"{day}T{hours[0]}", f"{day}T{hours[1]}", type="occurrence") for day in days]
        for ref in refs:
            told = {name: self.events[ref][name] for name in ("id", "@odata.etag", "type", "start", "end")}
            self.events[ref] = told | {"seriesMasterId": master}
        return refs

    def take_out(self, ref: str) -> None:
        """Delete one occurrence: all that is left of its series is named then, and nothing else."""
        master = self.events.pop(ref)["seriesMasterId"]
        self.history += [master, *(one for one, event in self.events.items() if event.get("seriesMasterId") == master)]

    def change(self, ref: str, **more: Any) -> None:
        """Change an event."""
        self.events[ref] |= more
        self._touch(ref)

    def remove(self, ref: str) -> None:
        """Delete an event."""
        del self.events[ref]
        self.history.append(ref)

    def forget_tokens(self) -> None:
        """Let no token count any more."""
        self.tokens.clear()

    # What it answers.

    def fault(self, asked: str) -> Fault | None:
        """Take out and return the first fault that is meant for a request."""
        found = next((one for one in self.faults if one.on in asked), None)
        if found is not None:
            self.faults.remove(found)
        return found

    def answer(self, method: str, address: str, headers: Any, body: bytes) -> tuple[int, Json | None]:
        path = unquote(urlsplit(address).path)
        if path.endswith("/oauth2/v2.0/token"):
            form = dict(parse_qsl(body.decode()))
            if self.person is not None and form.get("grant_type") != "client_credentials":
                redeemed: tuple[int, Json | None] = self.person.redeem(path, form)
                return redeemed
            return self._token(path, form)
        is_text = headers.get("Content-Type", "") == "text/plain"
        told = json.loads(body) if body and not is_text else None
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return 401, _error("InvalidAuthenticationToken")
        self.wrong += graph_contract.faults(method, address, told)
        if is_text and path == f"/v1.0/users/{MAILBOX}/sendMail":
            return self._mail(body)
        return self._graph(method, path.removeprefix("/v1.0"), address, headers, told or {})

    def _mail(self, body: bytes) -> tuple[int, Json | None]:
        try:
            self.mails.append(email.message_from_bytes(base64.b64decode(body, validate=True)))
        except ValueError:
            return 400, _error("ErrorMimeContentInvalidBase64String")
        return 202, None

    def _graph(self, method: str, path: str, address: str, headers: Any, told: Json) -> tuple[int, Json | None]:
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        for part in self.parts:
            if (answer := part.answer(method, path, query, told)) is not None:
                return answer
        if path == "/solutions/bookingBusinesses":
            return 200, {"value": [{"id": "clinic@clinic.example", "displayName": "Clinic"}]}
        if path.endswith("/onlineMeetings"):
            return (200, {"value": []}) if self.policy else (403, _error("Forbidden"))
        if not path.startswith(f"/users/{MAILBOX}/"):
            return 404, _error("ErrorInvalidUser")
        rest = path.removeprefix(f"/users/{MAILBOX}")
        if rest == "/calendar":
            return 200, {"id": "AQMk=", "name": "Calendar", "canEdit": True}
        if rest in ("/calendarView/delta()", "/calendarView/delta"):
            return self._delta(query)
        if rest == "/calendarView":
            return self._view(query)
        if rest == "/events" and method == "POST":
            return self._make(told)
        return self._event(method, rest.removeprefix("/events/"), headers, told)

    def _token(self, path: str, form: Json) -> tuple[int, Json]:
        if self.sign_in_fault is not None:
            status, code = self.sign_in_fault
            return status, {"error": "invalid_client", "error_description": f"{code}: a sentence. Trace ID: x"}
        if path.split("/")[1] != TENANT:
            return 400, {"error": "invalid_request", "error_description": "AADSTS90002: Tenant not found."}
        is_right = form.get("client_secret") == SECRET if "client_secret" in form else self._is_signed(path, form)
        if form.get("client_id") != CLIENT or form.get("scope") not in (f"{self.origin}/.default", *self.scopes):
            return 400, {"error": "unauthorized_client", "error_description": "AADSTS700016: not found."}
        if form.get("grant_type") != "client_credentials" or not is_right:
            return 401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}
        self.signed_in += 1
        claims = _text({"roles": list(self.roles), "n": self.signed_in})
        token = f"{_text({'alg': 'none'})}.{claims}.{secrets.token_hex(8)}"
        self.tokens.add(token)
        return 200, {"token_type": "Bearer", "expires_in": self.lasts, "access_token": token}

    def _is_signed(self, path: str, form: Json) -> bool:
        assert self.certificate is not None, "a certificate signs in only where one was uploaded"
        signed, _dot, signature = str(form["client_assertion"]).rpartition(".")
        claims = json.loads(base64.urlsafe_b64decode(signed.split(".")[1] + "=="))
        public: Any = self.certificate.public_key()
        public.verify(base64.urlsafe_b64decode(signature + "=="), signed.encode(), PSS(MGF1(SHA256()), 32), SHA256())
        return bool(claims["aud"] == f"{self.origin}{path}" and claims["iss"] == claims["sub"] == CLIENT)

    def _delta(self, query: dict[str, str]) -> tuple[int, Json]:
        base = f"{self.origin}/v1.0/users/{MAILBOX}/calendarView/delta()"
        if "$deltatoken" in query:
            since = int(query["$deltatoken"])
            if since > len(self.history):
                return 410, _error("syncStateNotFound")
            refs = list(dict.fromkeys(self.history[since:]))
            rest = [self.events.get(ref, {"id": ref, "@removed": {"reason": "deleted"}}) for ref in refs]
            return 200, {"value": rest, "@odata.deltaLink": f"{base}?$deltatoken={len(self.history)}"}
        page = int(query.get("$skiptoken", 0))
        every = list(self.events.values())
        shown = every[page * self.page_size : (page + 1) * self.page_size]
        if (page + 1) * self.page_size < len(every):
            return 200, {"value": shown, "@odata.nextLink": f"{base}?$skiptoken={page + 1}"}
        return 200, {"value": shown, "@odata.deltaLink": f"{base}?$deltatoken={len(self.history)}"}

    def _view(self, query: dict[str, str]) -> tuple[int, Json]:
        first, last = (query[name].rstrip("Z") for name in ("startDateTime", "endDateTime"))
        inside = [
            one for one in self.events.values() if one["start"]["dateTime"] < last and one["end"]["dateTime"] > first
        ]
        return 200, {"value": inside}

    def _make(self, told: Json) -> tuple[int, Json]:
        key = told.get("transactionId")
        for one in self.events.values():
            if key and one.get("transactionId") == key:
                return 201, one
        if key in self.used:
            return 409, _error("ErrorDuplicateTransactionId")
        ref = self.has("2026-01-01T00:00", "2026-01-01T00:00", **(told | _times(told)))
        self.used |= {key} if key else set()
        return 201, self.events[ref]

    def _event(self, method: str, ref: str, headers: Any, told: Json) -> tuple[int, Json | None]:
        if ref not in self.events:
            return 404, _error("ErrorItemNotFound")
        if headers.get("If-Match") not in (None, self.events[ref]["@odata.etag"]):
            return 412, _error("ErrorIrresolvableConflict")
        if method == "DELETE":
            self.remove(ref)
            return 204, None
        if method == "PATCH":
            self.change(ref, **(told | _times(told)))
        return 200, self.events[ref]

    def _touch(self, ref: str) -> None:
        self.history.append(ref)
        self.events[ref]["@odata.etag"] = f'W/"{secrets.token_hex(8)}"'


def _handler(state: Microsoft) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with state.lock:
                state.asked.append(f"{self.command} {self.path}")
                state.headers.append(dict(self.headers))
                is_graph = self.path.startswith("/v1.0")
                fault = state.fault(f"{self.command} {unquote(self.path)}") if is_graph else None
                state.at_once += is_graph
                state.most_at_once = max(state.most_at_once, state.at_once)
            time.sleep(fault.delay if fault else 0)
            with state.lock:
                state.at_once -= is_graph  # who is answered may ask again before this thread goes on
            if fault is not None and fault.silent:
                wait_until_left(self)
                return
            try:
                self._give(body, fault)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        do_POST = do_PATCH = do_DELETE = do_GET

        def _give(self, body: bytes, fault: Fault | None) -> None:
            if fault is not None and fault.status:
                told = _error(fault.code) if fault.body is None else None
                self._say(
                    fault.status, fault.body if fault.body is not None else json.dumps(told).encode(), fault.headers
                )
                return
            with state.lock:
                status, answer = state.answer(self.command, self.path, self.headers, body)
            if fault is not None and fault.cuts:
                self.close_connection = True
                return
            content = b"" if answer is None else json.dumps(answer).encode()
            self._say(status, content if fault is None or fault.body is None else fault.body)

        def _say(self, status: int, content: bytes, headers: tuple[tuple[str, str], ...] = ()) -> None:
            self.send_response(status)
            shown = {"Content-Type": "application/json", "Content-Length": str(len(content)), "request-id": "a-b-c"}
            for name, value in (shown | dict(headers)).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    return Handler


def _error(code: str) -> Json:
    inner = {"date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}", "request-id": "a-b-c", "client-request-id": "d"}
    return {"error": {"code": code, "message": "It is not for programs.", "innerError": inner}}


def _times(told: Json) -> Json:
    """Return start and end as Graph says them, with seven decimals."""
    return {
        name: {**told[name], "dateTime": f"{told[name]['dateTime'].rstrip('Z').partition('.')[0]}.0000000"}
        for name in ("start", "end")
        if name in told
    }


def _text(claims: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


@contextmanager
def microsoft() -> Iterator[Microsoft]:
    """Run one on a free port of this machine. In the end all it was asked must be in its description."""
    graph_contract.require_description()
    state = Microsoft()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
    assert state.wrong == [], "Graph is asked for what it is not described to take"
