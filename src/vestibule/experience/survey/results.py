"""What the answers come to: how many, their mean, how many of each, how many of those who came."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from vestibule.booking.setup.values import permit
from vestibule.experience.models import SurveyAnswer, SurveyQuestion
from vestibule.experience.survey import issues
from vestibule.experience.survey.questions import SCORES, Audience, Kind
from vestibule.meetings.models import Participant
from vestibule.people.models import Business, Tenanted
from vestibule.people.permissions import Actor, Permission

PROMOTERS, DETRACTORS = range(9, 11), range(7)


@dataclass(frozen=True)
class Chosen:
    """Which answers are counted: those given in a stretch (`until` excluded), about a service or provider (keys).

    None is no limit.
    """

    since: datetime | None = None
    until: datetime | None = None
    service: int | None = None
    provider: int | None = None
    audience: str | None = None


@dataclass(frozen=True)
class Summary:
    """What a question's answers come to.

    `mean` is that of the scores, `by_score` how many gave each, lowest first; `by_choice` how many chose each id, in
    the order in which they are shown. `comments` counts those with words.
    """

    question: SurveyQuestion
    answers: int
    mean: float | None
    by_score: Sequence[tuple[int, int]]
    by_choice: Sequence[tuple[str, int]]
    comments: int

    @property
    def recommendation(self) -> int | None:
        """The net promoter score, -100 to 100: percent who gave 9 or 10 less percent who gave 6 or less."""
        scores = dict(self.by_score)
        given = sum(scores.values())
        if self.question.kind != Kind.NPS or not given:
            return None
        promoters, detractors = (sum(scores[one] for one in part) for part in (PROMOTERS, DETRACTORS))
        return round(100 * (promoters - detractors) / given)


@dataclass(frozen=True)
class Response:
    """How many of an audience came to visits, and how many of them answered anything."""

    came: int
    answered: int

    @property
    def percent(self) -> int | None:
        """The share in whole percent, None if nobody came."""
        return round(100 * self.answered / self.came) if self.came else None


def answers(actor: Actor, business: Business, chosen: Chosen | None = None) -> Tenanted:
    """Return the answers that are counted, the latest first, with all that a list shows of them."""
    permit(actor, business.pk, Permission.SEE_RESULTS)
    rows = SurveyAnswer.objects.filter(_where(chosen or Chosen()), business=business)
    return rows.select_related(
        "question", "participant__meeting__appointment__service", "participant__meeting__appointment__provider"
    )


def summaries(actor: Actor, business: Business, chosen: Chosen | None = None) -> list[Summary]:
    """Return what each question's answers come to: those asked now in their order, then earlier ones, latest first."""
    permit(actor, business.pk, Permission.SEE_RESULTS)
    wanted = chosen or Chosen()
    asked = SurveyQuestion.objects.filter(business=business)
    if wanted.audience:
        asked = asked.filter(audience=wanted.audience)
    now = asked.filter(is_active=True).order_by("audience", "position", "id")
    before = asked.filter(is_active=False).order_by("-id")
    counts = _counts(business, wanted)
    return [_summary(question, counts.get(question.pk, [])) for question in (*now, *before)]


def response(actor: Actor, business: Business, audience: str, chosen: Chosen | None = None) -> Response:
    """Return how many of those who were let into visits in the stretch answered, whenever they did."""
    permit(actor, business.pk, Permission.SEE_RESULTS)
    staff = Q(kind=Participant.Kind.PROVIDER)
    came = Participant.objects.filter(
        staff if audience == Audience.PROVIDER else ~staff,
        _who_came(chosen or Chosen()),
        meeting__business=business,
        admitted_at__isnull=False,
    )
    told = came.aggregate(
        came=Count("pk", distinct=True), answered=Count("pk", filter=Q(survey_answers__isnull=False), distinct=True)
    )
    return Response(told["came"], told["answered"])


Line = tuple[int | None, list[str], bool]
"""Of one answer: its score, the ids chosen, whether there are words."""


def _counts(business: Business, chosen: Chosen) -> Mapping[int, list[Line]]:
    rows = SurveyAnswer.objects.filter(_where(chosen), business=business).order_by()
    found: dict[int, list[Line]] = {}
    for question, score, ids, comment in rows.values_list("question_id", "score", "chosen", "comment").iterator(2000):
        found.setdefault(question, []).append((score, ids, bool(comment)))
    return found


def _summary(question: SurveyQuestion, lines: Sequence[Line]) -> Summary:
    given = [score for score, _ids, _said in lines if score is not None]
    scores, ids = Counter(given), Counter(one for _score, several, _said in lines for one in several)
    known = issues.WORDS if question.kind == Kind.ISSUES else [one["id"] for one in question.choices]
    return Summary(
        question=question,
        answers=len(lines),
        mean=sum(given) / len(given) if given else None,
        by_score=[(score, scores[score]) for score in SCORES.get(Kind(question.kind), ())],
        by_choice=[(name, ids[name]) for name in known],
        comments=sum(said for _score, _ids, said in lines),
    )


def _where(chosen: Chosen) -> Q:
    return _within(
        {
            "at__gte": chosen.since,
            "at__lt": chosen.until,
            "participant__meeting__appointment__service": chosen.service,
            "participant__meeting__appointment__provider": chosen.provider,
            "question__audience": chosen.audience,
        }
    )


def _who_came(chosen: Chosen) -> Q:
    return _within(
        {
            "admitted_at__gte": chosen.since,
            "admitted_at__lt": chosen.until,
            "meeting__appointment__service": chosen.service,
            "meeting__appointment__provider": chosen.provider,
        }
    )


def _within(limits: Mapping[str, object]) -> Q:
    return Q(**{name: value for name, value in limits.items() if value is not None})
