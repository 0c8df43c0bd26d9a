"""How each member of staff learns that somebody waits, and who has to be told now. The telling itself is booking's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, Q
from django.utils.translation import gettext as _

from vestibule.meetings import areas, queue
from vestibule.meetings.models import DeskAlerts, Participant
from vestibule.people import telephone
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import Business, Membership
from vestibule.people.permissions import Actor, Permission, Role, staff_actor
from vestibule.store import clock
from vestibule.store.transactions import writing

PUSHES = ("push_arrived", "push_late")
FLAGS = ("sound", "title", "desktop", "email", "sms", *PUSHES, "push_names", "only_mine")


@dataclass(frozen=True)
class Alert:
    """Somebody waits whom a member of staff wants to be told of. `wait` numbers the wait.

    `is_late`: for longer than they want to learn of only at the desk; else it has just begun.
    """

    business: Business
    membership: Membership
    settings: DeskAlerts
    seat: Participant
    since: datetime
    area: str
    wait: int
    is_late: bool = True


def of(membership: Membership) -> DeskAlerts:
    """Return how a member of staff wants to be told: their row, or one with the defaults that is not stored."""
    found: DeskAlerts | None = DeskAlerts.objects.filter(membership=membership).first()
    return found or DeskAlerts(membership=membership, business_id=membership.business_id)


def of_actor(actor: Actor) -> DeskAlerts:
    """Return the actor's own alerts. Raises NotPermitted for somebody who is not staff."""
    return of(_own(actor))


def change(actor: Actor, **values: Any) -> DeskAlerts:
    """Change the actor's own alerts and return them: `FLAGS`, `phone` (E.164), `after_minutes` (1 to 120).

    Raises Invalid naming the field; text messages need a phone.
    """
    membership = _own(actor)
    stray = [name for name in values if name not in (*FLAGS, "phone", "after_minutes")]
    if stray:
        raise Invalid(_("There is no such setting."), field=stray[0])
    with writing():
        rows = DeskAlerts.objects.select_for_update()
        alerts: DeskAlerts = rows.get_or_create(
            membership=membership, defaults={"business_id": membership.business_id}
        )[0]
        for name, value in values.items():
            setattr(alerts, name, _clean(membership.business, name, value))
        if alerts.sms and not alerts.phone:
            raise Invalid(_("Enter the phone that text messages should go to."), field="phone")
        alerts.save()
        return alerts


def begin_pushing(actor: Actor) -> None:
    """Have the actor's browsers tell of whoever comes and waits, unless they chose among these already."""
    membership = _own(actor)
    with writing():
        alerts = of(membership)
        if not any(getattr(alerts, name) for name in PUSHES):
            for name in PUSHES:
                setattr(alerts, name, True)
            alerts.save()


def due() -> Iterator[Alert]:
    """Yield who is to be told of whom by message now. The same again and again: the telling is once for each wait."""
    wanted = DeskAlerts.objects.filter(
        Q(email=True) | Q(sms=True) | Q(push_arrived=True) | Q(push_late=True), membership__is_active=True
    )
    wanted = wanted.filter(membership__user__is_active=True)
    least = wanted.aggregate(least=Min("after_minutes"))["least"]
    if least is None:
        return
    by_business: dict[int, list[DeskAlerts]] = {}
    for one in wanted.select_related("membership__user", "membership__provider", "membership__business"):
        by_business.setdefault(one.business_id, []).append(one)
    for business_id, staff in by_business.items():
        known = areas.Map(business_id)
        length = timedelta(minutes=0 if any(one.push_arrived for one in staff) else least)
        seats = queue.waiting_for(business_id, length, clock.now())
        waits = queue.waits_of(seats) if seats else {}
        for seat in seats:
            yield from _for_seat(seat, waits.get(seat.pk, 0), staff, known)


def _for_seat(seat: Participant, wait: int, staff: list[DeskAlerts], known: areas.Map) -> Iterator[Alert]:
    since = seat.waiting_since
    if since is None:
        return
    host = areas.host_of(seat.meeting)
    area = known.area_of(seat.meeting, host)
    group = known.groups[area.slug]
    for one in staff:
        is_late = clock.now() - since >= timedelta(minutes=one.after_minutes)
        if (is_late or one.push_arrived) and _concerns(one, host, group):
            yield Alert(one.membership.business, one.membership, one, seat, since, area.name, wait, is_late)


def _concerns(one: DeskAlerts, host: int | None, group: frozenset[int]) -> bool:
    """Tell whether a wait for `host` (None: for anybody of `group`, all if empty) is theirs to be told of."""
    membership = one.membership
    provider = getattr(membership, "provider", None)
    mine = provider is not None and (provider.pk == host if host is not None else not group or provider.pk in group)
    actor = staff_actor(
        user_id=membership.user_id,
        label="",
        business_id=membership.business_id,
        role=Role(membership.role),
        provider_id=provider.pk if provider is not None else None,
    )
    if mine:
        return actor.may(Permission.HOST_OWN)
    return actor.may(Permission.HOST_ANY) and (not one.only_mine or provider is None)


def _own(actor: Actor) -> Membership:
    mine = Membership.objects.visible_to(actor).filter(user_id=actor.user_id or 0, is_active=True)
    found: Membership | None = mine.first()
    if found is None:
        raise NotPermitted(_("Only staff are told of who waits."))
    return found


def _clean(business: Business, name: str, value: Any) -> Any:
    if name in FLAGS and not isinstance(value, bool):
        raise Invalid(_("Say yes or no here."), field=name)
    if name == "after_minutes" and (type(value) is not int or not 1 <= value <= 120):
        raise Invalid(_("Enter 1 to 120 minutes."), field=name)
    if name == "phone":
        given = str(value).strip()
        number = telephone.e164(given, business)
        if given and not number:
            raise Invalid(_("Enter the phone with its country, such as +44 7700 900123."), field=name)
        return number
    return value
