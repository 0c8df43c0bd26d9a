"""Administrators sign in at a vendor for their business: sent there, and back with what is good for one use.

What is begun is kept in the session of whoever began it, so that nobody else's return counts as theirs.
"""

import hmac
import secrets as tokens
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, cast

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils.translation import gettext as _

from vestibule.people import audit, outside_accounts, rates, secrets
from vestibule.people.errors import NotFound
from vestibule.people.models import Business, OutsideAccount
from vestibule.people.outside_accounts import AccountRefused
from vestibule.people.permissions import Actor, Permission
from vestibule.people.ports import NotConnected, SignsIn
from vestibule.people.waiting_outside import waiting_outside
from vestibule.store import clock
from vestibule.store.transactions import writing

PURPOSE = "people.outside_sign_in"
LASTS = timedelta(minutes=15)
SIGN_IN, CONSENT = "sign_in", "consent"
LONGEST_CODE = 8000
LONGEST_NAME = 120


@dataclass(frozen=True)
class Begun:
    """What was begun, as the session keeps it: for which business and account, when, and by what it is known again."""

    business: int
    kind: str
    what: str
    state: str
    verifier: str
    at: float

    def kept(self) -> dict[str, Any]:
        """Return it as a session holds it."""
        return asdict(self)


def begin(actor: Actor, business: Business, kind: str, what: str, back: str) -> tuple[Begun, str]:
    """Return what is to be kept in the session, and the vendor's address to go to; `what` is SIGN_IN or CONSENT.

    Raises AccountRefused, TooMany, NotPermitted, NotFound.
    """
    account = _account(actor, business, kind)
    rates.limit("account-sign-in", f"{business.pk}:{actor.user_id}", 20, 600)
    begun = Begun(business.pk, kind, what, tokens.token_urlsafe(32), tokens.token_urlsafe(48), clock.now().timestamp())
    vendor = _opened(account)
    if what == CONSENT:
        return begun, vendor.consent_address(back, begun.state)
    return begun, vendor.sign_in_address(back, begun.state, begun.verifier)


def finish(actor: Actor, business: Business, kind: str, kept: Any, told: Mapping[str, str], back: str) -> str:
    """Take what the vendor sent somebody back with, and return whose sign-in it is; "" for a consent.

    `kept` is what their session held, which must be forgotten before. Raises AccountRefused with what happened,
    TooMany, NotPermitted, NotFound.
    """
    account = _account(actor, business, kind)
    begun = _own(business, kind, kept, told)
    vendor = _opened(account)
    if why := vendor.refusal(told):
        raise AccountRefused(why)
    with waiting_outside(f"business:{business.pk}"):
        try:
            if begun.what == CONSENT:
                vendor.consented(told)
            else:
                return _stored(actor, account, vendor, begun, told, back)
        except NotConnected as wrong:
            raise AccountRefused(str(wrong)) from None
    _note(actor, account, "consented")
    return ""


def remove(actor: Actor, business: Business, kind: str) -> None:
    """Forget a sign-in."""
    account = _account(actor, business, kind)
    with writing():
        _signed(OutsideAccount.objects.filter(pk=account.pk), "", "")
        audit_of(actor, account, "signed_out")


def make_business(actor: Actor, business: Business, kind: str, name: str) -> None:
    """Open a business at the vendor in the name of whoever signed in. Raises AccountRefused, TooMany, NotPermitted."""
    account = _account(actor, business, kind)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise AccountRefused(_("Give the business a name of at most 120 characters."))
    rates.limit("account-business", str(business.pk), 5, 3600)
    with waiting_outside(f"business:{business.pk}"):
        try:
            secret = secret_of(account)
            _opened(account).make_business(name, secret, lambda fresh: keep(account, fresh))
        except NotConnected as wrong:
            raise AccountRefused(str(wrong)) from None
    _note(actor, account, "business_made")


