"""Setting up a business' gateways: tested, stored, changed, ordered, removed. Each verb checks, writes, is audited."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from vestibule.notifications import choices, gateways, letters
from vestibule.notifications.models import Gateway, OutboxMessage
from vestibule.notifications.ports import Adapter, DeliveryError, Mail, Sms
from vestibule.people import audit, rates, telephone
from vestibule.people.errors import Invalid, NotFound, Refusal
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.people.ports import NotConnected
from vestibule.people.waiting_outside import waiting_outside
from vestibule.store import clock
from vestibule.store.ids import new_ref
from vestibule.store.transactions import writing

MOST = 5
LONGEST = 2000
Channel, State = OutboxMessage.Channel, OutboxMessage.State


class GatewayRefused(Refusal):
    """A gateway could not be used as told; `facts["field"]` names what to mend."""

    code = "gateway_refused"


def test(
    actor: Actor, business: Business, channel: str, kind: str, access: Mapping[str, str], sender: str, *, to: str
) -> bool:
    """Try an access without storing it; tell whether that proved it, as it does when `to` took a test message.

    Talks to the network for up to 60 seconds. Raises GatewayRefused with what to mend, Invalid, TooMany, NotPermitted,
    NotFound.
    """
    _permit(actor, business)
    _require_fitting({**access, "sender": sender})
    rates.limit("gateway-test", f"{business.pk}:{actor.user_id}", 20, 600)
    with waiting_outside(f"business:{business.pk}"):
        try:
            made: Any = _adapter(channel, kind).connected(
                access, sender, gateways.around(account=gateways.account_for(business.pk, kind))
            )
            is_proven = bool(made.check())
        except NotConnected as wrong:
            raise GatewayRefused(str(wrong), field=wrong.field) from None
        if to:
            _send(made, business, channel, to)
    return is_proven or bool(to)


def connect(
    actor: Actor,
    business: Business,
    channel: str,
    kind: str,
    access: Mapping[str, str],
    sender: str,
    *,
    name: str = "",
    to: str = "",
) -> Gateway:
    """Test an access and store it, encrypted. It is tried after those that are there already.

    `to` takes a test message; it must be given where nothing else proves the access. Raises what `test` raises.
    """
    if not test(actor, business, channel, kind, access, sender, to=to):
        raise _needs_message(channel)
    now = clock.now()
    with writing():
        Business.objects.select_for_update().get(pk=business.pk)
        there = list(Gateway.objects.filter(business=business, channel=channel).values_list("position", flat=True))
        if len(there) >= MOST:
            raise Invalid(_("There are five gateways already. Remove one first."))
        made = Gateway.objects.create(
            business=business,
            channel=channel,
            kind=kind,
            name=_named(name, channel, kind),
            sender=sender,
            account=_adapter(channel, kind).account(access)[:120],
            access=gateways.sealed(access),
            position=max(there, default=-1) + 1,
            tested_at=now,
        )
        _again(business, channel)
        _record(actor, made, "connected")
    return made


def change(
    actor: Actor,
    gateway: Gateway,
    access: Mapping[str, str],
    sender: str,
    *,
    name: str = "",
    to: str = "",
) -> Gateway:
    """Test another access or sender and use it from now on; a secret left empty stays what it was.

    A secret stays only with where it was meant for: with another server or account it must be typed again, so that
    nobody can have it sent elsewhere. Raises what `test` raises.
    """
    _permit(actor, gateway.business)
    whole = _completed(gateway, access)
    is_same = whole == _stored(gateway) and sender == gateway.sender
    if not is_same or to:
        is_proven = test(actor, gateway.business, gateway.channel, gateway.kind, whole, sender, to=to)
        if not is_proven:
            raise _needs_message(gateway.channel)
    with writing():
        current = _locked(actor, gateway)
        current.name = _named(name, current.channel, current.kind)
        if not is_same:
            current.sender, current.access = sender, gateways.sealed(whole)
            current.account = _adapter(current.channel, current.kind).account(whole)[:120]
        if not is_same or to:
            _works(current)
            _again(current.business, current.channel)
        current.save()
        _record(actor, current, "changed")
    return current


def try_out(actor: Actor, gateway: Gateway, *, to: str = "") -> bool:
    """Check a stored gateway now, and send a test message if `to` is given; tell whether that proved it.

    What is waiting is tried again at once when it works. Raises what `test` raises.
    """
    is_proven = test(actor, gateway.business, gateway.channel, gateway.kind, _stored(gateway), gateway.sender, to=to)
    if is_proven:
        with writing():
            current = _locked(actor, gateway)
            _works(current)
            current.save(update_fields=["tested_at", "failing_since", "problem", "alerted_at"])
            _again(current.business, current.channel)
            _record(actor, current, "tested")
    return is_proven


def switch(actor: Actor, gateway: Gateway, *, on: bool) -> Gateway:
    """Use a gateway, or leave it alone for a while without forgetting it."""
    _permit(actor, gateway.business)
    with writing():
        current = _locked(actor, gateway)
        current.is_active = on
        current.save(update_fields=["is_active"])
        _again(current.business, current.channel)
        _record(actor, current, "switched_on" if on else "switched_off")
    return current


def renew_address(actor: Actor, gateway: Gateway) -> Gateway:
    """Give a gateway another address, with another key, to post back to; the former is none any more."""
    _permit(actor, gateway.business)
    with writing():
        current = _locked(actor, gateway)
        current.hook = new_ref()
        current.save(update_fields=["hook"])
        _record(actor, current, "address_renewed")
    return current


def put_first(actor: Actor, gateway: Gateway) -> None:
    """Let a gateway be tried before the others of its channel."""
    _permit(actor, gateway.business)
    with writing():
        current = _locked(actor, gateway)
        others = Gateway.objects.filter(business=current.business, channel=current.channel).exclude(pk=current.pk)
        for position, one in enumerate([current, *others.order_by("position", "pk")]):
            Gateway.objects.filter(pk=one.pk).update(position=position)
        _record(actor, current, "put_first")


def remove(actor: Actor, gateway: Gateway) -> None:
    """Forget a gateway and its access. What is due goes the next way there is; reports of what it sent end."""
    _permit(actor, gateway.business)
    with writing():
        current = _locked(actor, gateway)
        _record(actor, current, "removed")
        business, channel = current.business, current.channel
        current.delete()
        _again(business, channel)


def due(business: Business, channel: str) -> int:
    """Return how many messages of a channel are still to leave."""
    states = (State.QUEUED, State.LEASED)
    return OutboxMessage.objects.filter(business=business, channel=channel, state__in=states).count()


def _permit(actor: Actor, business: Business) -> None:
    if actor.kind is not ActorKind.SYSTEM and actor.business_id != business.pk:
        raise NotFound(_("There is no such business here."))
    actor.require(Permission.MANAGE_SETUP)


def _adapter(channel: str, kind: str) -> type[Adapter]:
    try:
        return gateways.adapter(channel, kind)
    except (KeyError, ValueError):
        raise NotFound(_("This installation knows no such gateway.")) from None


def _require_fitting(values: Mapping[str, str]) -> None:
    for field, text in values.items():
        if len(text) > LONGEST or not text.isprintable():
            raise Invalid(_("This is too long, or holds characters that cannot be right."), field=field)
    if len(values["sender"]) > 254:
        raise Invalid(_("This sender is too long."), field="sender")


def _locked(actor: Actor, gateway: Gateway) -> Gateway:
    rows = Gateway.objects.visible_to(actor).select_for_update(of=("self",)).select_related("business")
    found: Gateway | None = rows.filter(pk=gateway.pk).first()
    if found is None:
        raise NotFound(_("There is no such gateway here. It may have been removed."))
    return found


def _stored(gateway: Gateway) -> dict[str, str]:
    try:
        return gateways.access_of(gateway)
    except NotConnected:
        return {}


def _completed(gateway: Gateway, access: Mapping[str, str]) -> dict[str, str]:
    stored, whole = _stored(gateway), dict(access)
    secrets = [field for field in _adapter(gateway.channel, gateway.kind).fields if field.secret]
    names = {field.name for field in secrets}
    moved = any(whole.get(name, "") != stored.get(name, "") for name in {*whole, *stored} - names)
    for field in secrets:
        if whole.get(field.name):
            continue
        if moved and stored.get(field.name):
            words = _("Type this again: it is kept only for the server and account it was given for.")
            raise Invalid(words, field=field.name)
        whole[field.name] = stored.get(field.name, "")
    return whole


def _needs_message(channel: str) -> Invalid:
    mail = _("Only a test mail shows whether this works. Enter an address of yours to send it to.")
    text = _("Only a test message shows whether this works. Enter a telephone number of yours to send it to.")
    return Invalid(text if channel == Channel.SMS else mail, field="to")


def _send(made: Any, business: Business, channel: str, to: str) -> None:
    """Send a test message now: who tests wants to know what the gateway says to it."""
    rates.limit("gateway-message", str(business.pk), 10, 3600)
    try:
        made.send(_test_sms(business, to) if channel == Channel.SMS else _test_mail(business, to))
    except DeliveryError as refused:
        words = _("The test message was not taken: %(why)s.") % {"why": str(refused)}
        raise GatewayRefused(words, field="" if refused.of_gateway else "to") from None


def _test_mail(business: Business, to: str) -> Mail:
    subject = _("Test mail of %(business)s") % {"business": business.name}
    text = _("If you can read this, e-mail of %(business)s arrives.") % {"business": business.name}
    letter = letters.plain(subject, text, sender=business.name)
    return Mail(
        ref=new_ref(),
        to=to.strip(),
        to_name="",
        sender_name=business.name,
        reply_to="",
        subject=letter.subject,
        text=text + "\n",
        html=letter.as_html(),
    )


def _test_sms(business: Business, to: str) -> Sms:
    number = telephone.e164(to, business)
    if not number:
        raise Invalid(_("Enter a telephone number with + and its country, such as +44 7700 900123."), field="to")
    body = _("%(business)s: a test. Text messages arrive.") % {"business": business.name}
    return Sms(ref=new_ref(), to=number, body=body)


def _works(gateway: Gateway) -> None:
    gateway.tested_at, gateway.failing_since, gateway.problem, gateway.alerted_at = clock.now(), None, "", None


def _again(business: Business, channel: str) -> None:
    """Let what waits after a failure be tried at once."""
    waiting = OutboxMessage.objects.filter(business=business, channel=channel, state=State.QUEUED, attempts__gt=0)
    waiting.filter(due_at__lte=clock.now()).update(next_at=clock.now())


def _named(name: str, channel: str, kind: str) -> str:
    return (name.strip() or _(_adapter(channel, kind).label))[:80]


def _record(actor: Actor, gateway: Gateway, action: str) -> None:
    choices.changed(gateway.business_id)
    audit.record(
        actor,
        gateway.business_id,
        f"gateway.{action}",
        "gateway",
        gateway.ref,
        summary=gateway.name,
        channel=gateway.channel,
        kind=gateway.kind,
        account=gateway.account,
    )
