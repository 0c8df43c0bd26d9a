"""The currencies that prices may be in. Nobody makes any."""

from vestibule.api.graph import bookings_lists, narrowing
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.bookings_names import READS, WRITES
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.values import Json
from vestibule.api.plain import Answer, Operations
from vestibule.booking.currencies import SYMBOLS

operations: Operations[Asked] = Operations()
ALL = "solutions/bookingCurrencies"
MEMBERS = narrowing.told(texts=("id", "symbol"))
FIXED = "The list of currencies is the same for everybody"


@operations.on("GET", f"/{ALL}", permissions=READS, operation="solutions.ListBookingCurrencies")
def list_currencies(asked: Asked) -> Answer:
    """List all currencies."""
    return bookings_lists.listed(asked, ALL, _all(), MEMBERS)


@operations.on("GET", f"/{ALL}/$count", permissions=READS, operation="Get.Count.bookingCurrencies-f6c6")
def count(asked: Asked) -> Answer:
    """Say how many there are."""
    return bookings_lists.counted(asked, _all(), MEMBERS)


@operations.on("GET", f"/{ALL}/{{currency}}", permissions=READS, operation="solutions.GetBookingCurrencies")
def get(asked: Asked) -> Answer:
    """Tell of one currency, by its three letters."""
    return bookings_lists.one(asked, ALL, _told(_known(asked)))


@operations.on("POST", f"/{ALL}", permissions=WRITES, operation="solutions.CreateBookingCurrencies", refused=FIXED)
def create(asked: Asked) -> Answer:
    """Refuse to make a currency."""
    raise _fixed()


@operations.on(
    "PATCH", f"/{ALL}/{{currency}}", permissions=WRITES, operation="solutions.UpdateBookingCurrencies", refused=FIXED
)
def change(asked: Asked) -> Answer:
    """Refuse to change a currency."""
    _known(asked)
    raise _fixed()


@operations.on(
    "DELETE", f"/{ALL}/{{currency}}", permissions=WRITES, operation="solutions.DeleteBookingCurrencies", refused=FIXED
)
def delete(asked: Asked) -> Answer:
    """Refuse to take a currency away."""
    _known(asked)
    raise _fixed()


def _all() -> list[Json]:
    return [_told(code) for code in SYMBOLS]


def _told(code: str) -> Json:
    return {"id": code, "symbol": SYMBOLS[code]}


def _known(asked: Asked) -> str:
    code = asked.params["currency"].upper()
    if code not in SYMBOLS:
        raise Fault(404, "ErrorItemNotFound", "There is no such currency in this list.")
    return code


def _fixed() -> Fault:
    return Fault(403, "notAllowed", f"{FIXED}, and cannot be changed.")
