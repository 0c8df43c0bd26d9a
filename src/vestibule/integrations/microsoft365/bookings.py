"""Microsoft Bookings: what is set up there, who is free, and its appointments. Asked with the business' account.

Lists of businesses hold ids and names alone; reminders of services and notes of appointments come only when read by
id: https://learn.microsoft.com/graph/api/resources/booking-api-overview. Creating a business is left to a person:
Microsoft gives no permission for it to programs.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import quote

from vestibule.booking.ports import (
    SchedulerError,
    TheirAppointment,
    TheirBusiness,
    TheirCustomer,
    TheirFree,
    TheirQuestion,
    TheirService,
    TheirSetup,
    TheirStaff,
)
from vestibule.integrations.microsoft365 import bookings_times as times
from vestibule.integrations.microsoft365 import bookings_values as values
from vestibule.integrations.microsoft365 import bookings_visits as visits
from vestibule.integrations.microsoft365.application import Application
from vestibule.integrations.microsoft365.errors import GraphError, SignInRefused
from vestibule.integrations.microsoft365.graph import Graph, Json
from vestibule.people.ports import NotConnected

ROOT = "/solutions/bookingBusinesses"
MOST_APPOINTMENTS = 20_000
MOST_CUSTOMERS = 2_000
STAFF_AT_ONCE = 40
LONGEST_STRETCH = timedelta(days=31)
READ_WHOLE_SECONDS = 20.0
NEAR = timedelta(days=1)
MISSING = frozenset({"ErrorItemNotFound", "itemNotFound", "ErrorNonExistentMailbox", "ErrorInvalidMailboxItemId"})
NEW = "?"


class Bookings:
    """Talks to the Bookings of one tenant. Whatever is asked, it has 45 seconds in all."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._questions: dict[str, dict[str, TheirQuestion]] = {}

    @classmethod
    def opened(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return the adapter for the account that `access` describes. Raises SchedulerError."""
        try:
            application = Application.read(access, allowed)
        except NotConnected:
            words = "the business' account at Microsoft 365 is missing or cannot be used"
            raise SchedulerError(words, code="account", permanent=True) from None
        return cls(Graph.opened(application, allowed))

    def close(self) -> None:
        """Let connections go."""
        self._graph.close()

    # What is set up.

    def businesses(self) -> list[TheirBusiness]:
        """Return what businesses there are, with id and name alone; Bookings names five hundred at most."""
        with _told():
            return [one for one in map(values.business, self._listed(ROOT)) if one.id]

    def setup(self, business: str) -> TheirSetup:
        """Return all that is set up. Of more services than can be read in 20 seconds, some lack their reminders."""
        with _told():
            there = values.business(self._graph.get(_at(business)))
            staff = [one for one in map(values.staff, self._listed(_at(business, "staffMembers"))) if one.id]
            questions = self._read_questions(business)
            services = self._services(business)
        return TheirSetup(there, tuple(services), tuple(staff), tuple(questions.values()))

    def put_setup(self, wanted: TheirSetup, known: TheirSetup | None) -> TheirSetup:
        """Make and change what differs from `known`, or from what is there now; nothing is deleted.

        An id that begins with `?` stands for something that is to be made, in services that name it too. Returned
        is what was wanted, in its order, with the ids there are now. After an error some of it may be done: read
        again before trying again, or it is made twice.
        """
        there = known or self.setup(wanted.business.id)
        at = there.business.id
        with _told():
            self._put_business(wanted.business, there.business)
            questions = [self._put_question(at, one, there.questions) for one in wanted.questions]
            staff = [self._put_staff(at, one, there.staff) for one in wanted.staff]
            named = _named(wanted.questions, questions) | _named(wanted.staff, staff)
            services = [self._put_service(at, _linked(one, named), there.services) for one in wanted.services]
        self._questions.pop(at.lower(), None)
        return TheirSetup(replace(wanted.business, id=at), tuple(services), tuple(staff), tuple(questions))

    def publish(self, business: str, is_published: bool) -> TheirBusiness:
        """Publish, or take back, the public booking page, and return the business as it is then."""
        with _told():
            self._graph.act(_at(business, "publish" if is_published else "unpublish"))
            return values.business(self._graph.get(_at(business)))

    # Who is free.

    def free(self, business: str, staff: Sequence[str], start: datetime, end: datetime) -> list[TheirFree]:
        """Return when staff are free, busy or away, asked for in months and in groups of forty."""
        found: list[TheirFree] = []
        with _told(is_reading=True):
            for first, last in _stretches(start, end):
                for begin in range(0, len(staff), STAFF_AT_ONCE):
                    found += self._free(business, staff[begin : begin + STAFF_AT_ONCE], first, last)
        return found

    # Appointments.

    def appointments(self, business: str, start: datetime, end: datetime) -> list[TheirAppointment]:
        """Return all appointments that touch a stretch, without the notes of staff."""
        with _told():
            return self._view(business, start, end)

    def appointment(self, business: str, id: str) -> TheirAppointment:
        """Return one appointment."""
        with _told():
            return self._read(business, id)

    def create(self, business: str, wanted: TheirAppointment) -> TheirAppointment:
        """Book. One that was tried before is found by its key within a day of the wanted time, and changed to it.

        Who may have tried for another time looks through `appointments` first.
        """
        with _told():
            if wanted.key:
                for one in self._view(business, wanted.start - NEAR, wanted.end + NEAR):
                    if one.key == wanted.key:
                        return self._changed(business, replace(wanted, id=one.id))
            told = self._written(business, wanted, "")
            made = visits.appointment(self._graph.post(_at(business, "appointments"), told))
            if made is None:
                raise SchedulerError("Bookings did not say what it booked", code="unreadable", maybe_done=True)
            return made

    def change(self, business: str, wanted: TheirAppointment) -> TheirAppointment:
        """Bring an appointment to what is wanted; what others wrote in it stays."""
        with _told():
            return self._changed(business, wanted)

    def cancel(self, business: str, id: str, words: str, *, tells: bool) -> None:
        """Cancel: told to its people where it `tells`, else taken out without a word."""
        path = _at(business, "appointments", id)
        try:
            if tells:
                self._graph.post(f"{path}/cancel", {"cancellationMessage": words})
            else:
                self._graph.delete(path)
        except GraphError as failure:
            if not _is_missing(failure):
                raise _trouble(failure) from failure

    # How.

    def _listed(self, path: str, query: Mapping[str, str] | None = None) -> Iterator[Json]:
        for page in self._graph.pages(path, query):
            yield from values.objects(page.get("value"))

    def _services(self, business: str) -> list[TheirService]:
        """Return services, each read by its id as long as there is time: only then its reminders are told.

        One that cannot be read by its id, such as one taken away meanwhile, is as the list says.
        """
        until, found = time.monotonic() + READ_WHOLE_SECONDS, []
        for told in self._listed(_at(business, "services")):
            id = values.text(told.get("id"), 200)
            if id and "defaultReminders" not in told and time.monotonic() < until:
                told = self._one_service(business, id) or told
            found += [values.service(told)] if id else []
        return found

    def _one_service(self, business: str, id: str) -> Json:
        try:
            return self._graph.get(_at(business, "services", id))
        except GraphError as failure:
            if not _is_missing(failure):
                raise
            return {}

    def _read_questions(self, business: str) -> dict[str, TheirQuestion]:
        there = map(values.question, self._listed(_at(business, "customQuestions")))
        found = self._questions[business.lower()] = {one.id.lower(): one for one in there if one.id}
        return found

    def _free(self, business: str, staff: Sequence[str], start: datetime, end: datetime) -> list[TheirFree]:
        asked = {"staffIds": list(staff), "startDateTime": times.written(start), "endDateTime": times.written(end)}
        told = self._graph.post(_at(business, "getStaffAvailability"), asked)
        items = told.get("value", told.get("staffAvailabilityItem"))
        return [one for item in values.objects(items) for one in visits.free(item)]

    def _view(self, business: str, start: datetime, end: datetime) -> list[TheirAppointment]:
        window = {"start": times.in_address(start), "end": times.in_address(end)}
        found: dict[str, TheirAppointment] = {}
        for told in self._listed(_at(business, "calendarView"), window):
            one = visits.appointment(told)
            if one is not None:
                found[one.id.lower()] = one
            if len(found) > MOST_APPOINTMENTS:
                words = f"there are more than {MOST_APPOINTMENTS} appointments"
                raise SchedulerError(words, code="too_many", permanent=True)
        return list(found.values())

    def _read(self, business: str, id: str) -> TheirAppointment:
        found = visits.appointment(self._graph.get(_at(business, "appointments", id)))
        if found is None:
            raise SchedulerError("Bookings told of an appointment without readable times", code="unreadable")
        return found

    def _changed(self, business: str, wanted: TheirAppointment) -> TheirAppointment:
        path = _at(business, "appointments", wanted.id)
        there = self._graph.get(path)
        information = values.text(there.get("additionalInformation"), 8_000)
        self._graph.patch(path, self._written(business, wanted, information))
        return self._read(business, wanted.id)

    def _written(self, business: str, wanted: TheirAppointment, information: str) -> Json:
        """Write an appointment; of a group, whose customers must stand in the list first, with their ids."""
        if wanted.seats > 1:
            wanted = replace(wanted, customers=self._known(business, wanted.customers))
        questions: Mapping[str, TheirQuestion] = {}
        if any(one.answers for one in wanted.customers):
            questions = self._questions.get(business.lower()) or self._read_questions(business)
        told = visits.written_appointment(wanted, questions)
        return told | {"additionalInformation": visits.with_key(information, wanted.key)}

    def _known(self, business: str, given: Sequence[TheirCustomer]) -> tuple[TheirCustomer, ...]:
        """Return customers with their ids: found by mailbox and name, or made."""
        if all(one.id for one in given):
            return tuple(given)
        path, there = _at(business, "customers"), dict[tuple[str, str], str]()
        for count, told in enumerate(self._listed(path)):
            there.setdefault(_who(told.get("displayName"), told.get("emailAddress")), values.text(told.get("id"), 200))
            if count >= MOST_CUSTOMERS:
                break
        found = []
        for one in given:
            id = one.id or there.get(_who(one.name, one.email), "")
            id = id or values.text(self._graph.post(path, visits.new_customer(one)).get("id"), 200)
            found.append(replace(one, id=id))
        return tuple(found)

    def _put_business(self, wanted: TheirBusiness, there: TheirBusiness) -> None:
        told, known = values.written_business(wanted), values.written_business(there)
        if changed := {name: value for name, value in told.items() if known.get(name) != value}:
            self._graph.patch(_at(there.id), changed)

    def _put_question(self, at: str, wanted: TheirQuestion, there: Sequence[TheirQuestion]) -> TheirQuestion:
        id = self._put(at, "customQuestions", wanted, there, values.written_question)
        return replace(wanted, id=id)

    def _put_staff(self, at: str, wanted: TheirStaff, there: Sequence[TheirStaff]) -> TheirStaff:
        if _is_new(wanted.id) and not wanted.role:
            wanted = replace(wanted, role=values.ROLE)
        return replace(wanted, id=self._put(at, "staffMembers", wanted, there, values.written_staff))

    def _put_service(self, at: str, wanted: TheirService, there: Sequence[TheirService]) -> TheirService:
        """Store a service. People without an account of the tenant may join what is made by us."""
        told = values.written_service
        if _is_new(wanted.id) and wanted.is_online:
            id = self._put(at, "services", wanted, there, lambda one: told(one) | {"isAnonymousJoinEnabled": True})
        else:
            id = self._put(at, "services", wanted, there, told)
        return replace(wanted, id=id)

    def _put(self, at: str, folder: str, wanted: Any, there: Sequence[Any], told: Callable[[Any], Json]) -> str:
        """Make what is new, change what differs, and return the id."""
        if _is_new(wanted.id):
            id = values.text(self._graph.post(_at(at, folder), told(wanted)).get("id"), 200)
            if not id:
                raise SchedulerError("Bookings did not say what it made", code="unreadable", maybe_done=True)
            return id
        known = next((one for one in there if one.id.lower() == wanted.id.lower()), None)
        before = told(known) if known is not None else {}
        if changed := {name: value for name, value in told(wanted).items() if before.get(name, _NOTHING) != value}:
            kind = {"@odata.type": before["@odata.type"]} if "@odata.type" in before else {}
            self._graph.patch(_at(at, folder, wanted.id), kind | changed)
        return str(wanted.id)


_NOTHING = object()


def _at(*parts: str) -> str:
    return "/".join((ROOT, *(quote(one, safe="@") for one in parts)))


def _is_new(id: str) -> bool:
    return not id or id.startswith(NEW)


def _named(wanted: Sequence[Any], made: Sequence[Any]) -> dict[str, str]:
    """Return under what id those stand now that were asked for under another."""
    return {one.id: other.id for one, other in zip(wanted, made, strict=True) if one.id}


def _linked(service: TheirService, named: Mapping[str, str]) -> TheirService:
    return replace(
        service,
        staff=tuple(named.get(one, one) for one in service.staff),
        questions=tuple((named.get(id, id), required) for id, required in service.questions),
    )


def _who(name: Any, email: Any) -> tuple[str, str]:
    return values.text(name).casefold(), values.text(email).casefold()


def _stretches(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        last = min(start + LONGEST_STRETCH, end)
        yield start, last
        start = last


@contextmanager
def _told(*, is_reading: bool = False) -> Iterator[None]:
    """Raise what goes wrong with Graph as what a scheduler raises."""
    try:
        yield
    except GraphError as failure:
        raise _trouble(failure, is_reading=is_reading) from failure


def _is_missing(failure: GraphError) -> bool:
    return failure.is_missing or failure.code in MISSING


def _trouble(failure: GraphError, *, is_reading: bool = False) -> SchedulerError:
    """Return what a business is told. `code` is account, sign_in, not_permitted, missing, throttled, away, refused."""
    words = str(failure) + (f", request {failure.request_id}" if failure.request_id else "")
    code = "away" if failure.is_passing else {403: "not_permitted", 401: "sign_in"}.get(failure.status, "refused")
    code = "throttled" if failure.status == 429 else ("missing" if _is_missing(failure) else code)
    return SchedulerError(
        words,
        code="sign_in" if isinstance(failure, SignInRefused) else code,
        permanent=not failure.is_passing,
        maybe_done=failure.maybe_done and not is_reading,
        is_missing=_is_missing(failure),
        wait=failure.wait.total_seconds() if failure.wait is not None else 0,
    )
