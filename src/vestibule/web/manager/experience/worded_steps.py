"""Steps of words: those on consumers' pages in each language, and the questions after a visit."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from vestibule.experience import texts
from vestibule.experience.models import SurveyQuestion
from vestibule.people.models import Business
from vestibule.web.manager import fields
from vestibule.web.manager.experience.row_forms import RowForm, RowsForm
from vestibule.web.manager.experience.step_form import Document, Group, StepForm
from vestibule.web.manager.own_text_pages import text_field

HAS_CHOICES = ("choice", "many")


class TextsStep(StepForm):
    """Own words in one language at a time: that of the business, or the one that is asked for."""

    section = "texts"
    language = fields.one_of(gettext_lazy("Words in"), fields.words(settings.LANGUAGES))

    def __init__(self, data: QueryDict | None, document: Document, business: Business, *, language: str = "") -> None:
        wanted = data.get("language", "") if data is not None else language
        own = document.get("business", {}).get("language", "").partition("-")[0]
        known = [code for code, _name in settings.LANGUAGES]
        self.spoken = next((one for one in (wanted, own) if one in known), known[0])
        super().__init__(data, document, business)

    def initial_of(self, part: Any) -> dict[str, Any]:
        return {**(part or {}).get(self.spoken, {}), "language": self.spoken}

    @property
    def tongues(self) -> list[tuple[str, str]]:
        """The languages there are words in, each by its own name."""
        return list(settings.LANGUAGES)

    def prepare(self) -> None:
        with translation.override(self.spoken):
            built_in = {key: place.built_in_for(self.business) for key, place in texts.PLACES.items()}
        for key, place in texts.PLACES.items():
            self.fields[key] = text_field(place, built_in[key], self.spoken)
        self.fields["language"].widget = forms.HiddenInput()

    def parts(self) -> dict[str, Any]:
        given = {key: self.cleaned_data[key].strip() for key in texts.PLACES}
        others = {tag: words for tag, words in (self.part or {}).items() if tag != self.spoken}
        own = {key: words for key, words in given.items() if words}
        return {"texts": {**others, **({self.spoken: own} if own else {})}}

    @property
    def place(self) -> dict[str, str]:
        return {"language": self.spoken}

    def places(self) -> dict[str, str]:
        return {f"texts.{self.spoken}.{key}": key for key in texts.PLACES}

    def shown(self) -> list[Group]:
        return [Group(title, [(self[place.key], "") for place in places]) for title, places in texts.PAGES]


class QuestionRow(RowForm):
    """One question after a visit."""

    needed = "text"
    text = fields.text(gettext_lazy("Question"), most=200)
    kind = fields.one_of(gettext_lazy("Answered by"), fields.words(SurveyQuestion.Kind.choices))
    choices = fields.lines(
        gettext_lazy("Answers to choose from"),
        most=2400,
        hint=gettext_lazy("One a line; only for “one of several” and “several of several”."),
        rows=4,
    )
    is_required = fields.tick(gettext_lazy("An answer is required"))
    asks_comment = fields.tick(gettext_lazy("A box for words of their own stands below it"))

    def initial_of(self, entry: Any) -> dict[str, Any]:
        return {**entry, "choices": "\n".join(one["text"] for one in entry.get("choices", []))}

    def entry_made(self) -> dict[str, Any]:
        """Return the question of a valid form; what it says in other languages stays where its words do."""
        given = self.cleaned_data
        lines = [line.strip() for line in given["choices"].splitlines() if line.strip()]
        known = {one["text"]: one for one in self.entry.get("choices", [])}
        made: list[dict[str, Any]] = []
        for line in lines if given["kind"] in HAS_CHOICES else []:
            taken = {one["id"] for one in (*known.values(), *made)}
            made.append(known.get(line) or {"id": _free(line, taken), "text": line, "texts": {}})
        same = given["text"] == self.entry.get("text")
        kept = {name: given[name] for name in ("text", "kind", "is_required", "asks_comment")}
        return kept | {"choices": made, "texts": self.entry.get("texts", {}) if same else {}}


class SurveyStep(RowsForm):
    """What is asked afterwards, of consumers or of providers: `audience` says of whom."""

    section = "survey"
    row = QuestionRow
    most = 20
    add_words = gettext_lazy("Add a question")
    fresh = {"kind": "stars", "asks_comment": True}
    elsewhere_url = fields.text(
        gettext_lazy("Address of a form elsewhere"),
        most=200,
        required=False,
        hint=gettext_lazy("Asked instead of the questions above; it is given the visit’s reference, signed."),
        inputmode="url",
    )
    groups = ((gettext_lazy("Somebody else’s form"), "", ("elsewhere_url",)),)
    audiences = (("consumer", gettext_lazy("Consumers")), ("provider", gettext_lazy("Providers")))

    def __init__(self, data: QueryDict | None, document: Document, business: Business, *, audience: str = "") -> None:
        wanted = data.get("audience", "") if data is not None else audience
        self.audience = wanted if wanted in dict(self.audiences) else "consumer"
        super().__init__(data, document, business)

    def prepare(self) -> None:
        if self.audience != "consumer":
            del self.fields["elsewhere_url"]

    @property
    def place(self) -> dict[str, str]:
        return {"audience": self.audience}

    def entries(self) -> Sequence[Any]:
        return list(self.part[self.audience])

    def parts(self) -> dict[str, Any]:
        rows = [one.entry_made() for one in self.kept() if isinstance(one, QuestionRow)]
        return {"survey": {**self.part, **self.cleaned_data, self.audience: rows}}


def _free(words: str, taken: set[str]) -> str:
    base = slugify(words)[:36].strip("-") or "answer"
    return next(one for one in (base, *(f"{base}-{turn}" for turn in range(2, len(taken) + 3))) if one not in taken)
