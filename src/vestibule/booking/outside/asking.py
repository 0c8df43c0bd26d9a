"""Asking the scheduler outside once more who is free, before somebody from outside books: the mirror is minutes old.

Whoever is busy there is kept as such, so that the booking is refused as always, with free times nearby. Without an
answer within two seconds the mirror decides, and for a while nobody is asked again.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from vestibule.booking.models import SchedulerLink, Service
from vestibule.booking.outside import busy_time, linking
from vestibule.booking.outside.standing import PROVIDER, SERVICE, Names
from vestibule.booking.ports import SchedulerError, TheirFree
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store.clock import from_minute
from vestibule.store.transactions import is_writing, writing

log = logging.getLogger(__name__)

SECONDS = 2.0
SILENT_FOR = 30.0
"""Seconds for which a scheduler that did not answer is not asked again."""
MOST_MINUTES = 30 * 24 * 60
MOST_AT_ONCE = 4
"""In one process, whose pages run in eight threads; those that wait for an answer nobody wants any more count."""
_lock = threading.Lock()
_running: set[threading.Thread] = set()
_silent_until: dict[int, float] = {}


def is_asked_for(actor: Actor) -> bool:
    """Tell whether the scheduler is asked before `actor` books: staff know what they do."""
    return actor.kind not in (ActorKind.STAFF, ActorKind.SYSTEM)


def before(
    actor: Actor, service: Service, provider: Provider | None, start: int, end: int, *, until: int | None = None
) -> None:
    """Ask who is free from minute `start` to `end`, and keep who is busy. Costs nothing where there is no link.

    Of several dates at once `until` is the end of the last; a month of them is asked about. Never raises, and takes two
    seconds at most. Inside a writing block nothing is asked.
    """
    if not is_asked_for(actor) or (key := linking.of(service.business)) is None or is_writing():
        return
    link: SchedulerLink | None = linking.active().filter(pk=key).first()
    if link is None or _silent_until.get(link.pk, 0) > time.monotonic():
        return
    names = Names.of(link.pk)
    staff = _asked_for(service, provider, names)
    if not staff:
        return
    end = min(until, start + MOST_MINUTES) if until is not None else end
    stretch = (start - service.buffer_before_minutes, end + service.buffer_after_minutes)
    told = _told(link, staff, stretch)
    if told is not None and any(one.kind != "free" for one in told):
        with writing():
            busy_time.heed(link, names, told, stretch)


def forget() -> None:
    """Forget who did not answer; for tests."""
    _silent_until.clear()


def _asked_for(service: Service, provider: Provider | None, names: Names) -> list[str]:
    if service.ref not in names.outside[SERVICE]:
        return []
    if provider is not None:
        refs = [provider.ref]
    else:
        refs = list(service.offers.filter(provider__is_active=True).values_list("provider__ref", flat=True))
    return [names.outside[PROVIDER][one] for one in refs if one in names.outside[PROVIDER]]


def _told(link: SchedulerLink, staff: Sequence[str], stretch: busy_time.Stretch) -> Sequence[TheirFree] | None:
    try:
        access = linking.access_to(link)
    except SchedulerError:
        return None

    def ask() -> Sequence[TheirFree]:
        scheduler = linking.opened(link.kind, access)
        try:
            return scheduler.free(link.external_id, staff, from_minute(stretch[0]), from_minute(stretch[1]))
        finally:
            scheduler.close()

    answers: list[Sequence[TheirFree]] = []
    if not _in_time(lambda: answers.append(ask())):
        _silent_until[link.pk] = time.monotonic() + SILENT_FOR
    return answers[0] if answers else None


def _in_time(do: Callable[[], None]) -> bool:
    """Do something in a thread of its own; tell whether it ended in time. What goes wrong is as no answer."""

    def work() -> None:
        try:
            do()
        except SchedulerError as failure:
            log.info("who is free outside was not told: %s", failure)
        except Exception:
            log.exception("who is free outside cannot be asked")
        finally:
            with _lock:
                _running.discard(threading.current_thread())

    thread = threading.Thread(target=work, name="asking", daemon=True)
    with _lock:
        if len(_running) >= MOST_AT_ONCE:
            return True  # as though nobody had answered, but that is not the scheduler's fault
        _running.add(thread)
    thread.start()
    thread.join(SECONDS)
    return not thread.is_alive()
