"""What every message about an appointment is put together from: the facts told to one reader, rows, links, footer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from vestibule.notifications import when
from vestibule.notifications.facts import AppointmentFacts, Audience
from vestibule.notifications.letters import Action, Letter
from vestibule.store.clock import to_minute

ENDED = frozenset({"completed", "no_show", "not_seen"})


@dataclass(frozen=True)
class Telling:
    """One appointment told to one reader: the facts, the reader's zone, now, and the addresses that are the reader's.

    `join`, `check`, `manage` or `waitlist` is empty when the link was revoked or never made. `manager` is the page
    where staff see the appointment. `manage_each` and `join_each` are the addresses of each appointment of a series,
    by the id of the link. `takes_answers` says that a text message can be answered.
    """

    facts: AppointmentFacts
    zone: str
    now: datetime
    join: str = ""
    check: str = ""
    manage: str = ""
    book: str = ""
    desk: str = ""
    waitlist: str = ""
    manager: str = ""
    manage_each: Mapping[int, str] = field(default_factory=dict)
    join_each: Mapping[int, str] = field(default_factory=dict)
    takes_answers: bool = False

    @property
    def is_for_provider(self) -> bool:
        return self.facts.audience == Audience.PROVIDER

    @property
    def is_for_staff(self) -> bool:
        return self.facts.audience in (Audience.PROVIDER, Audience.OFFICE)

    @property
    def is_for_helper(self) -> bool:
        return self.facts.audience == Audience.HELPER

    @property
    def is_online(self) -> bool:
        return self.facts.location_kind == "online"

    @property
    def moment(self) -> str:
        return when.moment(self.facts.start_minute, self.zone)

    @property
    def is_over(self) -> bool:
        """Nothing is to be joined any more: its time is over, or it did not take place."""
        return self.facts.status in ENDED or to_minute(self.now) >= self.facts.end_minute

    @property
    def rebook(self) -> str:
        """Where another time of the same service is chosen."""
        return f"{self.book}/{self.facts.service_slug}" if self.facts.service_slug and self.book else self.book

    @property
    def other_zone(self) -> str:
        """The zone of the other side, if its clocks show another time; else empty."""
        facts = self.facts
        theirs = facts.consumer_timezone if self.is_for_staff else facts.provider_timezone or facts.business_timezone
        return theirs if theirs and when.differ(facts.start_minute, self.zone, theirs) else ""


def compose(
    told: Telling,
    *,
    subject: str,
    preview: str,
    heading: str,
    opening: Sequence[str],
    rows: Sequence[tuple[str, str]] | None = None,
    actions: tuple[Action | None, Sequence[Action]] | None = None,
) -> Letter:
    """Return a letter; `rows` and `actions` (the one button, further links) are the appointment's own if not given."""
    button, links = actions if actions is not None else actions_of(told)
    return Letter(
        subject=subject,
        preview=preview,
        sender=told.facts.business_name,
        heading=heading,
        accent=told.facts.accent,
        opening=tuple(opening),
        facts=tuple(rows if rows is not None else rows_of(told)),
        button=button,
        links=tuple(links),
        closing=tuple(_closing(told)),
        footer=tuple(_footer(told)),
    )


def rows_of(told: Telling) -> list[tuple[str, str]]:
    """Return when, what, with whom and where, as label and value."""
    facts = told.facts
    rows = [(_("When"), when.span(facts.start_minute, facts.end_minute, told.zone))]
    if told.other_zone:
        rows.append((_("That is"), when.moment(facts.start_minute, told.other_zone)))
    if facts.previous_start_minute is not None:
        rows.append((_("Before"), when.moment(facts.previous_start_minute, told.zone)))
    rows.append((_("What"), facts.service))
    if told.is_for_staff:
        rows.append((_("With"), facts.consumer))
        if facts.audience == Audience.OFFICE:
            rows.append((_("Provider"), facts.provider))
        rows += [(_("Phone"), ltr(facts.consumer_phone))] if facts.consumer_phone else []
        rows += [(_("E-mail"), facts.consumer_email)] if facts.consumer_email else []
    else:
        named = ", ".join(part for part in (facts.provider, facts.provider_title) if part)
        rows.append((_("With"), named))
    if is_off(told):
        rows += [(_("Reason"), facts.reason)] if facts.reason else []
        return rows
    rows.append((_("Where"), _where(told)))
    return rows + ([(_("Reason"), facts.reason)] if facts.reason else [])


