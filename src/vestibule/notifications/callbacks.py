"""What gateways post back: read by the adapter of their kind, and noted at the message it is about."""

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from vestibule.notifications import consent, delivery, gateways
from vestibule.notifications.models import ConsentEntry, Gateway, MessageEvent, OutboxMessage
from vestibule.notifications.ports import Callback, NotGenuine, Report, Told
from vestibule.people.errors import NotFound
from vestibule.people.ports import NotConnected
from vestibule.store.transactions import writing

What = MessageEvent.What
EVENTS = {"sent": What.SENT, "delivered": What.DELIVERED, "failed": What.FAILED}


def gateway_of(hook: str) -> Gateway:
    """Return the gateway whose callbacks come to `hook`. Raises NotFound, also for kinds that post nothing."""
    row: Gateway | None = Gateway.objects.filter(hook=hook).select_related("business").first()
    if row is None or row.kind not in settings.MESSAGE_CALLBACKS:
        raise NotFound(_("There is nothing at this address."))
    return row


def read(row: Gateway, callback: Callback) -> Told:
    """Return what a callback says. Raises NotGenuine and Unreadable."""
    try:
        access = gateways.access_of(row)
    except NotConnected:
        raise NotGenuine from None
    return gateways.listener(row).read(callback, key=gateways.hook_key(row), access=access)


def note(row: Gateway, report: Report) -> bool:
    """Note what became of a message this gateway took; return whether that was news.

    Of another gateway's or business' message nothing is believed.
    """
    message = _meant(row, report)
    if message is None:
        return False
    with writing():
        is_news = delivery.record(message.ref, report.status, report.words, fault=report.address_fault)
        if is_news and report.status in EVENTS:
            _tell(row, message, EVENTS[report.status], report.words)
        if _mark(message, report) and report.address_fault == "complained":
            _tell(row, message, What.COMPLAINED, report.words)
    return is_news


def _meant(row: Gateway, report: Report) -> OutboxMessage | None:
    """Return the message of this gateway that a report names.

    By our own name for it, which only who was given it knows, also one whose taking is not written down yet.
    """
    rows = OutboxMessage.objects.filter(business=row.business)
    mine = rows.filter(used_gateway=row, gateway_id=report.gateway_id).first() if report.gateway_id else None
    if mine is not None or not report.ref:
        return mine
    in_air = Q(used_gateway=None, channel=row.channel, state=OutboxMessage.State.LEASED)
    named: OutboxMessage | None = rows.filter(Q(used_gateway=row) | in_air, ref=report.ref).first()
    return named


def _tell(row: Gateway, message: OutboxMessage, what: str, words: str) -> None:
    MessageEvent.objects.create(message=message, what=what, gateway=row.name[:40], words=words[:300])


def _mark(message: OutboxMessage, report: Report) -> bool:
    """Remember what a report tells of the address, so that nothing more is sent there; return whether that was news.

    It counts also where the message itself is done with: people complain of what was delivered.
    """
    business, channel, to = message.business, message.channel, message.to
    if business is None or not report.address_fault:
        return False
    if report.address_fault == "stopped":
        if consent.has_stopped(business, channel, to):
            return False
        consent.record(business, channel, to, agrees=False, source=ConsentEntry.Source.TEXT, wording=report.words)
        return True
    if report.address_fault == "bounced":
        return consent.bounced(business, channel, to, report.words)
    return consent.complained(business, channel, to)
