"""Which starts are free, and why not.

Pure Python over integers: instants are minutes since the epoch in UTC (`now` and expiries are
seconds), zones are IANA names read from the packaged `tzdata` only, and `now` is an argument.
The answer depends on what is passed and on nothing else.

    hours = Hours("Europe/Berlin", weekly=tuple(WeeklyWindow(day, 540, 1020) for day in range(5)))
    diary = Diary(7, hours, [Taken(29_000_100, 29_000_130, after=10, service=3)], version=41)
    rules = Rules(duration=30, step=15, service=3, after=10, notice=120)
    question = Question(rules, [Person(diary)], now=1_740_000_000)

    found = offer(question, first, last)        # starts in first <= minute < last
    found.starts                                # [29000145, …] sorted minutes
    found.providers(29_000_145)                 # (7,): who could take it; only now looked up

    found.teams(29_000_145)                     # of joint appointments each team, one at a time
    found.units(29_000_145)                     # of each resource the units free for all of it
    found.seats_left(29_000_145)                # of a group service, else None

    refused = check(question, 29_000_145, 7)    # None, or the Verdict of the first broken rule
    if refused:
        raise refusal_for(refused.code)         # slot_taken, off_grid, too_soon, …
    explain(question, 29_000_145, 7)            # every rule's Verdict for that start

Keeping masks. A `Diary` is one provider's hours and taken time, and holds every mask made from
them: bits, one per minute, in pages of 2**16 minutes. Keep diaries in a dict by provider and ask
`diary.version` whether it is still the row's; then a month costs microseconds a provider. A
diary never changes. After a booking, `diary.adding(taken, version=…)` and
`diary.removing(taken, version=…)` give the next one with its masks corrected in place of built.

    diary = kept.get(provider.id)
    if diary is None or diary.version != provider.version:
        diary = kept[provider.id] = Diary(provider.id, hours_of(provider), rows, version=provider.version)

Which rows a diary needs. All taken time that touches the dates asked for, widened by a day and by
the buffers; with `Alignment.FREE` back to the start of the working window then in progress; with
limits all bookings of the service in the periods touched, with a person's own limits those of all
services. `check` builds only what one start needs, so inside a write transaction a fresh diary of
the rows around the start is cheap.
"""

from vestibule.scheduling.diary import Diary
from vestibule.scheduling.engine import Offer, free_starts, offer
from vestibule.scheduling.errors import InvalidRules, UnknownZone
from vestibule.scheduling.values import (
    STAFF,
    Alignment,
    Assignment,
    BookingWindow,
    BufferRule,
    DateRange,
    Hold,
    Hours,
    Limits,
    Override,
    Period,
    Person,
    Pool,
    ProviderId,
    Question,
    RollingAvailableDays,
    RollingDays,
    RollingMinutes,
    Rules,
    Scope,
    Taken,
    Trip,
    Verdict,
    WeeklyWindow,
    outward,
)
from vestibule.scheduling.verdicts import check, explain

__all__ = [
    "STAFF",
    "Alignment",
    "Assignment",
    "BookingWindow",
    "BufferRule",
    "DateRange",
    "Diary",
    "Hold",
    "Hours",
    "InvalidRules",
    "Limits",
    "Offer",
    "Override",
    "Period",
    "Person",
    "Pool",
    "ProviderId",
    "Question",
    "RollingAvailableDays",
    "RollingDays",
    "RollingMinutes",
    "Rules",
    "Scope",
    "Taken",
    "Trip",
    "UnknownZone",
    "Verdict",
    "WeeklyWindow",
    "check",
    "explain",
    "free_starts",
    "offer",
    "outward",
]
