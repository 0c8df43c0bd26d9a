"""What consumers said after their visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.experience import survey
from vestibule.experience.models import SurveyAnswer, SurveyQuestion
from vestibule.store import clock
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, open_to, paged, query_without, show

PERIODS = (
    ("", gettext_lazy("All time")),
    ("7", gettext_lazy("Last 7 days")),
    ("30", gettext_lazy("Last 30 days")),
    ("90", gettext_lazy("Last 90 days")),
    ("365", gettext_lazy("Last 12 months")),
)


class FilterForm(fields.Form):
    """Which answers to count."""

    days = fields.one_of(gettext_lazy("Period"), words(PERIODS), required=False)


@dataclass(frozen=True)
class Result:
    """One question's answers, as the page shows them."""

    question: SurveyQuestion
    answers: int
    mean: str
    bars: Sequence[dict[str, Any]]
    most: int
    is_current: bool


@open_to(Permission.SEE_RESULTS)
def results(request: StaffRequest) -> HttpResponse:
    """Show each question's answers and what was written besides."""
    form = FilterForm(request.GET)
    days = form.cleaned_data["days"] if form.is_valid() else ""
    since = clock.now() - timedelta(days=int(days)) if days else None
    told = [_result(summary) for summary in survey.summaries(request.actor, request.business, since=since)]
    shown = [one for one in told if one.answers or one.is_current]
    comments = _comments(request, since)
    has_answers = any(one.answers for one in told)
    context: dict[str, Any] = {"page": paged(request, comments, 20), "query": query_without(request, "page")}
    return show(request, "results.html", form=form, results=shown, has_answers=has_answers, **context)


def _comments(request: StaffRequest, since: datetime | None) -> Any:
    rows = SurveyAnswer.objects.visible_to(request.actor).exclude(comment="").select_related("question")
    rows = rows.select_related(
        "participant__meeting__appointment__service", "participant__meeting__appointment__provider"
    )
    return rows.filter(at__gte=since) if since else rows


def _result(summary: survey.Summary) -> Result:
    is_stars = summary.question.kind == SurveyQuestion.Kind.STARS
    bars = [
        {"label": _label(is_stars, score), "value": count, "text": _share(count, summary.answers)}
        for score, count in reversed(summary.by_score)
    ]
    if summary.mean is None:
        mean = ""
    elif is_stars:
        mean = _("%(mean)s of 5 stars") % {"mean": f"{summary.mean:.1f}"}
    else:
        mean = _("%(share)s %% thumbs up") % {"share": round(100 * summary.mean)}
    most = max((count for _score, count in summary.by_score), default=0)
    return Result(summary.question, summary.answers, mean, bars, most, summary.question.is_active)


def _label(is_stars: bool, score: int) -> str:
    if is_stars:
        return ngettext("%(n)s star", "%(n)s stars", score) % {"n": score}
    return _("Thumbs up") if score else _("Thumbs down")


def _share(count: int, of: int) -> str:
    share = round(100 * count / of) if of else 0
    return f"{count}\u00a0·\u00a0{share}\u00a0%"
