"""One of everything a page can be about, and the address of each page about it."""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.booking.factories import at
from tests.web.manager.office import Office, url
from vestibule.booking import documents
from vestibule.booking.models import (
    DateOverride,
    Location,
    Resource,
    ResourceClosure,
    Schedule,
    SchedulerLink,
    TimeOff,
    Trip,
    WaitlistEntry,
)
from vestibule.calendars.models import Connection
from vestibule.experience import document
from vestibule.experience.models import SurveyQuestion, Version
from vestibule.meetings.models import PreparedText, WaitingArea
from vestibule.notifications import gateways
from vestibule.notifications.models import Address, Gateway, OutboxMessage
from vestibule.people import api_keys, applications, communication
from vestibule.people.actors import actor_of_membership
from vestibule.people.models import OutsideAccount
from vestibule.people.permissions import SYSTEM, Role
from vestibule.store.clock import to_minute
from vestibule.subscriptions.models import Subscription
from vestibule.web.manager.urls import urlpatterns

SEASON = {"general": "free", "ranges": [{"from": "2030-08-01", "to": "2030-08-31", "kind": "closed", "weekly": []}]}
QUESTION = {"id": "reason", "type": "text", "label": "What is it about?", "help": "", "required": False, "choices": []}


@dataclass(frozen=True)
class Things:
    """The things, and the addresses of their pages."""

    office: Office
    arguments: dict[str, list[object]]

    def address(self, name: str) -> str:
        """The address of the page called `name`."""
        short = name.removeprefix("manage").removeprefix("-")
        for start, arguments in self.arguments.items():
            if short == start or short.startswith(f"{start}-"):
                query = {"start": "2030-03-06T09:00:00Z"} if short == "book-contact" else {}
                return url(short, *arguments, **query)
        if short in ("calendar-check", "calendar-starts"):
            return url(short, ref=self.office.booked.ref, date="2030-03-05")
        return url(short)


