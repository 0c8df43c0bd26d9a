"""What each kind of message is called in the office."""

from django.utils.translation import gettext_lazy

from vestibule.notifications.facts import Kind
from vestibule.web.manager import fields

KINDS: dict[str, fields.Words] = {
    Kind.CONFIRMATION: gettext_lazy("Confirmation"),
    Kind.MOVED: gettext_lazy("New time"),
    Kind.CANCELLED: gettext_lazy("Cancellation"),
    Kind.REMINDER: gettext_lazy("Reminder"),
    Kind.FOLLOW_UP: gettext_lazy("After the appointment"),
    Kind.PROVIDER_LATE: gettext_lazy("The provider is late"),
    Kind.NEXT: gettext_lazy("Next in the queue"),
    Kind.ARRIVED: gettext_lazy("Arrived, to the provider"),
    Kind.WAITS_TOO_LONG: gettext_lazy("Somebody waits too long"),
    Kind.GATEWAY_FAILS: gettext_lazy("A gateway fails"),
    Kind.SMS_ANSWER: gettext_lazy("Answer to a text message"),
    Kind.PROVIDER_BOOKED: gettext_lazy("Booking, to the provider"),
    Kind.PROVIDER_MOVED: gettext_lazy("New time, to the provider"),
    Kind.PROVIDER_CANCELLED: gettext_lazy("Cancellation, to the provider"),
    Kind.REQUESTED: gettext_lazy("Request"),
    Kind.PROVIDER_REQUESTED: gettext_lazy("Request, to be answered"),
    Kind.DECLINED: gettext_lazy("Request declined"),
    Kind.REQUEST_EXPIRED: gettext_lazy("Request not answered in time"),
    Kind.MISSED: gettext_lazy("Did not come"),
    Kind.SERIES_BOOKED: gettext_lazy("Confirmation of a series"),
    Kind.PROVIDER_SERIES_BOOKED: gettext_lazy("Booking of a series, to the provider"),
    Kind.HELPER_INVITED: gettext_lazy("Invitation of a helper"),
    Kind.HELPER_MOVED: gettext_lazy("New time, to a helper"),
    Kind.HELPER_CANCELLED: gettext_lazy("Cancellation, to a helper"),
    Kind.SOMEBODY_WAITS: gettext_lazy("Staff are told that somebody waits"),
    Kind.CALLED_IN: gettext_lazy("A colleague is asked into a visit"),
    Kind.VISIT_NOTE: gettext_lazy("Message after the visit"),
    Kind.MESSAGE_WAITS: gettext_lazy("Somebody is told of an unread message"),
    Kind.WAITLIST_JOINED: gettext_lazy("Waitlist joined"),
    Kind.WAITLIST_OFFER: gettext_lazy("Offer from the waitlist"),
    Kind.WAITLIST_ENDED: gettext_lazy("End of the waitlist"),
    Kind.SIGN_IN: gettext_lazy("Sign-in"),
    Kind.PROGRAM: gettext_lazy("Sent by a program"),
}


def kind_words(kind: str) -> str:
    """Return what a message is about, in words."""
    return str(KINDS.get(kind, kind.replace("_", " ").capitalize()))
