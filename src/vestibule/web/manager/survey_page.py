"""The builder of the survey: its questions in order beside the form as people see it, and somebody else's form."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language_info, gettext_lazy, override
from django.utils.translation import gettext as _

from vestibule.experience import survey
from vestibule.experience.models import SurveyQuestion
from vestibule.experience.survey import Audience, Given, Wanted, elsewhere
from vestibule.people.errors import NotFound, NotPermitted, Refusal
from vestibule.web.consumer import survey_shown
from vestibule.web.consumer.survey_shown import Shown
from vestibule.web.manager import fields, panels
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, find, locked, open_to, show
from vestibule.web.manager.survey_form import QuestionForm, sample

MANAGE = (Permission.MANAGE_SETUP,)


@open_to(Permission.SEE_SETUP)
def details(request: StaffRequest) -> HttpResponse:
    """List what is asked of an audience, beside the form as it is seen in a language."""
    audience = _audience(request.GET)
    rows = survey.of(request.business, audience)
    language = request.GET.get("language", "")
    context: dict[str, Any] = {
        "audience": audience,
        "rows": rows,
        "languages": _languages(request),
        "language": language if language in dict(settings.LANGUAGES) else request.business.language,
        "elsewhere_url": elsewhere.url_of(request.business),
        "preview": _drawn(request, rows, language),
        "most": survey.MOST_QUESTIONS,
    }
    return show(request, "survey.html", **context)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def question(request: StaffRequest, ref: str = "") -> HttpResponse:
    """Add a question, or change one, beside how it will be seen."""
    stored = _stored(request, ref) if ref else None
    audience = stored.audience if stored is not None else _audience(request.GET)
    form = QuestionForm(request.POST if request.method == "POST" else None, request.business, stored)
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    rows = survey.of(request.business, audience)
    made = form.wanted() if form.is_valid() else None
    if panels.is_saving(request) and made is not None and _save(request, form, audience, rows, made):
        return done(request, _("The question was saved."), _list(audience))
    drawn = made or sample(request.POST.get("kind", "") or (stored.kind if stored else ""))
    shown = stored if stored is not None and request.method != "POST" else _row(drawn, audience)
    is_part = len(rows) > (0 if stored is None else 1)
    preview = _drawn(request, [shown], "", is_part=is_part)
    if panels.is_drawing(request):
        # Half typed: the picture of what could be read stays. An example shows only while nothing is written.
        is_half = made is None and bool(request.POST.get("text", "").strip())
        return HttpResponse(preview, status=422 if is_half else 200)
    context: dict[str, Any] = {
        "audience": audience,
        "name": ref,
        "preview": preview,
        "is_part": is_part,
        "back": _list(audience),
        "may_edit": may,
    }
    return show(request, "survey_question.html", form=form, **context)


def _save(request: StaffRequest, form: QuestionForm, audience: str, rows: list[SurveyQuestion], made: Wanted) -> bool:
    """Ask `made` in place of the form's question, or after the others; what is refused is said at its field."""
    at = rows.index(form.stored) if form.stored is not None else len(rows)
    wanted = [_wanted(row) for row in rows]
    wanted[at : at + 1] = [made]
    try:
        survey.put(request.actor, request.business, audience, wanted)
    except (NotPermitted, NotFound):
        raise
    except Refusal as refusal:
        form.place(refusal, f"{audience}.{at}")
        return False
    return True


