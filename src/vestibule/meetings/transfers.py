"""Handing somebody who waits to another provider, or to whoever of an area is free first. They wait on meanwhile."""

from django.utils.translation import gettext as _

from vestibule.meetings import areas, outside, planning
from vestibule.meetings.access import hosted_seat, require_going_on
from vestibule.meetings.errors import WrongState
from vestibule.meetings.listeners import happened
from vestibule.meetings.models import Meeting, Participant, WaitingArea
from vestibule.people import audit
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor
from vestibule.store.transactions import writing

Kind, State = Participant.Kind, Participant.State


def transfer(actor: Actor, seat_ref: str, *, provider: str = "", area: str = "") -> Meeting:
    """Hand the meeting of a seat to a provider or an area of the same business, by slug, and return it.

    Everybody of the meeting keeps their place and `since`. Its former provider's part in it ends, unless they are in
    the call. Doing it again changes nothing. Raises Invalid unless exactly one of the two is named, NotFound for one
    that is not there, WrongState when somebody from outside is in the call already.
    """
    if bool(provider) == bool(area):
        raise Invalid(_("Name the person or the waiting area this visit should go to."), field="provider")
    with writing():
        seat = hosted_seat(actor, seat_ref)
        meeting: Meeting = seat.meeting
        require_going_on(meeting)
        if meeting.participants.filter(state=State.IN_CALL).exclude(kind=Kind.PROVIDER).exists():
            raise WrongState(_("%(name)s is in the call, so the visit was not handed on.") % {"name": seat.name})
        before = areas.host_of(meeting), areas.area_of(meeting).slug
        name = _to_provider(meeting, provider) if provider else _to_area(meeting, area)
        if (areas.host_of(meeting), areas.area_of(meeting).slug) == before:
            return meeting
        happened(meeting, seat, "transferred", by=actor.label, to=name)
        audit.record(
            actor,
            meeting.business_id,
            "meeting.transferred",
            "meeting",
            meeting.ref,
            summary=name,
            participant=seat.ref,
        )
        return meeting


def _to_provider(meeting: Meeting, slug: str) -> str:
    people = Provider.objects.filter(business_id=meeting.business_id, is_active=True, slug=slug)
    host: Provider | None = people.first()
    if host is None:
        raise NotFound(_("Nobody of that name works here. Load the page again to see who does."))
    if areas.host_of(meeting) != host.pk:
        _see_off(meeting, but=host.pk)
        own = meeting.participants.filter(provider=host).first()
        if own is None:
            planning.invite(meeting, planning.Seat(Kind.PROVIDER, Participant.Role.PRESENTER, host.name, host.pk))
        elif own.state == State.REMOVED:
            own.state = State.INVITED
            own.save(update_fields=["state"])
        _store(meeting, host, None)
    return host.name


def _to_area(meeting: Meeting, slug: str) -> str:
    target = areas.find(meeting.business_id, slug)
    if areas.host_of(meeting) is not None or areas.area_of(meeting).slug != target.slug:
        _see_off(meeting)
        _store(meeting, None, target)
    return target.name


def _see_off(meeting: Meeting, *, but: int | None = None) -> None:
    """End the part of those who were to see the people of `meeting`; what they did stays in its log."""
    others = meeting.participants.filter(kind=Kind.PROVIDER, provider__isnull=False).exclude(state=State.IN_CALL)
    if but is not None:
        others = others.exclude(provider_id=but)
    others.update(state=State.REMOVED, admitted_at=None)


def _store(meeting: Meeting, host: Provider | None, area: WaitingArea | None) -> None:
    meeting.host = host
    meeting.area = area if area is not None and areas.is_stored(area) else None
    meeting.save(update_fields=["host", "area"])
    outside.changed(meeting)
