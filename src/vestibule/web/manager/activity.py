"""Who did what: the audit trail in plain words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Appointment
from vestibule.booking.outside import following
from vestibule.people.models import AuditEntry
from vestibule.web import times
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, open_to, paged, query_without, show

AREAS = (
    ("", gettext_lazy("Everything")),
    ("appointment", gettext_lazy("Appointments")),
    ("meeting", gettext_lazy("Visits")),
    ("setup", gettext_lazy("Set-up")),
    ("membership", gettext_lazy("Staff")),
    ("api_key", gettext_lazy("Keys")),
    ("survey", gettext_lazy("Survey")),
    ("message", gettext_lazy("Messages")),
)
SETUP = (
    "business",
    "account",
    "scheduler",
    "outside",
    "gateway",
    "brand",
    "experience",
    "area",
    "location",
    "service",
    "provider",
    "hours",
    "override",
    "time_off",
    "calendar",
    "schedule",
    "trip",
    "holidays",
    "resource",
)
# Translators: each completes "Mara Manager …", as in "Mara Manager booked an appointment".
SAYINGS: dict[str, str | Promise] = {
    "appointment.booked": gettext_lazy("booked an appointment"),
    "appointment.moved": gettext_lazy("moved an appointment"),
    "appointment.cancelled": gettext_lazy("cancelled an appointment"),
    "appointment.no_show": gettext_lazy("noted that somebody did not come"),
    "appointment.not_seen": gettext_lazy("noted that somebody left before being seen"),
    "appointment.arrived": gettext_lazy("came to a visit"),
    "appointment.waiting": gettext_lazy("went to the waiting room"),
    "appointment.in_visit": gettext_lazy("began a visit"),
    "appointment.completed": gettext_lazy("noted that a visit took place"),
    "appointment.confirmed": gettext_lazy("said that they come"),
    "appointment.texts_on": gettext_lazy("switched text messages on"),
    "appointment.texts_off": gettext_lazy("switched text messages off"),
    "appointment.running_late": gettext_lazy("said they are running late"),
    "appointment.provider_late": gettext_lazy("said that the provider is late"),
    "messages.chosen": gettext_lazy("changed which messages are sent"),
    "messages.reminders_changed": gettext_lazy("changed the reminders"),
    "messages.rules_changed": gettext_lazy("changed how messages are sent"),
    "messages.tested": gettext_lazy("sent a test of a message’s words"),
    "messages.worded": gettext_lazy("changed the words of a message"),
    "appointment.requested": gettext_lazy("asked for an appointment"),
    "appointment.approved": gettext_lazy("approved a request"),
    "appointment.declined": gettext_lazy("declined a request"),
    "appointment.expired": gettext_lazy("ended a request that nobody answered"),
    "appointment.cannot_come": gettext_lazy("said that they cannot come"),
    "appointment.answered": gettext_lazy("answered questions about an appointment"),
    "appointment.contact_changed": gettext_lazy("corrected who comes"),
    "appointment.rules_set_aside": gettext_lazy("set the booking rules aside"),
    "appointment.noted": gettext_lazy("noted something about an appointment"),
    "consumer.added": gettext_lazy("made somebody known"),
    "consumer.known": gettext_lazy("named somebody who was known already"),
    "consumer.changed": gettext_lazy("corrected what is known of somebody"),
    "consumer.removed": gettext_lazy("forgot somebody who never came"),
    "appointment.outside_again": gettext_lazy("let an appointment be brought to Bookings again"),
    "outside.seen": gettext_lazy("saw what differs from Bookings"),
    "outside.let_go": gettext_lazy("let appointments that are missing in Bookings be cancelled"),
    "appointment.labelled": gettext_lazy("labelled an appointment"),
    "appointment.helper_added": gettext_lazy("asked a helper to come"),
    "appointment.helper_removed": gettext_lazy("took a helper out"),
    "appointment.document_added": gettext_lazy("added a file"),
    "appointment.document_removed": gettext_lazy("removed a file"),
    "document.kept": gettext_lazy("sent a file with a booking"),
    "document.read": gettext_lazy("opened a file"),
    "waitlist.joined": gettext_lazy("joined the waitlist"),
    "waitlist.offered": gettext_lazy("offered a time to who waits"),
    "waitlist.accepted": gettext_lazy("took an offered time"),
    "waitlist.declined": gettext_lazy("let an offered time pass"),
    "waitlist.lapsed": gettext_lazy("passed an offered time on"),
    "waitlist.left": gettext_lazy("left the waitlist"),
    "waitlist.ended": gettext_lazy("ended a wait"),
    "meeting.ended": gettext_lazy("ended a visit for everybody"),
    "meeting.admitted": gettext_lazy("let somebody in"),
    "meeting.line_checked": gettext_lazy("kept what a check of camera, microphone and connection found"),
    "meeting.denied": gettext_lazy("turned somebody away"),
    "meeting.held": gettext_lazy("set somebody who waits aside"),
    "meeting.back_in_queue": gettext_lazy("took somebody back into the queue"),
    "meeting.transferred": gettext_lazy("handed a visit on"),
    "meeting.walked_in": gettext_lazy("came by without an appointment"),
    "meeting.room_made": gettext_lazy("made a room"),
    "meeting.made": gettext_lazy("had an online meeting made"),
    "meeting.changed": gettext_lazy("changed an online meeting"),
    "meeting.deleted": gettext_lazy("deleted an online meeting"),
    "meeting.came": gettext_lazy("came to an online meeting"),
    "meeting.room_changed": gettext_lazy("changed a room"),
    "meeting.room_deleted": gettext_lazy("deleted a room"),
    "meeting.room_people_changed": gettext_lazy("changed who is invited to a room"),
    "meeting.room_link_made": gettext_lazy("gave somebody their way into a room"),
    "meeting.locked": gettext_lazy("gave a wrong date of birth too often"),
    "meeting.unlocked": gettext_lazy("unlocked the place of somebody who waits"),
    "meeting.identity_confirmed": gettext_lazy("recognised somebody who waits"),
    "provider.stepped_away": gettext_lazy("stepped away from the desk"),
    "provider.came_back": gettext_lazy("came back to the desk"),
    "meeting.removed": gettext_lazy("removed somebody from a visit"),
    "meeting.room_locked": gettext_lazy("locked the room of a visit"),
    "meeting.room_unlocked": gettext_lazy("unlocked the room of a visit"),
    "meeting.helper_added": gettext_lazy("brought a helper into a visit"),
    "meeting.colleague_invited": gettext_lazy("asked a colleague into a visit"),
    "meeting.handed_over": gettext_lazy("handed a visit over to a colleague"),
    "meeting.called": gettext_lazy("telephoned somebody who asked for it"),
    "meeting.carried": gettext_lazy("chose what carries a call"),
    "meeting.outside_again": gettext_lazy("tried again to hold a visit in Teams"),
    "meeting.met_here": gettext_lazy("held a visit here and not in Teams"),
    "meeting.outside_changed": gettext_lazy("brought a visit to Teams, or could not"),
    "message.deleted": gettext_lazy("deleted somebody's message"),
    "meeting.chat_people_added": gettext_lazy("let a program into the messages of a visit"),
    "meeting.chat_people_removed": gettext_lazy("took a program out of the messages of a visit"),
    "recording.asked": gettext_lazy("asked to record a call"),
    "recording.agreed": gettext_lazy("agreed to a recording"),
    "recording.declined": gettext_lazy("did not agree to a recording"),
    "recording.stopped": gettext_lazy("ended a recording"),
    "recording.ready": gettext_lazy("kept a recording"),
    "recording.failed": gettext_lazy("noted that a recording failed"),
    "recording.downloaded": gettext_lazy("downloaded a recording"),
    "recording.deleted": gettext_lazy("deleted a recording"),
    "data.imported": gettext_lazy("imported data"),
    "busy.removed": gettext_lazy("removed imported busy times"),
    "data.exported": gettext_lazy("exported data"),
    "note.private_written": gettext_lazy("began private notes about a visit"),
    "note.after_visit_written": gettext_lazy("began a message for after a visit"),
    "note.sent": gettext_lazy("sent a message after a visit"),
    "business.created": gettext_lazy("set the business up"),
    "business.changed": gettext_lazy("changed the business details"),
    "business.made_beside": gettext_lazy("made a further business"),
    "business.taken_away": gettext_lazy("took a further business away"),
    "brand.changed": gettext_lazy("changed how the pages look"),
    "experience.published": gettext_lazy("published what consumers see"),
    "experience.exported": gettext_lazy("took a copy of what consumers see"),
    "brand.picture_kept": gettext_lazy("sent a picture for the pages"),
    "business.transferred": gettext_lazy("handed the business over"),
    "location.added": gettext_lazy("added a location"),
    "location.changed": gettext_lazy("changed a location"),
    "location.removed": gettext_lazy("removed a location"),
    "service.added": gettext_lazy("added a service"),
    "service.changed": gettext_lazy("changed a service"),
    "question.added": gettext_lazy("wrote a question"),
    "question.changed": gettext_lazy("changed a question"),
    "question.removed": gettext_lazy("took a question away"),
    "provider.added": gettext_lazy("added a provider"),
    "provider.changed": gettext_lazy("changed a provider"),
    "hours.changed": gettext_lazy("changed working hours"),
    "hours.followed": gettext_lazy("let a provider follow the opening hours"),
    "override.set": gettext_lazy("changed the hours of one day"),
    "override.removed": gettext_lazy("gave one day its weekly hours back"),
    "business.rules_changed": gettext_lazy("changed the booking rules"),
    "provider.rules_changed": gettext_lazy("changed the rules of one person"),
    "schedule.added": gettext_lazy("added a schedule"),
    "schedule.renamed": gettext_lazy("renamed a schedule"),
    "schedule.removed": gettext_lazy("removed a schedule"),
    "trip.added": gettext_lazy("added travel"),
    "trip.removed": gettext_lazy("removed travel"),
    "holidays.changed": gettext_lazy("changed the public holidays"),
    "resource.added": gettext_lazy("added a resource"),
    "resource.changed": gettext_lazy("changed a resource"),
    "resource.closed": gettext_lazy("closed a resource for a while"),
    "resource.reopened": gettext_lazy("opened a resource again"),
    "resource.retired": gettext_lazy("retired a resource"),
    "resource.restored": gettext_lazy("let a resource be used again"),
    "time_off.added": gettext_lazy("added time off"),
    "time_off.removed": gettext_lazy("removed time off"),
    "calendar.connected": gettext_lazy("connected a calendar"),
    "calendar.changed": gettext_lazy("changed what a calendar is for"),
    "calendar.removed": gettext_lazy("removed a calendar"),
    "calendar.event_put": gettext_lazy("put an event into a calendar"),
    "calendar.event_changed": gettext_lazy("changed an event of a calendar"),
    "calendar.event_removed": gettext_lazy("took an event out of a calendar"),
    "calendar.feed_made": gettext_lazy("made an address to subscribe to appointments"),
    "calendar.feed_stopped": gettext_lazy("stopped an address to subscribe to appointments"),
    "staff.invited": gettext_lazy("invited somebody to the staff"),
    "staff.invited_again": gettext_lazy("sent an invitation again"),
    "staff.role_changed": gettext_lazy("changed somebody's role"),
    "staff.meets_consumers": gettext_lazy("let somebody with a sign-in meet consumers"),
    "staff.deactivated": gettext_lazy("ended somebody's access"),
    "staff.reactivated": gettext_lazy("let somebody back in"),
    "staff.appointed": gettext_lazy("made somebody staff from the server's command line"),
    "staff.second_steps_reset": gettext_lazy("removed somebody's second steps"),
    "api_key.created": gettext_lazy("made a key"),
    "api_key.revoked": gettext_lazy("revoked a key"),
    "programs.communication_set": gettext_lazy("changed what programs of Communication Services may do"),
    "programs.access_key_seen": gettext_lazy("looked at an access key for programs"),
    "programs.access_key_renewed": gettext_lazy("made a new access key for programs"),
    "programs.graph_set": gettext_lazy("let programs of Graph in, or shut them out"),
    "programs.application_made": gettext_lazy("registered an application"),
    "programs.application_revoked": gettext_lazy("shut an application out"),
    "programs.secret_made": gettext_lazy("made a secret for an application"),
    "programs.secret_revoked": gettext_lazy("ended a secret of an application"),
    "subscription.made": gettext_lazy("let a program be told of events"),
    "subscription.renewed": gettext_lazy("let a program be told of events for longer"),
    "subscription.tried_again": gettext_lazy("let events be told once more"),
    "subscription.ended": gettext_lazy("ended what a program is told"),
    "subscription.lapsed": gettext_lazy("told a program nothing, for its address did not confirm in time"),
    "subscription.expired": gettext_lazy("told a program no more, for it did not ask to be told for longer"),
    "area.added": gettext_lazy("added a waiting area"),
    "area.changed": gettext_lazy("changed a waiting area"),
    "area.retired": gettext_lazy("took a waiting area away"),
    "area.closed": gettext_lazy("closed a queue"),
    "area.opened": gettext_lazy("opened a queue again"),
    "prepared_text.added": gettext_lazy("added a prepared text"),
    "prepared_text.changed": gettext_lazy("changed a prepared text"),
    "prepared_text.removed": gettext_lazy("removed a prepared text"),
    "visit_rules.changed": gettext_lazy("changed the rules of visits"),
    "ways.changed": gettext_lazy("changed who does what"),
    "embed.changed": gettext_lazy("changed which sites may show your pages"),
    "survey.changed": gettext_lazy("changed the survey"),
    "survey.elsewhere": gettext_lazy("changed whose form is asked"),
    "survey.key_renewed": gettext_lazy("renewed the key of the other form"),
    "texts.changed": gettext_lazy("changed the words of consumers' pages"),
    "survey.stopped": gettext_lazy("stopped the survey"),
    "message.retried": gettext_lazy("let a message be sent again"),
    "message.sent_again": gettext_lazy("sent a confirmation again"),
    "messages.sent_by_program": gettext_lazy("sent messages"),
    "messages.opted_out": gettext_lazy("noted by a program who wants no more text messages"),
    "messages.opted_in": gettext_lazy("noted by a program who wants text messages again"),
    "message.all_retried": gettext_lazy("let all that a gateway refused be sent again"),
    "account.linked": gettext_lazy("set up an account at a vendor"),
    "account.changed": gettext_lazy("changed an account at a vendor"),
    "account.looked_at": gettext_lazy("looked at what works with an account at a vendor"),
    "account.unlinked": gettext_lazy("removed an account at a vendor"),
    "scheduler.linked": gettext_lazy("connected a business in Bookings"),
    "scheduler.unlinked": gettext_lazy("disconnected the business in Bookings"),
    "scheduler.imported": gettext_lazy("imported from Bookings"),
    "scheduler.exported": gettext_lazy("exported to Bookings"),
    "scheduler.published": gettext_lazy("published the page in Bookings, or took it back"),
    "scheduler.page": gettext_lazy("changed how the page of Bookings is shown"),
    "gateway.connected": gettext_lazy("set up a gateway for messages"),
    "gateway.changed": gettext_lazy("changed a gateway for messages"),
    "gateway.tested": gettext_lazy("tested a gateway for messages"),
    "gateway.switched_on": gettext_lazy("let a gateway for messages be used again"),
    "gateway.switched_off": gettext_lazy("let a gateway for messages rest"),
    "gateway.put_first": gettext_lazy("put a gateway for messages before the others"),
    "gateway.address_renewed": gettext_lazy("made a new address for what comes back from a gateway"),
    "gateway.removed": gettext_lazy("removed a gateway for messages"),
    "texts.seen": gettext_lazy("looked at text messages that came in"),
    "browser.told": gettext_lazy("turned on notifications in a browser"),
    "browser.removed": gettext_lazy("turned off notifications in a browser"),
    "address.mended": gettext_lazy("found an address to be right again"),
}
ICONS = {
    "messages.sent_by_program": "mail",
    "appointment": "calendar-check",
    "meeting": "camera",
    "membership": "users",
    "api_key": "key",
    "resource_of_programs": "key",
    "tenant": "key",
    "application": "key",
    "subscription": "bell",
    "survey": "survey",
    "message": "mail",
    "account": "key",
    "gateway": "mail",
    "address": "mail",
    "browser": "bell",
    "service": "briefcase",
    "provider": "user",
    "location": "map-pin",
    "resource": "building",
    "business": "building",
    "experience": "eye",
}


class FilterForm(fields.Form):
    """Which entries to list."""

    area = fields.one_of(gettext_lazy("About"), words(AREAS), required=False)
    who = fields.text(gettext_lazy("By"), most=120, required=False)
    since = fields.day(gettext_lazy("From"), required=False)
    until = fields.day(gettext_lazy("Until"), required=False)


@dataclass(frozen=True)
class Line:
    """One entry in words."""

    at: datetime
    day: str
    who: str
    said: str
    about: str
    icon: str
    href: str


@open_to(Permission.SEE_ACTIVITY)
def activity(request: StaffRequest) -> HttpResponse:
    """Show the trail, the latest first."""
    form = FilterForm(request.GET)
    rows = AuditEntry.objects.visible_to(request.actor)
    if form.is_valid():
        given, zone = form.cleaned_data, ZoneInfo(request.business.timezone)
        if given["area"]:
            rows = rows.filter(subject_kind__in=SETUP if given["area"] == "setup" else (given["area"],))
        if given["who"]:
            rows = rows.filter(actor_label__icontains=given["who"])
        if given["since"]:
            rows = rows.filter(at__gte=datetime.combine(given["since"], time(), zone))
        if given["until"]:
            rows = rows.filter(at__lt=datetime.combine(given["until"] + timedelta(days=1), time(), zone))
    page = paged(request, rows)
    about = _appointments(request, page.object_list)
    lines = [_line(entry, request.business.timezone, about) for entry in page.object_list]
    return show(request, "activity.html", form=form, page=page, lines=lines, query=query_without(request, "page"))


def _appointments(request: StaffRequest, entries: Iterable[AuditEntry]) -> dict[str, str]:
    """Return the appointments that entries are about in words, by reference."""
    refs = [entry.subject_ref for entry in entries if entry.subject_kind == "appointment"]
    rows = Appointment.objects.visible_to(request.actor).filter(ref__in=refs).select_related("service")
    zone = request.business.timezone
    return {
        row.ref: f"{row.name}, {row.service.name}, {times.day(row.start_minute, zone)}, "
        f"{times.clock(row.start_minute, zone)}"
        for row in rows
    }


def _line(entry: AuditEntry, zone: str, appointments: Mapping[str, str]) -> Line:
    saying = SAYINGS.get(entry.action)
    about = appointments.get(entry.subject_ref)
    return Line(
        entry.at,
        times.day(entry.at, zone),
        who_words(entry.actor_kind, entry.actor_label),
        str(saying) if saying else entry.action.replace(".", ": ").replace("_", " "),
        about or entry.summary,
        ICONS.get(entry.action) or ICONS.get(entry.subject_kind, "sliders"),
        reverse("manage-appointment", args=[entry.subject_ref]) if about else "",
    )


def who_words(kind: str, label: str) -> str:
    """Return who did something, in words, from the kind and label of an actor."""
    if kind == "system":
        return label if label in following.LABELS.values() else _("Vestibule")
    if kind == "public":
        return _("A consumer")
    if kind == "consumer" and label in ("", "consumer"):
        return _("The consumer")
    if kind == "api_key":
        return capfirst(label)
    return label
