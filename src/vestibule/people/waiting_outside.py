"""Work that waits for somebody else's server: few do it at once, so that pages keep their threads for everybody.

Whoever sets something up names the server that is asked, and that may take as long as it is let.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from vestibule.people.errors import TooMany

MOST_AT_ONCE = 3
"""In one process, whose pages run in eight threads."""
RETRY_AFTER = 15
_lock = threading.Lock()
_waiting: set[str] = set()


@contextmanager
def waiting_outside(who: str) -> Iterator[None]:
    """Let a page ask a server that it does not know: one for each `who` at a time, and MOST_AT_ONCE in all.

    Raises TooMany beyond that, at once, with `retry_after` in seconds.
    """
    with _lock:
        is_free = who not in _waiting and len(_waiting) < MOST_AT_ONCE
        if is_free:
            _waiting.add(who)
    if not is_free:
        words = _("Another server is being asked right now, so this was not tried. Try again in a few seconds.")
        raise TooMany(words, retry_after=RETRY_AFTER)
    try:
        yield
    finally:
        with _lock:
            _waiting.discard(who)
