"""What a version or a draft changes, put into words: part by part, value by value."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.experience import texts
from vestibule.experience.merging import Difference
from vestibule.meetings.models import VisitRules
from vestibule.web.manager.area_forms import IDENTITY_WORDS, AreaForm, ContentForm
from vestibule.web.manager.brand_form import BrandForm
from vestibule.web.manager.business import BusinessForm
from vestibule.web.manager.experience.list_steps import ReminderRow, RemindersStep, ServiceRow
from vestibule.web.manager.experience.worded_steps import SurveyStep
from vestibule.web.manager.preview import in_clock
from vestibule.web.manager.visit_rules_page import RULES, VisitRulesForm

_t = gettext_lazy
SECTIONS: Mapping[str, Any] = {
    "business": _t("Your business"),
    "brand": _t("Brand"),
    "services": _t("Services"),
    "call": _t("Call options"),
    "waiting_room": _t("Waiting room"),
    "reminders": _t("Reminders"),
    "texts": _t("Texts"),
    "survey": _t("Survey"),
    "embed": _t("In other sites"),
}
OTHERS: Mapping[str, Any] = {
    "industry": _t("Industry"),
    "hours": _t("Hours without an appointment"),
    "questions": _t("Questions and consents"),
    "lengths": _t("Other lengths"),
    "price_minor": _t("Price"),
    "list": _t("When reminders leave"),
    "consumer": _t("Questions to consumers"),
    "provider": _t("Questions to providers"),
    "logo": _t("Logo"),
    "favicon": _t("Icon of the browser’s tab"),
    "colour": _t("Colour"),
    "origins": _t("Sites that may show your pages"),
}
LONGEST = 120


@dataclass(frozen=True)
class Line:
    """One value that differs: what it is called, and what it was and is, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Part:
    """What differs in one part of the experience."""

    title: str
    lines: Sequence[Line]


def told(differences: Sequence[Difference]) -> list[Part]:
    """Return differences in words, by part, in their order."""
    found: dict[str, list[Line]] = {}
    for one in differences:
        section, _dot, rest = one.path.partition(".")
        found.setdefault(section, []).append(_line(section, rest, one))
    return [Part(str(SECTIONS.get(name, name)), lines) for name, lines in found.items()]


def _line(section: str, rest: str, one: Difference) -> Line:
    if section == "services":
        return _of_service(rest, one)
    if section == "texts":
        return _of_text(rest, one)
    name = str(_labels(section).get(rest.split(".", maxsplit=1)[0], rest or SECTIONS.get(section, section)))
    return Line(name, said(one.before), said(one.after))


def _of_service(rest: str, one: Difference) -> Line:
    slug, _dot, name = rest.partition(".")
    if not name:
        named = (one.after or one.before or {}).get("name", slug)
        return Line(named, "" if one.before is None else _("offered"), _("offered") if one.after else _("taken out"))
    key = name.split(".")[0]
    label = _labels("services").get(key, key)
    return Line(f"{slug}: {label}", said(one.before), said(one.after))


def _of_text(rest: str, one: Difference) -> Line:
    tag, _dot, key = rest.partition(".")
    language = dict(settings.LANGUAGES).get(tag, tag)
    place = texts.PLACES.get(key)
    title = _page_of(key) if place else _("Own words")
    built_in = _("built-in words")
    return Line(f"{title} ({language})", said(one.before) or built_in, said(one.after) or built_in)


def _page_of(key: str) -> str:
    page = next(title for title, places in texts.PAGES if any(place.key == key for place in places))
    return f"{page}: {texts.PLACES[key].title}"


def _labels(section: str) -> Mapping[str, Any]:
    if section == "call":
        rules = {RULES[name]: field.label for name, field in VisitRulesForm.base_fields.items()}
        return {**rules, "captions": _("Captions")}
    forms: Any = {
        "business": (BusinessForm,),
        "brand": (BrandForm,),
        "services": (ServiceRow,),
        "waiting_room": (AreaForm, ContentForm),
        "reminders": (RemindersStep, ReminderRow),
        "survey": (SurveyStep,),
    }.get(section, ())
    asked = {name: field.label for form in forms for name, field in form.base_fields.items()}
    return {**asked, **OTHERS} if section != "business" else {**OTHERS, **asked}


def said(value: Any) -> str:
    """Return a value of the document in words; "" for none."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _short(", ".join(_named(one) for one in value))
    if isinstance(value, Mapping):
        return _short(json.dumps(value, ensure_ascii=False))
    return _short(str(VALUES.get(str(value), value)))


VALUES: Mapping[str, Any] = {
    **dict(VisitRules.DeviceCheck.choices),
    **dict(settings.LANGUAGES),
}


def _named(one: Any) -> str:
    if isinstance(one, Mapping):
        words = one.get("label") or one.get("text") or one.get("name")
        if {"day", "start", "end"} <= set(one):
            return f"{WEEKDAYS_ABBR[one['day'] % 7]} {in_clock(one['start'])}–{in_clock(one['end'])}"
        return str(words) if words else _reminder(one)
    return str(IDENTITY_WORDS.get(str(one), VALUES.get(str(one), one)))


def _reminder(one: Mapping[str, Any]) -> str:
    if "offset_minutes" not in one:
        return json.dumps(one, ensure_ascii=False)
    minutes = one["offset_minutes"]
    length = _("%(n)s h") % {"n": minutes // 60} if minutes % 60 == 0 else _("%(n)s min") % {"n": minutes}
    words = _("%(length)s before") if one.get("side") == "before" else _("%(length)s after")
    return words % {"length": length}


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
