"""Who may have a page wait for somebody else's server."""

from contextlib import ExitStack

import pytest

from vestibule.people.errors import TooMany
from vestibule.people.waiting_outside import MOST_AT_ONCE, RETRY_AFTER, waiting_outside


def test_one_for_each_at_a_time() -> None:
    with waiting_outside("clinic"), pytest.raises(TooMany) as refused, waiting_outside("clinic"):
        pass
    assert refused.value.facts["retry_after"] == RETRY_AFTER
    with waiting_outside("clinic"):
        pass


def test_few_in_all_so_that_pages_keep_their_threads() -> None:
    with ExitStack() as open_ones:
        for number in range(MOST_AT_ONCE):
            open_ones.enter_context(waiting_outside(str(number)))
        with pytest.raises(TooMany), waiting_outside("one more"):
            pass


def test_whatever_goes_wrong_outside_the_place_is_free_again() -> None:
    for _time in range(MOST_AT_ONCE + 1):
        with pytest.raises(OSError, match="gone"), waiting_outside("clinic"):
            raise OSError("gone")
