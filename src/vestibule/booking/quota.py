"""How many appointments one consumer may have ahead at once, by service and by business.

A consumer is told by the e-mail address, whatever its case and what follows a plus sign, and by the phone number.
"""

import hashlib
from datetime import timedelta

from django.db.models import Q

from vestibule.booking.errors import TooManyOpen
from vestibule.booking.models import Appointment, Service
from vestibule.booking.wishes import Contact
from vestibule.people import rates
from vestibule.store import clock
from vestibule.store.clock import to_minute
from vestibule.store.locks import one_at_a_time

MOST_WRITTEN_TO = 60
_WITHOUT_DOTS = frozenset({"gmail.com", "googlemail.com"})
_LONGEST = timedelta(days=1)


def same_address(email: str) -> str:
    """Return the address that `email` is delivered to, as far as its writing tells."""
    local, _at, domain = email.lower().rpartition("@")
    local = local.partition("+")[0]
    if domain in _WITHOUT_DOTS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def count_written_to(*addresses: str, times: int = 1) -> None:
    """Count `times` appointments whose messages go to `addresses`, mailboxes and telephone numbers ("" for none).

    Raises TooMany beyond sixty an hour each, in all businesses together. Anybody can type an address: nobody's mailbox
    is to be filled by booking and cancelling under it, nor their telephone. Call it last in the write transaction, so
    that only what is booked counts.
    """
    whose = {same_address(one) for one in addresses if one}
    for who in sorted(hashlib.sha256(one.encode()).hexdigest()[:40] for one in whose):
        for _appointment in range(times):
            rates.limit_others("book.for", who, MOST_WRITTEN_TO, 3600)


def lack_of_room(service: Service, contact: Contact, *, more: int = 1) -> TooManyOpen | None:
    """Return the refusal if `more` appointments of `service` are too many for `contact` (cleaned), else None.

    Call it inside the write transaction, before any provider is locked: until that ends, nobody else books for the
    same contact.
    """
    business = service.business
    if service.max_open_per_consumer is None and business.max_open_per_consumer is None:
        return None
    address = same_address(contact.email)
    names = [f"consumer:{business.pk}:{one}" for one in (address, contact.phone) if one]
    one_at_a_time(names)
    now = to_minute(clock.now())
    local, _at, domain = address.partition("@")
    is_mine = Q(email__istartswith=local[:1])
    if domain != "gmail.com":
        is_mine &= Q(email__iendswith=f"@{domain}")
    if contact.phone:
        is_mine |= Q(phone=contact.phone)
    ahead = Appointment.objects.filter(
        is_mine,
        business=business,
        status__in=Appointment.OPEN,
        start_minute__gt=now - _LONGEST // timedelta(minutes=1),
        end_minute__gt=now,
    ).values_list("service_id", "email", "phone")
    mine = [of for of, email, phone in ahead if same_address(email) == address or (phone and phone == contact.phone)]
    wanted = ((service.max_open_per_consumer, mine.count(service.pk)), (business.max_open_per_consumer, len(mine)))
    full = (most for most, open_now in wanted if most is not None and open_now + more > most)
    return next((TooManyOpen({"most": most}) for most in full), None)
