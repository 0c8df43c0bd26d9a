"""The reminders a business, or one of its services, sends: any number, before the start or after the end."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from vestibule.notifications import choices
from vestibule.notifications.choices import EVERYBODY
from vestibule.notifications.models import MessageRules, OutboxMessage, Reminder
from vestibule.people import audit, turns
from vestibule.people.characters import is_plain
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.transactions import writing

MOST = 10
LONGEST_BEFORE = 60 * 24 * 60
LONGEST_AFTER = 30 * 24 * 60
CHANNELS = (str(OutboxMessage.Channel.EMAIL), str(OutboxMessage.Channel.SMS))


@dataclass(frozen=True)
class Wanted:
    """One reminder as somebody wants it: so many minutes before the start, or after the end."""

    side: str
    offset_minutes: int
    audiences: tuple[str, ...]
    channel: str
    words: str = ""
    is_on: bool = True


def of(business: Business, service_ref: str = "") -> list[Reminder]:
    """Return the stored reminders of a business, or the own ones of a service; none: those of the next level hold."""
    return list(Reminder.objects.filter(business=business, service_ref=service_ref))


def built_in() -> list[Wanted]:
    """Return the reminders that hold where nobody chose others."""
    return [Wanted("before", one.ahead, one.audiences, one.channel) for one in choices.BUILT_IN]


def put(actor: Actor, business: Business, wanted: Sequence[Wanted], service_ref: str = "") -> list[Reminder]:
    """Let these be all reminders of a business, or of a service, in place of what it had.

    One that stays as it was keeps its row, so that whoever was reminded is not reminded again. Appointments already
    booked follow within a minute or so. Raises NotPermitted, and Invalid naming `reminders.<number>.<field>`.
    """
    choices.allow(actor, business)
    if len(wanted) > MOST:
        raise Invalid(_("There can be %(most)s reminders at most.") % {"most": MOST}, field="reminders")
    cleaned = [_clean(number, one) for number, one in enumerate(wanted)]
    if len({(one.side, one.offset_minutes, one.channel) for one in cleaned}) < len(cleaned):
        raise Invalid(_("Two of the reminders go out at the same time in the same way."), field="reminders")
    with writing():
        turns.take(business.pk)
        rows = _replace(business, service_ref, cleaned)
        _changed(actor, business, service_ref, len(rows))
        return rows


def leave_to_business(actor: Actor, business: Business, service_ref: str) -> None:
    """Let a service have no reminders of its own any more ("" : the business goes back to the built-in ones)."""
    choices.allow(actor, business)
    with writing():
        turns.take(business.pk)
        if Reminder.objects.filter(business=business, service_ref=service_ref).delete()[0]:
            _changed(actor, business, service_ref, None)


def _replace(business: Business, service_ref: str, wanted: Sequence[Wanted]) -> list[Reminder]:
    stored = {_key(one): one for one in of(business, service_ref)}
    kept = []
    for one in wanted:
        row = stored.pop(_key(one), None) or Reminder(business=business, service_ref=service_ref)
        for name, value in vars(one).items():
            setattr(row, name, list(value) if name == "audiences" else value)
        row.save()
        kept.append(row)
    Reminder.objects.filter(pk__in=[one.pk for one in stored.values()]).delete()
    return kept


def _key(one: Reminder | Wanted) -> tuple[str, int, str]:
    return str(one.side), one.offset_minutes, str(one.channel)


def _changed(actor: Actor, business: Business, service_ref: str, count: int | None) -> None:
    now = clock.now()
    MessageRules.objects.update_or_create(
        business=business, defaults={"reminders_changed_at": now, "replanned_to": 0, "changed_at": now}
    )
    choices.changed(business.pk)
    where = ("service", service_ref) if service_ref else ("business", business.ref)
    audit.record(actor, business.pk, "messages.reminders_changed", *where, reminders=count)


def _clean(number: int, one: Wanted) -> Wanted:
    def refuse(field: str, words: str) -> Invalid:
        return Invalid(words, field=f"reminders.{number}.{field}")

    longest = LONGEST_BEFORE if one.side == Reminder.Side.BEFORE else LONGEST_AFTER
    if one.side not in Reminder.Side.values:
        raise refuse("side", _("Choose whether it goes out before or after."))
    if not 5 <= one.offset_minutes <= longest:
        raise refuse("offset", _("Enter between 5 minutes and %(days)s days.") % {"days": longest // (24 * 60)})
    if one.channel not in CHANNELS:
        raise refuse("channel", _("Choose e-mail or text message."))
    if not one.audiences or any(who not in EVERYBODY for who in one.audiences):
        raise refuse("audiences", _("Choose who gets it."))
    words = one.words.strip()
    if len(words) > 500 or not is_plain(words, lines=True):
        raise refuse("words", _("Use at most 500 characters that can be seen."))
    return Wanted(one.side, one.offset_minutes, tuple(one.audiences), one.channel, words, one.is_on)
