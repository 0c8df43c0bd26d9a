"""When staff could take an appointment: `getStaffAvailability`, as our slot engine knows their hours and used time."""

from vestibule.api.graph import odata, values
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.bookings_names import READS
from vestibule.api.graph.values import Json, written_instant
from vestibule.api.plain import Answer, Operations
from vestibule.booking import availability, whereabouts
from vestibule.booking.models import Service
from vestibule.booking.whereabouts import AWAY, FREE, JOINABLE, TAKEN, Stretch
from vestibule.people.errors import Invalid
from vestibule.people.models import Provider
from vestibule.people.permissions import Permission
from vestibule.store.clock import from_minute

operations: Operations[Asked] = Operations()
STATUS = {FREE: "available", TAKEN: "busy", JOINABLE: "slotsAvailable", AWAY: "outOfOffice"}
CONTEXT = "Collection(microsoft.graph.staffAvailabilityItem)"
MOST_STAFF = 200


@operations.on(
    "POST",
    "/solutions/bookingBusinesses/{business}/getStaffAvailability()",
    permissions=READS | {"Calendars.Read", "Calendars.ReadWrite"},
    operation="solutions.bookingBusinesses.bookingBusiness.getStaffAvailability",
)
def staff(asked: Asked) -> Answer:
    """What each of the staff named is at each time of a stretch of at most 62 days."""
    asked.actor.require(Permission.SEE_APPOINTMENTS)
    said = {name.casefold(): value for name, value in values.without_notes(asked.body()).items()}
    people = _people(asked, values.texts(said.get("staffids"), "staffIds", most=MOST_STAFF))
    start, end = (values.instant(said.get(name.casefold()), name) for name in ("startDateTime", "endDateTime"))
    first, last = availability.stretch(start, end, field="endDateTime")
    found = whereabouts.of(people, first, last)
    services = {one.service for each in found.values() for one in each if one.service is not None}
    names = dict(Service.objects.filter(pk__in=services).values_list("pk", "ref"))
    told = [
        {"staffId": one.ref, "availabilityItems": [_told(stretch, names) for stretch in found.get(one.pk, ())]}
        for one in people
    ]
    return odata.value(asked, CONTEXT, told)


def _people(asked: Asked, ids: list[str]) -> list[Provider]:
    """Return whom a program names, in its order. Raises Invalid for nobody, or for somebody who is not there."""
    named = list(dict.fromkeys(one.strip().casefold() for one in ids))
    rows = Provider.objects.filter(business=asked.business, is_active=True, ref__in=named)
    known = {one.ref: one for one in rows.select_related("business")}
    if not named or any(one not in known for one in named):
        raise Invalid("Name some of this business' staff by their ids. List its staffMembers.", field="staffIds")
    return [known[one] for one in named]


def _told(one: Stretch, names: dict[int, str]) -> Json:
    return {
        "status": STATUS[one.kind],
        "startDateTime": written_instant(from_minute(one.start)),
        "endDateTime": written_instant(from_minute(one.end)),
        "serviceId": names.get(one.service) if one.service is not None else None,
    }
