"""Microsoft Bookings beside the mailbox of `microsoft`: businesses in memory, answering as the published examples do.

What it does with a request: ids without regard to case, lists without what only comes by id, customers without
`@odata.type` nameless, unknown customers of a group dropped, times in UTC with seven decimals.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from tests.integrations.microsoft import Microsoft, microsoft
from vestibule.integrations.microsoft365 import bookings_times as times
from vestibule.store import clock

Json = dict[str, Any]
ROOT = "/solutions/bookingBusinesses"
CLINIC = "Clinic@clinic.example"
FOLDERS = ("services", "staffMembers", "customQuestions", "customers", "appointments")
TYPES = {"staffMembers": "#microsoft.graph.bookingStaffMember", "customers": "#microsoft.graph.bookingCustomer"}
BY_ID_ONLY = {"services": ("defaultReminders",), "appointments": ("serviceNotes", "reminders")}
NOBODY = "00000000-0000-0000-0000-000000000000"
USUAL_POLICY: Json = {
    "timeSlotInterval": "PT30M",
    "minimumLeadTime": "P1D",
    "maximumAdvance": "P365D",
    "sendConfirmationsToOwner": True,
    "allowStaffSelection": True,
}


def week(start: str = "08:00", end: str = "17:00", days: int = 5) -> list[Json]:
    """Hours of the first days of a week, as Bookings says them."""
    open_then = [{"startTime": f"{start}:00.0000000", "endTime": f"{end}:00.0000000"}]
    return [
        {"day": name, "timeSlots": deepcopy(open_then) if number < days else []}
        for number, name in enumerate(times.DAYS)
    ]


@dataclass
class Office:
    """One business in Bookings, and what people who work in it do there."""

    told: Json
    folders: dict[str, dict[str, Json]] = field(default_factory=lambda: {name: {} for name in FOLDERS})
    written: list[tuple[str, str]] = field(default_factory=list)
    """To whom Bookings wrote about what: `confirmed`, `changed` or `cancelled`."""

    @property
    def id(self) -> str:
        return str(self.told["id"])

    def has_staff(self, name: str, email: str = "", **more: Any) -> str:
        """Take on somebody, and return the id."""
        return self.add(
            "staffMembers",
            {
                "displayName": name,
                "emailAddress": email or f"{name.split(maxsplit=1)[0].lower()}@clinic.example",
                "availabilityIsAffectedByPersonalCalendar": True,
                "role": "guest",
                "timeZone": "Pacific Standard Time",
                "useBusinessHours": True,
                "workingHours": week(),
                "isEmailNotificationEnabled": False,
                **more,
            },
        )

    def has_service(self, name: str, staff: tuple[str, ...] = (), **more: Any) -> str:
        """Offer a service, and return its id."""
        return self.add(
            "services",
            {
                "displayName": name,
                "defaultDuration": "PT30M",
                "defaultPrice": 0.0,
                "defaultPriceType": "notSet",
                "description": "",
                "languageTag": "en-US",
                "isHiddenFromCustomers": False,
                "notes": "",
                "preBuffer": "PT0S",
                "postBuffer": "PT0S",
                "maximumAttendeesCount": 1,
                "staffMemberIds": list(staff),
                "isLocationOnline": True,
                "isAnonymousJoinEnabled": True,
                "smsNotificationsEnabled": False,
                "defaultReminders": [],
                "schedulingPolicy": deepcopy(USUAL_POLICY),
                "isCustomerAllowedToManageBooking": True,
                "customQuestions": [],
                **more,
            },
        )

    def asks(self, text: str, *choices: str) -> str:
        """Have a question, and return its id."""
        kind = "radioButton" if choices else "text"
        told = {"displayName": text, "answerInputType": kind, "answerOptions": list(choices)}
        return self.add("customQuestions", told)

    def books(self, service: str, staff: str, start: str, minutes: int = 30, name: str = "Jordan", **more: Any) -> str:
        """Book for somebody in Bookings, from `2026-03-02T09:00` (UTC) on, and return the appointment's id."""
        begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
        customer: Json = {
            "@odata.type": "#microsoft.graph.bookingCustomerInformation",
            "name": name,
            "emailAddress": f"{name.split(maxsplit=1)[0].lower()}@home.example",
            "phone": "",
            "notes": None,
            "timeZone": "America/Chicago",
            "customQuestionAnswers": [],
        }
        return self.add(
            "appointments",
            {
                "serviceId": service,
                "staffMemberIds": [staff],
                "startDateTime": times.written(begin),
                "endDateTime": times.written(begin + timedelta(minutes=minutes)),
                "customers": [customer],
                **more,
            },
        )

    def moves(self, appointment: str, start: str, minutes: int = 30) -> None:
        """Move an appointment in Bookings."""
        begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
        end = begin + timedelta(minutes=minutes)
        self.edits("appointments", appointment, startDateTime=times.written(begin), endDateTime=times.written(end))

    def cancels(self, appointment: str) -> None:
        """Cancel an appointment in Bookings: it is gone."""
        del self.folders["appointments"][self._known("appointments", appointment)]

    def edits(self, folder: str, id: str, **more: Any) -> None:
        """Change something in Bookings."""
        there = self.folders[folder][self._known(folder, id)]
        there |= deepcopy(more) | {"lastUpdatedDateTime": _stamp(clock.now())}
        if folder == "appointments":
            self.folders[folder][self._known(folder, id)] = _booked(there, self)

    def removes(self, folder: str, id: str) -> None:
        """Take something away in Bookings."""
        del self.folders[folder][self._known(folder, id)]

    def appointments(self) -> list[Json]:
        """All appointments, earliest first."""
        return sorted(self.folders["appointments"].values(), key=lambda one: str(one["startDateTime"]["dateTime"]))

    def add(self, folder: str, told: Json) -> str:
        """Keep what is told under a new id, and return that."""
        id = f"AAMk{secrets.token_hex(6)}=" if folder == "appointments" else _guid()
        stamp = _stamp(clock.now())
        kept = {"id": id, **deepcopy(told), "createdDateTime": stamp, "lastUpdatedDateTime": stamp}
        kept |= {"@odata.type": TYPES[folder]} if folder in TYPES else {}
        self.folders[folder][id] = _booked(kept, self) if folder == "appointments" else kept
        return id

    def find(self, folder: str, id: str) -> Json | None:
        """Return what is kept under an id in any letter case."""
        known = next((one for one in self.folders[folder] if one.lower() == id.lower()), "")
        return self.folders[folder].get(known)

    def _known(self, folder: str, id: str) -> str:
        return next(one for one in self.folders[folder] if one.lower() == id.lower())


