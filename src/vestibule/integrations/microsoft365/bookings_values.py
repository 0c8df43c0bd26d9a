"""What Bookings is set up as, in our words and in its own: businesses, services, staff and questions.

Everything read is taken with care: a member may be missing, null, or of a later version of the interface.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from vestibule.booking.ports import (
    TheirAvailability,
    TheirBusiness,
    TheirPolicy,
    TheirQuestion,
    TheirReminder,
    TheirService,
    TheirStaff,
)
from vestibule.integrations.microsoft365 import bookings_times as times
from vestibule.integrations.microsoft365.bookings_times import Json

STAFF = "#microsoft.graph.bookingStaffMember"
PRICED = frozenset({"fixedprice", "startingat", "hourly"})
DEAREST = 1e12
"""No price is beyond it: JSON as it is read knows larger numbers, and what is none at all."""
AVAILABILITY = {"bookwhenstaffarefree": "free", "notbookable": "closed", "customweeklyhours": "hours"}
WRITTEN_AVAILABILITY = {"free": "bookWhenStaffAreFree", "closed": "notBookable", "hours": "customWeeklyHours"}
RECIPIENTS = {
    "allattendees": frozenset({"customer", "staff"}),
    "customer": frozenset({"customer"}),
    "staff": frozenset({"staff"}),
}
ROLE = "guest"
"""Of new staff: somebody to book with, who need not have an account of the tenant."""
_USUAL = TheirPolicy()


def objects(given: Any) -> Iterable[Json]:
    """Return the objects of a list; nothing where there is no list."""
    return (one for one in given if isinstance(one, dict)) if isinstance(given, list) else ()


def text(given: Any, most: int = 4_000) -> str:
    """Return a text without the signs that no text of ours may hold; "" for anything else."""
    if not isinstance(given, str):
        return ""
    return "".join(sign for sign in given if sign.isprintable() or sign in "\r\n\t").strip()[:most]


def texts(given: Any) -> tuple[str, ...]:
    """Return the texts of a list."""
    return tuple(one for one in given if isinstance(one, str)) if isinstance(given, list) else ()


def number(given: Any, otherwise: int) -> int:
    """Return a whole number."""
    return given if isinstance(given, int) and not isinstance(given, bool) else otherwise


def business(told: Json) -> TheirBusiness:
    """Read a business."""
    page = told.get("bookingPageSettings")
    zone = page.get("businessTimeZone") if isinstance(page, dict) else ""
    return TheirBusiness(
        id=text(told.get("id"), 320),
        name=text(told.get("displayName"), 160),
        zone=times.zone(zone),
        email=text(told.get("email"), 254),
        phone=text(told.get("phone"), 60),
        language=text(told.get("languageTag"), 20),
        currency=text(told.get("defaultCurrencyIso"), 3),
        page_url=text(told.get("publicUrl"), 500),
        is_published=told.get("isPublished") is True,
        hours=times.hours(told.get("businessHours")),
        policy=policy(told.get("schedulingPolicy")) or _USUAL,
    )


def policy(told: Any) -> TheirPolicy | None:
    """Read a scheduling policy; None where there is none, so that the business' counts."""
    if not isinstance(told, dict):
        return None
    return TheirPolicy(
        step_minutes=max(1, times.minutes(told.get("timeSlotInterval"), _USUAL.step_minutes)),
        notice_minutes=max(0, times.minutes(told.get("minimumLeadTime"), _USUAL.notice_minutes)),
        window_minutes=max(0, times.minutes(told.get("maximumAdvance"), _USUAL.window_minutes)),
        consumer_chooses_provider=told.get("allowStaffSelection") is not False,
        availability=_availability(told.get("generalAvailability")),
        dated=tuple(_availability(one) for one in objects(told.get("customAvailabilities"))),
    )


def written_policy(given: TheirPolicy) -> Json:
    """Write a scheduling policy."""
    return {
        "timeSlotInterval": times.length(given.step_minutes),
        "minimumLeadTime": times.length(given.notice_minutes),
        "maximumAdvance": times.length(given.window_minutes),
        "allowStaffSelection": given.consumer_chooses_provider,
        "generalAvailability": _written_availability(given.availability),
        "customAvailabilities": [
            _written_availability(one)
            | {"startDate": one.first.isoformat(), "endDate": one.last.isoformat()}
            | {"@odata.type": "#microsoft.graph.bookingsAvailabilityWindow"}
            for one in given.dated
            if one.first and one.last
        ],
    }


def service(told: Json) -> TheirService:
    """Read a service."""
    kind = str(told.get("defaultPriceType") or "").lower()
    amount = told.get("defaultPrice")
    is_priced = kind in PRICED and isinstance(amount, int | float) and not isinstance(amount, bool)
    return TheirService(
        id=text(told.get("id"), 200),
        name=text(told.get("displayName"), 400),
        description=text(told.get("description")),
        minutes=max(1, times.minutes(told.get("defaultDuration"), 30)),
        before=max(0, times.minutes(told.get("preBuffer"), 0)),
        after=max(0, times.minutes(told.get("postBuffer"), 0)),
        seats=max(1, number(told.get("maximumAttendeesCount"), 1)),
        is_online=told.get("isLocationOnline") is True,
        is_hidden=told.get("isHiddenFromCustomers") is True,
        consumers_manage=told.get("isCustomerAllowedToManageBooking") is not False,
        staff=texts(told.get("staffMemberIds")),
        questions=tuple(
            (text(one.get("questionId"), 200), one.get("isRequired") is True)
            for one in objects(told.get("customQuestions"))
            if one.get("questionId")
        ),
        policy=policy(told.get("schedulingPolicy")),
        price=_price(amount) if is_priced and amount is not None else (0.0 if kind == "free" else None),
        reminders=tuple(_reminder(one) for one in objects(told.get("defaultReminders"))),
        sends_texts=told.get("smsNotificationsEnabled") is True,
        is_whole="defaultReminders" in told,
    )


