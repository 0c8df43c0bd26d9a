"""Which starts would be free if something that is not saved yet counted. Nothing here writes.

The question is asked as things stand, then altered: other hours, time off, another service, other people or resources.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vestibule.booking import availability, diaries, resources
from vestibule.booking.catalogue import Offered, OwnRules, offers_of
from vestibule.booking.models import ProviderRules, Service
from vestibule.booking.questions import Asked
from vestibule.booking.resources import Need
from vestibule.booking.setup import Offer
from vestibule.people.models import Provider
from vestibule.scheduling import Diary, Hours, Taken
from vestibule.store import clock
from vestibule.store.clock import to_minute

UNSAVED = -1
Stretch = tuple[int, int]
HoursOf = Callable[[int, int | None, Hours], Hours]


@dataclass(frozen=True)
class Change:
    """What is not saved yet; what is None or empty stays as it is.

    `hours` takes a provider, one of their schedules (None: the usual hours) and the hours now. `off` is time off, by
    provider, None for everybody. `own_rules` are those of providers. `closed` are stretches of UTC minutes in which a
    resource cannot be used, `units` how many of it there are.
    """

    service: Service | None = None
    offers: Sequence[Offered] | None = None
    needs: Sequence[Need] | None = None
    hours: HoursOf | None = None
    off: Mapping[int | None, Sequence[Stretch]] = field(default_factory=dict)
    own_rules: Mapping[int, OwnRules] = field(default_factory=dict)
    closed: Mapping[int, Sequence[Stretch]] = field(default_factory=dict)
    units: Mapping[int, int] = field(default_factory=dict)


NOTHING = Change()


def with_fields(service: Service, changes: Mapping[str, Any]) -> Service:
    """Return a copy of `service` with other fields, public and on offer, that is never saved."""
    wanted = copy.copy(service)
    for name, value in changes.items():
        setattr(wanted, name, value)
    wanted.visibility, wanted.is_active = Service.Visibility.PUBLIC, True
    wanted.pk = wanted.pk or UNSAVED
    return wanted


def starts(
    service: Service, first: int, last: int, change: Change = NOTHING, provider: Provider | None = None
) -> list[int]:
    """Return the UTC minutes from `first` to before `last` at which `service` could begin, with `provider` if given.

    Raises the refusals of `availability.asked_of`, and ValueError for rules the engine cannot read.
    """
    wanted = with_fields(change.service or service, {})
    offers = offers_of(service.pk) if change.offers is None else list(change.offers)
    offers = [one._replace(own_rules=change.own_rules.get(one.provider, one.own_rules)) for one in offers]
    asked = _altered(availability.asked_of(wanted, offers, provider.pk if provider else None), change)
    return asked.offer(max(first, to_minute(clock.now())), last).starts


def offered(offer: Offer, own: ProviderRules | None = None) -> Offered:
    """Return an offer that is not saved as the question takes it."""
    provider = offer.provider
    return Offered(
        provider=provider.pk,
        version=provider.mask_version,
        role=offer.role,
        group=offer.group,
        last_booked="",
        position=provider.position,
        slug=provider.slug,
        schedule=offer.schedule.pk if offer.schedule else None,
        weight=offer.weight,
        turn=0,
        needs_resources=False,
        own_rules=own_rules(own) if own else None,
    )


def own_rules(rules: ProviderRules) -> OwnRules:
    """Return a provider's rules, saved or not, as the question takes them."""
    return OwnRules(rules.buffer_before_minutes, rules.buffer_after_minutes, rules.notice_minutes, rules.limits)


def _altered(asked: Asked, change: Change) -> Asked:
    if change.needs is not None:
        stock = resources.keep({need.resource: need.version for need in change.needs})
        asked = replace(asked, needs=tuple(change.needs), stock=stock)
    if change.hours is not None or change.off:
        kept = dict(asked.kept)
        for offer in asked.offers:
            if offer.provider in kept:
                kept[offer.provider] = _person(kept[offer.provider], offer, change)
        asked = replace(asked, kept=kept)
    if change.closed or change.units:
        asked = replace(asked, stock={one: _stock(one, kept, change) for one, kept in asked.stock.items()})
    return asked


def _person(kept: diaries.Kept, offer: Offered, change: Change) -> diaries.Kept:
    who = offer.provider
    closed = [Taken(start, end, closes=True) for key in (None, who) for start, end in change.off.get(key, ())]
    altered: dict[int | None, Diary] = {}
    for schedule in {*kept.diaries, offer.schedule}:
        diary = kept.diary(schedule)
        hours = diary.hours
        if change.hours is not None and hours is not None:
            hours = change.hours(who, schedule, hours)
        altered[schedule] = Diary(who, hours, (*diary.taken, *closed), version=diary.version)
    return replace(kept, diaries=altered)


def _stock(resource: int, kept: resources.Kept, change: Change) -> resources.Kept:
    closed = [Taken(start, end, closes=True) for start, end in change.closed.get(resource, ())]
    units = {unit: diary.adding(*closed, version=diary.version) for unit, diary in kept.units.items()}
    wanted = change.units.get(resource, len(units))
    lent = {one.unit for one in kept.uses}
    staying = sorted(units, key=lambda unit: unit not in lent)[:wanted]
    made = {-number: Diary(resources.name_of(-number), None, closed) for number in range(1, wanted - len(units) + 1)}
    return replace(kept, units={unit: units[unit] for unit in units if unit in staying} | made)
