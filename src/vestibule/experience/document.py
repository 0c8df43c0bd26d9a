"""The experience of a business as one document: read from what holds, written with the verbs of each part."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from vestibule.experience.sections import (
    Section,
    brand,
    business,
    call,
    embed,
    offered,
    reminders,
    survey,
    texts,
    waiting_room,
)
from vestibule.people import turns
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.store.transactions import pretending, writing

FORMAT = 1
"""The version of the document's shape; a reader of 1 reads every later document that says 1."""
SECTIONS: dict[str, Section] = {
    one.name: one
    for one in (
        business.SECTION,
        brand.SECTION,
        offered.SECTION,
        call.SECTION,
        waiting_room.SECTION,
        reminders.SECTION,
        texts.SECTION,
        survey.SECTION,
        embed.SECTION,
    )
}
"""In the order in which they are written."""
Document = dict[str, Any]


def read(business: Business) -> Document:
    """Return the experience of a business as it holds now."""
    return {"format": FORMAT, **{name: section.read(business) for name, section in SECTIONS.items()}}


def require_readable(given: Any) -> Document:
    """Return `given` if it has the outer shape of a document. Raises Invalid; its values are checked by writing."""
    if not isinstance(given, Mapping) or given.get("format") != FORMAT:
        raise Invalid(_("This is no experience of Vestibule, or one of another version."), field="format")
    for name in given:
        if name != "format" and name not in SECTIONS:
            raise Invalid(_("There is no such part of an experience: %(name)s.") % {"name": str(name)[:60]}, field=name)
    return dict(given)


def write(actor: Actor, business: Business, wanted: Mapping[str, Any], was: Mapping[str, Any]) -> list[str]:
    """Make `wanted` hold where it differs from `was`, all or nothing, and return the names of the parts written.

    Raises Invalid naming the place in the document, and what the verbs of the parts raise.
    """
    written = []
    with writing():
        turns.take(business.pk)  # some parts take it only once they hold rows of their own
        for name, section in SECTIONS.items():
            if name in wanted and wanted[name] != was.get(name):
                section.write(actor, Business.objects.get(pk=business.pk), wanted[name], was.get(name))
                written.append(name)
    return written


def settled(actor: Actor, business: Business, wanted: Mapping[str, Any]) -> Document:
    """Return what would hold if `wanted` were published now: values as they would be stored. Changes nothing.

    Raises as `write`.
    """
    with pretending():
        write(actor, business, wanted, read(business))
        return read(Business.objects.get(pk=business.pk))
