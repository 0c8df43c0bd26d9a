"""References: what the outside calls a row by. Random, so that they tell nothing and cannot be counted."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_ref() -> str:
    """Return a fresh public reference: 16 characters without look-alikes, about 79 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(16))
