"""Appointments, customers and free times of Bookings, in our words and in its own.

Our reference stands on a line of its own in `additionalInformation`: that comes back with every reading, while
`serviceNotes` comes only with an appointment that is read by its id, and customers' own words are theirs.
"""

import re
from collections.abc import Mapping

from vestibule.booking.ports import TheirAppointment, TheirCustomer, TheirFree, TheirQuestion
from vestibule.integrations.microsoft365 import bookings_times as times
from vestibule.integrations.microsoft365.bookings_times import Json
from vestibule.integrations.microsoft365.bookings_values import number, objects, text, texts

CUSTOMER = "#microsoft.graph.bookingCustomer"
IN_APPOINTMENT = "#microsoft.graph.bookingCustomerInformation"
_KEY = re.compile(r"^[ \t]*\[ref ([A-Za-z0-9_.@:-]{1,120})\][ \t]*$", re.MULTILINE)
FREE = {"available": "free", "slotsavailable": "free", "busy": "busy", "outofoffice": "away"}


def key_in(information: str) -> str:
    """Return our reference in what an appointment says to its people, or ""."""
    found = _KEY.search(information.replace("\r\n", "\n"))
    return found[1] if found else ""


def with_key(information: str, key: str) -> str:
    """Return what an appointment says with our reference in it, once; what others wrote there stays."""
    others = _KEY.sub("", information.replace("\r\n", "\n")).strip("\n")
    if not key:
        return others
    if not _KEY.fullmatch(f"[ref {key}]"):
        raise ValueError("a key is letters, digits and .-_@: only")
    return f"{others}\n[ref {key}]" if others else f"[ref {key}]"


def appointment(told: Json) -> TheirAppointment | None:
    """Read an appointment; None for one without an id or without readable times."""
    start, end = times.instant(told.get("startDateTime")), times.instant(told.get("endDateTime"))
    id = text(told.get("id"), 400)
    if start is None or end is None or end <= start or not id:
        return None
    return TheirAppointment(
        service=text(told.get("serviceId"), 200),
        start=start,
        end=end,
        id=id,
        key=key_in(text(told.get("additionalInformation"), 8_000)),
        staff=texts(told.get("staffMemberIds")),
        customers=_customers(told),
        seats=max(1, number(told.get("maximumAttendeesCount"), 1)),
        is_online=told.get("isLocationOnline") is True,
        tells_customer=told.get("optOutOfCustomerEmail") is not True,
        notes=text(told.get("serviceNotes")),
        join_url=text(told.get("joinWebUrl"), 2_000),
        service_name=text(told.get("serviceName"), 200),
        changed=times.instant(told.get("lastUpdatedDateTime")) or times.instant(told.get("createdDateTime")),
    )


def written_appointment(given: TheirAppointment, questions: Mapping[str, TheirQuestion]) -> Json:
    """Write an appointment, without its id and our reference; what is empty is left as it is there.

    `questions` are by their ids in small letters.
    """
    zone = next((one.zone for one in given.customers if one.zone), "")
    told: Json = {
        "startDateTime": times.written(given.start),
        "endDateTime": times.written(given.end),
        "serviceId": given.service,
        "isLocationOnline": given.is_online,
        "maximumAttendeesCount": given.seats,
        "optOutOfCustomerEmail": not given.tells_customer,
        "smsNotificationsEnabled": False,
    }
    said: Json = {
        "staffMemberIds": list(given.staff),
        "serviceName": given.service_name,
        "serviceNotes": given.notes,
        "customerTimeZone": zone,
        "customers": [_written_customer(one, questions) for one in given.customers],
    }
    return told | {name: value for name, value in said.items() if value}


def new_customer(given: TheirCustomer) -> Json:
    """Write somebody for the list of customers, where those of groups must stand first."""
    return {
        "@odata.type": CUSTOMER,
        "displayName": given.name,
        "emailAddress": given.email,
        "phones": [{"number": given.phone, "type": "mobile"}] if given.phone else [],
    }


def free(told: Json) -> list[TheirFree]:
    """Read when one of the staff is free, busy or away; kinds that are not known yet count as busy."""
    who = text(told.get("staffId"), 200)
    found = []
    for one in objects(told.get("availabilityItems")):
        start, end = times.instant(one.get("startDateTime")), times.instant(one.get("endDateTime"))
        if start is not None and end is not None and start < end:
            found.append(TheirFree(who, start, end, FREE.get(str(one.get("status") or "").lower(), "busy")))
    return found


def _customers(told: Json) -> tuple[TheirCustomer, ...]:
    found = tuple(_customer(one) for one in objects(told.get("customers")))
    if found:
        return found
    named = [text(told.get(f"customer{part}"), 400) for part in ("Name", "EmailAddress", "Phone", "Notes", "TimeZone")]
    name, email, phone, notes, zone = named
    return (TheirCustomer(name, email, phone, notes, times.zone(zone)),) if name or email or phone else ()


def _customer(told: Json) -> TheirCustomer:
    answers = {}
    for one in objects(told.get("customQuestionAnswers")):
        chosen = ", ".join(texts(one.get("selectedOptions")))
        if id := text(one.get("questionId"), 200):
            answers[id] = text(one.get("answer")) or text(chosen)
    return TheirCustomer(
        name=text(told.get("name"), 400),
        email=text(told.get("emailAddress"), 254),
        phone=text(told.get("phone"), 60),
        notes=text(told.get("notes")),
        zone=times.zone(told.get("timeZone")),
        id=text(told.get("customerId"), 200),
        answers={id: answer for id, answer in answers.items() if answer},
    )


def _written_customer(given: TheirCustomer, questions: Mapping[str, TheirQuestion]) -> Json:
    told: Json = {
        "@odata.type": IN_APPOINTMENT,
        "name": given.name,
        "emailAddress": given.email,
        "phone": given.phone,
        "notes": given.notes,
        "customQuestionAnswers": [
            _written_answer(questions[id.lower()], answer)
            for id, answer in given.answers.items()
            if id.lower() in questions
        ],
    }
    told |= {"customerId": given.id} if given.id else {}
    return told | ({"timeZone": given.zone} if given.zone else {})


def _written_answer(question: TheirQuestion, answer: str) -> Json:
    return {
        "questionId": question.id,
        "question": question.text,
        "answerInputType": "radioButton" if question.choices else "text",
        "answerOptions": list(question.choices),
        "answer": answer,
        "selectedOptions": [answer] if answer in question.choices else [],
    }