def _where(told: Telling) -> str:
    facts = told.facts
    if told.is_online:
        return _("Online, in your browser. There is nothing to install.")
    if facts.location_kind == "phone":
        number = facts.consumer_phone or facts.location_text
        if told.is_for_staff:
            return _("By telephone: call %(number)s") % {"number": ltr(number)} if number else _("By telephone")
        words = {"number": ltr(number)}
        return _("By telephone: we call %(number)s") % words if number else _("By telephone: we call you")
    return facts.location_text or facts.business_name


def said_besides(told: Telling) -> list[str]:
    """Return what the office adds in its own words, if anything."""
    return [told.facts.words] if told.facts.words else []


def ltr(number: str) -> str:
    """Return a telephone number so that its groups keep their order among words that run from right to left."""
    return f"\u200e{number}\u200e" if get_language_bidi() else number


def is_off(told: Telling) -> bool:
    return told.facts.status == "cancelled"


def actions_of(told: Telling) -> tuple[Action | None, list[Action]]:
    """Return the one button and the further links."""
    if told.is_for_helper:
        if is_off(told) or not told.join:
            return None, []
        return Action(_("Join the appointment"), told.join), check_of(told)
    if told.is_for_staff:
        desk = Action(_("Open your desk"), told.desk)
        joins = told.join and told.is_online and not is_off(told)
        return (Action(_("Join"), told.join), [desk]) if joins else (desk, [])
    if is_off(told):
        return Action(_("Book another time"), told.book), []
    change = Action(_("Move or cancel"), told.manage, _("Does the time no longer suit you?"))
    if told.is_online and told.join:
        clock = when.clock(told.facts.start_minute, told.zone)
        hint = _("Join at %(time)s.") % {"time": clock}
        return Action(_("Join your appointment"), told.join, hint), check_of(told) + ([change] if told.manage else [])
    return Action(_("See, move or cancel"), told.manage) if told.manage else None, []


def check_of(told: Telling) -> list[Action]:
    """Return the link to the check of devices, whose result staff see: days before there is time to help."""
    if not told.check:
        return []
    hint = _("Try it beforehand, on the device you will use. It takes two minutes.")
    return [Action(_("Check camera, microphone and connection"), told.check, hint)]


def _closing(told: Telling) -> list[str]:
    facts = told.facts
    if told.is_for_staff:
        return []
    words = {"phone": ltr(facts.business_phone), "business": facts.business_name}
    return [_("Questions? Call %(business)s: %(phone)s.") % words] if facts.business_phone else []


def _footer(told: Telling) -> list[str]:
    if told.is_for_helper:
        words = _("You get this because %(name)s asked for you to be at an appointment with %(business)s.")
        return [
            words % {"name": told.facts.consumer, "business": told.facts.business_name},
            _("The link is yours alone: who has it can join."),
        ]
    if told.waitlist:
        return [
            _("You get this because this address was given for the waitlist of %(business)s.") % _business(told),
            _("The link is yours alone: who has it can answer for you."),
            _("We never ask for passwords or payment details by e-mail."),
        ]
    if told.facts.audience == Audience.OFFICE:
        return [_("You get this because this is the address of %(business)s.") % _business(told)]
    if told.is_for_provider:
        return [_("You get this because appointments with you are booked at %(business)s.") % _business(told)]
    return [
        _("You get this because this address was given for an appointment with %(business)s.") % _business(told),
        _("The links are yours alone: who has them can join and change your appointment."),
        _("We never ask for passwords or payment details by e-mail."),
    ]


def _business(told: Telling) -> dict[str, str]:
    return {"business": told.facts.business_name}