@open_to(*MANAGE, only_post=True)
def move(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask a question one place earlier or later."""
    stored = _stored(request, ref)
    rows = survey.of(request.business, stored.audience)
    at = rows.index(stored)
    to = at + (1 if request.POST.get("by") == "later" else -1)
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
        survey.put(request.actor, request.business, stored.audience, [_wanted(row) for row in rows])
    return done(request, _("The order was saved."), _list(stored.audience))


@open_to(*MANAGE)
def remove(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask, then no longer ask this."""
    stored = _stored(request, ref)

    def gone() -> str:
        kept = [_wanted(row) for row in survey.of(request.business, stored.audience) if row.pk != stored.pk]
        survey.put(request.actor, request.business, stored.audience, kept)
        return _("The question is no longer asked.")

    return confirm(
        request,
        gone,
        title=_("No longer ask this?"),
        text=_("“%(text)s” is left out from now on. Answers already given stay under Results.") % {"text": stored.text},
        button=_("Remove the question"),
        back=_list(stored.audience),
    )


@open_to(*MANAGE)
def stop(request: StaffRequest) -> HttpResponse:
    """Ask, then ask nobody anything."""

    def stopped() -> str:
        for audience in Audience.values:
            survey.put(request.actor, request.business, audience, [])
        elsewhere.put(request.actor, request.business, "")
        return _("Nothing is asked after visits any more.")

    return confirm(
        request,
        stopped,
        title=_("Ask nothing after visits?"),
        text=_("Visits end without a question. Answers already given stay under Results."),
        button=_("Stop asking"),
        back=reverse("manage-survey"),
    )


class ElsewhereForm(fields.Form):
    """Where somebody else's form is."""

    url = fields.text(
        gettext_lazy("Address of the form"),
        most=200,
        required=False,
        hint=gettext_lazy("Such as https://forms.example.org/visit; empty asks by your own questions."),
        inputmode="url",
    )


@open_to(*MANAGE)
def other_form(request: StaffRequest) -> HttpResponse:
    """Set where somebody else's form is, and show the key by which it checks what it is told."""
    form = ElsewhereForm(request.POST or None, initial={"url": elsewhere.url_of(request.business)})
    if "renew" in request.POST:
        elsewhere.renew_key(request.actor, request.business)
        return done(request, _("There is a new key. Give it to the other form; the old one holds no more."), _OTHER)
    if request.method == "POST" and form.is_valid():
        url = form.cleaned_data["url"]
        attempt(form, lambda: elsewhere.put(request.actor, request.business, url), elsewhere_url="url")
        if not form.errors:
            return done(request, _("Saved. It holds from the next visit that ends."), _OTHER)
    key = elsewhere.key_of(request.actor, request.business)
    return show(request, "survey_elsewhere.html", form=form, key=key)


_OTHER = "manage-survey-elsewhere"


def _audience(given: QueryDict) -> str:
    return str(Audience.PROVIDER if given.get("audience") == Audience.PROVIDER else Audience.CONSUMER)


def _list(audience: str) -> str:
    address = reverse("manage-survey")
    return f"{address}?audience={audience}" if audience == Audience.PROVIDER else address


def _stored(request: StaffRequest, ref: str) -> SurveyQuestion:
    found: SurveyQuestion = find(request, SurveyQuestion.objects.filter(is_active=True), ref=ref)
    return found


def _wanted(row: SurveyQuestion) -> Wanted:
    return Wanted(row.kind, row.text, row.texts, row.choices, row.is_required, row.asks_comment, row.ref)


def _row(wanted: Wanted, audience: str) -> SurveyQuestion:
    """Return a question that is not stored, to be looked at."""
    return SurveyQuestion(
        audience=audience,
        kind=wanted.kind,
        text=wanted.text,
        texts=dict(wanted.texts),
        choices=list(wanted.choices),
        is_required=wanted.is_required,
        asks_comment=wanted.asks_comment,
    )


def _languages(request: StaffRequest) -> list[tuple[str, str]]:
    offered = request.business.languages or list(dict(settings.LANGUAGES))
    codes = [request.business.language, *(code for code in offered if code != request.business.language)]
    return [(code, dict(settings.LANGUAGES).get(code, code)) for code in codes]


def _drawn(request: StaffRequest, rows: list[SurveyQuestion], language: str, *, is_part: bool = False) -> str:
    """Return the form with these questions as people see it, in a language offered, else in that of the business."""
    known = dict(settings.LANGUAGES)
    code = next((one for one in (language, request.business.language) if one in known), settings.LANGUAGE_CODE)
    with override(code):
        shown = Shown([survey_shown.as_asked(row, Given()) for row in rows], is_part=is_part)
        info = get_language_info(code)
        context = {"survey": shown, "is_sample": True, "lang": code, "dir": "rtl" if info["bidi"] else "ltr"}
        return render_to_string("manager/parts/survey_preview.html", context, request)
