"""Asking by somebody else's form: its address, with the visit's reference and a signature, and nothing else.

The signature is HMAC-SHA-256 over the reference, in hexadecimal, with a key of the business' own: whoever runs the form
computes it anew and knows that the reference came from here.
"""

import hmac
import secrets as chance
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.utils.translation import gettext as _

from vestibule.booking.setup import values
from vestibule.booking.setup.values import permit
from vestibule.experience.models import SurveyRules
from vestibule.meetings.models import Participant
from vestibule.people import audit, secrets
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

PURPOSE = "survey.elsewhere"


def url_of(business: Business) -> str:
    """Return the address of the other form, "" if this business asks by itself."""
    return SurveyRules.objects.filter(business=business).values_list("elsewhere_url", flat=True).first() or ""


def address_for(participant: Participant) -> str:
    """Return the other form's address for the visit of a consumer or helper who was in it, "" if there is none."""
    if participant.kind == Participant.Kind.PROVIDER or participant.admitted_at is None:
        return ""
    rules = SurveyRules.objects.filter(business=participant.meeting.business_id).first()
    if rules is None or not rules.elsewhere_url:
        return ""
    ref = participant.meeting.ref
    signed = urlencode({"visit": ref, "signature": signature(_opened(rules), ref)})
    parts = urlsplit(str(rules.elsewhere_url))
    return urlunsplit(parts._replace(query=f"{parts.query}&{signed}" if parts.query else signed))


def signature(key: str, ref: str) -> str:
    """Return the signature of a visit's reference, as 64 hexadecimal digits."""
    return hmac.digest(key.encode(), ref.encode(), "sha256").hex()


def put(actor: Actor, business: Business, url: str) -> None:
    """Ask consumers by the form at `url` from now on, by the own questions again if it is "".

    The first address gets a key, later ones keep it. Raises Invalid for anything but an https address.
    """
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    address: str = values.web_address(url, "elsewhere_url")
    if address and urlsplit(address).scheme != "https":
        raise Invalid(_("The address has to begin with https://."), field="elsewhere_url")
    with writing():
        rules, _made = SurveyRules.objects.select_for_update().get_or_create(business=business)
        if rules.elsewhere_url == address:
            return
        before, rules.elsewhere_url = rules.elsewhere_url, address
        if not rules.elsewhere_key:
            rules.elsewhere_key = _new_key()
        rules.save()
        audit.record(actor, business.pk, "survey.elsewhere", "survey", business.slug, before=before, after=address)


def key_of(actor: Actor, business: Business) -> str:
    """Return the key by which the other form checks signatures, "" if none was ever made."""
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    rules = SurveyRules.objects.filter(business=business).exclude(elsewhere_key="").first()
    return _opened(rules) if rules is not None else ""


def renew_key(actor: Actor, business: Business) -> None:
    """Make another key; signatures of the one before hold no more."""
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    with writing():
        SurveyRules.objects.update_or_create(business=business, defaults={"elsewhere_key": _new_key()})
        audit.record(actor, business.pk, "survey.key_renewed", "survey", business.slug)


def _new_key() -> str:
    return secrets.encrypt(PURPOSE, chance.token_urlsafe(32).encode())


def _opened(rules: SurveyRules) -> str:
    return secrets.decrypt(PURPOSE, rules.elsewhere_key).decode()
