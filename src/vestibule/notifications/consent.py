"""Who agreed to messages and who wants no more: each word of it kept, with time, way and wording."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from vestibule.notifications import choices, limits
from vestibule.notifications.models import Address, ConsentEntry
from vestibule.people import audit
from vestibule.people.errors import NotFound
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock, rows
from vestibule.store.transactions import writing

Source = ConsentEntry.Source


def record(
    business: Business,
    channel: str,
    address: str,
    *,
    agrees: bool,
    source: str,
    wording: str = "",
    language: str = "",
    subject_ref: str = "",
) -> ConsentEntry:
    """Keep that somebody agrees to messages over a channel, or wants no more; what leaves from now on follows.

    `wording` is what they agreed to, or wrote themselves. Agreeing again lifts an earlier stop, never a bounce; one
    that came from the telephone itself only from there: on a page anybody can type anybody's number.
    """
    value = limits.normal(channel, address)
    with writing():
        _follow(business, channel, value, agrees=agrees, by_owner=source == Source.TEXT)
        return ConsentEntry.objects.create(
            business=business,
            channel=channel,
            value=value,
            agrees=agrees,
            source=source,
            wording=wording[:500],
            language=language,
            subject_ref=subject_ref,
        )


def _follow(business: Business, channel: str, value: str, *, agrees: bool, by_owner: bool) -> None:
    row, _made = Address.objects.get_or_create(business=business, channel=channel, value=value)
    if not agrees:
        row.stopped_at = row.stopped_at or clock.now()
    elif by_owner or not _was_stopped_by_owner(business, channel, value):
        row.stopped_at = None
    row.save(update_fields=["stopped_at"])


def keep_typed(
    business: Business, number: str, *, agrees: bool = True, source: str, wording: str, language: str, subject_ref: str
) -> None:
    """Keep what somebody said who typed a number (E.164) on a page: that they were told, ticked or declined `wording`.

    By one insert. It neither stops the number nor lifts a stop: anybody can type anybody's number. Call it in the
    writing block of what they typed it for.
    """
    said = {"source": source, "wording": wording[:500], "language": language, "subject_ref": subject_ref}
    rows.insert([ConsentEntry(business=business, channel=choices.SMS, value=number, agrees=agrees, **said)])


def _was_stopped_by_owner(business: Business, channel: str, value: str) -> bool:
    """Tell whether the telephone said stop, and did not take that back since."""
    said = ConsentEntry.objects.filter(source=Source.TEXT, business=business, channel=channel, value=value)
    return said.order_by("-pk").values_list("agrees", flat=True).first() is False


def last(business: Business, channel: str, address: str) -> ConsentEntry | None:
    """Return what somebody said last about messages over a channel."""
    said = ConsentEntry.objects.filter(business=business, channel=channel, value=limits.normal(channel, address))
    found: ConsentEntry | None = said.order_by("-pk").first()
    return found


def has_stopped(business: Business, channel: str, address: str) -> bool:
    """Tell whether the owner of an address wants no more messages."""
    value = limits.normal(channel, address)
    rows = Address.objects.filter(business=business, channel=channel, value=value, stopped_at__isnull=False)
    return rows.exists()


def stopped_among(business: Business, channel: str, values: Collection[str]) -> set[str]:
    """Return those of normalised addresses whose owners want no more messages."""
    rows = Address.objects.filter(business=business, channel=channel, value__in=values, stopped_at__isnull=False)
    return set(rows.values_list("value", flat=True))


def bounced(business: Business, channel: str, address: str, words: str) -> bool:
    """Mark an address that does not exist: nothing is sent there until somebody says that it was mended.

    Returns whether it was not marked so before.
    """
    return _mark(business, channel, address, "bounced_at", words)


def complained(business: Business, channel: str, address: str) -> bool:
    """Mark an address whose owner called a message unwanted; return whether it was not marked so before."""
    return _mark(business, channel, address, "complained_at", "")


def mend(business: Business, channel: str, address: str) -> None:
    """Take back that an address came back, as when staff found it to be right."""
    rows = Address.objects.filter(business=business, channel=channel, value=limits.normal(channel, address))
    with writing():
        rows.update(bounced_at=None, words="")


def right_again(actor: Actor, key: int) -> Address:
    """Let messages go to an address again that came back, as staff found it to be right; audited.

    What its owner said stays: neither a stop nor a complaint is lifted. Raises NotPermitted and NotFound.
    """
    actor.require(Permission.CHANGE_APPOINTMENTS)
    with writing():
        row: Address | None = Address.objects.visible_to(actor).filter(pk=key, bounced_at__isnull=False).first()
        if row is None:
            raise NotFound(_("This address is not held back for coming back. Load the list again."))
        mend(row.business, row.channel, row.value)
        audit.record(actor, row.business_id, "address.mended", "address", str(row.pk), summary=row.value)
    row.refresh_from_db()
    return row


def sms_notice() -> str:
    """Return what is said beside a telephone number where nothing is asked."""
    return _("We send text messages about your appointment to this number. Answer STOP at any time to end them.")


def sms_wording(business: Business) -> str:
    """Return what people agree to when they want text messages, as the booking page says it."""
    words = _("Send me text messages about this appointment from %(business)s. Answer STOP at any time to end them.")
    return words % {"business": business.name}


def _mark(business: Business, channel: str, address: str, field: str, words: str) -> bool:
    value = limits.normal(channel, address)
    with writing():
        row, _made = Address.objects.get_or_create(business=business, channel=channel, value=value)
        if getattr(row, field) is not None:
            return False
        setattr(row, field, clock.now())
        row.words = words[:300]
        row.save(update_fields=[field, "words"])
        return True
