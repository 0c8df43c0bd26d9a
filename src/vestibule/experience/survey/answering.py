"""What somebody says of a visit they were in: several answers given together, each kept once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from vestibule.experience.models import SurveyAnswer, SurveyQuestion
from vestibule.experience.survey import issues, questions
from vestibule.experience.survey.questions import SCORES, Kind
from vestibule.meetings.models import Participant
from vestibule.people.characters import without_harm
from vestibule.people.errors import Invalid
from vestibule.store import clock
from vestibule.store.transactions import writing

LONGEST_COMMENT = 2000


@dataclass(frozen=True)
class Given:
    """What was answered to one question; all empty is no answer. `comment` is the answer itself where words are."""

    score: int | None = None
    chosen: tuple[str, ...] = ()
    comment: str = ""

    @property
    def is_empty(self) -> bool:
        return self.score is None and not self.chosen and not self.comment.strip()


def answer(participant: Participant, given: Mapping[str, Given]) -> list[SurveyAnswer]:
    """Store what `participant` answers, by the questions' references, all or nothing, and return what is stored.

    An answer replaces an earlier one to the same question, an empty one takes it back; questions not named stay as
    they are. So the same answers may be handed in again. Those to a question that is asked no more are kept too: it
    was on the page that they were given on.
    Raises Invalid, naming the question as its field, for what was not offered or a required answer that is missing.
    """
    known = _answerable(participant)
    if not known or not given:
        raise Invalid(_("This survey has closed, so nothing was stored. You can close this page."), field="score")
    for ref, one in given.items():
        if ref not in known:
            raise Invalid(_("Choose one of the answers shown, then send again."), field="score")
        _check(known[ref], one)
    given = {ref: _taken(known[ref], one) for ref, one in given.items()}
    _require(participant, known, given)
    with writing():
        SurveyAnswer.objects.filter(
            participant=participant, question__ref__in=[ref for ref, one in given.items() if one.is_empty]
        ).delete()
        return [_store(participant, known[ref], one) for ref, one in given.items() if not one.is_empty]


def given_by(participant: Participant) -> dict[str, SurveyAnswer]:
    """Return what `participant` has answered, by the questions' references."""
    rows = SurveyAnswer.objects.filter(participant=participant).select_related("question")
    return {row.question.ref: row for row in rows}


def _answerable(participant: Participant) -> dict[str, SurveyQuestion]:
    """Return what may be answered, by reference. A booking alone, which anybody can make, is no visit to judge."""
    if participant.admitted_at is None:
        return {}
    rows = SurveyQuestion.objects.filter(
        business=participant.meeting.business_id, audience=questions.audience_of(participant)
    )
    return {row.ref: row for row in rows}


def _check(question: SurveyQuestion, given: Given) -> None:
    if len(given.comment) > LONGEST_COMMENT:
        words = _("Your comment is longer than 2,000 characters. Shorten it and send again.")
        raise Invalid(words, field=question.ref)
    kind = Kind(question.kind)
    if (given.score is not None and given.score not in SCORES.get(kind, ())) or not _offers(question, given.chosen):
        raise Invalid(_("Choose one of the answers shown, then send again."), field=question.ref)


def _offers(question: SurveyQuestion, chosen: tuple[str, ...]) -> bool:
    if len(chosen) > 1 and question.kind == Kind.CHOICE:
        return False
    known = issues.WORDS if question.kind == Kind.ISSUES else {one["id"] for one in question.choices}
    return len(set(chosen)) == len(chosen) and all(one in known for one in chosen)


def _require(participant: Participant, known: Mapping[str, SurveyQuestion], given: Mapping[str, Given]) -> None:
    """Raise Invalid for a required answer that is neither given now nor before; a form of other days asks none."""
    if any(not known[ref].is_active for ref in given):
        return
    before = set(SurveyAnswer.objects.filter(participant=participant).values_list("question__ref", flat=True))
    for question in questions.asked_of(participant):
        now = given.get(question.ref)
        missing = not _answers(question, now) if now is not None else question.ref not in before
        if question.is_required and missing:
            raise Invalid(_("This answer is needed. Give it, then send again."), field=question.ref)


def _answers(question: SurveyQuestion, given: Given) -> bool:
    """Tell whether the question itself is answered; a comment alone is no answer where there are others."""
    if question.kind == Kind.TEXT:
        return bool(given.comment.strip())
    return given.score is not None or bool(given.chosen)


def _taken(question: SurveyQuestion, given: Given) -> Given:
    """Return what is kept of an answer: words only where they are asked for."""
    takes_words = question.asks_comment or question.kind == Kind.TEXT
    return replace(given, comment=without_harm(given.comment).strip() if takes_words else "")


def _store(participant: Participant, question: SurveyQuestion, given: Given) -> SurveyAnswer:
    stored, _made = SurveyAnswer.objects.update_or_create(
        question=question,
        participant=participant,
        defaults={
            "business_id": participant.meeting.business_id,
            "question_text": question.text,
            "score": given.score,
            "chosen": list(given.chosen),
            "comment": given.comment,
            "at": clock.now(),
        },
    )
    return stored
