"""What a booking knows about its consumer, for staff who want to recognise them: name, phone, and some answers.

A question of the service says by `confirms` which field its answer is. Nothing is copied anywhere.
"""

from collections.abc import Mapping

from vestibule.booking.models import Appointment
from vestibule.meetings.models import Meeting


def known(meeting: Meeting) -> Mapping[str, str]:
    """Return what the consumer of `meeting` gave when booking, by identity field; nothing for a walk-in."""
    appointment = Appointment.objects.select_related("service").filter(meeting=meeting).first()
    if appointment is None:
        return {}
    facts = {"name": appointment.name, "phone": appointment.phone}
    for question in appointment.service.questions:
        answer = appointment.answers.get(question["id"])
        if question.get("confirms") and isinstance(answer, str):
            facts[question["confirms"]] = answer
    return {field: value for field, value in facts.items() if value}
