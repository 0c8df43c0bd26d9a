"""One provider's hours and taken time, and the masks made from them."""

from collections.abc import Hashable, Iterable
from typing import Self

from vestibule.scheduling.values import Hours, ProviderId, Taken


class Diary:
    """What one provider has to give. Never changes; safe to share between threads.

    `hours` is None for something always open, such as a device. `version` is the caller's own
    mark of what the diary was made from.
    """

    def __init__(
        self, provider: ProviderId, hours: Hours | None, taken: Iterable[Taken] = (), *, version: Hashable = None
    ) -> None:
        self.provider = provider
        self.hours = hours
        self.taken = tuple(taken)
        self.version = version

    def adding(self, *taken: Taken, version: Hashable = None) -> Self:
        """The same diary with more taken time; masks already made are carried over."""
        raise NotImplementedError

    def removing(self, *taken: Taken, version: Hashable = None) -> Self:
        """The same diary without these entries. Raises ValueError if one is not in it."""
        raise NotImplementedError
