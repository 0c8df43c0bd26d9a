"""The picture or short film that who waits is shown. Pictures are drawn anew; a film is kept as it is, if it is one.

What is not shown any more goes, unless somebody of `IS_NEEDED` still needs it: an experience that may come back does.
"""

from collections.abc import Callable
from datetime import timedelta

from django.utils.translation import gettext as _

from vestibule.meetings import areas
from vestibule.meetings.area_values import plain
from vestibule.meetings.models import AreaMedia, WaitingArea
from vestibule.people import audit, rates
from vestibule.people.errors import Invalid
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock, file_kinds, pictures
from vestibule.store.transactions import writing

MOST_BYTES = 10 * 1024 * 1024
EACH, SECONDS = 40, 3600
"""New pictures of a business: each is kept for a while, shown or not, and takes work to draw."""
"""Of a picture or film: what a request with a file may be."""
SIDE = 1600
FILMS = frozenset({"mp4"})
KEPT_UNSHOWN = timedelta(days=1)
"""What was kept to be shown has so long to be."""
IS_NEEDED: list[Callable[[AreaMedia], bool]] = []
"""Asked before a picture goes that is shown no more."""


def show(actor: Actor, slug: str, content: bytes, alternative: str = "") -> WaitingArea:
    """Show a picture (PNG, JPEG, WebP, GIF) or a film (MP4) in an area instead of what was shown.

    `alternative` says what is seen, for who does not see it. Raises Invalid naming `media` for anything else, for what
    is damaged or larger than 10 MB; TooMany (40 an hour), NotFound, NotPermitted.
    """
    media = taken_in(actor, content, alternative)
    with writing():
        media.save()
        return show_kept(actor, slug, media.ref)


def taken_in(actor: Actor, content: bytes, alternative: str = "") -> AreaMedia:
    """Return a picture or film as it may be shown, for `save` to keep. Raises as `show`.

    What the business has already, with the same words, is returned as it is.
    """
    business_id = actor.business_of(Permission.MANAGE_SETUP)
    words = plain(alternative, "alternative", 200)
    known = AreaMedia.objects.filter(business_id=business_id, alternative=words, size=len(content))
    same: AreaMedia | None = next((one for one in known if bytes(one.content) == content), None)
    if same is not None:
        return same
    rates.limit("area.picture", str(business_id), EACH, SECONDS)
    media_type, kept = _drawn(content)
    return AreaMedia(business_id=business_id, media_type=media_type, alternative=words, size=len(kept), content=kept)


def show_kept(actor: Actor, slug: str, ref: str) -> WaitingArea:
    """Show in an area what was kept or shown before. Raises Invalid naming `media` for what is not here any more."""
    with writing():
        area = areas.stored(actor, slug)
        media = AreaMedia.objects.filter(business_id=area.business_id, ref=ref).first()
        if media is None:
            raise Invalid(_("This picture is not here any more. Choose it again."), field="media")
        before, area.content_media = area.content_media, media
        if before != media:
            _store(actor, area, before)
        return area


def take_down(actor: Actor, slug: str) -> WaitingArea:
    """Show no picture in an area any more. Twice is once."""
    with writing():
        area = areas.stored(actor, slug)
        before, area.content_media = area.content_media, None
        if before is not None:
            _store(actor, area, before)
        return area


def find(ref: str) -> AreaMedia | None:
    """Return what is shown by its reference: whoever knows that may see it."""
    found: AreaMedia | None = AreaMedia.objects.filter(ref=ref).first()
    return found


def purge() -> int:
    """Let go of what was kept and is neither shown nor needed; returns how many."""
    old = AreaMedia.objects.filter(created_at__lt=clock.now() - KEPT_UNSHOWN, shown_in_areas=None)
    gone = [one for one in old.defer("content") if not _is_needed(one)]
    for one in gone:
        one.delete()
    return len(gone)


def _is_needed(media: AreaMedia) -> bool:
    return any(asked(media) for asked in IS_NEEDED)


def _drawn(content: bytes) -> tuple[str, bytes]:
    kind = file_kinds.kind_of(content)
    if kind in FILMS:
        if len(content) > MOST_BYTES:
            raise Invalid(_("This film is larger than 10 MB, so it was not kept. Shorten it."), field="media")
        return file_kinds.TYPES[kind], content
    if kind not in pictures.KINDS:
        words = _("This is no picture or film that browsers show. Take a PNG, JPEG, WebP, GIF or MP4.")
        raise Invalid(words, field="media")
    if len(content) > MOST_BYTES:
        raise Invalid(_("This picture is larger than 10 MB, so it was not kept. Take a smaller one."), field="media")
    try:
        drawn = pictures.draw_anew(content, side=SIDE)
    except pictures.TooManyPixels as large:
        raise Invalid(_("This picture has too many pixels. Make it smaller and try again."), field="media") from large
    except pictures.NotAPicture as broken:
        raise Invalid(_("This picture is damaged and cannot be shown. Take another."), field="media") from broken
    return drawn.media_type, drawn.content


def _store(actor: Actor, area: WaitingArea, before: AreaMedia | None) -> None:
    area.save(update_fields=["content_media"])
    if before is not None and not before.shown_in_areas.exists() and not _is_needed(before):
        before.delete()
    audit.record(actor, area.business_id, "area.changed", "area", area.ref, summary=area.name, fields=["content_media"])
