"""What every page's template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Return whether this is a demonstration, for the banner."""
    return {"is_demo": settings.DEMO, "has_test_clock": settings.TEST_CLOCK}
