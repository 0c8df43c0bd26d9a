"""Whatever is written in the builder is words and nothing else, wherever it is read: 40 payloads, at every place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction

from tests.security import hostile, hostile_pages, inert
from tests.security.hostile import NAMES, NEVER_TAKEN, Told, general, texts_of
from tests.security.hostile_pages import Stage
from tests.security.payloads import PAYLOADS, numbered, numbers_in
from vestibule.experience import document, schema
from vestibule.meetings import areas, lengths
from vestibule.people import rates
from vestibule.store import clock

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
READERS = {"text/html": "page", "text/csv": "table", "text/calendar": "calendar", "application/pdf": "paper"}
WITHOUT_WORDS = {"text/javascript", "application/manifest+json", "application/octet-stream", "application/zip"}
NOT_IN_A_DOCUMENT = {"$schema", "pictures.*.alternative"}
"""What a file has besides; the words of pictures are looked at with the pictures."""


@dataclass
class Seen:
    """What was found on the way: faults, which texts stood where, and how pages are built."""

    starts: Mapping[int, str]
    faults: list[str] = field(default_factory=list)
    numbers: dict[str, set[int]] = field(default_factory=dict)
    shapes: dict[str, inert.Shape] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    calendars: dict[str, Any] = field(default_factory=dict)

    def answer(self, name: str, answer: Any) -> None:
        """Look at one answer, whatever it is."""
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        kind = str(answer.get("Content-Type", "")).partition(";")[0]
        assert answer.status_code < 500, name
        self.kinds[name] = kind
        self.add(name, [f"the header {header}" for header, value in answer.items() if numbers_in(value)], "")
        if answer.get("X-Content-Type-Options") != "nosniff":
            self.add(name, ["its kind may be guessed"], "")
        if kind == "text/html":
            self.page(name, body.decode(), is_mail="mail" in name.split())
        elif kind in READERS:
            text = "" if kind == "application/pdf" else body.decode("utf-8-sig")
            self.add(name, getattr(inert, READERS[kind])(body), text)
        elif kind.endswith("json") and body:
            self.add(name, inert.whole(inert.strings_in(json.loads(body)), self.starts), body.decode())
        elif kind != "application/zip" and numbers_in(body.decode("latin-1")):
            self.add(name, [f"{kind} holds a text"], "")

    def page(self, name: str, html: str, *, is_mail: bool = False) -> None:
        read = inert.Read(html)
        self.add(name, inert.page(html, is_mail=is_mail) + inert.whole(read.said, self.starts), html)
        self.shapes[name] = read.shape

    def add(self, name: str, faults: list[str], text: str) -> None:
        self.faults += [f"{name}: {one}" for one in faults]
        self.numbers.setdefault(name, set()).update(numbers_in(text))

    def shown(self, *names: str) -> set[int]:
        return set[int]().union(*(found for name, found in self.numbers.items() if not names or name in names))


def walk(stage: Stage, seen: Seen, *, with_staff: bool) -> None:
    """Look at everything there is."""
    if with_staff:
        for name, answer in hostile_pages.of_staff(stage):
            seen.answer(name, answer)
    for name, answer in (
        *hostile_pages.of_everybody(stage),
        *hostile_pages.framed(stage),
        *hostile_pages.subscribed(stage),
    ):
        seen.answer(name, answer)
    for name, wire in hostile_pages.mails():
        seen.add(f"mail {name}", inert.mail(wire), "")
        for kind, text in hostile_pages.parts_of(wire):
            if kind == "text/html":
                seen.page(f"mail {name}", text, is_mail=True)
            elif kind == "text/calendar":
                seen.calendars[f"mail {name}"] = inert.kinds_in(text.encode())
            seen.add(f"mail {name}", [], text)
    for name, body in hostile_pages.text_messages():
        seen.add(f"text message {name}", [*inert.text_message(body), *inert.whole(iter([body]), seen.starts)], body)


@dataclass
class Walk:
    """Two documents, one published and one drafted over it, and what was seen of both; and what is seen of harmless
    ones. `held` is the first as it was stored."""

    first: Told
    second: Told
    seen: Seen
    harmless: Seen
    held: dict[str, Any]
    packed: dict[str, bytes]


@pytest.fixture(scope="module")
def walked(django_db_setup: None, django_db_blocker: Any) -> Walk:
    """The whole way, once; nothing of it stays in the database."""
    first, second = hostile.told(0), hostile.told(1)
    found = Walk(first, second, Seen(first.starts | second.starts), Seen({}), {}, {})
    with django_db_blocker.unblock():
        with transaction.atomic():
            stage = hostile_pages.make_stage(first, second)
            walk(stage, found.seen, with_staff=True)
            found.held = document.read(stage.business)
            found.packed = hostile_pages.packed(stage)
            transaction.set_rollback(True)
        forget()
        with transaction.atomic():
            harmless = hostile.without(hostile.told(-1), first.refused)
            walk(hostile_pages.make_stage(harmless, None), found.harmless, with_staff=False)
            transaction.set_rollback(True)
        forget()
    return found


def forget() -> None:
    clock.reset()
    rates.forget_all()
    areas.forget()
    lengths.forget_all()


def test_there_are_forty_payloads_and_each_was_written_at_many_places(walked: Walk) -> None:
    assert len(PAYLOADS) == 40
    used = walked.first.used + walked.second.used
    assert all(used.count(name) >= 4 for name in NAMES)


def test_every_text_of_the_schema_is_filled(walked: Walk) -> None:
    filled = {general(path) for path, _name in walked.second.places.values()}
    assert set(texts_of(schema.schema())) - NOT_IN_A_DOCUMENT == filled, "a list in HARMLESS wants an entry"


def test_no_text_is_more_than_words_anywhere(walked: Walk) -> None:
    assert walked.seen.faults == []


def test_nothing_was_left_out(walked: Walk) -> None:
    """Every text is read somewhere, else what shows it is not looked at."""
    shown = walked.seen.shown()
    places = [
        (number, general(path)) for told in (walked.first, walked.second) for number, (path, _) in told.places.items()
    ]
    assert {place for _number, place in places} - {place for number, place in places if number in shown} == {
        *NEVER_TAKEN,
        "call.dial_in",
    }
    assert set(walked.seen.kinds.values()) <= {*READERS, *WITHOUT_WORDS, "application/json", ""}


def test_pages_and_mails_are_built_as_with_harmless_words(walked: Walk) -> None:
    """What somebody writes adds no element and takes none away."""
    differ = {
        name: (walked.seen.shapes[name] - shape, shape - walked.seen.shapes[name])
        for name, shape in walked.harmless.shapes.items()
        if walked.seen.shapes[name] != shape
    }
    assert differ == {}
    assert len(walked.harmless.shapes) > 100
    assert walked.harmless.calendars == {name: walked.seen.calendars[name] for name in walked.harmless.calendars}
    assert walked.harmless.calendars


def test_what_is_taken_away_is_the_document_and_nothing_of_it_is_elsewhere(walked: Walk) -> None:
    text = walked.packed.pop("lakeside-clinic/experience.json").decode()
    found = json.loads(text)
    assert {name: found[name] for name in walked.held} == walked.held
    assert all(number in numbers_in(text) for number in walked.first.places if number in walked.seen.shown())
    elsewhere = {name for name, content in walked.packed.items() if numbers_in(content.decode("latin-1"))}
    assert elsewhere == set()
    assert all(not name.startswith("/") and ".." not in name for name in walked.packed)


def test_refusals_are_sentences(walked: Walk) -> None:
    for told in (walked.first, walked.second):
        for path, refusal in told.refused.items():
            assert refusal.sentence.endswith((".", "?")), path
            assert not numbers_in(refusal.sentence), f"{path} says what was written"
            assert path.split(".")[0] in document.SECTIONS


def test_what_is_more_than_words_would_be_noticed() -> None:
    """The watch itself: payloads that nobody quoted, where each means something."""
    markup = ("script", "picture", "base", "refresh", "form", "comment", "drawing", "end of a style", "data of XML")
    for name in markup:
        assert inert.page(f"<p>{numbered(name, 7)}</p>"), name
    for name in ("end of an attribute", "further attribute"):
        assert inert.page(f'<p title="{numbered(name, 7)}">x</p>'), name
    assert inert.page(f"<p title='{numbered('with single quotes', 7)}'>x</p>")
    for name in ("script address", "data address", "picture of a style"):
        assert inert.page(f'<a href="{numbered(name, 7)}">x</a>'), name
        assert inert.page(f'<p style="{numbered(name, 7)}">x</p>'), name
    for name in ("end of a script", "comment"):
        assert inert.page(f'<script type="application/json">"{numbered(name, 7)}"</script>'), name
    assert inert.whole(iter(["49zq0007x"]), {7: "{{ 7|add:42 }}"})
    assert inert.calendar(b"BEGIN:VCALENDAR\r\nATTACH:zq0007x\r\nEND:VCALENDAR\r\n")
    assert inert.table(b"name\r\n=HYPERLINK(1)\r\n")
    assert inert.mail(b"From: a@b.example\r\nTo: c@d.example\r\nBcc: e@f.example\r\nSubject: x\r\n\r\nx")
