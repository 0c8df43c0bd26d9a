"""A business' own words on consumers' pages: the places that can be changed, the verbs, and quick reading.

Words are plain text in one language; where there are none in the reader's language, the built-in words stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.contacts import clean_text
from vestibule.booking.setup.values import permit
from vestibule.experience.models import OwnText
from vestibule.people import audit
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store.ids import new_ref
from vestibule.store.transactions import is_pretending, writing

Words = Any
"""A text, or one that is translated when it is shown."""
Wanted = Mapping[str, Mapping[str, str]]
"""Own words: by language, then by key of their place."""


@dataclass(frozen=True)
class Place:
    """One place of the pages: at most `most` characters, on several lines if `lines`.

    `built_in` is what is said there otherwise ("": nothing is), with `%(name)s` for the business.
    """

    key: str
    title: Words
    most: int
    built_in: Words = ""
    lines: bool = False

    def built_in_for(self, business: Business) -> str:
        """Return the built-in words, in the language now active."""
        words = str(self.built_in)
        return words % {"name": business.name} if "%(name)s" in words else words


_t = gettext_lazy
PAGES: tuple[tuple[Words, tuple[Place, ...]], ...] = (
    (
        _t("Booking page"),
        (
            Place("book_heading", _t("Heading"), 120, _t("What would you like to book?")),
            Place("book_introduction", _t("Introduction"), 600, lines=True),
            Place(
                "book_note",
                _t("Note below the services"),
                400,
                _t("You need no account and nothing to install. We send you a link; it opens in your browser."),
                lines=True,
            ),
        ),
    ),
    (
        _t("Choosing a time"),
        (
            Place("time_heading", _t("Heading"), 120, _t("When would suit you?")),
            Place("time_introduction", _t("Introduction"), 400, lines=True),
        ),
    ),
    (
        _t("Details and questions"),
        (
            Place("details_heading", _t("Heading"), 120, _t("Who is coming?")),
            Place("details_introduction", _t("Introduction"), 600, lines=True),
            Place("details_privacy", _t("Who sees it"), 400, _t("Only %(name)s sees what you enter here.")),
        ),
    ),
    (
        _t("Confirmation"),
        (
            Place("booked_heading", _t("Heading"), 120, _t("You are booked")),
            Place("booked_text", _t("What happens next"), 800, lines=True),
            Place("requested_text", _t("After a request"), 800, lines=True),
        ),
    ),
    (
        _t("Before the visit"),
        (
            Place("early_text", _t("Who comes too early"), 600, lines=True),
            Place("ready_heading", _t("Heading above the device check"), 120, _t("Ready for your visit?")),
            Place("ready_text", _t("Below that heading"), 600, lines=True),
        ),
    ),
    (
        _t("Waiting room"),
        (
            Place("waiting_heading", _t("Heading"), 120, _t("You are in the waiting room")),
            Place(
                "waiting_text",
                _t("Below the place in the queue"),
                300,
                _t("You can reload this page or lock your phone: your place is kept if you come back soon."),
            ),
        ),
    ),
    (
        _t("After the visit"),
        (
            Place("ended_heading", _t("Heading"), 120, _t("The visit is over")),
            Place("ended_text", _t("Thanks"), 600, _t("Thank you for coming."), lines=True),
            Place(
                "survey_thanks",
                _t("After an answer to the survey"),
                300,
                _t("Thank you for your answer. It reaches the people who can make it better."),
            ),
        ),
    ),
    (
        _t("When something went wrong"),
        (
            Place(
                "missed_text",
                _t("The visit is over and was missed"),
                400,
                _t("If you missed it, book a new time or call us. Nobody will be cross."),
                lines=True,
            ),
            Place(
                "turned_away_text",
                _t("Somebody was not let in"),
                400,
                _t("If you think this is a mistake, please call %(name)s."),
                lines=True,
            ),
            Place("help_text", _t("Help on pages that could not go on"), 400, lines=True),
        ),
    ),
    (_t("Every page"), (Place("footer_line", _t("Line at the foot"), 300, lines=True),)),
)
PLACES: Mapping[str, Place] = {place.key: place for _page, places in PAGES for place in places}
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


def said(business: Business, key: str, language: str) -> str:
    """Return the own words of a business at a place, "" where the built-in ones hold. Reads nothing twice."""
    return _of(business).get((language.partition("-")[0], key), "")


def stored(business: Business) -> dict[str, dict[str, str]]:
    """Return all own words by language and place, in the order of the lists, as they hold now."""
    rows = {(one.language, one.key): one.text for one in OwnText.objects.filter(business=business)}
    found = {tag: {key: rows[tag, key] for key in PLACES if (tag, key) in rows} for tag in LANGUAGES}
    return {tag: words for tag, words in found.items() if words}


def put(actor: Actor, business: Business, language: str, words: Mapping[str, str]) -> None:
    """Say `words` (by place) in one language from now on; an empty text brings the built-in words back.

    Raises Invalid naming `<language>.<key>`.
    """
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    _store(actor, business, _clean({language: words}))


def reset(actor: Actor, business: Business, language: str) -> None:
    """Bring all built-in words of a language back; twice is once."""
    put(actor, business, language, dict.fromkeys(PLACES, ""))


def replace(actor: Actor, business: Business, wanted: Wanted) -> None:
    """Let `wanted` be all own words of a business, in every language. Raises as `put`."""
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    given = _clean(wanted)
    none = {(tag, key): "" for tag, words in stored(business).items() for key in words}
    _store(actor, business, none | given)


def _clean(wanted: Wanted) -> dict[tuple[str, str], str]:
    found = {}
    if not isinstance(wanted, Mapping):
        raise Invalid(_("Own words have to be given by language."))
    for language, words in wanted.items():
        if language not in LANGUAGES or not isinstance(words, Mapping):
            raise Invalid(_("Own words can be in one of these languages: %(tags)s.") % {"tags": ", ".join(LANGUAGES)})
        for key, text in words.items():
            found[language, key] = _clean_one(f"{language}.{str(key)[:40]}", PLACES.get(key), text)
    return found


def _clean_one(field: str, place: Place | None, text: Any) -> str:
    if place is None:
        raise Invalid(_("The pages have no such place for words of your own."), field=field)
    if not isinstance(text, str):
        raise Invalid(_("This has to be a text."), field=field)
    return clean_text(text.replace("\r\n", "\n"), field, most=place.most, lines=place.lines)


def _store(actor: Actor, business: Business, wanted: Mapping[tuple[str, str], str]) -> None:
    with writing():
        Business.objects.select_for_update(no_key=True).get(pk=business.pk)
        rows = OwnText.objects.filter(business=business)
        held = {(one.language, one.key): one.text for one in rows}
        changed = {place: text for place, text in wanted.items() if held.get(place, "") != text}
        if not changed:
            return
        for (language, key), text in changed.items():
            if text:
                rows.update_or_create(business=business, language=language, key=key, defaults={"text": text})
            else:
                rows.filter(language=language, key=key).delete()
        Business.objects.filter(pk=business.pk).update(experience_stamp=new_ref())
        places = sorted(f"{language}.{key}" for language, key in changed)
        audit.record(
            actor, business.pk, "texts.changed", "business", business.ref, summary=business.name, places=places
        )


def _of(business: Business) -> Mapping[tuple[str, str], str]:
    """Return own words as of the stamp of the row at hand; what may be undone is not kept."""
    return _read(business.pk) if is_pretending() else _kept(business.pk, business.experience_stamp)


@lru_cache(maxsize=512)
def _kept(business_id: int, _stamp: str) -> Mapping[tuple[str, str], str]:
    return _read(business_id)


def _read(business_id: int) -> Mapping[tuple[str, str], str]:
    return {(one.language, one.key): one.text for one in OwnText.objects.filter(business_id=business_id)}
