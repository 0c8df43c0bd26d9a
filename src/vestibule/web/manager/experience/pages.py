"""The builder: begin, go through the steps in any order, leave and come back."""

from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Service
from vestibule.experience import document, drafts, industries
from vestibule.experience.models import Draft
from vestibule.experience.preview import State
from vestibule.people.languages import spoken
from vestibule.people.models import BrandImage
from vestibule.web import look, theme
from vestibule.web.manager.brand_page import FaviconForm, LogoForm
from vestibule.web.manager.experience import steps, templates
from vestibule.web.manager.experience.row_forms import RowsForm
from vestibule.web.manager.experience.step_form import StepForm
from vestibule.web.manager.experience.steps import Step
from vestibule.web.manager.experience.worded_steps import TextsStep
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, locked, open_to, show

MANAGE = (Permission.MANAGE_SETUP,)
OWN_PAGES = ("texts", "brand")
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
    rows = form.all_rows if isinstance(form, RowsForm) else []
    for one in (form, *rows):
        locked(one, may)
    if request.method == "POST" and form.is_valid():
        following = here if request.POST.get("do") == "stay" else steps.after(here)
        attempt(form, lambda: _keep(request, form, following), **form.places())
        if not form.errors:
            return _kept(request, here, following)
    wrong = any(one.errors for one in (form, *rows))
    context: dict[str, Any] = {"form": form, "more_forms": rows, "may_edit": may}
    if slug == "brand":
        context |= brand_context(request, draft)
    template = f"{slug}.html" if slug in OWN_PAGES else "step.html"
    return shown(request, template, here, draft, status=422 if wrong else 200, **context)


def form_of(request: StaffRequest, here: Step, draft: Draft | None) -> StepForm:
    """Return the form of a step, with what is posted in it."""
    assert here.make is not None, "this step asks something"
    data = request.POST if request.method == "POST" else None
    language = request.GET.get("language", "")
    if here.make is TextsStep and data is None and language:
        return TextsStep(data, _held(request, draft), request.business, language=language)
    return here.make(data, _held(request, draft), request.business)


def blank_form(request: StaffRequest, here: Step, draft: Draft | None) -> StepForm:
    """Return the form of a step as the draft has it, whatever is posted."""
    assert here.make is not None, "this step asks something"
    return here.make(None, _held(request, draft), request.business)


def brand_context(request: StaffRequest, draft: Draft | None, wrong: tuple[str, Any] | None = None) -> dict[str, Any]:
    """Return what the step of the look shows beside its form."""
    letters = f"/theme/letters.css?v={theme.stamp()}"
    return {"pictures": _pictures(request, draft, wrong), "letters_sheet": letters}


def _pictures(request: StaffRequest, draft: Draft | None, wrong: tuple[str, Any] | None) -> list[Any]:
    part = _held(request, draft).get("brand", {})
    found = []
    for kind, make in (("logo", LogoForm), ("favicon", FaviconForm)):
        ref = part.get(kind, "")
        kept = BrandImage.objects.filter(business=request.business, ref=ref).first() if ref else None
        initial = {"alternative": kept.alternative} if kept is not None and kind == "logo" else {}
        form = wrong[1] if wrong is not None and wrong[0] == kind else make(initial=initial)
        found.append({"kind": kind, "form": form, "url": look.url_of(ref) if kept is not None else ""})
    return found


def _held(request: StaffRequest, draft: Draft | None) -> document.Document:
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


def _kept(request: StaffRequest, here: Step, following: Step) -> HttpResponse:
    if following is not here:
        return redirect(following.href)
    language = request.POST.get("language", "") if here.make is TextsStep else ""
    to = f"{here.href}?language={language}" if language.isalpha() else here.href
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
        "pane": _pane(request, here),
    }
    framing: Any = csp_update({"frame-src": ["'self'"]})
    answer: HttpResponse = framing(show)(request, f"experience/{template}", status=status, **frame, **context)
    return answer


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
