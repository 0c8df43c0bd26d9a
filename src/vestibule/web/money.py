"""Prices: stored in the currency's smallest part, read and typed in whole units."""

from decimal import Decimal

from django.utils.formats import number_format

from vestibule.booking.currencies import digits_of
from vestibule.booking.models import Service


def in_minor(price: Decimal, currency: str) -> int:
    """Return a price in the currency's smallest part, rounded."""
    return int((price * 10 ** digits_of(currency)).to_integral_value())


def price_of(service: Service) -> Decimal | None:
    """Return the price in whole units, or None."""
    if service.price_minor is None:
        return None
    return Decimal(service.price_minor).scaleb(-digits_of(service.currency))


def price_in_words(service: Service) -> str:
    """Return the price as it is read, "CHF 80.00"; "" without one, or when it costs nothing."""
    price = price_of(service)
    return f"{service.currency} {number_format(price, digits_of(service.currency))}" if price else ""
