"""Whether a provider is at the desk, in a visit, or away: what somebody waiting is told."""

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _

from vestibule.meetings.access import OVER
from vestibule.meetings.area_values import plain
from vestibule.meetings.models import Participant
from vestibule.people import audit
from vestibule.people.errors import NotPermitted
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.transactions import writing


def show(provider_id: int, *, at_desk: bool) -> int | None:
    """Store whether the provider has a desk open, or is in a call; return the key of their business if that changed it.

    Somebody who stepped away is away also with the desk open.
    """
    with writing():
        seats = Participant.objects.filter(provider_id=provider_id, state=Participant.State.IN_CALL)
        stepped_away = Provider.objects.filter(pk=provider_id, stepped_away_at__isnull=False).exists()
        presence = _presence(seats.exclude(meeting__state__in=OVER).exists(), at_desk and not stepped_away)
        provider = Provider.objects.filter(pk=provider_id).exclude(presence=presence)
        business_id: int | None = provider.values_list("business_id", flat=True).first()
        provider.update(presence=presence)
        return business_id


def settle(at_desk: Collection[int], businesses: Collection[int] | None = None) -> set[int]:
    """Put right what is stored of providers (of `businesses`, None: of all) and return the businesses it changed.

    `at_desk` are those who have a desk open. A process that was killed could say of nobody that they went.
    """
    rows = Provider.objects.exclude(presence=Provider.Presence.AWAY, stepped_away_at__isnull=False)
    rows = rows.exclude(Q(presence=Provider.Presence.AWAY) & ~Q(pk__in=at_desk))
    if businesses is not None:
        rows = rows.filter(business_id__in=businesses)
    known = list(rows.values_list("pk", "presence", "stepped_away_at"))
    in_call = Participant.objects.filter(provider_id__in=[row[0] for row in known], state=Participant.State.IN_CALL)
    busy = set(in_call.exclude(meeting__state__in=OVER).values_list("provider_id", flat=True))
    wrong = [
        provider_id
        for provider_id, presence, stepped_away_at in known
        if presence != _presence(provider_id in busy, provider_id in at_desk and stepped_away_at is None)
    ]
    changed = {show(provider_id, at_desk=provider_id in at_desk) for provider_id in wrong}
    return {business_id for business_id in changed if business_id is not None}


def step_away(actor: Actor, words: str = "") -> Provider:
    """Be away until `come_back`, whatever is open; `words` (at most 120 characters) are shown to who waits.

    Raises NotPermitted for staff who meet nobody, Invalid for words that are too long.
    """
    with writing():
        provider = _own(actor)
        provider.stepped_away_at = provider.stepped_away_at or clock.now()
        provider.away_words = plain(words, "text", 120)
        if provider.presence == Provider.Presence.READY:
            provider.presence = Provider.Presence.AWAY
        return _store(actor, provider, "stepped_away")


def come_back(actor: Actor) -> Provider:
    """Be there again: ready, since somebody who says so is at the desk. Twice is once; raises as `step_away`."""
    with writing():
        provider = _own(actor)
        if provider.stepped_away_at is None:
            return provider
        provider.stepped_away_at, provider.away_words = None, ""
        if provider.presence == Provider.Presence.AWAY:
            provider.presence = Provider.Presence.READY
        return _store(actor, provider, "came_back")


def _presence(in_call: bool, is_ready: bool) -> str:
    if in_call:
        return Provider.Presence.IN_VISIT
    return Provider.Presence.READY if is_ready else Provider.Presence.AWAY


def _own(actor: Actor) -> Provider:
    found: Provider | None = Provider.objects.select_for_update().filter(pk=actor.provider_id or 0).first()
    if found is None:
        raise NotPermitted(_("Nobody waits for you, since you meet nobody yourself; so nothing was changed."))
    return found


def _store(actor: Actor, provider: Provider, what: str) -> Provider:
    provider.save(update_fields=["stepped_away_at", "away_words", "presence"])
    audit.record(actor, provider.business_id, f"provider.{what}", "provider", provider.ref, summary=provider.name)
    return provider
