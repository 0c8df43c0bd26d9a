"""What programs find in the demonstration: both businesses as resources of Communication Services and as tenants."""

from pathlib import Path
from typing import Any

from django.conf import settings

from vestibule.people import applications, communication
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.store import certificates


def let_in(business: Business, owner: Actor) -> None:
    """Switch on all that programs may do with a business."""
    communication.put(owner, is_on=True, services=communication.SERVICES)
    applications.switch(owner, is_on=True)


def tell(facts: dict[str, Any]) -> None:
    """Put into `facts` how programs reach the first business, and under `businesses` each, where they ask."""
    strings = {one["slug"]: _connection_string(one["slug"]) for one in facts["businesses"]}
    first = strings[facts["businesses"][0]["slug"]]
    authority = certificates.Files.below(Path(settings.DATA)).authority
    told = {"endpoint": f"{settings.PROGRAMS_URL}/", "connection_string": first, "ca_file": str(authority)}
    facts["acs"] = told | {"businesses": strings} if first else None


def _connection_string(slug: str) -> str | None:
    resource = communication.of(Business.objects.get(slug=slug).pk)
    if resource is None or not resource.is_on or not settings.PROGRAMS_URL:
        return None
    return communication.connection_string(resource, "primary", settings.PROGRAMS_URL)
