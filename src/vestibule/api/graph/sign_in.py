"""The token endpoint: an application shows its secret and gets an access token, as OAuth 2.0 says (RFC 6749, 4.4)."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from vestibule.api.graph import hosts
from vestibule.api.plain import Answer, Call, pattern_of, shown
from vestibule.people import applications, rates
from vestibule.people.errors import TooMany

TOKEN = pattern_of("/graph/{tenant}/oauth2/v2.0/token")
DISCOVERY = pattern_of("/graph/{tenant}/v2.0/.well-known/openid-configuration")
WRONG_PER_MINUTE = 30
TOKENS_PER_MINUTE = 300
"""Of one application, each of which holds an hour: enough for hundreds of processes that begin at once."""


def answer(call: Call) -> Answer | None:
    """Answer a request for a token, or for where tokens are got; None for any other address."""
    if found := TOKEN.fullmatch(call.raw_path):
        return _token(call, unquote_plus(found["tenant"]))
    if found := DISCOVERY.fullmatch(call.raw_path):
        return _discovery(call, unquote_plus(found["tenant"]))
    return None


def _token(call: Call, tenant: str) -> Answer:
    if call.method != "POST":
        return _error(405, "invalid_request", "A token is asked for by POST.")
    given = {name: values[-1] for name, values in parse_qs(call.body.decode("latin-1"), keep_blank_values=True).items()}
    if given.get("grant_type") != "client_credentials":
        words = "Only applications sign in here: grant_type has to be client_credentials."
        return _error(400, "unsupported_grant_type", words)
    client_id, secret = _credentials(call, given)
    try:
        granted = applications.grant(tenant, client_id, secret)
        rates.limit("programs.token", client_id.casefold(), TOKENS_PER_MINUTE, 60)
    except applications.NotAuthenticated as refused:
        return _refused(call, refused.sentence)
    except TooMany as limited:
        return _too_many(limited)
    return shown(
        200,
        {
            "token_type": "Bearer",
            "expires_in": granted.seconds,
            "ext_expires_in": granted.seconds,
            "access_token": granted.token,
        },
        Pragma="no-cache",
    )


def _refused(call: Call, words: str) -> Answer:
    try:
        rates.limit_others("programs.sign_in", rates.household(call.client), WRONG_PER_MINUTE, 60)
    except TooMany as limited:
        return _too_many(limited)
    return _error(401, "invalid_client", words)


def _too_many(limited: TooMany) -> Answer:
    wait = str(limited.facts["retry_after"])
    return shown(429, {"error": "temporarily_unavailable", "error_description": str(limited)}, Retry_After=wait)


def _credentials(call: Call, given: Mapping[str, str]) -> tuple[str, str]:
    """Return the application's id and secret, from the form or from the header for them."""
    kind, _space, encoded = call.headers.get("authorization", "").partition(" ")
    if kind.casefold() != "basic":
        return given.get("client_id", ""), given.get("client_secret", "")
    try:
        client_id, _colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(client_id), unquote_plus(secret)


def _discovery(call: Call, tenant: str) -> Answer:
    """Say where tokens of `tenant` are got, whatever it is: which tenants exist is nobody's business."""
    home = f"{hosts.origin_of(call)}/graph/{tenant}"
    told: dict[str, Any] = {
        "issuer": f"{home}/v2.0",
        "token_endpoint": f"{home}/oauth2/v2.0/token",
        "authorization_endpoint": f"{home}/oauth2/v2.0/authorize",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "response_types_supported": ["token"],
        "grant_types_supported": ["client_credentials"],
        "subject_types_supported": ["pairwise"],
    }
    return shown(200, told)


def _error(status: int, error: str, words: str) -> Answer:
    headers = {"WWW_Authenticate": "Basic"} if status == 401 else {}
    return shown(status, {"error": error, "error_description": words}, **headers)
