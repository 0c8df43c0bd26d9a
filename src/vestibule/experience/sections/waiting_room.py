"""The waiting room for everybody: what is shown there, when it is open, and who is asked what."""

from typing import Any

from django.utils.translation import gettext as _

from vestibule.experience.sections import Carried, Pictures, Section
from vestibule.experience.sections.described import entry, flag, many, number, picture, some_of, text
from vestibule.experience.sections.wanted import changed, under
from vestibule.meetings import area_pictures, area_values, areas
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor

KEYS = (
    "content_title",
    "content_text",
    "media",
    "support_phone",
    "hours",
    "takes_walk_ins",
    "walk_in_minutes",
    "shows_position",
    "shows_expected_wait",
    "identity_fields",
    "amber_minutes",
    "red_minutes",
)


def read(business: Business) -> dict[str, Any]:
    """Return the settings of the area for everybody."""
    area = areas.find(business.pk, "")
    shown = area.content_media.ref if area.content_media is not None else ""
    return {key: shown if key == "media" else getattr(area, key) for key in KEYS}


def write(actor: Actor, business: Business, wanted: Any, was: Any) -> None:
    """Change what differs."""
    with under(SECTION.name):
        changes = changed(wanted, was, KEYS)
        slug = areas.find(business.pk, "").slug
        if "media" in changes:
            _show(actor, slug, changes.pop("media"))
        if changes:
            areas.change(actor, slug, **changes)


def _show(actor: Actor, slug: str, ref: Any) -> None:
    if not isinstance(ref, str):
        raise Invalid(_("Name the picture that is to be shown, or none."), field="media")
    if ref:
        area_pictures.show_kept(actor, slug, ref)
    else:
        area_pictures.take_down(actor, slug)


def _find(business: Business, ref: str) -> Carried | None:
    media = area_pictures.find(ref)
    if media is None or media.business_id != business.pk:
        return None
    return Carried(media.media_type, media.alternative, bytes(media.content))


def _keep(actor: Actor, _business: Business, _key: str, content: bytes, alternative: str) -> str:
    media = area_pictures.taken_in(actor, content, alternative)
    media.save()
    return str(media.ref)


_MOST = {name: most for name, (_fewest, most) in area_values.TEXTS.items()}
SCHEMA = entry(
    "The waiting room for everybody.",
    {
        "content_title": text("Above what is shown.", _MOST["content_title"]),
        "content_text": text("What is said to who waits.", _MOST["content_text"]),
        "media": picture("The picture or film that is shown."),
        "support_phone": text("Whom to call if something does not work.", _MOST["support_phone"]),
        "hours": many(
            "When people may come without an appointment; none: always.",
            entry(
                "A stretch of one day.",
                {
                    "day": number("0 is Monday.", 0, 6),
                    "start": number("The minute of the day at which it begins.", 0, area_values.DAY_MINUTES - 1),
                    "end": number("The minute at which it ends.", 1, area_values.DAY_MINUTES),
                },
                required=("day", "start", "end"),
            ),
            50,
        ),
        "takes_walk_ins": flag("People may come without an appointment."),
        "walk_in_minutes": number("How long such a visit takes.", *area_values.NUMBERS["walk_in_minutes"]),
        "shows_position": flag("People see how many are before them."),
        "shows_expected_wait": flag("People see how long it will take."),
        "identity_fields": some_of("What staff confirm before somebody is let in.", area_values.IDENTITY_FIELDS),
        "amber_minutes": number("After so many a wait shows amber.", *area_values.NUMBERS["amber_minutes"]),
        "red_minutes": number("After so many it shows red.", *area_values.NUMBERS["red_minutes"]),
    },
)
SECTION = Section("waiting_room", read, write, SCHEMA, Pictures(("media",), _find, _keep))
