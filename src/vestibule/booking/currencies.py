"""How many digits the smallest part of a currency has: prices are stored in it."""

WITHOUT_CENTS = frozenset({"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "XAF"})
WITH_MILLS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def digits_of(currency: str) -> int:
    """Return how many digits the smallest part of a currency has."""
    if currency in WITHOUT_CENTS:
        return 0
    return 3 if currency in WITH_MILLS else 2


SYMBOLS = {
    **{"AED": "AED", "ARS": "$", "AUD": "$", "BGN": "лв.", "BHD": "BHD", "BIF": "FBu", "BOB": "Bs", "BRL": "R$"},
    **{"CAD": "$", "CHF": "CHF", "CLP": "$", "CNY": "¥", "COP": "$", "CRC": "₡", "CZK": "Kč", "DJF": "Fdj"},
    **{"DKK": "kr.", "DOP": "RD$", "DZD": "DA", "EGP": "E£", "EUR": "€", "GBP": "£", "GEL": "₾", "GHS": "GH₵"},
    **{"GNF": "FG", "HKD": "HK$", "HUF": "Ft", "IDR": "Rp", "ILS": "₪", "INR": "₹", "IQD": "IQD", "ISK": "kr."},
    **{"JOD": "JOD", "JPY": "¥", "KES": "Ksh", "KMF": "CF", "KRW": "₩", "KWD": "KWD", "KZT": "₸", "LKR": "Rs."},
    **{"LYD": "LYD", "MAD": "MAD", "MDL": "L", "MXN": "$", "MYR": "RM", "NGN": "₦", "NOK": "kr", "NZD": "$"},
    **{"OMR": "OMR", "PEN": "S/", "PHP": "₱", "PKR": "Rs", "PLN": "zł", "PYG": "₲", "QAR": "QAR", "RON": "lei"},
    **{"RSD": "RSD", "RWF": "RF", "SAR": "SAR", "SEK": "kr", "SGD": "$", "THB": "฿", "TND": "TND", "TRY": "₺"},
    **{"TWD": "NT$", "TZS": "TSh", "UAH": "₴", "UGX": "USh", "USD": "$", "UYU": "$U", "VND": "₫", "XAF": "FCFA"},
    **{"XOF": "F CFA", "ZAR": "R"},
}
"""Currencies by their ISO code, and the sign people write for each."""
