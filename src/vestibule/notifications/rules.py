"""How a business sends: quiet hours, caps, discretion. One row for each business; without it the defaults hold."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import phonenumbers
from django.utils.translation import gettext as _

from vestibule.notifications import choices
from vestibule.notifications.models import MessageRules
from vestibule.people import audit, turns
from vestibule.people.characters import is_plain
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.transactions import writing

DAY = 24 * 60
PREFIX = re.compile(r"(?:\+|00)?([1-9][0-9]{0,2}|1[2-9][0-9]{2})")
"""A country's prefix as people type it: +41, 0041 or 41; an island's under +1 with its area (+1876)."""
FLAGS = ("is_discreet", "asks_for_answer", "asks_for_consent")
NUMBERS = {
    "quiet_from": (0, DAY - 1),
    "quiet_to": (0, DAY - 1),
    "sms_per_day": (0, 1_000_000),
    "sms_per_recipient": (1, 100),
    "sms_per_prefix": (0, 1_000_000),
    "waits_too_long_minutes": (1, 240),
}


def change(actor: Actor, business: Business, **values: Any) -> MessageRules:
    """Change some of the rules and return them all. Messages that wait already follow when their turn comes.

    Minutes of the day for the quiet hours (both the same: none), whole numbers for the caps, `country_prefixes` as
    `["+41", "+44"]`, however typed (41, 0041); empty: every country. Raises NotPermitted, and Invalid naming the field.
    """
    choices.allow(actor, business)
    cleaned = {name: _clean(name, value) for name, value in values.items()}
    with writing():
        turns.take(business.pk)
        rules: MessageRules
        rules, _made = MessageRules.objects.select_for_update().get_or_create(business=business)
        changed = sorted(name for name, value in cleaned.items() if getattr(rules, name) != value)
        if changed:
            for name in changed:
                setattr(rules, name, cleaned[name])
            rules.changed_at = clock.now()
            if {"quiet_from", "quiet_to"} & set(changed):  # reminders leave at other times
                rules.reminders_changed_at, rules.replanned_to = clock.now(), 0
            rules.save()
            choices.changed(business.pk)
            audit.record(actor, business.pk, "messages.rules_changed", "business", business.ref, fields=changed)
        return rules


def _clean(name: str, value: Any) -> Any:
    if name in FLAGS:
        if not isinstance(value, bool):
            raise Invalid(_("Say yes or no here."), field=name)
        return value
    if name in NUMBERS:
        least, most = NUMBERS[name]
        if type(value) is not int or not least <= value <= most:
            raise Invalid(_("Enter %(least)s to %(most)s.") % {"least": least, "most": most}, field=name)
        return value
    others: dict[str, Callable[[Any], Any]] = {"country_prefixes": _prefixes, "mail_footer": _footer}
    if name not in others:
        raise Invalid(_("There is no such setting."), field=name)
    return others[name](value)


def _prefixes(value: Any) -> list[str]:
    given = [str(one) for one in value] if isinstance(value, list | tuple) else None
    if given is None or len(given) > 50:
        raise Invalid(_("Enter country prefixes such as +41 and +44, at most 50."), field="country_prefixes")
    return sorted({_prefix(one) for one in given}, key=int)


def _prefix(typed: str) -> str:
    """Return a country's prefix as it is stored, such as +41. Raises Invalid for what no country has."""
    found = PREFIX.fullmatch(re.sub(r"[\s().\-/]", "", unicodedata.normalize("NFKC", typed)))
    digits = found[1] if found is not None else ""
    if len(digits) == 4 or int(digits or 0) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        return f"+{digits}"
    words = _("No country has the prefix %(typed)s. Enter prefixes such as +41 and +44, of islands under +1 as +1876.")
    raise Invalid(words % {"typed": typed[:20]}, field="country_prefixes")


def _footer(value: Any) -> str:
    text = str(value).replace("\r\n", "\n").strip()
    if len(text) > 500 or not is_plain(text, lines=True):
        raise Invalid(_("Use at most 500 characters that can be seen."), field="mail_footer")
    return text
