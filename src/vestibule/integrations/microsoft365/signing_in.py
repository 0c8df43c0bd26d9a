"""An administrator signs in at Microsoft, for what has no permission for applications: a business made in Bookings.

Authorization code with PKCE:
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow; consent of an administrator:
https://learn.microsoft.com/entra/identity-platform/v2-admin-consent.
"""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations import entra
from vestibule.integrations.entra import Token
from vestibule.integrations.microsoft365.application import Application
from vestibule.integrations.microsoft365.errors import GraphError, SignInRefused
from vestibule.integrations.microsoft365.graph import LARGEST, ONE_REQUEST, Graph
from vestibule.integrations.outward import Unanswered, Web
from vestibule.people.ports import NotConnected, SignedIn

PERMISSIONS = ("Bookings.Manage.All", "Bookings.ReadWrite.All")
"""Of the person: to make a business in Bookings, and to see its currencies (contract of Graph, section 3.4)."""
REASONS = {
    "access_denied": gettext_noop("You or your administrator declined, so nothing was changed."),
    "AADSTS65001": gettext_noop("An administrator has not allowed this yet. Grant consent first, then sign in."),
    "AADSTS65004": gettext_noop("You declined what was asked for, so nothing was changed."),
    "AADSTS90094": gettext_noop("Only an administrator may allow this. Ask one to sign in here."),
    "AADSTS50020": gettext_noop("This account is of another organisation. Sign in with one of your tenant."),
    "AADSTS50105": gettext_noop("This account is not assigned to the application. Assign it in Azure, or use another."),
    "AADSTS50076": gettext_noop("Microsoft wants a second proof of who you are. Sign in again and give it."),
    "AADSTS50079": gettext_noop("Microsoft wants a second proof of who you are. Sign in again and give it."),
    "AADSTS54005": gettext_noop("This sign-in was used already. Begin again."),
    "AADSTS70008": gettext_noop("The sign-in has ended or was taken back. Sign in again."),
    "AADSTS50173": gettext_noop("The sign-in has ended or was taken back. Sign in again."),
    "AADSTS700082": gettext_noop("The sign-in has ended or was taken back. Sign in again."),
    "AADSTS70000": gettext_noop("The sign-in has ended or was taken back. Sign in again."),
    "invalid_grant": gettext_noop("The sign-in has ended or was taken back. Sign in again."),
    "AADSTS50011": gettext_noop(
        "The redirect address is not registered. In Azure: your app registration, Authentication, Web."
    ),
    "AADSTS900971": gettext_noop(
        "The redirect address is not registered. In Azure: your app registration, Authentication, Web."
    ),
    "AADSTS500113": gettext_noop(
        "The redirect address is not registered. In Azure: your app registration, Authentication, Web."
    ),
}


def sign_in_address(application: Application, back: str, state: str, verifier: str) -> str:
    """Return Microsoft's page to sign in at."""
    asked = {
        "client_id": application.client_id,
        "response_type": "code",
        "response_mode": "query",
        "redirect_uri": back,
        "scope": _scope(application),
        "state": state,
        "nonce": _digest(state),
        "code_challenge": _digest(verifier),
        "code_challenge_method": "S256",
        "prompt": "select_account",
    }
    return f"{application.authority}/{application.tenant}/oauth2/v2.0/authorize?{urlencode(asked)}"


def consent_address(application: Application, back: str, state: str) -> str:
    """Return Microsoft's page at which an administrator allows what the application asks for."""
    asked = {"client_id": application.client_id, "redirect_uri": back, "state": state}
    return f"{application.authority}/{application.tenant}/adminconsent?{urlencode(asked)}"


def refusal(told: Mapping[str, str]) -> str:
    """Return why Microsoft sent somebody back without it; "" where it did not refuse."""
    if not told.get("error"):
        return ""
    return words(_code(told.get("error_description", "")), told["error"])


def words(code: str, error: str) -> str:
    """Return what a number or a kind of error means, and what to do."""
    found = REASONS.get(code or error)
    named = code or "".join(sign for sign in error if sign.isalnum() or sign in "_-")[:60]
    return _(found) if found else _("Microsoft refused the sign-in (%(code)s).") % {"code": named}


