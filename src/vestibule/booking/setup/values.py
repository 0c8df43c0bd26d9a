"""Checking one value of a set-up: what comes in as keyword goes through the field's own check, or is refused."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from vestibule.booking import contacts
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, ActorKind, Permission

Check = Callable[[Any, str], Any]
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_is_address = URLValidator(schemes=["https", "http"])


def checked(given: Mapping[str, Any], checks: Mapping[str, Check]) -> dict[str, Any]:
    """Return `given` with each value through its field's check. Raises Invalid for a name without one."""
    for name in given:
        if name not in checks:
            raise Invalid(_("There is no such setting: %(name)s.") % {"name": name[:60]}, field=name[:60])
    return {name: checks[name](value, name) for name, value in given.items()}


def permit(actor: Actor, business_id: int, permission: Permission) -> None:
    """Raise NotFound for another business than the actor's, NotPermitted without `permission`."""
    if actor.kind is not ActorKind.SYSTEM and actor.business_id != business_id:
        raise NotFound(_("There is no such thing in your business."))
    actor.require(permission)


def permit_system(actor: Actor) -> None:
    """Raise NotPermitted for anybody but the system itself."""
    if actor.kind is not ActorKind.SYSTEM:
        raise NotPermitted(_("Businesses are made by whoever runs this server, with `vestibule create-business`."))


def text(most: int, *, least: int = 0, lines: bool = False) -> Check:
    """A text of `least` to `most` characters."""

    def check(given: Any, field: str) -> str:
        if not isinstance(given, str):
            raise Invalid(_("This has to be a text."), field=field)
        return contacts.clean_text(given, field, most=most, least=least, lines=lines)

    return check


def number(least: int, most: int) -> Check:
    """A whole number from `least` to `most`."""

    def check(given: Any, field: str) -> int:
        if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
            words = _("Enter a whole number from %(least)s to %(most)s.")
            raise Invalid(words % {"least": least, "most": most}, field=field)
        return given

    return check


def maybe(check: Check) -> Check:
    """None, or what `check` takes."""
    return lambda given, field: None if given is None else check(given, field)


def choice(options: list[str]) -> Check:
    """One of `options`."""

    def check(given: Any, field: str) -> str:
        if not isinstance(given, str) or given not in options:
            raise Invalid(_("Choose one of: %(options)s.") % {"options": ", ".join(options)}, field=field)
        return str(given)

    return check


def yes_or_no(given: Any, field: str) -> bool:
    """True or false."""
    if not isinstance(given, bool):
        raise Invalid(_("Say yes or no."), field=field)
    return given


def day(given: Any, field: str) -> date:
    """A calendar date of this age."""
    if not isinstance(given, date) or not 2000 <= given.year <= 2200:
        raise Invalid(_("Enter a date, such as 2026-03-02."), field=field)
    return given


def written_day(given: Any, field: str) -> date:
    """A calendar date, or one written as 2026-03-02."""
    if isinstance(given, str):
        try:
            given = date.fromisoformat(given if len(given) == 10 else "")
        except ValueError as error:
            raise Invalid(_("Enter a date, such as 2026-03-02."), field=field) from error
    return day(given, field)


def slug(given: Any, field: str) -> str:
    """A short name for addresses."""
    if not isinstance(given, str) or not SLUG.fullmatch(given):
        words = _("Use 1 to 60 small letters, digits and hyphens; it becomes part of an address.")
        raise Invalid(words, field=field)
    return given


def word(most: int) -> Check:
    """A word of small letters, digits and hyphens."""

    def check(given: Any, field: str) -> str:
        if not isinstance(given, str) or len(given) > most or not SLUG.fullmatch(given):
            raise Invalid(_("Use small letters, digits and hyphens."), field=field)
        return given

    return check


def zone(given: Any, field: str) -> str:
    """The name of an IANA time zone."""
    return contacts.clean_zone(text(64)(given, field), field)


def zone_or_none(given: Any, field: str) -> str:
    """The name of an IANA time zone, or "" for the one above."""
    return "" if given == "" else zone(given, field)


def email(given: Any, field: str) -> str:
    """An e-mail address, or ""."""
    return contacts.clean_email(text(254)(given, field), field) if given != "" else ""


def web_address(given: Any, field: str) -> str:
    """An http or https address, or ""."""
    address: str = text(200)(given, field)
    try:
        if address:
            _is_address(address)
    except ValidationError as error:
        raise Invalid(_("Enter a whole address, such as https://example.org/privacy."), field=field) from error
    return address


def language(given: Any, field: str) -> str:
    """A language tag."""
    return contacts.clean_language(text(12)(given, field), field)


def languages(given: Any, field: str) -> list[str]:
    """Shipped languages, each once, in the order of the list of languages."""
    known = [code for code, _name in settings.LANGUAGES]
    if not isinstance(given, list) or not all(isinstance(one, str) and one in known for one in given):
        raise Invalid(_("Choose languages of the list."), field=field)
    return [code for code in known if code in given]


def phone(business: Business) -> Check:
    """A phone number, as E.164, or ""."""
    return lambda given, field: contacts.clean_phone(text(40)(given, field), business, field)


def require_free_slug(wanted: str, taken: QuerySet[Any]) -> None:
    """Raise Invalid if a row of `taken` has the slug `wanted`."""
    if taken.filter(slug=wanted).exists():
        raise Invalid(_("This short name is in use. Choose another."), field="slug")


def change(row: Model, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set changed values on `row`, save them, and return what they were and are, for the audit trail."""
    changed = {name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value}
    for name, (_before, after) in changed.items():
        setattr(row, name, after)
    if changed:
        row.save(update_fields=list(changed))
    return {name: [_plain(before), _plain(after)] for name, (before, after) in changed.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