def fill(office: Office) -> Things:
    """Give the office one of everything it lacks."""
    business = office.business
    slug, provider = office.visit.__class__.objects.get(business=business).slug, business.providers.get().slug
    office.visit.__class__.objects.filter(business=business).update(questions=[QUESTION], availability=SEASON)
    place, _made = Location.objects.get_or_create(business=business, name="Main street", kind="place")
    day, _made = DateOverride.objects.get_or_create(business=business, date=date(2030, 5, 1), is_closed=True)
    start = to_minute(at("08:00") + timedelta(days=60))
    off, _made = TimeOff.objects.get_or_create(business=business, start_minute=start, end_minute=start + 600)
    ada = business.providers.get()
    trip, _made = Trip.objects.get_or_create(
        business=business, provider=ada, first=date(2030, 6, 1), timezone="Asia/Tokyo"
    )
    evening, _made = Schedule.objects.get_or_create(business=business, provider=ada, name="Evening clinic")
    evening_day, _made = DateOverride.objects.get_or_create(
        business=business, provider=ada, schedule=evening, date=date(2030, 5, 2), is_closed=True
    )
    room, _made = Resource.objects.get_or_create(business=business, slug="room-2", name="Room 2")
    closure, _made = ResourceClosure.objects.get_or_create(resource=room, start_minute=start, end_minute=start + 60)
    linked, _made = Connection.objects.get_or_create(business=business, provider=ada, kind="ics", name="Outlook")
    asked, _made = SurveyQuestion.objects.get_or_create(business=business, text="How was your visit?")
    key = (
        business.api_keys.first()
        or api_keys.create(actor_of_membership(office.staff[Role.OWNER]), "Website", ["setup:read"])[0]
    )
    letter = office.booked.documents.first() or documents.add(
        SYSTEM, office.booked, name="letter.pdf", media_type="application/pdf", content=b"%PDF-1.7"
    )
    entry = WaitlistEntry.objects.filter(business=business).first() or WaitlistEntry.objects.create(
        business=business,
        service=office.visit,
        provider=business.providers.get(),
        length_minutes=30,
        name="Wanda Wait",
        email="wanda@example.org",
        timezone="UTC",
        first=date(2030, 3, 4),
        last=date(2030, 3, 8),
    )
    group, _made = WaitingArea.objects.get_or_create(business=business, slug=f"walk-ins-{business.pk}", name="Walk-ins")
    words, _made = PreparedText.objects.get_or_create(business=business, text="It takes a little longer.")
    mails, _made = Gateway.objects.get_or_create(
        business=business,
        channel="email",
        kind="smtp",
        defaults={"name": "Our mail server", "sender": business.email, "access": gateways.sealed({})},
    )
    OutsideAccount.objects.get_or_create(
        business=business,
        kind="microsoft365",
        defaults={"access": "unreadable", "sign_in": "sealed", "signed_in_at": at("08:00")},
    )
    SchedulerLink.objects.get_or_create(
        business=business, defaults={"external_id": "c@clinic.example", "name": "Clinic"}
    )
    communication.put(actor_of_membership(office.staff[Role.OWNER]), is_on=True, services=["chat"])
    program = (
        business.applications.first()
        or applications.register(actor_of_membership(office.staff[Role.OWNER]), "Practice", ["Bookings.Read.All"])[0]
    )
    told, _made = Subscription.objects.get_or_create(
        business=business,
        name="practice",
        shape="event_grid",
        defaults={"address": "x", "shown": "https://example.com"},
    )
    gone, _made = Address.objects.get_or_create(
        business=business, channel="email", value="gone@example.org", defaults={"bounced_at": at("08:00")}
    )
    Version.objects.get_or_create(business=business, number=1, defaults={"document": document.read(business)})
    member = office.staff[Role.SCHEDULER].pk
    return Things(
        office,
        {
            "appointments": [],
            "transfer-busy": [provider],
            "transfer-events": [provider],
            "waitlist-remove": [entry.ref],
            "appointment-file": [office.booked.ref, letter.ref],
            "appointment": [office.booked.ref],
            "book-time": [slug],
            "book-contact": [slug],
            "day-remove": [day.ref],
            "off-remove": [off.ref],
            "trip-remove": [trip.ref],
            "service-range-remove": [slug, "2030-08-01_2030-08-31"],
            "resource-new": [],
            "resources": [],
            "resource": [room.ref],
            "closure-remove": [room.ref, closure.ref],
            "schedules": [provider],
            "schedule-day-remove": [provider, evening.ref, evening_day.ref],
            "schedule": [provider, evening.ref],
            "areas": [],
            "area": [group.slug],
            "texts": [],
            "text": [words.ref],
            "connections": [],
            "connection": [linked.ref],
            "account": ["microsoft365"],
            "bookings": [],
            "ways": [],
            "way": ["place"],
            "preset": ["hybrid"],
            "gateway-kinds": ["email"],
            "own-texts-in": ["de"],
            "experience-versions": [],
            "experience-version": [1],
            "experience-step": ["services"],
            "experience-questions": [],
            "experience-question-new": [slug],
            "experience-question": [slug, "reason"],
            "experience-preview": ["book"],
            "words-edit": ["reminder", "consumer", "email", "en"],
            "words-mail": ["reminder", "consumer", "email", "en"],
            "gateway-add": ["email", "smtp"],
            "gateway": [mails.ref],
            "messages": [],
            "message-report": [],
            "message": [OutboxMessage.objects.filter(business=business).earliest("pk").ref],
            "address-right": [gone.pk],
            "location": [place.ref],
            "service-new": [],
            "service": [slug],
            "question-new": [slug],
            "question": [slug, "reason"],
            "provider-new": [],
            "provider": [provider],
            "staff-invite": [],
            "staff-member": [member],
            "staff-deactivate": [member],
            "staff-second-steps": [member],
            "key-revoke": [key.pk],
            "programs-key": ["primary"],
            "programs-application": [program.pk],
            "events": [],
            "event-new": [],
            "event": [told.guid],
            "report-file": ["bookings"],
            "results-file": ["csv"],
            "survey-question": [asked.ref],
            "survey-move": [asked.ref],
            "survey-remove": [asked.ref],
        },
    )


