"""When people are free: of each who is asked for, what takes their time, and their usual hours."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from vestibule.api.graph import odata, users, values
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.events import FULL, READ
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.writing_events import Shown
from vestibule.api.plain import Answer, Operations
from vestibule.booking.models import WeeklyHours
from vestibule.booking.own_calendar import entries
from vestibule.booking.own_calendar.entries import Entry
from vestibule.people.models import Provider
from vestibule.store import clock

Json = dict[str, Any]
MOST_PEOPLE = 20
LONGEST = 62 * 24 * 60
USUAL_INTERVAL, SHORTEST_INTERVAL, LONGEST_INTERVAL = 30, 5, 1440
SIGNS = {"free": "0", "tentative": "1", "busy": "2", "oof": "3", "workingElsewhere": "4", "unknown": "2"}
STRENGTH = "04123"
"""What shows where several things stand at once: the later of these."""

operations: Operations[Asked] = Operations()
on = users.of_users(operations)


@on("POST", "/calendar/getSchedule", permissions=READ, operation="users.user.calendar.getSchedule")
def schedules(asked: Asked) -> Answer:
    """Show when each person is taken, with what for where the caller may know that."""
    users.user_of(asked)
    told = asked.body()
    named = values.texts(users.member(told, "schedules"), "schedules")
    if not 0 < len(named) <= MOST_PEOPLE:
        raise Fault(400, "ErrorInvalidParameter", "Ask for 1 to 20 schedules at a time.", target="schedules")
    start, end = (values.instant(users.member(told, name), name) for name in ("startTime", "endTime"))
    first, last = clock.to_minute(start), _whole_minute(end)
    if not 0 < last - first <= LONGEST:
        raise Fault(400, "ErrorInvalidParameter", "The time ends after it begins, within 62 days.", target="endTime")
    interval = users.member(told, "availabilityViewInterval")
    length = USUAL_INTERVAL
    if interval is not None:
        most = min(LONGEST_INTERVAL, last - first) if last - first >= SHORTEST_INTERVAL else LONGEST_INTERVAL
        length = values.number(interval, "availabilityViewInterval", least=SHORTEST_INTERVAL, most=most)
    known = {one: _of_name(asked, one, first, last, length) for one in dict.fromkeys(named)}
    found = [known[one] for one in named]
    return odata.value(asked, "Collection(microsoft.graph.scheduleInformation)", found)


def _of_name(asked: Asked, name: str, first: int, last: int, interval: int) -> Json:
    provider = users.known(asked, name)
    if provider is None:
        words = "There is nobody of this address here whom consumers meet."
        error = {"message": words, "responseCode": "ErrorMailRecipientNotFound"}
        return {"scheduleId": name, "availabilityView": "", "scheduleItems": [], "error": error}
    is_full = bool(asked.permissions & FULL)
    there = entries.between(asked.actor, provider, first, last, in_full=is_full)
    form = Shown.asked(asked)
    return {
        "scheduleId": name,
        "availabilityView": view(there, first, last, interval),
        "scheduleItems": [_item(one, form, is_full=is_full) for one in there if one.end > one.start],
        "workingHours": _working_hours(provider),
    }


def view(there: Sequence[Entry], first: int, last: int, interval: int) -> str:
    """Return a sign for each stretch of `interval` minutes: 0 free, 1 tentative, 2 busy, 3 away, 4 works elsewhere."""
    many = -(-(last - first) // interval)
    signs = ["0"] * many
    for sign in STRENGTH[1:]:
        # How many begin less how many are over at each stretch: one pass, however many and long they are.
        steps = [0] * (many + 1)
        for one in there:
            start, end = max(one.start, first), min(one.end, last)
            if SIGNS[one.shows] == sign and start < end:
                steps[(start - first) // interval] += 1
                steps[-(-(end - first) // interval)] -= 1
        signs = [sign if count else before for count, before in zip(accumulate(steps[:-1]), signs, strict=True)]
    return "".join(signs)


def _item(entry: Entry, form: Shown, *, is_full: bool) -> Json:
    told: Json = {"status": entry.shows, "start": form.time(entry.start), "end": form.time(entry.end)}
    if is_full and not entry.is_private:
        told |= {"isPrivate": False, "subject": entry.title, "location": entry.place}
    elif is_full:
        told["isPrivate"] = True
    return told


def _working_hours(provider: Provider) -> Json | None:
    """Return usual hours as Graph has them, one stretch for all days; None where the days are not alike."""
    rows = WeeklyHours.objects.filter(business_id=provider.business_id, schedule=None)
    rows = rows.filter(provider=None) if provider.uses_business_hours else rows.filter(provider=provider)
    days: dict[int, tuple[int, int]] = {}
    for one in rows:
        start, end = one.start_minute, one.end_minute if one.end_minute > one.start_minute else values.DAY
        before = days.get(one.weekday, (start, end))
        days[one.weekday] = min(before[0], start), max(before[1], end)
    if len(Counter(days.values())) != 1:
        return None
    start, end = next(iter(days.values()))
    return {
        "daysOfWeek": [values.DAYS[weekday] for weekday in sorted(days)],
        "startTime": values.written_minute(start),
        "endTime": values.written_minute(end),
        "timeZone": {"name": provider.zone},
    }


def _whole_minute(instant: datetime) -> int:
    return -int(-instant.astimezone(UTC).timestamp() // 60)
