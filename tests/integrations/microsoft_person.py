"""A person at the pages of Microsoft's authority: signs in, allows or declines, and is sent back."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.integrations.microsoft import CLIENT, SECRET, TENANT, Microsoft

Json = dict[str, Any]
CHANGED = {"declined": "AADSTS65004", "guest": "AADSTS50020", "no consent": "AADSTS65001"}


@dataclass
class Person:
    """Somebody with an account in a tenant; `registered` are the redirect addresses of the application."""

    cloud: Microsoft
    registered: set[str]
    name: str = "admin@clinic.example"
    tenant: str = TENANT
    answers: str = ""
    codes: dict[str, Json] = field(default_factory=dict)
    refresh: set[str] = field(default_factory=set)
    claims: Json = field(default_factory=dict)
    redeemed: int = 0

    def __post_init__(self) -> None:
        self.cloud.person = self

    def at(self, address: str) -> str:
        """Do what there is to do at a page, and return where the browser is sent."""
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert f"{parts.scheme}://{parts.netloc}" == self.cloud.origin
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] in self.registered, "AADSTS50011"
        if parts.path.endswith("/adminconsent"):
            told = {"admin_consent": "True", "tenant": self.tenant} | self._error()
        else:
            assert parts.path == f"/{TENANT}/oauth2/v2.0/authorize"
            assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
            assert {"openid", "offline_access"} <= set(asked["scope"].split())
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            told = self._error() or {"code": code}
        return f"{asked['redirect_uri']}?{urlencode({**told, 'state': asked['state']})}"

    def redeem(self, path: str, form: Json) -> tuple[int, Json]:
        """Answer at the place where tokens are asked for."""
        if path != f"/{TENANT}/oauth2/v2.0/token" or form.get("client_secret") != SECRET:
            return 401, _refused("invalid_client", "AADSTS7000215")
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] not in self.refresh:
                return 400, _refused("invalid_grant", "AADSTS50173")
            self.refresh.discard(form["refresh_token"])
            return 200, self._tokens("")
        asked = self.codes.pop(form["code"], None)
        if asked is None:
            return 400, _refused("invalid_grant", "AADSTS54005")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        if asked["code_challenge"] != challenge.rstrip("=") or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, _refused("invalid_grant", "AADSTS501481")
        self.redeemed += 1
        return 200, self._tokens(asked["nonce"])

    def _tokens(self, nonce: str) -> Json:
        token, refresh = f"personal.{secrets.token_hex(8)}", f"0.refresh{secrets.token_hex(12)}"
        self.cloud.tokens.add(token)
        self.refresh.add(refresh)
        said = {"aud": CLIENT, "tid": self.tenant, "nonce": nonce, "preferred_username": self.name} | self.claims
        part = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
        return {"access_token": token, "refresh_token": refresh, "id_token": f"e30.{part}.x", "expires_in": 3600}

    def _error(self) -> Json:
        if not self.answers:
            return {}
        code = CHANGED.get(self.answers, self.answers)
        return {"error": "access_denied", "error_description": f"{code}: a sentence <script>. Trace ID: x"}


def _refused(error: str, code: str) -> Json:
    return {"error": error, "error_description": f"{code}: a sentence. Trace ID: x"}
