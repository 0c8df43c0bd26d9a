"""Makes the demonstration: two businesses that must never see each other."""

from typing import TextIO


def prepare(out: TextIO) -> None:
    """Fill an empty data folder and print the welcome."""
