"""What templates need beyond Django's own tags. Settings load these everywhere: no `{% load %}` needed.

Assets, icons, times in the reader's zone, form controls, and the small sums a page needs. A time is an aware
datetime or a UTC minute (whole minutes since 1970-01-01T00:00Z); a zone is a tz name such as "Europe/London".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import phonenumbers
from django import template
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import (
    BaseForm,
    BooleanField,
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    Field,
    RadioSelect,
    Select,
)
from django.template.context import Context
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from vestibule.booking.models import Service
from vestibule.meetings import elsewhere
from vestibule.meetings.elsewhere import Elsewhere
from vestibule.meetings.models import Meeting
from vestibule.people.models import Business
from vestibule.web import assets, call_words, desk_words, first_styles, languages, look, money, staff_pages, times
from vestibule.web.framed.frames import Frame
from vestibule.web.templatetags import own_texts

register = template.Library()

WAIT_IS_LONG = 5  # minutes, as a waiting area has them unless its business chooses others
WAIT_IS_LATE = 15


@register.simple_tag
def asset(name: str) -> str:
    """Return the address of built file `name`, such as "site.css"."""
    return assets.url(name)


@register.simple_tag(name="first_styles")
def styles_to_begin_with() -> SafeString:
    """Return the styles a page begins with, in the document itself. Empty if they were not built."""
    path = assets.path(first_styles.SHEET)
    if path is None or not path.exists():
        return SafeString("")
    policy = tuple(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["style-src"])
    return first_styles.element(path, assets.url(first_styles.SHEET), policy)


@register.simple_tag
def script(name: str) -> SafeString:
    """Return the module script `name` ("desk.js") and hints for the chunks it will load. Empty if not built."""
    if not assets.is_built(name):
        return SafeString("")
    chunks = ((assets.url(chunk),) for chunk in assets.preloads(name))
    hints = format_html_join("", '<link rel="modulepreload" href="{}">', chunks)
    return format_html('{}<script type="module" src="{}"></script>', hints, assets.url(name))


@register.simple_tag
def icon(name: str, classes: str = "", *, label: str = "") -> SafeString:
    """Draw icon `name` of the sprite. Hidden from assistive technology, unless `label` gives it a meaning."""
    told = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" {} focusable="false"><use href="{}#{}"></use></svg>',
        classes,
        told,
        assets.url("icons.svg"),
        name,
    )


@register.simple_tag(name="page_languages", takes_context=True)
def languages_of_page(context: Context) -> list[languages.Choice]:
    """Return the languages this page can be had in; none without a request."""
    request = context.get("request")
    business = context.get("business")
    known = business if isinstance(business, Business) else None
    return languages.choices(request, known) if request is not None else []


@register.simple_tag(name="call_words", takes_context=True)
def words_of_call(context: Context, part: str = "") -> SafeString:
    """Bring the texts of the live pages that differ from English, where their script looks for them.

    Of part "first" those that are needed before anybody joined, and the business' own; `data-rest` says where the
    script finds the others.
    """
    if part != "first":
        return json_script(call_words.translated(), "words", encoder=PlainJson)
    brought = json_script(call_words.first() | own_texts.for_script(context), "words", encoder=PlainJson)
    url = call_words.rest_url(get_language() or "en")
    said = mark_safe(brought.removeprefix("<script"))  # noqa: S308  (what json_script escaped)
    return format_html('<script data-rest="{}"{}', url, said) if url else brought


class PlainJson(DjangoJSONEncoder):
    """Writes letters as they are: an Arabic one takes two bytes then, not six."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**(options | {"ensure_ascii": False}))


@register.simple_tag(name="desk_words")
def words_of_desk() -> SafeString:
    """Bring the texts of the desk that differ from English, beside those of `call_words`."""
    return json_script(desk_words.translated(), "desk-words")


@register.filter
def in_zone(at: times.Instant, zone: str) -> str:
    """Return "Monday 2 March, 09:00 (London time)"; the year too when it is not this one."""
    return times.moment(at, zone)


@register.filter
def day(at: times.Instant, zone: str) -> str:
    """Return "Monday 2 March" as the calendar stands in `zone`."""
    return times.day(at, zone)


