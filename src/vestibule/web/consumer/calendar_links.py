"""Links that put an appointment into a calendar on the web. They carry no secret: whoever opens one sends it there."""

from datetime import datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from vestibule.booking.models import Appointment
from vestibule.notifications import choices
from vestibule.web.times import iso


def calendar_links(appointment: Appointment) -> list[dict[str, str]]:
    """Return a link for each of the usual web calendars: `name`, `href`."""
    title, sender = f"{appointment.service.name}, {appointment.business.name}", appointment.business.name
    location = appointment.service.location
    place = location.address if location is not None else ""
    if choices.of(appointment.business).rules.is_discreet:
        title, sender, place = _("Appointment"), _("Appointments"), ""
    words = _("The link to change or join it is in the mail from %(name)s.") % {"name": sender}
    start, end = appointment.start, appointment.end
    google = {
        "action": "TEMPLATE",
        "text": title,
        "dates": f"{_basic(start)}/{_basic(end)}",
        "details": words,
        "location": place,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": iso(start),
        "enddt": iso(end),
        "body": words,
        "location": place,
    }
    return [
        {"name": "Google", "href": f"https://calendar.google.com/calendar/render?{urlencode(google)}"},
        {"name": "Outlook", "href": f"https://outlook.live.com/calendar/0/deeplink/compose?{urlencode(outlook)}"},
    ]


def _basic(at: datetime) -> str:
    return iso(at).replace("-", "").replace(":", "")
