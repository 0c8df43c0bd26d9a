"""Connecting calendars: tested, stored, changed, looked at now, removed. Each verb checks, writes and is audited."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from vestibule.calendars import adapters, pushes, waking
from vestibule.calendars.models import BusyInterval, CalendarSubscription, Connection, LinkedCalendar, ShownAppointment
from vestibule.calendars.ports import Access, CalendarError, Found
from vestibule.calendars.trouble import CalendarRefused
from vestibule.people import audit, masks, outside_accounts, rates, secrets
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.people.ports import NotConnected
from vestibule.people.waiting_outside import waiting_outside
from vestibule.store import clock
from vestibule.store.transactions import after_commit, writing

PURPOSE = "calendars.connection"
TOLERANCES = (15, 30, 60, 240, 1440, None)
MOST_PER_PROVIDER = 10
MOST_CALENDARS = 50
LONGEST_ADDRESS = 2000
BY_ACCOUNT = {"outlook": "microsoft365"}
"""Kinds of calendars that are asked with an account of the business, by the kind of that account."""
Kind = Connection.Kind


@dataclass(frozen=True)
class Use:
    """What one calendar is for."""

    counts_busy: bool = True
    receives: bool = False


def may_connect(actor: Actor, provider: Provider) -> bool:
    """Tell whether `actor` connects calendars of `provider`: managers any, providers their own."""
    if actor.kind is not ActorKind.SYSTEM and actor.business_id != provider.business_id:
        return False
    own = actor.provider_id == provider.pk and actor.may(Permission.MANAGE_OWN_HOURS)
    return own or actor.may(Permission.MANAGE_SETUP)


def visible_to(actor: Actor) -> Any:
    """Return the connections `actor` may see: managers all of their business, providers their own."""
    rows = Connection.objects.visible_to(actor).select_related("provider__business")
    if actor.may(Permission.MANAGE_SETUP):
        return rows
    own = actor.provider_id if actor.may(Permission.MANAGE_OWN_HOURS) else None
    return rows.filter(provider_id=own) if own is not None else rows.none()


def test(actor: Actor, provider: Provider, kind: str, access: Access) -> list[Found]:
    """Look whether `access` leads to calendars, and return them. Talks to the network for up to 45 seconds.

    Raises CalendarRefused with what to mend, TooMany, NotPermitted, NotFound.
    """
    _permit(actor, provider)
    _require_fitting(access)
    rates.limit("calendar-test", f"{provider.business_id}:{actor.user_id}", 30, 600)
    with waiting_outside(f"business:{provider.business_id}"):
        try:
            source = adapters.opened(kind, _with_account(provider.business_id, kind, access))
            try:
                return list(source.calendars())[:MOST_CALENDARS]
            finally:
                source.close()
        except CalendarError as error:
            raise CalendarRefused(error, by_account=kind in BY_ACCOUNT) from error


def connect(
    actor: Actor,
    provider: Provider,
    kind: str,
    access: Access,
    *,
    name: str = "",
    all_day_counts: bool = True,
    tolerance_minutes: int | None = 60,
) -> Connection:
    """Test an access and store it, encrypted; every calendar found counts as busy, and is read at once.

    Raises what `test` raises, and Invalid for a tolerance that is not offered or one connection too many.
    """
    if tolerance_minutes not in TOLERANCES:
        raise Invalid(_("Choose one of the times offered."), field="tolerance_minutes")
    found = test(actor, provider, kind, access)
    host = _shown(access)
    with writing():
        Provider.objects.select_for_update().get(pk=provider.pk)
        if Connection.objects.filter(provider=provider).count() >= MOST_PER_PROVIDER:
            raise Invalid(_("Ten calendars are connected already. Remove one first."), field="url")
        made = Connection.objects.create(
            business_id=provider.business_id,
            provider=provider,
            kind=kind,
            name=(name.strip() or (found[0].name if len(found) == 1 else "") or host)[:120],
            host=host[:255],
            access=_sealed(access),
            all_day_counts=all_day_counts,
            only_times=access.only_times,
            tolerance_minutes=tolerance_minutes,
            last_reached_at=clock.now(),
            next_at=clock.now(),
        )
        _link(made, found)
        _record(actor, made, "connected")
        after_commit(waking.wake)
    return made


def change(actor: Actor, connection: Connection, uses: Mapping[int, Use], **values: Any) -> Connection:
    """Change name, all_day_counts or tolerance_minutes, and what each linked calendar (by key) is for.

    A calendar that now receives appointments gets those that are coming; one that no longer does loses them. Raises
    Invalid, NotPermitted, NotFound.
    """
    _permit(actor, connection.provider)
    if "tolerance_minutes" in values and values["tolerance_minutes"] not in TOLERANCES:
        raise Invalid(_("Choose one of the times offered."), field="tolerance_minutes")
    if not str(values.get("name", "-")).strip():
        raise Invalid(_("Give the calendar a name, so that you know it again."), field="name")
    with writing():
        current = _locked(actor, connection)
        for name in ("name", "all_day_counts", "tolerance_minutes"):
            if name in values:
                setattr(current, name, values[name])
        current.next_at = clock.now()
        current.save(update_fields=["name", "all_day_counts", "tolerance_minutes", "next_at"])
        for calendar in current.calendars.all():
            _use(calendar, uses.get(calendar.pk, Use(calendar.counts_busy, calendar.receives)))
        CalendarSubscription.objects.filter(calendar__connection=current).update(next_at=clock.now())
        if current.tolerance_minutes is None or not current.calendars.filter(counts_busy=True).exists():
            reopen(current)
        _record(actor, current, "changed")
        after_commit(waking.wake)
    return current


def change_access(actor: Actor, connection: Connection, access: Access) -> Connection:
    """Test a new address or password and use it from now on. Raises what `test` raises."""
    access = replace(access, only_times=connection.only_times)
    found = test(actor, connection.provider, connection.kind, access)
    with writing():
        current = _locked(actor, connection)
        current.access, current.host = _sealed(access), _shown(access)[:255]
        current.next_at = clock.now()
        current.save(update_fields=["access", "host", "next_at"])
        current.calendars.update(token="")
        # Another mailbox, perhaps: what is told of the one before is taken back, and this one asked for.
        CalendarSubscription.objects.filter(calendar__connection=current).update(calendar=None, next_at=clock.now())
        _link(current, found)
        _again(current)
        _record(actor, current, "changed")
        after_commit(waking.wake)
    return current


def sync_now(actor: Actor, connection: Connection) -> None:
    """Let a calendar be looked at now, from its beginning, and what could not be stored be tried again."""
    _permit(actor, connection.provider)
    with writing():
        current = _locked(actor, connection)
        current.next_at = clock.now()
        current.save(update_fields=["next_at"])
        current.calendars.update(token="")
        _again(current)
        after_commit(waking.wake)


def remove(actor: Actor, connection: Connection) -> None:
    """Forget a calendar with everything read from it. Appointments that stand in it stay there."""
    _permit(actor, connection.provider)
    with writing():
        current = _locked(actor, connection)
        _record(actor, current, "removed")
        CalendarSubscription.objects.filter(calendar__connection=current).update(next_at=clock.now())
        provider = current.provider_id
        current.delete()
        masks.raise_versions([provider])


def access_of(connection: Connection) -> Access:
    """Return how to get in. Never to be shown, stored or logged."""
    own = Access(**json.loads(secrets.decrypt(PURPOSE, connection.access)))
    return _with_account(connection.business_id, connection.kind, replace(own, only_times=connection.only_times))


def _with_account(business_id: int, kind: str, access: Access) -> Access:
    """Add what the business has at the vendor; without it the adapter says that it cannot be used."""
    account = account_of(business_id, kind)
    return replace(access, account=account) if account else access


def account_of(business_id: int, kind: str) -> Mapping[str, str]:
    """Return what a business has at the vendor of a kind of calendar; nothing where it has none, or needs none."""
    account = BY_ACCOUNT.get(kind)
    try:
        return outside_accounts.access_for(business_id, account) if account is not None else {}
    except NotConnected:
        return {}


def reopen(connection: Connection) -> bool:
    """Take back that a calendar closes its provider's time; tell whether it did. Inside a writing block."""
    closed = BusyInterval.objects.filter(calendar__connection=connection, closes=True)
    if not closed.delete()[0]:
        return False
    masks.raise_versions([connection.provider_id])
    return True


