"""What a message says in the end: built-in or own words, and what a discreet business leaves out."""

from dataclasses import replace

from django.utils.translation import gettext as _

from vestibule.notifications import own_words, wording
from vestibule.notifications.choices import EMAIL, SMS, Choice, Choices, Words
from vestibule.notifications.facts import AppointmentFacts
from vestibule.notifications.letters import Letter
from vestibule.notifications.telling import Telling


def letter(
    kind: str,
    told: Telling,
    chosen: Choices | None,
    language: str,
    service_ref: str = "",
    tried: Words | None = None,
) -> Letter:
    """Return the e-mail of `kind`; with the words `tried`, if any are, whatever is stored (empty: the built-in ones).

    Raises KeyError for a kind without wording.
    """
    own = _own((kind, told.facts.audience, EMAIL), chosen, language, service_ref, tried)
    said = _letter(kind, told, own)
    if chosen is not None and chosen.rules.mail_footer:
        said = replace(said, footer=(*said.footer, *chosen.rules.mail_footer.splitlines()))
    if chosen is None or not chosen.rules.is_discreet:
        return said
    outside = _letter(kind, replace(told, facts=discreet(told.facts)), own)
    return replace(said, subject=outside.subject, preview=outside.subject)


def text(
    kind: str,
    told: Telling,
    chosen: Choices | None,
    language: str,
    service_ref: str = "",
    tried: Words | None = None,
) -> str:
    """Return the text message of `kind`, as `letter` does. Raises KeyError for a kind without wording."""
    if chosen is not None and chosen.rules.is_discreet:
        told = replace(told, facts=replace(discreet(told.facts), business_name=""))
    if chosen is not None and chosen.takes_answers:
        told = replace(told, takes_answers=True)
    own = _own((kind, told.facts.audience, SMS), chosen, language, service_ref, tried)
    return own_words.text(own, told) if own is not None else wording.text_message(kind, told)


def discreet(facts: AppointmentFacts) -> AppointmentFacts:
    """Return facts that may be read on a locked screen: they name neither the service nor the business."""
    return replace(facts, service=_("Appointment"), business_name=_("Appointments"), provider_title="")


def for_calendar(facts: AppointmentFacts, chosen: Choices | None) -> AppointmentFacts:
    """Return facts as calendar entries tell them: of a discreet business without what names it otherwise.

    Calendars are shared and shown: place, telephone, mailbox and reason are in the mail and on the page.
    """
    if chosen is None or not chosen.rules.is_discreet:
        return facts
    kind = "" if facts.location_kind == "place" else facts.location_kind
    bare = replace(discreet(facts), reason="", location_kind=kind, location_text="")
    return replace(bare, business_phone="", organiser_email="")


def sender_name(facts: AppointmentFacts, chosen: Choices | None) -> str:
    """Return the name a mail comes from: it stands beside the subject."""
    return discreet(facts).business_name if chosen is not None and chosen.rules.is_discreet else facts.business_name


def _own(which: Choice, chosen: Choices | None, language: str, service_ref: str, tried: Words | None) -> Words | None:
    if tried is not None:
        return tried if tried.body else None
    return chosen.words(which, language, service_ref) if chosen is not None else None


def _letter(kind: str, told: Telling, own: Words | None) -> Letter:
    built_in = wording.letter(kind, told)
    return own_words.letter(built_in, own, told) if own is not None else built_in
