"""What a business has at a vendor: tested, stored encrypted, looked at again, removed. Used by whatever asks for it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from vestibule.people import audit, rates, secrets
from vestibule.people.errors import Invalid, NotFound, Refusal
from vestibule.people.models import Business, OutsideAccount
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.people.ports import Finding, NotConnected, Vendor
from vestibule.people.waiting_outside import waiting_outside
from vestibule.store import clock
from vestibule.store.transactions import writing

PURPOSE = "people.outside_account"
LONGEST = 12_000
PATIENCE = timedelta(minutes=3)
"""How long a vendor is silent before anybody is told: most come back by themselves."""


class AccountRefused(Refusal):
    """An account could not be used as told; `facts["field"]` names what to mend."""

    code = "account_refused"


def vendor(kind: str) -> type[Vendor]:
    """Return what knows a kind of account. Raises NotFound."""
    path = settings.OUTSIDE_ACCOUNTS.get(kind)
    if path is None:
        raise NotFound(_("This installation knows no such account."))
    found: type[Vendor] = import_string(path)
    return found


def of(business: Business, kind: str) -> OutsideAccount | None:
    """Return the account of a kind that a business has, or None."""
    found: OutsideAccount | None = OutsideAccount.objects.filter(business=business, kind=kind).first()
    return found


def test(actor: Actor, business: Business, kind: str, access: Mapping[str, str]) -> list[Finding]:
    """Look at an account without storing it. Talks to the network for up to 45 seconds.

    Raises AccountRefused with what to mend, Invalid, TooMany, NotPermitted, NotFound.
    """
    _permit(actor, business)
    return _looked(actor, business, kind, _completed(business, kind, access))


def link(actor: Actor, business: Business, kind: str, access: Mapping[str, str]) -> OutsideAccount:
    """Look at an account and store it, over one of its kind. A secret left empty stays what it was, but only with the
    account it was typed for. Raises what `test` raises.
    """
    _permit(actor, business)
    whole = _completed(business, kind, access)
    findings = _looked(actor, business, kind, whole)
    with writing():
        before = OutsideAccount.objects.select_for_update().filter(business=business, kind=kind).first()
        is_other = before is not None and before.shown != vendor(kind).shown(whole)[:200]
        keeps_sign_in = before is not None and not is_other and _is_at_the_same(before, whole)
        if before is not None and is_other:
            _left(before)
        made, is_new = OutsideAccount.objects.update_or_create(
            business=business,
            kind=kind,
            defaults={
                "shown": vendor(kind).shown(whole)[:200],
                "access": secrets.encrypt(PURPOSE, json.dumps(whole).encode()),
                "unreachable_since": None,
                **({} if keeps_sign_in else {"sign_in": "", "signed_in_as": "", "signed_in_at": None}),
                **_seen(findings),
            },
        )
        _record(actor, made, "linked" if is_new else "changed")
    found: OutsideAccount = made
    return found


def look(actor: Actor, account: OutsideAccount) -> OutsideAccount:
    """Look at a stored account now, and keep what was found; also that it cannot be used any more.

    What was found with an access that was replaced meanwhile is not kept. Raises NotFound for one removed meanwhile.
    """
    _permit(actor, account.business)
    try:
        seen = _seen(_looked(actor, account.business, account.kind, access_of(account)))
    except (NotConnected, AccountRefused) as wrong:
        seen = _seen((), str(wrong))
    with writing():
        OutsideAccount.objects.filter(pk=account.pk, access=account.access).update(**seen)
        now: OutsideAccount | None = OutsideAccount.objects.filter(pk=account.pk).first()
        if now is None:
            raise NotFound(_("This business has no such account, or has removed it."))
        _record(actor, now, "looked_at")
    return now


def unlink(actor: Actor, account: OutsideAccount) -> None:
    """Forget an account and its access; what used it says that it cannot be reached."""
    _permit(actor, account.business)
    with writing():
        _left(account)
        _record(actor, account, "unlinked")
        account.delete()


def _left(account: OutsideAccount) -> None:
    """Tell whoever listens that an account is given up or replaced by another. Inside the writing block of it."""
    try:
        access = access_of(account)
    except NotConnected:
        access = {}
    for path in settings.OUTSIDE_ACCOUNT_LISTENERS:
        import_string(path)(account.business_id, account.kind, access)


def access_of(account: OutsideAccount) -> dict[str, str]:
    """Return how to get in. Never to be shown, stored or logged. Raises NotConnected."""
    try:
        clear: dict[str, str] = json.loads(secrets.decrypt(PURPOSE, account.access))
    except (InvalidToken, ValueError):
        words = _("What is stored of this account cannot be read: the server’s secret was changed. Type it again.")
        raise NotConnected(words) from None
    return clear


def access_for(business_id: int, kind: str) -> dict[str, str]:
    """Return how to get into the account of a kind that a business has. Raises NotConnected where it has none."""
    account = OutsideAccount.objects.filter(business_id=business_id, kind=kind).first()
    if account is None:
        raise NotConnected(_("This business has no such account, or has removed it."))
    return access_of(account)


def callback(account: OutsideAccount) -> str:
    """Return where the vendor may tell of what happens there, with the key; "" where nobody could reach it by https."""
    if account.kind not in settings.ACCOUNT_CALLBACKS or not settings.PUBLIC_URL.startswith("https://"):
        return ""
    return f"{settings.PUBLIC_URL}/hooks/accounts/{account.kind}/{account.business.ref}?key={hook_key(account)}"


def hook_key(account: OutsideAccount) -> str:
    """Return the key of what a vendor posts about an account; one that is set up anew has another."""
    return secrets.derived("people.account_hook", f"{account.kind}:{account.business_id}:{account.pk}")


def note(business_id: int, kind: str, *, is_answering: bool) -> bool:
    """Note whether a vendor answers whoever asks it with an account; tell whether that is news. Seldom writes.

    For whoever asked, when it writes down what came of it; a refusal is an answer.
    """
    known = OutsideAccount.objects.filter(
        business_id=business_id, kind=kind, unreachable_since__isnull=not is_answering
    )
    if not known.exists():
        return False
    with writing():
        return bool(known.update(unreachable_since=None if is_answering else clock.now()))


def silent(business: Business) -> list[OutsideAccount]:
    """Return the accounts of a business whose vendors have not answered for a while, the longest silent first."""
    since = clock.now() - PATIENCE
    return list(
        OutsideAccount.objects.filter(business=business, unreachable_since__lte=since).order_by("unreachable_since")
    )


def without_secrets(kind: str, access: Mapping[str, str]) -> dict[str, str]:
    """Return what of an access a form may begin with."""
    hidden = {field.name for field in vendor(kind).fields if field.secret}
    return {name: value for name, value in access.items() if name not in hidden}


def _permit(actor: Actor, business: Business) -> None:
    if actor.kind is not ActorKind.SYSTEM and actor.business_id != business.pk:
        raise NotFound(_("There is no such business here."))
    actor.require(Permission.MANAGE_SETUP)


def _looked(actor: Actor, business: Business, kind: str, access: Mapping[str, str]) -> list[Finding]:
    for name, text in access.items():
        if len(text) > LONGEST or not all(sign.isprintable() or sign in "\r\n" for sign in text):
            raise Invalid(_("This is too long, or holds characters that cannot be right."), field=name)
    rates.limit("account-test", f"{business.pk}:{actor.user_id}", 30, 600)
    with waiting_outside(f"business:{business.pk}"):
        try:
            return vendor(kind).connected(access, tuple(settings.CONFIGURATION.items("GATEWAY_HOSTS"))).look()
        except NotConnected as wrong:
            raise AccountRefused(str(wrong), field=wrong.field) from None


def _completed(business: Business, kind: str, access: Mapping[str, str]) -> dict[str, str]:
    """Return an access with the secrets that are stored where none were typed, if it is still the same account."""
    account, whole = of(business, kind), {name: value.strip() for name, value in access.items()}
    hidden = {field.name for field in vendor(kind).fields if field.secret}
    try:
        stored = access_of(account) if account is not None else {}
    except NotConnected:
        stored = {}
    if any(whole.get(name) for name in hidden):
        return {**dict.fromkeys(hidden, ""), **whole}  # another way of signing in replaces the stored one
    ticks = {field.name for field in vendor(kind).fields if field.kind == "tick"}  # which say nothing of where it is
    was_moved = any(whole.get(name, "") != stored.get(name, "") for name in {*whole, *stored} - hidden - ticks)
    if was_moved and any(stored.get(name) for name in hidden):
        words = _("Type the secret again: it is kept only for the account it was given for.")
        raise Invalid(words, field=next(name for name in hidden if stored.get(name)))
    return whole | {name: stored.get(name, "") for name in hidden}


def _is_at_the_same(account: OutsideAccount, access: Mapping[str, str]) -> bool:
    """Tell whether an access leads where the stored one does: whoever is elsewhere must not be shown a sign-in."""
    try:
        stored = access_of(account)
    except NotConnected:
        return False
    leading = {field.name for field in vendor(account.kind).fields if field.kind == "url" or field.choices}
    return all(access.get(name, "") == stored.get(name, "") for name in leading)


def _seen(findings: Sequence[Finding], problem: str = "") -> dict[str, object]:
    return {"findings": [asdict(one) for one in findings], "problem": problem[:400], "looked_at": clock.now()}


def _record(actor: Actor, account: OutsideAccount, action: str) -> None:
    audit.record(
        actor,
        account.business_id,
        f"account.{action}",
        "account",
        account.kind,
        summary=account.shown,
        kind=account.kind,
    )
