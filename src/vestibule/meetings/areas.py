"""Waiting areas: where people wait, when walk-ins may come, and closing the queue.

A business has one for everybody from the beginning; it is stored when it is first changed. A meeting waits in the area
staff moved it to, else in the first one its host belongs to, else in the one for everybody.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from vestibule.meetings import area_values
from vestibule.meetings.errors import WrongState
from vestibule.meetings.models import WAITS, Meeting, Participant, WaitingArea
from vestibule.people import audit, slugs
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.transactions import is_pretending, writing

DEFAULT_SLUG = "everybody"
MOST_AREAS = 50
LONGEST_CLOSING = timedelta(days=7)


def areas_of(business: Business | int) -> list[WaitingArea]:
    """Return the areas in use, in the order of the desk, the one for everybody always among them.

    Its row may not be stored yet (`is_stored`): it then has the defaults and takes no walk-ins.
    """
    business_id = business if isinstance(business, int) else business.pk
    rows = WaitingArea.objects.filter(business_id=business_id, is_active=True).prefetch_related("providers")
    areas: list[WaitingArea] = list(rows.select_related("content_media").defer("content_media__content"))
    if not any(area.is_default for area in areas):
        areas.insert(0, _fresh_default(business_id))
    return areas


def area_of(meeting: Meeting) -> WaitingArea:
    """Return the area in which people wait for `meeting`."""
    return Map(meeting.business_id).area_of(meeting, host_of(meeting))


def host_of(meeting: Meeting) -> int | None:
    """Return the key of the provider who sees the people of `meeting`: whom staff moved it to, else who is invited.

    None: whoever of its area is free first.
    """
    if meeting.host_id is not None:
        return meeting.host_id
    seats = meeting.participants.filter(kind=Participant.Kind.PROVIDER, provider__isnull=False)
    here = seats.exclude(state=Participant.State.REMOVED).order_by("id")
    found: int | None = here.values_list("provider_id", flat=True).first()
    return found


def invited_in(seats: Sequence[Participant]) -> int | None:
    """Return the first provider invited among the seats of one meeting (in their order) who still belongs to it."""
    return next((seat.provider_id for seat in seats if seat.provider_id and seat.state != seat.State.REMOVED), None)


_KEPT_SECONDS = 2.0
_lock = threading.Lock()
_kept: dict[int, "Map"] = {}


def map_of(business_id: int) -> "Map":
    """Return the areas of a business as they were at most two seconds ago: for showing, never for deciding."""
    if is_pretending():
        return Map(business_id)
    known = _kept.get(business_id)
    if known is None or time.monotonic() - known.read_at > _KEPT_SECONDS:
        known = Map(business_id)
        with _lock:
            _kept[business_id] = known
    return known


def forget(business_id: int | None = None) -> None:
    """Let `map_of` read anew: one business, or all."""
    with _lock:
        if business_id is None:
            _kept.clear()
        else:
            _kept.pop(business_id, None)


class Map:
    """The areas of one business, read once, to place many meetings."""

    def __init__(self, business_id: int) -> None:
        self.read_at = time.monotonic()
        self.areas = areas_of(business_id)
        self.by_key = {area.pk: area for area in self.areas if is_stored(area)}
        self.default = next(area for area in self.areas if area.is_default)
        self.groups = {area.slug: frozenset(providers_in(area)) for area in self.areas}

    def area_of(self, meeting: Meeting, host: int | None) -> WaitingArea:
        """Return the area of `meeting`, whose host is `host`."""
        if meeting.area_id in self.by_key:
            return self.by_key[meeting.area_id]
        if host is None:
            return self.default
        return next((area for area in self.areas if host in self.groups[area.slug]), self.default)


def providers_in(area: WaitingArea) -> set[int]:
    """Return the keys of the providers named in `area`; none in the one for everybody means everybody."""
    return {provider.pk for provider in area.providers.all()} if is_stored(area) else set()


def is_stored(area: WaitingArea) -> bool:
    """Tell whether `area` has a row; the one for everybody has none before it is first changed."""
    return not area._state.adding


def find(business_id: int, slug: str) -> WaitingArea:
    """Return the area in use of that slug ("": the one for everybody). Raises NotFound."""
    for area in areas_of(business_id):
        if area.slug == slug or (not slug and area.is_default):
            return area
    raise NotFound(_("There is no such waiting area. Load the page again to see which there are."))


def visible(actor: Actor, slug: str) -> WaitingArea:
    """Return an area of the actor's business, for its set-up pages. Raises NotFound, NotPermitted."""
    return find(actor.business_of(Permission.SEE_SETUP), slug)


