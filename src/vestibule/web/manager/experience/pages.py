"""The builder: begin, go through the steps in any order, leave and come back."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.conf import settings
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Service
from vestibule.experience import document, drafts, industries, presets
from vestibule.experience.models import Draft
from vestibule.experience.preview import NOTHING, State
from vestibule.notifications.models import Gateway
from vestibule.people.languages import spoken
from vestibule.web import gateway_state, theme
from vestibule.web.manager import panels
from vestibule.web.manager.brand_form import Sample, sample_of, wanted_by
from vestibule.web.manager.experience import step_pictures, steps, templates
from vestibule.web.manager.experience.brand_step import BrandStep
from vestibule.web.manager.experience.step_form import StepForm
from vestibule.web.manager.experience.steps import Step
from vestibule.web.manager.experience.worded_steps import SurveyStep, TextsStep
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, locked, open_to, show
from vestibule.web.manager.setup_map import PAGES, SetupPage

MANAGE = (Permission.MANAGE_SETUP,)
OWN_PAGES = ("texts", "brand", "waiting", "survey")
STATES: dict[str, Any] = {
    State.BOOK.value: gettext_lazy("Booking page"),
    State.SERVICE.value: gettext_lazy("Choosing a time"),
    State.DETAILS.value: gettext_lazy("Details and questions"),
    State.CONFIRMED.value: gettext_lazy("Confirmation"),
    State.MAIL.value: gettext_lazy("E-mail"),
    State.SMS.value: gettext_lazy("Text message"),
    State.EARLY.value: gettext_lazy("Too early"),
    State.CHECK.value: gettext_lazy("Device check"),
    State.WAITING.value: gettext_lazy("Waiting room"),
    State.CALL.value: gettext_lazy("In the call"),
    State.ENDED.value: gettext_lazy("After the visit"),
    State.SURVEY.value: gettext_lazy("Survey"),
    State.CANCELLED.value: gettext_lazy("Cancelled"),
    State.ERROR.value: gettext_lazy("A link that does not work"),
}
SIZES = (("phone", gettext_lazy("Phone")), ("desktop", gettext_lazy("Desktop")))
THEMES = (("light", gettext_lazy("Light")), ("dark", gettext_lazy("Dark")))


@open_to(Permission.SEE_SETUP, change=MANAGE)
def begin(request: StaffRequest) -> HttpResponse:
    """Show where the draft stands, or how to begin one; begin with what holds, or as an industry, when posted."""
    if request.method == "POST":
        if template := request.POST.get("template", ""):
            wanted = templates.document_of(request.POST, request.business)
            drafts.load(request.actor, request.business, wanted, template=template)
        else:
            drafts.begin(request.actor, request.business)
        return redirect(steps.after(steps.offered()[0]).href)
    draft = drafts.of(request.actor, request.business)
    left = next((one for one in steps.offered() if draft is not None and one.slug == draft.step), None)
    context: dict[str, Any] = {
        "left": left,
        "versions": drafts.versions(request.actor, request.business)[:1],
        "templates": industries.listed(),
        "chosen": draft.template if draft is not None else "",
        "like": presets.likeness(request.business),
        "has_services": Service.objects.filter(business=request.business, is_active=True).exists(),
    }
    return shown(request, "begin.html", steps.offered()[0], draft, **context)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def step(request: StaffRequest, slug: str) -> HttpResponse:
    """Show one step, and put what is answered into the draft."""
    here = steps.named(slug)
    draft = drafts.of(request.actor, request.business)
    form = form_of(request, here, draft)
    may = request.actor.may(Permission.MANAGE_SETUP)
    for one in (form, *form.inner):
        locked(one, may)
    if slug == "brand" and panels.is_drawing(request):
        return render(request, "manager/parts/brand_verdict.html", {"sample": verdict(form)})
    if request.method == "POST" and not form.is_only_drawn_again and form.is_valid():
        following = here if request.POST.get("do") == "stay" else steps.after(here)
        attempt(form, lambda: _keep(request, form, following), **form.places())
        if not form.errors:
            return _kept(request, here, following, form)
    wrong = any(one.errors for one in (form, *form.inner))
    context: dict[str, Any] = {"form": form, "more_forms": form.inner, "may_edit": may}
    context |= beside_form(request, here, draft, form)
    return shown(request, template_of(here), here, draft, status=422 if wrong else 200, **context)


def form_of(request: StaffRequest, here: Step, draft: Draft | None) -> StepForm:
    """Return the form of a step, with what is posted in it."""
    assert here.make is not None, "this step asks something"
    held = held_by(request, draft)
    if request.method == "POST":
        return here.make(request.POST, held, request.business)
    if here.make is TextsStep:
        return TextsStep(None, held, request.business, language=request.GET.get("language", ""))
    if here.make is SurveyStep:
        return SurveyStep(None, held, request.business, audience=request.GET.get("audience", ""))
    return here.make(None, held, request.business)


def blank_form(request: StaffRequest, here: Step, draft: Draft | None) -> StepForm:
    """Return the form of a step as the draft has it, whatever is posted."""
    assert here.make is not None, "this step asks something"
    return here.make(None, held_by(request, draft), request.business)


def beside_form(
    request: StaffRequest, here: Step, draft: Draft | None, form: StepForm, wrong: Mapping[str, Form] = NOTHING
) -> dict[str, Any]:
    """Return what a step shows beside its form: its pictures, `wrong` one that was refused; what a look is worth."""
    part = held_by(request, draft).get(here.section, {})
    pictures = step_pictures.shown(request.business, part, here.slug, wrong) if isinstance(part, dict) else ()
    if here.section == "reminders":
        return {"kept_here": _kept_here(request)}
    if not isinstance(form, BrandStep):
        return {"pictures": pictures}
    letters = f"/theme/letters.css?v={theme.stamp()}"
    return {"pictures": pictures, "letters_sheet": letters, "verdict": verdict(form)}


def _kept_here(request: StaffRequest) -> str:
    """Return why messages of a channel reach nobody, of each that has no gateway; "" where both have one."""
    rows = Gateway.objects.filter(business=request.business, is_active=True)
    return " ".join(one.otherwise for one in gateway_state.channels(rows) if not one.states and one.is_kept)


def verdict(form: StepForm) -> Sample:
    """Return what the look means for reading: as typed where that can be read, else as it was."""
    assert isinstance(form, BrandStep), "only one step is about the look"
    return sample_of(wanted_by(form.cleaned_data if form.is_bound and form.is_valid() else form.initial))


def template_of(here: Step) -> str:
    """Return the name of the page of a step."""
    return f"{here.slug}.html" if here.slug in OWN_PAGES else "step.html"


def held_by(request: StaffRequest, draft: Draft | None) -> document.Document:
    """Return the draft with whatever it lacks as it holds now; without a draft what holds."""
    if draft is None:
        return document.read(request.business)
    return {**document.read(request.business), **draft.document} if _lacks(draft) else dict(draft.document)


def _lacks(draft: Draft) -> bool:
    """Tell whether a draft was begun before there were all of today's parts."""
    return any(name not in draft.document for name in document.SECTIONS)