def _permit(actor: Actor, provider: Provider) -> None:
    if actor.kind is not ActorKind.SYSTEM and actor.business_id != provider.business_id:
        raise NotFound(_("There is no such provider in your business."))
    if not may_connect(actor, provider):
        actor.require(Permission.MANAGE_SETUP)


def _locked(actor: Actor, connection: Connection) -> Connection:
    found: Connection | None = (
        Connection.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("provider__business")
        .filter(pk=connection.pk)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such calendar here. It may have been removed."))
    return found


def _require_fitting(access: Access) -> None:
    if not access.url.strip():
        raise Invalid(_("Paste the address of the calendar."), field="url")
    for field, text in (("url", access.url), ("username", access.username), ("password", access.password)):
        if len(text) > LONGEST_ADDRESS or not text.isprintable():
            raise Invalid(_("This is too long, or holds characters that cannot be right."), field=field)


def _shown(access: Access) -> str:
    """Return what of an access may be seen: the host, or the mailbox."""
    url = access.url.strip()
    return url if "@" in url and "/" not in url else urlsplit(url).hostname or ""


def _sealed(access: Access) -> str:
    clear = json.dumps({"url": access.url.strip(), "username": access.username, "password": access.password})
    return secrets.encrypt(PURPOSE, clear.encode())


def _link(connection: Connection, found: Iterable[Found]) -> None:
    """Link calendars that are new, and note their names; those that are gone stay until somebody removes them."""
    for one in found:
        LinkedCalendar.objects.update_or_create(
            connection=connection, address=one.address, defaults={"name": one.name, "can_write": one.can_write}
        )


def _use(calendar: LinkedCalendar, use: Use) -> None:
    if use.receives and not calendar.can_write:
        raise Invalid(_("Appointments cannot be written to “%(name)s”.") % {"name": calendar.name})
    if calendar.counts_busy and not use.counts_busy:
        calendar.busy_intervals.filter(closes=False).delete()
        masks.raise_versions([calendar.connection.provider_id])
    began_to_receive = use.receives and not calendar.receives
    stopped = calendar.receives and not use.receives
    if use != Use(calendar.counts_busy, calendar.receives):
        calendar.counts_busy, calendar.receives, calendar.token = use.counts_busy, use.receives, ""
        calendar.save(update_fields=["counts_busy", "receives", "token"])
    if began_to_receive:
        coming = import_string(settings.CALENDAR_ENTRIES)
        pushes.taken_up(calendar, coming(calendar.connection.provider_id))
    elif stopped:
        pushes.give_up(calendar)


def _again(connection: Connection) -> None:
    failed = ShownAppointment.objects.filter(calendar__connection=connection, state=ShownAppointment.State.FAILED)
    failed.update(state=ShownAppointment.State.QUEUED, attempts=0, put_back=0, next_at=clock.now())


def _record(actor: Actor, connection: Connection, action: str) -> None:
    audit.record(
        actor,
        connection.business_id,
        f"calendar.{action}",
        "calendar",
        connection.ref,
        summary=f"{connection.provider.name}: {connection.name}",
        kind=connection.kind,
        host=connection.host,
    )
