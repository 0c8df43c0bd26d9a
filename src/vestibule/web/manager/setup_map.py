"""Every page of set-up: what it is called, what is on it, who may open it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from vestibule.people.permissions import Actor, Permission

Words = str | Promise


@dataclass(frozen=True)
class SetupPage:
    """One page of set-up. `words` is what people may call what is on it, for the search."""

    name: str
    icon: str
    title: Words
    text: Words
    words: Words
    needs: Permission = Permission.SEE_SETUP


PAGES: tuple[tuple[Words, tuple[SetupPage, ...]], ...] = (
    (
        gettext_lazy("Your business"),
        (
            SetupPage(
                "manage-experience",
                "eye",
                gettext_lazy("What consumers see"),
                gettext_lazy("Step by step beside the real pages: draft, preview, publish, versions"),
                gettext_lazy(
                    "builder wizard template industry preview draft publish version roll back undo look brand texts"
                    " services call options waiting room questions consents survey reminders"
                ),
            ),
            SetupPage(
                "manage-business",
                "building",
                gettext_lazy("Business details"),
                gettext_lazy("Name, contact, time zone and language"),
                gettext_lazy("telephone e-mail privacy week start buffers between appointments"),
            ),
            SetupPage(
                "manage-ways",
                "swap",
                gettext_lazy("Who does what"),
                gettext_lazy("Booking, reminders and visits here, or by Microsoft 365 and Azure"),
                gettext_lazy(
                    "mode option preset hybrid custom microsoft 365 bookings teams outlook azure capability matrix"
                    " implementation"
                ),
            ),
            SetupPage(
                "manage-brand",
                "palette",
                gettext_lazy("Brand"),
                gettext_lazy("Colour, letters, corners, logo and icon of your pages"),
                gettext_lazy(
                    "brand accent colour color theme palette contrast font typeface logo favicon icon corners radius"
                    " density dark light mode appearance design look style white label own domain"
                ),
            ),
            SetupPage(
                "manage-own-texts",
                "edit",
                gettext_lazy("The words of your pages"),
                gettext_lazy("Your own words on consumers' pages, in each language"),
                gettext_lazy(
                    "own text heading introduction note thanks footer language translate booking page confirmation"
                    " waiting room error help"
                ),
            ),
            SetupPage(
                "manage-rules",
                "sliders",
                gettext_lazy("Booking rules"),
                gettext_lazy("Notice, how far ahead, buffers, limits, approval: for all services"),
                gettext_lazy(
                    "interval grid alignment buffer pause notice lead time cancel move reschedule window days ahead"
                    " limit maximum per day week month open bookings approval confirm request no-show missed choose"
                    " provider returning default follow"
                ),
            ),
            SetupPage(
                "manage-hours",
                "clock",
                gettext_lazy("Opening hours"),
                gettext_lazy("When you are open each week"),
                gettext_lazy("working hours weekly monday lunch break overnight night"),
            ),
            SetupPage(
                "manage-days",
                "calendar-x",
                gettext_lazy("Closed days and exceptions"),
                gettext_lazy("Days with other hours, or none"),
                gettext_lazy("holiday closure override vacation time off special hours"),
            ),
            SetupPage(
                "manage-holidays",
                "sun",
                gettext_lazy("Public holidays"),
                gettext_lazy("Closed by country and region, each day switchable"),
                gettext_lazy("public holiday bank holiday national day region canton state country christmas easter"),
            ),
            SetupPage(
                "manage-locations",
                "map-pin",
                gettext_lazy("Locations"),
                gettext_lazy("Online, in person or by telephone"),
                gettext_lazy("place address room video phone"),
            ),
        ),
    ),
    (
        gettext_lazy("What can be booked, and with whom"),
        (
            SetupPage(
                "manage-services",
                "briefcase",
                gettext_lazy("Services"),
                gettext_lazy("What consumers book: length, rules, price, questions"),
                gettext_lazy(
                    "duration length lengths interval buffer notice window limit seats group price question intake"
                    " hidden availability season date range custom hours series recurring repeat waitlist language"
                    " interpreter colour assignment round robin weight share team schedule consent file upload"
                ),
            ),
            SetupPage(
                "manage-providers",
                "user",
                gettext_lazy("Providers"),
                gettext_lazy("Who meets consumers, and when they work"),
                gettext_lazy(
                    "doctor adviser working hours schedule schedules evening clinic time off holiday leave sick travel"
                    " time zone trip redirect stand in colleague limit buffer"
                ),
            ),
            SetupPage(
                "manage-connections",
                "calendar",
                gettext_lazy("Calendars"),
                gettext_lazy("Outside calendars that make providers busy, and feeds of appointments"),
                gettext_lazy(
                    "connect ics caldav outlook google apple icloud nextcloud feed subscribe busy free sync address"
                ),
                Permission.MANAGE_SETUP,
            ),
            SetupPage(
                "manage-resources",
                "package",
                gettext_lazy("Rooms and devices"),
                gettext_lazy("What appointments share, and how many there are"),
                gettext_lazy("resource room device equipment machine licence quantity capacity maintenance closure"),
            ),
            SetupPage(
                "manage-why",
                "help",
                gettext_lazy("Why is a time missing?"),
                gettext_lazy("What every rule says about one start"),
                gettext_lazy("explain slot not offered free unavailable nothing free"),
                Permission.SEE_APPOINTMENTS,
            ),
        ),
    ),
    (
        gettext_lazy("Waiting and visits"),
        (
            SetupPage(
                "manage-areas",
                "door-open",
                gettext_lazy("Waiting areas"),
                gettext_lazy("Who waits where, walk-ins and their link, hours, colours, identity, what people see"),
                gettext_lazy(
                    "waiting room queue lobby group walk-in drop in public link opening hours close amber red colour"
                    " late identity date of birth confirm position expected wait picture film content support phone"
                ),
            ),
            SetupPage(
                "manage-texts",
                "chat",
                gettext_lazy("Prepared texts"),
                gettext_lazy("Sent to who waits with one tap, or by themselves"),
                gettext_lazy("canned message template reply automatic late waiting room"),
            ),
            SetupPage(
                "manage-visit-rules",
                "camera",
                gettext_lazy("Visits"),
                gettext_lazy("How calls are carried, chat and files, captions, recording, by telephone"),
                gettext_lazy(
                    "video call media server livekit relay hide ip address encryption screen share chat file history"
                    " retention caption subtitle record recording consent end hint timer dial-in number phone call me"
                    " request back"
                ),
            ),
        ),
    ),
    (
        gettext_lazy("Messages"),
        (
            SetupPage(
                "manage-sending",
                "bell",
                gettext_lazy("What is sent"),
                gettext_lazy("Every message on or off by e-mail and text, and the reminders"),
                gettext_lazy(
                    "notification sms text message e-mail mail confirmation reminder follow-up before after switch on"
                    " off arrived late next helper staff notice"
                ),
            ),
            SetupPage(
                "manage-words",
                "edit",
                gettext_lazy("The words of messages"),
                gettext_lazy("Your own words for any message, in each language, with a preview and a test"),
                gettext_lazy(
                    "template wording text subject heading placeholder translate language confirmation reminder"
                    " preview segments characters sms e-mail test"
                ),
            ),
            SetupPage(
                "manage-sending-rules",
                "moon",
                gettext_lazy("Rules for messages"),
                gettext_lazy("Quiet hours, limits for text messages, consent, discretion, answers"),
                gettext_lazy(
                    "quiet night rest do not disturb cap limit sms pumping fraud country prefix discreet privacy"
                    " subject footer imprint reply answer ask consent tick opt-in agree"
                ),
            ),
            SetupPage(
                "manage-gateways",
                "send",
                gettext_lazy("How messages are sent"),
                gettext_lazy("Mail server, text messages, Twilio, Azure, SendGrid and others"),
                gettext_lazy(
                    "gateway smtp mail server sender address sms text number twilio azure communication services"
                    " sendgrid mailgun postmark brevo mailjet provider api key password connect test fall back second"
                ),
                Permission.MANAGE_SETUP,
            ),
            SetupPage(
                "manage-messages",
                "mail",
                gettext_lazy("Messages"),
                gettext_lazy("What was sent, what is due, what failed, what people wrote back"),
                gettext_lazy(
                    "e-mail sms text reminder confirmation outbox failed retry history delivered next 7 days dry run"
                    " incoming reply answer written back stop unsubscribe bounce complaint consent suppressed address"
                ),
                Permission.SEE_APPOINTMENTS,
            ),
        ),
    ),
    (
        gettext_lazy("People and programs"),
        (
            SetupPage(
                "manage-staff",
                "users",
                gettext_lazy("Staff and roles"),
                gettext_lazy("Who signs in, and what they may do"),
                gettext_lazy("account invite invitation permission owner manager scheduler viewer deactivate"),
            ),
            SetupPage(
                "manage-survey",
                "survey",
                gettext_lazy("Survey"),
                gettext_lazy("What is asked after a visit, of consumers and providers"),
                gettext_lazy("feedback rating stars thumbs satisfaction nps recommend questions issues form webhook"),
            ),
            SetupPage(
                "manage-embed",
                "globe",
                gettext_lazy("In your own site"),
                gettext_lazy("Booking, visits and surveys inside your pages: which sites may, and the code"),
                gettext_lazy(
                    "embed widget iframe frame element script website html react wordpress plugin popup button origin"
                    " domain sdk"
                ),
            ),
            SetupPage(
                "manage-take-away",
                "package",
                gettext_lazy("Take it away"),
                gettext_lazy("Everything consumers see, as a file or a zip that runs elsewhere; and back in"),
                gettext_lazy(
                    "export import download zip docker container compose azure helm kubernetes self host backup copy"
                    " experience json schema version control"
                ),
            ),
            SetupPage(
                "manage-links",
                "link",
                gettext_lazy("Join links"),
                gettext_lazy("Paste a link and see what it is; the address for Microsoft Bookings"),
                gettext_lazy(
                    "tester test link join teams meeting url deployed app url bookings rooms safe links broken wrong"
                ),
            ),
            SetupPage(
                "manage-microsoft365",
                "briefcase",
                gettext_lazy("Microsoft 365"),
                gettext_lazy("One account for calendars in Outlook: what works with it, and what is missing"),
                gettext_lazy(
                    "azure entra graph tenant client secret certificate outlook teams bookings exchange office"
                ),
                Permission.MANAGE_SETUP,
            ),
            SetupPage(
                "manage-bookings",
                "calendar",
                gettext_lazy("Microsoft Bookings"),
                gettext_lazy("Import services and people from Bookings, export yours, show its page"),
                gettext_lazy("bookings microsoft import export services staff questions migrate page embed publish"),
                Permission.MANAGE_SETUP,
            ),
            SetupPage(
                "manage-acs",
                "phone",
                gettext_lazy("Azure Communication Services"),
                gettext_lazy("One resource for rooms, calls and messages: what works with it, and what is missing"),
                gettext_lazy(
                    "azure acs communication connection string rooms identity chat sms email event grid calling"
                ),
                Permission.MANAGE_SETUP,
            ),
            SetupPage(
                "manage-keys",
                "key",
                gettext_lazy("API keys"),
                gettext_lazy("For programs that book or read on your behalf"),
                gettext_lazy("token developer integration webhook scope revoke"),
                Permission.MANAGE_KEYS,
            ),
            SetupPage(
                "manage-programs",
                "key",
                gettext_lazy("Programs for Microsoft"),
                gettext_lazy("Let programs written for Communication Services or Bookings work with this business"),
                gettext_lazy(
                    "sdk azure graph connection string access key application secret tenant event grid webhook"
                ),
                Permission.MANAGE_KEYS,
            ),
        ),
    ),
)


@dataclass(frozen=True)
class Here:
    """A page in the list beside the set-up pages."""

    href: str
    title: Words
    icon: str
    is_here: bool


def beside(actor: Actor, path: str) -> Sequence[tuple[Words, Sequence[Here]]]:
    """Return the list that stands beside every page of set-up, the present one marked."""
    seen = [(title, [(reverse(page.name), page) for page in pages if actor.may(page.needs)]) for title, pages in PAGES]
    # One page may lie below another: the nearest is the present one.
    here = max((href for _, pages in seen for href, _ in pages if _holds(href, path)), key=len, default="")
    return [(title, [Here(href, page.title, page.icon, href == here) for href, page in pages]) for title, pages in seen]


def _holds(page: str, path: str) -> bool:
    return path == page or path.startswith(f"{page}/") or path == page.replace("/setup/", "/setup/new-")[:-1]
