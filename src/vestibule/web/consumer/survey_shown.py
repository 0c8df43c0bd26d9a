"""The questions after a visit, as pages show them and take what was answered: pressed at once, or sent together.

A page posts `asked` for each question it shows, and beside them `score-<ref>`, `chosen-<ref>` and `comment-<ref>`; the
one question that is answered by a tap alone posts `score` and `comment`. A script asks for JSON and is told that the
answers are kept, so that it lets go of them only then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from vestibule.experience import survey
from vestibule.experience.models import SurveyAnswer, SurveyQuestion
from vestibule.experience.survey import Given, Kind, elsewhere, issues
from vestibule.meetings.models import Participant
from vestibule.people import rates
from vestibule.people.errors import Refusal
from vestibule.web import framed

Words = str | Promise


@dataclass(frozen=True)
class Option:
    """Something to choose: what is posted, what is read, and whether it is chosen."""

    value: str
    words: Words
    is_chosen: bool


@dataclass(frozen=True)
class Part:
    """The options of a topic of issues; it is unfolded if one of them is chosen."""

    words: Words
    options: Sequence[Option]

    @property
    def is_open(self) -> bool:
        return any(one.is_chosen for one in self.options)


@dataclass(frozen=True)
class Asked:
    """One question as a page shows it, in the reader's language, with what was answered and what is wrong with it."""

    ref: str
    kind: str
    text: str
    scores: Sequence[int]
    options: Sequence[Option]
    topics: Sequence[Part]
    given: Given
    is_required: bool
    asks_comment: bool
    problem: str


@dataclass(frozen=True)
class Shown:
    """What is asked of one participant. `name` tells this survey from others that the browser keeps answers of.

    `is_tap` is for one question that is answered by a tap, unless it `is_part` of more, of which the builder shows it
    alone; `elsewhere` is the signed address of somebody else's form.
    """

    questions: Sequence[Asked]
    name: str = ""
    elsewhere: str = ""
    is_answered: bool = False
    problem: str = ""
    is_part: bool = False

    @property
    def is_tap(self) -> bool:
        return not self.is_part and len(self.questions) == 1 and self.questions[0].kind in survey.SCORES

    @property
    def wrong_question(self) -> str:
        """The question that the refusal is about; "" where it is about the whole, or where there is but one."""
        return "" if self.is_tap else next((one.text for one in self.questions if one.problem), "")

    @property
    def is_optional(self) -> bool:
        return not any(one.is_required for one in self.questions)

    @property
    def elsewhere_host(self) -> str:
        return urlsplit(self.elsewhere).hostname or ""


def context_of(seat: Participant, posted: QueryDict | None = None, refusal: Refusal | None = None) -> dict[str, Any]:
    """Return what `parts/survey.html` shows for a seat: what is stored, or what was posted and refused."""
    stored = survey.given_by(seat)
    asked = survey.asked_of(seat)
    given = {ref: _given_of(row) for ref, row in stored.items()}
    if posted is not None:
        given |= _posted(seat, posted)
    field = refusal.facts.get("field") if refusal is not None else None
    problem = refusal.sentence if refusal is not None else ""
    questions = [as_asked(row, given.get(row.ref, Given()), problem if field == row.ref else "") for row in asked]
    shown = Shown(
        questions=questions,
        name=seat.ref,
        elsewhere=elsewhere.address_for(seat),
        is_answered=any(row.ref in stored for row in asked),
        problem=problem,
    )
    return {"survey": shown}


def as_asked(row: SurveyQuestion, given: Given, problem: str = "") -> Asked:
    """Return one question in the language of the page."""
    chosen = set(given.chosen)
    return Asked(
        ref=row.ref,
        kind=row.kind,
        text=survey.in_language(row.text, row.texts),
        scores=survey.SCORES.get(Kind(row.kind), ()),
        options=[
            Option(one["id"], survey.in_language(one["text"], one.get("texts", {})), one["id"] in chosen)
            for one in row.choices
        ],
        topics=[
            Part(topic.words, [Option(name, words, name in chosen) for name, words in topic.choices])
            for topic in (issues.TOPICS if row.kind == Kind.ISSUES else ())
        ],
        given=given,
        is_required=row.is_required,
        asks_comment=row.asks_comment or row.kind == Kind.TEXT,
        problem=problem,
    )


def answered(
    seat: Participant, request: HttpRequest, *, to: str, again: Callable[[dict[str, Any], int], HttpResponse]
) -> HttpResponse:
    """Keep what was posted and go on at `to`; what is refused is shown by `again`, with what was typed.

    A script is told as JSON: that it is kept, or the refusal with the question it is about.
    """
    by_script = request.headers.get("Accept") == "application/json"
    try:
        rates.limit("survey", seat.ref, 20, 600)
        survey.answer(seat, _posted(seat, request.POST))
    except Refusal as refusal:
        if not by_script:
            return again(context_of(seat, request.POST, refusal), refusal.status)
        told = {"code": refusal.code, "sentence": refusal.sentence, "field": str(refusal.facts.get("field", ""))}
        return JsonResponse(told, status=refusal.status)
    framed.tell(request, "answered")
    if by_script:
        return JsonResponse({"kept": True, "sentence": _("Thank you for your answers. They are kept.")})
    return redirect(to)


def _posted(seat: Participant, posted: QueryDict) -> Mapping[str, Given]:
    refs = posted.getlist("asked")[:100]
    if "score" in posted:
        refs = refs[:1] or [row.ref for row in survey.asked_of(seat)[:1]]
        return {ref: Given(score=_score(posted.get("score", "")), comment=posted.get("comment", "")) for ref in refs}
    return {
        ref: Given(
            score=_score(given) if (given := posted.get(f"score-{ref}", "")) else None,
            chosen=tuple(posted.getlist(f"chosen-{ref}")[:100]),
            comment=posted.get(f"comment-{ref}", ""),
        )
        for ref in refs
    }


def _score(given: str) -> int:
    """Return a score as it was posted; -1, which nothing offers, for what is none."""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 3 else -1


def _given_of(row: SurveyAnswer) -> Given:
    return Given(row.score, tuple(row.chosen), row.comment)