# --- set-up ------------------------------------------------------------------------------------------------------


def create(actor: Actor, name: str, **values: Any) -> WaitingArea:
    """Add an area for a group of providers; `values` as `change` takes them. Raises Invalid naming the field."""
    business_id = actor.business_of(Permission.MANAGE_SETUP)
    with slugs.taken_is_refused(), writing():
        if WaitingArea.objects.filter(business_id=business_id, is_active=True).count() >= MOST_AREAS:
            raise Invalid(_("There are 50 waiting areas already. Take one away first."), field="name")
        fields, providers = area_values.clean(business_id, {"name": name, **values})
        _locked(business_id, DEFAULT_SLUG)  # from now on there are two, and this one has its name
        taken = WaitingArea.objects.filter(business_id=business_id)
        slug = slugs.slug_from(fields["name"], taken, otherwise="area")
        area: WaitingArea = WaitingArea.objects.create(business_id=business_id, slug=slug, **fields)
        if providers is not None:
            area.providers.set(providers)
        _record(actor, area, "added")
        return area


def change(actor: Actor, slug: str, **values: Any) -> WaitingArea:
    """Change an area and return it.

    `values` are of `area_values.FIELDS`, and `providers`: slugs of who meets people here. Raises Invalid naming the
    field, NotFound, NotPermitted.
    """
    business_id = actor.business_of(Permission.MANAGE_SETUP)
    fields, providers = area_values.clean(business_id, values)
    with writing():
        area = _locked(business_id, slug)
        changed = [name for name, value in fields.items() if getattr(area, name) != value]
        for name in changed:
            setattr(area, name, fields[name])
        if area.amber_minutes > area.red_minutes:
            words = _("A wait turns red after it turned amber. Enter at least as many minutes for red.")
            raise Invalid(words, field="red_minutes")
        if providers is not None and {one.pk for one in providers} != providers_in(area):
            area.providers.set(providers)
            changed.append("providers")
        if changed:
            area.save()
            _record(actor, area, "changed", fields=sorted(changed))
        return area


def retire(actor: Actor, slug: str) -> None:
    """Take an area out of use. Raises WrongState while somebody waits in it, or for the one for everybody."""
    business_id = actor.business_of(Permission.MANAGE_SETUP)
    with writing():
        area = _locked(business_id, slug)
        if area.is_default:
            raise WrongState(_("The waiting area for everybody stays: who has no other waits there."))
        if area.meetings.filter(participants__state__in=WAITS).exists():
            raise WrongState(_("Somebody waits in this area. Close it, see them or move them, then take it away."))
        area.is_active = False
        area.providers.clear()
        area.save(update_fields=["is_active"])
        _record(actor, area, "retired")


def stored(actor: Actor, slug: str) -> WaitingArea:
    """Return an area that something is to belong to, storing the one for everybody if need be. In a writing block."""
    return _locked(actor.business_of(Permission.MANAGE_SETUP), slug)


# --- open and closed ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opening:
    """Whether walk-ins may come now. If not: why (`none_taken`, `closed`, `hours`), and when they may again."""

    is_open: bool
    why: str = ""
    opens_at: datetime | None = None


def opening(area: WaitingArea, zone: str, now: datetime) -> Opening:
    """Say whether `area`, of a business in `zone`, takes walk-ins at `now`."""
    if not area.takes_walk_ins:
        return Opening(False, "none_taken")
    if is_closed(area, now):
        until = area.closed_until
        return Opening(False, "closed", area_values.next_open(area.hours, zone, until) if until is not None else None)
    opens_at = area_values.next_open(area.hours, zone, now)
    return Opening(True) if opens_at == now else Opening(False, "hours", opens_at)


def is_closed(area: WaitingArea, now: datetime) -> bool:
    """Tell whether staff have closed the queue of `area`, by hand or until a time that has not come."""
    return area.closed_at is not None and (area.closed_until is None or now < area.closed_until)


def words_when_closed(area: WaitingArea) -> str:
    """Return what whoever comes to a closed `area` reads: the words of staff, else ours."""
    return area.closed_words or _("The waiting area is closed at the moment. Try again later, or book a time.")


