"""A booking that is being made: what the address and the form have said of it so far."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from vestibule.booking.models import Hold, Service
from vestibule.people.errors import Invalid
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web.consumer import choosing
from vestibule.web.consumer.repeats import Repeat, read_repeat
from vestibule.web.consumer.starts import instant

MOST_STARTS = 60


@dataclass(frozen=True)
class Draft:
    """One start, or those of a series; `kept` is the own hold on one of them, which may have lapsed."""

    service: Service
    starts: tuple[datetime, ...]
    zone: str
    provider: Provider | None = None
    length: int | None = None
    repeat: Repeat | None = None
    kept: Hold | None = None

    @property
    def start(self) -> datetime:
        """The first start."""
        return self.starts[0]

    @property
    def minutes(self) -> int:
        """How long each takes."""
        return self.length or self.service.duration_minutes

    @property
    def end(self) -> datetime:
        """When the first ends."""
        return clock.from_minute(clock.to_minute(self.start) + self.minutes)

    @property
    def is_series(self) -> bool:
        """Whether there are several."""
        return len(self.starts) > 1

    @property
    def is_kept(self) -> bool:
        """Whether the time, or one of them, is still kept."""
        return self.kept_seconds > 0

    @property
    def has_lapsed(self) -> bool:
        """Whether it was kept, and is no longer."""
        return self._holds_one() and not self.is_kept

    @property
    def kept_seconds(self) -> int:
        """How many seconds it is still kept; 0 when it is not."""
        if self.kept is None or not self._holds_one():
            return 0
        return max(0, int((self.kept.expires_at - clock.now()).total_seconds()))

    @property
    def hold_ref(self) -> str:
        """The reference of the hold, while it lasts."""
        return self.kept.ref if self.kept is not None and self.is_kept else ""

    @property
    def at_risk(self) -> datetime:
        """The start that is kept, or else the first: the one that is exchanged when nothing else is said."""
        return clock.from_minute(self.kept.start_minute) if self.kept and self._holds_one() else self.start

    def query_once(self) -> str:
        """Return what an address says to carry on with the kept time alone."""
        parts = {
            "hold": self.kept.ref if self.kept else "",
            "start": "" if self.kept else self.start.isoformat(),
            "provider": self.provider.slug if self.provider else "",
            "length": str(self.length or ""),
            "timezone": self.zone,
        }
        return urlencode({name: value for name, value in parts.items() if value})

    def _holds_one(self) -> bool:
        return self.kept is not None and self.kept.start_minute in {clock.to_minute(start) for start in self.starts}


def read(request: HttpRequest, service: Service) -> Draft:
    """Return the draft that `request` speaks of. Raises Invalid when it names no time."""
    given: QueryDict = request.POST if request.method == "POST" else request.GET
    kept: Hold | None = Hold.objects.filter(ref=given.get("hold", "").replace("\0", ""), service=service).first()
    named = [text for text in given.getlist("at") if text][:MOST_STARTS]
    if not named and given.get("start"):
        named = [given.get("start", "")]
    starts = sorted({instant(text) for text in named})
    if not starts and kept is not None:
        starts = [clock.from_minute(kept.start_minute)]
    if not starts:
        raise Invalid(_("No time was chosen. Choose one of the times shown."), field="start")
    return Draft(
        service,
        tuple(starts),
        choosing.zone_in(given.get("timezone", ""), request, service.business.timezone),
        choosing.provider_named(service, given.get("provider", "")),
        choosing.length_named(service, given.get("length", "")),
        read_repeat(service, given),
        kept,
    )
