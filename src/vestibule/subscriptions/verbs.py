"""Making, renewing and ending what somebody is told. Nobody is told who has not said that they want to be."""

import hmac
import re
import secrets as chance
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext as _

from vestibule.people import rates
from vestibule.people.errors import Invalid, NotFound, Refusal
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.people.waiting_outside import waiting_outside
from vestibule.store import clock
from vestibule.store.transactions import writing
from vestibule.subscriptions import lifetimes, outbox, sealing, shapes
from vestibule.subscriptions.models import Delivery, Subscription
from vestibule.subscriptions.ports import Agreed, Reply, Unreachable
from vestibule.subscriptions.shapes import shape

State = Subscription.State
NAME = re.compile(r"[A-Za-z0-9-]{3,64}")
MOST = 50
"""Live ones of one business."""
ASKS = (30, 600)
"""How often somebody may have addresses asked, and in how many seconds."""


class NotAgreed(Refusal):
    """An address did not say that it wants to be told; `facts["problem"]` says what it did."""

    code = "not_agreed"


@dataclass(frozen=True)
class Wish:
    """A subscription as it is asked for. `owner` is who may see and change it beside the office, such as a program."""

    shape: str
    name: str
    address: str = field(repr=False)
    wants: tuple[str, ...] = ()
    resource: str = ""
    subject: str = ""
    life_address: str = field(default="", repr=False)
    client_state: str = field(default="", repr=False)
    owner: str = ""
    expires_at: datetime | None = None


def add(actor: Actor, business: Business, wish: Wish, *, at_once: bool = False) -> Subscription:
    """Make a subscription and ask its address; return it, told from now on or still to be confirmed.

    With `at_once` one that is not confirmed at once is not kept. The network is waited for, so call it outside of
    writing blocks. Raises NotPermitted, Invalid (`field` names what), Unknown, TooMany, and with `at_once` NotAgreed.
    """
    _allow(actor, wish.owner)
    if actor.kind is not ActorKind.SYSTEM and actor.business_id != business.pk:
        raise NotFound(_("There is no such business here."))
    kinds = shape(wish.shape).kinds(wish.wants, wish.resource)
    _check_addresses(wish)
    rates.limit("subscription-asks", str(business.pk), *ASKS)
    with writing():
        _check_room(business, wish)
        row = _made(business, wish, [str(kind) for kind in kinds])
        if not at_once:
            lifetimes.record(actor, row, "made")
    try:
        problem = _ask(row)
        if at_once:
            _require_agreed(problem)
    except Refusal:
        _forget(row)
        raise
    if at_once:
        with writing():
            lifetimes.record(actor, row, "made")
    return row


def _require_agreed(problem: str) -> None:
    """Raise NotAgreed unless there is no problem ("")."""
    if problem:
        words = _("The address did not say that it wants to be told, so nothing was subscribed: %(problem)s.")
        raise NotAgreed(words % {"problem": problem}, problem=problem)


def ask_again(actor: Actor, guid: UUID, owner: str = "") -> Subscription:
    """Ask the address of a subscription that is not confirmed once more. Raises NotPermitted, NotFound, TooMany."""
    row = get(actor, guid, owner)
    rates.limit("subscription-asks", str(row.business_id), *ASKS)
    if row.state == State.PENDING:
        with writing():
            row.validation_code, row.validate_by = _code(row.shape)
            row.save(update_fields=["validation_code", "validate_by"])
        _ask(row)
    return row


def confirm(guid: UUID, code: str) -> Subscription:
    """Take it that whoever knows the code of a subscription wants to be told. Raises NotFound, also when it is late."""
    with writing():
        row: Subscription | None = Subscription.objects.select_for_update().filter(guid=guid).first()
        is_right = row is not None and hmac.compare_digest(row.validation_code.encode(), code.encode())
        if row is None or not code or not is_right or row.state == State.ENDED:
            raise NotFound(_("There is no such subscription, or this address is not valid any more."))
        if row.state == State.PENDING:
            if row.validate_by is None or row.validate_by <= clock.now():
                raise NotFound(_("There is no such subscription, or this address is not valid any more."))
            _activate(row)
        return row


def visible(actor: Actor, owner: str = "") -> Sequence[Subscription]:
    """Return the live subscriptions `actor` may see, the oldest first: all of the business, or those of an `owner`."""
    _allow(actor, owner)
    rows = Subscription.objects.visible_to(actor).exclude(state=State.ENDED)
    return list(rows.filter(owner=owner) if owner else rows)


def get(actor: Actor, guid: UUID, owner: str = "") -> Subscription:
    """Return a live subscription that `actor` may see. Raises NotPermitted, NotFound."""
    _allow(actor, owner)
    rows = Subscription.objects.visible_to(actor).exclude(state=State.ENDED).filter(guid=guid)
    row: Subscription | None = (rows.filter(owner=owner) if owner else rows).first()
    if row is None:
        raise NotFound(_("There is no such subscription. It may have ended meanwhile."))
    return row


def renew(actor: Actor, guid: UUID, until: datetime | None, owner: str = "") -> Subscription:
    """Let a subscription last until then (None: as long as it does now), which also has its address tried at once."""
    with writing():
        row = get(actor, guid, owner)
        row.expires_at, row.next_at = until or row.expires_at, clock.now()
        row.save(update_fields=["expires_at", "next_at"])
        outbox.subscribers_changed(row.business_id)
        lifetimes.record(actor, row, "renewed")
    outbox.wake()
    return row


