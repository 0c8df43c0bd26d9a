"""What is set up in a scheduler outside, as our own values; what ours cannot say becomes a note.

Values are such as `booking.setup` takes and JSON holds. Pure but for the words, which are translated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import phonenumbers
from django.utils.translation import gettext as _

from vestibule.booking import contacts
from vestibule.booking.currencies import digits_of
from vestibule.booking.intake import MOST_CHOICES, MOST_QUESTIONS
from vestibule.booking.ports import (
    TheirAvailability,
    TheirBusiness,
    TheirHours,
    TheirPolicy,
    TheirQuestion,
    TheirReminder,
    TheirService,
    TheirStaff,
)
from vestibule.booking.setup.general import MOST_RANGES
from vestibule.booking.setup.service_values import YEAR_MINUTES
from vestibule.notifications import reminders
from vestibule.people.characters import one_line, without_harm
from vestibule.people.errors import Refusal
from vestibule.people.models import Business

DAY = 24 * 60
MOST_DAYS = 1100
Values = dict[str, Any]


@dataclass
class Ours:
    """Values of ours, with notes on what had to be left out or made to fit."""

    values: Values = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def cut(self, given: str, most: int, words: str, *, lines: bool = False) -> str:
        """Return a text of at most so many characters, and note it where it was longer."""
        text = without_harm(given).strip() if lines else one_line(given)
        if len(text) > most:
            self.notes.append(words)
        return text[:most].strip()

    def within(self, given: int, most: int, words: str) -> int:
        """Return a number of at most `most`, and note it where it was more."""
        if given > most:
            self.notes.append(words)
        return min(given, most)


def business(theirs: TheirBusiness, ours: Business) -> Ours:
    """Return zone, contact data and hours of a business."""
    found = Ours()
    if theirs.zone:
        found.values["timezone"] = theirs.zone
    else:
        found.notes.append(_("Its time zone is not known here, so yours stays."))
    _contact(found, "email", theirs.email, contacts.clean_email)
    _contact(found, "phone", theirs.phone, lambda given: phone(given, theirs.language, ours))
    found.values["hours"] = hours(theirs.hours)
    return found


def provider(theirs: TheirStaff, zone: str) -> Ours:
    """Return a provider; `zone` is the business', which is not said again."""
    found = Ours()
    found.values["name"] = found.cut(theirs.name, 120, _("The name was too long, and was cut.")) or _("No name")
    _contact(found, "email", theirs.email, contacts.clean_email)
    found.values["timezone"] = "" if theirs.zone in ("", zone) else theirs.zone
    found.values["uses_business_hours"] = theirs.keeps_business_hours
    found.values["hours"] = [] if theirs.keeps_business_hours else hours(theirs.hours)
    return found


def service(
    theirs: TheirService, of: TheirBusiness, questions: Mapping[str, TheirQuestion], ids: Mapping[str, str]
) -> Ours:
    """Return a service with its rules, questions, staff (by their ids in small letters) and reminders.

    `questions` are by their ids in small letters, and `ids` says under which of ours they are asked.
    """
    found = Ours()
    policy = theirs.policy or of.policy
    found.values |= {
        "name": found.cut(theirs.name, 120, _("The name was too long, and was cut.")) or _("No name"),
        "description": found.cut(
            theirs.description, 600, _("The description is cut after 600 characters."), lines=True
        ),
        "duration_minutes": found.within(theirs.minutes, DAY, _("It is longer than a day: it was made a day long.")),
        "buffer_before_minutes": found.within(theirs.before, DAY, _("Time before it is a day at most.")),
        "buffer_after_minutes": found.within(theirs.after, DAY, _("Time after it is a day at most.")),
        "seats": found.within(theirs.seats, 1000, _("A group has 1000 seats at most.")),
        "visibility": "hidden" if theirs.is_hidden else "public",
        **_price(theirs, of, found),
        **rules(policy, found),
        "staff": sorted({one.casefold() for one in theirs.staff}),
        "questions": _questions(theirs, questions, ids, found),
    }
    if theirs.is_whole:
        found.values["reminders"] = _reminders(theirs, found)
    else:
        found.notes.append(_("Its reminders were not read: there was no time left. They stay as they are here."))
    if not theirs.consumers_manage:
        found.values["change_notice_minutes"] = YEAR_MINUTES
    if not theirs.is_online:
        found.notes.append(_("It takes place somewhere: choose the address at the service."))
    if theirs.sends_texts:
        found.notes.append(_("It sends text messages: choose under Messages which of yours are texts too."))
    return found


