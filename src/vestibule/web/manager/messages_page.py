"""Messages of the business: due, sent, failed and why."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import again
from vestibule.booking.models import Appointment
from vestibule.notifications.facts import Kind
from vestibule.notifications.models import OutboxMessage
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, done, open_to, paged, query_without, show

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
}
State = OutboxMessage.State
STATES = (
    ("", gettext_lazy("All")),
    ("failed", gettext_lazy("Could not be sent")),
    ("due", gettext_lazy("Due")),
    ("sent", gettext_lazy("Sent")),
    ("dropped", gettext_lazy("No longer wanted")),
)
WHICH = {
    "failed": (State.FAILED,),
    "due": (State.QUEUED, State.LEASED),
    "sent": (State.DONE,),
    "dropped": (State.DROPPED,),
}


class FilterForm(fields.Form):
    """Which messages to list."""

    state = fields.one_of(gettext_lazy("State"), words(STATES), required=False)
    channel = fields.one_of(
        gettext_lazy("Sent by"), [("", gettext_lazy("Both")), *words(OutboxMessage.Channel.choices)], required=False
    )
    q = fields.text(gettext_lazy("To"), most=120, required=False)


def kind_words(kind: str) -> str:
    """Return what a message is about, in words."""
    return str(KINDS.get(kind, kind.replace("_", " ").capitalize()))


def for_reading(messages: Iterable[OutboxMessage]) -> list[OutboxMessage]:
    """Return messages with `words` for their kind, and `at`, when they left or are due."""
    found = list(messages)
    for message in found:
        message.words = kind_words(message.kind)  # type: ignore[attr-defined]  # for the page
        message.at = message.sent_at or message.due_at  # type: ignore[attr-defined]  # for the page
    return found


@open_to(Permission.SEE_APPOINTMENTS)
def listing(request: StaffRequest) -> HttpResponse:
    """List messages, the latest written first; those due in the order they leave."""
    form = FilterForm(request.GET)
    rows = OutboxMessage.objects.visible_to(request.actor).order_by("-pk")
    if form.is_valid():
        given = form.cleaned_data
        if given["state"]:
            rows = rows.filter(state__in=WHICH[given["state"]])
        if given["state"] == "due":
            rows = rows.order_by("due_at", "pk")
        if given["channel"]:
            rows = rows.filter(channel=given["channel"])
        if given["q"]:
            rows = rows.filter(to__icontains=given["q"]) | rows.filter(to_name__icontains=given["q"])
    page = paged(request, rows)
    shown = for_reading(list(page.object_list))
    known = set(
        Appointment.objects.visible_to(request.actor)
        .filter(ref__in=[message.subject_ref for message in shown])
        .values_list("ref", flat=True)
    )
    states = OutboxMessage.objects.visible_to(request.actor).values_list("state")
    counts = dict(states.annotate(Count("pk")).order_by())
    context: dict[str, Any] = {"page": page, "rows": shown, "known": known, "query": query_without(request, "page")}
    return show(request, "messages.html", form=form, failed=counts.get(State.FAILED, 0), **context)


@open_to(Permission.CHANGE_APPOINTMENTS, only_post=True)
def retry(request: StaffRequest, ref: str) -> HttpResponse:
    """Try a failed message again."""
    message = again.retry(request.actor, ref)
    words = _("The message to %(name)s is on its way again.")
    return done(request, words % {"name": message.to_name or message.to}, "manage-messages")
