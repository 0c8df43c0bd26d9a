"""References: what the outside calls a row by. Random, so that they tell nothing and cannot be counted."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_HOW_MANY = len(ALPHABET) ** 16


def new_ref() -> str:
    """Return a fresh public reference: 16 characters without look-alikes, about 79 random bits."""
    number, letters = secrets.randbelow(_HOW_MANY), []
    for _ in range(16):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)


def new_number() -> int:
    """Return a fresh number of 17 or 18 digits, for what others call by a number; about 59 random bits."""
    return 10**16 + secrets.randbelow(10**18 - 10**16)
