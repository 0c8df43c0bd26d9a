"""The browsers in which staff asked to be told of who waits, each turned on there by a press of a button.

What leads to a browser is kept encrypted, together with the session it was turned on in: once nobody is signed in
there, nothing is sent to it.
"""

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from vestibule.notifications.models import OutboxMessage, PushSubscription
from vestibule.notifications.ports import Push, PushAddress, PushGateway
from vestibule.people import actors, audit, rates, secrets, sessions
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import Membership
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

PURPOSE = "notifications.push"
MOST = 10
"""Browsers of one person in one business."""
TURNED_ON_AN_HOUR = 30
LONGEST_DEVICE = 80


def gateway() -> PushGateway | None:
    """Return what hands notifications to push services; None where `PUSH_GATEWAY` names nothing."""
    if not settings.PUSH_GATEWAY:
        return None
    contact = settings.PUBLIC_URL if settings.IS_HTTPS else f"mailto:{settings.DEFAULT_FROM_EMAIL}"
    # Not the hosts of gateways: those are for managers to name, an address of a browser for any provider.
    allowed = tuple(settings.CONFIGURATION.items("PUSH_HOSTS"))
    return _opened(settings.PUSH_GATEWAY, secrets.derived(PURPOSE, "vapid"), contact, allowed)


class Later:
    """Hands notifications to what `gateway` returns, opened with the first: in most installations none ever leaves."""

    def send(self, push: Push) -> str:
        """Hand `push` over, as every `PushGateway` does."""
        found = gateway()
        assert found is not None, "where the settings name nothing, nobody can turn a browser on"
        return found.send(push)


@lru_cache(maxsize=2)
def _opened(path: str, seed: str, contact: str, allowed: tuple[str, ...]) -> PushGateway:
    kind = cast("type[PushGateway]", import_string(path))
    return kind.opened(base64.urlsafe_b64decode(seed + "="), contact, allowed)


def of(actor: Actor) -> list[PushSubscription]:
    """Return the actor's own browsers in the business, the oldest first."""
    mine = PushSubscription.objects.visible_to(actor).filter(user_id=actor.user_id or 0)
    return list(mine.order_by("pk"))


def add(actor: Actor, address: PushAddress, *, session_key: str, device: str) -> PushSubscription:
    """Tell this browser from now on; one that is known already is told once all the same.

    A browser tells whoever turned it on last: for anybody else who was signed in there it is removed.
    Raises NotPermitted for who meets nobody, Invalid for an address no browser gives and for more than MOST browsers,
    TooMany.
    """
    member = _member(actor)
    rates.limit("push-told", str(actor.user_id), TURNED_ON_AN_HOUR, 3600)
    carrier = gateway()
    if carrier is None or not carrier.takes(address):
        raise Invalid(_("This browser gave no address that notifications could be sent to."), field="endpoint")
    mark = _mark(address)
    with writing():
        PushSubscription.objects.filter(mark=mark).exclude(user_id=member.user_id).delete()
        mine = PushSubscription.objects.filter(business_id=member.business_id, user_id=member.user_id)
        if mine.exclude(mark=mark).count() >= MOST:
            words = _("You are told in %(most)s browsers already. Remove one that you no longer use.")
            raise Invalid(words % {"most": MOST}, field="endpoint")
        values = {"device": " ".join(device.split())[:LONGEST_DEVICE], "access": _sealed(address, session_key)}
        stored: tuple[PushSubscription, bool] = PushSubscription.objects.update_or_create(
            business_id=member.business_id, user_id=member.user_id, mark=mark, defaults=values
        )
        found, is_new = stored
        if is_new:
            _record(actor, found, "browser.told")
    return found


def known(actor: Actor, address: PushAddress) -> PushSubscription | None:
    """Return the browser of the actor that `address` leads to, if they turned it on."""
    mine = PushSubscription.objects.visible_to(actor).filter(user_id=actor.user_id or 0)
    found: PushSubscription | None = mine.filter(mark=_mark(address)).first()
    return found


def stay(actor: Actor, address: PushAddress, *, session_key: str) -> bool:
    """Note that the actor is signed in (again) in a browser they turned on; tell whether they had."""
    found = known(actor, address)
    if found is None:
        return False
    kept = _opened_access(found)
    if kept is None or kept != (address, session_key):
        with writing():
            PushSubscription.objects.filter(pk=found.pk).update(access=_sealed(address, session_key))
    return True