def close(actor: Actor, slug: str, *, minutes: int | None = None, words: str = "") -> WaitingArea:
    """Take nobody new in an area, for `minutes` (1 to 10,080) or until it is opened again; `words` are shown meanwhile.

    Who waits goes on waiting, and who has an appointment may come; a walk-in who has come but does not wait yet is new.
    Raises NotPermitted for somebody who hosts neither everything nor this area.
    """
    if minutes is not None and not 1 <= minutes <= LONGEST_CLOSING / timedelta(minutes=1):
        raise Invalid(_("Close it for one minute to seven days, or until you open it again."), field="minutes")
    with writing():
        area = _hosted(actor, slug)
        now = clock.now()
        area.closed_at = now
        area.closed_until = now + timedelta(minutes=minutes) if minutes is not None else None
        area.closed_words = area_values.plain(words, "text", 300)
        area.save(update_fields=["closed_at", "closed_until", "closed_words"])
        _record(actor, area, "closed", minutes=minutes)
        return area


def reopen(actor: Actor, slug: str) -> WaitingArea:
    """Take people again, within the hours. Twice is once; raises as `close`."""
    with writing():
        area = _hosted(actor, slug)
        if area.closed_at is not None:
            area.closed_at = area.closed_until = None
            area.closed_words = ""
            area.save(update_fields=["closed_at", "closed_until", "closed_words"])
            _record(actor, area, "opened")
        return area


def may_close(actor: Actor, area: WaitingArea) -> bool:
    """Tell whether `actor` may close and open the queue of `area`, of the own business."""
    if actor.may(Permission.HOST_ANY) or actor.may(Permission.MANAGE_SETUP):
        return True
    return actor.may(Permission.HOST_OWN) and actor.provider_id is not None and actor.provider_id in providers_in(area)


# --- pieces ------------------------------------------------------------------------------------------------------


def facts_of(areas: Sequence[WaitingArea], zone: str, now: datetime) -> list[Mapping[str, Any]]:
    """Return areas as the API shows them: settings and whether each takes people at `now`."""
    return [
        {
            "slug": area.slug,
            "name": area.name,
            "is_default": area.is_default,
            "is_open": opening(area, zone, now).is_open,
            "takes_walk_ins": area.takes_walk_ins,
            "closed_at": area.closed_at if is_closed(area, now) else None,
            "closed_until": area.closed_until if is_closed(area, now) else None,
            "closed_words": area.closed_words if is_closed(area, now) else "",
            "amber_minutes": area.amber_minutes,
            "red_minutes": area.red_minutes,
            "identity_fields": list(area.identity_fields),
            "providers": [provider.slug for provider in area.providers.all()] if is_stored(area) else [],
        }
        for area in areas
    ]


def _hosted(actor: Actor, slug: str) -> WaitingArea:
    may = (Permission.HOST_ANY, Permission.HOST_OWN, Permission.MANAGE_SETUP)
    if actor.business_id is None or not any(actor.may(one) for one in may):
        raise NotPermitted(_("Your role does not run the waiting area, so nothing was changed. Ask a manager."))
    area = _locked(actor.business_id, slug)
    if not may_close(actor, area):
        raise NotPermitted(_("You do not belong to this waiting area, so nothing was changed. Ask a manager."))
    return area


def _locked(business_id: int, slug: str) -> WaitingArea:
    """Return a stored area, locked; the one for everybody is stored now if it is not yet."""
    rows = WaitingArea.objects.select_for_update()
    found: WaitingArea | None = rows.filter(business_id=business_id, slug=slug, is_active=True).first()
    if found is None and slug in ("", DEFAULT_SLUG):
        found = rows.filter(business_id=business_id, is_default=True).first()
    if found is None and slug in ("", DEFAULT_SLUG):
        with transaction.atomic():
            _fresh_default(business_id).save()
        found = rows.get(business_id=business_id, is_default=True)
    if found is None:
        raise NotFound(_("There is no such waiting area. Load the page again to see which there are."))
    return found


def _fresh_default(business_id: int) -> WaitingArea:
    return WaitingArea(business_id=business_id, slug=DEFAULT_SLUG, name=_("Waiting area"), is_default=True)


def _record(actor: Actor, area: WaitingArea, what: str, **details: Any) -> None:
    audit.record(actor, area.business_id, f"area.{what}", "area", area.ref, summary=area.name, **details)