@register.filter
def of_date(on: date) -> str:
    """Return "Monday 2 March" for a date."""
    return times.of_date(on)


@register.filter
def clock(at: times.Instant, zone: str) -> str:
    """Return "09:00" as clocks show it in `zone`."""
    return times.clock(at, zone)


@register.filter
def zone_name(zone: str) -> str:
    """Return "London time" for "Europe/London"."""
    return times.zone_name(zone)


@register.filter
def iso(at: times.Instant) -> str:
    """Return RFC 3339 UTC, for `datetime` attributes and values of choices."""
    return times.iso(at)


@register.simple_tag
def when(start: times.Instant, end: times.Instant, zone: str) -> SafeString:
    """Return a `<time>`: "Monday 2 March, 09:00 – 09:30 (London time)"."""
    return format_html('<time datetime="{}">{}</time>', times.iso(start), times.span(start, end, zone))


@register.filter
def duration(length: int | timedelta, style: str = "long") -> str:
    """Return "1 hour 30 minutes" for 90 minutes or the same timedelta; "1 h 30 min" in style "short"."""
    return times.duration(length, short=style == "short")


@register.filter
def price(service: Service) -> str:
    """Return what a service costs, "CHF 80.00", or "" where nothing is asked."""
    return money.price_in_words(service)


@register.filter
def wait_level(minutes: int) -> str:
    """Return "fresh", "long" or "late" for how long somebody has waited."""
    if minutes >= WAIT_IS_LATE:
        return "late"
    return "long" if minutes >= WAIT_IS_LONG else "fresh"


@register.filter
def phone(number: str) -> str:
    """Return a stored number (+41445550100) with blanks as people read it; what is no number comes back as it is."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number


@register.filter
def initials(name: str) -> str:
    """Return up to two letters for an avatar: the first and the last word's; titles such as "Dr" do not count."""
    words = [word for word in str(name).split() if word[0].isalnum() and not _is_title(word)]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _is_title(word: str) -> bool:
    return word.rstrip(".").lower() in {"dr", "prof", "mr", "mrs", "ms", "mx", "miss", "sir"}


@register.filter
def share(value: float, most: float) -> str:
    """Return `value` as a percentage of `most`, "0.0" to "100.0", for the length of a bar."""
    return f"{min(max(100 * value / most, 0), 100) if most else 0:.1f}"


TONE_ICONS = {"info": "info", "success": "check-circle", "warning": "warning", "problem": "problem"}


@register.filter
def tone(kind: str) -> str:
    """Return a banner's tone for `kind`; the message framework's "error" is a problem, anything unknown is info."""
    wanted = "problem" if kind == "error" else kind
    return wanted if wanted in TONE_ICONS else "info"


@register.filter
def tone_icon(kind: str) -> str:
    """Return the icon that goes with a tone."""
    return TONE_ICONS[tone(kind)]


@dataclass(frozen=True)
class Look:
    """How a state shows: the badge's kind, its icon, its word."""

    kind: str
    icon: str
    label: str | Promise


STATUS_LOOKS = {
    "requested": Look("warning", "hourglass", _("Waiting for approval")),
    "booked": Look("accent", "calendar-check", _("Booked")),
    "arrived": Look("info", "user-check", _("Arrived")),
    "waiting": Look("warning", "hourglass", _("Waiting")),
    "in_visit": Look("success", "camera", _("In the visit")),
    "completed": Look("", "check", _("Completed")),
    "no_show": Look("problem", "user-x", _("Did not come")),
    "not_seen": Look("problem", "sign-out", _("Left before being seen")),
    "cancelled": Look("", "calendar-x", _("Cancelled")),
}


@register.filter
def status_look(status: str) -> Look:
    """Return how an appointment's status shows; an unknown one shows as its own name."""
    name = str(status)
    return STATUS_LOOKS.get(name.replace("-", "_"), Look("", "circle", name))


