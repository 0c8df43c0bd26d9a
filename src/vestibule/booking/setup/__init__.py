"""Setting a business up: locations, services, providers, hours, days off. Each verb checks, writes and is audited.

Values come as keywords named as the model fields. Raises Invalid (`facts["field"]`), NotPermitted, NotFound.
Local times are minutes since midnight, 0 to 1440; an end before the start runs past midnight.
"""

from vestibule.booking.setup.businesses import (
    add_location,
    change_business,
    change_location,
    create_business,
    remove_location,
)
from vestibule.booking.setup.hours import (
    DEFAULT_HOURS,
    Hours,
    add_time_off,
    follow_business_hours,
    remove_override,
    remove_time_off,
    set_hours,
    set_override,
)
from vestibule.booking.setup.offerings import Offer, add_service, change_service, retire_service
from vestibule.booking.setup.providers import add_provider, change_provider

__all__ = [
    "DEFAULT_HOURS",
    "Hours",
    "Offer",
    "add_location",
    "add_provider",
    "add_service",
    "add_time_off",
    "change_business",
    "change_location",
    "change_provider",
    "change_service",
    "create_business",
    "follow_business_hours",
    "remove_location",
    "remove_override",
    "remove_time_off",
    "retire_service",
    "set_hours",
    "set_override",
]
