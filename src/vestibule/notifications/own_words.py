"""A business' own words in place of the built-in ones: placeholders, checked when saved and filled in when sent."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import get_language_bidi, gettext_lazy
from django.utils.translation import gettext as _

from vestibule.notifications import choices, gsm, when
from vestibule.notifications.choices import DEFAULTS, EMAIL, EVERYBODY, SMS, Words
from vestibule.notifications.facts import Audience, Kind
from vestibule.notifications.letters import Letter
from vestibule.notifications.models import Template
from vestibule.notifications.telling import Telling, is_off, said_besides
from vestibule.notifications.timely_wording import late_words
from vestibule.people import audit
from vestibule.people.characters import is_plain
from vestibule.people.errors import Invalid
from vestibule.people.languages import shipped
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.transactions import writing

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
LONGEST = {"subject": 200, "heading": 200, "body": 4000}
LONGEST_TEXT = 600


@dataclass(frozen=True)
class Placeholder:
    """Something that is filled in: what it stands for in words, and how it is found."""

    words: object
    value: Callable[[Telling], str]


def link_of(told: Telling) -> str:
    """Return the one address a short message gives: to answer, to join, to see the appointment, or the desk."""
    if told.waitlist:
        return told.waitlist
    if told.is_online and told.join and told.facts.status != "cancelled" and not told.is_over:
        return told.join
    if told.is_for_staff:
        return told.desk
    missed = told.facts.status in ("no_show", "not_seen")
    return told.rebook if missed else told.manage or told.book


def changed_by(told: Telling) -> str:
    """Return who moved or cancelled the appointment, as the reader calls them."""
    facts = told.facts
    if facts.changed_by and facts.changed_by == facts.audience:
        return _("you")
    return {"consumer": facts.consumer, "provider": facts.provider}.get(facts.changed_by, facts.business_name)


def deadline(told: Telling) -> str:
    """Return until when a request is answered or an offer stands, "" where there is nothing to answer."""
    minute = told.facts.deadline_minute
    return "" if minute is None else when.moment(minute, told.zone)


PLACEHOLDERS: Mapping[str, Placeholder] = {
    "consumer": Placeholder(gettext_lazy("name of the consumer"), lambda told: told.facts.consumer),
    "provider": Placeholder(gettext_lazy("name of the provider"), lambda told: told.facts.provider),
    "helper": Placeholder(gettext_lazy("name of the helper who reads it"), lambda told: told.facts.helper),
    "service": Placeholder(gettext_lazy("name of the service"), lambda told: told.facts.service),
    "business": Placeholder(gettext_lazy("name of the business"), lambda told: told.facts.business_name),
    "phone": Placeholder(gettext_lazy("telephone of the business"), lambda told: told.facts.business_phone),
    "moment": Placeholder(gettext_lazy("day, time and time zone"), lambda told: told.moment),
    "day": Placeholder(gettext_lazy("the day"), lambda told: when.day(told.facts.start_minute, told.zone)),
    "time": Placeholder(gettext_lazy("the time"), lambda told: when.clock(told.facts.start_minute, told.zone)),
    "zone": Placeholder(
        gettext_lazy("the time zone"), lambda told: when.zone_words(told.zone, told.facts.start_minute)
    ),
    "reason": Placeholder(gettext_lazy("why it was cancelled, if somebody said so"), lambda told: told.facts.reason),
    "late": Placeholder(gettext_lazy("how late somebody is, or how long somebody waits"), late_words),
    "deadline": Placeholder(gettext_lazy("until when it is answered, or kept"), deadline),
    "count": Placeholder(gettext_lazy("how many appointments a series has"), lambda told: str(len(told.facts.series))),
    "by": Placeholder(gettext_lazy("who moved or cancelled it"), changed_by),
    "words": Placeholder(gettext_lazy("what you add to this reminder"), lambda told: told.facts.words),
    "link": Placeholder(gettext_lazy("the address to join, see or answer"), link_of),
}
EVERYWHERE = ("consumer", "provider", "service", "business", "phone", "moment", "day", "time", "zone")
SOMETIMES: Mapping[str, frozenset[str]] = {
    "reason": frozenset({Kind.CANCELLED, Kind.DECLINED, Kind.PROVIDER_CANCELLED, Kind.HELPER_CANCELLED}),
    "late": frozenset({Kind.PROVIDER_LATE, Kind.WAITS_TOO_LONG}),
    "deadline": frozenset({Kind.REQUESTED, Kind.PROVIDER_REQUESTED, Kind.WAITLIST_OFFER}),
    "count": frozenset({Kind.SERIES_BOOKED, Kind.PROVIDER_SERIES_BOOKED}),
    "by": frozenset({Kind.MOVED, Kind.CANCELLED, Kind.PROVIDER_MOVED, Kind.PROVIDER_CANCELLED}),
    "words": frozenset({Kind.REMINDER, Kind.FOLLOW_UP}),
}


def offered(kind: str, audience: str) -> list[str]:
    """Return the placeholders that make sense in a message; the others are empty in it, though nothing forbids them."""
    helper = ["helper"] if audience == Audience.HELPER else []
    return [*helper, *EVERYWHERE, *(name for name, kinds in SOMETIMES.items() if kind in kinds), "link"]


def kinds() -> list[tuple[str, str, str]]:
    """Return every message that can have own words: kind, audience, channel. Reminders are among them."""
    reminders = [
        (str(kind), audience, channel)
        for kind in (Kind.REMINDER, Kind.FOLLOW_UP)
        for audience in EVERYBODY
        for channel in (EMAIL, SMS)
    ]
    return [*reminders, *DEFAULTS]


def letter(built_in: Letter, own: Words, told: Telling) -> Letter:
    """Return a mail in own words. Facts, buttons and footer stay: nobody can word away the way to join.

    So does what the office adds to a reminder, at the end where the words have no place for it.
    """
    values = _values(told)
    blocks = [_fill(block, values).strip() for block in re.split(r"\n\s*\n", own.body)]
    blocks += [] if _holds(own.body, "words") else said_besides(told)
    return replace(
        built_in,
        subject=_line(_fill(own.subject, values)) or built_in.subject,
        heading=_line(_fill(own.heading, values)) or built_in.heading,
        opening=tuple(block for block in blocks if block),
    )


def text(own: Words, told: Telling) -> str:
    """Return a text message in own words, as long as a built-in one may be; with the address, if they leave it out.

    Of what does not take place any more there is no address, unless the words ask for it. What is too long is cut
    before the address, never in it.
    """
    link, values = link_of(told), _values(told) | _short(told)
    body = own.body if _holds(own.body, "words") else f"{own.body} {{words}}"
    body = body if _holds(body, "link") or (is_off(told) and not told.waitlist) else f"{body} {{link}}"
    link = link if _holds(body, "link") else ""
    alphabet = gsm.alphabet_for(own.body)
    # A name may come first: telephones would take its direction for that of the message.
    mark = "\u200f" if get_language_bidi() and alphabet is gsm.EVERY_SIGN else ""
    most = alphabet.limits[-1] - len(mark)
    whole = alphabet.say(_line(_fill(body, values))) or _line(_fill(body, values))
    if alphabet.length(whole) <= most:
        return mark + whole
    room = most - alphabet.length(link) - 1
    return mark + _line(f"{alphabet.shorten(_line(_fill(body, {**values, 'link': ''})), room)} {link}")


def _short(told: Telling) -> dict[str, str]:
    """Return times as text messages say them."""
    start, until = told.facts.start_minute, told.facts.deadline_minute
    day = when.short_day(start, told.zone)
    return {
        "day": day,
        "moment": when.moment(start, told.zone, lambda *_at: day),
        "deadline": "" if until is None else when.clock(until, told.zone),
    }


def _holds(body: str, name: str) -> bool:
    return f"{{{name}}}" in body.replace(" ", "")


def _line(text: str) -> str:
    return " ".join(text.split())


def _values(told: Telling) -> dict[str, str]:
    return {name: one.value(told) for name, one in PLACEHOLDERS.items()}


def _fill(words: str, values: Mapping[str, str]) -> str:
    """Fill in placeholders, once: what is filled in is never looked at again."""
    return PLACEHOLDER.sub(lambda found: values.get(found.group(1).strip(), ""), words)


def put(
    actor: Actor,
    business: Business,
    which: tuple[str, str, str],
    language: str,
    words: Words,
    service_ref: str = "",
) -> None:
    """Let a message have own words in a language, for a service or for all; empty words go back to the built-in ones.

    Raises NotPermitted, and Invalid naming `subject`, `heading`, `body` or `language`.
    """
    choices.allow(actor, business)
    cleaned = check(which, language, words)
    named: dict[str, Any] = dict(zip(("kind", "audience", "channel"), which, strict=True)) | {"language": language}
    rows = Template.objects.filter(business=business, service_ref=service_ref, **named)
    with writing():
        if cleaned is None:
            changed = bool(rows.delete()[0])
        else:
            changed, values = True, {**vars(cleaned), "changed_at": clock.now()}
            Template.objects.update_or_create(business=business, service_ref=service_ref, **named, defaults=values)
        if changed:
            choices.changed(business.pk)
            where = ("service", service_ref) if service_ref else ("business", business.ref)
            audit.record(actor, business.pk, "messages.worded", *where, **named, built_in=cleaned is None)


def check(which: tuple[str, str, str], language: str, words: Words) -> Words | None:
    """Return words as they are stored, None for none. Raises Invalid naming the field that is wrong."""
    if which not in kinds():
        raise Invalid(_("This message cannot have words of its own."), field="kind")
    if not shipped(language):
        raise Invalid(_("Messages are not written in this language."), field="language")
    is_text = which[2] == SMS
    cleaned = Words(
        "" if is_text else " ".join(words.subject.split()),
        "" if is_text else " ".join(words.heading.split()),
        words.body.replace("\r\n", "\n").strip(),
    )
    fitting = offered(which[0], which[1])
    for field, value in vars(cleaned).items():
        most = LONGEST_TEXT if is_text else LONGEST[field]
        _check(field, value, most, fitting, lines=field == "body" and not is_text)
    if not cleaned.body:
        if cleaned.subject or cleaned.heading:
            raise Invalid(_("Write what the message says, or empty all three to use the built-in words."), field="body")
        return None
    return cleaned


def _check(field: str, value: str, most: int, fitting: Iterable[str], *, lines: bool) -> None:
    if len(value) > most:
        raise Invalid(_("This is longer than %(most)s characters. Shorten it.") % {"most": most}, field=field)
    if not is_plain(value, lines=True) or (not lines and "\n" in value):
        raise Invalid(_("This text holds characters that cannot be shown. Type it again."), field=field)
    for found in PLACEHOLDER.finditer(value):
        if found.group(1).strip() not in PLACEHOLDERS:
            known = ", ".join(f"{{{name}}}" for name in fitting)
            words = _("{%(name)s} cannot be filled in. These can: %(known)s.")
            raise Invalid(words % {"name": found.group(1)[:40], "known": known}, field=field)
    if "{" in PLACEHOLDER.sub("", value) or "}" in PLACEHOLDER.sub("", value):
        raise Invalid(_("A curly bracket is open or closed alone. Write {name}, or leave it out."), field=field)
    if field != "body" and _holds(value, "link"):
        raise Invalid(_("Addresses have no place here: mail programs cut them."), field=field)
