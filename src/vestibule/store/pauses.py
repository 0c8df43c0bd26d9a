"""Pauses that differ a little each time, so that what failed together does not come back together."""

import random
from datetime import timedelta
from typing import TypeVar

Span = TypeVar("Span", float, timedelta)


def spread(whole: Span, least: float, most: float) -> Span:
    """Return `whole`, seconds or a span, times something between `least` and `most`, by chance."""
    return whole * random.uniform(least, most)  # noqa: S311  (it spreads load and protects nothing)
