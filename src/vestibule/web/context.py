"""What every page's template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from vestibule.web.framed import frames


def site(request: HttpRequest) -> dict[str, Any]:
    """Return whether this is a demonstration, for the banner, and the frame the page stands in, if it does."""
    return {"is_demo": settings.DEMO, "has_test_clock": settings.TEST_CLOCK, "framed": frames.of(request)}
