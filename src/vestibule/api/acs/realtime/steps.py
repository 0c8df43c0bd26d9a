"""The steps before a connection: where to connect, a place, a ticket, and registrations that tell us nothing.

Addresses lie below `/realtime`; what the library puts together itself is at the root of the origin.
"""

import re
import time
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from vestibule.api import turns
from vestibule.api.acs import chat_wire as wire
from vestibule.api.acs.asked import TOKEN, Asked
from vestibule.api.acs.asked import origin as origin_of
from vestibule.api.acs.faults import CODES, Fault, of_refusal, told
from vestibule.api.acs.realtime import exchange, passes
from vestibule.api.acs.realtime.passes import Ticket
from vestibule.api.plain import Answer, Call, Operations, door, shown
from vestibule.people import identities, rates
from vestibule.people.errors import Refusal
from vestibule.people.identities import Bearer

BASE = "/realtime"
SILENCE_SECONDS = 180
"""After how long a side that hears nothing takes the other for gone."""
PLACE_SECONDS = 24 * 3600
STEPS_PER_MINUTE = 300
"""Steps one identity may take: a page that reconnects takes three."""
WRONG_PER_MINUTE = 60

operations: Operations[Asked] = Operations()


@operations.on(
    "GET", "/chat/config/realTimeNotifications", by=TOKEN, service="chat", scopes=wire.ALL,
    operation="Chat_GetRealTimeNotificationConfiguration",
)  # fmt: skip
def discover(asked: Asked) -> Answer:
    """Say where connections begin."""
    at = asked.origin + BASE
    return shown(200, {"trouterServiceUrl": at, "registrarServiceUrl": at, "cloudType": "Public"})


def answer(call: Call) -> Answer:
    """Answer one step."""
    try:
        done = Answer(204) if call.method == "OPTIONS" else _done(call)
    except Fault as fault:
        done = told(fault)
    except Refusal as refusal:
        done = told(of_refusal(refusal))
    return Answer(done.status, done.body, {**shared_headers(call), **done.headers}, done.kind)


def failed(call: Call, status: int, words: str) -> Answer:
    """Return what went wrong around a step."""
    done = told(Fault(status, CODES.get(status, "BadRequest"), words, retry_after=1 if status in (429, 503) else 0))
    return Answer(done.status, done.body, {**shared_headers(call), **done.headers}, done.kind)


application = door(answer, failed, largest=16 * 1024)


def shared_headers(call: Call) -> Mapping[str, str]:
    """Return what lets pages of any origin read answers: no cookie counts here, whoever holds a token may use it."""
    if not call.headers.get("origin"):
        return {}
    return {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
        "Access-Control-Allow-Headers": call.headers.get("access-control-request-headers", "x-skypetoken")[:500],
        "Access-Control-Max-Age": "7200",
        "Access-Control-Expose-Headers": "*",
    }


def holder(token: str, who: str) -> Bearer:
    """Return who holds `token`; `who` is the address it comes from. Raises Fault and Refusal."""
    try:
        bearer = identities.bearer(token)
    except identities.TokenRefused:
        rates.limit_others("programs.wrong", who, WRONG_PER_MINUTE, 60)
        raise
    if not bearer.scopes & wire.ALL or "chat" not in bearer.resource.services:
        raise Fault(403, "Forbidden", "This token is not for chats.")
    return bearer


def _done(call: Call) -> Answer:
    for method, pattern, do in _STEPS:
        found = re.fullmatch(pattern, call.path, re.IGNORECASE)
        if found is not None and call.method == method:
            return do(call, _bearer(call), found[1] if found.groups() else "")
    raise Fault(404, "NotFound", "There is nothing here.")


def _bearer(call: Call) -> Bearer:
    given = _token(call)
    if not given:
        raise Fault(401, "Unauthorized", "Give the token of an identity.")
    bearer = holder(given, rates.household(call.client))
    turns.belongs_to(bearer.resource.business_id)
    rates.limit("programs.realtime", bearer.key, STEPS_PER_MINUTE, 60)
    return bearer


def _allocate(call: Call, bearer: Bearer, _rest: str) -> Answer:
    """Give a browser its place, or the one again that it shows it was given."""
    again = _own_place(call, bearer)
    _require_room(bearer, again)
    place, now = again or passes.new_place(), int(time.time())
    kept = {
        "sr": place,
        "issuer": "vestibule",
        "sp": "again",
        "st": str(now * 1000),
        "se": str((now + PLACE_SECONDS) * 1000),  # within the last hour the library asks for another place
        "sig": passes.signature(place, bearer.key),
    }
    origin = origin_of(call)
    url = f"{origin}/v4/f/{place}/"
    return shown(
        200,
        {
            "socketio": f"{origin}/",
            "url": url,
            "surl": url,
            "curlb": origin,
            "ttl": str(PLACE_SECONDS),
            "connectparams": kept,
            "ccid": place,
            "id": place,
        },
    )


def _handshake(call: Call, bearer: Bearer, _rest: str) -> Answer:
    """Give a ticket for a connection."""
    place = _own_place(call, bearer)
    if not place:
        raise Fault(400, "BadRequest", "Ask for a place first.")
    _require_room(bearer, place)
    again = call.query.get("con_num", "").rpartition("_")[2] not in ("", "1")
    ticket = passes.issue(Ticket(place, _token(call), again, call.query.get("epid", "")[:100]))
    words = f"{ticket}:{SILENCE_SECONDS}:{SILENCE_SECONDS}:websocket,xhr-polling"
    return Answer(200, words.encode(), kind="text/plain; charset=utf-8")


def _register(call: Call, bearer: Bearer, _rest: str) -> Answer:
    """Say yes: what is told goes to whoever is connected."""
    given = call.json()
    fields = given if isinstance(given, dict) else {}
    return shown(202, {"registrationId": str(fields.get("registrationId", ""))[:100]})


def _unregister(call: Call, bearer: Bearer, program: str) -> Answer:
    """The library was stopped: nothing is kept for it."""
    exchange.forget_program(bearer, unquote(program))
    return Answer(202)


def _own_place(call: Call, bearer: Bearer) -> str:
    """Return the place that is shown to be the caller's, or nothing."""
    place, given = call.query.get("sr", ""), call.query.get("sig", "")
    is_theirs = re.fullmatch(r"[0-9a-f]{24}", place) and passes.is_signed(place, bearer.key, given)
    return place if is_theirs else ""


def _require_room(bearer: Bearer, place: str) -> None:
    if not exchange.has_room(bearer, place):
        words = "Too many connections are open at once. Close some, and try again in a minute."
        raise Fault(429, "TooManyRequests", words, retry_after=60)


def _token(call: Call) -> str:
    return (call.headers.get("x-skypetoken") or call.headers.get("authorization", "").removeprefix("Bearer ")).strip()


_STEPS: tuple[tuple[str, str, Callable[[Call, Bearer, str], Answer]], ...] = (
    ("POST", r"(?:/realtime)?/v4/a", _allocate),
    ("GET", r"/socket\.io/1/?", _handshake),
    ("POST", r"/realtime/v3/registrations", _register),
    ("DELETE", r"/realtime/v3/registrations/([^/]{1,100})", _unregister),
)
