"""The form of one question of the survey: its words in each language, how it is answered, and what stays of it."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.forms import BoundField
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.experience.models import SurveyQuestion
from vestibule.experience.survey import Wanted
from vestibule.people.errors import Refusal
from vestibule.people.models import Business
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words

Kind = SurveyQuestion.Kind
EXAMPLES = {
    Kind.STARS: gettext_lazy("How was your visit?"),
    Kind.THUMBS: gettext_lazy("Did you get what you came for?"),
    Kind.NPS: gettext_lazy("How likely are you to recommend us?"),
    Kind.CHOICE: gettext_lazy("How did you hear of us?"),
    Kind.MANY: gettext_lazy("What did you like?"),
    Kind.TEXT: gettext_lazy("What should we do better?"),
    Kind.ISSUES: gettext_lazy("Did anything not work?"),
}
"""What a question of each kind may say; shown until something is written."""
EXAMPLE_CHOICES = (gettext_lazy("First answer"), gettext_lazy("Second answer"))


class QuestionForm(fields.Form):
    """One question. Besides these, `text_<language>` and `choices_<language>` for each other language offered."""

    kind = fields.one_of(gettext_lazy("How it is answered"), words(Kind.choices))
    text = fields.text(gettext_lazy("Question"), most=200)
    choices = fields.lines(
        gettext_lazy("Answers to choose from"), most=4000, hint=gettext_lazy("One a line, 2 to 20 of them."), rows=5
    )
    is_required = fields.tick(gettext_lazy("An answer is required"))
    asks_comment = fields.tick(gettext_lazy("A box for a comment below it"))
    keeps = fields.tick(
        gettext_lazy("Only the wording changes"),
        hint=gettext_lazy("Answers given so far and those to come are counted together. Else this is a new question."),
    )

    def __init__(self, data: Any, business: Business, stored: SurveyQuestion | None) -> None:
        self.stored = stored
        self.codes = [code for code in business.languages or dict(settings.LANGUAGES) if code != business.language]
        super().__init__(data, initial=_initial(stored, self.codes))
        names = dict(settings.LANGUAGES)
        for code in self.codes:
            label = names.get(code, code)
            self.fields[f"text_{code}"] = fields.text(label, most=200, required=False, lang=code)
            self.fields[f"choices_{code}"] = fields.lines(
                _("Answers in %(language)s") % {"language": label},
                most=4000,
                hint=_("One a line, in the same order; or none."),
            )
        if stored is None:
            del self.fields["keeps"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for code in self.codes:
            translated = _lines(given.get(f"choices_{code}", ""))
            if translated and self.has_choices and len(translated) != len(_lines(given.get("choices", ""))):
                self.add_error(f"choices_{code}", _("Give as many answers as above, one a line."))
        return given

    @property
    def has_choices(self) -> bool:
        return self.cleaned_data.get("kind") in (Kind.CHOICE, Kind.MANY)

    @property
    def languages(self) -> list[tuple[BoundField, BoundField]]:
        """The fields of each other language: the question, and its answers to choose."""
        return [(self[f"text_{code}"], self[f"choices_{code}"]) for code in self.codes]

    def wanted(self) -> Wanted:
        """Return the question of a valid form."""
        given = self.cleaned_data
        keeps = bool(given.get("keeps")) and self.stored is not None
        return Wanted(
            kind=given["kind"],
            text=given["text"],
            texts={code: given[f"text_{code}"] for code in self.codes if given[f"text_{code}"]} | self._unseen_texts(),
            choices=self._choices(keeps=keeps) if self.has_choices else [],
            is_required=given["is_required"],
            asks_comment=given["asks_comment"],
            ref=self.stored.ref if keeps and self.stored is not None else "",
        )

    def place(self, refusal: Refusal, path: str) -> None:
        """Show `refusal` at the field that stands for its place below `path`, else above the form."""
        place = str(refusal.facts.get("field", "")).removeprefix(f"{path}.").split(".")
        name = place[0]
        if "texts" in place and place[-1] in self.codes:
            name = f"text_{place[-1]}" if name == "texts" else f"choices_{place[-1]}"
        self.add_error(name if name in self.fields else None, refusal.sentence)

    def _unseen_texts(self) -> dict[str, str]:
        """Return what is stored in languages that are not offered now."""
        stored = self.stored.texts if self.stored is not None else {}
        return {code: text for code, text in stored.items() if code not in self.codes}

    def _choices(self, *, keeps: bool) -> list[dict[str, Any]]:
        """Return the answers to choose: one that was there keeps its id, found by its words or, reworded, its place."""
        given = self.cleaned_data
        texts = _lines(given["choices"])
        before = self.stored.choices if self.stored is not None else []
        known = {one["text"]: one["id"] for one in before}
        by_place = [one["id"] for one in before] if keeps and len(before) == len(texts) else []
        translated = {code: _lines(given[f"choices_{code}"]) for code in self.codes}
        found: list[dict[str, Any]] = []
        for number, text in enumerate(texts):
            taken = [*known.values(), *(one["id"] for one in found)]
            name = by_place[number] if by_place else known.get(text) or _new_id(text, taken)
            others = {code: lines[number] for code, lines in translated.items() if len(lines) > number}
            found.append({"id": name, "text": text, "texts": others})
        return found


def sample(kind: str) -> Wanted:
    """Return an example of a kind, in the reader's language."""
    chosen = Kind(kind) if kind in Kind.values else Kind.STARS
    choices = [{"id": str(number), "text": str(text)} for number, text in enumerate(EXAMPLE_CHOICES)]
    return Wanted(
        kind=chosen, text=str(EXAMPLES[chosen]), choices=choices if chosen in (Kind.CHOICE, Kind.MANY) else []
    )


def _initial(stored: SurveyQuestion | None, codes: Sequence[str]) -> dict[str, Any]:
    if stored is None:
        return {"kind": Kind.STARS, "asks_comment": True}
    plain = {name: getattr(stored, name) for name in ("kind", "text", "is_required", "asks_comment")}
    plain["choices"] = "\n".join(one["text"] for one in stored.choices)
    for code in codes:
        plain[f"text_{code}"] = stored.texts.get(code, "")
        translated = [one.get("texts", {}).get(code, "") for one in stored.choices]
        plain[f"choices_{code}"] = "\n".join(translated) if all(translated) else ""
    return plain


def _lines(given: str) -> list[str]:
    return [line.strip() for line in given.splitlines() if line.strip()]


def _new_id(text: str, taken: Sequence[str]) -> str:
    base = slugify(text)[:30].strip("-_").replace("_", "-") or "answer"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name
