"""The questions the engine answers."""

from collections.abc import Iterator

from vestibule.scheduling.values import ProviderId, Question, Verdict


class Offer:
    """The free starts between two minutes, and on request who could take each."""

    @property
    def starts(self) -> list[int]:
        """Free starts, earliest first, as minutes."""
        raise NotImplementedError

    def __contains__(self, start: object) -> bool:
        raise NotImplementedError

    def providers(self, start: int) -> tuple[ProviderId, ...]:
        """Everybody who takes part in at least one team that could take `start`, in the question's order."""
        raise NotImplementedError

    def teams(self, start: int) -> Iterator[tuple[ProviderId, ...]]:
        """Each team that could take `start`; a team of one for `any` and `specific`."""
        raise NotImplementedError


def offer(question: Question, first: int, last: int) -> Offer:
    """Find the starts with `first` <= start < `last`, in minutes."""
    raise NotImplementedError


def free_starts(question: Question, first: int, last: int) -> list[int]:
    """The minutes in `first` <= start < `last` at which an appointment may begin."""
    return offer(question, first, last).starts


def explain(question: Question, start: int, provider: ProviderId | None = None) -> list[Verdict]:
    """Every rule's verdict on one start, for `provider` or for whoever comes closest to being free.

    All are `ok` if and only if the start is on offer (with that provider).
    """
    raise NotImplementedError


def check(question: Question, start: int, provider: ProviderId | None = None) -> Verdict | None:
    """The first rule that refuses `start`, or None when it may be booked.

    For the write transaction: the same rules as the offer, and only what one start needs.
    Codes: provider_not_offered, too_soon, too_far, closed, outside_hours, off_grid, slot_taken,
    resource_taken, limit_reached; where several apply, the first in this order.
    """
    raise NotImplementedError
