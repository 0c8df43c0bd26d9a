"""The look as a step of the builder: the questions are those of the page of set-up."""

from typing import Any

from django.utils.translation import gettext_lazy

from vestibule.people.brand import Brand
from vestibule.web.manager.brand_form import LOOK, BrandForm, initial_of, wanted_by
from vestibule.web.manager.experience.step_form import StepForm


class BrandStep(StepForm, BrandForm):
    """How pages and mails look."""

    section = "brand"
    groups = (
        (gettext_lazy("Colour"), "", ("accent", "colour")),
        (gettext_lazy("Letters and shape"), "", ("font", "corners", "density", "scheme")),
    )

    def initial_of(self, part: Any) -> dict[str, Any]:
        known = {name: part[name] for name in ("accent", "colour", *LOOK) if name in part}
        return dict(initial_of(Brand(**known)))

    def values(self) -> dict[str, Any]:
        return dict(wanted_by(self.cleaned_data))
