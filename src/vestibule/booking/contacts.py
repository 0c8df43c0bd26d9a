"""Making what people type about themselves fit to be stored and sent to; refused with a sentence where it is not."""

import re
import unicodedata
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

from vestibule.booking.errors import InvalidContact
from vestibule.booking.wishes import Contact, Helper
from vestibule.people import telephone
from vestibule.people.characters import holds_address, is_plain
from vestibule.people.errors import Invalid
from vestibule.people.languages import shipped
from vestibule.people.models import Business, Consumer
from vestibule.scheduling import UnknownZone
from vestibule.scheduling.zones import zone
from vestibule.store import rows
from vestibule.store.ids import new_ref

NAME_LENGTH = 120
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_is_email = EmailValidator()


def clean_contact(business: Business, given: Contact) -> Contact:
    """Return `given` checked and tidied, with the business' zone where none was given, and its language where none
    was given that messages are written in.

    Raises InvalidContact naming the first field that cannot be used.
    """
    return replace(
        given,
        name=clean_name(given.name),
        email=clean_email(given.email),
        phone=clean_phone(given.phone, business),
        timezone=_zone(given.timezone, business),
        language=_language(given.language, business),
    )


def clean_name(given: str, field: str = "name") -> str:
    """Return a name of 1 to 120 characters with single blanks."""
    name = " ".join(unicodedata.normalize("NFC", given).split(" ")).strip()
    name = re.sub(r" {2,}", " ", name)
    if not is_plain(name):
        raise InvalidContact(field, _("This name holds characters that cannot be shown. Type it again."))
    if not any(character.isalnum() for character in name):
        raise InvalidContact(field, _("Your name is missing. Enter it so that we know whom we meet."))
    if holds_address(name):
        raise InvalidContact(field, _("A name holds no web address. Enter the name alone."))
    if len(name) > NAME_LENGTH:
        raise InvalidContact(field, _("This name is longer than 120 characters. Shorten it."))
    return name


def clean_email(given: str, field: str = "email") -> str:
    """Return an e-mail address that mail can be sent to."""
    email = unicodedata.normalize("NFC", given).strip(" ")
    try:
        _is_email(email)
    except ValidationError:
        email = ""
    if not email or len(email) > 254 or not is_plain(email) or not email.isascii():
        words = _("This is not an e-mail address we can write to. Check it; it looks like name@example.org.")
        raise InvalidContact(field, words)
    name, _at, domain = email.rpartition("@")
    return f"{name}@{domain.lower()}"


def clean_phone(given: str, business: Business, field: str = "phone") -> str:
    """Return a phone number as E.164, or "". Without a country it is read as one of the business' own country."""
    if not given.strip():
        return ""
    words = _("This is not a phone number we can write to. Enter it with its country, such as +44 20 7946 0018.")
    number = telephone.e164(given, business) if is_plain(given) else ""
    if not number:
        raise InvalidContact(field, words)
    return number


def clean_helpers(helpers: tuple[Helper, ...]) -> list[dict[str, str]]:
    """Return helpers as stored. At most five; raises Invalid or InvalidContact."""
    if len(helpers) > 5:
        raise Invalid(_("An appointment takes at most five helpers. Leave some out."), field="helpers")
    return [clean_helper(helper, f"helpers.{index}.") for index, helper in enumerate(helpers)]


def clean_helper(helper: Helper, before: str = "", business: Business | None = None) -> dict[str, str]:
    """Return one helper as stored; `before` goes before the names of fields. Raises Invalid or InvalidContact.

    `business` says how a telephone number is read; without it there is none.
    """
    clean = {
        "name": clean_name(helper.name, f"{before}name"),
        "email": clean_email(helper.email, f"{before}email") if helper.email else "",
        "kind": clean_text(helper.kind, f"{before}kind", most=40),
    }
    if helper.phone and business is not None:
        clean["phone"] = clean_phone(helper.phone, business, f"{before}phone")
    return clean


def clean_text(given: str, field: str, *, most: int, least: int = 0, lines: bool = False) -> str:
    """Return a text of `least` to `most` characters, trimmed. Raises Invalid naming `field`."""
    text = given.strip()
    if not is_plain(text, lines=lines):
        raise Invalid(_("This text holds characters that cannot be shown. Type it again."), field=field)
    if len(text) < least:
        raise Invalid(_("Something is missing here. Fill it in."), field=field)
    if len(text) > most:
        raise Invalid(_("This text is longer than %(most)s characters. Shorten it.") % {"most": most}, field=field)
    return text


def clean_zone(given: str, field: str = "timezone") -> str:
    """Return the name of a known IANA time zone. Raises Invalid for any other text."""
    try:
        return zone(given[:65]).key
    except UnknownZone as error:
        words = _("This time zone is not known. Choose one from the list, such as Europe/Berlin.")
        raise Invalid(words, field=field) from error


def clean_language(given: str, field: str = "language") -> str:
    """Return a language tag such as "en" or "de-CH". Raises Invalid for any other text."""
    if len(given) > 12 or not LANGUAGE.fullmatch(given):
        raise Invalid(_("This language is not known. Use a tag such as en or de-CH."), field=field)
    return given


def normal_email(email: str) -> str:
    """Return an address as consumers are found again by it."""
    return unicodedata.normalize("NFKC", email).lower()


def find_or_add(business: Business, contact: Contact) -> Consumer:
    """Return the consumer with this e-mail address, made if new. What is known of an earlier one is not touched:
    anybody can type somebody else's address. Who has none, as may be outside, is somebody new each time."""
    consumer = Consumer(
        business=business,
        email_normal=normal_email(contact.email) if contact.email else f"none:{new_ref()}",
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        timezone=contact.timezone,
        language=contact.language,
    )
    if rows.insert([consumer], unless=("business_id", "email_normal")):
        return consumer
    return Consumer.objects.get(business=business, email_normal=consumer.email_normal)


def _zone(given: str, business: Business) -> str:
    try:
        return clean_zone(given) if given else business.timezone
    except Invalid as error:
        raise InvalidContact("timezone", error.sentence) from error


def _language(given: str, business: Business) -> str:
    try:
        return (shipped(clean_language(given)) if given else "") or business.language
    except Invalid as error:
        raise InvalidContact("language", error.sentence) from error
