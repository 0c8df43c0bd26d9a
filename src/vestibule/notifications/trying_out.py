"""Words tried out before they are used: shown as they would be sent, or sent to somebody as a test."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.notifications import choices, content, examples, outbox, own_words, trials
from vestibule.notifications.choices import SMS, Choice, Words
from vestibule.notifications.examples import Offer
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.ports import Mail
from vestibule.notifications.trials import Trial
from vestibule.people import audit, rates, telephone
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.languages import spoken
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.ids import new_ref
from vestibule.store.transactions import writing

TESTS_AN_HOUR = 10
NO_OFFER = Offer()
EXAMPLE_NUMBER = "+12025550123"


@dataclass(frozen=True)
class Wording:
    """Which message is tried, in which language, with which words; None: what is stored, or built in."""

    which: Choice
    language: str
    words: Words | None = None
    offer: Offer = NO_OFFER


def mail(actor: Actor, business: Business, wording: Wording) -> Mail:
    """Return a mail as it would be sent, about an example. Nothing is stored.

    Raises NotPermitted, and Invalid naming the field of words that could not be stored either.
    """
    return content.mail(_message(actor, business, wording), {}, clock.now())


def text(actor: Actor, business: Business, wording: Wording) -> str:
    """Return a text message as it would be sent, about an example. Nothing is stored. Raises as `mail` does."""
    return content.sms(_message(actor, business, wording), {}, clock.now()).body


def send(actor: Actor, business: Business, wording: Wording, to: str) -> str:
    """Send a message with these words to `to`, marked as a test, by the gateways of the business; return the address.

    Raises NotPermitted, TooMany, and Invalid naming `to` or the field of words that could not be stored.
    """
    choices.allow(actor, business)
    facts = _facts(business, wording, is_marked=True)
    address = _number(to, business) if wording.which[2] == SMS else _mailbox(to)
    rates.limit("message-test", str(business.pk), TESTS_AN_HOUR, 3600)
    kind, audience, channel = wording.which
    with writing():
        outbox.enqueue(
            key=f"{trials.KEYS}{new_ref()}",
            business_id=business.pk,
            subject_ref="",
            kind=kind,
            channel=channel,
            to=address,
            to_name="",
            language=wording.language,
            timezone=_zone(business, wording),
            facts=facts,
            service_ref=wording.offer.service_ref,
            is_urgent=True,
        )
        named = {"kind": kind, "audience": audience, "channel": channel, "language": wording.language}
        audit.record(actor, business.pk, "messages.tested", "business", business.ref, **named)
    return address


def _message(actor: Actor, business: Business, wording: Wording) -> OutboxMessage:
    if actor.business_id != business.pk or not actor.may(Permission.SEE_SETUP):
        raise NotPermitted(_("This is not your business."))
    return OutboxMessage(
        business=business,
        kind=wording.which[0],
        channel=wording.which[2],
        to=EXAMPLE_NUMBER,
        language=wording.language,
        timezone=_zone(business, wording),
        facts=_facts(business, wording, is_marked=False),
        service_ref=wording.offer.service_ref,
    )


def _facts(business: Business, wording: Wording, *, is_marked: bool) -> Mapping[str, object]:
    kind, audience, _channel = wording.which
    words = wording.words
    if words is not None:
        words = own_words.check(wording.which, wording.language, words) or _otherwise(business, wording)
    trial = Trial(words, is_marked=is_marked)
    with translation.override(spoken(wording.language)):
        facts = examples.facts(business, kind, audience, wording.offer)
    return facts.as_json() | {"trial": trial.as_json()}


def _otherwise(business: Business, wording: Wording) -> Words:
    """Return what a message says whose own words are emptied: of one service, what it says for all."""
    none = Words("", "", "")
    if not wording.offer.service_ref:
        return none
    return choices.of(business).words(wording.which, wording.language) or none


def _zone(business: Business, wording: Wording) -> str:
    kind, audience, _channel = wording.which
    return examples.zone_of(examples.facts(business, kind, audience, wording.offer))


def _mailbox(to: str) -> str:
    try:
        validate_email(to.strip())
    except ValidationError:
        raise Invalid(_("Enter one e-mail address, such as desk@example.org."), field="to") from None
    return to.strip()


def _number(to: str, business: Business) -> str:
    number = telephone.e164(to, business)
    if not number:
        raise Invalid(_("Enter a telephone number with + and its country, such as +44 7700 900123."), field="to")
    return number