@dataclass
class Bookings:
    """All businesses of the tenant. `is_on`: whether it has the licence and has Bookings switched on."""

    cloud: Microsoft
    offices: dict[str, Office] = field(default_factory=dict)
    is_on: bool = True
    page_size: int = 100

    def opens(self, id: str = CLINIC, name: str = "Clinic", **more: Any) -> Office:
        """Open a business, as an administrator does."""
        told: Json = {
            "id": id,
            "displayName": name,
            "businessType": "",
            "phone": "206-555-0100",
            "email": "desk@clinic.example",
            "webSiteUrl": "https://clinic.example/",
            "languageTag": "en-US",
            "defaultCurrencyIso": "USD",
            "isPublished": False,
            "publicUrl": None,
            "businessHours": week(),
            "schedulingPolicy": deepcopy(USUAL_POLICY),
            "bookingPageSettings": {"businessTimeZone": "Pacific Standard Time"},
            **more,
        }
        self.offices[id.lower()] = Office(told)
        return self.offices[id.lower()]

    def answer(self, method: str, path: str, query: dict[str, str], told: Json) -> tuple[int, Json | None] | None:
        """Answer what is asked of Bookings."""
        if not path.startswith(ROOT):
            return None
        if not self.is_on:
            return 403, _error("ErrorAccessDenied")
        parts = [one for one in path.removeprefix(ROOT).split("/") if one]
        if not parts:
            return self._offices(method, query)
        office = self.offices.get(parts[0].lower())
        if office is None:
            return 404, _error("ErrorNonExistentMailbox")
        if missing := self._missing(method, parts[1:]):
            return 403, _error(missing)
        return self._of(office, method, parts[1:], query, told)

    def _missing(self, method: str, parts: list[str]) -> str:
        """Return an error where the application lacks the permission that its contract asks for."""
        needed = "Bookings.ReadWrite.All"
        if parts[:1] in (["publish"], ["unpublish"]):
            needed = "Bookings.Manage.All"
        elif parts[:1] == ["customers"] or (parts[:1] == ["appointments"] and parts[-1] != "cancel"):
            needed = "BookingsAppointment.ReadWrite.All"
        return "" if needed in self.cloud.roles else "Authorization_RequestDenied"

    def _offices(self, method: str, query: dict[str, str]) -> tuple[int, Json]:
        if method != "GET":
            return 403, _error("ErrorAccessDenied")  # no application may open a business
        wanted = query.get("query", "").lower()
        named = [{"id": one.id, "displayName": one.told["displayName"]} for one in self.offices.values()]
        return 200, {"value": [one for one in named if wanted in one["displayName"].lower()]}

    def _of(
        self, office: Office, method: str, parts: list[str], query: dict[str, str], told: Json
    ) -> tuple[int, Json | None]:
        match (method, parts):
            case ("GET", []):
                return 200, office.told
            case ("PATCH", []):
                office.told |= told
                return 204, None
            case ("POST", ["publish" | "unpublish" as action]):
                is_on = action == "publish"
                url = f"https://outlook.office365.com/owa/calendar/{office.id}/bookings/"
                office.told |= {"isPublished": is_on, "publicUrl": url if is_on else None}
                return 204, None
            case ("POST", ["getStaffAvailability"]):
                return self._availability(office, told)
            case ("GET", ["calendarView"]):
                return self._listed(office, "appointments", query, _touching(query))
            case ("GET", [folder]) if folder in FOLDERS:
                return self._listed(office, folder, query, None)
            case ("POST", [folder]) if folder in FOLDERS:
                return _made(office, folder, told)
            case (_, [folder, id, *rest]) if folder in FOLDERS:
                return _one(office, method, folder, id, rest, told)
        return 405, _error("BadRequest")

    def _listed(
        self, office: Office, folder: str, query: dict[str, str], window: tuple[datetime, datetime] | None
    ) -> tuple[int, Json]:
        every = [one for one in office.folders[folder].values() if window is None or _is_in(one, window)]
        left_out = BY_ID_ONLY.get(folder, ())
        shown = [{name: value for name, value in one.items() if name not in left_out} for one in every]
        first = int(query.get("$skiptoken", 0))
        page = {"value": shown[first : first + self.page_size]}
        if first + self.page_size >= len(shown):
            return 200, page
        kept = "".join(f"{name}={quote(query[name])}&" for name in ("start", "end") if name in query)
        last = "calendarView" if window else folder
        link = f"{self.cloud.origin}/v1.0{ROOT}/{quote(office.id)}/{last}?{kept}$skiptoken={first + self.page_size}"
        return 200, page | {"@odata.nextLink": link}

    def _availability(self, office: Office, told: Json) -> tuple[int, Json]:
        first, last = times.instant(told["startDateTime"]), times.instant(told["endDateTime"])
        if first is None or last is None or first >= last:
            return 400, _error("ErrorInvalidArgument")
        found = []
        for id in told["staffIds"]:
            member = office.find("staffMembers", id)
            if member is None:
                return 400, _error("ErrorInvalidStaffId")
            items = _items(office, member, first, last)
            found.append({"staffId": member["id"], "availabilityItems": items})
        return 200, {"value": found}