@register.simple_tag
def block_place(start: int, length: int, lane: int = 0, lanes: int = 1) -> SafeString:
    """Return the data attributes that put a calendar block at `start` (minutes since midnight) for `length` minutes.

    Both are rounded to five minutes. Beyond eight lanes, or 24 hours, what is beyond shares the last.
    """
    begins = max(0, start) // 5 * 5
    lasts = min(-(-max(length, 5) // 5) * 5, 24 * 60)
    many = min(lanes, 8)
    return format_html(
        'data-h="{}" data-m="{}" data-lh="{}" data-lm="{}" data-lane="{}" data-lanes="{}"',
        begins // 60,
        begins % 60,
        lasts // 60,
        lasts % 60,
        min(lane, many - 1),
        many,
    )


@register.filter
def held(meeting: Meeting | None) -> Elsewhere | None:
    """Return where a meeting is held, for staff, if that is not here."""
    return elsewhere.for_staff(meeting) if meeting is not None else None


@register.filter
def control_kind(field: BoundField) -> str:
    """Return how a form field is laid out: "tick" (one box), "choices" (radio or boxes) or "line"."""
    widget = field.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    return "tick" if isinstance(widget, CheckboxInput) else "line"


@register.filter
def is_optional(field: BoundField) -> bool:
    """Return whether a question says that it may be left empty: not a menu in which something is always chosen.

    Nor one of several of which one is needed.
    """
    widget = field.field.widget
    if getattr(field.field, "is_one_of", False):
        return False
    if type(widget) is Select:
        return not field.field.required and any(value in ("", None) for value, _label in widget.choices)
    return not field.field.required


@register.simple_tag
def control(field: BoundField, hint: str = "") -> SafeString:
    """Render the form control alone, tied to its hint and error for those who listen."""
    about = [f"{field.auto_id}_hint"] if hint or field.help_text else []
    if field.errors:
        about.append(f"{field.auto_id}_error")
    return field.as_widget(attrs={"aria-describedby": " ".join(about)} if about else None)


@dataclass(frozen=True)
class Problem:
    """One line of an error summary; `anchor` is the id of the question, empty for the form as a whole."""

    anchor: str
    text: str


@register.simple_tag
def form_problems(form: BaseForm | None = None, more: Sequence[BaseForm] | None = None) -> list[Problem]:
    """Return what is wrong in `form` and `more`, in the order of the questions."""
    return [problem for one in (form, *(more or ())) if one for problem in _problems(one)]


def _problems(form: BaseForm) -> Iterator[Problem]:
    for error in form.non_field_errors():
        yield Problem("", str(error))
    for field in form:
        for error in field.errors:
            yield Problem(str(field.auto_id), _problem_words(field, str(error)))


def _problem_words(field: BoundField, error: str) -> str:
    """Say a problem with the question it is about; a box to tick is a sentence, which its error need not repeat."""
    label = str(field.label)
    if isinstance(field.field, BooleanField) and error != str(Field.default_error_messages["required"]):
        return error
    return f"{label}{' ' if label.endswith(('.', '?', '!')) else ': '}{error}"


@register.simple_tag(name="look", takes_context=True)
def look_of_page(context: Context) -> look.Look:
    """Return how the document looks: that of `business`, in the scheme `theme` if one is asked for.

    `letters_later`, where the page says so: without the letters of the business at first.
    """
    is_staff = getattr(context.get("request"), "path", "").startswith(("/manage", "/desk"))
    framed: Frame | None = context.get("framed")
    asked = context.get("theme") or (framed.theme if framed is not None else "")
    letters_later = bool(context.get("letters_later"))
    return look.of(context.get("business"), asked=asked, is_staff=is_staff, letters_later=letters_later)


@register.simple_tag(takes_context=True)
def framed_page(context: Context) -> dict[str, str]:
    """Return what a page in a frame is, and its own address."""
    framed: Frame = context["framed"]
    return {"kind": framed.page(context["request"]), "address": framed.address(context["request"])}


@register.simple_tag(name="logo", takes_context=True)
def logo_of_page(context: Context) -> look.Logo | None:
    """Return the logo of `business`, None without one."""
    return look.logo_of(context.get("business"))


@register.simple_tag(takes_context=True)
def staff_nav(context: Context) -> Sequence[staff_pages.Entry]:
    """Return the pages of the staff bar that `actor` in the context may open, the present one marked."""
    request: Any = context.get("request")
    return staff_pages.entries(getattr(request, "path", ""), context.get("actor"))
