"""Steps whose questions are asked on pages of set-up too: the business, its calls, its waiting room."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from vestibule.experience.sections import call, waiting_room
from vestibule.meetings.models import VisitRules
from vestibule.people.models import Business
from vestibule.web.manager.area_forms import AreaForm, ContentForm, hours_of, week_of
from vestibule.web.manager.business import BusinessForm
from vestibule.web.manager.experience.step_form import Document, StepForm
from vestibule.web.manager.visit_rules_page import RULES, UNITS, VisitRulesForm, mark_missing
from vestibule.web.manager.week_form import WeekForm, with_monday_copied, with_window_added


class BusinessStep(StepForm):
    """Who you are, and how you are reached."""

    section = "business"
    name = BusinessForm.base_fields["name"]
    tagline = BusinessForm.base_fields["tagline"]
    email = BusinessForm.base_fields["email"]
    phone = BusinessForm.base_fields["phone"]
    privacy_url = BusinessForm.base_fields["privacy_url"]
    terms_url = BusinessForm.base_fields["terms_url"]
    language = BusinessForm.base_fields["language"]
    languages = BusinessForm.base_fields["languages"]
    groups = (
        (gettext_lazy("Your business"), "", ("name", "tagline")),
        (gettext_lazy("How to reach you"), "", ("email", "phone", "privacy_url", "terms_url")),
        (gettext_lazy("Languages"), "", ("language", "languages")),
    )

    def prepare(self) -> None:
        known = dict(settings.LANGUAGES)
        own = self.part["language"]
        self.set_choices("language", list(({own: own} | known).items()))


class CallStep(StepForm):
    """What can be done in a visit; what this server cannot do says why."""

    section = "call"
    units = UNITS
    groups = (
        (
            gettext_lazy("Before and in the call"),
            "",
            ("device_check", "blur", "consumers_share", "staff_share", "helper_links", "end_hint_minutes"),
        ),
        (gettext_lazy("Messages and files"), "", ("chat", "takes_files")),
        (gettext_lazy("Captions and recording"), "", ("captions", "recording")),
        (gettext_lazy("By telephone"), "", ("takes_call_requests", "dial_in")),
    )

    def prepare(self) -> None:
        asked = {name: field for name, field in VisitRulesForm().fields.items() if RULES[name] in call.KEYS}
        self.fields.update(asked)
        self.initial = {name: self.part[RULES[name]] for name in asked if RULES[name] in self.part}
        known = {name: self.part[name] for name in call.KEYS if name in self.part}
        mark_missing(self, VisitRules(**known), self.business.pk)

    def values(self) -> dict[str, Any]:
        return {RULES[name]: value for name, value in self.cleaned_data.items() if RULES[name] in self.part}

    def places(self) -> dict[str, str]:
        return {f"{self.section}.{RULES[name]}": name for name in self.fields}


class WaitingStep(StepForm):
    """What people see while they wait, and who is asked what."""

    section = "waiting_room"
    units = {
        "amber_minutes": gettext_lazy("minutes"),
        "red_minutes": gettext_lazy("minutes"),
        "walk_in_minutes": gettext_lazy("minutes"),
    }
    groups = (
        (gettext_lazy("What people see meanwhile"), "", ("content_title", "content_text", "support_phone")),
        (gettext_lazy("What they are told"), "", ("shows_position", "shows_expected_wait")),
        (gettext_lazy("Who you admit"), "", ("identity_fields",)),
        (gettext_lazy("When a wait is long"), "", ("amber_minutes", "red_minutes")),
        (gettext_lazy("Without an appointment"), "", ("takes_walk_ins", "walk_in_minutes")),
    )

    def __init__(self, data: QueryDict | None, document: Document, business: Business) -> None:
        super().__init__(data, document, business)
        self.week = WeekForm(_typed(data), hours=week_of(self.part.get("hours", ())))

    def prepare(self) -> None:
        asked: dict[str, forms.Field] = {**ContentForm.base_fields, **AreaForm.base_fields}
        for name in waiting_room.KEYS:
            if name in asked:
                self.fields[name] = deepcopy(asked[name])

    @property
    def inner(self) -> Sequence[forms.Form]:
        return (self.week,)

    @property
    def is_only_drawn_again(self) -> bool:
        return self.is_bound and any(name in self.data for name in MORE_HOURS)

    def is_valid(self) -> bool:
        is_week_valid = self.week.is_valid()  # says what is wrong with it, whatever else is
        return super().is_valid() and is_week_valid

    def values(self) -> dict[str, Any]:
        return {**super().values(), "hours": hours_of(self.week)}


MORE_HOURS = ("add", "copy")
"""Buttons that ask for another window, or for Monday's on more days."""


def _typed(data: QueryDict | None) -> QueryDict | None:
    if data is not None and "add" in data:
        return with_window_added(data, data.get("add") or "")
    return with_monday_copied(data) if data is not None and "copy" in data else data
