"""Services and rules as configured; appointments, holds, and the rows by which the database refuses overlaps.

Booked times are integer UTC minutes, half-open. See `guards.py` for the constraints and the triggers.
"""

from vestibule.booking.models.appointments import Appointment, AppointmentQuerySet, Document, Series, StatusChange
from vestibule.booking.models.beside import BookingsMembers
from vestibule.booking.models.hours import DateOverride, ProviderRules, Schedule, TimeOff, Trip, WeeklyHours
from vestibule.booking.models.offers import Service, ServiceProvider, ServiceResource, SharedQuestion
from vestibule.booking.models.outside import OutsideAppointment, OutsideName, OutsideStray, SchedulerLink
from vestibule.booking.models.own_calendar import DiaryEvent, DiaryReading
from vestibule.booking.models.places import Location, Resource, ResourceClosure, ResourceUnit
from vestibule.booking.models.usage import Hold, Occupancy, ResourceUse, Seat
from vestibule.booking.models.waitlist import WaitlistEntry

__all__ = [
    "Appointment",
    "AppointmentQuerySet",
    "BookingsMembers",
    "DateOverride",
    "DiaryEvent",
    "DiaryReading",
    "Document",
    "Hold",
    "Location",
    "Occupancy",
    "OutsideAppointment",
    "OutsideName",
    "OutsideStray",
    "ProviderRules",
    "Resource",
    "ResourceClosure",
    "ResourceUnit",
    "ResourceUse",
    "Schedule",
    "SchedulerLink",
    "Seat",
    "Series",
    "Service",
    "ServiceProvider",
    "ServiceResource",
    "SharedQuestion",
    "StatusChange",
    "TimeOff",
    "Trip",
    "WaitlistEntry",
    "WeeklyHours",
]
