"""What is being typed and is not kept yet, for the preview."""

from typing import Any

import orjson
from django.utils.translation import gettext as _

from vestibule.experience import drafts
from vestibule.people.errors import Invalid
from vestibule.web.manager.experience import pages, question_steps, steps, templates
from vestibule.web.manager.pages import StaffRequest

MOST_LETTERS = 200_000


def parts_of(request: StaffRequest) -> dict[str, Any]:
    """Return the parts (by section) that are posted: the questions of a `step`, or `parts` as JSON. Raises Invalid."""
    if "step" in request.POST:
        return _of_step(request)
    text = request.POST.get("parts", "{}")
    try:
        found = orjson.loads(text) if len(text) <= MOST_LETTERS else None
    except orjson.JSONDecodeError:  # of half a character too, which no page can show
        found = None
    if not isinstance(found, dict):
        raise Invalid(_("The parts of the experience cannot be read."), field="parts")
    return found


def _of_step(request: StaffRequest) -> dict[str, Any]:
    if request.POST["step"] == steps.BEGIN:
        return templates.parts_of(request.POST, request.business)
    here = steps.named(request.POST["step"])
    if here.slug == steps.QUESTIONS:
        return question_steps.parts_typed(request, request.POST.get("service", ""), request.POST.get("name", ""))
    form = pages.form_of(request, here, drafts.of(request.actor, request.business))
    if not form.is_valid():
        raise Invalid(_("Something typed cannot be read yet. Mend it, then it is shown here."))
    return form.parts()