ABOUT_ONE_THING = {
    "manage-area",
    "manage-area-hours",
    "manage-area-content",
    "manage-area-retire",
    "manage-text",
    "manage-appointment",
    "manage-appointment-move",
    "manage-appointment-time",
    "manage-appointment-follow-up",
    "manage-appointment-decline",
    "manage-appointment-files",
    "manage-appointment-file",
    "manage-transfer-busy",
    "manage-transfer-events",
    "manage-waitlist-remove",
    "manage-appointment-cancel",
    "manage-appointment-resend",
    "manage-book-time",
    "manage-book-contact",
    "manage-day-remove",
    "manage-off-remove",
    "manage-location",
    "manage-location-remove",
    "manage-service",
    "manage-service-rules",
    "manage-trip-remove",
    "manage-resource",
    "manage-resource-retire",
    "manage-closure-remove",
    "manage-service-availability",
    "manage-service-range",
    "manage-service-range-remove",
    "manage-service-needs",
    "manage-service-offers",
    "manage-provider-rules",
    "manage-schedules",
    "manage-schedule",
    "manage-schedule-remove",
    "manage-schedule-day-remove",
    "manage-service-questions",
    "manage-service-sending",
    "manage-service-words",
    "manage-question-new",
    "manage-question",
    "manage-question-remove",
    "manage-service-retire",
    "manage-provider",
    "manage-provider-offers",
    "manage-provider-hours",
    "manage-provider-days",
    "manage-provider-sign-in",
    "manage-provider-deactivate",
    "manage-connection",
    "manage-connection-access",
    "manage-connection-remove",
    "manage-provider-calendars",
    "manage-provider-calendar-address",
    "manage-provider-calendar-account",
    "manage-provider-calendar-outlook",
    "manage-staff-member",
    "manage-staff-deactivate",
    "manage-staff-second-steps",
    "manage-key-revoke",
    "manage-programs-application",
    "manage-programs-application-end",
    "manage-event",
    "manage-event-end",
    "manage-gateway",
    "manage-gateway-remove",
    "manage-gateway-address",
    "manage-message",
    "manage-address-right",
    "manage-survey-question",
    "manage-survey-remove",
}


ONLY_POST = {
    "manage-event-again",
    "manage-event-ask",
    "manage-programs-key",
    "manage-appointment-late",
    "manage-reminder-remove",
    "manage-words-shown",
    "manage-reminders-leave",
    "manage-waitlist-offer",
    "manage-appointment-label",
    "manage-appointment-approve",
    "manage-appointment-file-remove",
    "manage-appointment-no-show",
    "manage-appointment-complete",
    "manage-appointment-not-seen",
    "manage-area-picture",
    "manage-brand-logo",
    "manage-experience-picture",
    "manage-brand-favicon",
    "manage-area-close",
    "manage-text-remove",
    "manage-resource-restore",
    "manage-question-move",
    "manage-question-shared",
    "manage-survey-move",
    "manage-service-restore",
    "manage-provider-reactivate",
    "manage-staff-reactivate",
    "manage-staff-invite-again",
    "manage-message-retry",
    "manage-messages-retry",
    "manage-incoming-seen",
    "manage-connection-sync",
    "manage-feed",
    "manage-account-look",
    "manage-account-sign-in",
    "manage-account-business",
    "manage-bookings-gone",
    "manage-bookings-publish",
    "manage-gateway-test",
    "manage-gateway-first",
    "manage-gateway-switch",
    "manage-provider-feed",
    "manage-take-away-import",
    "manage-embed-remove",
}


def addresses(office: Office) -> dict[str, str]:
    """An address for each page that can be looked at, about things that exist."""
    things = fill(office)
    found = {}
    for pattern in urlpatterns:
        name = str(pattern.name)  # type: ignore[union-attr]  # none is an include
        if name not in ONLY_POST:
            found[name] = things.address(name)
    return found
