"""By what programs know the people of a meeting."""

from collections.abc import Iterable, Mapping

from vestibule.meetings.models import Participant
from vestibule.people.models import Membership

STAFF_KEY = "user:"


def key_of(seat: Participant, users: Mapping[int, int]) -> str:
    """Return by what a program knows the person of `seat`; `users` are those of providers, as `users_of` gives them.

    Staff are the same in every room, whoever comes from outside is another one in each.
    """
    if seat.identity_key:
        return str(seat.identity_key)
    user_id = seat.user_id or users.get(seat.provider_id or 0)
    return f"{STAFF_KEY}{user_id}" if user_id and seat.kind == Participant.Kind.PROVIDER else str(seat.ref)


def users_of(seats: Iterable[Participant]) -> dict[int, int]:
    """Return the users of the providers who have one of `seats`, by the provider's key."""
    providers = {seat.provider_id for seat in seats if seat.provider_id is not None}
    known = Membership.objects.filter(provider__in=providers) if providers else Membership.objects.none()
    return dict(known.values_list("provider__pk", "user_id"))
