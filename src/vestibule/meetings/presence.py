"""Whether a provider is at the desk, in a visit, or away: what somebody waiting is told."""

from vestibule.meetings.access import OVER
from vestibule.meetings.models import Participant
from vestibule.people.models import Provider
from vestibule.store.transactions import writing


def show(provider_id: int, *, at_desk: bool) -> bool:
    """Store whether the provider has a desk open, or is in a call; return whether that changed anything."""
    with writing():
        seats = Participant.objects.filter(provider_id=provider_id, state=Participant.State.IN_CALL)
        if seats.exclude(meeting__state__in=OVER).exists():
            presence = Provider.Presence.IN_VISIT
        else:
            presence = Provider.Presence.READY if at_desk else Provider.Presence.AWAY
        providers = Provider.objects.filter(pk=provider_id).exclude(presence=presence)
        return bool(providers.update(presence=presence))
