"""The end of the builder: what publishing changes, the versions there are, and the way back to one."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.experience import document, drafts, merging
from vestibule.people.errors import NotFound, NotPermitted, Refusal
from vestibule.web.manager import fields
from vestibule.web.manager.experience import bookable, change_words, steps
from vestibule.web.manager.experience.pages import MANAGE, shown
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, locked, open_to, paged


class PublishForm(fields.Form):
    """A word on what this version is about."""

    note = fields.text(
        gettext_lazy("Note"),
        most=drafts.LONGEST_NOTE,
        required=False,
        hint=gettext_lazy("For you and your colleagues, such as “Summer hours, new colour”."),
    )


@open_to(Permission.SEE_SETUP, change=MANAGE)
def review(request: StaffRequest) -> HttpResponse:
    """Show what publishing changes, and publish."""
    draft = drafts.of(request.actor, request.business)
    form = PublishForm(request.POST if request.method == "POST" else None)
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: drafts.publish(request.actor, request.business, note=form.cleaned_data["note"]))
        if made is not None:
            words = _("Version %(number)s is published. Consumers see it from now on.") % {"number": made.number}
            return done(request, words, "manage-experience-versions")
    context: dict[str, Any] = {
        "form": form,
        "may_edit": may,
        "parts": change_words.told(drafts.pending(request.actor, request.business)),
        "overtaken": change_words.told(drafts.overtaken(request.actor, request.business)),
        "gaps": list(bookable.gaps(request.business)),
        "status": 422 if form.errors else 200,
    }
    return shown(request, "review.html", steps.STEPS[-1], draft, **context)


@open_to(*MANAGE)
def discard(request: StaffRequest) -> HttpResponse:
    """Ask, then let go of the draft."""

    def gone() -> str:
        drafts.discard(request.actor, request.business)
        return _("The draft is gone. What consumers see has not changed.")

    return confirm(
        request,
        gone,
        title=_("Let go of this draft?"),
        text=_("Everything that was changed in it and not published is lost. What consumers see stays as it is."),
        button=_("Let go of the draft"),
        back=reverse("manage-experience-review"),
        to=reverse("manage-experience"),
    )


@open_to(Permission.SEE_SETUP)
def versions(request: StaffRequest) -> HttpResponse:
    """List what was published, the latest first."""
    draft = drafts.of(request.actor, request.business)
    rows = paged(request, drafts.versions(request.actor, request.business))
    gaps = list(bookable.gaps(request.business)) if rows.paginator.count else []
    return shown(request, "versions.html", steps.STEPS[-1], draft, rows=rows, gaps=gaps)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def version(request: StaffRequest, number: int) -> HttpResponse:
    """Compare a version with what holds now; go back to it when posted."""
    found = drafts.version(request.actor, request.business, number)
    problem = ""
    if request.method == "POST":
        try:
            made = drafts.roll_back(request.actor, request.business, number)
        except (NotFound, NotPermitted):
            raise
        except Refusal as refused:
            problem = refused.sentence
        else:
            words = _("Version %(number)s holds again, as version %(new)s.")
            words = words if number else _("It is again as it was before the first version; this is version %(new)s.")
            return done(request, words % {"number": number, "new": made.number}, "manage-experience-versions")
    held = document.read(request.business)
    known = {name: value for name, value in found.document.items() if name in held}
    changes = merging.differences({name: held[name] for name in known}, known)
    draft = drafts.of(request.actor, request.business)
    context: dict[str, Any] = {
        "version": found,
        "parts": change_words.told(changes),
        "problem": problem,
        "status": 422 if problem else 200,
        "may_edit": request.actor.may(Permission.MANAGE_SETUP),
    }
    return shown(request, "version.html", steps.STEPS[-1], draft, **context)