def end(actor: Actor, guid: UUID, owner: str = "") -> None:
    """End a subscription: from now on nothing is told there, also not what waited. Raises NotPermitted, NotFound."""
    with writing():
        lifetimes.end(get(actor, guid, owner), actor)


def try_again(actor: Actor, guid: UUID) -> int:
    """Tell what was given up once more, and what waits at once; return how many events that are."""
    with writing():
        row = get(actor, guid)
        now = clock.now()
        given_up = row.deliveries.filter(state=Delivery.State.FAILED)
        given_up.update(state=Delivery.State.QUEUED, queued_at=now, finished_at=None, is_alone=True)
        waiting: int = row.deliveries.filter(state=Delivery.State.QUEUED).count()
        Subscription.objects.filter(pk=row.pk).update(next_at=now)
        lifetimes.record(actor, row, "tried_again")
    outbox.wake()
    return waiting


def _allow(actor: Actor, owner: str) -> None:
    """The office needs the permission for keys; a program sees its own alone, and its door says what it may ask for."""
    if owner:
        actor.business_of(Permission.SEE_APPOINTMENTS)
    else:
        actor.require(Permission.MANAGE_KEYS)


def _check_addresses(wish: Wish) -> None:
    sentences = {
        "not_https": _("Events are told to addresses that begin with https:// alone. Type such an address."),
        "other_port": _(
            "Events are told to the usual port of https, 443, alone. Leave the port out, or have whoever runs this"
            " server allow the host."
        ),
        "no_address": _("This is no address that events can be told to. Type one such as https://example.com/events."),
    }
    for name, address in (("address", wish.address), ("life_address", wish.life_address)):
        refusal = shapes.poster().refusal(address) if address or name == "address" else ""
        if refusal:
            raise Invalid(sentences[refusal], field=name)
    if wish.shape == Subscription.Shape.GRAPH:
        is_name = 0 < len(wish.name) <= 64 and wish.name.isprintable()
    else:
        is_name = NAME.fullmatch(wish.name) is not None
    if not is_name:
        raise Invalid(_("A name has 3 to 64 signs: letters without accents, digits and hyphens."), field="name")


def _check_room(business: Business, wish: Wish) -> None:
    live = Subscription.objects.filter(business=business).exclude(state=State.ENDED)
    if live.count() >= MOST:
        words = _("There are %(most)d subscriptions already, which is as many as there may be. End one first.")
        raise Invalid(words % {"most": MOST}, field="name")
    if not wish.owner and live.filter(name__iexact=wish.name, owner="").exists():
        raise Invalid(_("There is a subscription of this name already. Choose another name."), field="name")


def _made(business: Business, wish: Wish, kinds: list[str]) -> Subscription:
    code, until = _code(wish.shape)
    made: Subscription = Subscription.objects.create(
        business=business,
        name=wish.name,
        shape=wish.shape,
        address=sealing.sealed(wish.address),
        life_address=sealing.sealed(wish.life_address),
        client_state=sealing.sealed(wish.client_state),
        shown=shapes.poster().shown(wish.address)[:300],
        kinds=kinds,
        subject=wish.subject,
        wants=list(wish.wants),
        resource=wish.resource,
        owner=wish.owner,
        expires_at=wish.expires_at,
        validation_code=code,
        validate_by=until,
    )
    return made


def _code(name: str) -> tuple[str, datetime | None]:
    """Return a fresh code, and until when somebody may confirm with it."""
    later = shape(name).confirms_later
    return chance.token_urlsafe(24), clock.now() + later if later is not None else None


def _ask(row: Subscription) -> str:
    """Ask an address whether it wants to be told, and note its answer; return why it is not told now ("": it is)."""
    to, words = sealing.addressee(row), shape(row.shape)
    reply: Reply | None = None
    with waiting_outside(f"business:{row.business_id}"):
        try:
            reply = shapes.poster().ask(words.asking(to), seconds=words.asks_seconds)
            agreed, problem = words.agreed(to, reply), f"answered {reply.status}"
        except Unreachable as silent:
            agreed, problem = Agreed.NO, str(silent)
    if agreed is Agreed.NO and reply is not None and reply.is_success:
        problem += ", but not with what confirms it"
    with writing():
        # It may have been confirmed by hand while its answer was on its way, or ended.
        current = Subscription.objects.select_for_update().get(pk=row.pk)
        if current.state == State.PENDING and agreed is Agreed.YES:
            _activate(current)
        elif current.state == State.PENDING:
            current.problem = "" if agreed is Agreed.LATER else problem[:300]
            current.save(update_fields=["problem"])
    row.refresh_from_db()
    return "" if row.state == State.ACTIVE else row.problem or "it is to be confirmed by hand"


def _activate(row: Subscription) -> None:
    now = clock.now()
    row.state, row.problem, row.next_at, row.validate_by = State.ACTIVE, "", now, None
    row.save(update_fields=["state", "problem", "next_at", "validate_by"])
    outbox.subscribers_changed(row.business_id)


def _forget(row: Subscription) -> None:
    """Take back one that never came to be."""
    with writing():
        Subscription.objects.filter(pk=row.pk).delete()


def counts(rows: Sequence[Subscription]) -> dict[int, dict[str, int]]:
    """Return how many events of each subscription wait, were taken and given up, by key and state."""
    found: dict[int, dict[str, Any]] = {row.pk: dict.fromkeys(Delivery.State.values, 0) for row in rows}
    told = Delivery.objects.filter(subscription__in=list(found)).values("subscription", "state")
    for one in told.annotate(many=Count("pk")).order_by():
        found[one["subscription"]][one["state"]] = one["many"]
    return found
