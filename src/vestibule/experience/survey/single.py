"""The question after a visit: asked of each participant, answered once, read by the business."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count
from django.utils.translation import gettext as _

from vestibule.booking.setup.values import permit
from vestibule.experience.models import SurveyAnswer, SurveyQuestion
from vestibule.meetings.models import Participant
from vestibule.people import audit
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.transactions import writing

LONGEST_COMMENT = 2000
Kind = SurveyQuestion.Kind
SCORES = {SurveyQuestion.Kind.STARS: range(1, 6), SurveyQuestion.Kind.THUMBS: range(2)}


@dataclass(frozen=True)
class Summary:
    """What a question's answers come to: how many, their mean, and how many of each score (lowest first)."""

    question: SurveyQuestion
    answers: int
    mean: float | None
    by_score: Sequence[tuple[int, int]]


def question_of(business: Business) -> SurveyQuestion | None:
    """Return the question this business asks now, or None if it asks nothing."""
    return SurveyQuestion.objects.filter(business=business, is_active=True).order_by("-id").first()


def is_asked(business: Business) -> bool:
    """Tell whether this business asks how a visit was."""
    return SurveyQuestion.objects.filter(business=business, is_active=True).exists()


def question_for(participant: Participant) -> SurveyQuestion | None:
    """Return the question this participant is asked now: none for somebody whom nobody let in."""
    return question_of(participant.meeting.business) if participant.admitted_at is not None else None


def set_question(actor: Actor, business: Business, *, text: str, kind: str, asks_comment: bool) -> SurveyQuestion:
    """Ask `text` from now on; earlier answers stay with the question they were given to.

    Raises Invalid for an empty or overlong text or an unknown kind.
    """
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    text = text.strip()
    if not text or len(text) > 200 or "\x00" in text:
        raise Invalid(_("The question must have 1 to 200 characters. Shorten it and save again."), field="text")
    if kind not in SurveyQuestion.Kind.values:
        raise Invalid(_("Choose stars or thumbs as the kind of answer."), field="kind")
    with writing():
        current = question_of(business)
        if current is not None and (current.text, current.kind) == (text, kind):
            current.asks_comment = asks_comment
            current.save(update_fields=["asks_comment"])
            question = current
        else:
            SurveyQuestion.objects.filter(business=business, is_active=True).update(is_active=False)
            question = SurveyQuestion.objects.create(business=business, text=text, kind=kind, asks_comment=asks_comment)
        audit.record(actor, business.pk, "survey.changed", "survey", question.ref, summary=text)
    return question


def stop_asking(actor: Actor, business: Business) -> None:
    """Ask nothing after visits any more; answers given stay."""
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    with writing():
        if SurveyQuestion.objects.filter(business=business, is_active=True).update(is_active=False):
            audit.record(actor, business.pk, "survey.stopped", "survey", business.slug)


def answer(participant: Participant, *, score: int, comment: str = "") -> SurveyAnswer:
    """Store what `participant` answers to the current question; a second answer replaces the first.

    Only those who were let in are asked: a booking alone, which anybody can make, is no visit to judge.
    Raises Invalid when nothing is asked, when `score` is not one of the question's, or for an overlong comment.
    """
    question = question_for(participant)
    if question is None:
        raise Invalid(_("This survey has closed, so nothing was stored. You can close this page."), field="score")
    if score not in SCORES[SurveyQuestion.Kind(question.kind)]:
        raise Invalid(_("Choose one of the answers shown, then send again."), field="score")
    comment = comment.strip()
    if len(comment) > LONGEST_COMMENT or "\x00" in comment:
        raise Invalid(_("Your comment is longer than 2,000 characters. Shorten it and send again."), field="comment")
    with writing():
        stored, _made = SurveyAnswer.objects.update_or_create(
            question=question,
            participant=participant,
            defaults={
                "business_id": participant.meeting.business_id,
                "question_text": question.text,
                "score": score,
                "comment": comment if question.asks_comment else "",
                "at": clock.now(),
            },
        )
    return stored


def given_by(participant: Participant) -> SurveyAnswer | None:
    """Return what `participant` answered to the current question, if they have."""
    question = question_for(participant)
    if question is None:
        return None
    found: SurveyAnswer | None = SurveyAnswer.objects.filter(question=question, participant=participant).first()
    return found


def answered(participant: Participant) -> bool:
    """Tell whether `participant` has answered the current question, or nothing is asked."""
    question = question_for(participant)
    return question is None or SurveyAnswer.objects.filter(question=question, participant=participant).exists()


def summaries(actor: Actor, business: Business, *, since: datetime | None = None) -> list[Summary]:
    """Return what each question's answers come to, the current question first."""
    permit(actor, business.pk, Permission.SEE_RESULTS)
    asked = SurveyQuestion.objects.filter(business=business).order_by("-id")
    return [_summary(question, since) for question in asked]


def _summary(question: SurveyQuestion, since: datetime | None) -> Summary:
    answers = SurveyAnswer.objects.filter(question=question)
    if since is not None:
        answers = answers.filter(at__gte=since)
    counts = dict(answers.values_list("score").annotate(Count("id")).order_by())
    scores = SCORES[SurveyQuestion.Kind(question.kind)]
    return Summary(
        question=question,
        answers=sum(counts.values()),
        mean=answers.aggregate(mean=Avg("score"))["mean"],
        by_score=[(score, counts.get(score, 0)) for score in scores],
    )