def _made(office: Office, folder: str, told: Json) -> tuple[int, Json]:
    if folder == "staffMembers" and not all(told.get(name) for name in ("displayName", "emailAddress", "role")):
        return 400, _error("ErrorInvalidRequest")
    if folder in TYPES and told.get("@odata.type") != TYPES[folder]:
        told = {}  # without its type it is read as the bare one, which has no name
    if folder == "appointments":
        if (
            times.instant(told.get("startDateTime")) is None
            or office.find("services", told.get("serviceId", "")) is None
        ):
            return 400, _error("ErrorInvalidRequest")
        told = told | {"customers": _come(office, told)}
    id = office.add(folder, told)
    made = office.folders[folder][id]
    if folder == "appointments" and not told.get("optOutOfCustomerEmail"):
        office.written += [("confirmed", str(one["emailAddress"])) for one in made["customers"]]
    return 201, made


def _one(office: Office, method: str, folder: str, id: str, rest: list[str], told: Json) -> tuple[int, Json | None]:
    there = office.find(folder, id)
    if there is None:
        return 404, _error("ErrorItemNotFound")
    if rest == ["cancel"] and method == "POST":
        office.written += [("cancelled", str(one["emailAddress"])) for one in there["customers"]]
        office.removes(folder, id)
        return 204, None
    if method == "DELETE":
        office.removes(folder, id)
        return 204, None
    if method == "PATCH":
        changed = {name: value for name, value in told.items() if name != "@odata.type"}
        if "customers" in changed:
            changed["customers"] = _come(office, there | changed)
        office.edits(folder, id, **changed)
        if folder == "appointments" and not (there | changed).get("optOutOfCustomerEmail"):
            office.written += [("changed", str(one["emailAddress"])) for one in there["customers"]]
        return (200, office.find(folder, id)) if folder in ("customers", "customQuestions") else (204, None)
    return 200, there


