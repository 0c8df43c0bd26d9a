"""Each of the 40 payloads at each text of the builder, and at each value that is no text, which refuses it."""

import copy
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from django.test import Client

from tests.booking.factories import at, book
from tests.factories import manager_of
from tests.security import hostile, hostile_pages, inert
from tests.security.hostile import HARMLESS, NAMES, NEVER_TAKEN, general
from tests.security.payloads import numbered, numbers_in
from tests.web.manager.office import Office, make_office, url
from vestibule.booking.models import Service
from vestibule.experience import document, drafts, schema
from vestibule.meetings import areas
from vestibule.notifications.models import OutboxMessage
from vestibule.people.errors import Invalid

pytestmark = pytest.mark.django_db
STYLES = (
    *("</style>", "</style><script>hit(1)</script>", "@import 'x'", "@import url(//x.invalid)", "url(//x.invalid)"),
    *("red", "#fff", "#0b5fa5;}*{color:red", "#0b5fa5\n", "#0b5fa5/**/", "var(--ink)", "expression(hit(1))"),
    *("rgb(0,0,0)", "\uff03\uff10b5fa5", "#\u0660b5fa5", "\\23 0b5fa5", "0x0b5fa5", "#0b5fa5\x00", "inherit", "--x:1"),
)
"""What means something in a style sheet, or looks like a colour."""


@pytest.fixture
def office() -> Office:
    return make_office()


def fixed(shape: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each place of a schema that holds a text of a fixed shape: a word of a list, a colour, an address."""
    if shape.get("type") == "string" and {"enum", "pattern"} & set(shape):
        yield path, shape
    for name, one in shape.get("properties", {}).items():
        yield from fixed(one, f"{path}.{name}".lstrip("."))
    if isinstance(shape.get("items"), dict):
        yield from fixed(shape["items"], f"{path}.0")


FIXED = {path: shape for path, shape in fixed(schema.schema()) if path.split(".")[0] in document.SECTIONS}


def refused(office: Office, path: str, text: str) -> Invalid:
    """Put a text at a place of one part, and return how that is refused."""
    section, *way = path.split(".")
    wanted = {"format": document.FORMAT, section: copy.deepcopy(HARMLESS.get(section, {}))}
    here = wanted[section]
    for name in way[:-1]:
        here = here[int(name)] if isinstance(here, list) else here.setdefault(name, [None] if way[-1] == "0" else {})
    if isinstance(here, list):
        here[0] = text
    else:
        here[way[-1]] = text
    with pytest.raises(Invalid) as told:
        drafts.load(manager_of(office.business), office.business, wanted)
    return told.value


@pytest.mark.parametrize("path", FIXED)
def test_what_is_no_text_refuses_every_payload_with_a_sentence(office: Office, path: str) -> None:
    is_brand = path.startswith("brand.")
    texts = [numbered(name, 7) for name in (NAMES if is_brand else NAMES[::5])]
    for text in (*texts, *(STYLES if is_brand else STYLES[:2])):
        told = refused(office, path, text)
        assert told.sentence.endswith("."), text
        assert not numbers_in(told.sentence), "a sentence repeats nothing of it"
        assert told.facts["field"].startswith(path.split(".", maxsplit=1)[0])


def test_the_look_of_a_page_is_of_such_places_alone() -> None:
    texts = {"colour", "accent", "font", "corners", "density", "scheme", "logo", "favicon"}
    assert {path for path in FIXED if path.startswith("brand.")} == {f"brand.{name}" for name in texts}
    assert not [place for place in hostile.texts_of(schema.schema()) if place.startswith("brand.")]


def seen_of(answers: Iterator[tuple[str, bytes, bool]], told: hostile.Told) -> dict[int, str]:
    """Look at pages and mails, and return on which each text stood."""
    found: dict[int, str] = {}
    starts = told.starts
    for name, html, is_mail in answers:
        text = html.decode()
        faults = inert.page(text, is_mail=is_mail) + inert.whole(inert.Read(text).said, starts)
        assert faults == [], name
        found |= dict.fromkeys(numbers_in(text), name)
    return found


def got(client: Client, *addresses: str) -> Iterator[tuple[str, bytes, bool]]:
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        yield address, answer.content, False


def missing(told: hostile.Told, shown: dict[int, str], places: set[str]) -> dict[str, set[str]]:
    """Return which payloads were taken at a place and are seen nowhere, or were not written there at all."""
    written = {(general(path), name) for number, (path, name) in told.places.items() if number in shown}
    wanted = {place: set(told.used) - {name for where, name in written if where == place} for place in places}
    return {place: names for place, names in wanted.items() if names}


def test_each_payload_stands_harmless_at_each_text_of_services(office: Office) -> None:
    told = hostile.crowded()
    hostile.publish(manager_of(office.business), office.business, told)
    start = f"?start={at('09:00'):%Y-%m-%dT%H:%M:%SZ}"
    details = [f"/book/lakeside-clinic/s{number}/details{start}" for number in range(4)]
    consents = [url("question", f"s{service}", f"c{number}") for service in (0, 1) for number in range(20)]
    pages = [*got(Client(), "/book/lakeside-clinic", *details), *got(office.manager, url("services"), *consents)]
    places = {f"services.*.{name}" for name in ("name", "description", "questions.*.label", "questions.*.help")}
    places |= {"services.*.questions.*.choices.*", "services.*.questions.*.text"}
    assert missing(told, seen_of(iter(pages), told), places) == {}


def test_each_payload_stands_harmless_at_each_text_of_the_survey(office: Office) -> None:
    told = hostile.crowded()
    hostile.publish(manager_of(office.business), office.business, told)
    addresses = [url("survey", audience=audience, language=tag) for audience in SIDES for tag in ("en", "de")]
    shown = seen_of(iter([*got(office.manager, *addresses, url("results"))]), told)
    half = {f"survey.{audience}.*.{name}" for audience in SIDES for name in ("text", "texts.*")}
    each = {f"survey.{audience}.*.choices.*.{name}" for audience in SIDES for name in ("text", "texts.*")}
    assert missing(told, shown, each) == {}
    both = {place: len(names) for place, names in missing(told, shown, half).items()}
    assert all(missed < len(told.used) / 2 + 1 for missed in both.values()), "a survey has twenty questions"


SIDES = ("consumer", "provider")
SINGLE = {
    "business.name",
    "business.privacy_url",
    "business.terms_url",
    "business.tagline",
    "reminders.mail_footer",
    "reminders.list.*.words",
    "waiting_room.content_title",
    "waiting_room.content_text",
}


def test_each_payload_stands_harmless_where_there_is_one_text(office: Office) -> None:
    """Of the words of the pages there is one each, too: those have a test of their own with as many payloads."""
    owner = manager_of(office.business)
    area = url("area-content", areas.find(office.business.pk, "").slug)
    for day, name in enumerate(NAMES, start=1):
        told = hostile.everywhere(name, day * 200)
        for part in ("services", "survey", "texts", "call"):
            told.document.pop(part)
        hostile.without(told, NEVER_TAKEN)
        hostile.publish(owner, office.business, told)
        OutboxMessage.objects.all().delete()
        book(Service.objects.get(pk=office.visit.pk), at("09:00") + timedelta(weeks=day))
        mails = [(kind, html.encode(), True) for kind, html in hostile_pages.html_of_mails()]
        shown = seen_of(chain(got(Client(), "/book/lakeside-clinic"), got(office.manager, area), mails), told)
        taken = {general(path) for number, (path, _name) in told.places.items() if number in shown}
        assert taken == SINGLE - {general(path) for path in told.refused}, name
