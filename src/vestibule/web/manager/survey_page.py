"""The question after a visit."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.experience import survey
from vestibule.experience.models import SurveyQuestion
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, locked, open_to, show

MANAGE = (Permission.MANAGE_SETUP,)


class SurveyForm(fields.Form):
    """What is asked, and how it is answered."""

    text = fields.text(gettext_lazy("Question"), most=200, hint=gettext_lazy("Such as “How was your visit?”"))
    kind = fields.one_of(gettext_lazy("Answered by"), words(SurveyQuestion.Kind.choices), radio=True)
    asks_comment = fields.tick(gettext_lazy("Ask for a comment too"))


@open_to(Permission.SEE_SETUP, change=MANAGE)
def details(request: StaffRequest) -> HttpResponse:
    """Show and change the question."""
    current = survey.question_of(request.business)
    initial = (
        {"text": current.text, "kind": current.kind, "asks_comment": current.asks_comment}
        if current
        else {"kind": "stars", "asks_comment": True}
    )
    form = SurveyForm(request.POST or None, initial=initial)
    locked(form, request.actor.may(Permission.MANAGE_SETUP))
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: survey.set_question(request.actor, request.business, **form.cleaned_data))
        if not form.errors:
            return done(request, _("The question was saved. It is asked after visits from now on."), "manage-survey")
    return show(request, "survey.html", form=form, current=current)


@open_to(*MANAGE)
def stop(request: StaffRequest) -> HttpResponse:
    """Ask, then ask consumers nothing."""

    def stopped() -> str:
        survey.stop_asking(request.actor, request.business)
        return _("Nothing is asked after visits any more.")

    return confirm(
        request,
        stopped,
        title=_("Ask nothing after visits?"),
        text=_("Visits end without a question. Answers already given stay under Results."),
        button=_("Stop asking"),
        back=reverse("manage-survey"),
    )
