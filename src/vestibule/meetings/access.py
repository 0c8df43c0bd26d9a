"""Finding a meeting or a seat for whoever asks, locked for the change; and who hosts what."""

from django.utils.translation import gettext as _

from vestibule.meetings import areas
from vestibule.meetings.errors import MeetingOver, RoomLocked
from vestibule.meetings.models import Meeting, Participant
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, Permission

OVER = (Meeting.State.ENDED, Meeting.State.CANCELLED)


def locked_seat(ref: str) -> Participant:
    """Return the seat `ref` and its meeting, both locked until the transaction ends (meeting first, always)."""
    meeting_id = Participant.objects.filter(ref=ref).values_list("meeting_id", flat=True).first()
    if meeting_id is None:
        raise _unknown()
    meeting = Meeting.objects.select_for_update().get(pk=meeting_id)
    seat: Participant = Participant.objects.select_for_update().get(ref=ref)
    seat.meeting = meeting
    return seat


def locked_meeting(ref: str) -> Meeting:
    """Return the meeting `ref`, locked until the transaction ends."""
    meeting: Meeting | None = Meeting.objects.select_for_update().filter(ref=ref).first()
    if meeting is None:
        raise _unknown()
    return meeting


def hosted_seat(actor: Actor, ref: str) -> Participant:
    """Return the locked seat `ref` for an actor who hosts its meeting.

    Raises NotFound for another business' seat, NotPermitted for a meeting that is not the actor's to host.
    """
    seat = locked_seat(ref)
    require_host(actor, seat.meeting)
    return seat


def hosted_meeting(actor: Actor, ref: str) -> Meeting:
    """Return the locked meeting `ref` for an actor who hosts it; raises as `hosted_seat`."""
    meeting = locked_meeting(ref)
    require_host(actor, meeting)
    return meeting


def require_host(actor: Actor, meeting: Meeting) -> None:
    """Raise unless `actor` is staff of the meeting's business and may host it."""
    if actor.may(Permission.HOST_ANY) and actor.business_id in (None, meeting.business_id):
        return
    if actor.business_id != meeting.business_id:
        raise _unknown()
    if actor.may(Permission.HOST_OWN) and is_own(actor, meeting):
        return
    raise NotPermitted(_("This visit belongs to another provider, so nothing was changed. Ask a manager."))


def is_own(actor: Actor, meeting: Meeting) -> bool:
    """Tell whether `actor` is a provider of `meeting`: invited, its host, or of the area whoever is free sees it in."""
    if actor.provider_id is None:
        return False
    seats = meeting.participants.filter(provider_id=actor.provider_id)
    if meeting.host_id == actor.provider_id or seats.exclude(state=Participant.State.REMOVED).exists():
        return True
    return areas.host_of(meeting) is None and _sees_area(actor, meeting)


def _sees_area(actor: Actor, meeting: Meeting) -> bool:
    group = areas.providers_in(areas.area_of(meeting))
    return not group or actor.provider_id in group


def host_name(actor: Actor) -> str:
    """Return the name consumers know a member of staff by: the provider's, if they are one."""
    provider = Provider.objects.filter(pk=actor.provider_id).first() if actor.provider_id else None
    return provider.name if provider is not None else actor.label


def require_going_on(meeting: Meeting) -> None:
    """Raise MeetingOver if `meeting` has ended or was cancelled."""
    if meeting.state in OVER:
        raise MeetingOver


def require_unlocked(seat: Participant, *, for_staff: bool = False) -> None:
    """Raise RoomLocked if nobody new may come into the meeting of `seat`. Staff, and who was in before, always may."""
    if seat.meeting.is_locked and seat.kind != Participant.Kind.PROVIDER and seat.joined_at is None:
        raise RoomLocked(for_staff=for_staff)


def _unknown() -> NotFound:
    return NotFound(_("There is no such visit or person here. Load the page again to see who is waiting."))
