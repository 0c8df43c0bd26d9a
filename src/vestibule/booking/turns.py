"""Whose turn it is among those who are free: the one least recently booked, or by weights.

With weights everybody has a number, their turn, and the smallest comes next. Taking an appointment adds `SCALE` divided
by the own weight, so that a weight of three gets three times as many. Who joins begins where the others are, and nobody
is ever further behind than `MOST_BEHIND`: after a long absence there is nothing to catch up on.
"""

from collections.abc import Collection, Mapping, Sequence

from django.db import connection

from vestibule.booking.catalogue import Offered

SCALE = 720_720  # divides evenly by every weight up to 16
MOST_BEHIND = SCALE
_TAKE = "UPDATE booking_serviceprovider SET turn = {later}(turn, %s) + %s WHERE service_id = %s AND provider_id = %s"


def uses_weights(offers: Sequence[Offered]) -> bool:
    """Tell whether turns count: somebody's weight is not 1."""
    return any(offer.weight != 1 for offer in offers)


def ranks(offers: Sequence[Offered]) -> Mapping[int, tuple[int, str, int, int]]:
    """Return what sorts each provider: whose turn comes first has the smallest."""
    floor = _floor(offers) if uses_weights(offers) else None
    return {
        one.provider: (0 if floor is None else max(one.turn, floor), one.last_booked, one.position, one.provider)
        for one in offers
    }


def take(service: int, offers: Sequence[Offered], team: Collection[int]) -> None:
    """Note that `team` took an appointment; without weights there is nothing to note.

    Their rows are locked, so no turn is lost; the floor was read before and may be as old as the transaction.
    """
    if not uses_weights(offers):
        return
    sql = _TAKE.format(later="GREATEST" if connection.vendor == "postgresql" else "MAX")
    with connection.cursor() as cursor:
        for one in offers:
            if one.provider in team:
                cursor.execute(sql, [_floor(offers), _stride(one.weight), service, one.provider])


def _stride(weight: int) -> int:
    return SCALE // max(weight, 1)


def _floor(offers: Sequence[Offered]) -> int:
    """Return the smallest turn to go on from: not far behind the one who was last chosen."""
    chosen = max((one.turn - _stride(one.weight) for one in offers), default=0)
    return max(0, chosen - MOST_BEHIND)
