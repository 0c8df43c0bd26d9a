"""The pictures of a step: logo and icon of the look, picture or film of the waiting room."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.urls import reverse
from django.utils.translation import gettext_lazy

from vestibule.meetings import area_pictures
from vestibule.people import brand
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.web import look
from vestibule.web.manager.area_forms import PictureForm
from vestibule.web.manager.brand_page import FaviconForm, LogoForm

Keep = Callable[[Actor, Business, bytes, str], str]
"""Takes a picture in, with words for who does not see it, and returns the reference to what was kept."""


@dataclass(frozen=True)
class Kind:
    """A picture of a step. `key` is its place in the step's part; `places` says which question a refusal is about."""

    name: str
    step: str
    key: str
    title: Any
    form: Callable[..., Any]
    keep: Keep
    most_bytes: int
    places: Mapping[str, str]


def _brand(kind: str) -> Keep:
    return lambda actor, business, content, words: str(brand.keep(actor, business, kind, content, words).ref)


def _media(actor: Actor, _business: Business, content: bytes, words: str) -> str:
    media = area_pictures.taken_in(actor, content, words)
    media.save()
    return str(media.ref)


KINDS = {
    one.name: one
    for one in (
        Kind(
            "logo", "brand", "logo", gettext_lazy("Logo"), LogoForm, _brand("logo"), brand.MOST_BYTES, {"logo": "file"}
        ),
        Kind(
            "favicon",
            "brand",
            "favicon",
            gettext_lazy("Icon of the browser’s tab"),
            FaviconForm,
            _brand("favicon"),
            brand.MOST_BYTES,
            {"favicon": "file"},
        ),
        Kind(
            "picture",
            "waiting",
            "media",
            gettext_lazy("Picture or film"),
            PictureForm,
            _media,
            area_pictures.MOST_BYTES,
            {"media": "file"},
        ),
    )
}


@dataclass(frozen=True)
class Shown:
    """A picture as its step shows it; `url` is "" while there is none."""

    kind: Kind
    form: Form
    url: str
    is_film: bool
    action: str


def shown(business: Business, part: Mapping[str, Any], step: str, wrong: Mapping[str, Form]) -> Sequence[Shown]:
    """Return the pictures of a step as `part` of the document has them, that of `wrong` where one was refused."""
    found = []
    for kind in KINDS.values():
        if kind.step == step:
            url, words, is_film = _now(business, kind, part.get(kind.key, ""))
            initial = {"alternative": words} if "alternative" in kind.form().fields else {}
            form = wrong.get(kind.name) or kind.form(initial=initial)
            action = reverse("manage-experience-picture", args=[step, kind.name])
            found.append(Shown(kind, form, url, is_film, action))
    return found


def _now(business: Business, kind: Kind, ref: str) -> tuple[str, str, bool]:
    """Return where a picture of the business is, what it shows in words, and whether it moves; "" for none."""
    if not ref:
        return "", "", False
    kept: Any = area_pictures.find(ref) if kind.step == "waiting" else brand.find(ref)
    if kept is None or kept.business_id != business.pk:
        return "", "", False
    url = reverse("waiting-media", args=[ref]) if kind.step == "waiting" else look.url_of(ref)
    return url, kept.alternative, kept.media_type.startswith("video/")
