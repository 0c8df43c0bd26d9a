"""Saying something again: a message that could not be sent, a confirmation that got lost."""

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext as _

from vestibule.booking import announcements
from vestibule.booking.models import Appointment
from vestibule.notifications import history, outbox
from vestibule.notifications.facts import Kind
from vestibule.notifications.models import MessageEvent, OutboxMessage
from vestibule.people import audit
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock, transactions

State = OutboxMessage.State
TELLS_THE_TIME = (Kind.CONFIRMATION, Kind.MOVED)
MOST_AT_ONCE = 500


def retry(actor: Actor, ref: str) -> OutboxMessage:
    """Let the worker try a failed message again, at once. Raises Invalid when it would come too late."""
    actor.require(Permission.CHANGE_APPOINTMENTS)
    now = clock.now()
    with transactions.writing():
        rows = OutboxMessage.objects.visible_to(actor).select_for_update()
        message: OutboxMessage | None = rows.filter(ref=ref, state=State.FAILED).first()
        if message is None:
            raise NotFound(_("This message is not waiting for another try. Load the list again."))
        if message.not_after is not None and message.not_after <= now:
            raise Invalid(_("It is too late for this message: what it reminds of has begun. Nothing was sent."))
        _queue_again([message])
        _record(actor, message, "message.retried")
    message.refresh_from_db()
    return message


def retry_all(actor: Actor, gateway: str) -> int:
    """Let the worker try again what a gateway refused last ("": what no gateway was asked for), MOST_AT_ONCE at most.

    What would come too late stays as it is. Returns how many are tried. The gateway is named as in the events.
    """
    business_id = actor.business_of(Permission.CHANGE_APPOINTMENTS)
    now = clock.now()
    with transactions.writing():
        rows = OutboxMessage.objects.visible_to(actor).filter(state=State.FAILED).annotate(last=history.last_refusal())
        wanted = rows.filter(last=gateway) if gateway else rows.filter(last=None)
        in_time = wanted.filter(Q(not_after=None) | Q(not_after__gt=now)).order_by("pk")
        messages = list(in_time[:MOST_AT_ONCE])
        if messages:
            _queue_again(messages)
            audit.record(
                actor,
                business_id,
                "message.all_retried",
                "business",
                gateway[:40],
                count=len(messages),
                gateway=gateway,
            )
    return len(messages)


def _queue_again(messages: Sequence[OutboxMessage]) -> None:
    now = clock.now()
    keys = [message.pk for message in messages]
    OutboxMessage.objects.filter(pk__in=keys).update(state=State.QUEUED, attempts=0, next_at=now, last_error="")
    MessageEvent.objects.bulk_create(
        [MessageEvent(message=message, at=now, what=MessageEvent.What.RETRIED) for message in messages]
    )
    transactions.after_commit(outbox.wake)


def resend(actor: Actor, appointment: Appointment) -> None:
    """Send the consumer the word of an active appointment's time once more, with the same links.

    It is the latest that was sent; one of a series, which one mail confirmed, is confirmed by itself.
    Raises Invalid for one that is over, or without an address.
    """
    actor.require(Permission.CHANGE_APPOINTMENTS)
    with transactions.writing():
        if appointment.status not in Appointment.ACTIVE:
            raise Invalid(_("This appointment is over or not approved yet, so there is nothing to confirm."))
        if not appointment.email:
            raise Invalid(_("No e-mail address is known of this person, so nothing was sent. Call, or add one there."))
        if not appointment.takes_mails:
            raise Invalid(_("This person gets no mails about this appointment, so nothing was sent. Call instead."))
        told = OutboxMessage.objects.visible_to(actor).filter(
            subject_ref=appointment.ref, kind__in=TELLS_THE_TIME, channel=OutboxMessage.Channel.EMAIL
        )
        last: OutboxMessage | None = told.order_by("-pk").first()
        message = announcements.teller(appointment).confirmation(f"v{appointment.version}:again{told.count()}")
        if last is not None:
            base = last.key.split(":again")[0]
            message = replace(message, key=f"{base}:again{told.count()}", kind=last.kind, facts=last.facts)
        outbox.enqueue_all([message])
        audit.record(
            actor,
            appointment.business_id,
            "message.sent_again",
            "message",
            last.ref if last is not None else appointment.ref,
            summary=appointment.name,
        )


def _record(actor: Actor, message: OutboxMessage, action: str) -> None:
    assert message.business_id is not None
    audit.record(actor, message.business_id, action, "message", message.ref, summary=message.to_name or message.to)