def _come(office: Office, told: Json) -> list[Json]:
    """Return who comes: nameless without a type, and of a group only those who stand in the list of customers."""
    named = [
        one if one.get("@odata.type") else {"@odata.type": "#microsoft.graph.bookingCustomerInformation"}
        for one in told.get("customers", [])
    ]
    if int(told.get("maximumAttendeesCount") or 1) == 1:
        return named
    return [one for one in named if office.find("customers", str(one.get("customerId") or "")) is not None]


def _booked(told: Json, office: Office) -> Json:
    """Return an appointment as Bookings tells it."""
    start, end = times.instant(told["startDateTime"]), times.instant(told["endDateTime"])
    assert start is not None
    assert end is not None
    service = office.find("services", str(told.get("serviceId") or "")) or {}
    is_online = bool(told.get("isLocationOnline", service.get("isLocationOnline", False)))
    usual: Json = {
        "selfServiceAppointmentId": NOBODY,
        "isLocationOnline": is_online,
        "serviceName": service.get("displayName", ""),
        "preBuffer": service.get("preBuffer", "PT0S"),
        "postBuffer": service.get("postBuffer", "PT0S"),
        "maximumAttendeesCount": service.get("maximumAttendeesCount", 1),
        "additionalInformation": None,
        "optOutOfCustomerEmail": False,
        "smsNotificationsEnabled": False,
        "staffMemberIds": [],
        "joinWebUrl": f"https://teams.microsoft.com/l/meetup-join/19%3ameeting_{told['id']}/0" if is_online else None,
    }
    length = times.length(int((end - start).total_seconds() // 60))
    fixed = {"startDateTime": times.written(start), "endDateTime": times.written(end), "duration": length}
    return usual | told | fixed | {"filledAttendeesCount": len(told.get("customers", []))}


def _items(office: Office, member: Json, first: datetime, last: datetime) -> list[Json]:
    """Return when somebody is free and busy in their hours, in the words of getStaffAvailability."""
    page = office.told["bookingPageSettings"]["businessTimeZone"]
    of_business = member["useBusinessHours"]
    zone = ZoneInfo(times.zone(page if of_business else member["timeZone"]) or "UTC")
    hours = times.hours(office.told["businessHours"] if of_business else member["workingHours"])
    busy = sorted(
        (times.instant(one["startDateTime"]), times.instant(one["endDateTime"]))
        for one in office.appointments()
        if member["id"] in one["staffMemberIds"]
    )
    found: list[Json] = []
    day = first.astimezone(zone).date() - timedelta(days=1)
    while day <= last.astimezone(zone).date():
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        for one in hours:
            if one.weekday == day.weekday():
                begin = (midnight + timedelta(minutes=one.start)).astimezone(UTC)
                end = (midnight + timedelta(minutes=one.end)).astimezone(UTC)
                found += _cut(max(begin, first), min(end, last), busy)
        day += timedelta(days=1)
    return found


def _cut(begin: datetime, end: datetime, busy: list[Any]) -> Iterator[Json]:
    for start, over in [*busy, (end, end)]:
        start, over = max(start, begin), min(over, end)
        if begin < min(start, end):
            yield _item("available", begin, min(start, end))
        if start < over:
            yield _item("busy", start, over)
        begin = max(begin, over)


def _item(status: str, begin: datetime, end: datetime) -> Json:
    return {"status": status, "startDateTime": times.written(begin), "endDateTime": times.written(end)}


def _touching(query: dict[str, str]) -> tuple[datetime, datetime]:
    first, last = times.instant(query.get("start")), times.instant(query.get("end"))
    assert first is not None, "a view has a start"
    assert last is not None, "a view has an end"
    return first, last


def _is_in(one: Json, window: tuple[datetime, datetime]) -> bool:
    start, end = times.instant(one["startDateTime"]), times.instant(one["endDateTime"])
    return bool(start and end and start < window[1] and end > window[0])


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def _guid() -> str:
    text = secrets.token_hex(16)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _error(code: str) -> Json:
    return {"error": {"code": code, "message": "It is not for programs.", "innerError": {"request-id": "a-b-c"}}}


@contextmanager
def bookings() -> Iterator[Bookings]:
    """Run a tenant with Bookings and one business in it, `CLINIC`."""
    with microsoft() as cloud:
        there = Bookings(cloud)
        there.opens()
        cloud.parts.append(there)
        yield there
