"""How visits went, with what those who came thought of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F

from vestibule.booking import visit_reports
from vestibule.booking.reports import Asked
from vestibule.booking.visit_reports import By, VisitLine
from vestibule.experience.models import SurveyAnswer, SurveyQuestion
from vestibule.meetings.models import Participant
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.store.clock import from_minute

HAPPY_STARS = 4
Kind = SurveyQuestion.Kind


@dataclass(frozen=True)
class Satisfaction:
    """What consumers and helpers answered: `happy` gave four or five stars, or a thumb up."""

    answers: int = 0
    happy: int = 0

    @property
    def percent(self) -> int | None:
        """The share of happy ones in whole percent, None without answers."""
        return round(100 * self.happy / self.answers) if self.answers else None


@dataclass(frozen=True)
class Row:
    """One line of the report with its satisfaction."""

    line: VisitLine
    satisfaction: Satisfaction


@dataclass(frozen=True)
class Report:
    """The lines in order, and all together."""

    rows: Sequence[Row]
    whole: Row


def report(actor: Actor, business: Business, asked: Asked, by: By = By.DAY) -> Report:
    """Return how the visits of the stretch went, and how they were liked. Raises as `visit_reports.report`."""
    found = visit_reports.report(actor, business, asked, by)
    scores = _scores(business, asked)
    return Report([Row(line, _of(line, scores)) for line in found.lines], Row(found.whole, _of(found.whole, scores)))


def _scores(business: Business, asked: Asked) -> Mapping[int, list[bool]]:
    """Return by meeting whether each who was asked was happy; staff are not asked about themselves."""
    begin, end = asked.minutes(business.timezone)
    rows = SurveyAnswer.objects.filter(
        business=business,
        participant__meeting__starts_at__gte=from_minute(begin),
        participant__meeting__starts_at__lt=from_minute(end),
        question__kind__in=(Kind.STARS, Kind.THUMBS),
        question__audience=SurveyQuestion.Audience.CONSUMER,
        score__isnull=False,
    ).exclude(participant__kind=Participant.Kind.PROVIDER)
    by_meeting: dict[int, list[bool]] = {}
    for meeting, kind, score in rows.values_list(F("participant__meeting_id"), "question__kind", "score"):
        by_meeting.setdefault(meeting, []).append(score >= (1 if kind == Kind.THUMBS else HAPPY_STARS))
    return by_meeting


def _of(line: VisitLine, scores: Mapping[int, Iterable[bool]]) -> Satisfaction:
    given = [happy for meeting in line.meetings for happy in scores.get(meeting, ())]
    return Satisfaction(len(given), sum(given))