def remove(actor: Actor, ref: str) -> None:
    """Tell a browser of the actor no more. Raises NotFound for one that is not theirs."""
    with writing():
        forget(actor, own(actor, ref))


def own(actor: Actor, ref: str) -> PushSubscription:
    """Return a browser of the actor. Raises NotFound for one that is not theirs."""
    mine = PushSubscription.objects.visible_to(actor).filter(user_id=actor.user_id or 0)
    found: PushSubscription | None = mine.filter(ref=ref).select_related("user", "business").first()
    if found is None:
        raise NotFound(_("This browser is not told any more."))
    return found


def forget(actor: Actor, browser: PushSubscription) -> None:
    """Remove a browser of the actor."""
    with writing():
        _record(actor, browser, "browser.removed")
        browser.delete()


def signed_out(user_id: int, session_key: str) -> int:
    """Remove the browser in which somebody signed out, in all businesses; return how many rows that are."""
    rows = PushSubscription.objects.filter(user_id=user_id)
    there = [one for one in rows if (kept := _opened_access(one)) is not None and kept[1] == session_key]
    if not there:
        return 0
    members = {
        one.business_id: actors.actor_of_membership(one)
        for one in Membership.objects.filter(user=user_id).select_related("user", "provider")
    }
    with writing():
        for one in there:
            if one.business_id in members:
                _record(members[one.business_id], one, "browser.removed")
        return PushSubscription.objects.filter(pk__in=[one.pk for one in there]).delete()[0]


def purge() -> int:
    """Remove the browsers of who is staff no more, to whom nothing is sent anyway; return how many."""
    active = Membership.objects.filter(
        business_id=OuterRef("business_id"), user_id=OuterRef("user_id"), is_active=True, user__is_active=True
    )
    with writing():
        return PushSubscription.objects.filter(~Exists(active)).delete()[0]


def left(message: OutboxMessage) -> None:
    """Remove the browser a message was for, which its push service knows no more. Inside a writing block.

    Nothing failed that somebody could mend, so that the message is no longer wanted.
    """
    PushSubscription.objects.filter(ref=message.to).delete()
    OutboxMessage.objects.filter(pk=message.pk).update(state=OutboxMessage.State.DROPPED)


def by_member() -> dict[tuple[int, int], list[str]]:
    """Return the refs of all browsers, by business and user."""
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for business, user, ref in PushSubscription.objects.values_list("business_id", "user_id", "ref").order_by("pk"):
        found[business, user].append(ref)
    return found


def addresses(messages: Sequence[OutboxMessage]) -> dict[str, PushAddress]:
    """Return where messages go, by the ref of the browser: of those whose owner is staff and signed in there still."""
    rows = list(PushSubscription.objects.filter(ref__in={one.to for one in messages}).select_related("user"))
    users = {row.user_id for row in rows}
    staff = set(Membership.objects.filter(user__in=users, is_active=True).values_list("business_id", "user_id"))
    found = {row.ref: address_of(row) for row in rows if (row.business_id, row.user_id) in staff}
    return {ref: address for ref, address in found.items() if address is not None}


def address_of(row: PushSubscription) -> PushAddress | None:
    """Return how the browser of a member of staff is reached; None once they are signed in there no more."""
    kept = _opened_access(row)
    return kept[0] if kept is not None and sessions.is_signed_in(row.user, kept[1]) else None


def _member(actor: Actor) -> Membership:
    if not actor.may(Permission.HOST_OWN):
        actor.require(Permission.HOST_ANY)
    mine = Membership.objects.visible_to(actor).filter(user_id=actor.user_id or 0, is_active=True)
    found: Membership | None = mine.first()
    if found is None:
        raise NotPermitted(_("Only staff are told of who waits."))
    return found


def _mark(address: PushAddress) -> str:
    return hashlib.sha256(address.endpoint.encode()).hexdigest()


def _sealed(address: PushAddress, session_key: str) -> str:
    return secrets.encrypt(PURPOSE, json.dumps([address.endpoint, address.p256dh, address.auth, session_key]).encode())


def _opened_access(row: PushSubscription) -> tuple[PushAddress, str] | None:
    """Return a browser's address and session; None once the server's secret was changed."""
    try:
        endpoint, p256dh, auth, session_key = json.loads(secrets.decrypt(PURPOSE, row.access))
    except (InvalidToken, ValueError):
        return None
    return PushAddress(endpoint, p256dh, auth), session_key


def _record(actor: Actor, browser: PushSubscription, action: str) -> None:
    audit.record(actor, browser.business_id, action, "browser", browser.ref, summary=browser.device)
