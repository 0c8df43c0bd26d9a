"""A consumer as Bookings' customer, and back."""

from dataclasses import dataclass

from vestibule.api.graph import places, values
from vestibule.api.graph.values import Json, written_moment
from vestibule.booking.consumers import Known
from vestibule.people import telephone
from vestibule.people.errors import Invalid
from vestibule.people.models import Business, Consumer

CUSTOMER = "#microsoft.graph.bookingCustomer"


@dataclass(frozen=True)
class Given:
    """What a program says of somebody: what we know people by, and what is kept beside."""

    known: Known
    kept: Json


def given(business: Business, body: Json, *, is_new: bool) -> Given:
    """Read a customer. Raises Invalid naming the member; somebody new needs a `displayName`."""
    said = values.without_notes(body)
    name = values.text(said["displayName"], "displayName", 120) if "displayName" in said else None
    if name == "" or (is_new and name is None):
        raise Invalid("A customer needs a name.", field="displayName")
    email = values.text(said["emailAddress"], "emailAddress", 254) if "emailAddress" in said else None
    kept: Json = {}
    phone = None
    if "addresses" in said:
        kept["addresses"] = places.addresses(said["addresses"], "addresses")
    if "phones" in said:
        kept["phones"] = places.phones(said["phones"], "phones")
        phone = _number(business, kept["phones"])
    return Given(Known(name, email, phone), kept)


def shown(row: Consumer, kept: Json) -> Json:
    """Write a customer, with what is kept beside."""
    own = [{"number": row.phone, "type": "mobile"}] if row.phone else []
    made = written_moment(row.created_at)
    return {
        "@odata.type": CUSTOMER,
        "id": row.ref,
        "displayName": row.name,
        "emailAddress": row.email or None,
        "addresses": kept.get("addresses") or [],
        "phones": kept.get("phones") or own,
        "createdDateTime": made,
        "lastUpdatedDateTime": kept.get("lastUpdatedDateTime") or made,
    }


def _number(business: Business, phones: list[Json]) -> str:
    """Return the number text messages would go to: a mobile one before others; "" where none can be used."""
    mobile_first = sorted(phones, key=lambda one: one.get("type") != "mobile")
    usable = (telephone.e164(str(one.get("number") or ""), business) for one in mobile_first)
    return next((one for one in usable if one), "")
