"""Beginning with an industry's template, beside what the business has."""

from typing import Any

from django.http import QueryDict

from vestibule.experience import document, industries
from vestibule.people.models import Business


def document_of(given: QueryDict, business: Business) -> document.Document:
    """Return the experience of the template that is chosen; with `keep`, the services there are stay before its own.

    Raises NotFound for a name that is none.
    """
    wanted = industries.document_for(given.get("template", ""), business.language)
    if "keep" in given and "services" in wanted:
        held = document.read(business)["services"]
        known = {one["slug"] for one in held}
        wanted["services"] = [*held, *(one for one in wanted["services"] if one["slug"] not in known)]
    return wanted


def parts_of(given: QueryDict, business: Business) -> dict[str, Any]:
    """Return the parts of the template that is chosen, none while none is."""
    if not given.get("template"):
        return {}
    return {name: part for name, part in document_of(given, business).items() if name != "format"}
