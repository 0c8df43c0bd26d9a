"""The words of messages: which have words of their own, and the editor with preview and test."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from vestibule.booking.models import Service
from vestibule.notifications import choices, examples, own_words, trying_out
from vestibule.notifications.choices import EMAIL, SMS, Choice, Choices, Words
from vestibule.notifications.facts import Audience
from vestibule.notifications.models import Template
from vestibule.web.manager.message_kinds import kind_words
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, find, locked, open_to, show
from vestibule.web.manager.sending_pages import AUDIENCES, NOTES, SHORT
from vestibule.web.manager.wording_filter import Group, WordsFilter
from vestibule.web.manager.wording_trials import WordsForm, shown, tried

MANAGE = (Permission.MANAGE_SETUP,)
CHANNELS = (EMAIL, SMS)
LANGUAGES: Mapping[str, str] = dict(settings.LANGUAGES)


@dataclass(frozen=True)
class Way:
    """One message by one channel: the address of its editor, and the languages in which it has own words."""

    href: str
    languages: tuple[str, ...]
    is_sent: bool


@dataclass(frozen=True)
class Tab:
    """A language or channel of the editor; `has_own` says that there are own words."""

    href: str
    words: str
    tag: str
    has_own: bool
    is_here: bool


@open_to(Permission.SEE_SETUP)
def of_business(request: StaffRequest) -> HttpResponse:
    """List every message and its words, for all services."""
    return show(request, "words.html", **_listed(request, None))


@open_to(Permission.SEE_SETUP)
def of_service(request: StaffRequest, slug: str) -> HttpResponse:
    """List every message and its words, for one service."""
    service = find(request, Service.objects.all(), slug=slug)
    return show(request, "service_words.html", service=service, tab="messages", **_listed(request, service))


@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]  # typed for views of one argument
@open_to(Permission.SEE_SETUP, change=MANAGE)
def editor(request: StaffRequest, kind: str, audience: str, channel: str, language: str) -> HttpResponse:
    """Show and change the words of one message in one language; try them, or send them as a test."""
    which = message_of(kind, audience, channel, language)
    service = service_of(request)
    form = WordsForm(
        request.POST or None, channel=channel, language=language, initial=_begun(request, which, language, service)
    )
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    sent_to = None
    if request.method == "POST" and form.is_valid():
        do = request.POST.get("do", "save")
        if do == "reset":
            return _set_back(request, which, language, service)
        if do == "test":
            wanted = tried(request, which, language, service, form)
            to = form.cleaned_data["to"]
            sent_to = attempt(form, lambda: trying_out.send(request.actor, request.business, wanted, to))
        elif do == "preview":
            words = form.words()
            attempt(form, lambda: own_words.check(which, language, words))
        elif do == "save":
            attempt(form, lambda: _put(request, which, language, service, form.words()))
            if not form.errors:
                return done(
                    request, _("The words were saved. They hold from the next message on."), request.get_full_path()
                )
    return _page(request, which, language, service, form, sent_to=sent_to, may_edit=may)


def _page(
    request: StaffRequest, which: Choice, language: str, service: Service | None, form: WordsForm, **more: Any
) -> HttpResponse:
    kind, audience, channel = which
    query = f"?{urlencode({'service': service.slug})}" if service else ""
    where = [kind, audience, channel, language]
    context: dict[str, Any] = {
        "about": title_of(kind),
        "audience": dict(AUDIENCES)[Audience(audience)],
        "channel": channel,
        "language": language,
        "service": service,
        "channels": _channel_tabs(request, which, language, service),
        "languages": _language_tabs(request, which, language, service),
        "placeholders": [(name, own_words.PLACEHOLDERS[name].words) for name in own_words.offered(kind, audience)],
        "has_own": _stored(request, which, language, service) is not None,
        "mail_url": reverse("manage-words-mail", args=where) + query,
        "shown_url": reverse("manage-words-shown", args=where) + query,
        "seen": shown(request, which, language, service, form),
        "back": _list_url(service),
        **more,
    }
    return show(request, "words_edit.html", form=form, **context)


def message_of(kind: str, audience: str, channel: str, language: str) -> Choice:
    """Return which message an address names. Raises Http404 where there is none, or not in this language."""
    which = (kind, audience, channel)
    if which not in own_words.kinds() or language not in LANGUAGES:
        raise Http404
    return which


def service_of(request: StaffRequest) -> Service | None:
    """Return the service whose words these are; None: those of all services."""
    slug = request.GET.get("service")
    found: Service | None = find(request, Service.objects.all(), slug=slug) if slug else None
    return found


def title_of(kind: str) -> str:
    """Return what a message is about."""
    return str(SHORT.get(kind) or kind_words(kind))


def _begun(request: StaffRequest, which: Choice, language: str, service: Service | None) -> dict[str, Any]:
    stored = _stored(request, which, language, service)
    begun = stored or _usual(request, which, language, service)
    to = getattr(request.user, "email", "") if which[2] == EMAIL else ""
    return {"subject": begun.subject, "heading": begun.heading, "body": begun.body, "to": to, "look": "desktop"}


def _stored(request: StaffRequest, which: Choice, language: str, service: Service | None) -> Words | None:
    kind, audience, channel = which
    rows = Template.objects.visible_to(request.actor).filter(business=request.business, kind=kind, audience=audience)
    row = rows.filter(channel=channel, language=language, service_ref=service.ref if service else "").first()
    return Words(row.subject, row.heading, row.body) if row is not None else None


def _usual(request: StaffRequest, which: Choice, language: str, service: Service | None) -> Words:
    """Return the words there are without own ones at this place: of all services, or built in."""
    of_all = choices.of(request.business).words(which, language) if service else None
    return of_all or examples.built_in(request.business, which, language)


def _put(request: StaffRequest, which: Choice, language: str, service: Service | None, given: Words) -> None:
    """Store words; as they are without own ones they are not stored, so that they follow what they were taken from."""
    usual = _usual(request, which, language, service)
    words = Words("", "", "") if _same(given, usual) else given
    own_words.put(request.actor, request.business, which, language, words, service.ref if service else "")


def _same(one: Words, other: Words) -> bool:
    return [" ".join(text.split()) for text in vars(one).values()] == [
        " ".join(text.split()) for text in vars(other).values()
    ]


def _set_back(request: StaffRequest, which: Choice, language: str, service: Service | None) -> HttpResponse:
    none = Words("", "", "")
    own_words.put(request.actor, request.business, which, language, none, service.ref if service else "")
    words = _("This message has the words of all services again.") if service else _("The built-in words are back.")
    return done(request, words, request.get_full_path())


def _editor_url(which: Choice, language: str, service: Service | None) -> str:
    query = f"?{urlencode({'service': service.slug})}" if service else ""
    return reverse("manage-words-edit", args=[*which, language]) + query


def _list_url(service: Service | None) -> str:
    return reverse("manage-service-words", args=[service.slug]) if service else reverse("manage-words")


def _own(request: StaffRequest, service: Service | None) -> dict[Choice, list[str]]:
    """Return the languages in which messages have own words at this place."""
    rows = Template.objects.visible_to(request.actor).filter(
        business=request.business, service_ref=service.ref if service else ""
    )
    found: dict[Choice, list[str]] = {}
    for row in rows:
        found.setdefault((row.kind, row.audience, row.channel), []).append(row.language)
    return found


def _listed(request: StaffRequest, service: Service | None) -> dict[str, Any]:
    wanted = WordsFilter(request.GET)
    return {"groups": wanted.listed(_groups(request, service)), "form": wanted, "is_filtered": not wanted.is_empty}


def _groups(request: StaffRequest, service: Service | None) -> dict[str, Group]:
    """Return every message with its ways, by audience."""
    chosen, own = choices.of(request.business), _own(request, service)
    language = first_language(request)
    known = set(own_words.kinds())
    groups = {}
    for audience, title in AUDIENCES:
        kinds = dict.fromkeys(kind for kind, whom, _channel in own_words.kinds() if whom == audience)
        rows = [
            {
                "title": title_of(kind),
                "note": NOTES.get(kind, ""),
                "ways": [
                    (channel, _way(chosen, (kind, audience, channel), own, language, service))
                    if (kind, audience, channel) in known
                    else (channel, None)
                    for channel in CHANNELS
                ],
            }
            for kind in kinds
        ]
        groups[str(audience)] = (title, rows)
    return groups


def first_language(request: StaffRequest) -> str:
    """Return the language in which an editor opens: that of the business, as far as messages are written in it."""
    return next((tag for tag in (request.business.language, request.business.language[:2]) if tag in LANGUAGES), "en")


def _way(
    chosen: Choices, which: Choice, own: Mapping[Choice, list[str]], language: str, service: Service | None
) -> Way:
    tags = own.get(which, [])
    named = tuple(LANGUAGES[tag] for tag in LANGUAGES if tag in tags)
    opened = language if language in tags or not tags else tags[0]
    is_sent = which not in choices.DEFAULTS or chosen.is_on(*which, service.ref if service else "")
    return Way(_editor_url(which, opened, service), named, is_sent)


def _channel_tabs(request: StaffRequest, which: Choice, language: str, service: Service | None) -> list[Tab]:
    kind, audience, channel = which
    named = {EMAIL: _("E-mail"), SMS: _("Text message")}
    own = _own(request, service)
    return [
        Tab(
            _editor_url((kind, audience, one), language, service),
            named[one],
            "",
            bool(own.get((kind, audience, one))),
            one == channel,
        )
        for one in CHANNELS
        if (kind, audience, one) in own_words.kinds()
    ]


def _language_tabs(request: StaffRequest, which: Choice, language: str, service: Service | None) -> list[Tab]:
    own = _own(request, service).get(which, [])
    return [
        Tab(_editor_url(which, tag, service), name, tag, tag in own, tag == language) for tag, name in LANGUAGES.items()
    ]
