"""The steps of the builder, in order: what each asks, and what its preview shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy

from vestibule.experience import document
from vestibule.experience.models import Draft
from vestibule.experience.preview import State
from vestibule.people.models import Business
from vestibule.web.manager.experience.brand_step import BrandStep
from vestibule.web.manager.experience.list_steps import RemindersStep, ServicesStep
from vestibule.web.manager.experience.plain_steps import BusinessStep, CallStep, WaitingStep
from vestibule.web.manager.experience.step_form import StepForm
from vestibule.web.manager.experience.worded_steps import SurveyStep, TextsStep

Make = Callable[[QueryDict | None, Mapping[str, Any], Business], StepForm]


@dataclass(frozen=True)
class Step:
    """One step: `state` is what is shown beside it, `section` the part it changes ("" for none)."""

    slug: str
    title: Any
    lead: Any
    icon: str
    state: State
    section: str = ""
    make: Make | None = None
    beside: tuple[str, ...] = ()
    """Names of the pages of set-up that have what belongs to it and is no part of the draft."""

    @property
    def href(self) -> str:
        """Its address."""
        if self.slug == BEGIN:
            return reverse("manage-experience")
        if self.slug == REVIEW:
            return reverse("manage-experience-review")
        return reverse("manage-experience-step", args=[self.slug])


BEGIN, QUESTIONS, REVIEW = "begin", "questions", "review"
_t = gettext_lazy
STEPS: tuple[Step, ...] = (
    Step(BEGIN, _t("Begin"), "", "briefcase", State.BOOK),
    Step(
        "business",
        _t("Your business"),
        _t("What people call you, how they reach you, and the languages you offer."),
        "building",
        State.BOOK,
        "business",
        BusinessStep,
        ("manage-hours", "manage-holidays"),
    ),
    Step(
        "services",
        _t("Services"),
        _t("What can be booked."),
        "calendar",
        State.BOOK,
        "services",
        ServicesStep,
        ("manage-services", "manage-rules", "manage-providers"),
    ),
    Step(
        "call",
        _t("Call options"),
        _t("What people can do when they see each other."),
        "camera",
        State.CALL,
        "call",
        CallStep,
        ("manage-visit-rules",),
    ),
    Step(
        "brand",
        _t("Brand"),
        _t("One colour is enough: what cannot be read is mended by itself."),
        "sun",
        State.BOOK,
        "brand",
        BrandStep,
    ),
    Step(
        "texts",
        _t("Texts"),
        _t("Say it as you would. Where you leave a line empty, the built-in words stay."),
        "edit",
        State.CONFIRMED,
        "texts",
        TextsStep,
        ("manage-words",),
    ),
    Step(
        "waiting",
        _t("Waiting room"),
        _t("What people see, and what they are told, until you see them."),
        "door-open",
        State.WAITING,
        "waiting_room",
        WaitingStep,
        ("manage-areas", "manage-texts"),
    ),
    Step(
        QUESTIONS,
        _t("Questions and consents"),
        _t("Ask what helps to prepare, and nothing more. A consent is kept with the text that was read."),
        "clipboard",
        State.DETAILS,
        "services",
    ),
    Step(
        "survey",
        _t("Survey"),
        _t("One good question is answered more often than ten."),
        "help",
        State.SURVEY,
        "survey",
        SurveyStep,
        ("manage-survey",),
    ),
    Step(
        "reminders",
        _t("Reminders"),
        _t("When messages leave, and how much they say where others may look."),
        "mail",
        State.MAIL,
        "reminders",
        RemindersStep,
        ("manage-sending", "manage-words", "manage-gateways"),
    ),
    Step(
        REVIEW,
        _t("Review and publish"),
        "",
        "check-circle",
        State.BOOK,
        beside=("manage-embed", "manage-take-away", "manage-links"),
    ),
)


def offered() -> list[Step]:
    """Return the steps whose part the document has."""
    return [one for one in STEPS if not one.section or one.section in document.SECTIONS]


def named(slug: str) -> Step:
    """Return the step of that name that asks something. Raises Http404."""
    found = next((one for one in offered() if one.slug == slug and one.section), None)
    if found is None:
        raise Http404
    return found


def after(step: Step) -> Step:
    """Return the step that follows; the last follows itself."""
    found = offered()
    return found[min(found.index(step) + 1, len(found) - 1)]


def before(step: Step) -> Step | None:
    """Return the step before, None for the first."""
    found = offered()
    place = found.index(step)
    return found[place - 1] if place else None


@dataclass(frozen=True)
class RailStep:
    """A step as the rail shows it."""

    step: Step
    is_here: bool
    is_done: bool
    is_changed: bool


def rail(here: str, draft: Draft | None) -> Sequence[RailStep]:
    """Return every step: done are those that lie before where the draft was left, and those that changed something."""
    found = offered()
    slugs = [one.slug for one in found]
    reached = slugs.index(draft.step) if draft is not None and draft.step in slugs else 0
    return [
        RailStep(one, one.slug == here, number < reached, draft is not None and _is_changed(one, draft))
        for number, one in enumerate(found)
    ]


def _is_changed(step: Step, draft: Draft) -> bool:
    if not step.section:
        return False
    was, now = draft.base.get(step.section), draft.document.get(step.section)
    if step.section != "services":
        return bool(was != now)
    is_question = step.slug == QUESTIONS
    return _services(was, is_question) != _services(now, is_question)


def _services(part: Any, only_questions: bool) -> list[Any]:
    """Return what of the services one of the two steps that share them is about."""
    rows = part or []
    if only_questions:
        return [(one["slug"], one.get("questions")) for one in rows]
    return [{name: value for name, value in one.items() if name != "questions"} for one in rows]
