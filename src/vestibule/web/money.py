"""Prices: stored in the currency's smallest part, read and typed in whole units."""

from decimal import Decimal

from django.utils.formats import number_format

from vestibule.booking.models import Service

WITHOUT_CENTS = frozenset({"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "XAF"})
WITH_MILLS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def digits_of(currency: str) -> int:
    """Return how many digits the smallest part of a currency has."""
    if currency in WITHOUT_CENTS:
        return 0
    return 3 if currency in WITH_MILLS else 2


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
