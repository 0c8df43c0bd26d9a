"""Whether the TURN relays of the settings relay: asked for a real allocation once a minute, and kept."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.meetings import turn
from vestibule.meetings.models import RelayCheck
from vestibule.meetings.ports import RelayAnswer, RelayProbe
from vestibule.store import clock
from vestibule.store.configuration import Configuration
from vestibule.store.transactions import writing

EVERY_SECONDS = 60.0
_asked_at = [0.0]


def ask(configuration: Configuration) -> list[RelayAnswer]:
    """Ask every relay of the settings for an allocation now, within a few seconds; [] where none is set."""
    # The relay reads the machine's clock, so a moved test clock must not count here.
    real_now = datetime.fromtimestamp(time.time(), UTC)
    urls = tuple(configuration.items("TURN_URLS"))
    servers, _expires_at = turn.ice_servers(urls, configuration["TURN_SECRET"], "probe", real_now)
    probe: RelayProbe = import_string(settings.RELAY_PROBE)()
    return asyncio.run(probe.ask(servers[0])) if servers else []


def check() -> list[RelayCheck]:
    """Ask every relay and keep what it said; relays the settings no longer name are forgotten."""
    answers = ask(settings.CONFIGURATION)
    with writing():
        RelayCheck.objects.exclude(url__in=[answer.url for answer in answers]).delete()
        return [_keep(answer) for answer in answers]


def check_now_and_then() -> None:
    """As `check`, at most once a minute: for whoever calls often."""
    now = time.monotonic()
    if settings.CONFIGURATION["TURN_URLS"] and now - _asked_at[0] >= EVERY_SECONDS:
        _asked_at[0] = now
        check()


def known() -> Sequence[RelayCheck]:
    """Return what is known of each relay of the settings."""
    return list(RelayCheck.objects.filter(url__in=settings.CONFIGURATION.items("TURN_URLS")))


def are_down() -> bool:
    """Tell whether there are relays and, as far as is known, none of them relays."""
    checks = known()
    return bool(checks) and not any(check.ok for check in checks)


def _keep(answer: RelayAnswer) -> RelayCheck:
    before = RelayCheck.objects.filter(url=answer.url).first()
    now = clock.now()
    since = before.since if before is not None and before.ok == answer.ok else now
    facts = {"ok": answer.ok, "milliseconds": answer.milliseconds, "words": answer.words[:200]}
    kept: RelayCheck
    kept, _made = RelayCheck.objects.update_or_create(
        url=answer.url, defaults={**facts, "checked_at": now, "since": since}
    )
    return kept
