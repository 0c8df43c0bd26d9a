"""Keeps the message catalogues: finds what is to be translated, checks what was, and makes what the product loads.

Run as `script/messages`; CONTRIBUTING.md tells when.
"""

import argparse
import re
import string
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from io import BytesIO
from pathlib import Path
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "vestibule"
LOCALE = SOURCE / "locale"
PROJECT = "Vestibule"
CLDR = {"pt": "pt_PT"}
"""Where Unicode's data means another country's habits by a language than our catalogue does."""
ZONE_CONTEXT = "place of a zone"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **{"gettext_lazy": None, "gettext_noop": None, "ngettext_lazy": (1, 2)},
    **{"pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2)},
    **{"npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3)},
}
# Read by staff alone, or by people who write programs: said in English everywhere. What consumers or helpers read, and
# what anybody receives as a message, is in the catalogues.
STAFF = (
    "__main__.py", "doctor.py", "housekeeping.py", "serving.py", "settings.py", "store/*", "demo/*", "api/*",
    "integrations/*", "calendars/*", "people/*", "web/manager/*", "web/provider/*", "web/account/*", "web/dev/*",
    "web/desk_words.py", "web/staff_pages.py", "web/connections.py", "web/media_server.py", "web/calendar_state.py",
    "web/letter_case.py", "web/accents.py", "web/components.py", "web/live/desk*.py",
    "web/templates/manager/*", "web/templates/provider/*", "web/templates/account/*", "web/templates/dev/*",
    "web/templates/mfa/*", "web/templates/people/*", "web/templates/usersessions/*", "web/templates/layouts/staff.html",
    "booking/outside/adopting.py", "booking/outside/exporting.py", "booking/outside/following.py",
    "booking/outside/handing.py", "booking/outside/links.py", "booking/outside/stating.py",
    "booking/outside/translating.py",
    "booking/setup/*", "booking/transfer/*", "booking/models/*", "meetings/models/*", "notifications/models/*",
    "notifications/choices.py", "notifications/gateway_setup.py", "notifications/reminders.py",
    "notifications/limits.py", "notifications/own_words.py", "notifications/rules.py", "notifications/callbacks.py",
    "booking/again.py", "booking/requests.py", "meetings/notes.py", "notifications/examples.py",
    "notifications/trying_out.py", "notifications/trials.py", "notifications/push_trials.py",
    "notifications/history.py", "notifications/reporting.py",
    "subscriptions/*", "notifications/by_program*.py",
    "chat/models*", "chat/members.py", "chat/participants.py", "chat/speaking.py", "chat/threads.py",
    "experience/models*", "experience/survey/questions.py", "experience/survey/elsewhere.py",
    "experience/sections/*", "experience/document.py", "experience/drafts.py", "experience/errors.py",
    "experience/embeds.py", "experience/preview.py", "experience/texts.py", "experience/files.py",
    "experience/industries.py", "experience/presets.py", "experience/possible.py", "experience/capabilities.py",
    "experience/needed_pictures.py", "experience/schema.py", "experience/parcel/*",
    "*/migrations/*", "web/gateway_state.py", "web/live/hosting.py",
    "booking/bulk.py", "booking/conflicts.py", "booking/holidays.py", "booking/reasons.py", "booking/reports.py",
    "booking/catalogue.py", "booking/timely.py", "booking/consumers.py", "booking/beside.py",
    "meetings/alerting.py", "meetings/area_pictures.py", "meetings/area_values.py", "meetings/call_log.py",
    "meetings/carrying.py", "meetings/dial_out.py", "meetings/prepared.py", "meetings/presence.py",
    "meetings/recordings.py", "meetings/transfers.py", "meetings/visit_rules.py", "meetings/outside.py",
    "meetings/online.py", "meetings/room_people.py", "meetings/rooms.py", "booking/own_calendar/*",
    "meetings/outside_delivery.py", "meetings/elsewhere.py",
    "web/elsewhere_host_words.py",
    "web/templates/parts/held_*.html",
)  # fmt: skip
# Named above, yet refusals of theirs reach consumers too.
CONSUMERS = (
    "people/errors.py", "people/characters.py", "people/telephone.py", "people/rates.py", "people/links.py",
)  # fmt: skip
_PYTHON_FIELD = re.compile(r"%\(\w+\)[sd]|%%")


def is_for_consumers(path: str) -> bool:
    """Tell whether texts in a file, named from the source folder on, belong into the catalogues."""
    if any(fnmatch(path, pattern) for pattern in CONSUMERS):
        return True
    return not any(fnmatch(path, pattern) for pattern in STAFF)


def languages() -> list[str]:
    """Return the shipped languages beside English: those with a catalogue."""
    return sorted(file.parent.parent.name.replace("_", "-") for file in LOCALE.glob("*/LC_MESSAGES/django.po"))


def cldr(language: str) -> str:
    """Return the name by which Unicode's data knows a language."""
    return CLDR.get(language, language.replace("-", "_"))


def po_file(language: str) -> Path:
    return LOCALE / language.replace("-", "_") / "LC_MESSAGES" / "django.po"


def found() -> Catalog:
    """Return every text of the product that belongs into the catalogues, with the places it stands at."""
    catalogue = Catalog(project=PROJECT, charset="utf-8")
    for path in sorted([*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html"), *SOURCE.rglob("*.txt")]):
        name = path.relative_to(SOURCE).as_posix()
        if not name.startswith("web/static/") and is_for_consumers(name):
            for message, comments, context in _texts(path):
                # The file alone: numbers of lines would change with every commit.
                catalogue.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return catalogue


def _texts(path: Path) -> Iterator[tuple[str | tuple[str, ...], list[str], str | None]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # As code: what is no text becomes X, and indentation would be the code's.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
    source = BytesIO(text.encode())
    options = {"encoding": "utf-8"}
    for _line, message, comments, context in extract(
        "python", source, keywords=KEYWORDS, comment_tags=("Translators:",), options=options, strip_comment_tags=False
    ):
        yield message, comments, context


def read(language: str) -> Catalog:
    """Return the committed catalogue of a language; an empty one where there is none yet."""
    file = po_file(language)
    if not file.exists():
        return Catalog(locale=cldr(language), project=PROJECT, charset="utf-8", fuzzy=False)
    with file.open("rb") as stream:
        return read_po(stream, locale=cldr(language), charset="utf-8")


def write(language: str, catalogue: Catalog) -> None:
    """Write a catalogue without what would change by itself: dates, versions, numbers of lines."""
    whole = BytesIO()
    write_po(whole, catalogue, width=110, omit_header=True, sort_output=True, include_previous=False)
    plural = f"nplurals={catalogue.num_plurals}; plural={catalogue.plural_expr};"
    head = (
        f"# {Locale.parse(language.replace('-', '_')).english_name}. See docs/how-to/add-a-language.md.\n"
        'msgid ""\nmsgstr ""\n'
        f'"Project-Id-Version: {PROJECT}\\n"\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {plural}\\n"\n\n'
    )
    body = re.sub(r"^(#: .*?):0\b", r"\1", whole.getvalue().decode(), flags=re.MULTILINE)
    while (again := re.sub(r"^(#: .*?):0\b", r"\1", body, flags=re.MULTILINE)) != body:
        body = again
    po_file(language).parent.mkdir(parents=True, exist_ok=True)
    po_file(language).write_text(head + body.strip() + "\n", encoding="utf-8")


def update(wanted: Iterable[str]) -> None:
    """Bring new texts into the catalogues, empty, and take out what is no longer said."""
    template = found()
    for language in wanted:
        old, new = read(language), Catalog(locale=cldr(language), project=PROJECT, charset="utf-8", fuzzy=False)
        for message in template:
            if not message.id:
                continue
            known = old.get(message.id, message.context)
            new.add(
                message.id, known.string if known else None, message.locations, message.flags,
                auto_comments=message.auto_comments, context=message.context,
            )  # fmt: skip
        write(language, new)
        missing = len(list(untranslated(new)))
        print(f"{language}: {len(new)} texts, {missing} to be translated")


def untranslated(catalogue: Catalog) -> Iterator[Message]:
    """Yield texts without a translation, or with one plural form missing."""
    for message in catalogue:
        if message.id and not (all(message.string) if isinstance(message.string, tuple) else message.string):
            yield message


def complaints(language: str, template: Catalog) -> Iterator[str]:
    """Yield what is wrong with a language: texts missing, left over or with other places to be filled in."""
    catalogue = read(language)
    for message in template:
        if message.id and catalogue.get(message.id, message.context) is None:
            yield f"{language}: not in the catalogue (script/messages): {_shown(message)}"
    for message in catalogue:
        if message.id and template.get(message.id, message.context) is None:
            yield f"{language}: no longer said (script/messages): {_shown(message)}"
    for message in untranslated(catalogue):
        yield f"{language}: not translated: {_shown(message)}"
    for message in catalogue:
        if message.id and not message.fuzzy:
            yield from (f"{language}: {wrong}: {_shown(message)}" for wrong in _wrong_places(message))
        elif message.id:
            yield f"{language}: marked as fuzzy: {_shown(message)}"


def _wrong_places(message: Message) -> Iterator[str]:
    """Yield where a translation fills in other things than the text; a plural form may leave the number out."""
    ids, strings = _forms(message.id), _forms(message.string)
    if message.context == "date format":
        return
    wanted = {place for one in ids for place in places(one)}
    for said in strings:
        if not said:
            continue
        extra, missing = places(said) - wanted, wanted - places(said)
        if extra or (missing and len(ids) == 1) or len(missing) > 1:
            yield f"fills in {sorted(places(said))} instead of {sorted(wanted)}"


def places(text: str) -> set[str]:
    """Return what is filled into a text: `%(name)s`, and `{name}` where braces make sense."""
    python = set(_PYTHON_FIELD.findall(text)) - {"%%"}
    try:
        braces = {f"{{{name}}}" for _before, name, _spec, _conversion in string.Formatter().parse(text) if name}
    except ValueError:
        braces = set()
    return python | braces


def _forms(said: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the forms of a text: one, or one for each way of counting."""
    return (said,) if isinstance(said, str) else tuple(said or ())


def _shown(message: Message) -> str:
    first = _forms(message.id)[0]
    return repr(first if len(first) < 100 else first[:97] + "...")


def compile_all() -> None:
    """Write what the product loads beside every catalogue, with the names of places in zones added."""
    for language in languages():
        catalogue = read(language)
        for key, place in zone_places(language).items():
            catalogue.add(key, place, context=ZONE_CONTEXT)
        with po_file(language).with_suffix(".mo").open("wb") as stream:
            write_mo(stream, catalogue)


def zone_places(language: str) -> dict[str, str]:
    """Return what a language calls the place of each zone (from Unicode's CLDR), where that is not the English name."""
    locale = Locale.parse(cldr(language))
    known = {}
    # A few zones have their names there under an older key: Asia/Calcutta for Asia/Kolkata.
    older = {new: old for old, new in get_global("zone_aliases").items() if old in locale.time_zones}
    for key in sorted(available_timezones()):
        if "/" not in key or key.startswith(("Etc/", "SystemV/", "US/")):
            continue
        named = key if key in locale.time_zones else older.get(key, key)
        place = locale.time_zones.get(named, {}).get("city", "")
        if place and place != key.rsplit("/", 1)[-1].replace("_", " "):
            known[key] = place
    return known


def check() -> int:
    """Print what is wrong with the catalogues; return the exit code."""
    template = found()
    wrong = [line for language in languages() for line in complaints(language, template)]
    print("\n".join(wrong))
    return 1 if wrong else 0


def main() -> int:
    """Do what the command line asks for and return the exit code."""
    parser = argparse.ArgumentParser(prog="script/messages", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["update", "check", "compile"], default="update")
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help="of update: those to begin, such as sv")
    asked = parser.parse_args()
    if asked.what == "check":
        return check()
    if asked.what == "update":
        update(sorted({*languages(), *asked.languages}))
    compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
