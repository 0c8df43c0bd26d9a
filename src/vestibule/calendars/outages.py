"""Vendors that do not answer: noted with the account of the business, and caught up with as soon as they do again."""

from vestibule.calendars import waking
from vestibule.calendars.connections import BY_ACCOUNT
from vestibule.calendars.models import CalendarSubscription, Connection, ShownAppointment
from vestibule.people import outside_accounts
from vestibule.store import clock
from vestibule.store.transactions import after_commit, writing


def note(business_id: int, kind: str, *, is_answering: bool) -> None:
    """Note whether the vendor of a kind of calendar answers; once it does again, everything that waited is due now.

    Nothing to note of calendars with an access of their own.
    """
    account = BY_ACCOUNT.get(kind)
    if account is None or not outside_accounts.note(business_id, account, is_answering=is_answering):
        return
    if is_answering:
        _catch_up(business_id, kind)


def _catch_up(business_id: int, kind: str) -> None:
    now, queued = clock.now(), ShownAppointment.State.QUEUED
    with writing():
        Connection.objects.filter(business_id=business_id, kind=kind, failures__gt=0).update(next_at=now)
        shown = ShownAppointment.objects.filter(business_id=business_id, calendar__connection__kind=kind, state=queued)
        shown.update(next_at=now)
        kept = CalendarSubscription.objects.filter(business_id=business_id, kind=kind)
        kept.filter(failures__gt=0).exclude(state=CalendarSubscription.State.FAILED).update(next_at=now)
        after_commit(waking.wake)
