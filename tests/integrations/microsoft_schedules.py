"""The part of Microsoft 365 that tells when people are free: getSchedule, answered in the form of its example."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.integrations import graph_contract

Json = dict[str, Any]
SIGNS = {"free": "0", "tentative": "1", "busy": "2", "oof": "3", "workingElsewhere": "4"}
OFFICE: Json = {
    "daysOfWeek": ["monday", "tuesday", "friday"],
    "startTime": "08:00:00.0000000",
    "endTime": "17:30:00.0000000",
    "timeZone": {"name": "W. Europe Standard Time"},
}


@dataclass
class Schedules:
    """People by their mailboxes: (start, end, status). `hidden`: of whom only the view is shown."""

    people: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    working: Json = field(default_factory=lambda: OFFICE)
    asked: list[Json] = field(default_factory=list)

    def answer(self, method: str, path: str, query: dict[str, str], told: Json) -> tuple[int, Json | None] | None:
        """Answer what is asked of schedules."""
        if not path.endswith("/calendar/getSchedule"):
            return None
        self.asked.append(told)
        start, end = (datetime.fromisoformat(told[name]["dateTime"]) for name in ("startTime", "endTime"))
        if len(told["schedules"]) > 20 or end - start > timedelta(days=62):
            return 400, {"error": {"code": "ErrorInvalidParameter", "message": "Too many."}}
        value = [self._one(name, start, end, told["availabilityViewInterval"]) for name in told["schedules"]]
        for one in value:
            assert graph_contract.answer_faults("microsoft.graph.scheduleInformation", one) == []
        return 200, {"value": value}

    def _one(self, name: str, start: datetime, end: datetime, minutes: int) -> Json:
        if name not in self.people:
            error = {"message": f"Unable to resolve {name}.", "responseCode": "ErrorMailRecipientNotFound"}
            return {"scheduleId": name, "error": error}
        inside = [one for one in self.people[name] if one[0] < end.isoformat()[:16] and one[1] > start.isoformat()[:16]]
        signs, at = "", start
        while at < end:
            until = at + timedelta(minutes=minutes)
            met = [SIGNS[status] for b, e, status in inside if b < until.isoformat()[:16] and e > at.isoformat()[:16]]
            signs, at = signs + max(met, default="0"), until
        items = [{"status": status, "start": _at(begins), "end": _at(ends)} for begins, ends, status in inside]
        shown = [] if name in self.hidden else items
        return {"scheduleId": name, "availabilityView": signs, "scheduleItems": shown, "workingHours": self.working}


def _at(text: str) -> Json:
    return {"dateTime": f"{text}:00.0000000", "timeZone": "UTC"}
