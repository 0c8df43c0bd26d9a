"""Changes that came by other doors: a page without script, the API, another process. Read from the audit trail.

Every verb that changes an appointment, and every act of staff in a meeting, writes one audit entry in its own
transaction, so the trail is a feed of them that no caller can forget to tell about. `notify_meeting` is only quicker.
"""

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from vestibule.booking.models import Appointment
from vestibule.people.models import AuditEntry
from vestibule.store import clock

# Transactions may commit in another order than they were numbered; so many late ones are still found.
OVERLAP = 200
RECENT = timedelta(seconds=5)
SETTING = ("area", "provider")


@dataclass(frozen=True)
class News:
    """What changed: meetings and appointments with their business, the appointments' meetings, and the businesses
    whose areas or providers did."""

    meetings: Mapping[str, int] = field(default_factory=dict)
    appointments: Mapping[str, int] = field(default_factory=dict)
    meeting_of: Mapping[str, str] = field(default_factory=dict)
    settings: Collection[int] = frozenset()


@dataclass
class Trail:
    """How far the trail was read. Begins a little before its end: pages were read before somebody followed it.

    `own` are entries this process wrote and has shown; they may be added from another thread than `news` runs in.
    """

    last: int | None = None
    seen: set[int] = field(default_factory=set)
    own: deque[int] = field(default_factory=lambda: deque(maxlen=1000))

    def news(self, businesses: Collection[int]) -> News:
        """Return what changed since the last call in `businesses`, those somebody looks at.

        With none the trail is left, and taken up near its end later.
        """
        if not businesses:
            self.last = None
            return News()
        if self.last is None:
            self.last = self._begin()
        while self.own:
            self.seen.add(self.own.popleft())
        kinds = ("appointment", "meeting", *SETTING)
        rows = AuditEntry.objects.filter(pk__gt=self.last - OVERLAP, business_id__in=businesses, subject_kind__in=kinds)
        fresh = [
            row
            for row in rows.values_list("pk", "business_id", "subject_kind", "subject_ref")
            if row[0] not in self.seen
        ]
        self._remember([row[0] for row in fresh])
        meetings = {ref: business for _pk, business, kind, ref in fresh if kind == "meeting"}
        appointments = {ref: business for _pk, business, kind, ref in fresh if kind == "appointment"}
        settings = {business for _pk, business, kind, _ref in fresh if kind in SETTING}
        return News(meetings, appointments, _meetings_of(appointments), settings)

    def _begin(self) -> int:
        latest = list(AuditEntry.objects.order_by("-pk").values_list("pk", "at")[:OVERLAP])
        since = clock.now() - RECENT
        self.seen = {key for key, at in latest if at < since}
        return latest[0][0] if latest else 0

    def _remember(self, keys: Collection[int]) -> None:
        assert self.last is not None, "read before it was begun"
        self.last = max(self.last, *keys) if keys else self.last
        self.seen = {key for key in (*self.seen, *keys) if key > self.last - OVERLAP}


def _meetings_of(appointments: Collection[str]) -> dict[str, str]:
    if not appointments:
        return {}
    rows = Appointment.objects.filter(ref__in=appointments, meeting__isnull=False)
    return dict(rows.values_list("ref", "meeting__ref"))
