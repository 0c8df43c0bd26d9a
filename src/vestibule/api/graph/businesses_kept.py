"""What is kept beside a business and counts for what it holds: the currency of new prices, and its address."""

from vestibule.api.graph import bookings_business, bookings_kept
from vestibule.api.graph.bookings_kept import ADDRESS
from vestibule.booking import beside
from vestibule.people.models import Business

KIND = "business"


def currency_of(business: Business) -> str:
    """Return the currency of prices that name none: what a program said, else what most prices are in."""
    usual = bookings_business.usual_currency(business)
    kept = beside.of(business.pk, KIND, business.ref)
    return str(bookings_kept.told({"defaultCurrencyIso": usual}, kept)["defaultCurrencyIso"] or usual)


def address_of(business: Business) -> str:
    """Return the address a program gave the business, on one line; "" for none."""
    kept = beside.of(business.pk, KIND, business.ref)
    address = bookings_kept.told({"address": None}, kept)["address"] or {}
    return ", ".join(address[name] for name in ADDRESS if address.get(name))[:300]