def written_service(given: TheirService) -> Json:
    """Write a service, without its id."""
    told: Json = {
        "displayName": given.name,
        "description": given.description,
        "defaultDuration": times.length(given.minutes),
        "preBuffer": times.length(given.before),
        "postBuffer": times.length(given.after),
        "maximumAttendeesCount": given.seats,
        "isLocationOnline": given.is_online,
        "isHiddenFromCustomers": given.is_hidden,
        "isCustomerAllowedToManageBooking": given.consumers_manage,
        "staffMemberIds": list(given.staff),
        "customQuestions": [{"questionId": id, "isRequired": required} for id, required in given.questions],
        "smsNotificationsEnabled": given.sends_texts,
        "defaultPrice": given.price or 0.0,
        "defaultPriceType": "notSet" if given.price is None else ("fixedPrice" if given.price else "free"),
    }
    told |= {"defaultReminders": [_written_reminder(one) for one in given.reminders]} if given.is_whole else {}
    return told | ({"schedulingPolicy": written_policy(given.policy)} if given.policy is not None else {})


def staff(told: Json) -> TheirStaff:
    """Read somebody of the staff."""
    return TheirStaff(
        id=text(told.get("id"), 200),
        name=text(told.get("displayName"), 200),
        email=text(told.get("emailAddress"), 254),
        role=text(told.get("role"), 40),
        zone=times.zone(told.get("timeZone")),
        keeps_business_hours=told.get("useBusinessHours") is not False,
        hours=times.hours(told.get("workingHours")),
        is_affected_by_calendar=told.get("availabilityIsAffectedByPersonalCalendar") is not False,
    )


def written_staff(given: TheirStaff) -> Json:
    """Write somebody of the staff, without the id. Hours are named only where they are their own."""
    told: Json = {
        "@odata.type": STAFF,
        "displayName": given.name,
        "emailAddress": given.email,
        "useBusinessHours": given.keeps_business_hours,
        "availabilityIsAffectedByPersonalCalendar": given.is_affected_by_calendar,
    }
    told |= {"role": given.role} if given.role else {}
    told |= {"timeZone": given.zone} if given.zone else {}
    return told | ({} if given.keeps_business_hours else {"workingHours": times.written_hours(given.hours)})


def question(told: Json) -> TheirQuestion:
    """Read a question to consumers."""
    is_choice = str(told.get("answerInputType") or "").lower() == "radiobutton"
    choices = tuple(filter(None, (text(one, 200) for one in texts(told.get("answerOptions")))))
    return TheirQuestion(text(told.get("id"), 200), text(told.get("displayName"), 600), choices if is_choice else ())


def written_question(given: TheirQuestion) -> Json:
    """Write a question to consumers, without its id."""
    return {
        "displayName": given.text,
        "answerInputType": "radioButton" if given.choices else "text",
        "answerOptions": list(given.choices),
    }


def written_business(given: TheirBusiness) -> Json:
    """Write what of a business is ours to say; what is empty is left as it is there."""
    told: Json = {"phone": given.phone, "email": given.email, "languageTag": given.language}
    told = {name: value for name, value in told.items() if value}
    return told | ({"businessHours": times.written_hours(given.hours)} if given.hours else {})


def _availability(told: Any) -> TheirAvailability:
    if not isinstance(told, dict):
        return TheirAvailability()
    kind = AVAILABILITY.get(str(told.get("availabilityType") or "").lower(), "free")
    first, last = times.day(told.get("startDate")), times.day(told.get("endDate"))
    return TheirAvailability(
        kind, times.hours(told.get("businessHours")) if kind == "hours" else (), first or last, last or first
    )


def _written_availability(given: TheirAvailability) -> Json:
    kind: Json = {"availabilityType": WRITTEN_AVAILABILITY[given.kind]}
    return kind | {"businessHours": times.written_hours(given.hours) if given.kind == "hours" else []}


def _price(amount: float) -> float:
    """Return a price as a number that can be reckoned with."""
    return float(amount) if abs(amount) < DEAREST else DEAREST


def _reminder(told: Json) -> TheirReminder:
    to = RECIPIENTS.get(str(told.get("recipients") or "").lower(), RECIPIENTS["allattendees"])
    return TheirReminder(times.minutes(told.get("offset"), 0), to, text(told.get("message")))


def _written_reminder(given: TheirReminder) -> Json:
    to: Sequence[str] = sorted(given.to)
    return {
        "offset": times.length(given.minutes),
        "recipients": to[0] if len(to) == 1 else "allAttendees",
        "message": given.text,
    }