def rules(policy: TheirPolicy, found: Ours) -> Values:
    """Return the rules of a policy. What is booked ahead in days is in days, else in minutes."""
    ahead = policy.window_minutes
    in_days = ahead % DAY == 0 and ahead // DAY <= MOST_DAYS
    window = {"window_type": "rolling_days", "window_days": ahead // DAY}
    if not in_days:
        most = found.within(ahead, 3 * YEAR_MINUTES, _("It can be booked three years ahead at most."))
        window = {"window_type": "rolling_minutes", "window_minutes": max(1, most)}
    return {
        "interval_minutes": found.within(policy.step_minutes, DAY, _("Steps are a day at most.")),
        "notice_minutes": found.within(policy.notice_minutes, YEAR_MINUTES, _("Notice is a year at most.")),
        **window,
        "consumer_chooses_provider": policy.consumer_chooses_provider,
        "availability": availability(policy, found),
    }


def availability(policy: TheirPolicy, found: Ours) -> Values:
    """Return when a service can be booked at all, as `Service.availability` holds it."""
    dated = [one for one in policy.dated if one.first and one.last and one.first <= one.last]
    if len(dated) > MOST_RANGES:
        found.notes.append(_("Of more than 50 stretches of dates only the first 50 are kept."))
    ranges = [
        {"from": one.first.isoformat(), "to": one.last.isoformat(), **_kind(one, "kind")}
        for one in dated[:MOST_RANGES]
        if one.first and one.last
    ]
    general = _kind(policy.availability, "general")
    return {} if general["general"] == "free" and not ranges else general | {"ranges": ranges}


def hours(given: Sequence[TheirHours]) -> list[list[int]]:
    """Return weekly hours as JSON holds them."""
    return sorted([one.weekday, one.start, one.end] for one in given)


def _kind(given: TheirAvailability, name: str) -> Values:
    if given.kind == "hours" and not given.hours:
        return {name: "closed", "weekly": []}
    return {name: given.kind, "weekly": hours(given.hours) if given.kind == "hours" else []}


def _contact(found: Ours, name: str, given: str, clean: Callable[[str], str]) -> None:
    """Take over an e-mail address or a phone number, if it is one that can be used."""
    if not given.strip():
        return
    try:
        found.values[name] = clean(given.strip())
    except Refusal:
        words = _("“%(given)s” cannot be used as an address or number here, and was left out.")
        found.notes.append(words % {"given": one_line(given)[:60]})


def phone(given: str, language: str, business: Business) -> str:
    """Return a phone number; one without its country is of ours, else of the one their language is spoken in."""
    try:
        return contacts.clean_phone(given, business)
    except Refusal:
        code = phonenumbers.country_code_for_region(language.rpartition("-")[2].upper())
        if given.startswith("+") or not code:
            raise
        return contacts.clean_phone(f"+{code} {given}", business)


def _price(theirs: TheirService, of: TheirBusiness, found: Ours) -> Values:
    if theirs.price is None:
        return {"price_minor": None}
    currency = of.currency.upper()
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        found.notes.append(_("Its price has no currency, and was left out."))
        return {"price_minor": None}
    minor = int((Decimal(str(theirs.price)) * 10 ** digits_of(currency)).to_integral_value())
    if not 0 <= minor <= 100_000_000:
        found.notes.append(_("Its price is too high to be shown here, and was left out."))
        return {"price_minor": None}
    return {"price_minor": minor, "currency": currency}


def _questions(
    theirs: TheirService, known: Mapping[str, TheirQuestion], ids: Mapping[str, str], found: Ours
) -> list[Values]:
    asked = [(known[id.casefold()], required) for id, required in theirs.questions if id.casefold() in known]
    if len(asked) > MOST_QUESTIONS:
        found.notes.append(_("A service asks 20 questions at most: the others were left out."))
    return [_question(one, ids[one.id.casefold()], required, found) for one, required in asked[:MOST_QUESTIONS]]


def _question(theirs: TheirQuestion, id: str, required: bool, found: Ours) -> Values:
    choices = list(dict.fromkeys(one_line(one)[:120] for one in theirs.choices if one_line(one)))
    if len(choices) > MOST_CHOICES:
        words = _("“%(question)s” has more than 30 answers: it is asked as a text.")
        found.notes.append(words % {"question": theirs.text[:60]})
        choices = []
    return {
        "id": id,
        "type": "choice" if choices else "text",
        "label": found.cut(theirs.text, 200, _("A question was too long, and was cut.")) or "?",
        "required": required,
        "choices": choices,
    }


def _reminders(theirs: TheirService, found: Ours) -> list[list[Any]]:
    """Return reminders as [side, minutes, audiences, words], each time once; after the start is after the end here."""
    kept: dict[tuple[str, int], list[Any]] = {}
    for one in theirs.reminders:
        side, minutes = _when(one, theirs.minutes)
        longest = reminders.LONGEST_BEFORE if side == "before" else reminders.LONGEST_AFTER
        if not 5 <= minutes <= longest:
            found.notes.append(
                _("A reminder goes out at a time that cannot be chosen here: it was moved to the nearest.")
            )
        minutes = min(max(minutes, 5), longest)
        who = {"consumer"} if "customer" in one.to else set()
        who |= {"provider"} if "staff" in one.to else set()
        words = found.cut(one.text, 500, _("A reminder’s words were cut after 500 characters."), lines=True)
        before = kept.get((side, minutes))
        if before is not None:
            who, words = who | set(before[2]), before[3] or words
        kept[side, minutes] = [side, minutes, sorted(who), words]
    if len(kept) > reminders.MOST:
        found.notes.append(_("There can be 10 reminders at most: the others were left out."))
    return sorted(kept.values(), key=lambda one: (one[0], one[1]))[: reminders.MOST]


def _when(one: TheirReminder, length: int) -> tuple[str, int]:
    return ("before", one.minutes) if one.minutes > 0 else ("after", -one.minutes - length)
