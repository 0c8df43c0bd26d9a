"""Setting a business up: locations, services, providers, hours, days off. Each verb checks, writes and is audited.

Values come as keywords named as the model fields. Raises Invalid (`facts["field"]`), NotPermitted, NotFound.
Local times are minutes since midnight, 0 to 1440; an end before the start runs past midnight.
"""

from vestibule.booking.setup.away import add_time_off, add_trip, remove_time_off, remove_trip
from vestibule.booking.setup.businesses import (
    add_location,
    change_business,
    change_location,
    create_business,
    remove_location,
)
from vestibule.booking.setup.general import clean_availability
from vestibule.booking.setup.hours import (
    DEFAULT_HOURS,
    Hours,
    follow_business_hours,
    remove_override,
    set_hours,
    set_override,
)
from vestibule.booking.setup.house_rules import change_booking_rules, change_provider_rules
from vestibule.booking.setup.offerings import Need, Offer, add_service, change_service, retire_service
from vestibule.booking.setup.providers import add_provider, change_provider
from vestibule.booking.setup.public_days import keep_holidays, open_on_holiday
from vestibule.booking.setup.resources import (
    add_resource,
    change_resource,
    close_resource,
    reopen_resource,
    restore_resource,
    retire_resource,
)
from vestibule.booking.setup.schedules import add_schedule, remove_schedule, rename_schedule

__all__ = [
    "DEFAULT_HOURS",
    "Hours",
    "Need",
    "Offer",
    "add_location",
    "add_provider",
    "add_resource",
    "add_schedule",
    "add_service",
    "add_time_off",
    "add_trip",
    "change_booking_rules",
    "change_business",
    "change_location",
    "change_provider",
    "change_provider_rules",
    "change_resource",
    "change_service",
    "clean_availability",
    "close_resource",
    "create_business",
    "follow_business_hours",
    "keep_holidays",
    "open_on_holiday",
    "remove_location",
    "remove_override",
    "remove_schedule",
    "remove_time_off",
    "remove_trip",
    "rename_schedule",
    "reopen_resource",
    "restore_resource",
    "retire_resource",
    "retire_service",
    "set_hours",
    "set_override",
]
