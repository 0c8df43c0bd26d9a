"""What consumers and providers said after visits: drawn, in their words, and as files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.booking.models import Service
from vestibule.booking.transfer import exporting
from vestibule.experience import survey
from vestibule.experience.models import SurveyAnswer, SurveyQuestion
from vestibule.experience.survey import Audience, Chosen, Kind, Summary, issues, results, rows
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web.manager import fields
from vestibule.web.manager.appointment_list import as_csv
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, open_to, paged, query_without, show

PERIODS = (
    ("", gettext_lazy("All time")),
    ("7", gettext_lazy("Last 7 days")),
    ("30", gettext_lazy("Last 30 days")),
    ("90", gettext_lazy("Last 90 days")),
    ("365", gettext_lazy("Last 12 months")),
)
AUDIENCES = (
    (str(Audience.CONSUMER), gettext_lazy("Consumers and those they bring")),
    (str(Audience.PROVIDER), gettext_lazy("Providers")),
)


class FilterForm(fields.Form):
    """Which answers to count."""

    days = fields.one_of(gettext_lazy("Period"), words(PERIODS), required=False)
    audience = fields.one_of(gettext_lazy("Asked of"), words(AUDIENCES), required=False)
    service = fields.one_of(gettext_lazy("Service"), [], required=False)
    provider = fields.one_of(gettext_lazy("Provider"), [], required=False)

    def __init__(self, request: StaffRequest) -> None:
        super().__init__(request.GET)
        self._rows: dict[str, Any] = {
            "service": Service.objects.filter(business=request.business),
            "provider": Provider.objects.filter(business=request.business),
        }
        for name, found in self._rows.items():
            self.set_choices(name, [("", _("All")), *found.values_list("slug", "name")])
        self.set_choices("audience", [("", _("All")), *AUDIENCES])

    def chosen(self) -> Chosen:
        """Return what is counted; everything while the form is wrong."""
        if not self.is_valid():
            return Chosen()
        given = self.cleaned_data
        keys = {
            name: found.filter(slug=given[name]).values_list("pk", flat=True).first()
            for name, found in self._rows.items()
            if given[name]
        }
        since = clock.now() - timedelta(days=int(given["days"])) if given["days"] else None
        return Chosen(since=since, audience=given["audience"] or None, **keys)


@dataclass(frozen=True)
class Result:
    """One question's answers, as the page shows them."""

    question: SurveyQuestion
    answers: int
    figure: str
    bars: Sequence[dict[str, Any]]
    most: int
    comments: int
    note: str = ""


@open_to(Permission.SEE_RESULTS)
def page(request: StaffRequest) -> HttpResponse:
    """Show each question's answers and what was written besides."""
    form = FilterForm(request)
    chosen = form.chosen()
    told = [_result(summary) for summary in survey.summaries(request.actor, request.business, chosen)]
    comments = survey.answers(request.actor, request.business, chosen).exclude(comment="")
    shown = paged(request, comments, 20)
    context: dict[str, Any] = {
        "results": [one for one in told if one.answers or one.question.is_active],
        "has_answers": any(one.answers for one in told),
        "responses": _responses(request, chosen),
        "page": shown,
        "comments": [(row, _given(row)) for row in shown],
        "query": query_without(request, "page"),
    }
    return show(request, "results.html", form=form, **context)


@open_to(Permission.SEE_RESULTS)
def as_file(request: StaffRequest, ending: str) -> HttpResponseBase:
    """Hand out the answers that are counted, with everything a program or a spreadsheet can use."""
    if ending not in ("csv", "json"):
        raise Http404
    found = survey.answers(request.actor, request.business, FilterForm(request).chosen()).iterator(500)
    exporting.note(request.actor, request.business, "survey")
    name = f"survey-{request.business.slug}"
    if ending == "csv":
        return as_csv(rows.lines(found), f"{name}.csv")
    answer = StreamingHttpResponse(_json(found), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return answer


def _json(found: Iterator[SurveyAnswer]) -> Iterator[bytes]:
    yield b'{"answers":['
    for number, row in enumerate(found):
        yield (b",\n" if number else b"\n") + orjson.dumps(rows.told(row))
    yield b"]}\n"


def _responses(request: StaffRequest, chosen: Chosen) -> list[dict[str, Any]]:
    """Return for each audience that is looked at and was asked: how many came, how many answered."""
    asked = set(SurveyQuestion.objects.filter(business=request.business).values_list("audience", flat=True))
    shown = [(name, label) for name, label in AUDIENCES if name in asked and chosen.audience in (None, name)]
    found = []
    for name, label in shown:
        told = results.response(request.actor, request.business, name, chosen)
        if told.came:
            found.append({"label": label, "came": told.came, "answered": told.answered, "percent": told.percent})
    return found


def _result(summary: Summary) -> Result:
    bars = _bars(summary)
    return Result(
        question=summary.question,
        answers=summary.answers,
        figure=_figure(summary),
        bars=bars,
        most=max((bar["value"] for bar in bars), default=0),
        comments=summary.comments,
        note=_("From −100 to 100: how many gave 9 or 10, less those who gave 6 or less, in percent.")
        if summary.recommendation is not None
        else "",
    )


def _figure(summary: Summary) -> str:
    kind = summary.question.kind
    if summary.recommendation is not None:
        return f"{summary.recommendation:+d}".replace("-", "−") if summary.recommendation else "0"
    if kind == Kind.STARS and summary.mean is not None:
        return _("%(mean)s of 5 stars") % {"mean": f"{summary.mean:.1f}"}
    if kind == Kind.THUMBS and summary.mean is not None:
        return _("%(share)s %% thumbs up") % {"share": round(100 * summary.mean)}
    return ""


def _bars(summary: Summary) -> list[dict[str, Any]]:
    """Return the lines of a question's drawing: scores from the highest, choices as shown, issues that were named."""
    question, of = summary.question, summary.answers
    if summary.by_score:
        scored = sum(count for _score, count in summary.by_score)
        return [_bar(score_words(question.kind, score), count, scored) for score, count in reversed(summary.by_score)]
    if question.kind == Kind.ISSUES:
        named = sorted((one for one in summary.by_choice if one[1]), key=lambda one: -one[1])
        topics = {topic.name: topic.words for topic in issues.TOPICS}
        return [_bar(f"{topics[name.split('.')[0]]}: {issues.WORDS[name]}", count, of) for name, count in named]
    texts = {one["id"]: survey.in_language(one["text"], one.get("texts", {})) for one in question.choices}
    return [_bar(texts[name], count, of) for name, count in summary.by_choice]


def _given(row: SurveyAnswer) -> str:
    """Return what was pressed or chosen besides the words, as a person says it."""
    if row.score is not None:
        return score_words(row.question.kind, row.score)
    texts = {one["id"]: survey.in_language(one["text"], one.get("texts", {})) for one in row.question.choices}
    return ", ".join(str(texts.get(one) or issues.WORDS.get(one, one)) for one in row.chosen)


def _bar(label: str, count: int, of: int) -> dict[str, Any]:
    return {"label": label, "value": count, "text": _share(count, of)}


def score_words(kind: str, score: int) -> str:
    """Return a score as a person says it."""
    if kind == Kind.STARS:
        return ngettext("%(n)s star", "%(n)s stars", score) % {"n": score}
    if kind == Kind.THUMBS:
        return _("Thumbs up") if score else _("Thumbs down")
    return str(score)


def _share(count: int, of: int) -> str:
    share = round(100 * count / of) if of else 0
    return f"{count}\u00a0·\u00a0{share}\u00a0%"