def redeem(application: Application, web: Web, code: str, back: str, state: str, verifier: str) -> SignedIn:
    """Return what a code is worth. Raises NotConnected."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    try:
        told = _asked(application, web, form)
    except SignInRefused as refused:
        raise NotConnected(words(refused.code, "invalid_grant")) from None
    except GraphError as failure:
        raise NotConnected(_("Microsoft could not be asked: %(why)s. Begin again.") % {"why": str(failure)}) from None
    claims, secret = _claims(str(told.get("id_token", ""))), told.get("refresh_token")
    if claims.get("aud") != application.client_id or claims.get("nonce") != _digest(state):
        raise NotConnected(_("This sign-in was not made for us, so it was not taken. Begin again."))
    require_tenant(application, str(claims.get("tid", "")))
    if not isinstance(secret, str) or not secret:
        raise NotConnected(_("Microsoft gave nothing to keep: “offline_access” is not allowed for the application."))
    shown = str(claims.get("preferred_username") or claims.get("name") or "")
    return SignedIn("".join(sign for sign in shown if sign.isprintable())[:200], secret)


def require_tenant(application: Application, tenant: str) -> None:
    """Raise NotConnected for an answer of another tenant, as far as ours is known by its id."""
    is_id = len(application.tenant) == 36 and application.tenant.count("-") == 4
    if is_id and tenant.lower() != application.tenant.lower():
        raise NotConnected(_("This account is of another organisation. Sign in with one of your tenant."))


class PersonalGraph(Graph):
    """Asks as the administrator who signed in. What takes the place of the sign-in's secret goes to `keep`."""

    secret: str = ""
    keep: Callable[[str], None] = staticmethod(lambda secret: None)
    _personal: Token | None = None

    def _token(self) -> Token:
        if self._personal is None or self._personal.until <= time.monotonic():
            told = _asked(self.application, self.web, {"grant_type": "refresh_token", "refresh_token": self.secret})
            fresh = told.get("refresh_token")
            if isinstance(fresh, str) and fresh and fresh != self.secret:
                self.secret = fresh
                self.keep(fresh)
            value = str(told.get("access_token", ""))
            self._personal = Token(value, time.monotonic() + 300, frozenset(str(told.get("scope", "")).split()))
        return self._personal

    def _forget(self, token: Token) -> None:
        self._personal = None


def delegated(
    application: Application, allowed: tuple[str, ...], secret: str, keep: Callable[[str], None]
) -> PersonalGraph:
    """Return a client that asks as the person who signed in. Raises SignInRefused, GraphError when it is used."""

    made = PersonalGraph(application, Web(entra.reach(allowed), seconds=ONE_REQUEST, largest=LARGEST))
    made.secret, made.keep = secret, keep
    return made


def make_business(graph: PersonalGraph, name: str) -> None:
    """Open a business in Bookings, unless one is called so already, by an answer that was lost. Raises NotConnected."""
    try:
        for page in graph.pages("/solutions/bookingBusinesses"):
            value = page.get("value")
            for one in value if isinstance(value, list) else []:
                if isinstance(one, dict) and str(one.get("displayName", "")).casefold() == name.casefold():
                    raise NotConnected(_("“%(name)s” is in Bookings already. Choose it there.") % {"name": name})
        graph.post("/solutions/bookingBusinesses", {"displayName": name})
    except SignInRefused as refused:
        raise NotConnected(words(refused.code, "invalid_grant")) from None
    except GraphError as failure:
        if failure.maybe_done:
            said = _("Microsoft did not answer in time. Look in a minute whether “%(name)s” is in Bookings.")
            raise NotConnected(said % {"name": name}) from None
        if failure.status == 403:
            said = _("Whoever signed in may not open a business in Bookings: they need a licence for it.")
            raise NotConnected(said) from None
        said = _("No business was opened in Bookings: %(why)s.")
        raise NotConnected(said % {"why": str(failure)}) from None


def _asked(application: Application, web: Web, form: dict[str, str]) -> dict[str, Any]:
    whole = form | {"client_id": application.client_id, "scope": _scope(application)} | entra.proof_of(application)
    try:
        answer = web.ask("POST", application.token_url, data=whole)
    except Unanswered as silent:
        raise GraphError(f"the sign-in {silent}", status=0) from None
    told = answer.json()
    if answer.status in (400, 401):
        raise SignInRefused(_code(str(told.get("error_description", ""))), "the sign-in was refused")
    if not answer.is_success or not isinstance(told.get("access_token"), str):
        raise GraphError(f"the sign-in answered {answer.status}", status=answer.status)
    return told


def _scope(application: Application) -> str:
    named = " ".join(f"{application.graph}/{one}" for one in PERMISSIONS)
    return f"openid profile offline_access {named}"


def _claims(token: str) -> dict[str, Any]:
    """Return what an id token says. It came from Microsoft itself by TLS, which is all the proof it needs."""
    try:
        part = token.split(".")[1]
        found: Any = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _code(description: str) -> str:
    first = description.partition(":")[0].strip()
    return first if first.startswith("AADSTS") and first[6:].isdigit() and len(first) < 20 else ""


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
