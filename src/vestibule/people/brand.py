"""How the pages and mails of a business look: colour, letters, corners, density, scheme, logo and icon.

Every value is one of a list, and the colour six hexadecimal digits: no text of anybody becomes part of a style sheet.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from vestibule.people import audit, rates
from vestibule.people.characters import without_harm
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import BrandImage, Business
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.store import file_kinds, pictures
from vestibule.store.ids import new_ref
from vestibule.store.transactions import writing

if TYPE_CHECKING:
    from vestibule.store.emblems import Emblem

ACCENTS = ("lake", "harbour", "moss", "plum", "brick", "ochre", "slate", "rose")
"""The colours that come with Vestibule, as in frontend/styles/accents.css."""
FONTS = ("system", "source", "figtree", "nunito", "legible", "serif")
CORNERS = ("soft", "round", "square")
DENSITIES = ("cosy", "compact")
SCHEMES = ("auto", "light", "dark")
LISTS: Mapping[str, tuple[str, ...]] = {
    "accent": ACCENTS,
    "font": FONTS,
    "corners": CORNERS,
    "density": DENSITIES,
    "scheme": SCHEMES,
}
"""What each setting but the colour may be; the first is what holds where nothing was chosen."""
PICTURES = ("logo", "favicon")
MOST_BYTES = 5 * 1024 * 1024
LONGEST_ALTERNATIVE = 200
EACH, SECONDS = 40, 3600
_COLOUR = re.compile(r"#?[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Brand:
    """The look of a business. Without a `colour` of its own ("#rrggbb") it has the one named by `accent`."""

    accent: str = ACCENTS[0]
    colour: str = ""
    font: str = FONTS[0]
    corners: str = CORNERS[0]
    density: str = DENSITIES[0]
    scheme: str = SCHEMES[0]

    @property
    def is_plain(self) -> bool:
        """Nothing but the accent differs from how pages look by themselves; the scheme may be fixed."""
        return not self.colour and (self.font, self.corners, self.density) == (FONTS[0], CORNERS[0], DENSITIES[0])


def of(business: Business) -> Brand:
    """Return the brand of a business; what is stored and on no list counts as not chosen."""
    stored = business.brand if isinstance(business.brand, Mapping) else {}
    held = {"accent": business.accent, **{name: stored.get(name) for name in LISTS if name != "accent"}}
    colour = stored.get("colour")
    chosen = {name: str(held[name]) if held[name] in options else options[0] for name, options in LISTS.items()}
    is_colour = isinstance(colour, str) and re.fullmatch(r"#[0-9a-f]{6}", colour) is not None
    return Brand(**chosen, colour=str(colour) if is_colour else "")


def clean_colour(given: Any, field: str = "colour") -> str:
    """Return a colour as "#rrggbb", "" for none. Raises Invalid for anything but six hexadecimal digits."""
    if given == "":
        return ""
    if not isinstance(given, str) or not _COLOUR.fullmatch(given):
        raise Invalid(_("Write the colour as # and six digits or letters from a to f, such as #0b5fa5."), field=field)
    return f"#{given.removeprefix('#').lower()}"


def cleaned(changes: Mapping[str, Any]) -> dict[str, str]:
    """Return settings of a look as they may be stored. Raises Invalid naming the first that cannot be."""
    found = {}
    for name, value in changes.items():
        if name == "colour":
            found[name] = clean_colour(value)
        elif name not in LISTS:
            raise Invalid(_("There is no such setting: %(name)s.") % {"name": name[:60]}, field=name[:60])
        elif not isinstance(value, str) or value not in LISTS[name]:
            raise Invalid(_("Choose one of: %(options)s.") % {"options": ", ".join(LISTS[name])}, field=name)
        else:
            found[name] = value
    return found


def change(actor: Actor, business: Business, **changes: Any) -> Business:
    """Change accent, colour ("": the accent's), font, corners, density, scheme; logo, favicon: a reference or "".

    Raises Invalid naming the field, also for a picture of another business or kind.
    """
    _permit(actor, business)
    shown = {name: changes.pop(name) for name in PICTURES if name in changes}
    wanted = cleaned(changes)
    with writing():
        current = _current(business)
        before = _held(current)
        for name, ref in shown.items():
            setattr(current, name, _own(current, name, ref))
        _put(current, wanted)
        _store(actor, current, before)
    return current


def keep(actor: Actor, business: Business, kind: str, content: bytes, alternative: str = "") -> BrandImage:
    """Draw a logo or a favicon anew and keep it, without showing it yet: a draft may name it.

    Takes PNG, JPEG, WebP, GIF up to 5 MB. Raises Invalid naming `kind` or "alternative", TooMany.
    """
    _permit(actor, business)
    if kind not in PICTURES:
        raise Invalid(_("Choose one of: %(options)s.") % {"options": ", ".join(PICTURES)}, field="kind")
    words = _alternative(alternative)
    rates.limit("brand.picture", business.ref, EACH, SECONDS)
    drawn = _drawn(kind, content)
    with writing():
        made: BrandImage = BrandImage.objects.create(
            business=business,
            kind=kind,
            media_type="image/png",
            width=drawn.width,
            height=drawn.height,
            alternative=words,
            content=drawn.content,
        )
        audit.record(actor, business.pk, "brand.picture_kept", "brand", business.ref, kind=kind, picture=made.ref)
    return made


def put(actor: Actor, business: Business, kind: str, content: bytes, alternative: str = "") -> BrandImage:
    """Show a logo or a favicon from now on. Raises as `keep`."""
    made = keep(actor, business, kind, content, alternative)
    change(actor, business, **{kind: made.ref})
    return made


def describe(actor: Actor, business: Business, kind: str, alternative: str) -> BrandImage | None:
    """Say otherwise what the picture shown shows. It becomes another picture, as earlier versions keep theirs."""
    _permit(actor, business)
    words = _alternative(alternative)
    with writing():
        before: BrandImage | None = getattr(_current(business), _known(kind))
        if before is None or before.alternative == words:
            return before
        made: BrandImage = BrandImage.objects.create(
            business_id=before.business_id,
            kind=before.kind,
            media_type=before.media_type,
            width=before.width,
            height=before.height,
            alternative=words,
            content=before.content,
        )
        change(actor, business, **{kind: made.ref})
    return made


def take_down(actor: Actor, business: Business, kind: str) -> None:
    """Show no logo or favicon any more; twice is once."""
    change(actor, business, **{_known(kind): ""})


def picture(pk: int | None) -> BrandImage | None:
    """Return a picture without its content, None without one."""
    if pk is None:
        return None
    found: BrandImage | None = BrandImage.objects.filter(pk=pk).defer("content").first()
    return found


def find(ref: str) -> BrandImage | None:
    """Return a picture by its reference: whoever knows that may see it."""
    found: BrandImage | None = BrandImage.objects.filter(ref=ref).first()
    return found


def _permit(actor: Actor, business: Business) -> None:
    if actor.kind is not ActorKind.SYSTEM and actor.business_id != business.pk:
        raise NotFound(_("There is no such thing in your business."))
    actor.require(Permission.MANAGE_SETUP)


def _known(kind: str) -> str:
    if kind not in PICTURES:
        raise Invalid(_("Choose one of: %(options)s.") % {"options": ", ".join(PICTURES)}, field="kind")
    return kind


def _current(business: Business) -> Business:
    return Business.objects.select_for_update(no_key=True).get(pk=business.pk)


def _own(business: Business, kind: str, ref: Any) -> BrandImage | None:
    if ref == "":
        return None
    rows = BrandImage.objects.filter(business=business, kind=kind, ref=ref if isinstance(ref, str) else None)
    found: BrandImage | None = rows.defer("content").first()
    if found is None:
        raise Invalid(_("This picture is not one of this business. Send it again."), field=kind)
    return found


def _put(business: Business, wanted: Mapping[str, str]) -> None:
    business.accent = wanted.get("accent", business.accent)
    others = {name: value for name, value in wanted.items() if name != "accent"}
    if others:
        business.brand = {**business.brand, **others}


def _held(business: Business) -> dict[str, Any]:
    pictures_ = {name: getattr(business, f"{name}_id") for name in PICTURES}
    return {**vars(of(business)), **pictures_}


def _store(actor: Actor, business: Business, before: Mapping[str, Any]) -> None:
    """Save what differs, and let everything know that was kept of how the business looks."""
    after = _held(business)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changed:
        return
    business.experience_stamp = new_ref()
    business.save(update_fields=["accent", "brand", *PICTURES, "experience_stamp"])
    audit.record(actor, business.pk, "brand.changed", "brand", business.ref, summary=business.name, **changed)


def _alternative(given: Any) -> str:
    if not isinstance(given, str):
        raise Invalid(_("This has to be a text."), field="alternative")
    words = " ".join(without_harm(given).split())
    if len(words) > LONGEST_ALTERNATIVE:
        longest = _("This text is longer than %(most)s characters. Shorten it.")
        raise Invalid(longest % {"most": LONGEST_ALTERNATIVE}, field="alternative")
    return words


def _drawn(kind: str, content: bytes) -> "Emblem":
    from vestibule.store import emblems

    if len(content) > MOST_BYTES:
        raise Invalid(_("This picture is larger than 5 MB, so it was not kept. Take a smaller one."), field=kind)
    if file_kinds.kind_of(content) not in pictures.KINDS:
        words = _(
            "This is not a PNG, JPEG, WebP or GIF, so it was not kept. Drawings (SVG) can hold programs and are not"
            " taken: save yours as a PNG, 500 pixels wide."
        )
        raise Invalid(words, field=kind)
    draw: Callable[[bytes], Emblem] = emblems.logo if kind == "logo" else emblems.icon
    try:
        return draw(content)
    except pictures.TooManyPixels as large:
        raise Invalid(_("This picture has too many pixels. Make it smaller and try again."), field=kind) from large
    except pictures.NotAPicture as broken:
        raise Invalid(_("This picture is damaged and cannot be shown. Take another."), field=kind) from broken
