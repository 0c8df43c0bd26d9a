"""The door of this API: who calls, whether they may, which operation it is, and every answer in its shape."""

import re
from dataclasses import replace
from uuid import uuid4

from vestibule.api import turns
from vestibule.api.graph import bookings_names, sign_in
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.faults import CODES, Fault, of_refusal, told
from vestibule.api.graph.routes import operations
from vestibule.api.plain import LARGEST, Allowed, Answer, Call, Operation, door
from vestibule.people import api_keys, applications, rates
from vestibule.people.applications import Program
from vestibule.people.errors import Refusal

VERSION = "/graph/v1.0"
LARGEST_MAIL = 6 * 1024 * 1024  # Graph takes 4 MB, which JSON and base64 make longer
_MAIL = re.compile(r"[/.]sendMail/?\Z", re.IGNORECASE)
_SIGNS = {"%24": "$", "%27": "'", "%28": "(", "%29": ")"}
_ENCODED = re.compile("|".join(_SIGNS))
_NAMESPACE = re.compile(r"/microsoft\.graph\.(?=[a-z])", re.IGNORECASE)
_KEY = re.compile(r"\('([^'/()]+)'\)")
CALLS_PER_MINUTE = 6_000
WRONG_PER_MINUTE = 60
"""Requests with a wrong token that one address may send."""


def answer(call: Call) -> Answer:
    """Answer one request."""
    signed_in = sign_in.answer(call)
    if signed_in is not None:
        return signed_in
    try:
        return _with_headers(call, str(uuid4()), _done(call))
    except Fault as fault:
        return _told(call, fault)
    except Refusal as refusal:
        return _told(call, of_refusal(refusal))


def failed(call: Call, status: int, words: str) -> Answer:
    """Return what went wrong around an operation, in this API's shape."""
    fault = Fault(status, CODES.get(status, "invalidRequest"), words)
    if status in (429, 503):
        fault.facts["retry_after"] = 1
    return _told(call, fault)


def _larger(call: Call) -> Allowed | Answer:
    """Return how large a body may be: mails are, with their files, of programs that may send them."""
    if not _MAIL.search(call.path):
        return Allowed(LARGEST)
    try:
        program = _program(call)
        return Allowed(LARGEST_MAIL if "Mail.Send" in program.permissions else LARGEST, program.actor.business_id)
    except Fault as fault:
        return _told(call, fault)
    except Refusal as refusal:
        return _told(call, of_refusal(refusal))


application = door(answer, failed, larger=_larger)


def _done(call: Call) -> Answer:
    program = _program(call)
    turns.belongs_to(program.actor.business_id)
    operation, params = _operation(call)
    wanted = operation.facts["permissions"]
    if not program.permissions & wanted:
        names = ", ".join(sorted(wanted))
        raise Fault(403, "accessDenied", f"This takes one of these application permissions: {names}.")
    rates.limit("programs.graph", str(program.actor.business_id), CALLS_PER_MINUTE, 60)
    asked = Asked(call, program.actor, program.permissions, params)
    return operation.do(bookings_names.at(asked) if "business" in params else asked)


def _operation(call: Call) -> tuple[Operation[Asked], dict[str, str]]:
    path, is_there = call.raw_path, False
    if path[: len(VERSION)].casefold() == VERSION:
        below = _below(path[len(VERSION) :])
        for operation in operations():
            params = operation.params(below)
            if params is not None and operation.method == call.method:
                return operation, params
            is_there = is_there or params is not None
    if is_there:
        raise Fault(405, "invalidRequest", f"Nothing here is done by {call.method}.")
    raise Fault(404, "invalidRequest", "There is no such resource in this API. Its addresses begin with /graph/v1.0.")


def _below(path: str) -> str:
    """Return a path as templates have it: OData writes `users('ada')` for `users/ada`, older clients whole names.

    Signs may come encoded. Letter case does not matter but in ids (`plain.pattern_of`).
    """
    plain = _NAMESPACE.sub("/", _ENCODED.sub(lambda found: _SIGNS[found[0].casefold()], path))
    return _KEY.sub(r"/\1", plain).rstrip("/")


def _program(call: Call) -> Program:
    """Return who calls: an application by its access token, or a program by a key of ours. Raises Fault (401)."""
    kind, _space, token = call.headers.get("authorization", "").partition(" ")
    try:
        if kind.casefold() != "bearer" or not token:
            raise Fault(401, "InvalidAuthenticationToken", "Give an access token, as `Authorization: Bearer …`.")
        opened = applications.of_key if token.startswith(api_keys.PREFIX) else applications.program
        return opened(token.strip())
    except (Fault, applications.NotAuthenticated) as refused:
        rates.limit_others("programs.wrong", rates.household(call.client), WRONG_PER_MINUTE, 60)
        raise Fault(401, "InvalidAuthenticationToken", str(refused)) from refused


def _told(call: Call, fault: Fault) -> Answer:
    request_id = str(uuid4())
    return _with_headers(call, request_id, told(fault, request_id, call.headers.get("client-request-id", "")[:100]))


def _with_headers(call: Call, request_id: str, done: Answer) -> Answer:
    headers = {"request-id": request_id, "client-request-id": call.headers.get("client-request-id", request_id)[:100]}
    return replace(done, headers={**headers, **done.headers})