def _keep(request: StaffRequest, form: StepForm, following: Step) -> Draft:
    known = request.POST.get("edits", "")
    edits = int(known) if known.isascii() and known.isdigit() and len(known) < 9 else None
    return drafts.change(request.actor, request.business, form.parts(), step=following.slug, edits=edits)


def _kept(request: StaffRequest, here: Step, following: Step, form: StepForm) -> HttpResponse:
    if following is not here:
        return redirect(following.href)
    to = f"{here.href}?{urlencode(form.place)}" if form.place else here.href
    return done(request, _("Kept in the draft. Consumers see it once you publish."), to)


def shown(
    request: StaffRequest, template: str, here: Step, draft: Draft | None, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Render a page of the builder: the rail, and the preview that fits it."""
    earlier = steps.before(here)
    frame = {
        "here": here,
        "rail": steps.rail(here.slug, draft),
        "draft": draft,
        "earlier": earlier,
        "following": steps.after(here),
        "beside": _beside(request, here),
        "pane": _pane(request, here),
    }
    framing: Any = csp_update({"frame-src": ["'self'"]})
    answer: HttpResponse = framing(show)(request, f"experience/{template}", status=status, **frame, **context)
    return answer


def _beside(request: StaffRequest, here: Step) -> list[SetupPage]:
    """Return the pages of set-up that belong to a step, those that the reader may open."""
    known = {page.name: page for _title, pages in PAGES for page in pages if request.actor.may(page.needs)}
    return [known[name] for name in here.beside if name in known]


def _pane(request: StaffRequest, here: Step) -> dict[str, Any]:
    """Return what the preview shows, as the address asks for it: works without script."""
    asked = request.GET
    state = asked.get("show", "") if asked.get("show", "") in STATES else here.state.value
    size = "desktop" if asked.get("size") == "desktop" else "phone"
    scheme = "dark" if asked.get("theme") == "dark" else "light"
    language = spoken(asked.get("in", "") or request.business.language).partition("-")[0]
    offered = request.business.languages or [code for code, _name in settings.LANGUAGES]
    named = dict(settings.LANGUAGES)
    return {
        "state": state,
        "size": size,
        "theme": scheme,
        "language": language,
        "states": list(STATES.items()),
        "sizes": SIZES,
        "themes": THEMES,
        "languages": [(code, named[code]) for code in dict.fromkeys((language, *offered)) if code in named],
        "base": reverse("manage-experience-preview", args=["STATE"]).removesuffix("STATE"),
        "src": f"{reverse('manage-experience-preview', args=[state])}?in={language}&theme={scheme}",
    }
