"""The door of this API: who calls, whether they may, which operation it is, and every answer in its shape."""

from dataclasses import replace
from uuid import uuid4

from vestibule.api import turns
from vestibule.api.acs import signing, versions
from vestibule.api.acs.asked import ANYBODY, KEY, Asked, Caller
from vestibule.api.acs.faults import CODES, Fault, of_refusal, told
from vestibule.api.acs.routes import operations
from vestibule.api.plain import LARGEST, Allowed, Answer, Call, Operation, door
from vestibule.people import communication, identities, rates
from vestibule.people.errors import Refusal

LARGEST_MAIL = 14 * 1024 * 1024  # 10 MB, written as base64 and JSON
CALLS_PER_MINUTE = 60_000
WRONG_PER_MINUTE = 60
"""Requests with a wrong signature or token that one address may send."""


def answer(call: Call) -> Answer:
    """Answer one request."""
    try:
        done = _preflight(call) if call.method == "OPTIONS" else _done(call)
    except Fault as fault:
        done = told(fault)
    except Refusal as refusal:
        done = told(of_refusal(refusal))
    return _with_headers(call, done)


def failed(call: Call, status: int, words: str) -> Answer:
    """Return what went wrong around an operation, in this API's shape."""
    retry_after = 1 if status in (429, 503) else 0
    fault = Fault(status, CODES.get(status, "BadRequest"), words, retry_after=retry_after)
    return _with_headers(call, told(fault))


def _larger(call: Call) -> Allowed | Answer:
    """Return how large a body may be: mails are, of who signed them, since a signature covers what the body will be."""
    if not call.path.casefold().startswith("/emails"):
        return Allowed(LARGEST)
    try:
        caller = _caller(call, KEY, is_whole=False)
    except Fault as fault:
        return _with_headers(call, told(fault))
    except Refusal as refusal:
        return _with_headers(call, told(of_refusal(refusal)))
    return Allowed(LARGEST_MAIL, caller.business_id)


application = door(answer, failed, larger=_larger)


def _done(call: Call) -> Answer:
    operation, params = _operation(call)
    facts = operation.facts
    caller = _caller(call, facts["by"])
    turns.belongs_to(caller.business_id)
    if facts["service"] not in caller.of.services:
        raise Fault(403, "Forbidden", f"The service “{facts['service']}” is not switched on for this resource.")
    versions.require(facts["service"], call.query.get("api-version"))
    if facts.get("scopes") and not caller.scopes & facts["scopes"]:
        wanted = ", ".join(sorted(facts["scopes"]))
        raise Fault(403, "Forbidden", f"The token lacks the scope for this; it takes one of: {wanted}.")
    rates.limit("programs.acs", str(caller.business_id), CALLS_PER_MINUTE, 60)
    return operation.do(Asked(call, caller, params))


def _operation(call: Call) -> tuple[Operation[Asked], dict[str, str]]:
    is_there = False
    for operation in operations():
        params = operation.params(call.raw_path)
        if params is not None and operation.method == call.method:
            return operation, params
        is_there = is_there or params is not None
    if is_there:
        raise Fault(405, "MethodNotAllowed", f"Nothing here is done by {call.method}.")
    raise Fault(404, "NotFound", "There is no such operation.")


def _caller(call: Call, by: str, *, is_whole: bool = True) -> Caller:
    assert by != ANYBODY, "every operation of Communication Services is asked for by somebody"
    who = rates.household(call.client)
    try:
        if by == KEY:
            resource, key = signing.signer(call, communication.answering().values(), is_whole=is_whole)
            communication.note_use(resource, key)
            return Caller(resource, key=key)
        kind, _space, token = call.headers.get("authorization", "").partition(" ")
        if kind.casefold() != "bearer" or not token:
            raise Fault(401, "Unauthorized", "Give the token of an identity, as `Authorization: Bearer …`.")
        bearer = identities.bearer(token.strip())
        return Caller(bearer.resource, bearer=bearer)
    except (Fault, identities.TokenRefused):
        rates.limit_others("programs.wrong", who, WRONG_PER_MINUTE, 60)
        raise


def _preflight(call: Call) -> Answer:
    """Let pages of other origins ask: no cookie ever counts here, so whoever holds a token may use it anywhere."""
    headers = {
        "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
        "Access-Control-Allow-Headers": call.headers.get("access-control-request-headers", "authorization"),
        "Access-Control-Max-Age": "3600",
    }
    return Answer(204, headers=headers)


def _with_headers(call: Call, done: Answer) -> Answer:
    headers = {"x-ms-request-id": str(uuid4())}
    if call.headers.get("x-ms-return-client-request-id", "").casefold() == "true":
        headers["x-ms-client-request-id"] = call.headers.get("x-ms-client-request-id", "")[:100]
    if call.headers.get("origin"):
        headers |= {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}
    return replace(done, headers={**headers, **done.headers})
