"""What is asked about a waiting area: who meets people there, walk-ins, colours, identity, what people see."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from vestibule.booking.setup import Hours
from vestibule.meetings.area_values import IDENTITY_FIELDS
from vestibule.meetings.models import WaitingArea
from vestibule.people.models import Provider
from vestibule.web.manager import fields
from vestibule.web.manager.week_form import WeekForm

IDENTITY_WORDS = {
    "name": gettext_lazy("Full name"),
    "birth_date": gettext_lazy("Date of birth"),
    "phone": gettext_lazy("Telephone number"),
    "postcode": gettext_lazy("Postcode"),
    "reference": gettext_lazy("A reference, such as a customer number"),
}
CLOSE_MINUTES = (15, 30, 60, 120)


class NewAreaForm(fields.Form):
    """A group needs a name to begin with."""

    name = fields.text(
        gettext_lazy("Name"), most=120, hint=gettext_lazy("Such as “Walk-in clinic” or “Mortgages”. Consumers see it.")
    )


class AreaForm(NewAreaForm):
    """Everything but the hours and what people see meanwhile."""

    providers = forms.MultipleChoiceField(
        label=gettext_lazy("Who meets people here"),
        required=False,
        help_text=gettext_lazy("Their booked consumers wait here too."),
        widget=forms.CheckboxSelectMultiple,
    )
    takes_walk_ins = fields.tick(
        gettext_lazy("People may come without an appointment"),
        hint=gettext_lazy("By the public link of this area, while it is open. Whoever is free first takes the next."),
    )
    walk_in_minutes = fields.number(gettext_lazy("Length of such a visit"), least=5, most=240)
    amber_minutes = fields.number(gettext_lazy("A wait turns amber after"), most=240)
    red_minutes = fields.number(gettext_lazy("A wait turns red after"), most=240)
    shows_position = fields.tick(gettext_lazy("People see how many are before them"))
    shows_expected_wait = fields.tick(
        gettext_lazy("People see how long it may take"), hint=gettext_lazy("Reckoned from how long visits really last.")
    )
    identity_fields = forms.MultipleChoiceField(
        label=gettext_lazy("What people give to be recognised"),
        required=False,
        choices=[(name, IDENTITY_WORDS[name]) for name in IDENTITY_FIELDS],
        help_text=gettext_lazy(
            "Staff compare it before they let somebody in. Five wrong dates of birth lock the link until staff unlock "
            "it. None: people are let in as they come."
        ),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, area: WaitingArea, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if area.is_default:
            del self.fields["providers"]
        else:
            known = Provider.objects.filter(business_id=area.business_id, is_active=True)
            self.set_choices("providers", [(one.slug, one.name) for one in known])


def initial_of(area: WaitingArea) -> Mapping[str, Any]:
    """Return what an area's form begins with."""
    names = [name for name in AreaForm.base_fields if name != "providers"]
    chosen = [] if area._state.adding else [one.slug for one in area.providers.all()]
    return {**{name: getattr(area, name) for name in names}, "providers": chosen}


class ContentForm(fields.Form):
    """What who waits sees meanwhile."""

    content_title = fields.text(
        gettext_lazy("Heading"), most=120, required=False, hint=gettext_lazy("Such as “While you wait”.")
    )
    content_text = fields.lines(
        gettext_lazy("Text"), most=4000, rows=6, hint=gettext_lazy("An empty line begins a new paragraph.")
    )
    support_phone = fields.text(
        gettext_lazy("Telephone number for help"),
        most=32,
        required=False,
        hint=gettext_lazy("Shown to who waits. Empty: the number of the business."),
        inputmode="tel",
    )


def week_of(hours: Iterable[Mapping[str, int]]) -> list[Hours]:
    """Return the hours of an area as a week's form begins with them."""
    return [Hours(part["day"], part["start"], part["end"]) for part in hours]


def hours_of(form: WeekForm) -> list[dict[str, int]]:
    """Return the hours of a valid form as an area keeps them: a night is two parts."""
    parts = []
    for one in form.hours():
        if one.start < one.end:
            parts.append({"day": one.weekday, "start": one.start, "end": one.end})
            continue
        parts.append({"day": one.weekday, "start": one.start, "end": 24 * 60})
        if one.end:
            parts.append({"day": (one.weekday + 1) % 7, "start": 0, "end": one.end})
    return parts


class PictureForm(fields.Form):
    """A picture or film, and what it shows for those who do not see it."""

    prefix = "picture"

    file = forms.FileField(
        label=gettext_lazy("Picture or short film"),
        help_text=gettext_lazy("PNG, JPEG, WebP, GIF or MP4 up to 10 MB."),
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,.webp,.gif,.mp4"}),
    )
    alternative = fields.text(
        gettext_lazy("What it shows, in words"),
        most=200,
        required=False,
        hint=gettext_lazy("Read to who cannot see it."),
    )


class CloseForm(fields.Form):
    """For how long, and what is said meanwhile."""

    minutes = fields.one_of(
        gettext_lazy("For how long"),
        [("", gettext_lazy("Until somebody opens it")), *((str(m), str(m)) for m in CLOSE_MINUTES)],
        required=False,
    )
    text = fields.text(
        gettext_lazy("What people read who come meanwhile"),
        most=300,
        required=False,
        hint=gettext_lazy("Such as “We are back at 14:00.”"),
    )


class TextForm(fields.Form):
    """One prepared text."""

    text = fields.lines(gettext_lazy("Text"), most=500, required=True, rows=2)
    area = fields.one_of(gettext_lazy("For"), [], required=False)
    after_minutes = fields.number(
        gettext_lazy("Send on its own after"),
        least=1,
        most=240,
        required=False,
        hint=gettext_lazy("Minutes of waiting, once for each person. Empty: staff send it with one tap."),
    )