def secret_of(account: OutsideAccount) -> str:
    """Return by what a sign-in is used. Never to be shown or logged. Raises NotConnected where there is none."""
    try:
        if account.sign_in:
            return secrets.decrypt(PURPOSE, account.sign_in).decode()
    except InvalidToken:
        pass
    raise NotConnected(_("An administrator has to sign in first: Set-up, Microsoft 365, Sign in."))


def keep(account: OutsideAccount, secret: str) -> None:
    """Keep what took the place of a sign-in's secret when it was used, if it is still that sign-in."""
    sealed = secrets.encrypt(PURPOSE, secret.encode())
    with writing():
        changed = OutsideAccount.objects.filter(pk=account.pk, sign_in=account.sign_in).update(sign_in=sealed)
    if changed:
        account.sign_in = sealed


def _own(business: Business, kind: str, kept: Any, told: Mapping[str, str]) -> Begun:
    """Return what was begun here. Raises AccountRefused for a return from something else."""
    try:
        begun = Begun(**kept)
    except TypeError:
        raise AccountRefused(_not_ours()) from None
    is_same = hmac.compare_digest(begun.state.encode(), told.get("state", "").encode("utf-8", "surrogatepass"))
    age = clock.now().timestamp() - begun.at
    if not is_same or (begun.business, begun.kind) != (business.pk, kind):
        raise AccountRefused(_not_ours())
    if not 0 <= age <= LASTS.total_seconds():
        raise AccountRefused(_("That took longer than a quarter of an hour, so it does not count. Begin again."))
    return begun


def _not_ours() -> str:
    return _(
        "This did not begin in your browser, or was finished already, so nothing was changed. Begin again on this page."
    )


def _stored(
    actor: Actor, account: OutsideAccount, vendor: SignsIn, begun: Begun, told: Mapping[str, str], back: str
) -> str:
    code = told.get("code", "")
    if not code or len(code) > LONGEST_CODE:
        raise AccountRefused(_("Microsoft sent you back without a sign-in. Begin again."))
    made = vendor.redeem(code, back, begun.state, begun.verifier)
    with writing():
        same = OutsideAccount.objects.filter(pk=account.pk, access=account.access)
        if not _signed(same, secrets.encrypt(PURPOSE, made.secret.encode()), made.shown[:200]):
            raise AccountRefused(_("The account was changed meanwhile, so the sign-in does not fit. Begin again."))
        audit_of(actor, account, "signed_in")
    return made.shown[:200]


def _signed(rows: Any, sealed: str, shown: str) -> int:
    count: int = rows.update(sign_in=sealed, signed_in_as=shown, signed_in_at=clock.now() if sealed else None)
    return count


def _note(actor: Actor, account: OutsideAccount, action: str) -> None:
    with writing():
        audit_of(actor, account, action)


def audit_of(actor: Actor, account: OutsideAccount, action: str) -> None:
    """Record what was done about a sign-in, inside the writing block of it."""
    words = f"account.{action}"
    audit.record(actor, account.business_id, words, "account", account.kind, summary=account.shown, kind=account.kind)


def _account(actor: Actor, business: Business, kind: str) -> OutsideAccount:
    if actor.business_id != business.pk:
        raise NotFound(_("There is no such business here."))
    actor.require(Permission.MANAGE_SETUP)
    found = outside_accounts.of(business, kind)
    if found is None or not hasattr(outside_accounts.vendor(kind), "sign_in_address"):
        raise NotFound(_("This business has no such account, or has removed it."))
    return found


def _opened(account: OutsideAccount) -> SignsIn:
    allowed = tuple(settings.CONFIGURATION.items("GATEWAY_HOSTS"))
    try:
        access = outside_accounts.access_of(account)
        return cast("SignsIn", outside_accounts.vendor(account.kind).connected(access, allowed))
    except NotConnected as wrong:
        raise AccountRefused(str(wrong)) from None
